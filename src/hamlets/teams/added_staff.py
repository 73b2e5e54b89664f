"""A practice's arrays with one more clinician: who left before their day, or comes after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hamlets.continuity.calendar import Window, day_number, day_of, months_before
from hamlets.continuity.columns import ALWAYS, NEVER, days, texts, whole
from hamlets.continuity.reference import Reference, build_reference
from hamlets.continuity.touching import homes_on
from hamlets.continuity.weeks import last_weeks
from hamlets.records import Store
from hamlets.teams.gathering.capacity import LEAST_DAYS, WEEKS_A_YEAR, yearly_minutes
from hamlets.teams.gathering.pattern import A_WEEK, FIRST_MONDAY, find_pattern
from hamlets.teams.gathering.sessions import (
    HALF_DAY_MINUTES,
    Stints,
    read_rota,
    read_stints,
)
from hamlets.teams.gathering.staff import Colleague, Post, read_staff
from hamlets.teams.gathering.visits import Visits, read_visits
from hamlets.teams.inputs import HALF_DAYS, Bools, Clinicians, PracticeInputs

_WINDOW_MONTHS = 24
_AHEAD_DAYS = 3660
"""How far a rota is read ahead."""


@dataclass(frozen=True)
class Added:
    """Inputs with somebody in them who is not at work on their day."""

    inputs: PracticeInputs
    row: int
    day: int
    """The last day of who left, the first of who comes."""
    capacity_known: bool = True
    notes: tuple[str, ...] = ()


def add_past(store: Store, inputs: PracticeInputs, label: str) -> Added | None:
    """Return the inputs with somebody who has left, as they worked up to their last day.

    That day is the staff list's; of who is not on it, the day of the last contact. None for
    somebody who never worked here, or still does.
    """
    place = _Place(store, inputs)
    person = place.person(label)
    if person < 0:
        return None
    posts = place.posts(person)
    if posts:
        last = max(end for _, end in posts) - 1
        if last >= inputs.day:
            return None
    else:
        seen = place.last_contact(person, inputs.day)
        if seen is None:
            return None
        last = seen
    visits = place.visits(last)
    stints = read_stints(store, place.code, place.reference, visits, _window(last))
    one = place.colleague(person, visits, stints, last)
    capacity = float(yearly_minutes(stints, (one,))[0][0])
    usual = find_pattern(stints, np.array([person], np.int32), np.array([one.since], np.int32))
    row = _row_of(inputs.clinicians, one)
    return _added(
        inputs,
        replace(one, until=last + 1, gp=True),
        row,
        capacity or one.sessions_per_week * HALF_DAY_MINUTES * WEEKS_A_YEAR,
        usual.usual[0],
        last,
    )


def add_coming(
    store: Store, inputs: PracticeInputs, label: str, day: int | None, sessions: float | None
) -> Added | None:
    """Return the inputs with somebody who comes later, by the staff list or by the rota alone.

    Minutes a year are those of ``sessions``, else of the rota ahead, where it covers four
    weeks, else of the contract; where none is known, ``capacity_known`` is False. None for
    somebody who is in neither from a later day on.
    """
    place = _Place(store, inputs)
    person = place.person(label)
    if person < 0:
        return None
    rota = read_rota(store, place.code, place.reference, inputs.day + 1, inputs.day + _AHEAD_DAYS)
    mine = (rota.person == person) & rota.bookable
    starts = [start for start, _ in place.posts(person) if start > inputs.day]
    if not starts and (place.posts(person) or not mine.any()):
        return None
    first = min(starts) if starts else int(rota.day[mine].min())
    one = place.colleague(person, _no_visits(), rota, max(first, day or first))
    notes: list[str] = []
    if not starts:
        notes.append(
            f"{one.name} is in the rota and not on the staff list: put them there, as a GP, before"
            " the plan is adopted, or the list will count as without a named GP."
        )
    ahead = _Ahead(rota, mine & (rota.day >= first), first)
    minutes, weekly, known = ahead.minutes_a_year, ahead.sessions_a_week, True
    if sessions is not None:
        minutes, weekly = sessions * HALF_DAY_MINUTES * WEEKS_A_YEAR, sessions
    elif ahead.long_enough:
        notes.append(f"The minutes of {one.name} are those of the rota ahead.")
    elif one.sessions_per_week > 0 and starts:
        minutes = one.sessions_per_week * HALF_DAY_MINUTES * WEEKS_A_YEAR
        weekly = one.sessions_per_week
        notes.append(f"The minutes of {one.name} are those of the contract.")
    else:
        known = False
    usual = ahead.pattern(person)
    if not usual.any():
        notes.append(
            f"Which half-days {one.name} will work is not known, so cover is shown without them."
        )
    row = _row_of(inputs.clinicians, one)
    added = _added(inputs, replace(one, sessions_per_week=weekly), row, minutes, usual, first)
    return replace(added, capacity_known=known, notes=tuple(notes))


def last_contact(store: Store, inputs: PracticeInputs, row: int) -> int | None:
    """Return the day of a clinician's last counted contact at the practice, None without one."""
    return _Place(store, inputs).last_contact(int(inputs.clinicians.person[row]), inputs.day)


class _Place:
    """The practice in the store."""

    def __init__(self, store: Store, inputs: PracticeInputs) -> None:
        self._store = store
        self.reference: Reference = build_reference(store)
        self.code = self.reference.practice_labels.index(inputs.practice_id)
        self._visits: dict[int, Visits] = {}

    def person(self, label: str) -> int:
        """Return the person that measures show by a label, -1 for nobody."""
        labels = self.reference.person_labels
        return labels.index(label) if label in labels else -1

    def posts(self, person: int) -> list[tuple[int, int]]:
        """Return first day and first day no longer of each of a person's posts here."""
        table = self._store.shared("staff", ["staff", "practice", "start_date", "end_date"])
        code = whole(table, "staff")
        whose = np.append(self.reference.person_of_staff, np.int32(-1))[code]
        rows = (whose == person) & (whole(table, "practice") == self.code) & (code >= 0)
        start, end = days(table, "start_date", ALWAYS), days(table, "end_date", NEVER)
        return list(zip(start[rows].tolist(), end[rows].tolist(), strict=True))

    def visits(self, last: int) -> Visits:
        """Return the counted contacts of 24 months up to a day."""
        if last not in self._visits:
            window = _window(last)
            homes = homes_on(self._store, self.code, window.first, window.last)
            found = read_visits(self._store, homes, self.code, self.reference, window)
            self._visits[last] = found[1]
        return self._visits[last]

    def last_contact(self, person: int, day: int) -> int | None:
        """Return the day of somebody's last counted contact here, None without one."""
        visits = self.visits(day)
        mine = visits.day[(visits.person == person) & visits.here]
        return int(mine.max()) if len(mine) else None

    def colleague(self, person: int, visits: Visits, stints: Stints, day: int) -> Colleague:
        """Return somebody as at work on a day; who is on no list then counts as a GP."""
        staff = read_staff(self._store, self.code, self.reference, visits, stints, _window(day))
        for one in staff.colleagues:
            if one.person == person:
                return one
        label = self.reference.person_labels[person]
        mine = stints.person == person
        half_days = int(stints.halves[mine].sum())
        weeks = len(np.unique((stints.day[mine] + 3) // 7))
        return Colleague(
            person=person, label=label, name=_name(self._store, self.reference, person) or label,
            role="gp", contract="unknown", gp=True, eligible=True,
            sessions_per_week=half_days / weeks if weeks else 0.0,
            posts=(Post(ALWAYS, NEVER, supernumerary=False),), since=ALWAYS, until=NEVER,
            languages=frozenset(), skills=frozenset(),
        )  # fmt: skip


class _Ahead:
    """Somebody's rota of days to come."""

    def __init__(self, rota: Stints, mine: Bools, first: int) -> None:
        self._first = first
        self._last = int(rota.day.max(initial=first))
        self._stints = Stints(
            rota.person[mine], rota.day[mine], rota.minutes[mine], rota.site[mine],
            rota.bookable[mine], rota.halves[mine], True, first, self._last,
        )  # fmt: skip
        self._weeks = (self._last - first + 1) / 7
        self.long_enough = bool(mine.any()) and self._last - first + 1 >= LEAST_DAYS

    @property
    def minutes_a_year(self) -> float:
        """Bookable minutes: a rota ahead has no leave in it yet."""
        return float(self._stints.minutes.sum()) / self._weeks * WEEKS_A_YEAR

    @property
    def sessions_a_week(self) -> float:
        return float(self._stints.halves.sum()) / self._weeks

    def pattern(self, person: int) -> Bools:
        """Return the half-days of the template fortnight."""
        found = find_pattern(
            self._stints, np.array([person], np.int32), np.array([self._first], np.int32)
        )
        return found.usual[0]


def _window(last: int) -> Window:
    return Window(day_number(months_before(day_of(last), _WINDOW_MONTHS)) + 1, last)


def _no_visits() -> Visits:
    none: dict[type, Any] = {
        kind: np.empty(0, dtype=kind)
        for kind in (np.int64, np.int32, np.int8, np.float64, np.bool_)
    }
    return Visits(
        patient=none[np.int64], person=none[np.int32], role=none[np.int8], gp=none[np.bool_],
        day=none[np.int32], half=none[np.int8], mode=none[np.int8], minutes=none[np.float64],
        site=none[np.int32], here=none[np.bool_],
    )  # fmt: skip


def _name(store: Store, reference: Reference, person: int) -> str:
    table = store.shared("staff", ["staff", "name"])
    codes = whole(table, "staff").tolist()
    for code, name in zip(codes, texts(table, "name"), strict=True):
        if name and code >= 0 and int(reference.person_of_staff[code]) == person:
            return name
    return ""


def _row_of(staff: Clinicians, one: Colleague) -> int:
    """Return the row of a person, a new one for who has none."""
    found = np.flatnonzero(staff.person == one.person)
    return int(found[0]) if len(found) else staff.size


def _added(
    inputs: PracticeInputs, one: Colleague, row: int, minutes: float, usual: Bools, day: int
) -> Added:
    """Return the inputs with a person in a row: a new one, or in place of another post."""
    s = inputs.clinicians
    worked = _usual_weeks(inputs.day, usual, s.actual_half_days.shape[1] // A_WEEK)

    def put(values: np.ndarray, value: object) -> np.ndarray:
        if row == len(values):
            values = np.concatenate([values, np.zeros((1, *values.shape[1:]), values.dtype)])
        else:
            values = values.copy()
        values[row] = value
        return values

    def word(values: tuple[Any, ...], value: object) -> tuple[Any, ...]:
        return (*values[:row], value, *values[row + 1 :])

    clinicians = Clinicians(
        person=put(s.person, one.person),
        staff_id=word(s.staff_id, one.label),
        name=word(s.name, one.name),
        role=word(s.role, one.role),
        contract=word(s.contract, one.contract),
        gp=put(s.gp, one.gp),
        eligible=put(s.eligible, one.eligible),
        sessions_per_week=put(s.sessions_per_week, one.sessions_per_week),
        capacity_minutes=put(s.capacity_minutes, minutes),
        half_days=put(s.half_days, usual),
        actual_half_days=put(s.actual_half_days, worked),
        site=word(s.site, s.site[row] if row < s.size else None),
        languages=word(s.languages, one.languages),
        skills=word(s.skills, one.skills),
        end_day=put(s.end_day, one.until),
    )
    return Added(replace(inputs, clinicians=clinicians), row, day)


def _usual_weeks(day: int, usual: Bools, weeks: int) -> Bools:
    """Return the half-days of the weeks that cover is counted on, had they been usual ones."""
    mondays = last_weeks(_window(day))[-weeks:] if weeks else np.empty(0, np.int32)
    odd = ((mondays - FIRST_MONDAY) // 7) % 2
    fortnight = usual.reshape(HALF_DAYS // A_WEEK, A_WEEK)
    return np.concatenate([fortnight[one] for one in odd.tolist()] or [np.empty(0, np.bool_)])

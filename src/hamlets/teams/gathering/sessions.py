"""The practice's rota: half-days and bookable minutes, or what contacts say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from hamlets.continuity.calendar import Window, day_number, months_before
from hamlets.continuity.calendar import day_of as date_of
from hamlets.continuity.columns import Int8, Int32, one_chunk, whole
from hamlets.continuity.reference import Reference
from hamlets.continuity.rota import (
    HALVES,
    SESSION_COLUMNS,
    SLACK_DAYS,
    Sessions,
    covered,
    find_sessions,
    halves_of,
)
from hamlets.records import Store
from hamlets.teams.gathering.visits import Visits
from hamlets.teams.inputs import Bools, Float64, Int64

TEMPLATE_DAYS = 84
"""The 12 weeks of the template; a rota that covers them counts as given."""
HALF_DAY_MINUTES = 250.0
"""A session of 4 h 10 min: BMA model contract for salaried GPs, 37.5 hours = 9 sessions."""
_NOT_BOOKABLE = re.compile(
    r"\b(non[ -]?clinical|admin\w*|management|meetings?|teaching|training|tutorials?|debrief\w*|"
    r"education\w*|study|cpd|appraisals?|paperwork|supernumerary|shadow\w*|induction|"
    r"leave|holiday|sick\w*|absen\w+|away|off|lunch|breaks?|cancelled|closed|blocked|embargo\w*)\b"
)


@dataclass(frozen=True)
class Stints:
    """Stretches of work at the practice in a period: arrays of one length.

    Sessions of the rota, or half-days in which somebody had a contact.
    """

    person: Int32
    day: Int32
    minutes: Float64
    """Bookable minutes; time that two sessions share counts once."""
    site: Int32
    """Site code, -1 where not known."""
    bookable: Bools
    """Not of a type such as meeting, teaching or leave."""
    halves: Bools
    """n x 3: the half-days it belongs to."""
    given: bool
    first: int
    last: int
    """Days that the stretches cover."""

    def half_days(self, rows: Bools) -> tuple[Int32, Int32, Int8]:
        """Return person, day and half-day of some stretches; a half-day may come twice."""
        row, half = np.nonzero(self.halves[rows])
        return self.person[rows][row], self.day[rows][row], half.astype(np.int8)


def bookable_type(session_type: str | None) -> bool:
    """Return whether patients can be booked into sessions of a type, by its words."""
    return _NOT_BOOKABLE.search((session_type or "").casefold()) is None


def year_before(day: int) -> int:
    """Return the first of the 12 months up to a day."""
    return day_number(months_before(date_of(day), 12)) + 1


def read_stints(
    store: Store, place: int, reference: Reference, visits: Visits, window: Window
) -> Stints:
    """Return the work of the last 12 months by the rota, else by contacts at the practice.

    The rota counts where it covers the last 12 weeks.
    """
    year = year_before(window.last)
    table = store.shared("sessions", [*SESSION_COLUMNS, "site", "session_type"])
    found = find_sessions(table, reference, year, window.last, place)
    weeks = max(window.last - TEMPLATE_DAYS + 1, day_number(store.first_day or date_of(0)))
    late = found.day >= weeks
    if place not in covered(found.place[late], found.day[late], weeks, window.last):
        return _inferred(visits, year, window.last)
    return _of_rota(table, found, _begin(found.day, year), window.last)


def read_rota(store: Store, place: int, reference: Reference, first: int, last: int) -> Stints:
    """Return the sessions of the rota on some days, whether or not it covers them."""
    table = store.shared("sessions", [*SESSION_COLUMNS, "site", "session_type"])
    return _of_rota(table, find_sessions(table, reference, first, last, place), first, last)


def _of_rota(table: Any, found: Sessions, first: int, last: int) -> Stints:
    types: list[str | None] = one_chunk(table.column("session_type").take(found.row)).to_pylist()
    said = {word: bookable_type(word) for word in set(types)}
    bookable = np.array([said[word] for word in types], dtype=np.bool_)
    minutes = np.zeros(len(found.day))
    minutes[bookable] = _minutes(found.person, found.day, found.begins, found.ends, bookable)
    return Stints(
        person=found.person,
        day=found.day,
        minutes=minutes,
        site=whole(table, "site")[found.row],
        bookable=bookable,
        halves=halves_of(found.begins, found.ends),
        given=True,
        first=first,
        last=last,
    )


def _minutes(person: Int32, day: Int32, begins: Int64, ends: Int64, rows: Bools) -> Float64:
    """Return the minutes of some sessions; what an earlier one of the person has is not new."""
    person, day, begins, ends = person[rows], day[rows], begins[rows], ends[rows]
    order = np.lexsort((ends, begins, day, person))
    # Days of one person far apart from those of another, so that one running maximum serves all.
    shift = (person[order].astype(np.int64) << 40) + day[order].astype(np.int64) * 86_400
    start, end = begins[order] + shift, ends[order] + shift
    reached = np.concatenate([start[:1], np.maximum.accumulate(end)[:-1]])
    found = np.empty(len(order))
    found[order] = np.maximum(end - np.maximum(start, reached), 0) / 60.0
    return found


def _inferred(visits: Visits, year: int, last: int) -> Stints:
    """Return a session of 4 h 10 min for each half-day in which somebody had a contact here."""
    timed = visits.here & (visits.half < HALVES) & (visits.day >= year)
    key = np.stack([visits.person[timed], visits.day[timed], visits.half[timed].astype(np.int32)])
    rows = np.unique(key, axis=1) if key.shape[1] else key
    size = rows.shape[1]
    halves = np.zeros((size, HALVES), dtype=np.bool_)
    halves[np.arange(size), rows[2]] = True
    return Stints(
        person=np.ascontiguousarray(rows[0], dtype=np.int32),
        day=np.ascontiguousarray(rows[1], dtype=np.int32),
        minutes=np.full(size, HALF_DAY_MINUTES),
        site=np.full(size, -1, dtype=np.int32),
        bookable=np.ones(size, dtype=np.bool_),
        halves=halves,
        given=False,
        first=_begin(visits.day[visits.here & (visits.day >= year)], year),
        last=last,
    )


def _begin(day: Any, year: int) -> int:
    """Return the day the records of a year begin: its first, unless they begin long after."""
    first = int(day.min()) if len(day) else year
    return first if first > year + SLACK_DAYS else year


def contradictions(stints: Stints, visits: Visits, gps: Int32) -> tuple[str, ...]:
    """Return what of a given rota does not go with the appointments of these GPs, as sentences.

    All sessions count here, meetings too: only where somebody has no session at all, in a
    half-day with contacts, is something amiss.
    """
    if not stints.given:
        return ()
    person, day, half = stints.half_days(np.isin(stints.person, gps))
    rota = np.unique(_slots(person, day, half))
    seen = visits.here & visits.gp & np.isin(visits.person, gps) & (visits.day >= stints.first)
    timed = seen & (visits.half < HALVES)
    slots = _slots(visits.person[timed], visits.day[timed], visits.half[timed])
    said: list[str] = []
    outside = int((~np.isin(slots, rota)).sum())
    if outside * OUTSIDE > len(slots):
        said.append(
            f"The rota contradicts the appointments: {_in_100(outside, len(slots))} in 100"
            " contacts of the GPs fell in half-days without a session of theirs."
        )
    idle = int((~np.isin(rota >> _PERSON, np.unique(visits.person[seen]))).sum())
    if idle:
        said.append(
            f"The rota contradicts the appointments: {_in_100(idle, len(rota))} in 100 half-days"
            " of the GPs' rota are of people without any contact."
        )
    return tuple(said)


OUTSIDE = 5
"""More than one in so many contacts outside the rota contradict it (20 in 100)."""
_PERSON = 26


def _slots(person: Int32, day: Int32, half: Int8) -> Int64:
    # days lie within 2**22 of 1970
    return (person.astype(np.int64) << _PERSON) + (day + (1 << 22)) * 4 + half


def _in_100(part: int, whole: int) -> str:
    share = round(100 * part / whole)
    return "fewer than 1" if share == 0 else f"{share}"

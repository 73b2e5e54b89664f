"""Who is in today and on the next days: from the rota as far as it goes, else the usual week.

No kernel is needed here, so that a page can ask within a request.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import Window, day_number, day_of
from hamlets.continuity.columns import Int8, Int32, whole
from hamlets.continuity.reference import Reference
from hamlets.continuity.results.knowing import BeingIn, Turn
from hamlets.continuity.rota import SESSION_COLUMNS, Sessions, find_sessions, half_of
from hamlets.continuity.weeks import WEEKS, last_weeks
from hamlets.records import Store
from hamlets.records.tables import NOT_GIVEN, STATUSES

AHEAD_DAYS = 28
_BACK_DAYS = (WEEKS + 8) * 7
"""Days in which 13 weeks without a bank holiday lie, Christmas and Easter too."""
_LEAST_WEEKS = 3
"""Of somebody who has been in for fewer weeks no usual week is said."""
_TOOK_PLACE = (NOT_GIVEN, STATUSES.index("arrived"), STATUSES.index("attended"))
_NO_TIME = -1
_MINUTE = 60

Slot = tuple[int, int | None, int | None, int]
"""Weekday or day, first and last minute, half-day."""


@dataclass(frozen=True)
class RotaAhead:
    """A practice's rota from a day on, and its usual week, by person."""

    day: int
    until: int | None
    """Last day of the rota; None where it has ended, or there is none."""
    turns: dict[int, tuple[Slot, ...]]
    usual: dict[int, tuple[Slot, ...]]
    usual_until: int | None

    def of(self, person: int) -> BeingIn:
        """Return when somebody is in."""
        day, until = self.day, self.until
        last = day + AHEAD_DAYS - 1
        found = list(self.turns.get(person, ()))
        for after in range(day if until is None else until + 1, last + 1):
            weekday = (after + 3) % 7
            found += [(after, *slot[1:]) for slot in self.usual.get(person, ())
                      if slot[0] == weekday]  # fmt: skip
        turns = tuple(Turn(day_of(slot[0]), *slot[1:]) for slot in found if slot[0] <= last)
        if until is not None:
            return BeingIn("rota", day_of(day), turns, day_of(until))
        if self.usual_until is None:
            return BeingIn("unknown", day_of(day), (), None)
        return BeingIn("usual_week", day_of(day), turns, day_of(self.usual_until))


def recent_sessions(store: Store, reference: Reference, today: date) -> Sessions:
    """Return the sessions of all practices from some months before the last known day on.

    The last known day is the rota's, or the last with an appointment before today.
    """
    table = store.shared("sessions", SESSION_COLUMNS)
    known = store.last_counted_day or today
    since = day_number(min(today, known)) - _BACK_DAYS
    return find_sessions(table, reference, since, day_number(today) + 10 * 366)


def rota_ahead(
    store: Store, reference: Reference, sessions: Sessions, home: int, today: date
) -> RotaAhead:
    """Return the rota ahead of one practice, and its usual week.

    The usual week is the half-days worked in more than half of the last 13 whole weeks
    without a bank holiday; of somebody who came in these weeks, of those since. Where the
    practice has no rota it is taken from the contacts that took place.
    """
    day = day_number(today)
    here = np.flatnonzero(sessions.place == home)
    days, person = sessions.day[here], sessions.person[here]
    begins = (sessions.begins[here] // _MINUTE).astype(np.int32)
    ends = (sessions.ends[here] // _MINUTE).astype(np.int32)
    half = half_of(sessions.begins[here].astype(np.int32))
    until = int(days.max()) if len(days) and int(days.max()) >= day else None
    turns: dict[int, list[Slot]] = defaultdict(list)
    order = np.lexsort((ends, begins, days))
    for i in order[(days[order] >= day) & (days[order] < day + AHEAD_DAYS)].tolist():
        turns[int(person[i])].append((int(days[i]), int(begins[i]), int(ends[i]), int(half[i])))
    if len(days):
        last = min(int(days.max()), day - 1)
        usual = _usual(last, days, person, half, begins, ends)
    else:
        days, person, half = _from_contacts(store, reference, home, day)
        last = int(days.max()) if len(days) else None
        usual = {} if last is None else _usual(last, days, person, half, None, None)
    merged = {p: tuple(found) for p, found in turns.items()}
    return RotaAhead(day, until, merged, usual, last if usual else None)


def _usual(
    last: int, days: Int32, person: Int32, half: Int8, begins: Int32 | None, ends: Int32 | None
) -> dict[int, tuple[Slot, ...]]:
    """Return by person the usual half-days of a week."""
    mondays = last_weeks(Window(last - _BACK_DAYS + 1, last))
    if len(mondays) == 0:
        return {}
    week = np.searchsorted(mondays, days, side="right") - 1
    inside = np.flatnonzero((week >= 0) & (days - mondays[week] < 7))
    seen: dict[int, dict[tuple[int, int], dict[int, tuple[int, int]]]] = {}
    for i in inside.tolist():
        slot = int(days[i] + 3) % 7, int(half[i])
        times = (int(begins[i]), int(ends[i])) if begins is not None and ends is not None else None
        mine = seen.setdefault(int(person[i]), {}).setdefault(slot, {})
        mine[int(week[i])] = _joined(mine.get(int(week[i])), times)
    found: dict[int, tuple[Slot, ...]] = {}
    for who, slots in seen.items():
        weeks = len(mondays) - min(min(weeks) for weeks in slots.values())
        kept = [
            (weekday, *_commonest(list(mine.values())), at)
            for (weekday, at), mine in sorted(slots.items())
            if 2 * len(mine) > weeks >= _LEAST_WEEKS
        ]
        if kept:
            found[who] = tuple(kept)
    return found


def _joined(before: tuple[int, int] | None, now: tuple[int, int] | None) -> tuple[int, int]:
    """Return one stretch for two of one half-day."""
    if now is None:
        return _NO_TIME, _NO_TIME
    return now if before is None else (min(before[0], now[0]), max(before[1], now[1]))


def _commonest(times: list[tuple[int, int]]) -> tuple[int | None, int | None]:
    counts = Counter(times)
    begins, ends = min(counts, key=lambda pair: (-counts[pair], pair))
    return (None, None) if begins == _NO_TIME else (begins, ends)


def _from_contacts(
    store: Store, reference: Reference, home: int, day: int
) -> tuple[Int32, Int32, Int8]:
    """Return day, person and half-day of the contacts that took place here before a day."""
    columns = ["staff", "practice", "start_day", "start_second", "time_known", "status"]
    rows = store.read_group("appointments", home, columns)
    staff, days = whole(rows, "staff"), whole(rows, "start_day")
    known = store.last_counted_day
    last = min(day - 1, day_number(known)) if known else day - 1
    kept = (staff >= 0) & (whole(rows, "practice") == home) & (days <= last)
    kept &= (days > last - _BACK_DAYS) & np.isin(whole(rows, "status", np.int8), _TOOK_PLACE)
    half = half_of(whole(rows, "start_second"))
    timed: npt.NDArray[np.bool_] = whole(rows, "time_known", np.bool_)
    half[~timed] = _NO_TIME
    return days[kept], reference.person_of_staff[staff[kept]], half[kept]

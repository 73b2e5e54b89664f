"""Who had a session when: the rota, or what the contacts say of it.

A half-day is before 13:00, from 13:00 to 18:30, or after. A row of the rota is one
person at one practice in one half-day, however many sessions lie in it: a long day
of one session is two half-days, two short sessions of one morning are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.columns import Bools, Int8, Int32, whole
from hamlets.continuity.reference import Reference
from hamlets.records import Store

HALVES = 3
NOON_ENDS, AFTERNOON_ENDS, MIDNIGHT = 13 * 3600, 18 * 3600 + 1800, 24 * 3600
_STARTS = np.array([0, NOON_ENDS, AFTERNOON_ENDS])
_ENDS = np.array([NOON_ENDS, AFTERNOON_ENDS, MIDNIGHT])
AN_HOUR = 3600
"""A session belongs to each half-day that holds so much of it; a shorter one to that of its
start. So a surgery that ends at 13:10 is no afternoon."""
SLACK_DAYS = 14
"""A rota covers a period if it begins and ends within so many days of it (holidays)."""


def half_of(second: Int32) -> Int8:
    """Return the half-day (0, 1, 2) of each second of a day."""
    return np.searchsorted(_STARTS[1:], second, side="right").astype(np.int8)


@dataclass(frozen=True)
class Rota:
    """Half-days worked, ordered by place, person, day and half; no two rows are alike."""

    place: Int32
    """Practice code."""
    person: Int32
    day: Int32
    half: Int8
    given: frozenset[int]
    """Practices whose rota was loaded; for all others it is inferred from contacts."""

    def at(self, place: int) -> Rota:
        """Return the rows of one practice."""
        low, high = np.searchsorted(self.place, [place, place + 1])
        return self.only(slice(low, high))

    def only(self, rows: slice | Bools) -> Rota:
        """Return some rows."""
        return Rota(
            self.place[rows], self.person[rows], self.day[rows], self.half[rows], self.given
        )

    @cached_property
    def _slots(self) -> npt.NDArray[np.int64]:
        return np.unique(_slot(self.person, self.day, self.half))

    def present(self, person: Int32, day: Int32, half: Int8) -> Bools:
        """Return whether each person had a session, anywhere, in a half-day."""
        mine = self._slots
        asked = _slot(person, day, half)
        if len(mine) == 0:
            return np.zeros(len(asked), dtype=bool)
        found = np.minimum(np.searchsorted(mine, asked), len(mine) - 1)
        return mine[found] == asked


def _slot(person: Int32, day: Int32, half: Int8) -> npt.NDArray[np.int64]:
    # days lie within 2**20 of 1970
    return ((person.astype(np.int64) << 24) + day + (1 << 22)) * 4 + half


def make_rota(place: Int32, person: Int32, day: Int32, half: Int8, given: frozenset[int]) -> Rota:
    """Return half-days worked, given in any order and perhaps more than once, as a rota."""
    order = np.lexsort((half, day, person, place))
    rows = np.stack([place, person, day, half.astype(np.int32)])[:, order]
    first = np.ones(rows.shape[1], dtype=bool)
    first[1:] = (rows[:, 1:] != rows[:, :-1]).any(axis=0)
    kept = rows[:, first].astype(np.int32)
    return Rota(kept[0], kept[1], kept[2], kept[3].astype(np.int8), given)


@dataclass(frozen=True)
class Sessions:
    """Sessions of a rota: arrays of one length."""

    row: npt.NDArray[np.int64]
    """Row of the table."""
    place: Int32
    person: Int32
    day: Int32
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    """Seconds of the day; a session that goes on after midnight ends there."""


SESSION_COLUMNS = ["staff", "practice", "start_time", "end_time"]


def find_sessions(
    table: Any, reference: Reference, first: int, last: int, place: int | None = None
) -> Sessions:
    """Return the sessions of days first..last among rows with ``SESSION_COLUMNS``.

    Of one practice only where ``place`` is given.
    """
    staff, at = whole(table, "staff"), whole(table, "practice")
    start, end = (whole(table, name, np.int64) for name in ("start_time", "end_time"))
    day = (start // MIDNIGHT).astype(np.int32)
    wanted = at >= 0 if place is None else at == place
    row = np.flatnonzero((day >= first) & (day <= last) & (staff >= 0) & wanted)
    staff, at, day = staff[row], at[row], day[row]
    begins = start[row] % MIDNIGHT
    ends = np.clip(end[row] - day.astype(np.int64) * MIDNIGHT, begins, MIDNIGHT)
    person = reference.person_of_staff[staff] if len(staff) else staff
    return Sessions(row, at, person, day, begins, ends)


def given_rota(store: Store, reference: Reference, first: int, last: int) -> Rota:
    """Return the half-days of the sessions table, days first..last, where it covers them.

    Practices whose sessions begin late or end early in the period are left out:
    half a rota would make people seem away.
    """
    found = find_sessions(store.shared("sessions", SESSION_COLUMNS), reference, first, last)
    places = covered(found.place, found.day, first, last)
    here = np.isin(found.place, list(places))
    row, half = np.nonzero(halves_of(found.begins[here], found.ends[here]))
    place, person, day = found.place[here][row], found.person[here][row], found.day[here][row]
    return make_rota(place, person, day, half.astype(np.int8), places)


def covered(place: Int32, day: Int32, first: int, last: int) -> frozenset[int]:
    """Return the practices whose sessions reach from about the first day to about the last."""
    if len(place) == 0:
        return frozenset()
    slack = min(SLACK_DAYS, (last - first) // 2)
    order = np.lexsort((day, place))
    codes, starts = np.unique(place[order], return_index=True)
    ends = np.append(starts[1:], len(order)) - 1
    early, late = day[order][starts], day[order][ends]
    return frozenset(codes[(early <= first + slack) & (late >= last - slack)].tolist())


def halves_of(begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Bools:
    """Return for each session the half-days it belongs to (n x 3)."""
    shared = np.minimum(ends[:, None], _ENDS) - np.maximum(begins[:, None], _STARTS)
    halves = shared >= AN_HOUR
    short = ~halves.any(axis=1)
    halves[short, half_of(begins[short].astype(np.int32))] = True
    return halves


def with_inferred(given: Rota, place: Int32, person: Int32, day: Int32, half: Int8) -> Rota:
    """Return the rota with the half-days of contacts where a practice has none of its own."""
    more = ~np.isin(place, list(given.given)) & (half < HALVES)
    return make_rota(
        np.concatenate([given.place, place[more]]),
        np.concatenate([given.person, person[more]]),
        np.concatenate([given.day, day[more]]),
        np.concatenate([given.half, half[more]]),
        given.given,
    )

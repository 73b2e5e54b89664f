"""One practice's book under one window: requests in classes, and slots by clinician and time.

A *cell* is one clinician in one unit of time (a day, or a half-day for the strict window).
Everything here is whole numbers in arrays; the flow and the free wins are worked out from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import day_of as date_of
from hamlets.continuity.calendar import month_number, months_of
from hamlets.continuity.columns import Int32
from hamlets.continuity.reference import Dated
from hamlets.teams.ceiling.requests import Requests
from hamlets.teams.ceiling.slots import FreeSlots
from hamlets.teams.ceiling.windows import PARTS, Times, WindowName
from hamlets.teams.inputs import Bools, Int64

OTHER, IN_TEAM, OWN = range(3)
"""Whom a request was recorded with."""
GROUPS = 4


@dataclass(frozen=True)
class Classes:
    """Requests that are alike: arrays of one length, ``count`` requests in each."""

    list: Int64
    team: Int64
    origin: Int64
    low: Int64
    high: Int64
    """Units ``low:high`` are in the window."""
    group: Int64
    bucket: Int64
    """The lowest level of slot length that is long enough; the number of levels for none."""
    recorded: Int64
    """OTHER, IN_TEAM or OWN."""
    month: Int64
    count: Int64

    @property
    def size(self) -> int:
        """Number of classes."""
        return len(self.count)


@dataclass(frozen=True)
class Cells:
    """Clinicians in units of time, ordered by unit."""

    person: Int64
    unit: Int64
    passing: Bools
    """A locum or registrar: serves any list, and is nobody's own GP."""
    used: npt.NDArray[np.int64]
    """cells x GROUPS: recorded contacts, each of which is a slot."""

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.person)


@dataclass(frozen=True)
class Free:
    """Free slots that are alike: arrays of one length, ``count`` slots in each."""

    cell: Int64
    group: Int64
    level: Int64
    """Position of the slot's length among the lengths there are."""
    hour: Int64
    kind: Int64
    count: Int64


@dataclass(frozen=True)
class Book:
    """One practice under one window."""

    classes: Classes
    cells: Cells
    free: Free
    levels: int
    """Number of slot lengths that are told apart."""
    units: Int64
    """The key of each unit of time, ascending."""
    day: Int32
    """The day of each unit."""
    at_class: Int64
    """Recorded places: the class, ..."""
    at_cell: Int64
    """... the cell it was recorded in, ..."""
    at_count: Int64
    """... and how many requests of the class were recorded there."""
    team_of: Int64
    """Members at work: the team, ..."""
    cell_of: Int64
    """... and the cell of a member on that day. Ordered by team, then cell."""

    @property
    def requests(self) -> int:
        """Number of requests."""
        return int(self.classes.count.sum())


def packed(columns: Sequence[Any]) -> Int64:
    """Return one number for each row, in the order of the columns (codes from -1 up, or days)."""
    result = np.zeros(len(columns[0]), dtype=np.int64)
    if len(result) == 0:
        return result
    for column in columns:
        low = int(column.min())
        result = result * (int(column.max()) - low + 1) + (column.astype(np.int64) - low)
    return result


def expanded(low: Int64, high: Int64) -> tuple[Int64, Int64]:
    """Return the numbers low..high-1 of every range one after the other, and whose each is."""
    count = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(low), dtype=np.int64), count)
    begins = np.cumsum(count) - count
    return np.arange(len(owner), dtype=np.int64) - begins[owner] + low[owner], owner


def _keys(day: Int32, half: Any, window: WindowName) -> Int64:
    if window == "strict":
        return day.astype(np.int64) * PARTS + half
    return day.astype(np.int64)


def make_book(
    requests: Requests, free: FreeSlots, times: Times, window: WindowName, teams: Dated
) -> Book:
    """Return the book of one practice; requests that are held keep their slots and leave it.

    ``free`` are the practice's own free slots, ``teams`` the members of teams by person.
    """
    keep = np.flatnonzero(~times.held)
    requests = requests.only(keep)
    taken, spare = _keys(requests.day, requests.half, window), _keys(free.day, free.half, window)
    units = np.unique(np.concatenate([taken, spare]))
    day = (units // PARTS if window == "strict" else units).astype(np.int32)
    cell, spare_cell, cells = _cells(requests, free, np.searchsorted(units, taken),
                                     np.searchsorted(units, spare))  # fmt: skip
    lengths = np.unique(free.minutes)
    # lengths that no request tells apart are one level
    needed = np.unique(np.searchsorted(lengths, requests.need))
    bucket = np.searchsorted(needed, np.searchsorted(lengths, requests.need))
    level = np.searchsorted(needed, np.searchsorted(lengths, free.minutes), side="right") - 1
    fits = level >= 0
    levels = len(needed)
    classes, of_request = _classes(requests, times, keep, units, bucket)
    at = packed([of_request, cell])
    _, first, at_count = np.unique(at, return_index=True, return_counts=True)
    team_of, cell_of = _members(cells, day, teams)
    return Book(
        classes=classes,
        cells=cells,
        free=_free(free.only(fits), spare_cell[fits], level[fits]),
        levels=levels,
        units=units,
        day=day,
        at_class=of_request[first],
        at_cell=cell[first],
        at_count=at_count.astype(np.int64),
        team_of=team_of,
        cell_of=cell_of,
    )


def _cells(
    requests: Requests, free: FreeSlots, unit: Int64, spare_unit: Int64
) -> tuple[Int64, Int64, Cells]:
    """Return the cell of each request and of each free slot, and the cells."""
    person = np.concatenate([requests.person, free.person]).astype(np.int64)
    units = np.concatenate([unit, spare_unit]).astype(np.int64)
    passing = np.concatenate([requests.passing, free.passing])
    _, first, cell = np.unique(
        packed([units, person, passing.astype(np.int64)]), return_index=True, return_inverse=True
    )
    mine, spare = cell[: requests.size], cell[requests.size :]
    used = np.bincount(mine * GROUPS + requests.group, minlength=len(first) * GROUPS)
    cells = Cells(
        person[first], units[first], passing[first], used.reshape(-1, GROUPS).astype(np.int64)
    )
    return mine.astype(np.int64), spare.astype(np.int64), cells


def _classes(
    requests: Requests, times: Times, keep: Any, units: Int64, bucket: Int64
) -> tuple[Classes, Int64]:
    """Return the classes, and the class of each request."""
    low = np.searchsorted(units, times.first[keep])
    high = np.maximum(np.searchsorted(units, times.last[keep], side="right"), low)
    month = np.zeros(requests.size, dtype=np.int64)
    if requests.size:
        start = int(requests.day.min())
        _, months = months_of(start, int(requests.day.max()))
        month = months[requests.day - start] + month_number(date_of(start))
    columns = [
        requests.list, requests.team, times.origin[keep], low, high, requests.group, bucket,
        np.where(requests.own, OWN, np.where(requests.in_team, IN_TEAM, OTHER)), month,
    ]  # fmt: skip
    _, first, of_request, count = np.unique(
        packed(columns), return_index=True, return_inverse=True, return_counts=True
    )
    taken = [np.asarray(column)[first].astype(np.int64) for column in columns]
    return Classes(*taken, count=count.astype(np.int64)), of_request.astype(np.int64)


def _free(free: FreeSlots, cell: Int64, level: Int64) -> Free:
    columns = [cell, free.group, level, free.hour, free.kind]
    _, first, count = np.unique(packed(columns), return_index=True, return_counts=True)
    taken = [np.asarray(column)[first].astype(np.int64) for column in columns]
    return Free(*taken, count=count.astype(np.int64))


def _members(cells: Cells, day: Int32, teams: Dated) -> tuple[Int64, Int64]:
    """Return each team with the cells of those who are its members on the day."""
    row, cell = expanded(
        teams.offset[cells.person].astype(np.int64), teams.offset[cells.person + 1].astype(np.int64)
    )
    on = day[cells.unit[cell]]
    inside = (teams.start[row] <= on) & (on < teams.end[row])
    team, cell = teams.value[row[inside]].astype(np.int64), cell[inside]
    pairs = np.unique(np.stack([team, cell], axis=1), axis=0)
    return pairs[:, 0].copy(), pairs[:, 1].copy()

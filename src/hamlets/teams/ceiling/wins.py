"""Where the gap comes from: the own GP away, full, or a free slot that was not offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.continuity.rota import Rota
from hamlets.teams.ceiling.book import (
    OTHER,
    OWN,
    Book,
    Int64,
    expanded,
    packed,
)
from hamlets.teams.ceiling.flow import Network, cells_of_own
from hamlets.teams.ceiling.slots import SERVES
from hamlets.teams.ceiling.windows import PARTS, WindowName

_WIN = 1000
"""What a slot filled counts, beside which nearness only breaks ties."""


@dataclass(frozen=True)
class Wins:
    """Free slots that requests booked elsewhere could have had, nobody else being moved.

    Arrays of one length: ``count`` slots in each. ``own`` by class of requests says how many
    would then have been with the own GP, ``team`` how many more with the team.
    """

    own: Int64
    team: Int64
    list: Int64
    of_team: npt.NDArray[np.bool_]
    """A slot of another member of the team."""
    day: Int64
    hour: Int64
    kind: Int64
    wait: Int64
    """Days from the request (or from the contact as it was) to the slot."""
    count: Int64


def away(book: Book, rota: Rota, window: WindowName) -> npt.NDArray[np.bool_]:
    """Return whether each class's own GP had neither a slot nor a session in the window."""
    c = book.classes
    people = np.unique(c.list[c.list >= 0])
    here = np.zeros((len(people) + 1, len(book.units) + 1), dtype=np.int64)
    _mark(here, people, book.cells.person, book.cells.unit, ~book.cells.passing)
    keys = rota.day.astype(np.int64)
    if window == "strict":
        keys = keys * PARTS + rota.half
    unit = np.searchsorted(book.units, keys)
    known = np.zeros(len(keys), dtype=bool)
    inside = unit < len(book.units)
    known[inside] = book.units[unit[inside]] == keys[inside]
    _mark(here, people, rota.person.astype(np.int64), unit, known)
    total = np.zeros((len(people) + 1, len(book.units) + 1), dtype=np.int64)
    total[:, 1:] = np.cumsum(here[:, :-1], axis=1)
    at = np.searchsorted(people, c.list)
    return (c.list >= 0) & (total[at, c.high] == total[at, c.low])


def _mark(
    here: Int64, people: Int64, person: Int64, unit: Int64, which: npt.NDArray[np.bool_]
) -> None:
    if len(people) == 0:
        return
    at = np.minimum(np.searchsorted(people, person), len(people) - 1)
    keep = which & (people[at] == person)
    here[at[keep], unit[keep]] = 1


def _slots_of(book: Book, cell: Int64, asker: Int64) -> tuple[Int64, Int64]:
    """Return the rows of free slots in some cells, and the asker of each."""
    low = np.searchsorted(book.free.cell, cell)
    high = np.searchsorted(book.free.cell, cell, side="right")
    row, at = expanded(low.astype(np.int64), high.astype(np.int64))
    return row, asker[at]


def _windows(book: Book, who: Int64, extra: Sequence[Int64]) -> tuple[Int64, Int64]:
    """Return one class of each window that classes share, and the position of each one's."""
    c = book.classes
    columns = [c.list, c.origin, c.low, c.high, c.group, c.bucket, *extra]
    _, first, of = np.unique(
        packed([column[who] for column in columns]), return_index=True, return_inverse=True
    )
    return who[first], of


def _suits(book: Book, row: Int64, of: Int64) -> npt.NDArray[np.bool_]:
    """Return which free slots take the group and are long enough for a class."""
    c, free = book.classes, book.free
    takes = np.zeros((max(SERVES) + 1, int(c.group.max(initial=0)) + 4), dtype=bool)
    for kind, groups in SERVES.items():
        takes[kind, list(groups)] = True
    return takes[free.group[row], c.group[of]] & (free.level[row] >= c.bucket[of])


def free_wins(book: Book) -> Wins:
    """Return as many free slots of the own GP, then of the team, as requests could have had.

    Of ways to fill as many, the one with the shortest waits.
    """
    c, free = book.classes, book.free
    network = Network(nodes=c.size)
    sink = int(network.make(1)[0])
    slot = network.make(len(free.count))
    network.join(slot, sink, free.count)
    asking = np.flatnonzero((c.recorded != OWN) & (c.list >= 0))
    supply = np.zeros(c.size, dtype=np.int64)
    supply[asking] = c.count[asking]
    more = int(c.count[asking].sum()) * _WIN + 1  # any own win before all team wins
    network.join(asking, sink, supply[asking], more + _WIN)  # stays where it was recorded
    ways = (_own_ways(book, asking), _team_ways(book, asking))
    arcs: list[tuple[slice, slice]] = []
    for way, less in zip(ways, (0, more), strict=True):
        node = network.make(int(way.of.max(initial=-1)) + 1)
        into = network.join(way.who, node[way.of], supply[way.who])
        near = np.minimum(np.abs(_wait(book, way)), _WIN // 2)
        out = network.join(node[way.at], slot[way.row], free.count[way.row], near + less)
        arcs.append((into, out))
    flows = network.solve(supply, sink)
    won = np.zeros((2, c.size), dtype=np.int64)
    for mine, way, (into, _) in zip(won, ways, arcs, strict=True):
        np.add.at(mine, way.who, flows[into])
    counts = [flows[out] for _, out in arcs]
    row = np.concatenate([way.row for way in ways])
    like = np.concatenate([way.first[way.at] for way in ways])
    wait = np.concatenate([_wait(book, way) for way in ways])
    count = np.concatenate(counts)
    of_team = np.repeat([False, True], [len(each) for each in counts])
    used = np.flatnonzero(count)
    row, like = row[used], like[used]
    return Wins(
        own=won[0],
        team=won[1],
        list=c.list[like],
        of_team=of_team[used],
        day=book.day[book.cells.unit[free.cell[row]]].astype(np.int64),
        hour=free.hour[row],
        kind=free.kind[row],
        wait=wait[used],
        count=count[used],
    )


@dataclass(frozen=True)
class _Ways:
    """Classes share windows; a window leads to rows of free slots."""

    who: Int64
    of: Int64
    """The window of each class of ``who``."""
    first: Int64
    """One class of each window."""
    at: Int64
    """Ways to slots: the window, ..."""
    row: Int64
    """... and the row of free slots."""


def _wait(book: Book, way: _Ways) -> Int64:
    day = book.day[book.cells.unit[book.free.cell[way.row]]].astype(np.int64)
    return day - book.classes.origin[way.first[way.at]]


def _own_ways(book: Book, asking: Int64) -> _Ways:
    c = book.classes
    first, of = _windows(book, asking, ())
    cell, at = cells_of_own(book, c.list[first], c.low[first], c.high[first])
    row, at = _slots_of(book, cell, at)
    keep = _suits(book, row, first[at])
    return _Ways(asking, of, first, at[keep], row[keep])


def _team_ways(book: Book, asking: Int64) -> _Ways:
    """Return the ways to slots of the team's other members, for requests met outside the team."""
    c = book.classes
    who = asking[(c.recorded[asking] == OTHER) & (c.team[asking] >= 0)]
    first, of = _windows(book, who, (c.team,))
    units = max(len(book.units), 1)
    place = book.team_of * units + book.cells.unit[book.cell_of]
    low = np.searchsorted(place, c.team[first] * units + c.low[first])
    high = np.searchsorted(place, c.team[first] * units + c.high[first])
    member, at = expanded(low.astype(np.int64), high.astype(np.int64))
    row, at = _slots_of(book, book.cell_of[member], at)
    others = book.cells.person[book.free.cell[row]] != c.list[first[at]]
    keep = _suits(book, row, first[at])
    # an own GP's slot as a locum is the team's to give, and not an own one
    keep &= others | book.cells.passing[book.free.cell[row]]
    return _Ways(who, of, first, at[keep], row[keep])

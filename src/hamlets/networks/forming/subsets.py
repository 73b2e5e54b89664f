"""Every possible network: connected sets of practices within the band.

Sets grow one practice at a time, all of one size at once. Each set is made exactly once:
from its lowest practice, by taking neighbours in order and never going back to one that was
passed over (Wernicke, IEEE/ACM Trans Comput Biol Bioinform 2006;3:347).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.networks.forming.task import Float64, Int64, Task
from hamlets.optimise.sets import Columns

UInt64 = npt.NDArray[np.uint64]
Int16 = npt.NDArray[np.int16]

_WORD = 64
_BLOCK = 200_000


@dataclass(frozen=True)
class Subsets:
    """Possible networks: their practices, populations and costs, row by row."""

    columns: Columns
    population: Int64
    cost: Float64

    @property
    def count(self) -> int:
        """Number of sets."""
        return self.columns.count

    def members(self, row: int) -> list[int]:
        """Return the practices of one set."""
        mine = self.columns.members[row]
        return mine[mine >= 0].tolist()

    def take(self, rows: Int64) -> Subsets:
        """Return some of the sets."""
        return Subsets(self.columns.take(rows), self.population[rows], self.cost[rows])


def possible_networks(task: Task, most: int) -> Subsets | None:
    """Return all sets that may be a network of the task; None where more than ``most`` grow."""
    found: list[Int16] = []
    people: list[Int64] = []
    grown = 0
    for members, population in _connected(task):
        grown += len(members)
        if grown > most:
            return None
        kept = task.within(population) & _allowed(task, members)
        if kept.any():
            found.append(members[kept])
            people.append(population[kept])
    widest = max((each.shape[1] for each in found), default=1)
    rows = [
        np.pad(each, ((0, 0), (0, widest - each.shape[1])), constant_values=-1) for each in found
    ]
    members = np.concatenate([np.empty((0, widest), np.int16), *rows]).astype(np.int16)
    population = np.concatenate([np.empty(0, np.int64), *people])
    cost = np.concatenate([np.empty(0), *(costs(task, each) for each in found)])
    return Subsets(Columns(members, task.count), population, cost)


def costs(task: Task, members: Int16) -> Float64:
    """Return what sets of one size cost: travel to their medoid, or less the flow they keep."""
    size = members.shape[1]
    found = np.empty(len(members))
    for first in range(0, len(members), _BLOCK):
        part = members[first : first + _BLOCK].astype(np.int64)
        if task.flow is not None:
            total = np.zeros(len(part))
            for a in range(size):
                for b in range(a + 1):
                    total -= task.flow[part[:, a], part[:, b]]
            found[first : first + _BLOCK] = total
            continue
        best = np.full(len(part), np.inf)
        for to in range(size):
            for middle in _middles(task)[:, part[:, to]]:
                travel = np.zeros(len(part))
                for each in range(size):
                    travel += task.weighted[part[:, each], middle]
                np.minimum(best, np.where(middle < 0, np.inf, travel), out=best)
        found[first : first + _BLOCK] = best
    return found


def _middles(task: Task) -> Int64:
    """Return the practices of each unit in columns, filled up with -1."""
    most = max(len(mine) for mine in task.practices_of)
    found = np.full((most, task.count), -1, dtype=np.int64)
    for unit, mine in enumerate(task.practices_of):
        found[: len(mine), unit] = mine
    return found


def _allowed(task: Task, members: Int16) -> npt.NDArray[np.bool_]:
    """Return which sets part whom they must."""
    kept = np.ones(len(members), np.bool_)
    if not task.apart:
        return kept
    inside = np.zeros((len(members), task.count), np.bool_)
    inside[np.arange(len(members))[:, None], members] = True
    for a, b in task.apart:
        kept &= ~(inside[:, a] & inside[:, b])
    return kept


@dataclass
class _Layer:
    """Sets of one size. A mask has a bit for each practice, in words of 64."""

    members: Int16
    population: Int64
    may: UInt64
    """Who may still be taken."""
    near: UInt64
    """The set and all its neighbours: nobody of them is new."""
    root: Int64

    def take(self, rows: Int64) -> _Layer:
        return _Layer(
            self.members[rows],
            self.population[rows],
            self.may[rows],
            self.near[rows],
            self.root[rows],
        )


def _masks(task: Task) -> tuple[UInt64, UInt64, UInt64]:
    """Return for each practice: itself, itself with its neighbours, and all that come after."""
    count = task.count
    words = -(-count // _WORD)
    place = np.arange(count)

    def packed(rows: npt.NDArray[np.bool_]) -> UInt64:
        padded = np.zeros((len(rows), words * _WORD), np.bool_)
        padded[:, :count] = rows
        data = np.packbits(padded, axis=1, bitorder="little")
        return np.ascontiguousarray(data).view(np.uint64)

    own = np.eye(count, dtype=np.bool_)
    after = place[None, :] > place[:, None]
    return packed(own), packed(own | task.adjacent), packed(after)


def _connected(task: Task) -> Iterator[tuple[Int16, Int64]]:
    """Yield all connected sets of at most ``high`` patients, one size after the other."""
    _own, near, after = _masks(task)
    place = np.arange(task.count, dtype=np.int64)
    layer = _Layer(
        place[:, None].astype(np.int16),
        task.size.astype(np.int64),
        near & after,
        near,
        place,
    )
    high = task.high + task.slack
    layer = layer.take(np.flatnonzero(layer.population <= high))
    while len(layer.members):
        yield layer.members, layer.population
        parts = list(_grown(task, layer, near, after, high))
        if not parts:
            return
        layer = _Layer(
            np.concatenate([each.members for each in parts]),
            np.concatenate([each.population for each in parts]),
            np.concatenate([each.may for each in parts]),
            np.concatenate([each.near for each in parts]),
            np.concatenate([each.root for each in parts]),
        )


def _grown(task: Task, layer: _Layer, near: UInt64, after: UInt64, high: float) -> Iterator[_Layer]:
    """Yield the sets of one practice more, by the practice that is taken."""
    for new in range(task.count):
        word, bit = divmod(new, _WORD)
        takes = (layer.may[:, word] >> np.uint64(bit)) & np.uint64(1)
        rows = np.flatnonzero((takes == 1) & (layer.population + int(task.size[new]) <= high))
        if not len(rows):
            continue
        mine = layer.take(rows)
        fresh = near[new] & ~mine.near & after[mine.root]
        yield _Layer(
            np.concatenate([mine.members, np.full((len(rows), 1), new, np.int16)], axis=1),
            mine.population + int(task.size[new]),
            (mine.may & after[new]) | fresh,
            mine.near | near[new],
            mine.root,
        )

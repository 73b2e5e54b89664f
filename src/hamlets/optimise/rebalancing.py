"""Whole assignments mended and bettered by moving one unit, or two in a chain.

A rounded answer of the linear programme lies outside some sides by about a unit of work. Each
step here takes the one change that is best for gain less what lies outside, first among single
moves, then among chains of two (one unit goes from a place to a second, another from there on
or back), until none helps. So sides and budget are kept to the letter wherever such steps can
do it, and small gains that rounding lost are won back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_EACH = 6
"""Moves looked at between each two places in a chain."""
_LEAST = 1e-9
"""A change must be worth more, in the greatest gain."""


@dataclass(frozen=True)
class Sides:
    """What loads and the budget are held to, and what it costs to lie outside, a unit of each."""

    low: Float64
    high: Float64
    most: float
    load_price: float
    budget_price: float


@dataclass(frozen=True)
class Moves:
    """Moves that may be made: row m takes unit ``unit[m]`` to ``place[m]`` by ``way[m]``."""

    unit: Int64
    way: Int64
    place: Int64
    gain: Float64
    charge: Float64
    work: Float64

    @property
    def count(self) -> int:
        """Number of moves."""
        return len(self.unit)


@dataclass
class Assignment:
    """Where each unit is, what that gains and takes, changed as units move."""

    way: Int64
    place: Int64
    gain: Float64
    charge: Float64
    load: Float64
    spent: float


def rebalance(now: Assignment, moves: Moves, sides: Sides, steps: int) -> bool:
    """Better an assignment in place by at most so many steps; return whether all sides hold."""
    search = _Search(now, moves, sides)
    for _ in range(steps):
        if not (search.move_one() or search.move_two()):
            break
    return search.broken() <= 0.0


class _Search:
    def __init__(self, now: Assignment, moves: Moves, sides: Sides) -> None:
        self.now, self.moves, self.sides = now, moves, sides
        self.least = _LEAST * float(np.abs(moves.gain).max(initial=1e-9))

    def outside(self, load: Float64, place: Int64) -> Float64:
        """Return by how much loads lie outside the sides of their places."""
        over = np.maximum(load - self.sides.high[place], 0.0)
        return over + np.maximum(self.sides.low[place] - load, 0.0)

    def broken(self) -> float:
        """Return what sides and budget are missed by, added up."""
        every = np.arange(len(self.now.load))
        loads = float(self.outside(self.now.load, every).sum())
        return loads + max(0.0, self.now.spent - self.sides.most)

    def budget_cost(self, more: Float64) -> Float64:
        """Return what it costs the budget to take more of it (less where below nothing)."""
        over, now = self.now.spent - self.sides.most, max(0.0, self.now.spent - self.sides.most)
        return self.sides.budget_price * (np.maximum(over + more, 0.0) - now)

    def move_one(self) -> bool:
        """Make the best single move; False where none helps."""
        now, moves = self.now, self.moves
        if not moves.count:
            return False
        source, target, work = now.place[moves.unit], moves.place, moves.work
        gain = moves.gain - now.gain[moves.unit]
        here, there = now.load[source], now.load[target]
        outside = (
            self.outside(here - work, source)
            - self.outside(here, source)
            + self.outside(there + work, target)
            - self.outside(there, target)
        )
        worth = gain - self.sides.load_price * np.where(source == target, 0.0, outside)
        if np.isfinite(self.sides.most):
            worth -= self.budget_cost(moves.charge - now.charge[moves.unit])
        best = int(worth.argmax())
        if worth[best] <= self.least:
            return False
        self.make(best)
        return True

    def make(self, move: int) -> None:
        now, moves = self.now, self.moves
        unit, place = int(moves.unit[move]), int(moves.place[move])
        now.load[now.place[unit]] -= moves.work[move]
        now.load[place] += moves.work[move]
        now.spent += float(moves.charge[move] - now.charge[unit])
        now.way[unit], now.place[unit] = moves.way[move], place
        now.gain[unit], now.charge[unit] = moves.gain[move], moves.charge[move]

    def move_two(self) -> bool:
        """Make the best chain of two moves of those that lose least; False where none helps."""
        first, second = self.chains()
        if not len(first):
            return False
        now, moves, sides = self.now, self.moves, self.sides
        one, two = moves.unit[first], moves.unit[second]
        start, middle, end = now.place[one], moves.place[first], moves.place[second]
        loads = now.load
        back = start == end
        less = np.where(back, moves.work[second] - moves.work[first], -moves.work[first])
        outside = (
            self.outside(loads[start] + less, start)
            - self.outside(loads[start], start)
            + self.outside(loads[middle] + moves.work[first] - moves.work[second], middle)
            - self.outside(loads[middle], middle)
        )
        onward = self.outside(loads[end] + moves.work[second], end) - self.outside(loads[end], end)
        outside += np.where(back, 0.0, onward)
        gain = moves.gain[first] - now.gain[one] + moves.gain[second] - now.gain[two]
        worth = gain - sides.load_price * outside
        if np.isfinite(sides.most):
            more = moves.charge[first] - now.charge[one] + moves.charge[second] - now.charge[two]
            worth -= self.budget_cost(more)
        best = int(worth.argmax())
        if worth[best] <= self.least:
            return False
        self.make(int(first[best]))
        self.make(int(second[best]))
        return True

    def chains(self) -> tuple[Int64, Int64]:
        """Return pairs of moves of which the second leaves the place that the first goes to.

        Where sides are missed, chains that begin or end at the place that misses most; else
        those that come back: two units change places.
        """
        now, sides = self.now, self.sides
        few, source, target = self.few_of_each()
        missed = self.outside(now.load, np.arange(len(now.load)))
        at = int(missed.argmax()) if len(missed) else 0
        if not len(missed) or missed[at] <= 0:
            there, back = source * len(missed) + target, target * len(missed) + source
            first, second = _joined(np.arange(len(few)), back, there)
            return few[first], few[second]
        if now.load[at] > sides.high[at]:
            first, second = _joined(np.flatnonzero(source == at), target, source)
        else:
            order = np.argsort(target, kind="stable")
            second, first = _joined(np.flatnonzero(target == at), source, target[order])
            first = order[first]
        return few[first], few[second]

    def few_of_each(self) -> tuple[Int64, Int64, Int64]:
        """Return the moves between each two places that lose least, with source and target.

        In the order of their sources.
        """
        now, moves = self.now, self.moves
        places = len(now.load)
        source = now.place[moves.unit]
        real = np.flatnonzero(source != moves.place)
        loss = now.gain[moves.unit[real]] - moves.gain[real]
        pair = source[real] * places + moves.place[real]
        order = np.lexsort((loss, pair))
        real, pair = real[order], pair[order]
        rank = np.arange(len(pair)) - np.searchsorted(pair, pair)
        few = real[rank < _EACH]
        return few, now.place[moves.unit[few]], moves.place[few]


def _joined(left: Int64, wanted: Int64, of: Int64) -> tuple[Int64, Int64]:
    """Return each of ``left`` with every row whose ``of`` (ascending) is its ``wanted``."""
    begin = np.searchsorted(of, wanted[left], side="left")
    count = np.searchsorted(of, wanted[left], side="right") - begin
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(left, count), np.repeat(begin, count) + within

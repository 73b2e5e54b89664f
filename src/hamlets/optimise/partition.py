"""Set partition: disjoint sets, each with a value, that cover every item, of greatest value.

The linear programme over all columns is solved by column generation: a small
programme gives a price to each item, all columns are priced at once, and those
worth more than their items cost enter. At its end the prices prove a bound, and
a column that falls short of its price by more than bound less best plan cannot be
part of a better one. What is left goes to HiGHS as a whole-number programme.
Barnhart, Johnson, Nemhauser, Savelsbergh & Vance, Operations Research 1998;46:316.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Int16 = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Status = Literal["optimal", "stopped", "infeasible"]
Stop = Callable[[], bool]

_BLOCK = 262_144
_FEW = 3_000
"""So many columns are cheaper to hold in the programme than to price."""
_SOLVED_AT_ONCE = 15_000
_CLOSE = 1e-9


@dataclass(frozen=True)
class Columns:
    """The sets to choose from: a row lists the items of one set, filled up with -1."""

    members: Int16
    items: int

    @property
    def count(self) -> int:
        """Number of sets."""
        return len(self.members)

    def take(self, rows: Int64 | Bools) -> Columns:
        """Return some of the columns."""
        return Columns(self.members[rows], self.items)


@dataclass(frozen=True)
class Limit:
    """How many of some columns may be chosen. ``among`` None = of all."""

    least: float = 0.0
    most: float = math.inf
    among: Bools | None = None


@dataclass(frozen=True)
class Partition:
    """The best partition found. ``chosen`` = rows of the columns, empty where there is none."""

    chosen: Int64
    value: float
    bound: float
    gap: float
    """(bound - value) / bound."""
    status: Status
    seconds: float
    prices: Float64
    """Prices of the items, then of the limits, that prove ``root_bound``."""
    root_bound: float
    """Bound of the linear programme."""


def best_partition(
    columns: Columns,
    cost: Float64,
    *,
    limits: Sequence[Limit] = (),
    time_limit: float = 60.0,
    stop: Stop | None = None,
    start: Int64 | None = None,
) -> Partition:
    """Return the partition of greatest total ``cost`` (a gain) under the limits.

    ``start`` = rows of a partition known already. Stopped by time or by ``stop``, the
    answer is the best found and a bound that holds.
    """
    search = _Search(columns, np.asarray(cost, dtype=np.float64), limits, time_limit, stop)
    if start is not None:
        search.offer(start)
    return search.run()


def gap_of(value: float, bound: float) -> float:
    """Return (bound - value) / bound, 0 where there is nothing to gain."""
    return max(0.0, (bound - value) / bound) if bound > 0 else 0.0


@dataclass
class _Search:
    columns: Columns
    cost: Float64
    limits: Sequence[Limit]
    time_limit: float
    stop: Stop | None
    chosen: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    value: float = -math.inf

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        self.scale = max(1e-12, float(np.abs(self.cost).max(initial=0.0)))
        self.prices = np.zeros(self.columns.items + len(self.limits))
        self.root_bound = math.inf

    def run(self) -> Partition:
        if self.columns.items == 0:
            return self.answer("optimal", 0.0)
        rows = _Generation(self).run()
        if rows is None:
            return self.answer("infeasible", -math.inf)
        reduced = self.reduced(self.cost, self.prices)
        bound = self.close(rows, reduced)
        if bound == -math.inf:
            return self.answer("infeasible", bound)
        done = math.isfinite(self.value) and bound <= self.value + self.scale * _CLOSE * 10
        return self.answer("optimal" if done else "stopped", bound)

    def answer(self, status: Status, bound: float) -> Partition:
        value = self.value if math.isfinite(self.value) else 0.0
        if status == "optimal" and self.columns.items:
            bound = value
        bound = max(bound, value) if math.isfinite(self.value) else bound
        seconds = time.perf_counter() - self.began
        gap = gap_of(value, bound) if math.isfinite(bound) else 1.0
        root = max(self.root_bound, bound)
        return Partition(self.chosen, value, bound, gap, status, seconds, self.prices, root)

    def left(self) -> float:
        """Seconds left; 0 once a stop was asked for."""
        if self.stop is not None and self.stop():
            return 0.0
        return max(0.0, self.time_limit - (time.perf_counter() - self.began))

    def offer(self, rows: Int64) -> None:
        """Take a partition if it is better than the best."""
        value = float(self.cost[rows].sum())
        if value > self.value:
            self.chosen, self.value = np.sort(rows).astype(np.int64), value

    def reduced(self, cost: Float64, prices: Float64) -> Float64:
        """Return by how much each column is worth more than its items (and limits) cost."""
        items = self.columns.items
        by_item = np.append(prices[:items], 0.0)
        found = np.empty(self.columns.count)
        for first in range(0, len(found), _BLOCK):
            part = slice(first, first + _BLOCK)
            found[part] = cost[part] - by_item[self.columns.members[part]].sum(axis=1)
        for limit, price in zip(self.limits, prices[items:], strict=True):
            if price != 0.0:
                found -= price if limit.among is None else price * limit.among
        return found

    def close(self, rows: Int64, reduced: Float64) -> float:
        """Solve whole-number programmes on ever more columns; return the bound reached."""
        margin = self.scale * 1e-9
        if not math.isfinite(self.value) and self.left() > 0:
            self.whole(rows, 0.5)
        order: Int64 | None = None
        size = _SOLVED_AT_ONCE
        while self.left() > 0:
            budget = self.root_bound - self.value
            if budget <= margin:
                return self.value
            if math.isfinite(budget):
                kept = np.flatnonzero(reduced >= -budget - margin)
            else:
                kept = np.arange(len(reduced))
            if len(kept) <= size:
                # Rows of the value found must be there, or the programme may end below it.
                return self.whole(kept, 1.0)
            if order is None:
                order = np.argsort(-reduced, kind="stable")
            part = order[:size]
            outside = self.root_bound + float(reduced[order[size]])
            before = self.value
            bound = max(self.whole(part, 0.5), outside)
            if math.isfinite(self.value) and bound <= self.value + margin:
                return max(bound, self.value)
            if self.value <= before:
                size *= 4
        return self.root_bound

    def whole(self, rows: Int64, share: float) -> float:
        """Solve the whole-number programme on some columns; return its bound.

        The bound is -inf where those columns hold no partition at all.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        matrix, low, high = self.programme(rows)
        result = milp(
            c=-self.cost[rows] / self.scale,
            integrality=np.ones(len(rows)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, low, high),
            options={"time_limit": max(0.05, self.left() * share), "mip_rel_gap": 0.0},
        )
        if result.x is not None:
            self.offer(rows[np.asarray(result.x) > 0.5])
        if result.status == 2:
            return self.value
        bound = -float(result.mip_dual_bound) * self.scale if _known(result) else self.root_bound
        if result.status == 0:
            return self.value
        return min(self.root_bound, max(bound, self.value))

    def programme(self, rows: Int64) -> tuple[Any, Float64, Float64]:
        """Return the constraint matrix of some columns with its lower and upper sides."""
        from scipy.sparse import csc_array

        items = self.columns.items
        members = self.columns.members[rows]
        place, item = np.nonzero(members >= 0)
        line = [members[place, item].astype(np.int64)]
        column = [place]
        for number, limit in enumerate(self.limits):
            among = (
                np.arange(len(rows)) if limit.among is None else np.flatnonzero(limit.among[rows])
            )
            line.append(np.full(len(among), items + number))
            column.append(among)
        lines, columns = np.concatenate(line), np.concatenate(column)
        shape = (items + len(self.limits), len(rows))
        matrix = csc_array((np.ones(len(lines)), (lines, columns)), shape=shape)
        low = np.array([1.0] * items + [limit.least for limit in self.limits])
        high = np.array([1.0] * items + [limit.most for limit in self.limits])
        return matrix, low, high


def _known(result: Any) -> bool:
    bound = result.mip_dual_bound
    return bound is not None and math.isfinite(float(bound))


class _Generation:
    """Column generation: which columns the linear programme needs, and its prices."""

    def __init__(self, search: _Search) -> None:
        self.search = search
        self.columns = search.columns
        self.held = np.zeros(self.columns.count, dtype=np.bool_)
        sizes = (self.columns.members >= 0).sum(axis=1)
        self.smallest = max(1, int(sizes.min(initial=self.columns.items)))

    def run(self) -> Int64 | None:
        """Return rows of columns that hold the optimum; None where none can exist.

        Sets the search's prices and root bound, which hold too when time runs out.
        """
        search, columns = self.search, self.columns
        if columns.count == 0 or not _all_covered(columns):
            return None
        self.hold_first()
        if not self.priced(search.cost / search.scale, penalty=20.0) and search.left() > 0:
            # Some item stays uncovered at this price of doing so: prove that it must.
            zero = np.zeros(columns.count)
            if not self.priced(zero, penalty=1.0):
                return None if search.left() > 0 else np.flatnonzero(self.held)
            self.priced(search.cost / search.scale, penalty=1e5)
        return np.flatnonzero(self.held)

    def hold_first(self) -> None:
        columns, cost = self.columns, self.search.cost
        if columns.count <= _FEW:
            self.held[:] = True
            return
        worth = cost / (columns.members >= 0).sum(axis=1)
        self.take_best(worth, 15)
        if self.search.chosen.size:
            self.held[self.search.chosen] = True

    def take_best(self, worth: Float64, each: int) -> None:
        """Hold the best columns, and of those the best few of each item."""
        many = min(len(worth), 200 * self.columns.items)
        best = np.argpartition(-worth, many - 1)[:many]
        best = best[np.argsort(-worth[best], kind="stable")]
        members = self.columns.members[best]
        taken = np.zeros(len(best), dtype=np.bool_)
        for item in range(self.columns.items):
            with_item = np.flatnonzero((members == item).any(axis=1))
            taken[with_item[:each]] = True
        self.held[best[taken]] = True

    def priced(self, cost: Float64, penalty: float) -> bool:
        """Generate until no column is worth more than its price; False = not all covered."""
        search = self.search
        proper = bool(cost.any()) or not search.cost.any()
        while True:
            rows = np.flatnonzero(self.held)
            prices, uncovered = self.solve(rows, cost, penalty)
            reduced = search.reduced(cost, prices)
            best = float(reduced.max(initial=0.0))
            if proper:
                self.note(prices, best)
            new = (reduced > 1e-9) & ~self.held
            if best <= 1e-9 or not new.any():
                return uncovered <= 1e-7
            if search.left() <= 0:
                return uncovered <= 1e-7
            reduced[self.held | ~new] = -np.inf
            count = int(new.sum())
            if count <= 200:
                self.held |= new
            else:
                self.take_best_new(reduced, new)

    def take_best_new(self, reduced: Float64, new: Bools) -> None:
        rows = np.flatnonzero(new)
        many = min(len(rows), 100 * self.columns.items)
        best = rows[np.argpartition(-reduced[rows], many - 1)[:many]]
        best = best[np.argsort(-reduced[best], kind="stable")]
        members = self.columns.members[best]
        taken = np.zeros(len(best), dtype=np.bool_)
        for item in range(self.columns.items):
            taken[np.flatnonzero((members == item).any(axis=1))[:12]] = True
        self.held[best[taken]] = True

    def note(self, prices: Float64, best: float) -> None:
        """Keep the prices if their bound is the best so far.

        What the best column is worth over its price is spread over the items first, so
        that no column is worth more than its price and the bound is proven.
        """
        search, items = self.search, self.columns.items
        prices = prices * search.scale
        prices[:items] += max(0.0, best) * search.scale / self.smallest
        bound = _sum_of_prices(prices, items, search.limits)
        if bound < search.root_bound:
            search.root_bound, search.prices = bound, prices

    def solve(self, rows: Int64, cost: Float64, penalty: float) -> tuple[Float64, float]:
        """Solve the programme on some columns; return the prices and how much is uncovered."""
        from scipy.optimize import linprog
        from scipy.sparse import eye_array, hstack, vstack

        items, limits = self.columns.items, self.search.limits
        matrix, low, high = self.search.programme(rows)
        # Each item may stay uncovered and each least number be missed, at a penalty: the
        # columns held so far need not hold a partition.
        short = eye_array(items + len(limits), format="csc")
        equal = hstack([matrix, short], format="csc")[:items]
        above, below = np.isfinite(high[items:]), low[items:] > 0
        sides = [
            hstack([matrix, 0 * short], format="csc")[items:][above],
            -hstack([matrix, short], format="csc")[items:][below],
        ]
        right = np.concatenate([high[items:][above], -low[items:][below]])
        gains = np.concatenate([cost[rows], np.full(items + len(limits), -penalty)])
        bounded = len(right) > 0
        result = linprog(
            -gains,
            A_ub=vstack(sides, format="csc") if bounded else None,
            b_ub=right if bounded else None,
            A_eq=equal,
            b_eq=np.ones(items),
            bounds=(0, None),
            method="highs",
        )
        if result.x is None:
            raise ArithmeticError(f"the linear programme ended with status {result.status}")
        prices = np.zeros(items + len(limits))
        prices[:items] = -np.asarray(result.eqlin.marginals)
        if bounded:
            dual = -np.asarray(result.ineqlin.marginals)
            count = int(above.sum())
            prices[items:][above] += dual[:count]
            prices[items:][below] -= dual[count:]
        return prices, float(np.asarray(result.x)[len(rows) :].sum())


def _sum_of_prices(prices: Float64, items: int, limits: Sequence[Limit]) -> float:
    """Return what prices prove: their sum, with each limit at its dearer end."""
    total = float(prices[:items].sum())
    for limit, price in zip(limits, prices[items:], strict=True):
        if price != 0.0:
            total += price * (limit.most if price > 0 else limit.least)
    return total


def _all_covered(columns: Columns) -> bool:
    seen = np.zeros(columns.items + 1, dtype=np.bool_)
    seen[columns.members.ravel()] = True
    return bool(seen[: columns.items].all())

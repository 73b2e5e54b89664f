"""Set partition: disjoint sets, each with a value, that cover every item, of greatest value.

The linear programme over all columns is solved by column generation: a small
programme gives a price to each item, all columns are priced at once, and those
worth more than their items cost enter. At its end the prices prove a bound, and
a column that falls short of its price by more than bound less best plan cannot be
part of a better one. What is left is tightened by cuts (module ``cuts``) and goes to
HiGHS as a whole-number programme.
Barnhart, Johnson, Nemhauser, Savelsbergh & Vance, Operations Research 1998;46:316.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from hamlets.optimise.cuts import Cuts
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.generation import Generation
from hamlets.optimise.quiet import quiet
from hamlets.optimise.relaxed import solve_relaxed
from hamlets.optimise.sets import (
    Columns,
    Float64,
    Int64,
    Limit,
    programme,
    reduced_gains,
    whole_counts,
)

Status = Literal["optimal", "gap", "stopped", "infeasible"]
"""gap = ended at the gap that was good enough."""

_SOLVED_AT_ONCE = 15_000
_CUT_ROUNDS = 40
_SECONDS_FOR_FIRST = 2.0
_CLOSE = 1e-9


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
    root_bound: float
    """Bound of the linear programme alone."""
    ceiling: Float64
    """Of each column: no partition that holds it comes to more."""
    held: Int64
    """Rows of columns in the linear programme, to begin another one with."""


def best_partition(
    columns: Columns,
    cost: Float64,
    *,
    limits: Sequence[Limit] = (),
    deadline: Deadline | None = None,
    start: Int64 | None = None,
    held: Int64 | None = None,
    good_enough: float = 0.0,
) -> Partition:
    """Return the partition of greatest total ``cost`` (a gain) under the limits.

    ``deadline``: by default after a minute. ``start`` = rows of a partition known already;
    ``held`` = of columns to begin the linear programme with. Ended early, by the deadline or
    at a gap of ``good_enough``, the answer is the best found and a bound that holds.
    """
    limits = (*limits, *whole_counts(columns))
    gain = np.asarray(cost, dtype=np.float64)
    search = _Search(columns, gain, limits, deadline or Deadline(60.0), good_enough)
    if start is not None:
        search.offer(start)
    if held is not None:
        search.held = held
    return search.run()


@dataclass(frozen=True)
class Shared:
    """The best partition when sets may be taken in parts."""

    part: Float64
    """Of each column."""
    bound: float
    ceiling: Float64
    """Of each column: no partition that holds it comes to more."""
    held: Int64


def shared_partition(
    columns: Columns,
    cost: Float64,
    *,
    limits: Sequence[Limit] = (),
    deadline: Deadline | None = None,
    held: Int64 | None = None,
) -> Shared:
    """Return the relaxation of ``best_partition``: quicker, and its bound is a little higher.

    Where there is no partition the bound is -inf.
    """
    limits = (*limits, *whole_counts(columns))
    scale = max(1e-12, float(np.abs(cost).max(initial=0.0)))
    left = (deadline or Deadline(60.0)).left
    begin = np.empty(0, dtype=np.int64) if held is None else held
    generation = Generation(columns, limits, cost / scale, left, begin)
    rows = generation.run()
    part = np.zeros(columns.count)
    if rows is None:
        return Shared(part, -math.inf, np.full(columns.count, -math.inf), begin)
    part[generation.rows] = generation.part
    bound = generation.bound * scale
    reduced = reduced_gains(columns, limits, cost, generation.prices * scale)
    return Shared(part, bound, reduced + bound, rows)


def gap_of(value: float, bound: float) -> float:
    """Return (bound - value) / bound, 0 where there is nothing to gain."""
    return max(0.0, (bound - value) / bound) if bound > 0 else 0.0


@dataclass
class _Search:
    columns: Columns
    cost: Float64
    limits: Sequence[Limit]
    deadline: Deadline
    good_enough: float
    chosen: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    held: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    value: float = -math.inf

    def __post_init__(self) -> None:
        self.began = self.deadline.taken()
        self.scale = max(1e-12, float(np.abs(self.cost).max(initial=0.0)))
        self.root_bound = math.inf
        self.ceiling = np.full(self.columns.count, -math.inf)

    def run(self) -> Partition:
        if self.columns.items == 0:
            return self.answer("optimal", 0.0)
        gain = self.cost / self.scale
        begin = np.concatenate([self.chosen, self.held])
        generation = Generation(self.columns, self.limits, gain, self.left, begin)
        rows = generation.run()
        if rows is None:
            return self.answer("infeasible", -math.inf)
        self.held = rows
        self.root_bound = generation.bound * self.scale
        prices = generation.prices * self.scale
        reduced = reduced_gains(self.columns, self.limits, self.cost, prices)
        self.ceiling = reduced + self.root_bound
        bound = self.close(rows, reduced)
        if bound == -math.inf:
            return self.answer("infeasible", bound)
        done = math.isfinite(self.value) and bound <= self.value + self.scale * _CLOSE * 10
        short: Status = "gap" if self.enough(bound) else "stopped"
        return self.answer("optimal" if done else short, bound)

    def answer(self, status: Status, bound: float) -> Partition:
        value = self.value if math.isfinite(self.value) else 0.0
        if status == "optimal" and self.columns.items:
            bound = value
        bound = max(bound, value) if math.isfinite(self.value) else bound
        seconds = self.deadline.taken() - self.began
        gap = gap_of(value, bound) if math.isfinite(bound) else 1.0
        root = max(self.root_bound, bound)
        return Partition(
            self.chosen, value, bound, gap, status, seconds, root, self.ceiling, self.held
        )

    def left(self) -> float:
        """Seconds left; 0 once a stop was asked for."""
        return self.deadline.left()

    def offer(self, rows: Int64) -> None:
        """Take a partition if it is better than the best."""
        value = float(self.cost[rows].sum())
        if value > self.value:
            self.chosen, self.value = np.sort(rows).astype(np.int64), value

    def enough(self, bound: float) -> bool:
        """Return whether a bound is as near to the best as was asked for."""
        return self.good_enough > 0 and bound - self.value <= self.good_enough * abs(bound)

    def close(self, rows: Int64, reduced: Float64) -> float:
        """Solve whole-number programmes on ever more columns; return the bound reached."""
        margin = self.scale * _CLOSE
        if not math.isfinite(self.value):
            self.whole(rows, 0.5, rough=0.01)
        order: Int64 | None = None
        size = _SOLVED_AT_ONCE
        while self.left() > 0:
            budget = self.root_bound - self.value
            if budget <= margin:
                return self.value
            if self.enough(self.root_bound):
                break
            if math.isfinite(budget):
                kept = np.flatnonzero(reduced >= -budget - margin)
            else:
                kept = np.arange(len(reduced))
            if len(kept) <= size:
                return self.cut_and_solve(kept)
            # Most that a partition with a column left out here could come to.
            order = np.argsort(-reduced, kind="stable") if order is None else order
            outside = self.root_bound + float(reduced[order[size]])
            before = self.value
            bound = max(self.cut_and_solve(order[:size]), outside)
            if math.isfinite(self.value) and bound <= self.value + margin:
                return max(bound, self.value)
            if self.value <= before:
                size *= 4
        return self.root_bound

    def cut_and_solve(self, rows: Int64) -> float:
        """Return the bound of the partitions within some columns, tightened by cuts."""
        cuts = Cuts(self.columns.members[rows], self.columns.items)
        matrix, low, high = programme(self.columns, self.limits, rows)
        gain = self.cost[rows] / self.scale
        kept = np.arange(len(rows))
        bound = self.root_bound
        for _ in range(_CUT_ROUNDS):
            if self.left() <= 0 or not len(kept):
                break
            solved = solve_relaxed(gain[kept], matrix[:, kept], low, high, cuts.matrix(kept))
            if solved is None:
                # The columns that a better partition needs hold none.
                return self.value
            x, reduced = solved.x, solved.reduced
            bound = min(bound, solved.value * self.scale)
            if np.abs(x - np.round(x)).max(initial=0.0) < 1e-7:
                self.offer(rows[kept[x > 0.5]])
            if bound <= self.value + self.scale * _CLOSE:
                return self.value
            if self.enough(bound):
                return bound
            if math.isfinite(self.value):
                still = reduced >= -(bound - self.value) / self.scale - _CLOSE
            else:
                still = np.ones(len(kept), dtype=np.bool_)
            new = cuts.separate(kept, x)
            kept = kept[still]
            if not new:
                break
        if self.left() <= 0:
            return max(bound, self.value)
        whole = self.whole(rows[kept], 1.0, self.good_enough, cuts.matrix(kept))
        return min(max(bound, self.value), whole)

    def whole(
        self, rows: Int64, share: float, rough: float = 0.0, cuts: Any | None = None
    ) -> float:
        """Solve the whole-number programme on some columns; return its bound.

        The bound is the value of the best partition where those columns hold no better.
        """
        from scipy.optimize import Bounds, milp

        if not len(rows):
            return self.value
        # A run without any partition yet is given time to find one, even when stopped.
        seconds = 0.05 if math.isfinite(self.value) else _SECONDS_FOR_FIRST
        matrix, low, high = programme(self.columns, self.limits, rows)
        constraints = [_between(matrix, low, high)]
        if cuts is not None and cuts.shape[0]:
            constraints.append(_between(cuts, -np.inf, 1.0))
        with quiet():
            result = milp(
                c=-self.cost[rows] / self.scale,
                integrality=np.ones(len(rows)),
                bounds=Bounds(0, 1),
                constraints=constraints,
                options={"time_limit": max(seconds, self.left() * share), "mip_rel_gap": rough},
            )
        if result.x is not None:
            self.offer(rows[np.asarray(result.x) > 0.5])
        if result.status == 2:
            return self.value
        bound = -float(result.mip_dual_bound) * self.scale if _known(result) else self.root_bound
        if result.status == 0 and rough == 0.0:
            return self.value
        return min(self.root_bound, max(bound, self.value))


def _between(matrix: Any, low: Any, high: Any) -> Any:
    from scipy.optimize import LinearConstraint

    return LinearConstraint(matrix, low, high)


def _known(result: Any) -> bool:
    bound = result.mip_dual_bound
    return bound is not None and math.isfinite(float(bound))

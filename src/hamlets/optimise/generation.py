"""Column generation: the sets that the relaxation of a partition needs, and its prices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from hamlets.optimise.relaxed import solve_relaxed
from hamlets.optimise.sets import (
    Bools,
    Columns,
    Float64,
    Int64,
    Limit,
    all_covered,
    programme,
    reduced_gains,
    sum_of_prices,
)

_FEW = 3_000
"""So many columns are cheaper to hold in the programme than to price."""


class Generation:
    """Column generation: which columns the linear programme needs, and its prices."""

    def __init__(
        self,
        columns: Columns,
        limits: Sequence[Limit],
        gain: Float64,
        left: Callable[[], float],
        start: Int64,
    ) -> None:
        self.columns, self.limits, self.gain, self.left = columns, limits, gain, left
        self.start = start
        self.prices = np.zeros(columns.items + len(limits))
        self.bound = math.inf
        self.rows = np.empty(0, dtype=np.int64)
        self.part = np.empty(0)
        """Columns last held, and how much of each was taken."""
        self.held = np.zeros(self.columns.count, dtype=np.bool_)
        sizes = (self.columns.members >= 0).sum(axis=1)
        self.smallest = max(1, int(sizes.min(initial=self.columns.items)))

    def run(self) -> Int64 | None:
        """Return rows of columns that hold the optimum; None where none can exist.

        Sets the prices and the bound they prove, which holds too when time runs out.
        """
        columns, left = self.columns, self.left
        if columns.count == 0 or not all_covered(columns):
            return None
        self.hold_first()
        if not self.priced(self.gain, penalty=20.0) and left() > 0:
            # Some item stays uncovered at this price of doing so: prove that it must.
            zero = np.zeros(columns.count)
            if not self.priced(zero, penalty=1.0):
                return None if left() > 0 else np.flatnonzero(self.held)
            self.priced(self.gain, penalty=1e5)
        return np.flatnonzero(self.held)

    def hold_first(self) -> None:
        columns, gain = self.columns, self.gain
        if columns.count <= _FEW:
            self.held[:] = True
            return
        worth = gain / (columns.members >= 0).sum(axis=1)
        self.take_best(worth, 15)
        self.held[self.start] = True

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
        proper = bool(cost.any()) or not self.gain.any()
        while True:
            rows = np.flatnonzero(self.held)
            prices, uncovered = self.solve(rows, cost, penalty)
            reduced = reduced_gains(self.columns, self.limits, cost, prices)
            best = float(reduced.max(initial=0.0))
            if proper:
                self.note(prices, best)
            new = (reduced > 1e-9) & ~self.held
            if best <= 1e-9 or not new.any():
                return uncovered <= 1e-7
            # Stopped: on until the columns held can cover all, for there to be some plan.
            if self.left() <= 0 and (uncovered <= 1e-7 or not proper):
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
        items = self.columns.items
        prices = prices.copy()
        prices[:items] += max(0.0, best) / self.smallest
        bound = sum_of_prices(prices, items, self.limits)
        if bound < self.bound:
            self.bound, self.prices = bound, prices

    def solve(self, rows: Int64, cost: Float64, penalty: float) -> tuple[Float64, float]:
        """Solve the programme on some columns; return the prices and how much is uncovered."""
        from scipy.sparse import eye_array, hstack

        matrix, low, high = programme(self.columns, self.limits, rows)
        # Each item may stay uncovered and each least number be missed, at a penalty: the
        # columns held so far need not hold a partition.
        wide = hstack([matrix, eye_array(len(low))], format="csc")
        gain = np.concatenate([cost[rows], np.full(len(low), -penalty)])
        solved = solve_relaxed(gain, wide, low, high)
        if solved is None:
            # Then a most is below 0: no column at all may be chosen.
            return np.zeros(len(low)), 1.0
        self.rows, self.part = rows, solved.x[: len(rows)]
        return solved.prices, float(solved.x[len(rows) :].sum())

"""The certificate of a formation: the best partition when each unit goes to its best team.

Two column costs first: what follows the anchors is a plan, what others could add is a
bound. Then the thresholds of the bound (module ``retained``) move to where the plans
that attain it use them, which brings the bound down (a subgradient method with Polyak's
step). For few GPs every partition that the bound still allows is at last looked at.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hamlets.optimise.partition import Limit, Partition, best_partition
from hamlets.teams.inputs import Float64, Int64
from hamlets.teams.retained import Retained

_ROUNDS = 60
_MOST_LISTED = 400_000
"""Partitions that the bound may leave to look at."""
_MOST_GPS_LISTED = 24
_CLOSE = 1e-9


@dataclass(frozen=True)
class Bounded:
    """The best partition found and a bound on what any retains, in weighted contacts."""

    chosen: Int64
    value: float
    bound: float
    status: str
    """optimal, gap, stopped or infeasible."""
    two_cost_gap: float
    """Gap of the two column costs alone, before the thresholds moved."""


class Bounding:
    """One run: the best partition so far, the lowest bound so far, the time left."""

    def __init__(
        self,
        retained: Retained,
        limits: Sequence[Limit],
        time_limit: float,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.retained, self.limits, self.stop = retained, limits, stop
        self.time_limit, self.began = time_limit, time.perf_counter()
        self.following = retained.following()
        self.chosen = np.empty(0, dtype=np.int64)
        self.value = -math.inf
        self.bound = math.inf
        self.stopped = False

    def run(self, good_enough: float) -> Bounded:
        """Return the best partition and bound; end once the gap is ``good_enough``."""
        first = self.solve(self.following)
        if first.status == "infeasible":
            return Bounded(self.chosen, 0.0, -math.inf, "infeasible", 0.0)
        self.tighten(self.retained.threshold, final=True)
        two_cost_gap = self.gap()
        if len(self.retained.open):
            self.move_thresholds(good_enough)
        status = "optimal" if self.gap() <= _CLOSE else "stopped" if self.stopped else "gap"
        if status == "optimal":
            self.bound = self.value
        return Bounded(self.chosen, self.value, self.bound, status, two_cost_gap)

    def left(self) -> float:
        """Seconds left; 0 once a stop was asked for."""
        if self.stop is not None and self.stop():
            self.stopped = True
            return 0.0
        left = max(0.0, self.time_limit - (time.perf_counter() - self.began))
        self.stopped |= left == 0.0
        return left

    def gap(self) -> float:
        """Return the gap so far."""
        if not math.isfinite(self.bound) or self.bound <= 0:
            return 0.0 if self.bound <= self.value else 1.0
        return max(0.0, (self.bound - self.value) / self.bound)

    def offer(self, chosen: Int64) -> float:
        """Take a partition if it retains more than the best; return what it retains."""
        value = self.retained.value(chosen, self.following)
        if value > self.value:
            self.chosen, self.value = chosen, value
        return value

    def solve(self, cost: Float64) -> Partition:
        """Return the best partition under some numbers, and offer it."""
        found = best_partition(
            self.retained.columns,
            cost,
            limits=self.limits,
            time_limit=self.left(),
            stop=self.stop,
            start=self.chosen if self.chosen.size else None,
        )
        if found.chosen.size:
            self.offer(found.chosen)
        return found

    def tighten(self, threshold: Float64, final: bool = False) -> tuple[Partition, float]:
        """Solve under thresholds; return the partition and its bound (constant included)."""
        cost, constant = self.retained.bounding(threshold)
        found = self.solve(cost)
        bound = found.bound + constant
        self.bound = min(self.bound, bound)
        return found, bound

    def move_thresholds(self, good_enough: float) -> None:
        """Lower the bound by moving each open unit's threshold."""
        retained = self.retained
        threshold, best = retained.threshold.copy(), self.bound
        kept = threshold.copy()
        two = np.zeros(2 * len(threshold))
        step, stale = 1.0, 0
        for _ in range(_ROUNDS):
            if self.gap() <= good_enough or self.left() <= 0:
                return
            found, bound = self.tighten(threshold)
            if bound < best - _CLOSE * abs(best):
                best, kept, stale = bound, threshold.copy(), 0
            else:
                stale += 1
                if stale >= 3:
                    step, stale = step / 2, 0
            if not found.chosen.size or step < 0.05:
                return
            retained.value(found.chosen, self.following, two)
            most, second = two[::2], two[1::2]
            slope = np.where(threshold < second, -1.0, np.where(threshold > most, 1.0, 0.0))
            size = float((slope * slope).sum())
            if size == 0.0:
                return
            length = step * max(bound - self.value, 0.0) / size
            moved = threshold - length * slope
            # No further than where the slope ends for this partition.
            moved = np.where(slope < 0, np.minimum(moved, second), moved)
            threshold = np.where(slope > 0, np.maximum(moved, most), moved)
            retained.threshold = kept

"""The certificate of a formation: the best partition when each unit goes to its best team.

Two column costs first: what follows the anchors is a plan, what others could add is a
bound. Then the thresholds of the bound (module ``retained``) move to where the plans
that attain it use them, which brings the bound down (a subgradient method with Polyak's
step). For few GPs every partition that the bound still allows is at last looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import Limit, Partition, best_partition
from hamlets.teams.inputs import Float64, Int64
from hamlets.teams.listing import MOST_GPS, list_partitions
from hamlets.teams.retained import Retained

_ROUNDS = 60
_MOST_LISTED = 400_000
"""Partitions that the bound may leave to look at."""
_LEAST_STEP = 0.05
_PATIENCE, _STALLED = 4, 0.97
"""End when so many rounds leave more than this part of the gap."""
_CLOSE = 1e-9
_SHARE = 0.25
_NONE = np.empty(0, dtype=np.int64)


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
    ceiling: Float64
    """Of each candidate: what no partition that holds it can exceed."""
    threshold: Float64
    """Of each unit: the price at which the bound was lowest."""
    held: Int64
    """Candidates to begin the next search with."""


class Bounding:
    """One run: the best partition so far, the lowest bound so far, the time left."""

    def __init__(
        self,
        retained: Retained,
        limits: Sequence[Limit],
        deadline: Deadline,
        start: Int64 = _NONE,
        held: Int64 = _NONE,
    ) -> None:
        self.retained, self.limits, self.deadline = retained, limits, deadline
        self.chosen, self.held = start, held
        self.value = retained.value(start) if start.size else -math.inf
        self.bound = math.inf
        self.ceiling = np.full(retained.columns.count, math.inf)

    def run(self, good_enough: float) -> Bounded:
        """Return the best partition and bound; end once the gap is ``good_enough``."""
        first = self.solve(self.retained.following(), good_enough)
        if first.status == "infeasible":
            return Bounded(
                self.chosen, 0.0, -math.inf, "infeasible", 0.0, self.ceiling, np.empty(0), _NONE
            )
        two_cost_gap = self.move_thresholds(good_enough)
        if self.gap() > good_enough:
            self.list_rest()
        done = self.gap() <= _CLOSE
        status = "optimal" if done else "stopped" if self.deadline.passed else "gap"
        bound = self.value if done else self.bound
        return Bounded(
            self.chosen, self.value, bound, status, two_cost_gap, self.ceiling,
            self.retained.prices(), self.held,
        )  # fmt: skip

    def gap(self) -> float:
        """Return the gap so far."""
        if not math.isfinite(self.bound) or self.bound <= 0:
            return 0.0 if self.bound <= self.value else 1.0
        return max(0.0, (self.bound - self.value) / self.bound)

    def offer(self, chosen: Int64) -> float:
        """Take a partition if it retains more than the best; return what it retains."""
        value = self.retained.value(chosen)
        if value > self.value:
            self.chosen, self.value = chosen, value
        return value

    def solve(self, cost: Float64, good_enough: float) -> Partition:
        """Return the best partition under some numbers, and offer it.

        A quarter of the gap that will do may be left to the search for it.
        """
        found = best_partition(
            self.retained.columns,
            cost,
            limits=self.limits,
            deadline=self.deadline,
            start=self.chosen if self.chosen.size else None,
            held=self.held,
            good_enough=good_enough * _SHARE,
        )
        self.held = found.held
        if found.chosen.size:
            self.offer(found.chosen)
        return found

    def tighten(self, threshold: Float64, good_enough: float) -> tuple[Partition, float]:
        """Solve under thresholds; return the partition and its bound (constant included)."""
        cost, constant = self.retained.bounding(threshold)
        found = self.solve(cost, good_enough)
        bound = found.bound + constant
        np.minimum(self.ceiling, found.ceiling + constant, out=self.ceiling)
        self.bound = min(self.bound, bound)
        return found, bound

    def move_thresholds(self, good_enough: float) -> float:
        """Lower the bound by moving each open unit's threshold; return the first gap."""
        retained = self.retained
        threshold, best, first_gap = retained.threshold.copy(), math.inf, 1.0
        two = np.zeros(2 * len(threshold))
        step, stale = 1.0, 0
        gaps: list[float] = []
        for number in range(_ROUNDS):
            found, bound = self.tighten(threshold, good_enough)
            if number == 0:
                first_gap = self.gap()
            if bound < best - 1e-5 * abs(best):
                best, retained.threshold, stale = bound, threshold.copy(), 0
            else:
                stale += 1
                if stale >= 3:
                    step, stale = step / 2, 0
            if self.gap() <= good_enough or step < _LEAST_STEP or not found.chosen.size:
                break
            gaps.append(self.gap())
            if len(gaps) > _PATIENCE and gaps[-1] > _STALLED * gaps[-1 - _PATIENCE]:
                break
            if self.deadline.over():
                break
            retained.value(found.chosen, two)
            moved = _moved(threshold, two, step * (bound - self.value))
            if moved is None:
                break
            threshold = moved
        return first_gap

    def list_rest(self) -> None:
        """Look at every partition that the bound allows, if they are not too many."""
        retained = self.retained
        if retained.columns.items > MOST_GPS or self.deadline.over():
            return
        cost, constant = retained.bounding()
        most = min((limit.most for limit in self.limits if limit.among is None), default=math.inf)
        floor = self.value - constant
        floor += _CLOSE * abs(self.value)
        listed = list_partitions(retained.columns, cost, floor, most, _MOST_LISTED)
        if listed is None:
            return
        for rows, total in zip(*listed, strict=True):
            if total + constant <= self.value:
                break
            chosen = rows[rows >= 0]
            if all(limit.allows(chosen) for limit in self.limits):
                self.offer(chosen)
            if self.deadline.over():
                # Greatest first: none of those not looked at retains more than this one may.
                self.bound = max(self.value, min(self.bound, float(total) + constant))
                return
        self.bound = self.value


def _moved(threshold: Float64, two: Float64, length: float) -> Float64 | None:
    """Return thresholds a step on, no further than where the partition's slope ends.

    A partition counts a unit once too often where its second team is above the threshold,
    and the threshold alone where no team is. None where neither is.
    """
    most, second = two[::2], two[1::2]
    up, down = threshold < second, threshold > most
    moving = int(up.sum() + down.sum())
    if not moving:
        return None
    by = max(length, 0.0) / moving
    moved = np.where(up, np.minimum(threshold + by, second), threshold)
    return np.where(down, np.maximum(moved - by, most), moved)

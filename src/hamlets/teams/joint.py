"""The certificate with the band of work in it: teams chosen by what they can hold in balance.

Each unit may be in one team only. That rule is priced (h, of each unit); what is left falls
apart into one knapsack for each candidate team (module ``filling``), so

    best plan <= sum of h + best partition under what each candidate can make at h

for any h. At the prices of the best lists for some teams the bound is tight for these
teams. It is lowered by moving the prices of units that several of the best teams take, or
that none does (a subgradient method with Polyak's step); for few GPs, every partition that
it still allows is at last tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hamlets.optimise.assignment import Task, bound_of
from hamlets.optimise.partition import best_partition
from hamlets.teams.allocation import Placing, Team, team_task
from hamlets.teams.columns import Candidates
from hamlets.teams.filling import Sight, fill, sight_of, taken
from hamlets.teams.inputs import Float64, Int64
from hamlets.teams.listing import MOST_GPS, best_of_few, list_partitions
from hamlets.teams.units import gather_units

_ROUNDS = 25
_MOST_WORK = 600_000_000
"""Candidates x units beyond which the band is left out of the bound."""
_BY_TABLE = 16
"""GPs up to which the best partition is looked up in a table of all their sets."""
_FEW, _LISTED = 250, 3_000
"""Partitions that the bound may leave to be tried one by one: at once, and in the end."""
_PATIENCE, _STALLED, _LEAST_STEP = 5, 0.985, 0.05

Left = Callable[[], float]
Offer = Callable[[tuple[Team, ...]], float]
"""Makes the plan of some teams; returns what the best plan so far retains."""


@dataclass
class Joint:
    """One practice at one price of a move: the lowest bound so far."""

    placing: Placing
    candidates: Candidates
    keep: float
    left: Left

    def __post_init__(self) -> None:
        inputs, model, gps = self.placing.inputs, self.placing.model, self.candidates.gps
        self.units = gather_units(inputs, model, gps, self.keep)
        self.sight: Sight = sight_of(self.units, len(gps))
        task = team_task(self.placing, [tuple(gps.tolist())], pulls=False)
        self.mean = float(task.work.mean())
        self.work: Float64 = task.work / self.mean
        capacity = inputs.clinicians.capacity_minutes[gps]
        members = self.candidates.columns.members
        share = np.append(capacity, 0.0)[members].sum(axis=1) / capacity.sum()
        band = model.band_percent / 100
        fair = share * self.work.sum()
        self.low, self.high = fair * (1 - band), fair * (1 + band)
        held = self.placing.held
        self.constant = -self.keep * (len(held) - self.placing.budget)
        self.bound = np.inf
        self.made: Float64 = np.zeros(self.candidates.columns.count)
        """What each candidate can make at the last prices looked at."""
        self.best = -np.inf
        """The best that any teams looked at could retain (a relaxation of their plan)."""

    @property
    def small_enough(self) -> bool:
        """Whether the bound can be worked out in seconds."""
        capacity = self.placing.inputs.clinicians.capacity_minutes[self.candidates.gps].sum()
        size = self.candidates.columns.count * self.units.count
        return 0 < size <= _MOST_WORK and capacity > 0

    def relaxed(self, teams: tuple[Team, ...], enough: float = -np.inf) -> tuple[float, Float64]:
        """Return what some teams could retain in balance, and the price of each unit.

        What is at most ``enough`` is not worked out further.
        """
        task = self._task(teams)
        value, prices = bound_of(task, enough=enough - self.constant)
        places = task.places
        per_work = prices[:places] - prices[places : 2 * places]
        gain = task.gain - self.work[:, None] * per_work
        price = gain.max(axis=1)
        value += self.constant
        self.best = max(self.best, value)
        return value, price

    def within_budget(self, teams: tuple[Team, ...], enough: float) -> float:
        """Return what some teams could retain in balance and within the budget of moves."""
        return bound_of(team_task(self.placing, teams, pulls=False), enough=enough)[0]

    def _task(self, teams: tuple[Team, ...]) -> Task:
        task = team_task(self.placing, teams, pulls=False)
        gain = task.gain
        if self.keep > 0 and task.charge is not None:
            members = np.bincount(
                self.placing.unit[self.placing.held], minlength=task.units
            ).astype(np.float64)
            gain = gain + self.keep * (members[:, None] - task.charge)
        return replace(task, gain=gain, charge=None, most=np.inf)

    def tighten(self, price: Float64, start: Int64) -> tuple[Int64, Float64, float]:
        """Return the best partition at prices of units, each candidate's price of work, bound."""
        columns, limits = self.candidates.columns, self.candidates.limits
        most, at = fill(columns.members, self.sight, self.work, price, self.low, self.high)
        self.made = most
        if columns.items <= _BY_TABLE and not limits:
            chosen, total = best_of_few(columns, most)
        else:
            begin = start if len(start) else None
            found = best_partition(
                columns, most, limits=limits, time_limit=self.left(), start=begin
            )
            chosen, total = found.chosen, found.bound
        bound = float(price.sum()) + total + self.constant
        self.bound = min(self.bound, bound)
        return chosen, at, bound

    def run(self, teams: tuple[Team, ...], offer: Offer, good_enough: float) -> float:
        """Return a bound on every plan; offers teams that may make a better one."""
        value = offer(teams)
        _, price = self.relaxed(teams)
        best = self.within_budget(teams, -np.inf)
        best_price, best_made, best_bound = price, self.made, np.inf
        start = self.rows_of(teams)
        step, stale = 1.0, 0
        tried = {teams}
        gaps: list[float] = []
        for _ in range(_ROUNDS):
            rows, at, bound = self.tighten(price, start)
            if bound < best_bound - 1e-6 * abs(bound):
                best_price, best_bound, stale = price, bound, 0
                best_made = self.made
            else:
                stale += 1
                if stale >= 3:
                    step, stale = step / 2, 0
                    price = best_price
            chosen = tuple(sorted(self.candidates.team(int(row)) for row in rows))
            if chosen and chosen not in tried:
                tried.add(chosen)
                self.relaxed(chosen, self.best)
                relaxed = self.within_budget(chosen, best)
                if relaxed > best:
                    value, best = offer(chosen), relaxed
            gap = (self.bound - value) / max(self.bound, 1e-9)
            gaps.append(gap)
            slow = len(gaps) > _PATIENCE and gaps[-1] > _STALLED * gaps[-1 - _PATIENCE]
            if gap <= good_enough or self.left() <= 0 or slow or step < _LEAST_STEP or not chosen:
                break
            if bound == best_bound and self.list_rest(
                best_price, best_made, (value, best), offer, good_enough, _FEW
            ):
                return self.bound
            price = self.moved(price, rows, at, step * (bound - self.best))
        else:
            gap = (self.bound - value) / max(self.bound, 1e-9)
        if gap > good_enough:
            self.list_rest(best_price, best_made, (value, best), offer, good_enough, _LISTED)
        return self.bound

    def moved(self, price: Float64, chosen: Int64, at: Float64, length: float) -> Float64:
        """Return prices a step on: dearer where several of the teams take a unit."""
        slope = np.ones(len(price))
        members = self.candidates.columns.members
        for row in chosen.tolist():
            team = tuple(int(gp) for gp in members[row] if gp >= 0)
            slope -= taken(team, self.sight, self.work, price, float(at[row]))
        size = float(slope @ slope)
        return price if size == 0 else price - slope * (max(length, 0.0) / size)

    def rows_of(self, teams: tuple[Team, ...]) -> Int64:
        """Return the candidates of some teams; empty where one is none."""
        order = {self.candidates.team(row): row for row in range(self.candidates.columns.count)}
        rows = [order.get(team, -1) for team in teams]
        return np.array([] if -1 in rows else rows, dtype=np.int64)

    def list_rest(
        self,
        price: Float64,
        made: Float64,
        reached: tuple[float, float],
        offer: Offer,
        good_enough: float,
        room: int,
    ) -> bool:
        """Try every partition that the bound allows; False where they are too many.

        ``reached`` = what the best plan retains, and what its teams could: only teams that
        could retain more are worth a plan.
        """
        value, best = reached
        columns, limits = self.candidates.columns, self.candidates.limits
        if columns.items > MOST_GPS or self.left() <= 0:
            return False
        constant = float(price.sum()) + self.constant
        most = min((limit.most for limit in limits if limit.among is None), default=np.inf)
        listed = list_partitions(columns, made, best - constant, most, room)
        if listed is None:
            return False
        for rows, total in zip(*listed, strict=True):
            # Greatest first: none of those not looked at retains more than this one may.
            self.bound = min(self.bound, max(best, float(total) + constant, value))
            close = self.bound - value <= good_enough * self.bound
            if close or self.bound == best or self.left() <= 0:
                return True
            chosen = rows[rows >= 0]
            if not all(limit.allows(chosen) for limit in limits):
                continue
            teams = tuple(sorted(self.candidates.team(int(row)) for row in chosen))
            relaxed = self.within_budget(teams, best)
            if relaxed > best:
                value, best = offer(teams), relaxed
        self.bound = min(self.bound, max(best, value))
        return True

"""The certificate with the band of work in it: teams chosen by what they can hold in balance.

Each unit may be in one team only. That rule is priced (h, of each unit); what is left falls
apart into one knapsack for each candidate team (module ``filling``), so

    best plan <= sum of h + best partition under what each candidate can make at h

for any h. It begins with the prices of the bound without the band (module ``retained``) and
is lowered by moving the prices of units that several of the best teams take, or that none does
(a subgradient method with Polyak's step); for few GPs, every partition that it still allows is
at last tried.

The same bound with one candidate forced in is that candidate's ceiling. Candidates whose
ceiling is within the gap that will do are left out for good, so that most of the work is on
the few that a better plan could hold; the greatest ceiling left out stays in the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hamlets.optimise.assignment import Task, bound_of
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import best_partition, shared_partition
from hamlets.teams.allocation import Placing, Team, team_task
from hamlets.teams.columns import Candidates
from hamlets.teams.filling import Sight, fill, sight_of, taken
from hamlets.teams.inputs import Bools, Float64, Int64
from hamlets.teams.listing import MOST_GPS, best_of_few, is_quick, list_partitions
from hamlets.teams.units import gather_units

_ROUNDS = 150
_OFTEN = 10
"""Rounds between searches for the best whole partition."""
_MOST_WORK = 400_000_000
"""Units seen by candidates beyond which the band is left out of the bound."""
_BLOCK = 20_000_000
"""Candidates x units between two looks at the clock."""
_FEW, _LISTED = 250, 3_000
"""Partitions that the bound may leave to be tried one by one: at once, and in the end."""
_FIRST_STEP, _LEAST_STEP, _STALE = 0.5, 0.01, 3
_DEFLECTION = 1.5
_PATIENCE, _STALLED = 12, 0.985

Offer = Callable[[tuple[Team, ...]], float]
"""Makes the plan of some teams; returns what the best plan so far retains."""


@dataclass(frozen=True)
class Look:
    """The bound at one price of each unit."""

    price: Float64
    made: Float64
    """What each candidate can make."""
    at: Float64
    """Each candidate's price of work."""
    part: Float64
    """How much of each candidate the best partition takes."""
    bound: float
    ceiling: Float64
    """Of each candidate: no plan with it as a team retains more."""

    def of(self, kept: Bools) -> Look:
        """Return the look at some of the candidates."""
        return replace(
            self,
            made=self.made[kept],
            at=self.at[kept],
            part=self.part[kept],
            ceiling=self.ceiling[kept],
        )

    @property
    def chosen(self) -> Int64:
        """The candidates of the best partition; empty where it takes some in part."""
        chosen = np.flatnonzero(self.part > 1e-9)
        return chosen if (self.part[chosen] > 1 - 1e-6).all() else chosen[:0]


class Joint:
    """One practice at one price of a move: the lowest bound so far."""

    def __init__(
        self,
        placing: Placing,
        candidates: Candidates,
        ceiling: Float64,
        keep: float,
        deadline: Deadline,
    ) -> None:
        self.placing, self.keep, self.deadline = placing, keep, deadline
        self.every, self.ceiling = candidates, ceiling
        """All candidates, and the least ceiling known of each."""
        self.rows = np.arange(candidates.columns.count)
        self.candidates = candidates
        """Those not left out, and where they are among all."""
        self.left_out = -np.inf
        """The greatest ceiling of those left out."""
        inputs, model, gps = placing.inputs, placing.model, candidates.gps
        self.units = gather_units(inputs, model, gps, keep)
        self.sight: Sight = sight_of(self.units, len(gps))
        task = team_task(placing, [tuple(gps.tolist())], pulls=False)
        self.work: Float64 = task.work / float(task.work.mean())
        self.capacity = inputs.clinicians.capacity_minutes[gps]
        self.constant = -keep * (len(placing.held) - placing.budget)
        self.bound = np.inf
        self.value = -np.inf
        """What the best plan retains."""
        self.best = -np.inf
        """What the best teams looked at could retain: above any plan of theirs."""
        self.loss = 0.0
        """How far the plan of some teams was below that."""
        self.waiting: tuple[Team, ...] | None = None
        """The best teams looked at, while there is no plan of theirs."""
        self.reach = -np.inf
        """The same at the price of a move instead of within the budget of moves."""

    @property
    def small_enough(self) -> bool:
        """Whether the bound can be worked out in seconds."""
        rows = np.append(np.diff(self.sight.offset), 0)
        size = int(rows[self.candidates.columns.members].sum())
        return 0 < size <= _MOST_WORK and float(self.capacity.sum()) > 0

    def run(
        self,
        teams: tuple[Team, ...],
        value: float,
        threshold: Float64,
        offer: Offer,
        good_enough: float,
    ) -> float:
        """Return a bound on every plan; offers teams that may make a better one than ``teams``.

        ``value`` = what the plan of ``teams`` retains. Ends once the gap is ``good_enough``.
        """
        self.offer, self.good_enough = offer, good_enough
        self.value, self.best = value, self.within_budget(teams, -np.inf)[0]
        self.loss = self.best - value
        self.leave_out(self.ceiling, self.rows_of(teams))
        if self.small_enough and not self.deadline.over():
            self.descend(teams, threshold)
            self.settle()
        return self.bound

    def descend(self, teams: tuple[Team, ...], price: Float64) -> None:
        """Move the prices of units until the gap will do, the time is up or the bound stalls."""
        self.reached(teams)
        least = last = self.look(price, teams, None)
        step, stale = _FIRST_STEP, 0
        way: Float64 | None = None
        tried = {teams}
        gaps: list[float] = []
        for number in range(_ROUNDS):
            if least is None or last is None:
                return
            base = last
            if last is least or last.bound < least.bound - 1e-6 * abs(last.bound):
                least, stale = last, 0
            else:
                stale += 1
                if stale >= _STALE:
                    step, stale, base = step / 2, 0, least
            self.bound = min(self.bound, max(last.bound, self.left_out))
            self.try_whole(last, number, tried)
            # Not of the lowest bound: prices may begin above one that is known already.
            gaps.append(max(least.bound, self.left_out) - self.value)
            slow = len(gaps) > _PATIENCE and gaps[-1] > _STALLED * gaps[-1 - _PATIENCE]
            if self.close() or slow or step < _LEAST_STEP or self.deadline.over():
                break
            if least is last and self.list_rest(least, _FEW):
                return
            way = _deflected(self.slope(base), way)
            length = step * max(0.0, base.bound - self.reach)
            price = base.price - way * (length / max(float(way @ way), 1e-12))
            kept = self.leave_out(last.ceiling, self.rows_of(teams))
            least, last = least.of(kept), self.look(price, teams, last.of(kept))
        if least is not None and not self.close():
            self.list_rest(least, _LISTED)

    def try_whole(self, look: Look, number: int, tried: set[tuple[Team, ...]]) -> None:
        """See whether the best partition at a look could retain more than the best teams."""
        chosen = self.in_order(self.whole(look, number))
        teams = self.teams_of(chosen)
        if teams and teams not in tried:
            tried.add(teams)
            self.reached(teams, look.at[chosen])
            self.weigh(teams, look.at[chosen])

    def whole(self, look: Look, number: int) -> Int64:
        """Return the candidates of the best partition at a look.

        Where the look takes candidates in part it is searched now and then: oftener, the fewer
        there are.
        """
        if look.chosen.size or number % min(_OFTEN, 1 + len(look.made) // _OFTEN):
            return look.chosen
        found = best_partition(
            self.candidates.columns, look.made, limits=self.candidates.limits,
            deadline=self.deadline,
        )  # fmt: skip
        if found.chosen.size:
            constant = float(look.price.sum()) + self.constant
            self.bound = min(self.bound, max(found.bound + constant, self.left_out))
        return found.chosen

    def gap(self) -> float:
        """Return the gap so far."""
        return (self.bound - self.value) / max(self.bound, 1e-9)

    def close(self) -> bool:
        """Return whether the gap will do, with the plan of the best teams if that helps."""
        if self.waiting is not None:
            hoped = self.best - self.loss
            if self.bound - hoped <= self.good_enough * self.bound:
                self.settle()
        return self.gap() <= self.good_enough

    def settle(self) -> None:
        """Have the plan of the best teams made, if there is none yet."""
        if self.waiting is not None:
            teams, self.waiting = self.waiting, None
            self.value = self.offer(teams)

    def weigh(self, teams: tuple[Team, ...], at: Float64) -> None:
        """Take teams as the best if they could retain more; ``at`` = their prices of work."""
        found, _ = self.within_budget(teams, self.best, _prices(at, self.keep))
        if found > self.best:
            self.best, self.waiting = found, teams

    def reached(self, teams: tuple[Team, ...], at: Float64 | None = None) -> None:
        """Note what some teams could retain at the price of a move."""
        start = None if at is None else _prices(at, 0.0)
        value, _ = bound_of(self._task(teams), start, self.reach - self.constant)
        self.reach = max(self.reach, value + self.constant)

    def within_budget(
        self, teams: tuple[Team, ...], enough: float, start: Float64 | None = None
    ) -> tuple[float, Float64]:
        """Return what some teams could retain in balance and within the budget of moves."""
        return bound_of(team_task(self.placing, teams, pulls=False), start, enough)

    def _task(self, teams: tuple[Team, ...]) -> Task:
        task = team_task(self.placing, teams, pulls=False)
        gain = task.gain
        if self.keep > 0 and task.charge is not None:
            members = np.bincount(
                self.placing.unit[self.placing.held], minlength=task.units
            ).astype(np.float64)
            gain = gain + self.keep * (members[:, None] - task.charge)
        return replace(task, gain=gain, charge=None, most=np.inf)

    def look(self, price: Float64, teams: tuple[Team, ...], before: Look | None) -> Look | None:
        """Return the bound at some prices of units; None where the time did not do."""
        columns, limits = self.candidates.columns, self.candidates.limits
        made, at = np.empty(columns.count), np.zeros(columns.count)
        enough = np.full(columns.count, -np.inf)
        if before is not None:
            at = before.at.copy()
            # Then its ceiling will about do.
            enough = before.made + (self.value / (1 - self.good_enough) - before.ceiling)
        low, high = self.sides()
        block = max(1, _BLOCK // max(1, self.units.count))
        for first in range(0, columns.count, block):
            part = slice(first, first + block)
            made[part], at[part] = fill(
                columns.members[part], self.sight, self.work, price, low[part], high[part],
                at[part], enough[part],
            )  # fmt: skip
            if self.deadline.over():
                return None
        rest = float(price.sum()) + self.constant
        if is_quick(columns) and not limits:
            chosen, total, ceiling = best_of_few(columns, made)
            part = np.zeros(columns.count)
            part[chosen] = 1.0
            return Look(price, made, at, part, total + rest, ceiling + rest)
        found = shared_partition(
            columns, made, limits=limits, deadline=self.deadline, held=self.rows_of(teams)
        )
        return Look(price, made, at, found.part, found.bound + rest, found.ceiling + rest)

    def sides(self) -> tuple[Float64, Float64]:
        """Return the least and most work of each candidate."""
        members = self.candidates.columns.members
        share = np.append(self.capacity, 0.0)[members].sum(axis=1) / self.capacity.sum()
        band = self.placing.model.band_percent / 100
        fair = share * self.work.sum()
        return fair * (1 - band), fair * (1 + band)

    def leave_out(self, ceiling: Float64, always: Int64) -> Bools:
        """Leave out the candidates whose ceiling will do; return which of the rest stay."""
        mine = np.minimum(self.ceiling[self.rows], ceiling)
        self.ceiling[self.rows] = mine
        kept = mine > self.value / (1 - self.good_enough)
        kept[always] = True
        if not kept.all():
            self.left_out = max(self.left_out, float(mine[~kept].max()))
            self.rows = self.rows[kept]
            self.candidates = self.candidates.take(kept)
        return kept

    def slope(self, look: Look) -> Float64:
        """Return by how much the bound rises with each unit's price: 1 less the teams that
        take it.
        """
        slope = np.ones(len(look.price))
        members = self.candidates.columns.members
        for row in np.flatnonzero(look.part > 1e-9).tolist():
            team = tuple(int(gp) for gp in members[row] if gp >= 0)
            at = float(look.at[row])
            slope -= look.part[row] * taken(team, self.sight, self.work, look.price, at)
        return slope

    def teams_of(self, rows: Int64) -> tuple[Team, ...]:
        """Return the teams of some candidates."""
        return tuple(self.candidates.team(int(row)) for row in rows)

    def in_order(self, rows: Int64) -> Int64:
        """Return candidates in the order in which teams are put."""
        return np.array(sorted(rows.tolist(), key=self.candidates.team), dtype=np.int64)

    def rows_of(self, teams: tuple[Team, ...]) -> Int64:
        """Return the candidates of some teams; empty where one is none."""
        columns = self.candidates.columns
        position = {int(gp): place for place, gp in enumerate(self.candidates.gps)}
        found: list[int] = []
        for team in teams:
            wide = np.full(columns.members.shape[1], -1, dtype=np.int16)
            wide[: len(team)] = [position[gp] for gp in team]
            found += np.flatnonzero((columns.members == wide).all(axis=1)).tolist()
        return np.array(found if len(found) == len(teams) else [], dtype=np.int64)

    def list_rest(self, look: Look, room: int) -> bool:
        """Try every partition that a bound allows; False where they are too many."""
        columns, limits = self.candidates.columns, self.candidates.limits
        if columns.items > MOST_GPS or self.deadline.over():
            return False
        constant = float(look.price.sum()) + self.constant
        most = min((limit.most for limit in limits if limit.among is None), default=np.inf)
        listed = list_partitions(columns, look.made, self.best - constant, most, room)
        if listed is None:
            return False
        for rows, total in zip(*listed, strict=True):
            # Greatest first: none of those not looked at retains more than this one may.
            this = max(self.best, float(total) + constant, self.value, self.left_out)
            self.bound = min(self.bound, this)
            if self.close() or self.bound == self.best or self.deadline.over():
                return True
            chosen = rows[rows >= 0]
            if all(limit.allows(chosen) for limit in limits):
                chosen = self.in_order(chosen)
                self.weigh(self.teams_of(chosen), look.at[chosen])
        self.bound = min(self.bound, max(self.best, self.value, self.left_out))
        return True


def _prices(at: Float64, keep: float) -> Float64:
    """Return prices of upper sides, lower sides and moves, from those of work."""
    return np.concatenate([np.maximum(at, 0.0), np.maximum(-at, 0.0), [keep]])


def _deflected(slope: Float64, way: Float64 | None) -> Float64:
    """Return a slope turned so that it does not lead back against the way come.

    Camerini, Fratta & Maffioli, Math Program Study 1975;3:26.
    """
    if way is None:
        return slope
    back = -_DEFLECTION * float(slope @ way) / max(float(way @ way), 1e-12)
    return slope + max(0.0, back) * way

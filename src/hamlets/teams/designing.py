"""Design: teams by formation, lists by allocation, one certificate for the whole plan.

The budget of moves joins the two. Its price (what one more change of a named GP would win)
is charged to the formation too: each patient who stays with the present named GP counts so
much more. For any price p this bounds every plan of the model,

    best kept <= best formation at p - p x (patients with a named GP - budget),

so that teams, bound and price are made better in turn until the price settles.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hamlets.optimise.partition import gap_of
from hamlets.teams.allocation import TEAMS_FIRST, Allocation, Leaning, Placing, Team, allocate
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import Rule, find_candidates, find_gps, list_rules, may_lead
from hamlets.teams.dealing import deal_roles
from hamlets.teams.favouring import favour_named
from hamlets.teams.formation import Formation, form
from hamlets.teams.inputs import Bools, PracticeInputs
from hamlets.teams.joint import Joint
from hamlets.teams.model import TeamModel
from hamlets.teams.results import Certificate

Stop = Callable[[], bool]
Progress = Callable[[str, int], None]
"""Told a stage ("teams", "lists", "proof") and how many candidates there are."""

_ROUNDS = 6
_SETTLED = 0.01
"""A price that moved by less than this part is taken as settled."""
_CLOSE = 1e-6
_ROUGH = 0.01
"""Gap of a formation while the price of a move still changes."""
_GOOD_ENOUGH = 0.004
_BALANCES = 3


@dataclass(frozen=True)
class Design:
    """Teams and lists of one practice with their proof."""

    arrangement: Arrangement
    certificate: Certificate
    formation: Formation
    band_kept: bool
    budget_kept: bool
    price: float
    """Weighted contacts that one more change of a named GP would win."""
    status: str
    """optimal, gap, stopped or infeasible."""
    seconds: float
    leaning: Leaning = TEAMS_FIRST
    """How far the lists lean to contacts with the named GP."""


@dataclass(frozen=True)
class _Round:
    formation: Formation
    allocation: Allocation
    keep: float
    alone: float
    """What the teams could retain whatever the lists: the part of the gap that is theirs."""

    @property
    def kept(self) -> bool:
        """Whether there are teams, and the band and the budget hold."""
        allocation = self.allocation
        return bool(self.formation.teams) and allocation.band_kept and allocation.budget_kept

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Kept rules first, then contacts kept."""
        return self.allocation.budget_kept, self.allocation.band_kept, self.allocation.value


def design(
    inputs: PracticeInputs,
    model: TeamModel,
    *,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Design:
    """Return the best plan found under the model and the bound on every plan of the model.

    Nothing is drawn by chance. Raises where the model names staff who do not work there, or
    where there are too many candidate teams to try.
    """
    from threadpoolctl import threadpool_limits

    # Thousands of small sums: threads that wait for each other took twice the time.
    with threadpool_limits(limits=1):
        return _Run(inputs, model, time_limit, stop, progress).run()


class _Run:
    """One design: the best plan so far, the lowest bound so far, the time left."""

    def __init__(
        self,
        inputs: PracticeInputs,
        model: TeamModel,
        time_limit: float | None,
        stop: Stop | None,
        progress: Progress | None,
    ) -> None:
        self.inputs, self.model, self.stop = inputs, model, stop
        self.limit = model.time_limit_seconds if time_limit is None else time_limit
        self.began = time.perf_counter()
        self.tell: Progress = progress or (lambda stage, number: None)
        self.placing = Placing.of(inputs, model, find_gps(inputs, model))
        self.bound = math.inf
        self.banded = False
        """Whether the bound holds the work to its band."""
        self.stopped = False
        self.kept: tuple[Rule, ...] = ()
        """Rules on teams that are kept: all but those given up."""

    def left(self) -> float:
        """Seconds left; 0 once a stop was asked for."""
        if self.stop is not None and self.stop():
            self.stopped = True
            return 0.0
        left = max(0.0, self.limit - (time.perf_counter() - self.began))
        self.stopped |= left == 0.0
        return left

    def run(self) -> Design:
        self.tell("teams", 0)
        formation = form(
            self.inputs, self.model, time_limit=self.left(), stop=self.stop, good_enough=_ROUGH
        )
        first = self.take(formation, 0.0)
        rules = self.kept = self.rules(formation)
        best = self.settle(first, rules)
        for _ in range(_BALANCES):
            # Better teams have another price of a move, at which the bound is lower again.
            before = best.allocation.price
            if not best.kept or self.gap(best) <= _GOOD_ENOUGH or self.left() <= 0:
                break
            best = self.balance(best, rules)
            if abs(best.allocation.price - before) <= _SETTLED * before:
                break
        return self.answer(best, formation)

    def gap(self, best: _Round) -> float:
        """Return the gap so far."""
        return gap_of(best.allocation.value, self.bound)

    def take(self, formation: Formation, keep: float) -> _Round:
        """Allocate to the teams of a formation; lower the bound."""
        self.tell("lists", formation.columns)
        self.bound = min(self.bound, formation.bound - keep * self.must_stay)
        allocation = allocate(self.placing, formation.teams)
        return _Round(formation, allocation, keep, formation.value - keep * self.must_stay)

    @property
    def must_stay(self) -> float:
        """Patients who keep their named GP at least."""
        return len(self.placing.held) - self.placing.budget

    def rules(self, formation: Formation) -> tuple[Rule, ...]:
        """Return the rules that the teams keep: all but those given up."""
        every = list_rules(self.inputs, self.model)
        return tuple(rule for rule in every if rule not in formation.relaxed)

    def settle(self, first: _Round, rules: tuple[Rule, ...]) -> _Round:
        """Form and allocate in turn until the price of a move is settled; return the best."""
        best, keep, price = first, 0.0, first.allocation.price
        for _ in range(_ROUNDS):
            if not first.formation.teams:
                break
            if abs(price - keep) <= _SETTLED * max(price, keep, 0.1) or self.left() <= 0:
                break
            self.tell("proof", first.formation.columns)
            formation = form(
                self.inputs,
                self.model,
                time_limit=self.left(),
                stop=self.stop,
                keep=price,
                rules=rules,
                good_enough=_ROUGH,
            )
            if not formation.teams:
                break
            found = self.take(formation, price)
            keep, price = price, found.allocation.price
            if found.rank > best.rank:
                best = found
        return best

    def balance(self, best: _Round, rules: tuple[Rule, ...]) -> _Round:
        """Take the band into the choice of teams and into the bound; return the best plan."""
        candidates = find_candidates(self.inputs, self.model, rules)
        joint = Joint(self.placing, candidates, best.allocation.price, self.left)
        if not joint.small_enough or self.left() <= 0:
            return best
        self.tell("proof", candidates.columns.count)

        def offer(teams: tuple[Team, ...]) -> float:
            nonlocal best
            if deal_roles(self.inputs, rules, teams) is None:
                return best.allocation.value
            allocation = allocate(self.placing, teams)
            formation = replace(best.formation, teams=teams)
            alone = joint.within_budget(teams, -math.inf)
            found = _Round(formation, allocation, joint.keep, alone)
            if found.rank >= best.rank:
                best = found
            return best.allocation.value

        bound = joint.run(best.formation.teams, offer, _GOOD_ENOUGH)
        if bound < self.bound:
            self.bound, self.banded = bound, True
        return best

    def answer(self, best: _Round, asked: Formation) -> Design:
        formation, allocation = best.formation, best.allocation
        infeasible = asked.status == "infeasible"
        kept = best.kept
        first, leaning = allocation.value, TEAMS_FIRST
        if kept and self.left() > 0:
            allocation, leaning = favour_named(
                self.placing, formation.teams, allocation, max(self.bound, first)
            )
        value = allocation.value
        # Where band or budget is given up the bound is not one on the plan shown.
        bound = max(self.bound, value) if kept and formation.teams else math.nan
        gap = gap_of(value, bound) if math.isfinite(bound) else math.nan
        formation_gap = min(gap, max(0.0, (bound - best.alone) / bound)) if bound > 0 else 0.0
        status = "gap"
        if infeasible or not kept:
            status = "infeasible"
        elif gap <= _CLOSE:
            status = "optimal"
        elif self.stopped or formation.status == "stopped":
            status = "stopped"
        return Design(
            arrangement=self.arrangement(formation, allocation),
            certificate=Certificate(
                value=value,
                bound=bound,
                gap=gap,
                formation_gap=formation_gap,
                allocation_loss=gap - formation_gap,
                covers=(_COVERS_BAND if self.banded else _COVERS) + _say_given(first, value),
            ),
            formation=replace(formation, conflict=asked.conflict, relaxed=asked.relaxed),
            band_kept=allocation.band_kept,
            budget_kept=allocation.budget_kept,
            price=allocation.price,
            status=status,
            seconds=time.perf_counter() - self.began,
            leaning=leaning,
        )

    def arrangement(self, formation: Formation, allocation: Allocation) -> Arrangement:
        """Return teams and lists in the form that every arrangement has."""
        staff = self.inputs.clinicians
        nobody: tuple[Team, ...] = tuple(() for _ in formation.teams)
        others = deal_roles(self.inputs, self.kept, formation.teams) or nobody
        alone = {row for team in (*formation.teams, *others) for row in team}
        gps_placed = set(np.flatnonzero(self.placing.gps).tolist())
        shared = tuple(
            row
            for row in range(staff.size)
            if row not in alone and row not in gps_placed and not staff.gp[row]
        )
        leads = may_lead(staff, self.model)
        return Arrangement(
            teams=formation.teams,
            others=others,
            shared=shared,
            leads=tuple(_lead(self.inputs, team, leads) for team in formation.teams),
            team=allocation.team,
            named=allocation.named,
        )


_COVERS_BAND = (
    "The bound holds for every plan with the same rules on teams, the same households, the "
    "same band of work and the same most changes of named GP. It speaks of past contacts, "
    "not of those to come."
)
_COVERS = (
    "The bound holds for every plan with the same rules on teams, the same households and "
    "the same most changes of named GP. It does not hold the work to its band, so it may be "
    "higher than any plan can come. It speaks of past contacts, not of those to come."
)


def _say_given(first: float, value: float) -> str:
    """Return what was given up for contacts with the named GP; blank for nothing."""
    given = (first - value) / first if first > 0 else 0.0
    if given < 5e-5:
        return ""
    return (
        f" {given:.1%} of the contacts with the team that the same teams could keep were given"
        " up, so that more are with the named GP."
    )


def _lead(inputs: PracticeInputs, team: tuple[int, ...], leads: Bools) -> int:
    """Return who of a team leads it: most sessions, then the first; -1 = nobody may."""
    staff = inputs.clinicians
    may = [row for row in team if leads[row]]
    return max(may, key=lambda row: (staff.sessions_per_week[row], -row), default=-1)

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

from hamlets.optimise.deadline import Clock, Deadline, Stop
from hamlets.optimise.partition import gap_of
from hamlets.optimise.threads import one_thread
from hamlets.teams.allocation import TEAMS_FIRST, Allocation, Leaning, Placing, Team, deal, reach_of
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import Rule, find_gps, list_rules, may_lead
from hamlets.teams.dealing import deal_roles
from hamlets.teams.favouring import favour_named
from hamlets.teams.formation import Formation, Search, form, form_again
from hamlets.teams.inputs import Bools, PracticeInputs
from hamlets.teams.joint import Joint
from hamlets.teams.listing import MOST_GPS
from hamlets.teams.model import TeamModel
from hamlets.teams.results import Certificate

Progress = Callable[[str, int], None]
"""Told a stage ("teams", "lists", "proof") and how many candidates there are."""

_ROUNDS = 6
_SETTLED = 0.01
"""A price that moved by less than this part is taken as settled."""
_CLOSE = 1e-6
_ROUGH = 0.01
"""Gap of a formation while the price of a move still changes."""
_FINE = 0.003
"""The same once it is settled, where there are very many candidates."""
_GOOD_ENOUGH, _OF_MANY = 0.0005, 0.004
"""Gaps at which the search ends: up to MOST_GPS, and beyond."""
_FOR_LISTS = 0.25
"""Part of the time that is kept for the lists as long as there is no plan."""
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
    """Teams at one price of a move, before there are lists."""

    formation: Formation
    reach: float
    """What its teams could retain within band and budget: above any lists of theirs."""
    price: float
    """Weighted contacts that one more change of a named GP would win with these teams."""


@dataclass(frozen=True)
class _Best:
    """The best plan so far."""

    round: _Round
    allocation: Allocation

    @property
    def kept(self) -> bool:
        """Whether there are teams, and the band and the budget hold."""
        allocation = self.allocation
        return bool(self.teams) and allocation.band_kept and allocation.budget_kept

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Kept rules first, then contacts kept."""
        return (self.allocation.budget_kept, self.allocation.band_kept, self.allocation.value)

    @property
    def teams(self) -> tuple[Team, ...]:
        """The GPs of each team."""
        return self.round.formation.teams


@one_thread()
def design(
    inputs: PracticeInputs,
    model: TeamModel,
    *,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> Design:
    """Return the best plan found under the model and the bound on every plan of the model.

    Nothing is drawn by chance. The search ends about when the time limit (seconds) is up or
    ``stop`` says so; what it takes to have any plan at all is done first. Raises where the
    model names staff who do not work there, or where there are too many candidate teams.
    """
    limit = model.time_limit_seconds if time_limit is None else time_limit
    return _Run(inputs, model, Deadline(limit, stop, clock), progress).run()


class _Run:
    """One design: the best plan so far, the lowest bound so far, the time left."""

    def __init__(
        self,
        inputs: PracticeInputs,
        model: TeamModel,
        deadline: Deadline,
        progress: Progress | None,
    ) -> None:
        self.inputs, self.model, self.deadline = inputs, model, deadline
        self.tell: Progress = progress or (lambda stage, number: None)
        self.placing = Placing.of(inputs, model, find_gps(inputs, model))
        many = int(self.placing.gps.sum()) > MOST_GPS
        self.good_enough = _OF_MANY if many else _GOOD_ENOUGH
        self.bound = math.inf
        self.ceiling = np.empty(0)
        """Of each candidate: the least known of what a plan with it can retain."""
        self.threshold = np.empty(0)
        """The price of each unit at the last of them."""
        self.threshold_at = 0.0
        """The price of a move that it is right for."""
        self.banded = False
        """Whether the bound holds the work to its band."""
        self.kept: tuple[Rule, ...] = ()
        """Rules on teams that are kept: all but those given up."""
        self.allocating = 0.0
        """Seconds of the longest allocation so far: none is begun with less time left."""

    def run(self) -> Design:
        self.tell("teams", 0)
        formation = form(self.inputs, self.model, deadline=self.before_lists(), good_enough=_ROUGH)
        every = list_rules(self.inputs, self.model)
        self.kept = tuple(rule for rule in every if rule not in formation.relaxed)
        best = self.first_plan(self.settle(formation))
        for _ in range(_BALANCES):
            # Better teams have another price of a move, at which the bound is lower again.
            before = best.round.price
            if not best.kept or self.gap(best) <= self.good_enough or self.deadline.over():
                break
            best = self.balance(best, formation)
            if abs(best.round.price - before) <= _SETTLED * before:
                break
        return self.answer(best, formation)

    def gap(self, best: _Best) -> float:
        """Return the gap so far."""
        return gap_of(best.allocation.value, self.bound)

    @property
    def must_stay(self) -> float:
        """Patients who keep their named GP at least."""
        return len(self.placing.held) - self.placing.budget

    def take(self, formation: Formation, keep: float) -> _Round:
        """Lower the bound by a formation at a price of a move; return what its teams could."""
        paid = keep * self.must_stay
        self.bound = min(self.bound, formation.bound - paid)
        if formation.search is not None:
            ceiling = formation.search.ceiling - paid
            self.ceiling = np.minimum(self.ceiling, ceiling) if len(self.ceiling) else ceiling
            self.threshold, self.threshold_at = formation.search.threshold, keep
        reach, price = reach_of(self.placing, formation.teams)
        return _Round(formation, reach, price)

    def settle(self, formation: Formation) -> list[_Round]:
        """Form teams until the price of a move is settled; return the rounds."""
        rounds, keep = [self.take(formation, 0.0)], 0.0
        for _ in range(_ROUNDS):
            here = rounds[-1].formation.search
            price = rounds[-1].price
            if here is None or abs(price - keep) <= _SETTLED * max(price, keep, 0.1):
                break
            before = self.before_lists()
            if before.over():
                break
            self.tell("proof", formation.columns)
            found = self.again(here, price, _ROUGH, before)
            if not found.teams:
                break
            keep = price
            rounds.append(self.take(found, price))
        return rounds

    def before_lists(self) -> Deadline:
        """Return the end of what comes before the first plan: time for its lists is kept."""
        return self.deadline.within(
            max(0.0, self.deadline.left() - _FOR_LISTS * self.deadline.seconds)
        )

    def again(
        self, search: Search, keep: float, good_enough: float, deadline: Deadline
    ) -> Formation:
        """Return the best teams at another price of a move."""
        return form_again(
            self.inputs, self.model, search, self.kept, deadline,
            keep=keep, good_enough=good_enough,
        )  # fmt: skip

    def first_plan(self, rounds: list[_Round]) -> _Best:
        """Return the plan of the teams that could retain most; of others if it breaks a limit."""
        self.tell("lists", rounds[0].formation.columns)
        by_teams = {each.formation.teams: each for each in rounds}
        order = sorted(by_teams.values(), key=lambda each: -each.reach)
        best = self.plan_of(order[0])
        for each in order[1:]:
            if best.kept or not best.teams or self.deadline.left() < self.allocating:
                break
            best = max(best, self.plan_of(each), key=lambda one: one.rank)
        return best

    def plan_of(self, this: _Round) -> _Best:
        """Share the patients out among the teams of a round."""
        before = self.deadline.taken()
        # Without a plan there is nothing to show, so the first one is not cut short.
        deadline = self.deadline if self.allocating else None
        allocation = deal(self.placing, this.formation.teams, deadline=deadline)
        self.allocating = max(self.allocating, self.deadline.taken() - before)
        return _Best(this, allocation)

    def balance(self, best: _Best, formation: Formation) -> _Best:
        """Take the band into the choice of teams and into the bound; return the best plan."""
        search = formation.search
        if search is None:
            return best
        self.tell("proof", formation.columns)
        keep = best.round.price
        many = search.candidates.columns.items > MOST_GPS
        if many or abs(keep - self.threshold_at) > _SETTLED * max(keep, self.threshold_at):
            # Prices of units to begin with; among many candidates more of each must be known.
            good_enough = _FINE if many else _ROUGH
            begin = best.round.formation.search or search
            self.take(self.again(begin, keep, good_enough, self.deadline), keep)
        joint = Joint(self.placing, search.candidates, self.ceiling, keep, self.deadline)

        def offer(teams: tuple[Team, ...]) -> float:
            nonlocal best
            unstaffed = deal_roles(self.inputs, self.kept, teams) is None
            if not unstaffed and self.deadline.left() >= self.allocating:
                reach, price = reach_of(self.placing, teams)
                this = _Round(replace(best.round.formation, teams=teams), reach, price)
                best = max(best, self.plan_of(this), key=lambda one: one.rank)
            return best.allocation.value

        bound = joint.run(
            best.teams, best.allocation.value, self.threshold, offer, self.good_enough
        )
        self.ceiling = joint.ceiling
        if bound < self.bound:
            self.bound, self.banded = bound, True
        return best

    def answer(self, best: _Best, asked: Formation) -> Design:
        formation, allocation = best.round.formation, best.allocation
        first, leaning = allocation.value, TEAMS_FIRST
        if best.kept:
            allocation, leaning = favour_named(
                self.placing, formation.teams, allocation, max(self.bound, first), self.deadline
            )
        value = allocation.value
        # Where band or budget is given up the bound is not one on the plan shown.
        bound = max(self.bound, value) if best.kept else math.nan
        gap = gap_of(value, bound) if math.isfinite(bound) else math.nan
        reach = best.round.reach
        formation_gap = min(gap, max(0.0, (bound - reach) / bound)) if bound > 0 else 0.0
        status = "gap"
        if asked.status == "infeasible" or not best.kept:
            status = "infeasible"
        elif gap <= _CLOSE:
            status = "optimal"
        elif self.deadline.passed or formation.status == "stopped":
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
            formation=replace(
                formation, conflict=asked.conflict, further=asked.further, relaxed=asked.relaxed
            ),
            band_kept=allocation.band_kept,
            budget_kept=allocation.budget_kept,
            price=best.round.price,
            status=status,
            seconds=self.deadline.taken(),
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

"""A plan changed by hand: somebody goes to another team, and the patients of their list with them.

Every patient keeps the named GP of the plan. What the change costs is measured as any plan
is, and the rules that it breaks are said: the plan's own bound still holds for all plans
that keep the rules, so a changed plan that keeps them has a proof too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hamlets.errors import UnknownPlaceError, UsageError
from hamlets.optimise.partition import gap_of
from hamlets.records import Store
from hamlets.teams.allocation import weight_by_team
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.broken_rules import find_broken
from hamlets.teams.columns import may_lead
from hamlets.teams.comparing.equity import compare_groups
from hamlets.teams.comparing.explaining import explain
from hamlets.teams.comparing.kept import find_placed
from hamlets.teams.comparing.measures import Measured, measure_arrangement
from hamlets.teams.comparing.present import present_arrangement
from hamlets.teams.comparing.shown import plan_teams
from hamlets.teams.gathering import gather
from hamlets.teams.inputs import Bools, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.planning import Extras, Made, Outcome, assemble
from hamlets.teams.plans.storing import StoredPlan, read_plan
from hamlets.teams.results import Certificate, RuleWords
from hamlets.teams.starting import Start, read_start

_CLOSE = 1e-6
_NEAR = 1e-9
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_HALVES = ("morning", "afternoon")


@dataclass(frozen=True)
class Uncovered:
    """Half-days of a week on which a team has a GP with a list no more, or has one again."""

    team: str
    lost: tuple[str, ...]
    won: tuple[str, ...]


@dataclass(frozen=True)
class HandMove:
    """One person in another team of a plan, and what that changes."""

    plan_id: str
    staff_id: str
    name: str
    from_team: str
    to_team: str
    followed: int
    """Patients of the list who go along."""
    before: Measured
    after: Measured
    uncovered: tuple[Uncovered, ...]
    broken: tuple[RuleWords, ...]
    """Rules of the team model that the changed plan does not keep."""
    newly_broken: tuple[RuleWords, ...]
    """Of them, those that the plan kept."""
    inputs: PracticeInputs
    arrangement: Arrangement
    start: Start
    stored: StoredPlan


def move_by_hand(store: Store, plan_id: str, staff_id: str, team_id: str) -> HandMove:
    """Return what moving somebody to another team of a plan changes. Nothing is written.

    The practice is read as on the plan's day. Raises UnknownPlaceError for a plan, a person
    or a team that is not there, UsageError for a move that leaves no team behind.
    """
    stored = read_plan(store.path, plan_id)
    inputs = gather(store, stored.plan.practice_id, day=stored.plan.day)
    start = read_start(store, inputs, plan_id)
    if team_id not in start.team_ids:
        raise UnknownPlaceError(f"Plan {plan_id} has no team {team_id}.", where=team_id)
    staff = inputs.clinicians
    if staff_id not in staff.staff_id:
        raise UnknownPlaceError(f"Nobody of plan {plan_id} is {staff_id}.", where=staff_id)
    row, to = staff.staff_id.index(staff_id), start.team_ids.index(team_id)
    model, before = stored.model, start.arrangement
    home = team_of(before, row)
    after = move_member(inputs, before, model, row, to)
    broken = find_broken(inputs, model, after)
    known = {(rule.id, rule.about) for rule in find_broken(inputs, model, before)}
    return HandMove(
        plan_id=plan_id,
        staff_id=staff_id,
        name=staff.name[row] or staff_id,
        from_team=start.names[home],
        to_team=start.names[to],
        followed=int(((before.team == home) & (after.team == to)).sum()),
        before=measure_arrangement(inputs, before, model),
        after=measure_arrangement(inputs, after, model),
        uncovered=tuple(_uncovered(inputs, before, after, start.names, (home, to))),
        broken=broken,
        newly_broken=tuple(rule for rule in broken if (rule.id, rule.about) not in known),
        inputs=inputs,
        arrangement=after,
        start=start,
        stored=stored,
    )


def team_of(arrangement: Arrangement, row: int) -> int:
    """Return the team that somebody is in alone; UsageError where there is none."""
    for team in range(len(arrangement.teams)):
        if row in arrangement.members(team):
            return team
    raise UsageError(
        "This person is in no team of the plan alone.",
        hint="Choose somebody who works in one team.",
    )


def move_member(
    inputs: PracticeInputs, arrangement: Arrangement, model: TeamModel, row: int, to: int
) -> Arrangement:
    """Return an arrangement with somebody in team ``to``, and their list with them.

    A team whose lead goes is led by the one of its GPs who may lead and works most. Raises
    UsageError where they are in the team already, or their team would have no GP left who
    may hold a list.
    """
    staff, home = inputs.clinicians, team_of(arrangement, row)
    if home == to:
        raise UsageError("This person is in that team already.", hint="Choose another team.")
    teams, others = list(arrangement.teams), list(arrangement.others)
    kind = teams if row in teams[home] else others
    kind[home] = tuple(each for each in kind[home] if each != row)
    kind[to] = tuple(sorted((*kind[to], row)))
    if not any(staff.eligible[gp] for gp in teams[home]):
        raise UsageError(
            "The team would have no GP left who may hold a list.",
            hint="Move somebody else to it first, or design the plan with fewer teams.",
        )
    leads = list(arrangement.leads)
    able = may_lead(staff, model)
    for team in (home, to):
        if leads[team] not in teams[team]:
            may = [gp for gp in teams[team] if able[gp]]
            leads[team] = max(may, key=lambda gp: (staff.sessions_per_week[gp], -gp), default=-1)
    mine = (arrangement.named == row) & (arrangement.team == home)
    return replace(
        arrangement,
        teams=tuple(teams),
        others=tuple(others),
        leads=tuple(leads),
        team=np.where(mine, to, arrangement.team).astype(np.int32),
    )


def _uncovered(
    inputs: PracticeInputs,
    before: Arrangement,
    after: Arrangement,
    names: tuple[str, ...],
    teams: tuple[int, int],
) -> Iterator[Uncovered]:
    staff = inputs.clinicians

    def covered(arrangement: Arrangement, team: int) -> Bools:
        holders = [gp for gp in arrangement.teams[team] if staff.eligible[gp]]
        return staff.half_days[holders].sum(axis=0) > 0

    for team in teams:
        had, has = covered(before, team), covered(after, team)
        lost, won = _half_days(had & ~has), _half_days(has & ~had)
        if lost or won:
            yield Uncovered(names[team], lost, won)


def _half_days(fortnight: Bools) -> tuple[str, ...]:
    """Return the half-days of a week that any week of a fortnight has, in words."""
    week = fortnight.reshape(2, -1).any(axis=0)
    return tuple(
        f"{_DAYS[place // 2]} {_HALVES[place % 2]}" for place in np.flatnonzero(week).tolist()
    )


def make_moved(store: Store, move: HandMove) -> Made:
    """Return the changed plan as a plan of its own, with what is known of how good it is.

    Nothing is written. Its certificate says that it was changed by hand.
    """
    began = time.perf_counter()
    old, inputs, model = move.stored.plan, move.inputs, move.stored.model
    said = (
        f"Changed by hand: {move.name} went from {move.from_team} to {move.to_team} after plan"
        f" {move.plan_id} was designed."
    )
    certificate = _certificate(store, move, said)
    status = "infeasible" if move.broken else "gap"
    if status == "gap" and certificate.gap <= _CLOSE:
        status = "optimal"
    outcome = Outcome(move.arrangement, certificate, status, 0.0)
    made = assemble(store, inputs, model, outcome, Extras(backtest=False), (said,))
    names = move.start.names
    present = present_arrangement(inputs, store).arrangement
    plan = replace(
        made.plan,
        approach=old.approach,
        status=status,
        given_up=move.broken,
        teams=plan_teams(inputs, move.arrangement, made.plan.plan_id, names),
        equity=compare_groups(inputs, model, present, move.arrangement),
        seconds=time.perf_counter() - began,
    )
    why = explain(inputs, model, move.arrangement, present, names)
    return made._replace(plan=plan, explanations=why)


def _certificate(store: Store, move: HandMove, said: str) -> Certificate:
    """Return what is known of the changed plan: the bound of the plan it was, where that holds."""
    old = move.stored.plan
    inputs, arrangement = move.inputs, move.arrangement
    placed = np.flatnonzero(find_placed(inputs, move.stored.model) & (arrangement.team >= 0))
    weight = weight_by_team(inputs, arrangement.teams)
    value = float(weight[placed, arrangement.team[placed]].sum())
    bound, covers = old.certificate.bound, f"{said} {old.certificate.covers}".strip()
    if old.content_id != store.content_id or old.approach == "reallocation":
        # other records, or a bound on something else
        return Certificate(value, math.nan, math.nan, 0.0, 0.0, said)
    if move.broken or not math.isfinite(bound):
        # kept, so that a later change that mends the rules has its proof again
        return Certificate(value, bound, math.nan, 0.0, 0.0, covers)
    bound = max(bound, value)
    gap = gap_of(value, bound)
    lists = min(gap, old.certificate.allocation_loss)
    return Certificate(value, bound, gap, gap - lists, lists, covers)

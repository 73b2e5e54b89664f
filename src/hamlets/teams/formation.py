"""Formation: which GPs make teams, with a proof of how good the choice is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from hamlets.optimise.partition import gap_of
from hamlets.teams.bounding import Bounding
from hamlets.teams.columns import Rule, find_candidates, list_rules
from hamlets.teams.dealing import choose_staffed, deal_roles, may_be_short
from hamlets.teams.infeasible import explain
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.listing import MOST_GPS
from hamlets.teams.model import TeamModel, check_model
from hamlets.teams.retained import Retained
from hamlets.teams.units import gather_units

_GOOD_ENOUGH = 0.004
_UNSTAFFED = "unstaffed"
"""Teams that people of other roles can be dealt to were not found, nor that there are none."""


@dataclass(frozen=True)
class Formation:
    """Teams of GPs with their certificate, in recency-weighted contacts.

    ``value`` = what is retained when every unit (household or patient) goes to the team
    that it saw most, whatever the balance of work; no plan of the same model retains more
    than ``bound``.
    """

    teams: tuple[tuple[int, ...], ...]
    """Positions among the clinicians, teams in order of their first GP."""
    value: float
    bound: float
    gap: float
    status: str
    """optimal, gap, stopped or infeasible."""
    seconds: float
    columns: int
    """Candidate teams that keep every rule."""
    others: tuple[tuple[int, ...], ...] = ()
    """Of each team: the people of other roles who work in that team alone."""
    two_cost_gap: float = 0.0
    """The gap that the two column costs alone would have left."""
    conflict: tuple[Rule, ...] = ()
    """Infeasible: the smallest set of rules that cannot hold together."""
    relaxed: tuple[Rule, ...] = ()
    """Infeasible: rules given up in ``teams``, the nearest that can be formed."""


def form(
    inputs: PracticeInputs,
    model: TeamModel,
    *,
    time_limit: float | None = None,
    seed: int | None = None,
    stop: Callable[[], bool] | None = None,
    good_enough: float | None = None,
    keep: float = 0.0,
    rules: tuple[Rule, ...] | None = None,
) -> Formation:
    """Return the best teams under the model, and the bound on all others.

    Ends early once the gap is ``good_enough``: by default 0 for up to 20 GPs, where every
    partition can be looked at, and 0.004 beyond. The search draws nothing by chance, so
    ``seed`` changes nothing; it is taken as all makers of plans take one.
    ``keep`` = weighted contacts that a patient who stays with the named GP counts more.
    ``rules`` = those to keep, by default all; where some were given up nothing is explained.
    Raises where the model names staff who do not work there, or where there are too many
    candidates to try.
    """
    began = time.perf_counter()
    check_model(model, inputs)
    limit = model.time_limit_seconds if time_limit is None else time_limit
    given = rules is not None
    rules = list_rules(inputs, model) if rules is None else rules
    found = _form(inputs, model, rules, limit, stop, good_enough, keep)
    if found.status == "infeasible" and not given:
        conflict, given_up = explain(inputs, model, limit)
        if given_up:
            kept = tuple(rule for rule in rules if rule not in given_up)
            left = max(1.0, limit - (time.perf_counter() - began))
            nearest = _form(inputs, model, kept, left, stop, good_enough, keep)
            found = replace(nearest, status="infeasible", relaxed=given_up)
        found = replace(found, conflict=conflict)
    unproven = found.status == "infeasible" and not (found.conflict or found.relaxed)
    unproven = unproven and may_be_short(inputs, rules)
    if (found.status == _UNSTAFFED or unproven) and not given:
        roles = tuple(rule for rule in rules if rule.id == "role")
        kept = tuple(rule for rule in rules if rule not in roles)
        left = max(1.0, limit - (time.perf_counter() - began))
        nearest = _form(inputs, model, kept, left, stop, good_enough, keep)
        found = replace(nearest, status="infeasible", relaxed=roles)
    return replace(found, seconds=time.perf_counter() - began)


def _form(
    inputs: PracticeInputs,
    model: TeamModel,
    rules: tuple[Rule, ...],
    time_limit: float,
    stop: Callable[[], bool] | None,
    good_enough: float | None,
    keep: float,
) -> Formation:
    candidates = find_candidates(inputs, model, rules)
    columns = candidates.columns
    if not columns.items or not columns.count:
        return Formation((), 0.0, 0.0, 0.0, "infeasible", 0.0, columns.count)
    until = time.perf_counter() + time_limit
    retained = Retained(gather_units(inputs, model, candidates.gps, keep), columns)
    if good_enough is None:
        good_enough = 0.0 if columns.items <= MOST_GPS else _GOOD_ENOUGH
    found = Bounding(retained, candidates.limits, time_limit, stop).run(good_enough)
    if not found.chosen.size:
        bound = max(0.0, found.bound)
        return Formation((), 0.0, bound, 1.0, found.status, 0.0, columns.count)
    chosen, value, status = found.chosen, found.value, found.status
    teams = tuple(sorted(candidates.team(int(row)) for row in chosen))
    others = deal_roles(inputs, rules, teams)
    if others is None:
        left = max(1.0, until - time.perf_counter())
        staffed = choose_staffed(inputs, rules, candidates, retained.following(), left)
        if staffed.chosen is None:
            why = "infeasible" if staffed.proven else _UNSTAFFED
            return Formation((), 0.0, found.bound, 1.0, why, 0.0, columns.count)
        value = retained.value(staffed.chosen)
        status = "gap" if gap_of(value, found.bound) > 0 else status
        teams = tuple(sorted(candidates.team(int(row)) for row in staffed.chosen))
        others = deal_roles(inputs, rules, teams)
    return Formation(
        teams=teams,
        value=value,
        bound=found.bound,
        gap=gap_of(value, found.bound),
        status=status,
        seconds=0.0,
        columns=columns.count,
        others=others or tuple(() for _ in teams),
        two_cost_gap=found.two_cost_gap,
    )

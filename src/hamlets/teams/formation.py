"""Formation: which GPs make teams, with a proof of how good the choice is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hamlets.optimise.deadline import Deadline, Stop
from hamlets.optimise.partition import gap_of
from hamlets.teams.bounding import Bounding
from hamlets.teams.columns import Candidates, Rule, find_candidates, list_rules
from hamlets.teams.dealing import choose_staffed, deal_roles, may_be_short
from hamlets.teams.infeasible import explain
from hamlets.teams.inputs import Float64, Int64, PracticeInputs
from hamlets.teams.listing import MOST_GPS
from hamlets.teams.model import TeamModel, check_model
from hamlets.teams.retained import Retained
from hamlets.teams.units import gather_units

_GOOD_ENOUGH = 0.004
_UNSTAFFED = "unstaffed"
"""Teams that people of other roles can be dealt to were not found, nor that there are none."""
_LEAST_SECONDS = 1.0
"""For the nearest teams, though the time went into why there are none."""


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
    further: tuple[tuple[Rule, ...], ...] = ()
    """Infeasible: conflicts that are left once rules of those before are given up."""
    relaxed: tuple[Rule, ...] = ()
    """Infeasible: rules given up in ``teams``, the nearest that can be formed."""
    search: Search | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Search:
    """What the search for some teams leaves to one that follows."""

    candidates: Candidates
    ceiling: Float64
    """Of each candidate: no plan with it as a team retains more."""
    threshold: Float64
    """Of each unit: the price at which the bound was lowest."""
    chosen: Int64
    held: Int64
    """Candidates to begin the next search with."""


def form(
    inputs: PracticeInputs,
    model: TeamModel,
    *,
    time_limit: float | None = None,
    seed: int | None = None,
    stop: Stop | None = None,
    deadline: Deadline | None = None,
    good_enough: float | None = None,
    rules: tuple[Rule, ...] | None = None,
) -> Formation:
    """Return the best teams under the model, and the bound on all others.

    Ends early once the gap is ``good_enough``: by default 0 for up to 20 GPs, where every
    partition can be looked at, and 0.004 beyond. The search draws nothing by chance, so
    ``seed`` changes nothing; it is taken as all makers of plans take one. ``deadline`` stands
    for ``time_limit`` and ``stop``. ``rules`` = those to keep, by default all; where some are
    left away nothing is explained.
    Raises where the model names staff who do not work there, or where there are too many
    candidates to try.
    """
    check_model(model, inputs)
    if deadline is None:
        limit = model.time_limit_seconds if time_limit is None else time_limit
        deadline = Deadline(limit, stop)
    began = deadline.taken()
    if rules is not None:
        found = _form(inputs, model, rules, deadline, good_enough)
        return replace(found, seconds=deadline.taken() - began)
    rules = list_rules(inputs, model)
    found = _form(inputs, model, rules, deadline, good_enough)
    if found.status == "infeasible":
        conflicts, given_up = explain(inputs, model, deadline)
        if given_up:
            kept = tuple(rule for rule in rules if rule not in given_up)
            nearest = _form(inputs, model, kept, _some_time(deadline), good_enough)
            found = replace(nearest, status="infeasible", relaxed=given_up)
        found = replace(found, conflict=next(iter(conflicts), ()), further=conflicts[1:])
    unproven = found.status == "infeasible" and not (found.conflict or found.relaxed)
    unproven = unproven and may_be_short(inputs, rules)
    if found.status == _UNSTAFFED or unproven:
        roles = tuple(rule for rule in rules if rule.id == "role")
        kept = tuple(rule for rule in rules if rule not in roles)
        nearest = _form(inputs, model, kept, _some_time(deadline), good_enough)
        found = replace(nearest, status="infeasible", relaxed=roles)
    return replace(found, seconds=deadline.taken() - began)


def form_again(
    inputs: PracticeInputs,
    model: TeamModel,
    search: Search,
    rules: tuple[Rule, ...],
    deadline: Deadline,
    *,
    keep: float,
    good_enough: float,
) -> Formation:
    """Return the best of the same candidates where staying with the named GP counts more.

    ``rules`` = those that the candidates keep; ``keep`` = weighted contacts that each patient
    who stays counts more.
    """
    candidates = search.candidates
    retained = Retained(gather_units(inputs, model, candidates.gps, keep), candidates.columns)
    run = Bounding(retained, candidates.limits, deadline, search.chosen, search.held)
    return _formation(inputs, rules, candidates, run, good_enough)


def _form(
    inputs: PracticeInputs,
    model: TeamModel,
    rules: tuple[Rule, ...],
    deadline: Deadline,
    good_enough: float | None,
) -> Formation:
    candidates = find_candidates(inputs, model, rules)
    columns = candidates.columns
    if not columns.items or not columns.count:
        return Formation((), 0.0, 0.0, 0.0, "infeasible", 0.0, columns.count)
    retained = Retained(gather_units(inputs, model, candidates.gps), columns)
    if good_enough is None:
        good_enough = 0.0 if columns.items <= MOST_GPS else _GOOD_ENOUGH
    run = Bounding(retained, candidates.limits, deadline)
    return _formation(inputs, rules, candidates, run, good_enough)


def _some_time(deadline: Deadline) -> Deadline:
    """Return a deadline that leaves some time whatever is left."""
    return Deadline(max(_LEAST_SECONDS, deadline.left()), deadline.stop, deadline.clock)


def _formation(
    inputs: PracticeInputs,
    rules: tuple[Rule, ...],
    candidates: Candidates,
    run: Bounding,
    good_enough: float,
) -> Formation:
    """Return the best teams that people of other roles can be dealt to."""
    found, count = run.run(good_enough), candidates.columns.count
    if not found.chosen.size:
        return Formation((), 0.0, max(0.0, found.bound), 1.0, found.status, 0.0, count)
    chosen, value, status = found.chosen, found.value, found.status
    teams = tuple(sorted(candidates.team(int(row)) for row in chosen))
    others = deal_roles(inputs, rules, teams)
    if others is None:
        seconds = max(_LEAST_SECONDS, run.deadline.left())
        gain = run.retained.following()
        staffed = choose_staffed(inputs, rules, candidates, gain, seconds)
        if staffed.chosen is None:
            why = "infeasible" if staffed.proven else _UNSTAFFED
            return Formation((), 0.0, found.bound, 1.0, why, 0.0, count)
        value = run.retained.value(staffed.chosen)
        status = "gap" if gap_of(value, found.bound) > 0 else status
        chosen = staffed.chosen
        teams = tuple(sorted(candidates.team(int(row)) for row in chosen))
        others = deal_roles(inputs, rules, teams)
    return Formation(
        teams=teams,
        value=value,
        bound=found.bound,
        gap=gap_of(value, found.bound),
        status=status,
        seconds=0.0,
        columns=count,
        others=others or tuple(() for _ in teams),
        two_cost_gap=found.two_cost_gap,
        search=Search(candidates, found.ceiling, found.threshold, chosen, found.held),
    )

"""The rules of a team model that an arrangement does not keep, whoever made it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from hamlets.optimise.partition import Columns
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import Candidates, Rule, holding, list_rules
from hamlets.teams.comparing.kept import find_placed
from hamlets.teams.comparing.measures import find_moves, measure_arrangement
from hamlets.teams.inputs import Int32, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import RuleWords
from hamlets.teams.rule_words import say_limits, say_rules
from hamlets.teams.units import number_units

_CLOSE = 1e-6
_NEAR = 1e-9


def find_broken(
    inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement
) -> tuple[RuleWords, ...]:
    """Return the rules of a model that an arrangement does not keep, on teams and on lists."""
    rules = [
        rule for rule in list_rules(inputs, model) if not _holds(inputs, model, arrangement, rule)
    ]
    limits = tuple(_broken_limits(inputs, model, arrangement))
    return (*say_rules(rules, inputs, model), *say_limits(limits, model, {}))


def _holds(inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement, rule: Rule) -> bool:
    staff = inputs.clinicians
    everybody = [arrangement.members(team) for team in range(len(arrangement.teams))]
    match rule.id:
        case "role":
            return all(
                sum(staff.role[each] == rule.about for each in members) >= rule.value
                for members in arrangement.others
            )
        case "must_link" | "cannot_link":
            names = set(rule.about.split(", "))
            inside = [sum(staff.staff_id[each] in names for each in m) for m in everybody]
            if rule.id == "cannot_link":
                return max(inside, default=0) <= 1
            return sum(count > 0 for count in inside) <= 1
        case "one_site":
            sites = [{staff.site[each] for each in members} - {None} for members in everybody]
            return all(len(each) <= 1 for each in sites)
        case _:
            return bool(holding(inputs, model, _as_candidates(inputs, arrangement), rule).all())


def _as_candidates(inputs: PracticeInputs, arrangement: Arrangement) -> Candidates:
    """Return the teams in the form that rules are checked in."""
    gps = np.array(sorted({gp for team in arrangement.teams for gp in team}), dtype=np.int32)
    most = max((len(team) for team in arrangement.teams), default=1)
    members = np.full((len(arrangement.teams), max(most, 1)), -1, dtype=np.int16)
    for number, team in enumerate(arrangement.teams):
        members[number, : len(team)] = np.searchsorted(gps, team)
    return Candidates(gps, Columns(members, len(gps)))


def _broken_limits(
    inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement
) -> Iterator[str]:
    placed = find_placed(inputs, model)
    measured = measure_arrangement(inputs, arrangement, model)
    if measured.band_max is not None and measured.band_max > model.band_percent / 100 + _CLOSE:
        yield "band"
    moves = find_moves(inputs, arrangement, placed)
    allowed = math.floor(model.disruption_percent / 100 * int(moves.eligible.sum()) + _NEAR)
    if int(moves.moved.sum()) > allowed:
        yield "budget"
    if model.households and _parted(number_units(inputs, model), arrangement.team):
        yield "households"


def _parted(unit: Int64, team: Int32) -> bool:
    """Return whether patients of one unit are in different teams."""
    placed = unit >= 0
    pairs = np.unique(np.stack([unit[placed], team[placed]]), axis=1)
    return pairs.shape[1] > len(np.unique(unit[placed]))

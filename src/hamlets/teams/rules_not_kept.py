"""In words: the rules that cannot hold together, and those that the nearest plan does not keep."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from hamlets.teams.columns import find_gps, sizes_within
from hamlets.teams.comparing.measures import Measured
from hamlets.teams.designing import Design
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.list_limits import find_limits_in_conflict
from hamlets.teams.model import TeamModel
from hamlets.teams.results import RuleWords
from hamlets.teams.rule_words import say_limits, say_rules


class NotKept(NamedTuple):
    """Conflicts, a smallest first, and the rules given up: each of these is in one of those."""

    conflicts: tuple[tuple[RuleWords, ...], ...] = ()
    given_up: tuple[RuleWords, ...] = ()


def find_not_kept(
    inputs: PracticeInputs, model: TeamModel, found: Design, measured: Measured, seconds: float
) -> NotKept:
    """Return what a design does not keep, and why; nothing of one that keeps every rule.

    ``seconds`` is for the search among the rules on lists.
    """
    formation = found.formation
    sets = [rules for rules in (formation.conflict, *formation.further) if rules]
    conflicts = [say_rules(rules, inputs, model) for rules in sets]
    if conflicts:
        conflicts[-1] = _within_sizes(conflicts[-1], inputs, model)
    given_up = say_rules(formation.relaxed, inputs, model)
    broken = [
        limit
        for limit, kept in (("band", found.band_kept), ("budget", found.budget_kept))
        if not kept
    ]
    if broken:
        facts = _facts_of_limits(measured)
        these = find_limits_in_conflict(inputs, model, found.arrangement.teams, seconds)
        conflicts.append(say_limits(these or broken, model, facts))
        given_up = (*given_up, *say_limits(broken, model, facts))
    return NotKept(tuple(conflicts), given_up)


def _within_sizes(
    conflict: tuple[RuleWords, ...], inputs: PracticeInputs, model: TeamModel
) -> tuple[RuleWords, ...]:
    """Return a conflict that no size is part of with the sizes that were tried, if not all."""
    gps = len(find_gps(inputs, model))
    _, most = sizes_within((), model, gps)
    if not conflict or most >= gps or any(rule.id == "size_most" for rule in conflict):
        return conflict
    *before, last = conflict
    return (
        *before,
        replace(last, fact=f"{last.fact} Teams of up to {most} GPs were tried.".strip()),
    )


def _facts_of_limits(measured: Measured) -> dict[str, str]:
    """Return what the plan shown does about its band and budget."""
    facts: dict[str, str] = {}
    if measured.band_max is not None:
        most = math.ceil(measured.band_max * 1000 - 1e-9) / 10
        facts["band"] = f"In the plan shown a team is {most:g} in 100 from its share of the work."
    if measured.moved_share is not None:
        moved = math.ceil(measured.moved_share * 1000 - 1e-9) / 10
        facts["budget"] = f"In the plan shown {moved:g} in 100 get a different named GP."
    return facts

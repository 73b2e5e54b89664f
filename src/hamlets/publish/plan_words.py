"""What is said of a plan: its headline, how good it is known to be, why no plan keeps every rule.

For every page and command alike. Numbers are rounded against the plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hamlets.teams.results import Plan, RuleWords, listed

_TINY = 1e-9
_LIMITS = ("band", "budget", "households", "asked")
"""Rules on lists: looked for, where rules on teams are proved to conflict."""


@dataclass(frozen=True)
class Headline:
    """The sentences that stand over a plan, rounded against it; blank where there is none."""

    kept: str
    moved: str
    no_merit: str
    """What of the contacts kept the choice of teams is not the reason for: one team of all GPs,
    or a gain that chance alone would give."""


def headline(plan: Plan) -> list[str]:
    """Return the sentences that stand over a plan as one line; none where nothing is known."""
    said = headline_parts(plan)
    return [" ".join(filter(None, (said.kept, said.moved, said.no_merit)))] if said else []


def headline_parts(plan: Plan) -> Headline | None:
    """Return what is kept, who moves, and what of it is no merit of the plan."""
    chosen = plan.option("plan")
    # Of lists alone the team is the GP: then nothing is said of teams.
    alone = plan.approach == "personal_lists" or not plan.teams
    kept = None if chosen is None else chosen.retained_own if alone else chosen.retained_team
    if chosen is None or kept is None:
        return None
    keeps = (
        f"Patients keep {math.floor(kept * 100 + _TINY)} in 100 of their past contacts "
        f"{'with their own GP' if alone else 'inside their new team'}."
    )
    moves = ""
    if chosen.moved_share is not None:
        moved = math.ceil(chosen.moved_share * 100 - _TINY)
        others = f", besides the {plan.forced:,} who need a new one" if plan.forced else ""
        moves = f"{moved} in 100 get a different named GP{others}."
    return Headline(keeps, moves, "" if alone else " ".join(_no_merit(plan)))


def _no_merit(plan: Plan) -> list[str]:
    """Return what of the contacts with the team the choice of teams is not the reason for."""
    if len(plan.teams) == 1:
        return ["All GPs are in one team, so there was no team to choose."]
    now, chosen = plan.option("now"), plan.option("plan")
    if now is None or chosen is None:
        return []
    # Of the numbers as they are shown, so that a reader can do the sum.
    more = _difference(now.retained_team, chosen.retained_team, 0.0)
    by_chance = min(more, _difference(now.chance_team, chosen.chance_team, 0.5))
    if more < 1 or by_chance < 1:
        return []
    part = "all by chance" if by_chance == more else f"{by_chance} of it by chance"
    why = "contacts spread over the same GPs at random would fall into these teams more often"
    return [f"That is {more} in 100 more than now, {part}: {why}."]


def _difference(before: float | None, after: float | None, up: float) -> int:
    """Return how many more in 100 there are, of shares rounded down, or with 0.5 to the nearest."""
    if before is None or after is None:
        return 0
    return math.floor(100 * after + up + _TINY) - math.floor(100 * before + up + _TINY)


def band(plan: Plan) -> str:
    """Return what the rule on even work allows; blank where there are no teams to even out."""
    if not plan.teams or plan.band_percent is None:
        return ""
    allowed = plan.band_percent
    return (
        f"The rule on even work is about teams: within {allowed:g} in 100 means from"
        f" {max(100 - allowed, 0):g} to {100 + allowed:g}."
    )


def proof(plan: Plan) -> list[str]:
    """Return what is known of how good a plan is, in words."""
    if plan.conflict or plan.given_up:
        return list(filter(None, conflict(plan)))
    gap = plan.certificate.gap
    if not math.isfinite(gap) or not math.isfinite(plan.certificate.bound):
        return ["We have no proof yet how good this plan is."]
    least = math.ceil(gap * 100 - _TINY)
    if least <= 0:
        found = ["No plan under your rules can beat this one."]
    else:
        found = [f"No plan under your rules can beat this one by more than {least} in 100."]
    if plan.certificate.covers:
        found.append(plan.certificate.covers)
    return found


def conflict(plan: Plan) -> tuple[str, str, str]:
    """Return which rules conflict, what could be asked instead, and which the plan breaks."""
    return (
        " ".join(_which_conflict(rules) for rules in plan.conflicts),
        " ".join(_what_to_change(rules) for rules in plan.conflicts),
        f"The plan shown is the nearest found. It does not keep: {listed(plan.given_up)}."
        if plan.given_up
        else "",
    )


def _which_conflict(rules: tuple[RuleWords, ...]) -> str:
    if not rules:
        return ""
    count = len(rules)
    if all(rule.id in _LIMITS for rule in rules):
        # These were looked for, not proved.
        begin = "We found no lists that keep "
        begin += "this rule" if count == 1 else f"these {count} rules together"
    else:
        words = {1: "This rule cannot hold", 2: "These 2 rules cannot both hold"}
        begin = words.get(count, f"These {count} rules cannot all hold")
    facts = dict.fromkeys(rule.fact for rule in rules if rule.fact)
    return " ".join([f"{begin}: {listed(rules)}.", *facts])


def _what_to_change(rules: tuple[RuleWords, ...]) -> str:
    changes = list(dict.fromkeys(rule.change for rule in rules if rule.change))
    if not changes:
        return ""
    return f"{'Ask for' if len(changes) == 1 else 'Change one: ask for'} {'; or '.join(changes)}."

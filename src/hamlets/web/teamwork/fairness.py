"""Whether a plan is fair: who moves and who gains, by groups of patients."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.publish import numbers
from hamlets.teams.results import EquityRow, Plan
from hamlets.web.teamwork.saying import say_cohort
from hamlets.web.words import text


@dataclass(frozen=True)
class Fairness:
    """One way to split patients into groups."""

    title: str
    rows: tuple[tuple[str, str, str, str, str, str, str], ...]
    """Group, patients, new named GP, in team before and after, with own GP before and after."""


def fairness(plan: Plan) -> list[Fairness]:
    """Return who moves and who gains, by age, deprivation, language and cohort."""
    found: list[Fairness] = []
    for factor in dict.fromkeys(row.factor for row in plan.equity):
        rows = [_fair(row) for row in plan.equity if row.factor == factor]
        found.append(Fairness(text(f"teams.factor.{factor}"), tuple(rows)))
    return found


_SMALLEST = 8
"""Groups of fewer patients are in the tables and not in the sentence."""


def fair_words(plan: Plan) -> str:
    """Return which groups would keep fewer past contacts in their team than now."""
    known = [
        row
        for row in plan.equity
        if row.n_patients >= _SMALLEST
        and row.retained_team_before is not None
        and row.retained_team_after is not None
    ]
    if not known:
        return text("teams.fair.lead")
    less = [
        _fair(row)[0]
        for row in known
        if (row.retained_team_after or 0.0) < (row.retained_team_before or 0.0)
    ]
    if not less:
        return text("teams.fair.nobody_less", n=len(known))
    if len(less) > 5:
        return text("teams.fair.many_less", n=len(less), of=len(known))
    return text("teams.fair.some_less", names=", ".join(less), of=len(known))


def _fair(row: EquityRow) -> tuple[str, str, str, str, str, str, str]:
    said = {"cohort": say_cohort, "age_band": numbers.ages}.get(row.factor)
    group = said(row.group) if said else row.group
    return (
        group,
        f"{row.n_patients:,}",
        numbers.at_most(row.moved_share),
        numbers.at_least(row.retained_team_before),
        numbers.at_least(row.retained_team_after),
        numbers.at_least(row.retained_own_before),
        numbers.at_least(row.retained_own_after),
    )

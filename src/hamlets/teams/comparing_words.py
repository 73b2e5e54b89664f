"""What must be said beside a comparison: why the present may keep more, lists that stay small."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.broken_rules import find_broken
from hamlets.teams.comparing.measures import Measured
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import listed

_SMALL = 0.5
"""Part of its share of the work below which a list is named."""


def say_of_present(
    inputs: PracticeInputs,
    model: TeamModel,
    present: Arrangement,
    now: Measured,
    plan: Measured,
) -> Iterator[str]:
    """Yield why the present teams or lists keep more than the plan, where they do."""
    if _more(now.retained_team, plan.retained_team):
        broken = find_broken(inputs, model, present)
        if broken:
            yield (
                "The present teams keep more past contacts than the plan, but not all of your"
                f" rules. They break: {listed(broken)}."
            )
        else:
            yield (
                "The present teams keep your rules, and more contacts of the past 12 months than"
                " the plan: it is chosen by those of 24 months, of which older ones count less."
            )
        if now.band_max is not None and now.band_max > model.band_percent / 100 + 1e-9:
            yield (
                f"A present team is {100 * now.band_max:.0f} in 100 from its share of the work;"
                f" the rule is {model.band_percent:g}."
            )
    if _more(now.retained_own, plan.retained_own):
        if (now.list_most or 0) > (plan.list_most or 0):
            yield (
                "The present lists keep more past contacts with the own GP than the plan, but the"
                f" fullest has {now.list_most or 0:.0f} where the average is 100 (work for"
                f" bookable minutes); in the plan it has {plan.list_most or 0:.0f}."
            )
        else:
            yield (
                "The present lists keep more past contacts with the own GP than the plan, which"
                " puts the teams first and then evens out the lists."
            )


def _more(now: float | None, plan: float | None) -> bool:
    return now is not None and now > (plan or 0.0)


def say_of_lists(inputs: PracticeInputs, plan: Arrangement) -> Iterator[str]:
    """Yield the lists that stay far below their share of the work, and those of no minutes."""
    staff, people = inputs.clinicians, inputs.people
    listed = plan.named >= 0
    work = np.bincount(
        plan.named[listed], weights=people.work_minutes[listed], minlength=staff.size
    )
    size = np.bincount(plan.named[listed], minlength=staff.size)
    inside = np.zeros(staff.size, dtype=np.bool_)
    inside[[gp for team in plan.teams for gp in team]] = True
    holds = staff.eligible & (inside | (size > 0))
    able = np.where(holds, staff.capacity_minutes, 0.0)
    fair = able * work.sum() / max(float(able.sum()), 1e-9)
    small = np.flatnonzero(holds & (able > 0) & (work < _SMALL * fair))
    if len(small):
        lists = [
            f"{staff.name[gp]} ({100 * work[gp] / fair[gp]:.0f} in 100 of it, {_people(size[gp])})"
            for gp in small.tolist()
        ]
        yield (
            f"Lists far below their share of the work: {', '.join(lists)}. They grow as new"
            " patients come, or at once if more patients may change GP."
        )
    without = np.flatnonzero((size > 0) & (staff.capacity_minutes <= 0)).tolist()
    if without:
        names = ", ".join(staff.name[gp] for gp in without)
        yield (
            f"Lists of GPs without bookable minutes: {names}. So the work of lists cannot be"
            " compared."
        )


def _people(count: int) -> str:
    return "1 patient" if count == 1 else f"{count:,} patients"

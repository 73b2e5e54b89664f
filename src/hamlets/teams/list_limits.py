"""Which limits on lists (band, budget, households, wishes) were not found to hold together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hamlets.optimise.conflicts import smallest_conflict
from hamlets.teams.allocation import Placing, Team, allocate
from hamlets.teams.columns import find_gps
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.rule_words import LIMITS

_ANY_BAND = 1e6
_ALL = 100.0


def find_limits_in_conflict(
    inputs: PracticeInputs, model: TeamModel, teams: Sequence[Team], seconds: float
) -> tuple[str, ...]:
    """Return the fewest limits that no lists of these teams were found to keep together.

    A search, not a proof: another allocation, or other teams, might. Empty where the time
    ended before each smaller set was tried.
    """
    until = time.perf_counter() + seconds
    late = False

    def possible(kept: frozenset[str]) -> bool:
        nonlocal late
        if len(kept) == 0:
            return True
        if time.perf_counter() > until:
            late = True
            return True
        asked, wanted = _without(inputs, model, kept)
        found = allocate(Placing.of(asked, wanted, find_gps(asked, wanted)), teams)
        return found.band_kept and found.budget_kept

    used = [limit for limit in LIMITS if _in_use(limit, inputs, model)]
    conflict = smallest_conflict(used, possible)
    return () if late else conflict


def _in_use(limit: str, inputs: PracticeInputs, model: TeamModel) -> bool:
    if limit == "households":
        return model.households
    return bool((inputs.people.locked >= 0).any()) if limit == "asked" else True


def _without(
    inputs: PracticeInputs, model: TeamModel, kept: frozenset[str]
) -> tuple[PracticeInputs, TeamModel]:
    """Return a practice and a model that ask only for some of the limits."""
    if "asked" not in kept:
        nobody = np.full_like(inputs.people.locked, -1)
        inputs = replace(inputs, people=replace(inputs.people, locked=nobody))
    return inputs, replace(
        model,
        band_percent=model.band_percent if "band" in kept else _ANY_BAND,
        disruption_percent=model.disruption_percent if "budget" in kept else _ALL,
        households=model.households and "households" in kept,
    )

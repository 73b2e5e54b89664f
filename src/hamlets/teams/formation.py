"""Formation: which GPs make teams, with a proof of how good the choice is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from hamlets.optimise.partition import gap_of
from hamlets.teams.bounding import Bounding
from hamlets.teams.columns import Rule, find_candidates
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel, check_model
from hamlets.teams.retained import Retained
from hamlets.teams.units import gather_units


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
    two_cost_gap: float = 0.0
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
    good_enough: float = 0.0,
) -> Formation:
    """Return the best teams under the model, and the bound on all others.

    Ends early once the gap is ``good_enough``. Raises where the model names staff who do
    not work there, or where there are too many candidates to try.
    """
    began = time.perf_counter()
    check_model(model, inputs)
    candidates = find_candidates(inputs, model)
    units = gather_units(inputs, model, candidates.gps)
    retained = Retained(units, candidates.columns)
    limit = model.time_limit_seconds if time_limit is None else time_limit
    found = Bounding(retained, candidates.limits, limit, stop).run(good_enough)
    teams = sorted(candidates.team(int(row)) for row in found.chosen)
    return Formation(
        teams=tuple(teams),
        value=found.value,
        bound=found.bound,
        gap=gap_of(found.value, found.bound),
        status=found.status,
        seconds=time.perf_counter() - began,
        columns=candidates.columns.count,
        two_cost_gap=found.two_cost_gap,
    )

"""The trade-off: the plan's own teams with other bands of work and other budgets of moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.threads import one_thread
from hamlets.teams.allocation import TEAMS_FIRST, Allocation, Leaning, Placing, deal
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import find_gps
from hamlets.teams.comparing.measures import Measured, measure_arrangement
from hamlets.teams.comparing.pareto import mark_dominated
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import ParetoPoint

_BANDS = (1.0, 2.0, 0.5)
_BUDGETS = (1.0, 0.5, 2.0, 0.75)
"""Of what the model asks for; the most telling first, should the time end."""
_FROM_NONE = (0.0, 10.0, 20.0, 5.0)
"""Budgets, in per cent, beside that of a model in which nobody may move."""

Settings = list[tuple[float, float]]


@one_thread()
def find_trade_off(
    inputs: PracticeInputs,
    model: TeamModel,
    arrangement: Arrangement,
    measured: Measured,
    *,
    seconds: float,
    stop: Callable[[], bool] | None = None,
    leaning: Leaning = TEAMS_FIRST,
) -> tuple[tuple[ParetoPoint, ...], int]:
    """Return up to 12 plans by budget and band, the plan itself among them, and how many were
    left out for want of time.

    Left out too are those whose band or budget no lists were found to keep. Points that
    another point beats are marked. ``leaning`` = that of the plan, and so of all.
    """
    deadline = Deadline(seconds, stop)
    last: Allocation | None = None
    found, untried = list[ParetoPoint](), 0
    for band, budget in list_settings(model):
        asked = replace(model, band_percent=band, disruption_percent=budget)
        this = (band, budget) == (model.band_percent, model.disruption_percent)
        if this:
            found.append(_point(asked, measured, True))
            continue
        if deadline.over():
            untried += 1
            continue
        placing = Placing.of(inputs, asked, find_gps(inputs, asked))
        # The prices of the last setting are near those of this one.
        last = deal(placing, arrangement.teams, leaning, last, deadline)
        if last.band_kept and last.budget_kept:
            other = replace(arrangement, team=last.team, named=last.named)
            found.append(_point(asked, measure_arrangement(inputs, other, asked), False))
    found.sort(key=lambda point: (point.disruption_percent, point.band_percent))
    return mark_dominated(found), untried


def list_settings(model: TeamModel) -> Settings:
    """Return bands and budgets to try, in per cent; the model's own are the first."""

    def settings() -> Iterator[tuple[float, float]]:
        own = model.disruption_percent
        budgets = [min(100.0, own * by) for by in _BUDGETS] if own else list(_FROM_NONE)
        for band in _BANDS:
            for budget in budgets:
                yield model.band_percent * band, budget

    return list(dict.fromkeys(settings()))


def _point(model: TeamModel, measured: Measured, this_plan: bool) -> ParetoPoint:
    return ParetoPoint(
        band_percent=model.band_percent,
        disruption_percent=model.disruption_percent,
        retained_team=measured.retained_team or 0.0,
        retained_own=measured.retained_own or 0.0,
        band_max=measured.band_max or 0.0,
        moved_share=measured.moved_share or 0.0,
        this_plan=this_plan,
        dominated=False,
    )

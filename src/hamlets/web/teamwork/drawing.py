"""The trade-off of a plan: its heading, its drawing, and the table beneath it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish import numbers
from hamlets.publish.trade_off import Spot, TradeOff
from hamlets.publish.trade_off import trade_off as drawn
from hamlets.teams.results import ParetoPoint, Plan
from hamlets.web.words import text

_LITTLE = 0.5
"""Under this part of the slope before a plan, what follows it adds little."""


@dataclass(frozen=True)
class Shown:
    """The trade-off as the page shows it."""

    heading: str
    line: str
    wide: Markup
    narrow: Markup
    closer_wide: Markup
    closer_narrow: Markup
    rows: tuple[tuple[str, str, str, str, str], ...]
    """Plan, work within, new named GP, kept in team, kept with own GP."""


def trade_off(plan: Plan) -> Shown | None:
    """Return the trade-off of a plan; None where no other plans were tried."""
    points = [point for point in plan.pareto if not point.dominated or point.this_plan]
    if len(points) < 2 or not any(point.this_plan for point in points):
        return None
    points.sort(key=lambda p: (p.moved_share, p.retained_team, p.band_percent))
    names = _names(points)
    spots = tuple(
        Spot(p.moved_share, p.retained_team, names[place], p.this_plan)
        for place, p in enumerate(points)
    )
    heading = trade_off_heading(points)
    told = text("teams.trade.alt", heading=heading, n=len(points))

    def chart(closer: bool) -> TradeOff:
        return TradeOff(
            spots,
            text("teams.trade.x"),
            text("teams.trade.y"),
            heading,
            told,
            closer,
        )

    return Shown(
        heading=heading,
        line=text("teams.trade.line", place=plan.practice_name or plan.practice_id),
        wide=drawn(chart(False), "trade-wide", "wide"),
        narrow=drawn(chart(False), "trade-narrow", "narrow"),
        closer_wide=drawn(chart(True), "trade-closer-wide", "wide"),
        closer_narrow=drawn(chart(True), "trade-closer-narrow", "narrow"),
        rows=tuple(
            (
                names[place],
                text("teams.trade.within", n=f"{p.band_percent:g}"),
                numbers.at_most(p.moved_share),
                numbers.at_least(p.retained_team),
                numbers.at_least(p.retained_own),
            )
            for place, p in enumerate(points)
        ),
    )


def _names(points: Sequence[ParetoPoint]) -> list[str]:
    found: list[str] = []
    number = 0
    for point in points:
        if point.this_plan:
            found.append(text("teams.trade.this"))
        else:
            number += 1
            found.append(str(number))
    return found


def trade_off_heading(points: Sequence[ParetoPoint]) -> str:
    """Return what the trade-off says, from the plans of the same band of work.

    Slopes are contacts kept for each patient moved, to the plan before and to the one after.
    """
    mine = next(point for point in points if point.this_plan)
    same = sorted(
        (p for p in points if p.band_percent == mine.band_percent), key=lambda p: p.moved_share
    )
    moved = math.ceil(mine.moved_share * 100 - 1e-9)
    kept = math.floor(mine.retained_team * 100 + 1e-9)
    before = [p for p in same if p.moved_share < mine.moved_share]
    after = [p for p in same if p.moved_share > mine.moved_share]
    if not before or not after:
        return text("teams.trade.keeps", m=moved, k=kept)
    if _slope(mine, after[0]) < _LITTLE * _slope(before[-1], mine):
        return text("teams.trade.little", m=moved, k=kept)
    return text("teams.trade.more")


def _slope(one: ParetoPoint, other: ParetoPoint) -> float:
    return (other.retained_team - one.retained_team) / (other.moved_share - one.moved_share)

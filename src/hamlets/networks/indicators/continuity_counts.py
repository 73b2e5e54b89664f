"""Continuity as an indicator: counts of practices from Hamlets' own measures.

The measure, its rules and its ranges are those of the room of continuity; nothing is counted
again here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from hamlets.errors import NothingToMeasureError
from hamlets.networks.indicators.assembling import PlaceCount
from hamlets.networks.indicators.definition import Indicator
from hamlets.networks.indicators.periods import Period
from hamlets.records import Store

RATIOS = ("slicc",)
"""Measures that divide contacts by contacts; the others are means of patients."""

Found = dict[tuple[str, Period | None], list[PlaceCount]]
"""Counts by indicator and period; None stands for days that a source does not tell."""


def continuity_counts(
    store: Store,
    indicators: Sequence[Indicator],
    periods: Sequence[Period],
    practices: Iterable[str],
    *,
    by_month: bool,
    threads: int | None = None,
) -> Found:
    """Return the counts of practices by indicator and period; a pass over the contacts for each.

    Months that follow one another are one pass. A period without contacts has no entry.
    """
    measures = sorted({one.measure for one in indicators if one.measure})
    wanted = frozenset(practices)
    spans = _run(periods) if by_month else [(period, None) for period in periods]
    found: Found = {}
    for span, months in spans:
        for row in _rows(store, measures, span, months is not None, threads):
            period = span if months is None else months.get(row["month"])
            size = row["n_contacts"] if row["measure"] in RATIOS else row["n_patients"]
            # a hospital or hub that gave contacts has no list, and no row
            if period is None or row["practice"] not in wanted or not size:
                continue
            for one in indicators:
                if one.measure == row["measure"]:
                    found.setdefault((one.id, period), []).append(_place_count(row))
    return found


def _run(periods: Sequence[Period]) -> list[tuple[Period, dict[str, Period] | None]]:
    """Return one span over all months, with each month by its name."""
    if not periods:
        return []
    first, last = min(p.start for p in periods), max(p.end for p in periods)
    return [(Period(first, last), {f"{p.start:%Y-%m}": p for p in periods})]


def _rows(
    store: Store, measures: Sequence[str], span: Period, by_month: bool, threads: int | None
) -> list[dict[str, Any]]:
    from hamlets.continuity import measure

    try:
        table = measure(
            store,
            measures=measures,
            by=["practice", "month"] if by_month else ["practice"],
            date_from=span.start,
            date_to=span.end,
            threads=threads,
        )
    except NothingToMeasureError:
        return []
    return table.to_pylist()


def _place_count(row: dict[str, Any]) -> PlaceCount:
    value, bounds = row["value"], None
    if row["lower"] is not None and row["upper"] is not None:
        bounds = (row["lower"], row["upper"])
    if row["measure"] in RATIOS:
        contacts = row["n_contacts"]
        own = round((value or 0) * contacts)
        return PlaceCount(row["practice"], numerator=own, denominator=contacts, bounds=bounds)
    share = None if value is None else Fraction(value)
    return PlaceCount(row["practice"], share=share, weight=row["n_patients"], bounds=bounds)

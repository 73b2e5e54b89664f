"""Headline numbers, their change, and the trend by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hamlets.continuity import signals
from hamlets.continuity.asking import NOTHING, Asker, to_estimate
from hamlets.continuity.calendar import month_label, month_number
from hamlets.continuity.periods import Spans
from hamlets.continuity.results import (
    Change,
    Estimate,
    Given,
    Headline,
    Level,
    Month,
    Trend,
)

YEAR = 12
RATIOS = ("slicc", "opr", "same_as_previous")
ROLLING = ("k", "clinicians")
"""Patient indices of a year that stand in where there are no named GPs."""


def read_headlines(asker: Asker, spans: Spans, given: Given) -> tuple[Headline, ...]:
    """Return the four headline numbers that the records allow, the main one first."""
    upc = _headline(asker, spans, "upc")
    same = replace(
        _headline(asker, spans, "secon"), change=last_change(asker, spans, "same_as_previous")
    )
    if not given.named_gps:
        return upc, same, *(_headline(asker, spans, measure) for measure in ROLLING)
    own = _headline(asker, spans, "slicc")
    team = _headline(asker, spans, "slicc", "team") if given.teams else same
    holders = [row for row in asker.rows("opr", spans.year, ("list",)) if row["n_contacts"]]
    opr = replace(_headline(asker, spans, "opr"), n_staff=len(holders))
    return own, team, upc, opr


def _headline(asker: Asker, spans: Spans, measure: str, level: Level = "clinician") -> Headline:
    period = spans.patients if measure == "upc" else spans.year
    earlier = None
    if spans.earlier is not None and measure != "upc":
        found = asker.one(measure, spans.earlier, level)
        earlier = found if found.value is not None else None
    return Headline(
        asker.one(measure, period, level),
        period,
        None if measure == "secon" else last_change(asker, spans, measure, level),
        earlier=earlier,
    )


def last_change(
    asker: Asker, spans: Spans, measure: str, level: Level = "clinician"
) -> Change | None:
    """Return the last full month against the one before; None where either has no interval."""
    months = read_months(asker, spans, measure, level)[-2:]
    if len(months) < 2:
        return None
    ends: list[tuple[float, float]] = []
    for month in months:
        estimate = month.estimate
        if estimate.value is None:
            return None
        half = signals.half_width(estimate.value, estimate.lower, estimate.upper)
        if half is None:
            return None
        ends.append((estimate.value, half))
    change, lower, upper = signals.difference(*ends)
    return Change(months[0].start, months[1].start, change, lower, upper)


def read_months(
    asker: Asker, spans: Spans, measure: str, level: Level = "clinician"
) -> list[Month]:
    """Return one estimate a month: ratios for the trend's months, indices for the last two.

    Months without contacts have no value.
    """
    ratio = measure in RATIOS
    period = spans.trend if ratio else spans.last_two
    if period is None:
        return []
    changes: dict[str, Any] = {"window_months": YEAR} if measure in ROLLING else {}
    rows = asker.rows(measure, period, ("month",), level, **changes)
    known = {row["month"]: row for row in rows}
    found: list[Month] = []
    for start in spans.months if ratio else spans.months[-2:]:
        row = known.get(month_label(month_number(start)))
        empty = Estimate(measure, level, None, reason=NOTHING)
        found.append(Month(start, to_estimate(row) if row else empty))
    return found


def judged(months: Sequence[Month]) -> Trend:
    """Return months with what the rules of change say; months without a value are passed over."""
    known = [(i, m.estimate.value) for i, m in enumerate(months) if m.estimate.value is not None]
    said = signals.judge([value for _, value in known])
    marked = {known[i][0] for i in said.marked}
    since = None if said.since is None else months[known[said.since][0]].start
    told = tuple(replace(month, marked=i in marked) for i, month in enumerate(months))
    return Trend(told, said.signal, since)

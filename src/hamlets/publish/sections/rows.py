"""Rows of dots with ranges: what "List by list" and "Who gets less" share."""

from __future__ import annotations

from hamlets.continuity.results import ContinuityReport, Estimate
from hamlets.publish import numbers
from hamlets.publish.drawings import Dot
from hamlets.publish.page import KeyEntry
from hamlets.publish.sections import measures
from hamlets.publish.strings import text


def dot(label: str, estimate: Estimate, marked: bool = False) -> Dot:
    """Return one row of a dot chart; a range that is too wide keeps no dot."""
    wide = measures.too_wide(estimate)
    bounds = numbers.range_to(estimate.lower, estimate.upper)
    return Dot(
        label=label,
        value=None if wide else estimate.value,
        lower=estimate.lower,
        upper=estimate.upper,
        chance=estimate.chance,
        figure=bounds if wide else numbers.percent(estimate.value),
        marked=marked,
        ceiling=estimate.ceiling,
    )


def key(
    overall: Estimate | None,
    with_chance: bool,
    with_ring: bool = False,
    with_ceiling: bool = False,
) -> tuple[KeyEntry, ...]:
    """Return the key of a dot chart, with those marks only that stand in it."""
    entries = [KeyEntry("recorded", text("mark.recorded"))]
    if with_chance:
        entries.append(KeyEntry("chance", text("mark.by_chance")))
    if with_ceiling:
        entries.append(KeyEntry("ceiling", text("mark.rota_allows")))
    if overall is not None and middle(overall) is not None:
        shown = numbers.percent(overall.value)
        entries.append(KeyEntry("practice", text("mark.practice", n=shown)))
    if with_ring:
        entries.append(KeyEntry("ring", text("mark.ring")))
    return tuple(entries)


def middle(overall: Estimate) -> float | None:
    """Return the value of all patients, None where its range is too wide to draw it."""
    return None if measures.too_wide(overall) else overall.value


def counted_line(report: ContinuityReport, prefix: str, overall: Estimate) -> str:
    """Return the line under a heading: measure, place, period, number counted."""
    patients = measures.per_patient(overall)
    return text(
        f"{prefix}.line_patients" if patients else f"{prefix}.line",
        measure=measures.name(overall),
        place=measures.place(report),
        period=numbers.period(report.period.first, report.period.last),
        n=numbers.told(overall.n_patients if patients else overall.n_contacts),
    )

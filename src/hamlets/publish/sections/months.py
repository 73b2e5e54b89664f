"""Section 3, "Month by month": the line, and what the rules of change say of it."""

from __future__ import annotations

from dataclasses import replace

from hamlets.continuity.results import ContinuityReport, Month, Trend
from hamlets.publish import numbers
from hamlets.publish.drawings import Line, Point
from hamlets.publish.page import Chart, Fold, Panel, Section
from hamlets.publish.sections import measures
from hamlets.publish.strings import text
from hamlets.publish.tables import Cell, Csv, Table, columns


def build(report: ContinuityReport) -> Section:
    """Return the section "Month by month"."""
    months = [month for month in report.trend.months if month.estimate.value is not None]
    if not months:
        notes = (text("months.empty"),)
        return Section("months", text("months.title"), "chart.html", notes=notes)
    return Section("months", text("months.title"), "chart.html", _chart(report, months))


def heading(trend: Trend, measure: str, n_months: int) -> str:
    """Return the heading: what the rules of change say, in words."""
    values: dict[str, object] = {"measure": measure, "n": n_months}
    if trend.signal == "too_few":
        values["measure"] = measure[:1].lower() + measure[1:]
    if trend.since is not None:
        values["month"] = numbers.month(trend.since)
    return text(f"months.{trend.signal}", **values)


def _chart(report: ContinuityReport, known: list[Month]) -> Chart:
    trend = report.trend
    first, last = known[0].estimate, known[-1]
    measure = measures.name(first)
    message = heading(trend, measure, len(known))
    words = measures.contacts_word(report)
    line = Line(
        points=tuple(_point(month) for month in trend.months),
        now_label=None
        if last.estimate.value is None
        else text("mark.now", n=numbers.about(last.estimate.value)),
        chance_label=None
        if last.estimate.chance is None
        else text("mark.chance", n=numbers.about(last.estimate.chance)),
        scale_title=text(
            "months.scale", unit=text(f"measure.{measures.key(first)}.unit", contacts=words)
        ),
        title=message,
        description=_alternative(known, message),
    )
    closer_title = text("tools.closer_title", title=message)
    closer = replace(line, closer=True, title=closer_title)
    return Chart(
        ident="by-month",
        heading=message,
        line=text(
            "months.line",
            measure=measure,
            place=measures.place(report),
            period=text(
                "number.period",
                first=numbers.month(trend.months[0].start),
                last=numbers.month(trend.months[-1].start),
            ),
            n=numbers.count(sum(month.estimate.n_contacts for month in known)),
        ),
        panels=(Panel(line),),
        table=_table(trend, measure),
        count=measures.key(first),
        notes=(text("months.usual"),),
        folds=(Fold(text("tools.closer"), text("tools.closer_note"), (Panel(closer),)),),
    )


def _point(month: Month) -> Point:
    estimate = month.estimate
    return Point(
        month.start, estimate.value, estimate.lower, estimate.upper, estimate.chance, month.marked
    )


def _alternative(known: list[Month], message: str) -> str:
    def value(month: Month) -> float:
        return month.estimate.value or 0.0

    lowest, highest = min(known, key=value), max(known, key=value)
    first, last = known[0], known[-1]
    parts = [
        text(
            "months.alt",
            n=len(known),
            v1=numbers.about(value(first)),
            m1=numbers.month(first.start),
            v2=numbers.about(value(last)),
            m2=numbers.month(last.start),
            lo=numbers.about(value(lowest)),
            m_lo=numbers.month(lowest.start),
            hi=numbers.about(value(highest)),
            m_hi=numbers.month(highest.start),
        )
    ]
    if last.estimate.chance is not None:
        parts.append(text("months.alt_chance", c=numbers.about(last.estimate.chance)))
    parts.append(text("months.alt_heading", heading=message))
    return " ".join(parts)


def _table(trend: Trend, measure: str) -> Table:
    names = ("month", "value", "range", "chance", "contacts", "patients", "marked")
    head = [text(f"months.head_{name}") for name in names]
    rows = tuple(
        (
            Cell(numbers.month(month.start)),
            measures.value_cell(month.estimate),
            measures.range_cell(month.estimate),
            measures.chance_cell(month.estimate),
            Cell(numbers.count(month.estimate.n_contacts)),
            Cell(numbers.count(month.estimate.n_patients)),
            Cell(text("months.marked" if month.marked else "months.not_marked")),
        )
        for month in trend.months
    )
    csv = Csv(
        "month-by-month.csv",
        ("month", "value", "lower", "upper", "chance", "n_contacts", "n_patients", "marked"),
        tuple(
            (
                month.start.isoformat()[:7],
                month.estimate.value,
                month.estimate.lower,
                month.estimate.upper,
                month.estimate.chance,
                month.estimate.n_contacts,
                month.estimate.n_patients,
                "yes" if month.marked else "no",
            )
            for month in trend.months
        ),
    )
    return Table(text("months.caption", measure=measure), columns(*head), rows, csv)

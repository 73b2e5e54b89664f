"""Section 3, "Month by month": the line, and what the rules of change say of it."""

from __future__ import annotations

from dataclasses import replace

from hamlets.continuity.results import ContinuityReport, Estimate, Month, Trend
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
    # A figure with too wide a range is no figure: of such months only the range is drawn.
    told = [month for month in known if not measures.too_wide(month.estimate)]
    measure = measures.name(first)
    message = heading(trend, measure, len(known))
    words = measures.contacts_word(report)
    line = Line(
        points=tuple(_point(month) for month in trend.months),
        now_label=_now(last.estimate),
        chance_label=None
        if last.estimate.chance is None
        else text("mark.chance", n=numbers.about(last.estimate.chance)),
        ceiling_label=None
        if last.estimate.ceiling is None
        else text("mark.ceiling", n=numbers.about(last.estimate.ceiling)),
        scale_title=text(
            "months.scale", unit=text(f"measure.{measures.key(first)}.unit", contacts=words)
        ),
        title=message,
        description=_alternative(known, told, message),
    )
    with_ceiling = any(month.estimate.ceiling is not None for month in trend.months)
    window = measures.window(report) if with_ceiling else None
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
            n=numbers.told(_contacts(trend, known)),
        ),
        panels=(Panel(line),),
        table=_table(trend, measure, with_ceiling),
        count=measures.key(first),
        notes=(text("months.usual"), *([window] if window else [])),
        folds=(Fold(text("tools.closer"), text("tools.closer_note"), (Panel(closer),)),),
    )


def _contacts(trend: Trend, known: list[Month]) -> int:
    """Return the contacts of all months: a published form says them itself."""
    if trend.n_contacts is not None:
        return trend.n_contacts
    return sum(month.estimate.n_contacts for month in known)


def _now(estimate: Estimate) -> str | None:
    """Return the label of the last month: its figure, or its range where that is too wide."""
    if estimate.value is None:
        return None
    if measures.too_wide(estimate):
        return numbers.range_to(estimate.lower, estimate.upper)
    return text("mark.now", n=numbers.about(estimate.value))


def _point(month: Month) -> Point:
    estimate = month.estimate
    value = None if measures.too_wide(estimate) else estimate.value
    return Point(
        month.start,
        value,
        estimate.lower,
        estimate.upper,
        estimate.chance,
        month.marked,
        estimate.ceiling,
    )


def _alternative(known: list[Month], told: list[Month], message: str) -> str:
    parts = [_course(known, told)] if told else [text("months.alt_wide", n=len(known))]
    last = known[-1].estimate
    chance = None if last.chance is None else numbers.about(last.chance)
    ceiling = None if last.ceiling is None else numbers.about(last.ceiling)
    if chance and ceiling:
        parts.append(text("months.alt_chance_ceiling", c=chance, k=ceiling))
    elif chance:
        parts.append(text("months.alt_chance", c=chance))
    elif ceiling:
        parts.append(text("months.alt_ceiling", k=ceiling))
    parts.append(text("months.alt_heading", heading=message))
    return " ".join(parts)


def _course(known: list[Month], told: list[Month]) -> str:
    def value(month: Month) -> float:
        return month.estimate.value or 0.0

    if len(known) == 1:
        only = told[0]
        month = numbers.month(only.start)
        return text("months.alt_1", v1=numbers.about(value(only)), m1=month)
    lowest, highest = min(told, key=value), max(told, key=value)
    return text(
        "months.alt",
        n=len(known),
        v1=numbers.about(value(told[0])),
        m1=numbers.month(told[0].start),
        v2=numbers.about(value(told[-1])),
        m2=numbers.month(told[-1].start),
        lo=numbers.about(value(lowest)),
        m_lo=numbers.month(lowest.start),
        hi=numbers.about(value(highest)),
        m_hi=numbers.month(highest.start),
    )


def _table(trend: Trend, measure: str, with_ceiling: bool) -> Table:
    allows = ("ceiling",) if with_ceiling else ()
    names = ("month", "value", "range", "chance", *allows, "contacts", "patients", "marked")
    head = [text(f"months.head_{name}") for name in names]
    rows = tuple(
        (
            Cell(numbers.month(month.start)),
            measures.value_cell(month.estimate),
            measures.range_cell(month.estimate),
            measures.chance_cell(month.estimate),
            *([measures.ceiling_cell(month.estimate)] if with_ceiling else []),
            Cell(numbers.count(month.estimate.n_contacts)),
            Cell(numbers.count(month.estimate.n_patients)),
            Cell(text("months.marked" if month.marked else "months.not_marked")),
        )
        for month in trend.months
    )
    csv = Csv(
        "month-by-month.csv",
        (
            *("month", "value", "lower", "upper", "chance", *allows),
            *("n_contacts", "n_patients", "marked"),
        ),
        tuple(
            (
                month.start.isoformat()[:7],
                month.estimate.value,
                month.estimate.lower,
                month.estimate.upper,
                month.estimate.chance,
                *([month.estimate.ceiling] if with_ceiling else []),
                month.estimate.n_contacts,
                month.estimate.n_patients,
                "yes" if month.marked else "no",
            )
            for month in trend.months
        ),
    )
    return Table(text("months.caption", measure=measure), columns(*head), rows, csv)

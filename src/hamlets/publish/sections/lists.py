"""Section 4, "List by list": every GP's list from A to Z, never by result."""

from __future__ import annotations

from dataclasses import replace

from hamlets.continuity.results import ContinuityReport, Estimate, ListRow
from hamlets.publish import numbers
from hamlets.publish.drawings import Dots
from hamlets.publish.page import Chart, Fold, Panel, Section
from hamlets.publish.sections import measures, rows
from hamlets.publish.strings import text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Csv, Table, columns


def build(report: ContinuityReport) -> Section:
    """Return the section "List by list"."""
    title = text("lists.title")
    if not report.given.named_gps:
        return Section("lists", title, "chart.html", notes=(text("lists.none"),), how=True)
    if report.place.practices > 1:
        # A GP's figures never leave the GP's practice.
        notes = (text("lists.many", n=report.place.practices),)
        return Section("lists", title, "chart.html", notes=notes)
    if not report.lists:
        return Section("lists", title, "chart.html", notes=(text("lists.empty"),))
    return Section("lists", title, "chart.html", _chart(report))


def heading(lists: tuple[ListRow, ...]) -> str:
    """Return the heading: how many lists differ by more than luck would give."""
    n = sum(row.outside != "no" for row in lists)
    if n == 0:
        return text("lists.same")
    return text("lists.differ_1" if n == 1 else "lists.differ", n=n, total=len(lists))


def _chart(report: ContinuityReport) -> Chart:
    message = heading(report.lists)
    overall = report.main.estimate
    dots = Dots(
        rows=tuple(rows.dot(_name(row), row.estimate) for row in report.lists),
        overall=rows.middle(overall),
        title=message,
        description=_alternative(report.lists),
    )
    closer = replace(dots, closer=True, title=text("tools.closer_title", title=message))
    with_chance = any(row.estimate.chance is not None for row in report.lists)
    with_ceiling = any(row.estimate.ceiling is not None for row in report.lists)
    window = measures.window(report) if with_ceiling else None
    return Chart(
        ident="by-list",
        heading=message,
        line=rows.counted_line(report, "lists", overall),
        panels=(Panel(dots),),
        table=_table(report, measures.name(overall), with_ceiling),
        count=measures.key(overall),
        key=rows.key(overall, with_chance, with_ceiling=with_ceiling),
        notes=(text("lists.under"), text("lists.luck"), *([window] if window else [])),
        folds=(Fold(text("tools.closer"), text("tools.closer_note"), (Panel(closer),)),),
    )


def _name(row: ListRow) -> str:
    return plain(row.name) or plain(row.staff_id)


def _alternative(lists: tuple[ListRow, ...]) -> str:
    shown = [
        row.estimate.value
        for row in lists
        if row.estimate.value is not None and not measures.too_wide(row.estimate)
    ]
    if not shown:
        return text("lists.alt_none", total=len(lists))
    n = sum(row.outside != "no" for row in lists)
    low, high = numbers.about(min(shown)), numbers.about(max(shown))
    return text("lists.alt", total=len(lists), low=low, high=high, n=n)


def _table(report: ContinuityReport, measure: str, with_ceiling: bool) -> Table:
    allows = ("ceiling",) if with_ceiling else ()
    names = ("gp", "patients", "sessions", "days", "contacts", "value", "range", "chance", *allows)
    head = [text(f"lists.head_{name}") for name in (*names, "shrunk", "opr", "outside")]
    csv = Csv(
        "list-by-list.csv",
        (
            "gp",
            "patients",
            "sessions_per_week",
            "days_worked",
            "n_contacts",
            "value",
            "lower",
            "upper",
            "chance",
            *allows,
            "shrunk",
            "opr",
            "differs",
        ),
        tuple(_csv_row(row, with_ceiling) for row in report.lists),
    )
    body = tuple(_table_row(row, with_ceiling) for row in report.lists)
    return Table(text("lists.caption", measure=measure), columns(*head), body, csv)


def _table_row(row: ListRow, with_ceiling: bool) -> tuple[Cell, ...]:
    unknown = Cell(numbers.percent(None), text("lists.unknown"))
    return (
        Cell(_name(row)),
        unknown if row.patients is None else Cell(numbers.count(row.patients)),
        unknown if row.sessions_per_week is None else Cell(f"{row.sessions_per_week:g}"),
        Cell(numbers.count(row.days_worked)),
        Cell(numbers.count(row.estimate.n_contacts)),
        measures.value_cell(row.estimate),
        measures.range_cell(row.estimate),
        measures.chance_cell(row.estimate),
        *([measures.ceiling_cell(row.estimate)] if with_ceiling else []),
        Cell(numbers.percent(row.estimate.shrunk)),
        _opr_cell(row.own_patients),
        Cell(text(f"outside.{row.outside}")),
    )


def _opr_cell(estimate: Estimate | None) -> Cell:
    if estimate is None:
        return Cell(numbers.percent(None), text("lists.no_contacts"))
    cell = measures.value_cell(estimate)
    if estimate.lower is None or estimate.upper is None:
        return cell
    return Cell(f"{cell.text} ({measures.range_cell(estimate).text})", cell.reason)


def _csv_row(row: ListRow, with_ceiling: bool) -> tuple[str | int | float | None, ...]:
    estimate = row.estimate
    return (
        _name(row),
        row.patients,
        row.sessions_per_week,
        row.days_worked,
        estimate.n_contacts,
        estimate.value,
        estimate.lower,
        estimate.upper,
        estimate.chance,
        *([estimate.ceiling] if with_ceiling else []),
        estimate.shrunk,
        None if row.own_patients is None else row.own_patients.value,
        row.outside,
    )

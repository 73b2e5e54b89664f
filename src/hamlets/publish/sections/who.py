"""Section 2, "Who patients saw": 100 contacts split into six kinds."""

from __future__ import annotations

from hamlets.continuity.results import ContinuityReport, Waterfall
from hamlets.publish import numbers
from hamlets.publish.drawings import MonthBars, StackedBar
from hamlets.publish.page import Chart, Fold, Panel, Section
from hamlets.publish.palette import KINDS
from hamlets.publish.sections import measures
from hamlets.publish.strings import text
from hamlets.publish.tables import Cell, Csv, Table, cells, columns

_IN_TEAM = 3
"""The first three kinds (own GP, buddy, rest of team) make the own team."""


def build(report: ContinuityReport) -> Section:
    """Return the section "Who patients saw"."""
    title = text("who.title")
    if not report.given.named_gps:
        return Section("who", title, "chart.html", notes=(text("who.none"),), how=True)
    if report.waterfall is None and report.public:
        return Section("who", title, "chart.html", notes=(text("who.small"),))
    if report.waterfall is None or report.waterfall.total == 0:
        return Section("who", title, "chart.html", notes=(text("who.empty"),))
    return Section("who", title, "chart.html", _chart(report, report.waterfall))


def _chart(report: ContinuityReport, waterfall: Waterfall) -> Chart:
    parts = waterfall.parts or tuple(numbers.to_100(waterfall.counts))
    heading = _heading(report, parts)
    labels = tuple(_label(waterfall, index) for index in range(len(KINDS)))
    alternative = _alternative(waterfall, parts, labels)
    notes: list[str] = []
    if report.given.teams:
        notes.append(text("who.team_note"))
    else:
        notes.append(text("who.no_team"))
    if not report.given.buddies:
        notes.append(text("who.no_buddy"))
    elsewhere = own_elsewhere(report)
    if elsewhere:
        key = "who.own_elsewhere_1" if elsewhere == 1 else "who.own_elsewhere"
        notes.append(text(key, n=numbers.count(elsewhere)))
    return Chart(
        ident="who-saw",
        heading=heading,
        line=text(
            "who.line",
            place=measures.place(report),
            period=numbers.period(report.period.first, report.period.last),
            n=numbers.count(waterfall.total),
        ),
        panels=(Panel(StackedBar(parts, labels, heading, alternative)),),
        table=_table(waterfall, parts),
        count="waterfall",
        notes=tuple(notes),
        folds=(_months(waterfall),) if waterfall.months else (),
    )


def _label(waterfall: Waterfall, index: int) -> str:
    """Return the name beside a piece of the bar; one piece may stand for all small kinds."""
    hidden = waterfall.counts[index] < 0
    return text("who.rest" if hidden else f"step.{KINDS[index].step}.name")


def _alternative(waterfall: Waterfall, parts: tuple[int, ...], labels: tuple[str, ...]) -> str:
    if waterfall.whole is None:
        return text("who.alt", **dict(zip("obtplh", parts, strict=True), own=parts[0]))
    pieces = [
        text("who.alt_part", n=part, kind=label)
        for part, label in zip(parts, labels, strict=True)
        if part
    ]
    return text("who.alt_public", parts=", ".join(pieces))


def own_elsewhere(report: ContinuityReport) -> int:
    """Return the contacts with the own GP that were at a hub or another practice.

    The drawing counts them as such; "seen by own GP" counts them with the own GP.
    """
    main, waterfall = report.main.estimate, report.waterfall
    if main.measure != "slicc" or main.level != "clinician" or main.value is None:
        return 0
    # A published form has rounded counts, which say nothing of a difference.
    if waterfall is None or report.public or waterfall.total != main.n_contacts:
        return 0
    return max(0, round(main.value * main.n_contacts) - waterfall.counts[0])


def _heading(report: ContinuityReport, parts: tuple[int, ...]) -> str:
    words = measures.contacts_word(report)
    here = "_here" if own_elsewhere(report) else ""
    counts = report.waterfall.counts if report.waterfall else ()
    untold = any(count < 0 for count in counts[:_IN_TEAM])
    # Where nobody but the own GP saw anyone of the list, the team's share says nothing more.
    alone = not any(counts[1:_IN_TEAM])
    if untold or alone or not report.given.teams:
        return text(f"who.heading_no_team{here}", contacts=words, own=parts[0])
    team = sum(parts[:_IN_TEAM])
    return text(f"who.heading{here}", contacts=words, own=parts[0], team=team)


def _table(waterfall: Waterfall, parts: tuple[int, ...]) -> Table:
    head = [text(f"who.head_{name}") for name in ("kind", "contacts", "share")]
    rows = [
        cells(
            _kind_name(index),
            numbers.count(waterfall.counts[index]),
            _share(waterfall, index, parts[index]),
        )
        for index in range(len(KINDS))
    ]
    rows.append(cells(text("who.total"), numbers.count(waterfall.total), "100%"))
    csv = Csv(
        "who-patients-saw.csv",
        ("step", "n_contacts", "share"),
        tuple(
            (kind.step, waterfall.counts[index], _csv_share(waterfall, index))
            for index, kind in enumerate(KINDS)
        ),
    )
    return Table(text("who.caption"), columns(*head), tuple(rows), csv)


def _share(waterfall: Waterfall, index: int, part: int) -> str:
    """Return a kind's share for the table; a dash where its count is left out."""
    if waterfall.counts[index] < 0:
        return numbers.percent(None)
    if waterfall.whole is not None and part == 0:
        return "<1%"
    return f"{part}%"


def _csv_share(waterfall: Waterfall, index: int) -> float | None:
    if waterfall.counts[index] < 0:
        return None
    if waterfall.whole is not None:
        return waterfall.parts[index] / 100 or None
    return waterfall.counts[index] / waterfall.total


def _kind_name(index: int) -> str:
    return f"{KINDS[index].letter}: {text(f'step.{KINDS[index].step}.name')}"


def _months(waterfall: Waterfall) -> Fold:
    months = tuple(
        (start, tuple(numbers.to_100(counts))) for start, counts in waterfall.months if sum(counts)
    )
    first, last = months[0], months[-1]
    alternative = text(
        "who.months_alt",
        n=len(months),
        first=first[1][0],
        first_month=numbers.month(first[0]),
        last=last[1][0],
        last_month=numbers.month(last[0]),
    )
    rows = tuple(
        (Cell(numbers.month(start)), *(Cell(f"{part}%") for part in parts))
        for start, parts in months
    )
    csv = Csv(
        "who-patients-saw-by-month.csv",
        ("month", *(kind.step for kind in KINDS)),
        tuple((start.isoformat()[:7], *counts) for start, counts in waterfall.months),
    )
    head = [text("who.head_month"), *(text(f"step.{kind.step}.name") for kind in KINDS)]
    caption = text("who.caption_months")
    table = Table(caption, columns(*head), rows, csv)
    bars = MonthBars(months, caption, alternative)
    return Fold(text("tools.by_month"), panels=(Panel(bars),), table=table)

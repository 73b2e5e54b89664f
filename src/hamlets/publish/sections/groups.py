"""Section 5, "Who gets less continuity": groups of patients in their natural order."""

from __future__ import annotations

from hamlets.continuity.results import NOT_SHOWN, ContinuityReport, Estimate, GroupFactor, GroupRow
from hamlets.publish import numbers
from hamlets.publish.drawings import Dots
from hamlets.publish.page import Chart, Panel, Section
from hamlets.publish.sections import measures, rows
from hamlets.publish.strings import text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Csv, Table, columns

_SMALL = 8
"""Outside the practice, groups of fewer patients are not shown."""
_DRAWN = 12
_SEXES = {"f": "female", "female": "female", "m": "male", "male": "male"}
FACTORS = ("age_band", "sex", "ethnicity", "language", "imd_quintile", "n_band")
"""Kinds of groups in the order of the page, in which they fill four columns of paper well."""


def build(report: ContinuityReport) -> Section:
    """Return the section "Who gets less continuity"."""
    title = text("groups.title")
    factors = tuple(sorted(filter(_told, report.groups), key=_position))
    if report.public:
        # Where no group of a kind can be shown there is nothing to draw.
        factors = tuple(f for f in factors if not all(_hidden(report, row) for row in f.rows))
    overall = report.groups_overall
    if not factors or overall is None or overall.value is None:
        return Section("groups", title, "chart.html", notes=(text("groups.empty"),))
    return Section("groups", title, "chart.html", _chart(report, factors, overall))


def _position(factor: GroupFactor) -> int:
    """Return where a kind of groups stands on the page; unknown kinds come last."""
    return FACTORS.index(factor.factor) if factor.factor in FACTORS else len(FACTORS)


def _told(factor: GroupFactor) -> bool:
    """Return whether the records tell groups apart: not all of them "not recorded"."""
    return any(_known(row) for row in factor.rows)


def _known(row: GroupRow) -> bool:
    return plain(row.label).lower() not in ("", "unknown")


def _hidden(report: ContinuityReport, row: GroupRow) -> bool:
    if report.public:
        return row.estimate.value is None
    return report.place.practices > 1 and row.estimate.n_patients < _SMALL


def heading(factors: tuple[GroupFactor, ...], main: str, hidden: set[int] | None = None) -> str:
    """Return the heading: who lies outside the range that luck gives, lower ones first."""
    pairs = [(factor.factor, row) for factor in factors for row in factor.rows]
    shown = [(factor, row) for factor, row in pairs if id(row) not in (hidden or set())]
    words = {"lower": "fewer", "higher": "more"}
    if main != "slicc":
        words = {"lower": "less_same", "higher": "more_same"}
    for side, key in words.items():
        names = [group_name(factor, row.label) for factor, row in shown if row.outside == side]
        if len(names) > 2:
            return text(f"groups.{key}_many", n=len(names), total=len(shown))
        if names:
            second = names[-1][:1].lower() + names[-1][1:]
            both = text("groups.and", first=names[0], second=second)
            return text(f"groups.{key}", groups=names[0] if len(names) == 1 else both)
    return text("groups.apart")


def label(factor: str, value: str) -> str:
    """Return a group's name beside its dot: "75 to 84", "1 (most deprived)"."""
    value = plain(value)
    if value.lower() in ("", "unknown"):
        return text("groups.unknown")
    if factor == "sex" and value.lower() in _SEXES:
        return text(f"label.{_SEXES[value.lower()]}")
    if factor == "imd_quintile" and value in ("1", "5"):
        return text(f"label.imd_{value}")
    if factor not in ("age_band", "n_band"):
        return value
    if factor == "age_band":
        return numbers.ages(value)
    if value.endswith("+"):
        return text("label.n_over", first=value[:-1])
    first, dash, last = value.replace("\N{EN DASH}", "-").partition("-")
    spoken = text("label.range", first=first, last=last) if dash else value
    return text("label.n_1") if spoken == "1" else text("label.n_of", label=spoken)


def group_name(factor: str, value: str) -> str:
    """Return a group's name at the start of a sentence: "Patients aged 75 to 84"."""
    if plain(value).lower() in ("", "unknown"):
        return text("group.unknown", factor=text(f"factor.{factor}").lower())
    if factor == "sex" and plain(value).lower() in _SEXES:
        return text(f"group.{_SEXES[plain(value).lower()]}")
    return text(f"group.{factor}", label=label(factor, value))


def _chart(report: ContinuityReport, factors: tuple[GroupFactor, ...], overall: Estimate) -> Chart:
    hidden = {id(row) for factor in factors for row in factor.rows if _hidden(report, row)}
    message = heading(factors, overall.measure, hidden)
    notes = [text("groups.luck")]
    missing = [text(f"factor.{name}").lower() for name in FACTORS if name not in _names(factors)]
    if missing:
        notes.append(text("groups.missing", factors=", ".join(missing)))
    beside = tuple(label(factor.factor, row.label) for factor in factors for row in factor.rows)
    with_chance = any(row.estimate.chance is not None for factor in factors for row in factor.rows)
    return Chart(
        ident="by-group",
        heading=message,
        line=rows.counted_line(report, "groups", overall),
        panels=tuple(_panel(factor, overall, hidden, beside) for factor in factors),
        table=_table(factors, overall, hidden),
        count=measures.key(overall),
        key=rows.key(overall, with_chance, _ringed(factors, hidden)),
        notes=(*notes, *_more_rows(factors)),
    )


def _names(factors: tuple[GroupFactor, ...]) -> set[str]:
    return {factor.factor for factor in factors}


def _drawn(factor: GroupFactor) -> list[GroupRow]:
    """Return the rows that are drawn: the largest groups where there are many, in their order."""
    largest = sorted(factor.rows, key=lambda row: -row.estimate.n_patients)[:_DRAWN]
    kept = {id(row) for row in largest}
    return [row for row in factor.rows if id(row) in kept]


def _ringed(factors: tuple[GroupFactor, ...], hidden: set[int]) -> bool:
    """Return whether any group that is drawn with its dot has a ring."""
    return any(
        row.outside != "no" and id(row) not in hidden and not measures.too_wide(row.estimate)
        for factor in factors
        for row in _drawn(factor)
    )


def _more_rows(factors: tuple[GroupFactor, ...]) -> tuple[str, ...]:
    return tuple(
        text(
            "groups.more_rows",
            factor=text(f"factor.{factor.factor}"),
            n=_DRAWN,
            total=len(factor.rows),
        )
        for factor in factors
        if len(factor.rows) > _DRAWN
    )


def _panel(
    factor: GroupFactor, overall: Estimate, hidden: set[int], beside: tuple[str, ...]
) -> Panel:
    shown = [row for row in _drawn(factor) if id(row) not in hidden]
    name = text(f"factor.{factor.factor}")
    dots = Dots(
        rows=tuple(
            rows.dot(label(factor.factor, row.label), row.estimate, row.outside != "no")
            for row in shown
        ),
        overall=rows.middle(overall),
        title=name,
        description=" ".join(_sentence(factor.factor, row) for row in shown),
        beside=beside,
    )
    return Panel(dots, name)


def _sentence(factor: str, row: GroupRow) -> str:
    estimate = row.estimate
    if estimate.value is None:
        value = estimate.reason or text("groups.hidden")
    elif estimate.lower is None or estimate.upper is None:
        value = numbers.in_100(estimate.value)
    elif measures.too_wide(estimate):
        value = numbers.between(estimate.lower, estimate.upper)
    else:
        bounds = numbers.between(estimate.lower, estimate.upper)
        value = f"{numbers.in_100(estimate.value)} ({bounds})"
    return text("groups.alt", label=group_name(factor, row.label), value=value)


def _table(factors: tuple[GroupFactor, ...], overall: Estimate, hidden: set[int]) -> Table:
    names = ("factor", "group", "patients", "contacts", "value", "range", "chance", "outside")
    head = [text(f"groups.head_{name}") for name in names]
    pairs = [(factor.factor, row) for factor in factors for row in factor.rows]
    csv_head = ("factor", "group", "n_patients", "n_contacts", "value", "lower", "upper")
    csv = Csv(
        "groups.csv",
        (*csv_head, "chance", "differs"),
        tuple(_csv_row(name, row, id(row) in hidden) for name, row in pairs),
    )
    body = tuple(_table_row(name, row, id(row) in hidden) for name, row in pairs)
    caption = text("groups.caption", measure=measures.name(overall))
    return Table(caption, columns(*head, words=1), body, csv)


def _few(row: GroupRow) -> str:
    """Return how many patients a group has whose figures are left out."""
    left_out = row.estimate.n_patients == NOT_SHOWN
    return numbers.count(NOT_SHOWN) if left_out else text("groups.too_few")


def _table_row(factor: str, row: GroupRow, hidden: bool) -> tuple[Cell, ...]:
    named = (Cell(text(f"factor_short.{factor}")), Cell(label(factor, row.label)))
    if hidden:
        dash = Cell(numbers.percent(None))
        value = Cell(dash.text, text("groups.hidden"))
        return (*named, Cell(_few(row)), dash, value, dash, dash, dash)
    estimate = row.estimate
    return (
        *named,
        Cell(numbers.count(estimate.n_patients)),
        Cell(numbers.count(estimate.n_contacts)),
        measures.value_cell(estimate),
        measures.range_cell(estimate),
        measures.chance_cell(estimate),
        Cell(text(f"outside.{row.outside}")),
    )


def _csv_row(factor: str, row: GroupRow, hidden: bool) -> tuple[str | int | float | None, ...]:
    if hidden:
        return (factor, plain(row.label), _few(row), *([None] * 6))
    e = row.estimate
    values = (e.n_patients, e.n_contacts, e.value, e.lower, e.upper, e.chance)
    return (factor, plain(row.label), *values, row.outside)

"""Section 6, "Before a cancer diagnosis, and in the last year of life": different GPs met.

Averages and their ranges only: the cases themselves are for reading inside the practice,
on the site or with ``hamlets audit``, and never stand in a report.
"""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.continuity.results import (
    MOST_GPS,
    Audit,
    AuditGroup,
    AuditMean,
    ContinuityReport,
)
from hamlets.publish import numbers
from hamlets.publish.drawings import Columns
from hamlets.publish.page import Chart, Fold, KeyEntry, Panel, Section
from hamlets.publish.sections import measures
from hamlets.publish.strings import known, text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Csv, Table, Value, columns

EVENTS = ("cancer_diagnosis", "death")
"""The events of the report's audits, in the order of the section's title."""
_FEWEST = 8
"""Of fewer patients no average is shown; outside the practice no count either."""
_COUNTED_UNDER = 100
"""Of fewer patients shares would look finer than they are: the columns count patients."""
_YEAR_DAYS = 365
_COUNTS = ("gps", "clinicians", "contacts", "handovers")
_SHARES = ("upc", "upc_team")
_GROUPS = ("cases", "controls", "controls_matched")


@dataclass(frozen=True)
class Told:
    """One audit as the section tells it: a chart, or why there is none."""

    title: str
    chart: Chart | None
    state: str | None = None


@dataclass(frozen=True)
class Shown:
    """What the section shows: each audit, then what holds for all of them."""

    audits: tuple[Told, ...]
    notes: tuple[str, ...]


def build(report: ContinuityReport, usual: tuple[str, ...] = EVENTS) -> Section:
    """Return the section on audits; of the ``usual`` events it says so where there are none."""
    title = text("audits.title")
    if not report.given.events:
        return Section("audits", title, "audits.html", notes=(text("audits.none"),))
    found = {audit.event: audit for audit in report.audits}
    events = (*usual, *(event for event in found if event not in usual))
    told = tuple(_told(report, event, found.get(event)) for event in events)
    keys = ("same_kind", "over_adjusts", "chance") if any(one.chart for one in told) else ()
    body = Shown(told, tuple(text(f"audits.{key}") for key in keys))
    return Section("audits", title, "audits.html", body, notes=(text("audits.late"),))


def draws(report: ContinuityReport) -> bool:
    """Return whether any audit has an average, so that its measure needs its definition."""
    return report.given.events and any(_averaged(audit.group("cases")) for audit in report.audits)


def event_words(event: str) -> str:
    """Return an event as it stands after "before": "a cancer diagnosis"."""
    if known(f"audits.event.{event}"):
        return text(f"audits.event.{event}")
    return plain(event).replace("_", " ")


def _told(report: ContinuityReport, event: str, audit: Audit | None) -> Told:
    words = event_words(event)
    title = text("audits.before", event=words)
    if audit is None or not audit.group("cases").n_patients:
        return Told(title, None, text("audits.empty", event=words.removeprefix("a ")))
    cases = audit.group("cases")
    if _averaged(cases):
        return Told(title, _chart(report, audit))
    if report.place.practices > 1:
        return Told(title, None, text("audits.few_many"))
    key = "audits.few_1" if cases.n_patients == 1 else "audits.few"
    return Told(title, None, text(key, n=cases.n_patients))


def _averaged(group: AuditGroup) -> bool:
    mean = group.mean("gps")
    return mean.value is not None and mean.n_patients >= _FEWEST


def heading(audit: Audit) -> str:
    """Return the heading: the mean number of different GPs, and that of similar patients."""
    cases, controls = audit.group("cases").mean("gps"), audit.group("controls")
    said = text(
        "audits.heading" if cases.lower is not None else "audits.heading_bare",
        m=_decimal(cases.value),
        when=_when(audit),
        range=_bounds(cases, " and "),
    )
    if not _averaged(controls):
        return said
    similar = text("audits.similar", c=_decimal(controls.mean("gps").value))
    return text("audits.heading_both", first=said, second=similar)


def _when(audit: Audit) -> str:
    words = event_words(audit.event)
    if audit.look_back_days == _YEAR_DAYS:
        return text("audits.when_year", event=words)
    return text("audits.when_days", n=audit.look_back_days, event=words)


def _decimal(value: float | None) -> str:
    return numbers.percent(None) if value is None else numbers.one_decimal(value)


def _bounds(mean: AuditMean, between: str = " to ") -> str:
    if mean.lower is None or mean.upper is None:
        return ""
    return between.join(numbers.one_decimal_range(mean.lower, mean.upper))


def _chart(report: ContinuityReport, audit: Audit) -> Chart:
    cases, controls = audit.group("cases"), audit.group("controls")
    message = heading(audit)
    similar = _averaged(controls)
    ident = f"audit-{''.join(c if c.isalnum() else '-' for c in audit.event)}"
    unit = "counted" if _counts_patients(report, audit) else "shared"
    keys = [KeyEntry("column", text(f"audits.key_cases_{unit}"))]
    if similar:
        keys.append(KeyEntry("outline", text(f"audits.key_similar_{unit}")))
    hidden = _hides_columns(report, audit)
    return Chart(
        ident=ident,
        heading=message,
        line=text(
            "audits.line",
            when=_when(audit),
            place=measures.place(report),
            period=numbers.period(audit.period.first, audit.period.last),
            n=numbers.count(cases.n_patients),
        ),
        panels=() if hidden else (Panel(_columns(report, audit, message, similar)),),
        table=_table(report, audit),
        count="clinicians",
        key=() if hidden else tuple(keys),
        notes=_notes(report, audit, hidden),
        folds=() if hidden else (_fold(report, audit, similar),),
        table_words=text("audits.averages"),
    )


def _hides_columns(report: ContinuityReport, audit: Audit) -> bool:
    """Return whether columns would show few patients of several practices."""
    counts = [n for name in ("cases", "controls") for n in audit.group(name).distribution]
    return report.place.practices > 1 and any(0 < n < _FEWEST for n in counts)


def _counts_patients(report: ContinuityReport, audit: Audit) -> bool:
    """Return whether columns count patients, not shares: of a few, inside their practice."""
    return report.place.practices == 1 and audit.group("cases").n_patients < _COUNTED_UNDER


def _shares(group: AuditGroup, first: int) -> tuple[float, ...]:
    counts = group.distribution[first:]
    whole = sum(counts)
    return tuple(n / whole if whole else 0.0 for n in counts)


def _of_100(share: float) -> str:
    """Return a column's share of 100 patients; equal columns have equal words."""
    return numbers.percent(share).removesuffix("%")


def _columns(report: ContinuityReport, audit: Audit, message: str, similar: bool) -> Columns:
    cases, controls = audit.group("cases"), audit.group("controls")
    first = _first_column(audit, similar)
    mean = cases.mean("gps")
    other = controls.mean("gps").value if similar else None
    counts = _counts_patients(report, audit)
    counted = [str(n) for n in cases.distribution[first:]]
    shares, others = _shares(cases, first), _shares(controls, first) if similar else ()
    unit = cases.n_patients if counts else 100
    return Columns(
        labels=_column_labels(first),
        filled=tuple(share * unit for share in shares),
        filled_words=tuple(counted if counts else map(_of_100, shares)),
        # Of counted patients outlines are drawn as if there were as many: their own counts
        # would not fit their length.
        outlined=tuple(share * unit for share in others),
        outlined_words=() if counts else tuple(map(_of_100, others)),
        first=first,
        mean=mean.value or 0.0,
        lower=mean.lower,
        upper=mean.upper,
        other=other,
        mean_label=text("audits.mark_mean", n=_decimal(mean.value)),
        other_label=None if other is None else text("audits.mark_similar", n=_decimal(other)),
        axis=text("audits.axis"),
        title=message,
        description=text(
            "audits.alt", heading=message, n=numbers.count(audit.group("cases").n_patients)
        ),
    )


def _first_column(audit: Audit, similar: bool) -> int:
    """Return 0 where any patient met no GP, else 1."""
    groups = ("cases", "controls") if similar else ("cases",)
    return 0 if any(audit.group(name).distribution[0] for name in groups) else 1


def _column_labels(first: int) -> tuple[str, ...]:
    return (*(str(n) for n in range(first, MOST_GPS)), f"{MOST_GPS}+")


def _notes(report: ContinuityReport, audit: Audit, hidden: bool) -> tuple[str, ...]:
    notes: list[str] = []
    if hidden:
        notes.append(text("audits.hidden_columns"))
    left_out = audit.not_registered
    if left_out:
        few = report.place.practices > 1 and left_out < _FEWEST
        n = text("groups.too_few") if few else numbers.count(left_out)
        notes.append(text("audits.not_registered", n=n))
    if audit.without_control and report.place.practices == 1:
        notes.append(text("audits.without_control", n=numbers.count(audit.without_control)))
    if not audit.symptoms:
        notes.append(text("audits.no_symptoms"))
    elif not any(_dated(audit.group(name)) for name in _GROUPS):
        notes.append(text("audits.no_symptoms_found"))
    return tuple(notes)


def _table(report: ContinuityReport, audit: Audit) -> Table:
    head = [text(f"audits.head_{name}") for name in ("what", "cases", "chance", *_GROUPS[1:])]
    groups = [audit.group(name) for name in _GROUPS]
    many = report.place.practices > 1
    rows = [
        _row(text("audits.row.patients"), [_patients(g.n_patients, many) for g in groups]),
        _row(
            text("audits.row.without_contacts"),
            [_patients(g.n_without_contacts, many) for g in groups],
        ),
    ]
    for measure in (*_COUNTS, *_SHARES, "symptom_days"):
        means = [group.mean(measure) for group in groups if _has(group, measure)]
        if len(means) < len(groups) or all(mean.value is None for mean in means):
            continue
        chance = _decimal(means[0].chance) if measure == "gps" else numbers.percent(None)
        cells = [_mean_cell(mean) for mean in means]
        rows.append(_row(text(f"audits.row.{measure}"), cells, chance))
        if measure == "gps":
            rows.append(_row(text("audits.row.gps_seen"), [_seen(g, many) for g in groups]))
    caption = text("audits.caption", when=_when(audit))
    return Table(caption, columns(*head), tuple(rows), _csv(audit, many))


def _has(group: AuditGroup, measure: str) -> bool:
    return any(mean.measure == measure for mean in group.means)


def _dated(group: AuditGroup) -> bool:
    """Return whether anybody of a group had one of the symptom codes."""
    return _has(group, "symptom_days") and group.mean("symptom_days").n_patients > 0


def _row(name: str, cells: list[Cell], chance: str | None = None) -> tuple[Cell, ...]:
    return (Cell(name), cells[0], Cell(chance or numbers.percent(None)), *cells[1:])


def _patients(n: int, many: bool) -> Cell:
    if many and 0 < n < _FEWEST:
        return Cell(text("groups.too_few"))
    return Cell(numbers.count(n))


def _mean_cell(mean: AuditMean) -> Cell:
    """Return a mean with its range; a dash and the reason where there is none."""
    if mean.value is None:
        return Cell(numbers.percent(None), mean.reason)
    if mean.n_patients < _FEWEST:
        return Cell(numbers.percent(None), text("audits.too_few"))
    if mean.measure in _SHARES:
        if numbers.too_wide(mean.lower, mean.upper):
            return Cell(numbers.range_to(mean.lower, mean.upper), text("card.too_few"))
        value, bounds = numbers.percent(mean.value), numbers.range_to(mean.lower, mean.upper)
        bounds = "" if mean.lower is None else bounds
    else:
        value, bounds = _decimal(mean.value), _bounds(mean)
    return Cell(f"{value} ({bounds})" if bounds else value)


def _seen(group: AuditGroup, many: bool) -> Cell:
    """Return the mean of those with a contact, where it gives away no small number without."""
    mean = group.mean("gps")
    if mean.without_zeros is None:
        return Cell(numbers.percent(None))
    if mean.n_patients < _FEWEST or _gives_away(group, many):
        return Cell(numbers.percent(None), text("audits.too_few"))
    return Cell(_decimal(mean.without_zeros))


def _gives_away(group: AuditGroup, many: bool) -> bool:
    """Return whether both means together would tell of a few patients of several practices."""
    return many and 0 < group.n_without_contacts < _FEWEST


def _csv(audit: Audit, many: bool) -> Csv:
    rows: list[tuple[Value, ...]] = []
    for name in _GROUPS:
        group = audit.group(name)
        for mean in group.means:
            shown = mean.n_patients >= _FEWEST
            seen = None if _gives_away(group, many) else mean.without_zeros
            values = (mean.value, mean.lower, mean.upper, seen, mean.chance)
            counted: Value = mean.n_patients if shown else text("groups.too_few")
            if many and mean.n_patients != group.n_patients:
                counted = None  # the difference could be a few
            kept = values if shown else (None,) * len(values)
            rows.append((name, mean.measure, *kept, counted))
    heads = ("group", "measure", "value", "lower", "upper", "without_zeros", "chance", "n_patients")
    return Csv(f"audit-{_file_name(audit)}.csv", heads, tuple(rows))


def _file_name(audit: Audit) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in audit.event)


def _fold(report: ContinuityReport, audit: Audit, similar: bool) -> Fold:
    """Return the table of the columns: how many patients, or of 100, met so many GPs."""
    first = _first_column(audit, similar)
    names = ("cases", "controls") if similar else ("cases",)
    counted = _counts_patients(report, audit)
    parts = [_part(audit.group(name), first, counted) for name in names]
    rows = tuple(
        (Cell(label), *(Cell(part[index]) for part in parts))
        for index, label in enumerate(_column_labels(first))
    )
    head = [text("audits.axis_head"), *(text(f"audits.head_{name}") for name in names)]
    counts = [audit.group(name).distribution[first:] for name in names]
    csv = Csv(
        f"audit-{_file_name(audit)}-columns.csv",
        ("different_gps", *names),
        tuple(
            (label, *(part[index] for part in counts))
            for index, label in enumerate(_column_labels(first))
        ),
    )
    unit = "counted" if counted else "shared"
    caption = text(f"audits.columns_caption_{unit}", when=_when(audit))
    return Fold(text("audits.columns"), table=Table(caption, columns(*head), rows, csv))


def _part(group: AuditGroup, first: int, counted: bool) -> tuple[str, ...]:
    """Return the cells of one group's columns."""
    if counted:
        return tuple(numbers.count(n) for n in group.distribution[first:])
    return tuple(numbers.percent(share) for share in _shares(group, first))

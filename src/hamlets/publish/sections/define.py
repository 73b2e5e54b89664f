"""Section 9, "How we count": each measure with a worked example, and the rules used."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.continuity.results import ContinuityReport, Estimate
from hamlets.publish import numbers
from hamlets.publish.page import Section
from hamlets.publish.palette import KINDS
from hamlets.publish.sections import audits, measures
from hamlets.publish.strings import text
from hamlets.publish.tables import Cell, Csv, Table, columns

EXAMPLES: dict[str, str] = {
    "slicc": "OOBOP",
    "slicc_team": "OTOPO",
    "upc": "AABAC",
    "secon": "AABAC",
    "k": "AABAC",
    "clinicians": "AABAC",
    "opr": "ONOON",
    "waterfall": "OBOPH",
}
"""Five contacts of each worked example. A, B, C are GPs; N is a patient of another list."""

_KINDS = {kind.letter: kind for kind in KINDS}
_BY_KIND = {"slicc", "slicc_team", "opr", "waterfall"}
"""Examples whose letters are kinds of contact, not GPs A, B and C."""


@dataclass(frozen=True)
class Square:
    """One contact of a worked example."""

    letter: str
    css: str


@dataclass(frozen=True)
class Definition:
    """One measure's definition."""

    ident: str
    name: str
    sentence: str
    squares: tuple[Square, ...]
    spoken: str
    example: str
    small: str


@dataclass(frozen=True)
class Define:
    """What the section shows."""

    definitions: tuple[Definition, ...]
    rules: tuple[str, ...]
    version: str
    all_measures: Table | None


def build(report: ContinuityReport) -> Section:
    """Return the section "How we count"."""
    body = Define(
        definitions=tuple(_definition(report, name) for name in _shown(report)),
        rules=rules(report),
        version=text(
            "define.version_public" if report.public else "define.version",
            package=report.source.package_version,
            definitions=report.definition_version,
            version=report.source.store_version,
            content=report.source.content_id[:12],
        ),
        all_measures=_all_measures(report) if report.others else None,
    )
    return Section("define", text("define.title"), "define.html", body)


def _shown(report: ContinuityReport) -> list[str]:
    """Return the measures that this page uses, headline measures first."""
    names = [measures.key(headline.estimate) for headline in report.headlines]
    names += [measures.key(month.estimate) for month in report.trend.months[:1]]
    if report.waterfall is not None:
        names.append("waterfall")
    if report.groups_overall is not None:
        names.append(measures.key(report.groups_overall))
    if audits.draws(report):
        names.append("clinicians")
    return list(dict.fromkeys(name for name in names if name in EXAMPLES or name in _SAME))


_SAME = {"same_as_previous": "secon"}
"""Measures that share the worked example of another."""


def _definition(report: ContinuityReport, name: str) -> Definition:
    letters = EXAMPLES[_SAME.get(name, name)]
    by_kind = name in _BY_KIND
    squares = tuple(Square(letter, _css(letter, by_kind)) for letter in letters)
    return Definition(
        ident=f"count-{name.replace('_', '-')}",
        name=text(f"measure.{name}.name"),
        sentence=text(f"measure.{name}.sentence"),
        squares=squares,
        spoken=text("define.spoken", letters=", ".join(letters)),
        example=text("define.worked", sentence=text(f"define.example.{_SAME.get(name, name)}")),
        small=text(
            "define.small",
            technical=text(f"measure.{name}.technical"),
            version=report.definition_version,
        ),
    )


def _css(letter: str, by_kind: bool) -> str:
    kind = _KINDS.get(letter) if by_kind else None
    return f"square square-{kind.step}" if kind else "square"


def rules(report: ContinuityReport) -> tuple[str, ...]:
    """Return the options of the count, in words."""
    used, given = report.options, report.given
    lines = [text("define.contact" if given.statuses else "define.contact_any")]
    if not given.roles or used.roles == "any":
        lines.append(text("define.roles_any"))
    elif used.roles == "gp":
        lines.append(text("define.roles_gp"))
    else:
        lines.append(text("define.roles_some", roles=_listed(used.roles)))
    if used.modes == "all":
        lines.append(text("define.modes_all"))
    else:
        lines.append(text("define.modes_some", modes=_listed(used.modes)))
    if report.full_months:
        n, m = report.full_months, used.window_months
        lines.append(text("define.window", n=n, m=m))
    else:
        first, last = numbers.day(report.period.first), numbers.day(report.period.last)
        lines.append(text("define.window_1", first=first, last=last))
    lines.append(text("define.min_contacts", n=used.min_contacts))
    if given.named_gps:
        lines.append(text("define.named" if given.named_gp_dates else "define.named_now"))
    lines += [text(f"define.{key}") for key in ("ranges", "luck", "change", "change_cautious")]
    if report.public:
        lines += [text("define.small_numbers"), text("define.small_shares")]
    if used.preset:
        lines.append(text("define.preset", preset=used.preset))
    return tuple(lines)


def _listed(words: str) -> str:
    return ", ".join(word.strip().replace("_", " ") for word in words.split(","))


def _all_measures(report: ContinuityReport) -> Table:
    parts = ("measure", "level", "value", "range", "chance", "corrected", "patients", "contacts")
    head = [text(f"define.all_{part}") for part in parts]
    rows = tuple(
        (
            Cell(estimate.measure),
            Cell(estimate.level),
            Cell(_index(estimate.value), estimate.reason),
            Cell(_index_range(estimate)),
            Cell(_index(estimate.chance)),
            Cell(_index(estimate.corrected)),
            Cell(numbers.count(estimate.n_patients)),
            Cell(numbers.count(estimate.n_contacts)),
        )
        for estimate in report.others
    )
    csv = Csv(
        "all-measures.csv",
        ("measure", "level", "value", "lower", "upper", "chance", "corrected", "n_patients"),
        tuple(
            (e.measure, e.level, e.value, e.lower, e.upper, e.chance, e.corrected, e.n_patients)
            for e in report.others
        ),
    )
    used = report.main.period
    caption = text("define.all_caption", period=numbers.period(used.first, used.last))
    return Table(caption, columns(*head, words=1), rows, csv)


def _index(value: float | None) -> str:
    return numbers.percent(None) if value is None else f"{value:.3f}"


def _index_range(estimate: Estimate) -> str:
    if estimate.lower is None or estimate.upper is None:
        return numbers.percent(None)
    return f"{estimate.lower:.3f} to {estimate.upper:.3f}"

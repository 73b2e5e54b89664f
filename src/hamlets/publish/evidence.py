"""Evidence files: for each practice what was counted, from which version, and what is missing.

One CSV and one page a practice. Codes of patients, where there are any, are in a CSV of their
own that only its owner may read: they stay inside the practice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup

from hamlets.networks.results import EvidenceLine, PracticeEvidence
from hamlets.publish import numbers
from hamlets.publish import payment_words as words
from hamlets.publish.payment_words import money, per_100, said
from hamlets.publish.plan_files import Exported
from hamlets.publish.statement import environment, style_and_policy
from hamlets.publish.tables import Cell, Column, Csv, Table, cells

_HEAD = (
    "practice_id", "network_id", "scheme", "year", "indicator_id", "title", "standard",
    "numerator", "denominator", "not_counted", "share", "reached", "period_start", "period_end",
    "counted_by", "source", "store_version", "content_id", "paid_pounds", "missing",
)  # fmt: skip


def evidence_files(all_of: Iterable[PracticeEvidence]) -> list[Exported]:
    """Return the files of each practice, by their names in a folder."""
    return [file for evidence in all_of for file in _files(evidence)]


def _files(evidence: PracticeEvidence) -> Iterator[Exported]:
    name = _file_name(evidence.practice_id)
    yield Exported(f"{name}.csv", Csv(name, _HEAD, tuple(_rows(evidence))).text().encode())
    yield Exported(f"{name}.html", _page(evidence).encode())
    listed = [line for line in evidence.lines if line.patients]
    if listed:
        rows = tuple(
            (line.indicator_id, line.title, code) for line in listed for code in line.patients or ()
        )
        head = ("indicator_id", "title", "patient")
        text = Csv(name, head, rows).text()
        yield Exported(f"{name}-patients.csv", text.encode(), private=True)


def _file_name(practice: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", practice)[:60].strip("-") or "practice"


def _rows(evidence: PracticeEvidence) -> Iterator[tuple[str | int | float | None, ...]]:
    scheme, source = evidence.scheme, evidence.source
    for line in evidence.lines:
        yield (
            evidence.practice_id,
            evidence.network_id,
            scheme.scheme_id,
            scheme.year,
            line.indicator_id,
            line.title,
            line.standard,
            None if line.numerator is None else float(line.numerator),
            line.denominator,
            line.exclusions,
            None if line.share is None else float(line.share),
            None if line.reached is None else said("value.yes" if line.reached else "value.no"),
            source.period_start.isoformat() if source.period_start else None,
            source.period_end.isoformat(),
            line.definition,
            source.name,
            source.store_version,
            source.content_id,
            f"{evidence.paid:.2f}",
            " ".join(line.missing),
        )


def _page(evidence: PracticeEvidence) -> str:
    style, policy = style_and_policy()
    source = evidence.source
    where = (
        said("page.store", version=source.store_version)
        if source.store_version is not None
        else source.name
    )
    kept = said("page.kept", end=numbers.day(source.period_end), source=where)
    scheme = evidence.scheme
    return (
        environment()
        .get_template("evidence.html")
        .render(
            style=Markup(style),  # noqa: S704 - our own files
            policy=policy,
            title=said("evidence.title", practice=evidence.practice_id, scheme=scheme.title),
            banner=said("page.invented") if source.invented else "",
            lead=said("evidence.paid", paid=money(evidence.paid)),
            kept=kept,
            identity=said("evidence.content", content=source.content_id)
            if source.content_id
            else "",
            lines=_lines(evidence.lines),
            claims=_claims(evidence),
            missing=list(_missing(evidence)),
            foot=said(
                "page.foot", scheme=scheme.title, end=numbers.day(source.period_end), source=where
            ),
        )
    )


def _missing(evidence: PracticeEvidence) -> Iterator[tuple[str, str]]:
    """Yield what is missing and what it is missing from."""
    for line in evidence.lines:
        for sentence in line.missing:
            yield line.title, sentence
    for claim in evidence.claims:
        if claim.state == "no_evidence":
            name = said("evidence.claim", day=numbers.day(claim.when) if claim.when else claim.what)
            yield name, said("evidence.claim_waits")


def _lines(lines: Sequence[EvidenceLine]) -> Table:
    names = ("line", "standard_is", "done", "patients", "not_counted", "share", "reached", "by")
    words_at = {0, 6, 7}
    head = tuple(
        Column(said(f"head.{name}"), number=place not in words_at)
        for place, name in enumerate(names)
    )
    dash = said("value.dash")
    rows = tuple(
        (
            Cell(line.title, line.indicator_id),
            *cells(
                line.standard,
                dash if line.numerator is None else words.numbers_of(line.numerator),
                dash if line.denominator is None else numbers.count(line.denominator),
                dash if line.exclusions is None else numbers.count(line.exclusions),
                per_100(line.share),
                dash if line.reached is None else said("value.yes" if line.reached else "value.no"),
                line.definition,
            ),
        )
        for line in lines
    )
    csv = Csv("evidence.csv", tuple(c.head for c in head), ())
    return Table(said("evidence.lines"), head, rows, csv)


def _claims(evidence: PracticeEvidence) -> Table | None:
    if not evidence.claims:
        return None
    names = ("date", "what", "claimed", "payable", "state", "evidence")
    head = tuple(
        Column(said(f"head.{name}"), number=name in ("claimed", "payable")) for name in names
    )
    dash = said("value.dash")
    rows = tuple(
        cells(
            numbers.day(c.when) if c.when else dash,
            c.what or dash,
            money(c.claimed),
            money(c.payable),
            said(f"claim.{c.state}"),
            c.evidence or dash,
        )
        for c in evidence.claims
    )
    return Table(said("claim.cover"), head, rows, Csv("claims.csv", names, ()))

"""The statement of payment as one page: what is paid, why, each step, and what would change it.

It fetches nothing and runs no script. Practices stand A to Z, never in order of a result; no
patient is on it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import (
    ConditionShown,
    NetworkPaid,
    PaymentStatement,
    PaymentWhatIf,
    SplitColumn,
    StandardOutlook,
)
from hamlets.publish import look_words, numbers
from hamlets.publish import payment_words as words
from hamlets.publish.payment_words import money, per_100, said
from hamlets.publish.standard_line import StandardLine, draw_standard
from hamlets.publish.strings import text
from hamlets.publish.tables import Cell, Column, Csv, Table, cells
from hamlets.publish.templating import make_environment

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class ConditionPart:
    """A standard on the page."""

    ident: str
    title: str
    standard: str
    heading: str
    drawings: tuple[Markup, ...]
    sentences: tuple[str, ...]
    table: Table


@dataclass(frozen=True)
class LookPart:
    """A look forward on the page."""

    lead: str
    standards: tuple[tuple[str, tuple[str, ...], Table | None], ...]
    answer: tuple[str, ...]
    model: tuple[str, ...]


@dataclass(frozen=True)
class NetworkPart:
    """One network on the page."""

    ident: str
    name: str
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    conditions: tuple[ConditionPart, ...]
    practices: Table
    working: Table
    ways: Table | None
    ways_not: tuple[str, ...]
    ways_note: str
    look: LookPart | None


@cache
def environment() -> Environment:
    """Return the engine of pages on payment."""
    return make_environment(t=text, said=said)


@cache
def style_and_policy(*more: str) -> tuple[Markup, str]:
    """Return the style sheet and the content security policy that allows it alone.

    ``more`` names sheets of a page of its own.
    """
    folder = files("hamlets.publish").joinpath("templates")
    sheet = "".join(
        folder.joinpath(name).read_text(encoding="utf-8")
        for name in ("sections.css", "statement.css", *more)
    )
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return Markup(sheet), policy  # noqa: S704 - our own files


def render_statement(statement: PaymentStatement) -> str:
    """Return a statement as one HTML page."""
    style, policy = style_and_policy()
    scheme = statement.scheme
    end, source = numbers.day(statement.source.period_end), words.source_words(statement)
    one = statement.networks[0] if len(statement.networks) == 1 else None
    titled = one is not None and one.network_id is not None
    page = environment().get_template("statement.html")
    return page.render(
        style=style,
        policy=policy,
        title=said(
            "page.title_network" if titled else "page.title",
            scheme=scheme.title,
            network=one.network_id if one else "",
        ),
        banner=said("page.invented") if statement.source.invented else "",
        lead=words.headlines(statement),
        kept=said("page.kept", end=end, source=source),
        warnings=statement.warnings,
        networks=[
            _network(statement, index, number=len(statement.networks) > 1)
            for index in range(len(statement.networks))
        ],
        claims=_claims(statement),
        claims_total=_claims_total(statement),
        rules=_rules(statement),
        notes=scheme.notes,
        foot=said("page.foot", scheme=scheme.title, end=end, source=source),
    )


def _network(statement: PaymentStatement, index: int, *, number: bool) -> NetworkPart:
    paid = statement.networks[index]
    ways = statement.splits[index] if statement.splits else ()
    look = statement.what_if[index] if statement.what_if else None
    ident = f"network-{index + 1}"
    return NetworkPart(
        ident,
        words.network_name(paid) if number or paid.network_id else "",
        tuple(words.network_headline(statement, paid)),
        paid.notes,
        tuple(_condition(c, f"{ident}-{i}") for i, c in enumerate(paid.conditions, 1)),
        _practices(paid),
        _working(paid),
        _ways(paid, ways),
        tuple(w.reason for w in ways if w.amounts is None),
        said("page.splits_note", method=said(f"split.{paid.split}")) if paid.split else "",
        None if look is None else _look(statement, paid, look),
    )


def _condition(condition: ConditionShown, ident: str) -> ConditionPart:
    return ConditionPart(
        ident,
        condition.title,
        words.standard_words(condition),
        words.averages_heading(condition),
        _drawings(condition, ident),
        tuple(words.three_averages(condition)),
        _counted(condition),
    )


def _drawings(condition: ConditionShown, ident: str) -> tuple[Markup, ...]:
    shares = condition.mean, condition.pooled, condition.minimum
    if condition.mean is None or condition.pooled is None or condition.minimum is None:
        return ()
    shown = [per_100(share) for share in shares]
    standard = f"{float(condition.upper):g}"
    labels = (
        said("three.label_mean", value=shown[0]),
        said("three.label_pooled", value=shown[1]),
        said("three.label_minimum", value=shown[2]),
        said("three.label_standard", value=standard),
    )
    line = StandardLine(
        float(condition.mean) * 100,
        float(condition.pooled) * 100,
        float(condition.minimum) * 100,
        float(condition.upper),
        labels,
        said("three.chart", title=condition.title),
        " ".join(words.three_averages(condition)),
    )
    return tuple(draw_standard(line, f"{ident}-{width}", width) for width in ("narrow", "wide"))


def _head(*names: str, words_first: int = 1) -> tuple[Column, ...]:
    return tuple(
        Column(said(f"head.{name}"), number=place >= words_first)
        for place, name in enumerate(names)
    )


def _csv(name: str, head: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Csv:
    return Csv(name, tuple(c.head for c in head), tuple(tuple(x.text for x in r) for r in rows))


def _table(
    caption: str, name: str, head: tuple[Column, ...], rows: Sequence[tuple[Cell, ...]]
) -> Table:
    return Table(caption, head, tuple(rows), _csv(name, head, rows))


def _counted(condition: ConditionShown) -> Table:
    head = _head("practice", "done", "patients", "share")
    rows = [
        cells(
            p.practice_id,
            words.numbers_of(p.numerator),
            numbers.count(p.denominator),
            per_100(p.share),
        )
        for p in condition.practices
    ]
    return _table(condition.title, f"{condition.indicator_id}.csv", head, rows)


def _practices(paid: NetworkPaid) -> Table:
    with_points = any(p.points is not None for p in paid.by_practice)
    head = _head("practice", *(("points",) if with_points else ()), "paid")
    rows = [
        (
            Cell(p.practice_id),
            *((Cell(words.numbers_of(p.points)),) if p.points is not None else ()),
            Cell(money(p.paid), p.why or None),
        )
        for p in paid.by_practice
    ]
    return _table(said("page.practices"), "by-practice.csv", head, rows)


def _working(paid: NetworkPaid) -> Table:
    head = _head("step", "standard", "practice", "sum", "result", words_first=4)
    rows = [
        (
            Cell(said(f"step.{s.kind}"), said("step.decides") if s.decides else None),
            Cell(s.about or ""),
            Cell(s.practice_id or ""),
            Cell(s.sum),
            Cell(words.step_result(s)),
        )
        for s in paid.steps
    ]
    return _table(said("page.working"), "working.csv", head, rows)


def _ways(paid: NetworkPaid, ways: Sequence[SplitColumn]) -> Table | None:
    possible = [w for w in ways if w.amounts is not None]
    if not possible:
        return None
    head = (
        Column(said("head.practice"), number=False),
        *(Column(said(f"split.{w.method}")) for w in possible),
    )
    rows = [
        cells(practice, *(money((w.amounts or ())[row]) for w in possible))
        for row, practice in enumerate(paid.practices)
    ]
    return _table(said("page.splits"), "ways-to-divide.csv", head, rows)


def _claims(statement: PaymentStatement) -> Table | None:
    if not statement.claims:
        return None
    posts = statement.scheme.shape == "reimbursement"
    head = (
        *_head("practice", "date", "what", words_first=3),
        *_head("wte" if posts else "hours", "rate", "claimed", "payable", words_first=0),
        *_head("state", "evidence", words_first=2),
    )
    dash = said("value.dash")
    rows = [
        cells(
            c.practice_id or dash,
            numbers.day(c.when) if c.when else dash,
            c.what or dash,
            words.numbers_of(c.quantity),
            words.numbers_of(c.rate),
            money(c.claimed),
            money(c.payable),
            said(f"claim.{c.state}"),
            c.evidence or dash,
        )
        for c in statement.claims
    ]
    return _table(said("claim.posts" if posts else "claim.cover"), "claims.csv", head, rows)


def _claims_total(statement: PaymentStatement) -> str:
    claimed = sum((c.claimed for c in statement.claims), type(statement.paid)("0.00"))
    return said("claim.total", payable=money(statement.claims_payable), claimed=money(claimed))


def _look(statement: PaymentStatement, paid: NetworkPaid, look: PaymentWhatIf) -> LookPart:
    scheme = statement.scheme
    return LookPart(
        look_words.lead(look),
        tuple(
            (
                outlook.title,
                tuple(look_words.standing(outlook, condition, scheme)),
                _needs(outlook) if outlook.still and scheme.shape != "declaration" else None,
            )
            for outlook, condition in zip(look.outlooks, paid.conditions, strict=True)
        ),
        tuple(look_words.answer(look.scenario, paid)) if look.scenario else (),
        tuple(look_words.model(look)),
    )


def _needs(outlook: StandardOutlook) -> Table:
    head = _head("practice", "left", "own", "least", "even", "together", "next", "help")
    rows = [
        cells(
            p.practice_id,
            numbers.count(p.outstanding),
            _whole(p.own),
            _whole(p.least),
            _whole(p.even),
            _whole(p.pooled),
            said("value.dash")
            if p.next_patient is None
            else words.round_money(round(float(p.next_patient), 2)),
            per_100(p.help_needed),
        )
        for p in outlook.practices
    ]
    return _table(outlook.title, f"{outlook.indicator_id}-still-to-reach.csv", head, rows)


def _whole(value: int | None) -> str:
    return said("value.dash") if value is None else numbers.count(value)


def _rules(statement: PaymentStatement) -> tuple[str, ...]:
    scheme = statement.scheme
    found = [said(f"scheme.shape_{scheme.shape}")]
    if scheme.shape != "reimbursement":
        found.append(said("scheme.average", rule=said(f"rule.{scheme.average}")))
    if scheme.shape == "retained_share":
        found.append(said("scheme.loses_all" if scheme.all_or_nothing else "scheme.loses_own"))
    source = scheme.source.rstrip(".")
    checked = {"author": scheme.authored_by, "checker": scheme.checked_by}
    return (*found, said("scheme.source", source=source), said("scheme.checked", **checked))

"""The statement of payment as one page: what is paid, why, each step, and what would change it.

It fetches nothing and runs no script. Practices stand A to Z, never in order of a result; no
patient is on it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import (
    ConditionShown,
    NetworkPaid,
    PaymentStatement,
    PaymentWhatIf,
)
from hamlets.publish import look_words, numbers
from hamlets.publish import payment_words as words
from hamlets.publish.payment_words import money, per_100, said
from hamlets.publish.standard_line import StandardLine, draw_standard
from hamlets.publish.statement_tables import (
    claims_table,
    counted_table,
    needs_table,
    practices_table,
    ways_table,
    working_table,
)
from hamlets.publish.strings import text
from hamlets.publish.tables import Table
from hamlets.publish.templating import make_environment
from hamlets.publish.value_bar import ValueBar, draw_value

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
    bar: tuple[Markup, ...]
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
        claims=claims_table(statement),
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
        words.network_name(paid) if number or paid.network_id else said("page.paid"),
        tuple(words.network_headline(statement, paid)),
        _bar(statement, paid, ident),
        paid.notes,
        tuple(_condition(c, f"{ident}-{i}") for i, c in enumerate(paid.conditions, 1)),
        practices_table(paid),
        working_table(paid),
        ways_table(paid, ways),
        tuple(w.reason for w in ways if w.amounts is None),
        said("page.splits_note", method=said(f"split.{paid.split}")) if paid.split else "",
        None if look is None else _look(statement, paid, look),
    )


def _bar(statement: PaymentStatement, paid: NetworkPaid, ident: str) -> tuple[Markup, ...]:
    """Return the value of a contract that keeps a share back, as a bar in two widths."""
    value, advance = paid.value, paid.in_advance
    if not value or advance is None:
        return ()
    earned = max(Fraction(paid.paid) - advance, Fraction())
    left = max(value - advance - earned, Fraction())
    parts = (advance / value, earned / value, left / value)
    labels = (
        said("bar.advance", amount=words.round_money(advance)),
        said("bar.earned", amount=words.round_money(earned)),
        said("bar.left", amount=words.round_money(left)),
    )
    bar = ValueBar(
        float(parts[0]),
        float(parts[1]),
        float(parts[2]),
        labels,
        said("bar.title", scheme=statement.scheme.title),
        " ".join(words.network_headline(statement, paid)),
    )
    return tuple(draw_value(bar, f"{ident}-value-{width}", width) for width in ("narrow", "wide"))


def _condition(condition: ConditionShown, ident: str) -> ConditionPart:
    return ConditionPart(
        ident,
        condition.title,
        words.standard_words(condition),
        words.averages_heading(condition),
        _drawings(condition, ident),
        tuple(words.three_averages(condition)),
        counted_table(condition),
    )


def _drawings(condition: ConditionShown, ident: str) -> tuple[Markup, ...]:
    shares = condition.mean, condition.pooled, condition.minimum
    if condition.mean is None or condition.pooled is None or condition.minimum is None:
        return ()
    shown = [per_100(share, condition.direction) for share in shares]
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
                needs_table(outlook) if outlook.still and scheme.shape != "declaration" else None,
            )
            for outlook, condition in zip(look.outlooks, paid.conditions, strict=True)
        ),
        tuple(look_words.answer(look.scenario, paid)) if look.scenario else (),
        tuple(look_words.model(look)),
    )


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

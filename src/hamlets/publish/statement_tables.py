"""Tables of a statement of payment: shown as people read them, downloaded as the values are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hamlets.networks.results import (
    ConditionShown,
    NetworkPaid,
    PaymentStatement,
    SplitColumn,
    StandardOutlook,
)
from hamlets.publish import numbers
from hamlets.publish import payment_words as words
from hamlets.publish.payment_words import money, per_100, said
from hamlets.publish.tables import Cell, Column, Csv, Table, Value, cells


def _head(*names: str, words_first: int = 1) -> tuple[Column, ...]:
    return tuple(
        Column(said(f"head.{name}"), number=place >= words_first)
        for place, name in enumerate(names)
    )


def _table(
    caption: str,
    name: str,
    head: tuple[Column, ...],
    rows: Sequence[tuple[Cell, ...]],
    exact: Sequence[tuple[Value, ...]],
) -> Table:
    """Return a table whose download carries the values as they are: ``exact``, row by row."""
    csv = Csv(name, tuple(c.head for c in head), tuple(exact))
    return Table(caption, head, tuple(rows), csv)


def _amount(value: Fraction | Decimal) -> float | int:
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else float(exact)


def _known(value: Fraction | float | None) -> float | int | None:
    return None if value is None else _amount(Fraction(value))


def counted_table(condition: ConditionShown) -> Table:
    """Return what was counted for a standard, by practice."""
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
    exact = [
        (p.practice_id, _amount(p.numerator), p.denominator, _known(p.share))
        for p in condition.practices
    ]
    return _table(condition.title, f"{condition.indicator_id}.csv", head, rows, exact)


def practices_table(paid: NetworkPaid) -> Table:
    """Return what each practice gets."""
    with_points = any(p.points is not None for p in paid.by_practice)
    head = _head("practice", *(("points",) if with_points else ()), "paid")
    rows = [
        (
            Cell(p.practice_id),
            *((Cell(words.numbers_of(p.points or Fraction())),) if with_points else ()),
            Cell(money(p.paid), p.why or None),
        )
        for p in paid.by_practice
    ]
    exact = [
        (p.practice_id, *((_known(p.points),) if with_points else ()), _amount(p.paid))
        for p in paid.by_practice
    ]
    return _table(said("page.practices"), "by-practice.csv", head, rows, exact)


def working_table(paid: NetworkPaid) -> Table:
    """Return the steps of a payment, each with its sum."""
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
    exact = [
        (said(f"step.{s.kind}"), s.about, s.practice_id, s.sum, _amount(s.value))
        for s in paid.steps
    ]
    return _table(said("page.working"), "working.csv", head, rows, exact)


def ways_table(paid: NetworkPaid, ways: Sequence[SplitColumn]) -> Table | None:
    """Return the ways to divide a payment side by side; None where there is none."""
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
    exact = [
        (practice, *(_amount((w.amounts or ())[row]) for w in possible))
        for row, practice in enumerate(paid.practices)
    ]
    return _table(said("page.splits"), "ways-to-divide.csv", head, rows, exact)


def claims_table(statement: PaymentStatement) -> Table | None:
    """Return the claims and what of each can be paid; None without any."""
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
    exact = [
        (
            c.practice_id,
            c.when.isoformat() if c.when else None,
            c.what,
            _amount(c.quantity),
            _amount(c.rate),
            _amount(c.claimed),
            _amount(c.payable),
            said(f"claim.{c.state}"),
            c.evidence,
        )
        for c in statement.claims
    ]
    return _table(said("claim.posts" if posts else "claim.cover"), "claims.csv", head, rows, exact)


def needs_table(outlook: StandardOutlook) -> Table:
    """Return what each practice has to do for a standard."""
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
    exact = [
        (
            p.practice_id,
            p.outstanding,
            p.own,
            p.least,
            p.even,
            p.pooled,
            _known(p.next_patient),
            _amount(p.help_needed),
        )
        for p in outlook.practices
    ]
    name = f"{outlook.indicator_id}-still-to-reach.csv"
    return _table(outlook.title, name, head, rows, exact)


def _whole(value: int | None) -> str:
    return said("value.dash") if value is None else numbers.count(value)

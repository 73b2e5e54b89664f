"""``hamlets networks payment`` for people: a statement that reads well in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hamlets.cli.columns import Column, print_columns
from hamlets.cli.terminal import print_lines

if TYPE_CHECKING:
    from fractions import Fraction

    from hamlets.networks.results import (
        ClaimShown,
        NetworkPaid,
        PaymentStatement,
        PaymentStep,
        PaymentWhatIf,
        SplitColumn,
    )

_MOST_STEPS = 60


def print_statement(statement: PaymentStatement) -> None:
    """Print what is paid, the three averages, the working, and what would change it."""
    from hamlets.publish.payment_words import headlines, network_name, said, source_words

    scheme = statement.scheme
    named = scheme.title if scheme.title == scheme.scheme_id else None
    print_lines([named or f"{scheme.title} ({scheme.scheme_id})", *headlines(statement)])
    many = len(statement.networks) > 1
    for index, paid in enumerate(statement.networks):
        print()
        if many or paid.network_id:
            print_lines([network_name(paid)])
        ways = statement.splits[index] if statement.splits else ()
        _print_network(statement, paid, ways, brief=many)
        if statement.what_if:
            _print_look(statement, paid, statement.what_if[index])
    if statement.claims:
        print()
        _print_claims(statement)
    print()
    print_lines(statement.warnings, hanging="  ")
    print_lines([said(f"scheme.shape_{scheme.shape}"), *_rule(statement)])
    end = statement.source.period_end.isoformat()
    print_lines([f"Counted to {end}, from {source_words(statement)}."])


def _rule(statement: PaymentStatement) -> list[str]:
    from hamlets.publish.payment_words import said

    scheme = statement.scheme
    if scheme.shape == "reimbursement":
        return []
    return [said("scheme.average", rule=said(f"rule.{scheme.average}"))]


def _print_network(
    statement: PaymentStatement, paid: NetworkPaid, ways: Sequence[SplitColumn], *, brief: bool
) -> None:
    from hamlets.publish.payment_words import averages_heading, network_headline, three_averages

    print_lines([" ".join(network_headline(statement, paid))])
    _print_conditions(paid)
    if not brief:
        for condition in paid.conditions:
            print()
            print_lines([f"{condition.title}. {averages_heading(condition)}."])
            print_lines(three_averages(condition), indent="  ", hanging="  ")
    print()
    _print_practices(paid)
    print_lines(paid.notes)
    if brief:
        return
    print()
    _print_steps(paid.steps)
    if ways:
        print()
        _print_ways(paid, ways)


def _print_conditions(paid: NetworkPaid) -> None:
    from hamlets.publish.payment_words import per_100, said

    if not paid.conditions:
        return
    print()
    print_columns(
        [
            Column("standard", [c.title for c in paid.conditions], "words"),
            Column("mean", [per_100(c.mean, c.direction) for c in paid.conditions]),
            Column("pooled", [per_100(c.pooled, c.direction) for c in paid.conditions]),
            Column("minimum", [per_100(c.minimum, c.direction) for c in paid.conditions]),
            Column(
                "at standard",
                [f"{c.at_standard} of {c.counted}" for c in paid.conditions],
                leaves=1,
            ),
            Column("pays from", [_thresholds(c.lower, c.upper) for c in paid.conditions]),
            Column(
                "reached",
                [said("value.yes" if c.reached else "value.no") for c in paid.conditions],
                "name",
            ),
        ]
    )


def _thresholds(lower: Fraction, upper: Fraction) -> str:
    low, high = f"{float(lower):g}", f"{float(upper):g}"
    return low if low == high else f"{low} to {high}"


def _print_practices(paid: NetworkPaid) -> None:
    from hamlets.publish.payment_words import money, numbers_of

    rows = paid.by_practice
    columns = [
        Column("practice", [p.practice_id for p in rows], "name"),
        Column("points", ["-" if p.points is None else numbers_of(p.points) for p in rows]),
        Column("paid", [money(p.paid) for p in rows]),
        Column("", [p.why for p in rows], "words", leaves=1),
    ]
    empty = {"points"} if all(p.points is None for p in rows) else set[str]()
    if not any(p.why for p in rows):
        empty.add("")
    print_columns([column for column in columns if column.name not in empty])


def _print_steps(steps: Sequence[PaymentStep]) -> None:
    from hamlets.publish.payment_words import said, step_result

    shown = steps[:_MOST_STEPS]
    subjects = [step.practice_id or step.about or "" for step in shown]
    both = [
        f"{step.practice_id}: {step.about}" if step.practice_id and step.about else subject
        for step, subject in zip(shown, subjects, strict=True)
    ]
    print_columns(
        [
            Column(
                "step",
                [
                    said(f"step.{step.kind}")
                    + (f" ({said('step.decides')})" if step.decides else "")
                    for step in shown
                ],
                "words",
            ),
            Column("of", both, "words"),
            Column("sum", [step.sum for step in shown], "words"),
            Column("result", [step_result(step) for step in shown]),
        ]
    )
    if len(steps) > len(shown):
        print(f"{len(steps) - len(shown):,} more steps: use --output FILE.html or --format json")


def _print_ways(paid: NetworkPaid, ways: Sequence[SplitColumn]) -> None:
    from hamlets.publish.payment_words import money, said

    possible = [way for way in ways if way.amounts is not None]
    columns = [Column("practice", list(paid.practices), "name")]
    columns += [
        Column(said(f"split.{way.method}"), [money(a) for a in way.amounts or ()], leaves=7 - i)
        for i, way in enumerate(possible)
    ]
    print_lines([said("page.splits")])
    print_columns(columns)
    for way in ways:
        if way.amounts is None:
            print_lines([f"Not by {said(f'split.{way.method}')}: {way.reason}"])


def _print_look(statement: PaymentStatement, paid: NetworkPaid, look: PaymentWhatIf) -> None:
    from hamlets.publish import look_words
    from hamlets.publish.payment_words import per_100, round_money, said

    print()
    print_lines([said("page.look"), look_words.lead(look)])
    for outlook, condition in zip(look.outlooks, paid.conditions, strict=True):
        print()
        print_lines([f"{outlook.title}"])
        standing = look_words.standing(outlook, condition, statement.scheme)
        print_lines(standing, indent="  ", hanging="  ")
        rows = outlook.practices
        if not rows or not outlook.still or statement.scheme.shape == "declaration":
            continue

        def shown(values: Sequence[int | None]) -> list[str]:
            return ["-" if value is None else f"{value:,}" for value in values]

        nexts = [p.next_patient for p in rows]
        print_columns(
            [
                Column("practice", [p.practice_id for p in rows], "name"),
                Column("outstanding", shown([p.outstanding for p in rows])),
                Column("to reach it alone", shown([p.own for p in rows]), leaves=1),
                Column("smallest set", shown([p.least for p in rows])),
                Column("spread evenly", shown([p.even for p in rows])),
                Column("if pooled", shown([p.pooled for p in rows]), leaves=2),
                Column(
                    "next patient",
                    ["-" if n is None else round_money(round(float(n), 2)) for n in nexts],
                    leaves=3,
                ),
                Column("help needed", [per_100(p.help_needed) for p in rows]),
            ]
        )
    print()
    print_lines(look_words.model(look))
    if look.scenario is not None:
        print_lines(look_words.answer(look.scenario, paid))


def _print_claims(statement: PaymentStatement) -> None:
    from hamlets.publish.payment_words import money, said

    rows: Sequence[ClaimShown] = statement.claims
    posts = statement.scheme.shape == "reimbursement"
    print_lines([said("claim.posts" if posts else "claim.cover")])
    print_columns(
        [
            Column("practice", [c.practice_id or "-" for c in rows], "name"),
            Column("date", [c.when.isoformat() if c.when else "-" for c in rows], "name"),
            Column("what for", [c.what or "-" for c in rows], "words", leaves=2),
            Column("posts" if posts else "hours", [f"{float(c.quantity):g}" for c in rows]),
            Column("rate", [f"{float(c.rate):,.2f}" for c in rows]),
            Column("claimed", [money(c.claimed) for c in rows]),
            Column("can be paid", [money(c.payable) for c in rows]),
            Column("state", [said(f"claim.{c.state}") for c in rows], "words"),
            Column("evidence", [c.evidence or "-" for c in rows], "words", leaves=1),
        ]
    )
    claimed = sum((c.claimed for c in rows), type(statement.paid)("0.00"))
    payable = money(statement.claims_payable)
    print_lines([said("claim.total", payable=payable, claimed=money(claimed))])

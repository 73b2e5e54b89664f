"""A share kept back until the network reaches its standards; a declaration is one of these.

Paid = (1 - s) V + s V x (1 where every condition is reached, else 0); or each condition loses
only its own part of what is kept back; or earns it in a line between two thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from hamlets.errors import SourceError
from hamlets.networks.payment.counts import Counted
from hamlets.networks.payment.money import pounds
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.payment.shares import average_steps, show_condition
from hamlets.networks.payment.writing import amount, number, rate
from hamlets.networks.results.payment import ConditionShown, PaymentStep


@dataclass(frozen=True)
class Worked:
    """What a network's payment comes to before it is divided."""

    conditions: tuple[ConditionShown, ...]
    paid: Decimal
    points: dict[str, Fraction]
    """What each practice earned by itself, for the ways to split that count points."""
    steps: tuple[PaymentStep, ...]
    value: Fraction | None = None
    in_advance: Fraction | None = None
    at_stake: Fraction | None = None


def retained_part(scheme: Scheme, earned: Sequence[Fraction]) -> Fraction:
    """Return the part of what is kept back that is paid, 0 to 1, from that of each condition.

    All or nothing pays the least of them: with steps, all where all are reached.
    """
    if scheme.all_or_nothing:
        return min(earned, default=Fraction())
    shares = [condition.share for condition in scheme.conditions]
    return sum((s * e for s, e in zip(shares, earned, strict=True)), Fraction())


def retained_paid(scheme: Scheme, value: Fraction, earned: Sequence[Fraction]) -> Fraction:
    """Return (1 - s) V + s V x the part that is earned, in pounds, not rounded."""
    kept = value * scheme.retained
    return value - kept + kept * retained_part(scheme, earned)


def contract_value(scheme: Scheme, practices: Sequence[str], counted: Counted) -> Fraction:
    """Return what the scheme can pay a network in all; SourceError where a list is missing."""
    if scheme.value is not None:
        return scheme.value
    people = _weighted(practices, counted)
    return (scheme.value_per_patient or Fraction()) * people


def _weighted(practices: Sequence[str], counted: Counted) -> Fraction:
    lists = [counted.practices[p].weighted_list for p in practices]
    missing = [p for p, size in zip(practices, lists, strict=True) if size is None]
    if missing:
        raise SourceError(
            f"The scheme pays by the weighted list, and that of {missing[0]} is not known.",
            where="weighted_list",
            hint="Give a file with practice_id and weighted_list with --practices.",
        )
    return sum((size for size in lists if size is not None), Fraction())


def pay_retained(
    scheme: Scheme, network_id: str | None, practices: Sequence[str], counted: Counted
) -> Worked:
    """Return what a network gets of a scheme that keeps a share back."""
    conditions = tuple(show_condition(scheme, c, practices, counted) for c in scheme.conditions)
    value = contract_value(scheme, practices, counted)
    earned = [c.earned for c in conditions]
    at_stake = value * scheme.retained
    exact = retained_paid(scheme, value, earned)
    steps = _steps(scheme, conditions, value, network_id, practices, counted)
    return Worked(
        conditions,
        pounds(exact),
        _points(scheme, conditions, practices),
        tuple(steps),
        value,
        value - at_stake,
        at_stake,
    )


def _points(
    scheme: Scheme, conditions: Sequence[ConditionShown], practices: Sequence[str]
) -> dict[str, Fraction]:
    """Return points out of 100: each condition's part, where the practice reached it itself."""
    found = dict.fromkeys(practices, Fraction())
    for condition, shown in zip(scheme.conditions, conditions, strict=True):
        for practice in shown.practices:
            found[practice.practice_id] += condition.share * 100 * practice.earned
    return found


def _steps(
    scheme: Scheme,
    conditions: Sequence[ConditionShown],
    value: Fraction,
    network_id: str | None,
    practices: Sequence[str],
    counted: Counted,
) -> Iterator[PaymentStep]:
    def step(
        kind: str, written: str, found: Fraction, unit: str, about: str | None = None
    ) -> PaymentStep:
        return PaymentStep(kind, about, written, found, unit, network_id=network_id)  # type: ignore[arg-type]

    if scheme.value_per_patient is not None:
        people = _weighted(practices, counted)
        written = f"{number(people)} x {rate(scheme.value_per_patient)}"
        yield step("value", written, value, "pounds")
    else:
        yield step("value", amount(value), value, "pounds")
    kept = value * scheme.retained
    percent = scheme.retained * 100
    yield step(
        "in_advance",
        f"{amount(value)} x {number(100 - percent)} / 100",
        value - kept,
        "pounds",
    )
    yield step("at_stake", f"{amount(value)} x {number(percent)} / 100", kept, "pounds")
    for shown in conditions:
        yield from average_steps(shown, network_id)
        yield step(
            "earned" if shown.lower != shown.upper else "reached",
            _comparison(shown),
            shown.earned,
            "ratio" if shown.lower != shown.upper else "yes_no",
            shown.title,
        )
    earned = [c.earned for c in conditions]
    part = retained_part(scheme, earned)
    if scheme.all_or_nothing:
        yield step("part_all", f"least of {_listed(earned)}", part, "ratio")
    else:
        terms = " + ".join(
            f"{number(c.share)} x {number(e)}"
            for c, e in zip(scheme.conditions, earned, strict=True)
        )
        yield step("part_each", terms, part, "ratio")
    exact = retained_paid(scheme, value, earned)
    yield step(
        "paid",
        f"{amount(value - kept)} + {amount(kept)} x {number(part)}",
        Fraction(pounds(exact)),
        "pounds",
    )


def _listed(values: Sequence[Fraction]) -> str:
    return ", ".join(number(value) for value in values)


def _comparison(shown: ConditionShown) -> str:
    if shown.share is None:
        return "nobody to count"
    percent = shown.share * 100
    if shown.lower != shown.upper:
        return f"{number(percent)} between {number(shown.lower)} and {number(shown.upper)}"
    if shown.direction == "lower":
        sign = "is not above" if percent <= shown.upper else "is above"
    else:
        sign = "is not below" if percent >= shown.upper else "is below"
    return f"{number(percent)} {sign} {number(shown.upper)}"

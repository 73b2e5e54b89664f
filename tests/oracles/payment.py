"""Payment written down again from the definitions (Networks 1 to 7), slowly and by other means.

Amounts with decimals of 28 digits where the room uses fractions; sets of patients by trying
all of them; chances by a closed form in fractions where the room uses a quadrature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from itertools import product
from math import comb

Pairs = Sequence[tuple[int, int]]
"""(numerator, denominator) by practice."""


def rule_value(pairs: Pairs, rule: str) -> Fraction | None:
    """Point 1: mean over practices with anyone, pooled, or the smallest."""
    rates = [Fraction(n, d) for n, d in pairs if d > 0]
    if not rates:
        return None
    if rule == "mean":
        return sum(rates, Fraction()) / len(rates)
    if rule == "pooled":
        return Fraction(sum(n for n, _ in pairs), sum(d for _, d in pairs))
    return min(rates)


def passes(pairs: Pairs, rule: str, target: Fraction) -> bool:
    """Point 2: exact fractions."""
    value = rule_value(pairs, rule)
    return value is not None and value.numerator * 100 >= target * value.denominator


def retained(
    value: Decimal, share: Decimal, passed: Sequence[bool], parts: Sequence[Fraction] | None
) -> Decimal:
    """Paid = (1 - s) V + s V x 1[every condition], or each condition its own part."""
    with localcontext() as context:
        context.prec = 28
        if parts is None:
            part = Decimal(1) if all(passed) else Decimal(0)
        else:
            part = sum(
                (
                    Decimal(p.numerator) / Decimal(p.denominator)
                    for p, ok in zip(parts, passed, strict=True)
                    if ok
                ),
                Decimal(0),
            )
        paid = (1 - share) * value + share * value * part
        return paid.quantize(Decimal("0.01"), ROUND_HALF_UP)


def points(
    achieved: int, register: int, left_out: int, lower: int, upper: int, whole: int
) -> Decimal:
    """D = A / (B - C) x 100; H = clamp((D - E) / (F - E), 0, 1) x G."""
    with localcontext() as context:
        context.prec = 28
        if register == left_out:
            return Decimal(0)
        d = Decimal(achieved) / Decimal(register - left_out) * 100
        part = (d - lower) / Decimal(upper - lower)
        return max(Decimal(0), min(Decimal(1), part)) * whole


def qof(
    lines: Sequence[tuple[Decimal, Decimal]], value: Decimal, list_size: int, national: int
) -> Decimal:
    """Sum of H x V x APDF over indicators, x CPI, rounded once half up to the penny."""
    with localcontext() as context:
        context.prec = 28
        whole = sum((h * value * apdf for h, apdf in lines), Decimal(0))
        paid = whole * (Decimal(list_size) / Decimal(national))
        return paid.quantize(Decimal("0.01"), ROUND_HALF_UP)


def sets(pairs: Pairs) -> Iterator[tuple[int, ...]]:
    """Every way to take patients from those outstanding."""
    return product(*(range(d - n + 1) for n, d in pairs))


def taken(pairs: Pairs, more: Sequence[int]) -> Pairs:
    return [(n + k, d) for (n, d), k in zip(pairs, more, strict=True)]


def least(pairs: Pairs, rule: str, target: Fraction) -> int | None:
    """Point 5: the least number of patients with the rule met."""
    found = [sum(x) for x in sets(pairs) if passes(taken(pairs, x), rule, target)]
    return min(found, default=None)


def cheapest(
    pairs: Pairs, rule: str, target: Fraction, ways: Sequence[Sequence[tuple[int, int]]]
) -> int | None:
    """The least cost with the rule met; ``ways`` are (cost, patients) by practice."""
    costs = [_costs(own, d - n) for own, (n, d) in zip(ways, pairs, strict=True)]
    found = [
        sum(cost[k] for cost, k in zip(costs, x, strict=True))
        for x in product(*(range(len(cost)) for cost in costs))
        if passes(taken(pairs, x), rule, target)
    ]
    return min(found, default=None)


def _costs(ways: Sequence[tuple[int, int]], outstanding: int) -> list[int]:
    """The cost of reaching 0, 1, ... patients of a practice, the cheapest first."""
    each = sorted(cost for cost, patients in ways for _ in range(min(patients, outstanding)))
    each = each[:outstanding]
    return [sum(each[:k]) for k in range(len(each) + 1)]


def additions(outstanding: int, came: int, at_risk: int, months: int) -> list[Fraction]:
    """Point 6 in closed form: Bin(r, 1 - (1-h)^m) averaged over h ~ Beta(a + 1/2, y - a + 1/2).

    E[(1-h)^n] is a product of fractions, so each chance is exact.
    """
    b, both = Fraction(at_risk - came) + Fraction(1, 2), Fraction(at_risk + 1)

    def moment(n: int) -> Fraction:
        value = Fraction(1)
        for i in range(n):
            value *= (b + i) / (both + i)
        return value

    r = outstanding
    return [
        comb(r, k)
        * sum(
            ((-1) ** j * comb(k, j) * moment(months * (r - k + j)) for j in range(k + 1)),
            Fraction(),
        )
        for k in range(r + 1)
    ]


def chance(
    paces: Sequence[tuple[int, int, int, int]], months: int, rule: str, target: Fraction
) -> Fraction:
    """The chance that the rule is met; ``paces`` are (numerator, denominator, came, at risk)."""
    chances = [additions(d - n, a, y, months) for n, d, a, y in paces]
    pairs = [(n, d) for n, d, _, _ in paces]
    total = Fraction()
    for x in sets(pairs):
        if passes(taken(pairs, x), rule, target):
            weight = Fraction(1)
            for chances_of, k in zip(chances, x, strict=True):
                weight *= chances_of[k]
            total += weight
    return total


def split(total: Decimal, weights: Mapping[str, Fraction]) -> dict[str, Decimal]:
    """Point 3: floor pennies, the remainder by largest fraction, ties lowest practice id."""
    whole = sum(weights.values(), Fraction())
    pence = int(total * 100)
    found = {name: int(pence * weight / whole) for name, weight in weights.items()}
    while sum(found.values()) < pence:
        short = {n: pence * w / whole - found[n] for n, w in weights.items()}
        most = max(short.values())
        name = min(n for n, s in short.items() if s == most)
        found[name] += 1
    return {name: Decimal(p) / 100 for name, p in found.items()}

"""Pounds: exact until a line is payable, then rounded once, half up to the penny.

Whole sums are fractions, so no digit depends on the order in which they are added up. The
rounding of the Statement of Financial Entitlements was not found in print: half up is the
convention of the published examples (see decision 0022).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction

PENNY = Fraction(1, 100)
_CONTEXT = Context(prec=28)


def half_up(value: Fraction, unit: Fraction = PENNY) -> Fraction:
    """Return a value rounded to whole units, halves upwards."""
    return ((value / unit + Fraction(1, 2)) // 1) * unit


def pounds(value: Fraction) -> Decimal:
    """Return an amount rounded half up to the penny, with two decimals."""
    pence = half_up(value) / PENNY
    return Decimal(int(pence)).scaleb(-2, _CONTEXT)


def as_decimal(value: Fraction) -> Decimal:
    """Return a fraction to 28 digits, for showing: nothing is worked out with it."""
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def share_out(total: Decimal, weights: Sequence[Fraction], names: Sequence[str]) -> list[Decimal]:
    """Return the parts of an amount in pounds by weight: they add up to it, to the penny.

    Each part is cut to whole pennies, and the pennies left go to the largest fractions;
    of equals to the lowest name. ValueError where the weights are negative or all 0.
    """
    whole = sum(weights, Fraction())
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be 0 or more, and one of them more than 0")
    pence = int(total.scaleb(2).to_integral_value(ROUND_FLOOR))
    exact = [pence * weight / whole for weight in weights]
    parts = [int(part // 1) for part in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], names[i]))
    for index in order[: pence - sum(parts)]:
        parts[index] += 1
    return [Decimal(part).scaleb(-2, _CONTEXT) for part in parts]

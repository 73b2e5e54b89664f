"""What a plan costs: miles at a rate, hours at the rate that the file gives. To the penny."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

MILEAGE = Decimal("0.45")
"""Pounds a mile by car: HM Revenue and Customs' approved amount since April 2011. Data that a
network may change: `--mileage`."""
KM_A_MILE = Fraction("1.609344")


def travel_cost(km: float | None, trips: int, mileage: Decimal) -> Decimal | None:
    """Return pounds for journeys there and back; None where the distance is not known."""
    if km is None:
        return None
    return _pounds(Fraction(km) * 2 * trips / KM_A_MILE * Fraction(mileage))


def time_cost(hours: Fraction, rate: Decimal | None) -> Decimal | None:
    """Return pounds for hours; None where no rate is known."""
    return None if rate is None else _pounds(hours * Fraction(rate))


def _pounds(value: Fraction) -> Decimal:
    """Return an amount of 0 or more to the penny, half a penny up."""
    pence = (value * 100 + Fraction(1, 2)) // 1
    return (Decimal(pence) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)

"""Numbers as an accountant writes them inside a sum; cut ones end in dots."""

from __future__ import annotations

from fractions import Fraction

from hamlets.networks.payment.money import half_up

_PLACES = 4


def number(value: Fraction, places: int = _PLACES) -> str:
    """Return a number with commas, to some places; dots follow where it goes on."""
    shown = half_up(value, Fraction(1, 10**places))
    text = f"{float(shown):,.{places}f}" if abs(shown) < 10**11 else f"{int(shown):,}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if shown == value else f"{text}..."


def amount(value: Fraction) -> str:
    """Return pounds with two decimals; dots follow where there are parts of a penny."""
    shown = half_up(value)
    sign = "-" if shown < 0 else ""
    pence = int(abs(shown) * 100)
    text = f"{sign}£{pence // 100:,}.{pence % 100:02}"
    return text if shown == value else f"{text}..."


def rate(value: Fraction) -> str:
    """Return pounds for each of something, with as many decimals as it has, two at least."""
    text = number(value, 6)
    whole, _, part = text.partition(".")
    return f"£{whole}.{part.ljust(2, '0')}" if not text.endswith("...") else amount(value)


def share(numerator: Fraction, denominator: int) -> str:
    """Return a share as what was counted over whom."""
    return f"{number(numerator)} / {denominator:,}"

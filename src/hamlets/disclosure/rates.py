"""Shares, means and ranges of a published form.

A share is worked out from the published, rounded parts: then it says nothing
that the parts do not say, and nobody gets a part back from share and total.
"""

from __future__ import annotations

import math

from hamlets.disclosure.counts import SMALLEST, Published, round_to_5

NEAR_NONE = 0.005
"""Stands for "fewer than 1 in 100"."""
NEAR_ALL = 0.995
"""Stands for "more than 99 in 100"."""

_TINY = 1e-9


def published_rate(numerator: int, denominator: int, patients: int) -> float | None:
    """Return a share from true counts in whole hundredths, or None where it must be left out.

    Left out: of fewer than 8 patients, and where numerator or remainder is 1 to 7 or
    nothing. Where 1 in 100 is 8 or more, such a share is ``NEAR_NONE`` or ``NEAR_ALL``.
    """
    if not 0 <= numerator <= denominator:
        raise ValueError("The numerator is a part of the denominator.")
    if patients < SMALLEST or denominator < SMALLEST:
        return None
    if denominator - numerator < SMALLEST:
        return NEAR_ALL if _wide(denominator) else None
    if numerator < SMALLEST:
        return NEAR_NONE if _wide(denominator) else None
    return _hundredths(round_to_5(numerator) / round_to_5(denominator))


def rate_of(numerator: Published, denominator: Published) -> float | None:
    """Return a share of two published counts in whole hundredths; None where one is left out."""
    if numerator.value is None or denominator.value is None:
        return None
    return _hundredths(numerator.value / denominator.value)


def published_mean(value: float | None, patients: int) -> float | None:
    """Return a mean of shares in whole hundredths; None for fewer than 8 patients.

    A mean at either end says what every patient has: it is left out unless 1 in 100 of
    the patients are 8 or more.
    """
    if value is None or patients < SMALLEST:
        return None
    if 0.01 - _TINY <= value <= 0.99 + _TINY:
        return math.floor(value * 100 + 0.5 + _TINY) / 100
    if not _wide(patients):
        return None
    return NEAR_NONE if value < 0.5 else NEAR_ALL


def published_number(value: float | None, patients: int) -> float | None:
    """Return a mean number, such as different GPs seen, to one decimal; None below 8 patients."""
    if value is None or patients < SMALLEST:
        return None
    return math.floor(value * 10 + 0.5 + _TINY) / 10


def published_range(
    shown: float | None,
    half: float | None,
    denominator: int | None = None,
    *,
    step: float = 0.01,
    top: float = 1.0,
) -> tuple[float | None, float | None]:
    """Return a range around a published value: whole steps, rounded outwards.

    The middle is the published value, not the true one, so that the range gives nothing
    away; ``half`` is the true half width. With a ``denominator`` (rounded) the range is
    wider by what rounding the parts can move a share.
    """
    if shown is None or half is None:
        return None, None
    extra = 0.0 if denominator is None else 2 * (1 + shown) / max(denominator, SMALLEST)
    wide = math.ceil((half + extra) / step - _TINY) * step
    low, high = max(0.0, shown - wide), min(top, shown + wide)
    return (
        round(math.floor(low / step + _TINY) * step, 6),
        round(math.ceil(high / step - _TINY) * step, 6),
    )


def _wide(denominator: int) -> bool:
    """Return whether "fewer than 1 in 100" says no more than "7 or fewer"."""
    return denominator >= SMALLEST * 100


def _hundredths(share: float) -> float:
    if share < 0.01 - _TINY:
        return NEAR_NONE
    if share > 0.99 + _TINY:
        return NEAR_ALL
    return math.floor(share * 100 + 0.5 + _TINY) / 100

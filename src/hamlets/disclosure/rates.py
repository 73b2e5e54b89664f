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


def published_mean(value: float | None, patients: Published) -> float | None:
    """Return a mean of shares in whole hundredths; None where it must be left out.

    What the patients have between them, and what they lack to all, must be 8 or more, as with
    a share: of 10 patients, 0.95 says that one of them, or two, have less than all. Asked of
    the published numbers only, so that nobody learns more of the patients from it. A mean at
    either end is told as such where 1 in 100 of the patients are 8 or more.
    """
    if value is None or patients.value is None:
        return None
    shown = math.floor(value * 100 + 0.5 + _TINY) / 100
    if min(shown, 1 - shown) * patients.low >= SMALLEST - _TINY:
        return shown
    if patients.low < SMALLEST * 100:
        return None
    return NEAR_NONE if value < 0.5 else NEAR_ALL


def published_number(value: float | None, patients: Published, least: float = 0.0) -> float | None:
    """Return a mean number, such as different GPs seen, to one decimal; None if left out.

    ``least`` is what every patient has. Of 10 patients who saw 1.1 GPs, one saw two: so what they
    have above that must be 8 or more.
    """
    if value is None or patients.value is None:
        return None
    shown = math.floor(value * 10 + 0.5 + _TINY) / 10
    return shown if (shown - least) * patients.low >= SMALLEST - _TINY else None


def published_range(
    shown: float | None,
    half: float | None,
    denominator: int | None = None,
    *,
    step: float = 0.01,
    top: float = 1.0,
) -> tuple[float | None, float | None]:
    """Return a range around a published value, rounded outwards to ``step``.

    It has the published value for its middle, so that the range gives nothing
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


def half_of_mean(half: float | None, shown: float | None, patients: Published) -> float | None:
    """Return the half width of a mean of shares as it may be told; None if it may not.

    Shares differ at most as zeros and ones do, so a wide range is one of few patients. A half
    width that more patients (as many as the published number allows) could not have is
    therefore told as the widest that fewer could have: all of these look the same.
    """
    if half is None or shown is None or patients.value is None:
        return None
    middle = min(max(0.5, shown - _HALF), shown + _HALF)
    most, least = (
        1.96 * math.sqrt(middle * (1 - middle) / (n - 1)) for n in (patients.low, patients.high)
    )
    return max(half, most) if half > least - 2 * _HALF else half


_HALF = 0.005
"""Half a hundredth: how far a rounded share lies from the true one."""


def _wide(denominator: int) -> bool:
    """Return whether "fewer than 1 in 100" says no more than "7 or fewer"."""
    return denominator >= SMALLEST * 100


def _hundredths(share: float) -> float:
    if share < 0.01 - _TINY:
        return NEAR_NONE
    if share > 0.99 + _TINY:
        return NEAR_ALL
    return math.floor(share * 100 + 0.5 + _TINY) / 100

"""Ranges and funnel limits against exact sums and published values."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from hamlets.networks.indicators.limits import (
    TAILS,
    binomial_limits,
    event_limits,
    event_range,
    sizes_to,
    wilson,
)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17: 857-872, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(numerator: int, denominator: int, low: float, high: float) -> None:
    assert wilson(numerator, denominator) == pytest.approx((low, high), abs=5e-5)


def test_wilson_at_the_ends() -> None:
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0
    with pytest.raises(ValueError, match="part"):
        wilson(2, 1)


def test_range_of_events_as_published() -> None:
    # Garwood 1936: 10 events, 4.795 to 18.390
    assert event_range(10, 1) == pytest.approx((4.795, 18.390), abs=5e-4)
    assert event_range(0, 1) == pytest.approx((0.0, 3.689), abs=5e-4)


def exact_limit(n: int, share: Fraction, least: Fraction) -> int:
    """Return the smallest k with a cumulative chance of at least ``least``, by whole numbers."""
    total = Fraction(0)
    for k in range(n + 1):
        total += comb(n, k) * share**k * (1 - share) ** (n - k)
        if total >= least:
            return k
    raise AssertionError


@pytest.mark.parametrize("n", [1, 2, 7, 40, 154])
@pytest.mark.parametrize("share", [Fraction(9, 10), Fraction(1, 2), Fraction(1, 100)])
def test_binomial_limits_are_exact(n: int, share: Fraction) -> None:
    found = binomial_limits([n], float(share))
    for tail, exact in zip(TAILS, (Fraction(1, 40), Fraction(1, 1000)), strict=True):
        low, high = (int(side[0]) for side in found[tail])
        assert low == exact_limit(n, share, exact)
        assert high == exact_limit(n, share, 1 - exact)


def test_limits_at_the_ends_of_the_scale() -> None:
    for centre, expected in ((0.0, 0), (1.0, 50)):
        for low, high in binomial_limits([50], centre).values():
            assert (low[0], high[0]) == (expected, expected)
    assert all(high[0] == 0 for _, high in event_limits([1000], 0.0).values())


def test_limits_of_events_grow_with_their_number() -> None:
    found = event_limits([100, 1000, 100_000], 0.4)
    inner, outer = found[TAILS[0]], found[TAILS[1]]
    assert all(o < i < 0.4 * n < j < p for o, i, j, p, n in zip(
        outer[0], inner[0], inner[1], outer[1], (100, 1000, 100_000), strict=True))  # fmt: skip


def test_sizes_to_draw() -> None:
    sizes = sizes_to(800)
    assert (sizes[0], sizes[-1]) == (1, 800)
    assert list(sizes) == sorted(set(sizes))
    assert sizes_to(1) == (1,)

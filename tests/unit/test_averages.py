"""Three averages and "achieved", exactly: the check values of the definitions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from hamlets.networks.averages import (
    achieved,
    practices_achieving,
    share_achieved,
    three_averages,
)


def test_three_averages_that_differ() -> None:
    three = three_averages([(90, 100), (1, 10), (0, 0)])
    assert (three.mean, three.pooled, three.minimum) == (
        Fraction(1, 2), Fraction(91, 110), Fraction(1, 10),
    )  # fmt: skip
    assert (three.practices, three.without_patients) == (2, 1)
    assert three.by("mean") == three.mean
    assert three.by("pooled") == three.pooled
    assert three.by("minimum") == three.minimum


def test_nobody_anywhere() -> None:
    three = three_averages([(0, 0)])
    assert (three.mean, three.pooled, three.minimum) == (None, None, None)
    assert not share_achieved(three.mean, 0)


def test_where_lower_is_better_the_furthest_is_the_largest() -> None:
    assert three_averages([(1, 10), (5, 10)], "lower").minimum == Fraction(1, 2)
    assert achieved(5, 10, 50, "lower")
    assert not achieved(5, 10, Decimal("49.99"), "lower")


def test_79_96_does_not_pass_80() -> None:
    assert not achieved(7996, 10_000, 80)
    assert achieved(8000, 10_000, 80)
    assert achieved(801, 1000, Decimal("80.1"))
    assert not achieved(0, 0, 0)


def test_a_third_is_a_third() -> None:
    mean = three_averages([(1, 3), (1, 3), (1, 3)]).mean
    assert mean == Fraction(1, 3)
    assert share_achieved(mean, Fraction(100, 3))


def test_practices_that_reach_a_standard() -> None:
    assert practices_achieving([(8, 10), (79, 100), (0, 0)], 80) == 1


@pytest.mark.parametrize("counts", [[(-1, 2)], [(1, 0)], [(0, -1)]])
def test_counts_that_cannot_be(counts: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"negative|denominator"):
        three_averages(counts)

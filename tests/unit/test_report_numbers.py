"""Numbers and dates as people read them (one row of the style table a test)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.publish import numbers

shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("share", "sentence", "table"),
    [
        (0.492, "49 in 100", "49%"),
        (0.485, "49 in 100", "49%"),
        (0.004, "fewer than 1 in 100", "<1%"),
        (0.009, "fewer than 1 in 100", "<1%"),
        (0.01, "1 in 100", "1%"),
        (0.994, "more than 99 in 100", ">99%"),
        (0.99, "99 in 100", "99%"),
        (0.0, "0 in 100", "0%"),
        (1.0, "100 in 100", "100%"),
    ],
)
def test_a_share(share: float, sentence: str, table: str) -> None:
    assert numbers.in_100(share) == sentence
    assert numbers.percent(share) == table


def test_a_share_after_about_has_no_unit() -> None:
    assert numbers.about(0.121) == "12"
    assert numbers.about(0.001) == "fewer than 1"
    assert numbers.about(0.999) == "more than 99"


def test_no_share_is_a_dash_never_zero() -> None:
    assert numbers.percent(None) == "–"
    assert numbers.range_to(None, 0.5) == "–"


@pytest.mark.parametrize(
    ("lower", "upper", "sentence", "table"),
    [
        (0.483, 0.501, "between 48 and 51 in 100", "48 to 51"),
        (0.48, 0.50, "between 48 and 50 in 100", "48 to 50"),
        (0.57, 0.58, "between 57 and 58 in 100", "57 to 58"),
        (0.2, 0.5, "between 20 and 50 in 100", "20 to 50"),
        (
            0.2,
            0.6,
            "somewhere between 20 and 60 in 100: too few contacts to say more",
            "20 to 60",
        ),
    ],
)
def test_a_range_is_rounded_outwards(lower: float, upper: float, sentence: str, table: str) -> None:
    assert numbers.between(lower, upper) == sentence
    assert numbers.range_to(lower, upper) == table


@given(shares, shares)
def test_a_rounded_range_holds_the_range(a: float, b: float) -> None:
    lower, upper = sorted((a, b))
    low, high = numbers.outward(lower, upper)
    assert low <= lower * 100 + 1e-6 and high >= upper * 100 - 1e-6
    assert high - low < (upper - lower) * 100 + 2


@given(shares)
def test_a_rounded_share_lies_in_its_rounded_range(share: float) -> None:
    low, high = numbers.outward(share, share)
    assert low <= numbers.per_100(share) <= high


def test_counts() -> None:
    assert numbers.count(12480) == "12,480"


def test_means_of_people_are_rounded_outwards_too() -> None:
    assert numbers.one_decimal(2.94) == "2.9"
    assert numbers.one_decimal_range(2.88, 3.01) == ("2.8", "3.1")


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=9))
def test_shares_that_sum_are_made_to_sum_to_100(counts: list[int]) -> None:
    parts = numbers.to_100(counts)
    assert sum(parts) == (100 if sum(counts) else 0)
    whole = sum(counts) or 1
    for part, n in zip(parts, counts, strict=True):
        assert abs(part - 100 * n / whole) < 1


def test_the_largest_remainder_gets_the_last_point_and_ties_go_to_the_earlier_part() -> None:
    assert numbers.to_100([1, 1, 1]) == [34, 33, 33]
    assert numbers.to_100([2, 5, 0]) == [29, 71, 0]


def test_dates() -> None:
    assert numbers.day(date(2031, 6, 3)) == "3 June 2031"
    assert numbers.month(date(2031, 6, 3)) == "June 2031"
    first, last = date(2030, 6, 1), date(2031, 5, 31)
    assert numbers.period(first, last) == "1 June 2030 to 31 May 2031"


def months(start: int, n: int) -> list[date]:
    return [date((start + i) // 12, (start + i) % 12 + 1, 1) for i in range(n)]


def test_an_axis_names_the_year_under_the_first_month_and_each_january() -> None:
    labels = numbers.month_axis(months(2030 * 12 + 5, 13))
    assert labels[0] == ("Jun", "2030")
    assert labels[1] == ("Jul", "")
    assert labels[7] == ("Jan", "2031")


@given(st.integers(2000 * 12, 2050 * 12), st.integers(1, 60), st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_labels_of_an_axis_keep_their_distance(start: int, n: int, between: int) -> None:
    labels = numbers.month_axis(months(start, n), between)
    named = [i for i, (name, _) in enumerate(labels) if name]
    assert all(b - a >= between for a, b in pairwise(named))
    starts = months(start, n)
    assert all(labels[i][1] for i in named if starts[i].month == 1 or i == 0)


@pytest.mark.parametrize(
    ("share", "down", "up"),
    [
        (0.619, "61%", "62%"),
        (0.611, "61%", "62%"),
        (0.62, "62%", "62%"),
        (0.29, "29%", "29%"),
        (0.004, "<1%", "<1%"),
        (0.996, ">99%", ">99%"),
        (0.0, "0%", "0%"),
        (1.0, "100%", "100%"),
        (None, "\N{EN DASH}", "\N{EN DASH}"),
    ],
)
def test_promises_are_rounded_down_and_costs_up(share: float | None, down: str, up: str) -> None:
    assert (numbers.at_least(share), numbers.at_most(share)) == (down, up)

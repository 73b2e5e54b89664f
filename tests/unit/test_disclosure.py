"""Rounding, shares, averages and ranges of a published form."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hamlets.disclosure import (
    HIDDEN,
    NEAR_ALL,
    NEAR_NONE,
    Cell,
    Counts,
    Mark,
    Sum,
    UnprotectableError,
    half_of_mean,
    protect,
    protect_counts,
    publish_count,
    published_mean,
    published_number,
    published_range,
    published_rate,
    rolling,
    round_to_5,
)

counts = st.integers(0, 100_000)


@given(counts)
def test_rounding(count: int) -> None:
    rounded = round_to_5(count)
    assert rounded % 5 == 0
    assert abs(rounded - count) <= 2


@given(counts)
def test_a_count_alone(count: int) -> None:
    published = publish_count(count)
    assert (published.mark is Mark.few) == (count <= 7)
    assert published.low <= count <= published.high
    assert published.high - published.low > 3


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        publish_count(-1)


@given(st.lists(st.lists(counts, min_size=3, max_size=3), min_size=1, max_size=4))
def test_totals_are_of_true_parts_and_then_rounded(matrix: list[list[int]]) -> None:
    printed = protect_counts(matrix)
    for row, true in zip(printed, matrix, strict=False):
        if row[-1].value is not None:
            assert row[-1].value == round_to_5(sum(true))
    for row, true in zip(printed, matrix, strict=False):
        for cell, count in zip(row, true, strict=False):
            assert cell.value in (None, round_to_5(count))


def test_large_tables_lose_nothing() -> None:
    printed = protect_counts([[120, 340, 55], [80, 19, 410]])
    assert all(cell.mark is Mark.shown for row in printed for cell in row)


def test_one_small_number_takes_one_neighbour_with_it() -> None:
    printed = protect_counts([[7, 22]])[0]
    assert [cell.mark for cell in printed] == [Mark.few, Mark.hidden, Mark.shown]


def test_a_small_number_among_many_takes_none() -> None:
    printed = protect_counts([[3, 20, 30, 140]])[0]
    assert [cell.mark for cell in printed].count(Mark.hidden) == 0


@given(counts, counts, st.integers(0, 5000))
def test_a_share_says_nothing_that_its_parts_do_not(a: int, b: int, patients: int) -> None:
    share = published_rate(a, a + b, patients)
    if patients < 8 or a + b < 8:
        assert share is None
    if share is None:
        return
    assert 0 < share < 1
    if min(a, b) < 8:
        assert share in (NEAR_NONE, NEAR_ALL)
        assert a + b >= 800
    else:
        part, whole = round_to_5(a) / round_to_5(a + b), share
        near = {NEAR_NONE: part < 0.01, NEAR_ALL: part > 0.99}
        assert near.get(whole, abs(part - whole) <= 0.005 + 1e-9)


@given(st.integers(8, 3000), st.integers(8, 3000), st.integers(-2, 2), st.integers(-2, 2))
def test_a_share_is_the_same_for_all_counts_that_round_alike(
    a: int, b: int, da: int, db: int
) -> None:
    other_a, whole = a + da, a + b
    other_b = whole + db - other_a
    assume(other_a >= 8 and other_b >= 8)
    assume(round_to_5(a) == round_to_5(other_a))
    assume(round_to_5(whole) == round_to_5(other_a + other_b))
    assert published_rate(a, whole, 100) == published_rate(other_a, other_a + other_b, 100)


@given(st.floats(0, 1), st.integers(0, 2000))
def test_a_mean(value: float, patients: int) -> None:
    mean = published_mean(value, publish_count(patients))
    if patients < 8:
        assert mean is None
        assert published_number(value, publish_count(patients)) is None
    if mean is None:
        assert patients < 810
        assert min(value, 1 - value) * patients < 12 + 0.005 * patients
    else:
        assert 0 < mean < 1
        assert abs(mean - value) <= 0.01
        # Between them they have, and lack, more than can be a single patient's.
        if 0.01 <= mean <= 0.99:
            assert min(value, 1 - value) * patients >= 8 - 0.005 * patients


@given(st.floats(0, 1), st.integers(2, 80), st.integers(-2, 2))
def test_a_mean_does_not_depend_on_the_true_number(value: float, fives: int, more: int) -> None:
    patients, other = publish_count(5 * fives), publish_count(max(8, 5 * fives + more))
    assert published_mean(value, patients) == published_mean(value, other)


def test_of_ten_patients_one_who_saw_a_second_gp_is_not_told() -> None:
    """11 GPs by 10 patients, or 9, or 12: it is one patient in any case."""
    assert published_number(1.1, publish_count(10), 1.0) is None
    assert published_number(1.1, publish_count(200), 1.0) == 1.1
    assert published_number(2.1, publish_count(10), 1.0) == 2.1
    assert published_number(2.1, HIDDEN) is None
    assert published_mean(0.5, HIDDEN) is None


@given(st.floats(0.02, 0.98), st.floats(0, 1), st.integers(8, 300), st.floats(0, 1))
def test_a_wide_range_does_not_say_how_few_there_are(
    value: float, part: float, n: int, other: float
) -> None:
    """Whatever half width is told, the most patients of the rounded number could have it."""
    patients = publish_count(n)
    shown = round(value, 2)
    half = part * 1.96 * (shown * (1 - shown) / (n - 1)) ** 0.5
    told = half_of_mean(half, shown, patients)
    assert told is not None
    assert told >= half
    widest_of_many = 1.96 * (shown * (1 - shown) / (patients.high - 1)) ** 0.5
    again = half_of_mean(min(half, widest_of_many), shown, patients)
    assert again == told


@given(st.floats(0.01, 0.99), st.floats(0, 0.5), st.integers(8, 5000))
def test_a_range_is_never_narrower_than_the_true_one(value: float, half: float, n: int) -> None:
    shown = published_mean(value, publish_count(10_000))
    assert shown is not None
    low, high = published_range(shown, half, n)
    assert low is not None and high is not None
    assert 0 <= low <= shown <= high <= 1 + 1e-9
    assert low == 0 or shown - low >= half - 1e-9
    assert round(low * 100, 6) % 1 == 0


def test_a_range_does_not_depend_on_the_true_middle() -> None:
    assert published_range(0.5, 0.031, 400) == published_range(0.5, 0.0301, 400)


def test_counts_must_add_up() -> None:
    with pytest.raises(ValueError, match="add up"):
        protect(Counts({"a": 1, "b": 2, "all": 4}, (Sum("all", ("a", "b")),)))


def test_margins_that_leave_no_safe_form_are_refused() -> None:
    """29 less 22 is 6 or more, 15 less 8 is 9 or less, and other views print all four."""
    table = Counts(
        {"small": 7, "a": 22, "all": 29, "b": 8, "both": 15},
        (Sum("all", ("small", "a")), Sum("both", ("small", "b"))),
        margins=frozenset({"all", "a", "both", "b"}),
    )
    with pytest.raises(UnprotectableError):
        protect(table)


def test_years_that_share_months_are_cut_where_they_differ() -> None:
    old, new = Cell("n[a]", (1, 12)), Cell("n[a]", (2, 13))
    whole = Sum(Cell("n", (1, 12)).name, (old.name,))
    later = Sum(Cell("n", (2, 13)).name, (new.name,))
    names = (old.name, new.name, whole.total, later.total)
    found = rolling(names, (whole, later))
    assert Sum("n[a]@1:12", ("n[a]@1:1", "n[a]@2:12")) in found
    assert Sum("n[a]@2:13", ("n[a]@2:12", "n[a]@13:13")) in found
    assert Sum("n@2:12", ("n[a]@2:12",)) in found

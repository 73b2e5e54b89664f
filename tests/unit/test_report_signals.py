"""When a difference is more than luck: each rule on numbers worked out by hand."""

from __future__ import annotations

import pytest

from hamlets.continuity import signals

FLAT = [0.50, 0.52] * 8


def test_limits_of_the_published_vector() -> None:
    values = [1, 2, 1, 2, 10, *[1, 2] * 6, 1]
    low, mean, high = signals.limits(values)
    assert round(mean, 2) == 1.94
    assert round(high, 2) == 4.60
    assert round(low, 2) == -0.72


def test_too_few_months() -> None:
    assert signals.judge([0.5] * 12).signal == "too_few"
    assert signals.judge(FLAT[:13]).signal == "none"


@pytest.mark.parametrize(("step", "signal"), [(0.05, "higher"), (-0.05, "lower")])
def test_seven_months_on_one_side_that_last_to_the_end(step: float, signal: str) -> None:
    said = signals.judge([*FLAT[:10], *[v + step for v in FLAT[:7]]])
    assert (said.signal, said.since) == (signal, 10)
    assert said.marked == frozenset(range(10, 17))


def test_a_run_that_has_ended_is_no_present_change() -> None:
    assert signals.judge([*[0.56, 0.57] * 4, *FLAT, 0.57]).signal == "none"


def test_a_month_on_the_mean_breaks_a_run() -> None:
    values = [0.4] * 7 + [0.6] * 3 + [0.5] + [0.6] * 4
    assert sum(values) / len(values) == pytest.approx(0.5)
    assert signals.judge(values).signal != "higher"


@pytest.mark.parametrize(("way", "signal"), [(1, "risen"), (-1, "fallen")])
def test_seven_months_rising_or_falling(way: int, signal: str) -> None:
    start = [0.5 + way * 0.02, 0.5 - way * 0.02] * 5
    values = [*start, *(0.5 + way * 0.004 * (i - 3) for i in range(7))]
    assert signals.judge(values).signal == signal


@pytest.mark.parametrize(("value", "signal"), [(0.75, "high_month"), (0.25, "low_month")])
def test_a_month_outside_the_limits(value: float, signal: str) -> None:
    said = signals.judge([*FLAT, value, *FLAT[:4]])
    assert (said.signal, said.since) == (signal, 16)


def test_a_part_differs_only_outside_the_outer_limits() -> None:
    # Whole: 0.50 with half width 0.0196 over 10,000 contacts: 0.01 a standard error.
    # A part of 400 has a standard error of 0.05, so its outer limits lie 0.1545 away.
    whole = {"centre": 0.5, "centre_half": 0.01 * signals.Z_95, "total": 10_000}
    assert signals.outside_limits(0.654, 400, **whole) == "no"
    assert signals.outside_limits(0.655, 400, **whole) == "higher"
    assert signals.outside_limits(0.345, 400, **whole) == "lower"
    assert signals.outside_limits(0.346, 400, **whole) == "no"


def test_two_patients_who_agree_are_no_signal() -> None:
    assert signals.outside_limits(1.0, 2, 0.5, 0.02, 10_000) == "no"


def test_without_an_interval_nothing_differs() -> None:
    assert signals.outside_limits(1.0, 100, 0.5, None, 100) == "no"
    assert signals.outside_limits(None, 100, 0.5, 0.01, 100) == "no"
    assert signals.half_width(0.5, None, 0.6) is None


def test_a_bound_that_was_cut_off_does_not_narrow_the_interval() -> None:
    assert signals.half_width(0.98, 0.93, 1.0) == pytest.approx(0.05)


def test_the_interval_of_a_difference() -> None:
    change, low, high = signals.difference((0.50, 0.03), (0.54, 0.04))
    assert (change, low, high) == pytest.approx((0.04, -0.01, 0.09))

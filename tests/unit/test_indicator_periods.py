"""Periods of indicators, windows, and how counts become rows of practices and networks."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import pytest

from hamlets.errors import UsageError
from hamlets.networks.indicators import Period, read_period, shipped
from hamlets.networks.indicators.assembling import PlaceCount, Places, assemble
from hamlets.networks.indicators.limits import Z, wilson
from hamlets.networks.indicators.periods import latest_year, months_back

KNOWN = {one.id: one for one in shipped()}
MONTH = Period(date(2026, 1, 1), date(2026, 1, 31))
PLACES = Places({"A": "N1", "B": "N1", "C": "N2"}, {"A": "Practice A", "N1": "Network 1"})


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2025-04..2026-03", date(2025, 4, 1), date(2026, 3, 31)),
        ("2025-04 .. 2025-04", date(2025, 4, 1), date(2025, 4, 30)),
        ("2025/26", date(2025, 4, 1), date(2026, 3, 31)),
        ("1999/00", date(1999, 4, 1), date(2000, 3, 31)),
    ],
)
def test_periods_as_written(text: str, start: date, end: date) -> None:
    assert read_period(text) == Period(start, end)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2025/27", "2026-1", "2026-01..2026-02..2026-03",
             "0000-01", "9999-01", "2026-02..2026-01", "1900-01..1990-01"],
)  # fmt: skip
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(UsageError):
        read_period(text)


def test_months_of_a_period() -> None:
    period = read_period("2025-11..2026-02")
    assert period.months == 4
    assert [f"{m.start:%Y-%m} {m.end.day}" for m in period.by_month()] == [
        "2025-11 30", "2025-12 31", "2026-01 31", "2026-02 28",
    ]  # fmt: skip


def test_windows_end_with_the_period() -> None:
    assert MONTH.window_start(None) == date(2026, 1, 1)
    assert MONTH.window_start(1) == date(2026, 1, 1)
    assert MONTH.window_start(12) == date(2025, 2, 1)
    assert months_back(date(2026, 3, 30), 1) == date(2026, 2, 28)
    assert months_back(date(1, 5, 31), 12) == date.min


def test_the_last_twelve_full_months() -> None:
    assert latest_year(date(2026, 3, 30)) == Period(date(2025, 3, 1), date(2026, 2, 28))
    assert latest_year(date(2026, 3, 31)) == Period(date(2025, 4, 1), date(2026, 3, 31))


def test_practices_networks_and_everyone() -> None:
    made = assemble(
        KNOWN["diabetes_care_plan"],
        MONTH,
        [
            PlaceCount("A", None, 120, 90, 100, 15, 5),
            PlaceCount("B", None, 10, 1, 10, 0, 0),
            PlaceCount("C", None, 3, 0, 0, 3, 0),
            PlaceCount("D", None, 50, 45, 50, 0, 0),
        ],
        PLACES,
    )
    rows = {(r.level, r.practice_id or r.network_id): r for r in made.rows}
    network = rows["network", "N1"]
    assert (network.numerator, network.denominator) == (91, 110)
    assert (network.initial_population, network.exclusions, network.exceptions) == (130, 15, 5)
    assert network.name == "Network 1"
    assert rows["practice", "A"].name == "Practice A"
    everyone = rows["all", None]
    assert (everyone.numerator, everyone.denominator, everyone.exclusions) == (136, 160, 18)
    assert everyone.rate == 85.0
    low, high = wilson(91, 110)
    assert (network.lower, network.upper) == pytest.approx((100 * low, 100 * high))
    assert rows["practice", "D"].network_id is None
    assert rows["practice", "A"].reached is True
    assert rows["practice", "B"].still_to_reach == 8
    assert rows["practice", "C"].still_to_reach is None
    averages = {a.network_id: a for a in made.averages}
    assert set(averages) == {"N1", "N2"}
    assert (averages["N1"].mean, averages["N1"].minimum) == (50.0, 10.0)
    assert averages["N1"].agree is True
    assert (averages["N2"].mean, averages["N2"].practices) == (None, 0)
    assert averages["N2"].without_patients == 1
    assert made.curve is not None
    assert made.curve.centre == 90.0


def test_without_a_standard_the_funnel_is_around_everyone() -> None:
    made = assemble(
        KNOWN["ae_attendances"],
        MONTH,
        [
            PlaceCount("A", None, 1000, 400, 1000, 0, 0),
            PlaceCount("B", None, 1000, 100, 1000, 0, 0),
        ],
        PLACES,
    )
    by_practice = {r.practice_id: r for r in made.rows if r.level == "practice"}
    funnel = by_practice["A"].funnel
    assert funnel is not None
    assert (funnel.centre, funnel.centre_is, funnel.position) == (250.0, "all", "above_998")
    assert by_practice["A"].reached is None
    (average,) = made.averages
    assert (average.mean, average.minimum, average.agree) == (250.0, 400.0, None)
    assert average.to_reach_mean is None


def test_ranges_of_means_are_put_together_by_their_sizes() -> None:
    counts = [
        PlaceCount("A", share=Fraction(1, 2), weight=300, bounds=(0.4, 0.6)),
        PlaceCount("B", share=Fraction(3, 4), weight=100, bounds=(0.55, 0.95)),
    ]
    made = assemble(KNOWN["continuity_usual_gp"], MONTH, counts, PLACES)
    (network,) = (r for r in made.rows if r.level == "network")
    half = math.sqrt((0.75 * 0.1) ** 2 + (0.25 * 0.2) ** 2)
    assert network.rate == 56.25
    assert (network.lower, network.upper) == pytest.approx((56.25 - 100 * half, 56.25 + 100 * half))
    assert network.denominator == 400
    assert made.curve is None
    (average,) = made.averages
    assert (average.mean, average.pooled, average.minimum) == (62.5, 56.25, 50.0)


def test_the_z_of_the_definitions() -> None:
    assert Z == 1.959964

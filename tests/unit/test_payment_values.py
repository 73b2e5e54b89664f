"""The check values that are printed for payments, as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from hamlets.networks.payment import Count, Counted, PracticeSize, Scheme, pay, read_scheme
from hamlets.networks.payment.counts import Count as CountOf
from hamlets.networks.payment.money import pounds
from hamlets.networks.payment.points import PointLine, points_pounds
from hamlets.networks.payment.scheme_checks import PENCE_PER_PATIENT, find_warnings
from hamlets.networks.payment.scheme_files import preset_names
from hamlets.networks.payment.scheme_keys import make_scheme
from hamlets.networks.results import CountsSource, PaymentStatement

END = date(2031, 3, 31)


def counted(
    figures: Mapping[str, Mapping[str, tuple[int, int]]],
    lists: dict[str, int] | None = None,
    networks: dict[str, str] | None = None,
) -> Counted:
    """Return counts told as indicator -> practice -> (numerator, denominator)."""
    counts = tuple(
        Count(practice, indicator, Fraction(n), d, period_end=END)
        for indicator, practices in figures.items()
        for practice, (n, d) in practices.items()
    )
    places = sorted({c.practice_id for c in counts})
    sizes = {
        p: PracticeSize(
            p, (networks or {}).get(p), Fraction((lists or {}).get(p, 7000)), Fraction(7100)
        )
        for p in places
    }
    return Counted(counts, sizes, CountsSource("counts.csv", END))


def paid(
    scheme: Scheme, figures: Mapping[str, Mapping[str, tuple[int, int]]], **more: object
) -> PaymentStatement:
    return pay(scheme, counted(figures, **more))  # type: ignore[arg-type]


def test_the_worked_example_of_points() -> None:
    exact = points_pounds(
        [PointLine(Fraction(29), Fraction("1.45"))], Fraction("207.56"), Fraction("1.71")
    )
    assert pounds(exact) == Decimal("14924.71")


def test_the_dementia_example_needs_the_point_value_rounded() -> None:
    """10,000 patients, £227.02 a point, prevalence 0.3 where the nation has 0.5, 26 points."""
    line = PointLine(Fraction(26), Fraction(3, 5))
    assert pounds(points_pounds([line], Fraction("227.02"))) == Decimal("3541.51")
    rounded = points_pounds([line], Fraction("227.02"), round_point_value=True)
    assert pounds(rounded) == Decimal("3541.46")


@pytest.mark.parametrize(("rounded", "amount"), [(True, "3541.46"), (False, "3541.51")])
def test_the_dementia_example_through_a_whole_scheme(rounded: bool, amount: str) -> None:
    scheme = make_scheme(
        {
            "scheme": "dementia", "title": "Dementia", "shape": "points", "average": "own",
            "value_per_point": "227.02", "national_list": 10_000, "round_point_value": rounded,
            "conditions": [
                {"indicator": "DEM", "points": 26, "lower": 35, "upper": 70,
                 "national_prevalence_percent": "0.5"},
            ],
        },
        "test",
    )  # fmt: skip
    # 30 of 10,000 patients on the register, all reviewed
    made = paid(scheme, {"DEM": {"A": (30, 30)}}, lists={"A": 10_000})
    assert made.paid == Decimal(amount)


@pytest.mark.parametrize("year", ["2017-18", "2020-21", "2021-22", "2022-23", "2023-24", "2024-25"])
def test_a_point_is_worth_the_same_for_each_patient_in_most_years(year: str) -> None:
    scheme = read_scheme(f"qof-{year}")
    assert scheme.value_per_point is not None and scheme.national_list is not None
    pence = scheme.value_per_point * 100 / scheme.national_list
    assert round(pence, 4) == PENCE_PER_PATIENT == Fraction("2.2142")
    assert not any("is worth" in text for text in find_warnings(scheme))


@pytest.mark.parametrize(("year", "pence"), [("2018-19", "2.2186"), ("2026-27", "2.2026")])
def test_years_that_break_it_are_warned_of_and_never_refused(year: str, pence: str) -> None:
    scheme = read_scheme(f"qof-{year}")
    assert any(f"{pence}p" in text for text in find_warnings(scheme))
    assert scheme.to_verify


PRINTED = {
    "2017-18": ("171.20", 7732),
    "2018-19": ("179.62", 8096),
    "2020-21": ("194.83", 8799),
    "2021-22": ("201.16", 9085),
    "2022-23": ("207.56", 9374),
    "2023-24": ("213.43", 9639),
    "2024-25": ("220.62", 9964),
    "2026-27": ("227.95", 10349),
}


@pytest.mark.parametrize("year", sorted(PRINTED))
def test_values_of_a_point_are_those_printed(year: str) -> None:
    value, people = PRINTED[year]
    scheme = read_scheme(f"qof-{year}")
    assert (scheme.value_per_point, scheme.national_list) == (Fraction(value), people)


@pytest.mark.parametrize(
    ("preset", "achieved", "points"),
    [
        ("qof-2021-22", 92, "9"),
        ("qof-2021-22", 90, "3"),
        ("qof-2021-22", 95, "18"),
        ("qof-2021-22", 89, "0"),
        ("qof-2023-24", 89, "0"),
        ("qof-2023-24", 96, "18"),
        ("qof-2023-24", "92.5", "9"),
    ],
)
def test_points_for_vaccinations(preset: str, achieved: int | str, points: str) -> None:
    condition = next(c for c in read_scheme(preset).conditions if c.indicator == "VI001")
    assert condition.points is not None
    assert condition.curve.earned(Fraction(achieved)) * condition.points == Fraction(points)


def test_eight_networks_of_14000_make_112000_half_in_advance() -> None:
    scheme = read_scheme("tower-hamlets-mmr")
    assert (scheme.value, scheme.networks, scheme.retained) == (14_000, 8, Fraction(1, 2))
    places = [f"P{i:02}" for i in range(16)]
    networks = {p: f"N{i // 2 + 1}" for i, p in enumerate(places)}
    all_reached = {"mmr_by_2": dict.fromkeys(places, (96, 100))}
    made = paid(scheme, all_reached, networks=networks)
    assert len(made.networks) == 8
    assert made.paid == Decimal("112000.00")
    assert {n.paid for n in made.networks} == {Decimal("14000.00")}
    none_reached = {"mmr_by_2": dict.fromkeys(places, (80, 100))}
    assert paid(scheme, none_reached, networks=networks).paid == Decimal("56000.00")


@pytest.mark.parametrize("average", ["mean", "pooled", "every_practice"])
def test_what_is_shown_as_80_does_not_pass_80(average: str) -> None:
    scheme = make_scheme(
        {"scheme": "t", "title": "T", "shape": "retained_share", "average": average,
         "value": 1000, "retained_percent": 30,
         "conditions": [{"indicator": "I", "target": 80}]},
        "test",
    )  # fmt: skip
    short = paid(scheme, {"I": {"A": (1999, 2500), "B": (1999, 2500)}})  # 79.96 %
    assert (short.paid, short.networks[0].conditions[0].reached) == (Decimal("700.00"), False)
    there = paid(scheme, {"I": {"A": (2000, 2500), "B": (2000, 2500)}})
    assert (there.paid, there.networks[0].conditions[0].reached) == (Decimal("1000.00"), True)


def test_the_preset_of_network_2_says_mean_and_keeps_30_in_100() -> None:
    scheme = read_scheme("network-2")
    assert (scheme.average, scheme.retained, scheme.all_or_nothing) == (
        "mean",
        Fraction(3, 10),
        True,
    )
    figures = {
        "diabetes_care_plan": {"A": (90, 100), "B": (90, 100)},
        "diabetes_retinal_screening": {"A": (70, 100), "B": (90, 100)},
        "diabetes_bp_cholesterol": {"A": (50, 100), "B": (50, 100)},
    }
    assert paid(scheme, figures).paid == Decimal("384000.00")
    figures["diabetes_retinal_screening"]["A"] = (69, 100)
    assert paid(scheme, figures).paid == Decimal("268800.00")


def test_a_networks_points_go_by_its_pooled_share_and_list() -> None:
    """Points x pounds a point x list / average list x prevalence / national: two practices."""
    scheme = make_scheme(
        {
            "scheme": "pcn", "title": "PCN", "shape": "points", "average": "pooled",
            "value_per_point": 200, "national_list": 50_000, "split": "points",
            "conditions": [
                {"indicator": "I", "points": 40, "lower": 80, "upper": 86,
                 "national_prevalence_percent": 5},
            ],
        },
        "test",
    )  # fmt: skip
    figures = {"I": {"A": (180, 200), "B": (318, 400)}}  # 83 in 100 together: half of 40 points
    made = paid(scheme, figures, lists={"A": 5000, "B": 10_000})
    network = made.networks[0]
    assert network.conditions[0].earned == Fraction(1, 2)
    # 600 of 15,000 are on the register, 4 in 100 where the nation has 5
    assert made.paid == Decimal("960.00") == 20 * 200 * Decimal(15) / 50 * Decimal(4) / 5
    # by its own share A has all the points and B, at 79.5, none
    assert [(p.points, p.paid) for p in network.by_practice] == [
        (40, Decimal("960.00")),
        (0, Decimal("0.00")),
    ]


def test_every_preset_is_read_and_says_where_it_is_from() -> None:
    for name in preset_names():
        scheme = read_scheme(name)
        assert scheme.scheme_id == name
        assert scheme.source and scheme.authored_by == "Hamlets" and scheme.next_review
        assert scheme.notes or scheme.to_verify


def test_a_practice_without_anyone_to_count_gets_no_points_and_the_line_says_why() -> None:
    made = paid(
        read_scheme("qof-2024-25"),
        {
            "VI001": {"A": (0, 0), "B": (96, 100)},
            "VI002": {"A": (0, 0), "B": (0, 100)},
            "VI003": {"A": (0, 0), "B": (0, 100)},
        },
    )
    a, b = made.networks[0].by_practice
    assert (a.paid, a.points) == (Decimal("0.00"), 0)
    assert "Nobody is left to count" in a.why
    assert b.points == 18
    assert CountOf("A", "I", Fraction(), 0).percent is None


def test_a_chance_is_never_above_one() -> None:
    """All additions together came out a hair above 1: one practice, one done, twenty left."""
    from hamlets.networks.payment.chance import Pace, expected_earned
    from hamlets.networks.payment.curves import Line

    for outstanding in range(1, 60):
        for months in (1, 3, 11):
            pace = Pace(1, outstanding + 1, outstanding, 0, 3 * outstanding)
            line = Line(Fraction(1), Fraction(1))
            whole, more = expected_earned([pace], months, "minimum", line)
            assert 0 <= whole.value <= 1
            assert all(0 <= each.value <= 1 for each in more)

"""The shipped indicators against slow Python over random worlds: every count of every practice."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hamlets
from hamlets.networks.averages import achieved, three_averages
from hamlets.networks.indicators import Period, measure_indicators, shipped
from hamlets.networks.indicators.definition import read_definition
from hamlets.networks.indicators.reaching import needed
from hamlets.networks.membership import read_membership
from tests.conftest import MakeStore
from tests.oracles.indicator_worlds import END, PRACTICES, make_world
from tests.oracles.indicators import Naive

YEAR = Period(date(2021, 11, 1), END)
COUNTED = [one for one in shipped() if one.source == "sql"]


@pytest.mark.parametrize("seed", range(3))
def test_every_count_of_every_practice(make_store: MakeStore, seed: int) -> None:
    world = make_world(seed)
    with hamlets.open_store(make_store(world)) as store:
        found = measure_indicators(store, COUNTED, period=YEAR, threads=1)
    naive = Naive(world, YEAR.start, YEAR.end)
    assert len({row.indicator_id for row in found.rows}) == len(COUNTED)
    for one in COUNTED:
        expected = naive.tally(one.id)
        rows = {
            r.practice_id: r
            for r in found.rows
            if (r.indicator_id, r.level, r.group) == (one.id, "practice", None)
        }
        assert set(rows) == set(expected), one.id
        for practice, tally in expected.items():
            row = rows[practice]
            assert (
                row.initial_population, row.exclusions, row.numerator, row.denominator,
            ) == (
                tally.initial_population, tally.exclusions, tally.numerator, tally.denominator,
            ), (one.id, practice)  # fmt: skip


def test_months_groups_and_standardised_rates(make_store: MakeStore) -> None:
    world = make_world(11)
    wanted = [one for one in COUNTED if one.id in ("outpatient_referrals", "diabetes_care_plan")]
    with hamlets.open_store(make_store(world)) as store:
        period = Period(date(2022, 5, 1), date(2022, 8, 31))
        found = measure_indicators(store, wanted, period=period, by_month=True, threads=1)
        membership = read_membership(store)
    for month in period.by_month():
        naive = Naive(world, month.start, month.end)
        rows = [r for r in found.rows if r.period_end == month.end]
        for practice, tally in naive.tally("diabetes_care_plan").items():
            (row,) = (
                r
                for r in rows
                if r.practice_id == practice and r.indicator_id == "diabetes_care_plan"
            )
            assert (row.numerator, row.denominator) == (tally.numerator, tally.denominator)
            assert row.network_id == membership.network_of(practice, month.end)
        referred = [r for r in rows if r.indicator_id == "outpatient_referrals"]
        by_age = naive.standardised("outpatient_referrals")
        for row in (r for r in referred if r.level == "practice" and r.group is None):
            if row.standardised is not None:
                assert row.practice_id is not None
                assert row.standardised == pytest.approx(by_age[row.practice_id])
        for group in ("cardiology", "urology"):
            everyone = [r for r in referred if (r.level, r.group) == ("all", group)]
            registered = {
                p["patient_id"]
                for p in world["patients"]
                if (here := naive.practice(p["patient_id"])) is not None and here[1]
            }
            events = sum(naive.events("outpatient_referrals", p, group) for p in registered)
            assert sum(r.numerator or 0 for r in everyone) == events


def test_a_place_sees_its_own_patients_alone(make_store: MakeStore) -> None:
    world = make_world(5)
    with hamlets.open_store(make_store(world)) as store:
        whole = measure_indicators(store, COUNTED, period=YEAR, threads=1)
        part = measure_indicators(store, COUNTED, period=YEAR, practices=["EX102"], threads=1)
    mine = {(r.indicator_id, r.group): r for r in whole.rows if r.practice_id == "EX102"}
    practices = {r.practice_id for r in part.rows if r.level == "practice"}
    assert practices == {"EX102"}
    for row in part.rows:
        if row.level == "practice" and row.group is None:
            other = mine[row.indicator_id, None]
            assert (row.numerator, row.denominator, row.exclusions) == (
                other.numerator, other.denominator, other.exclusions,
            )  # fmt: skip
    assert {case.practice_id for case in part.case_mix} == {"EX102"}


def test_counts_do_not_depend_on_threads(make_store: MakeStore) -> None:
    with hamlets.open_store(make_store(make_world(7))) as store:
        one = measure_indicators(store, COUNTED[:6], period=YEAR, threads=1)
        two = measure_indicators(store, COUNTED[:6], period=YEAR, threads=2)
    assert one.rows == two.rows


SMALL = st.lists(
    st.integers(0, 6).flatmap(lambda d: st.tuples(st.integers(0, d), st.just(d))),
    min_size=1,
    max_size=3,
)


@given(SMALL, st.integers(0, 100))
def test_fewest_patients_are_as_few_as_trying_all_ways(
    counts: list[tuple[int, int]], target: int
) -> None:
    found = needed(counts, Fraction(target))
    ways = [
        (sum(more), [(n + m, d) for (n, d), m in zip(counts, more, strict=True)])
        for more in product(*(range(d - n + 1) for n, d in counts))
    ]
    for rule in ("mean", "pooled", "minimum"):
        enough = [
            count
            for count, made in ways
            if (share := three_averages(made).by(rule)) is not None and share * 100 >= target
        ]
        assert getattr(found, rule) == min(enough, default=None)


@given(SMALL, st.integers(0, 100))
def test_averages_lie_where_they_must(counts: list[tuple[int, int]], target: int) -> None:
    three = three_averages(counts)
    assert three.practices == sum(d > 0 for _, d in counts)
    if three.mean is None:
        assert three.pooled is None and three.minimum is None
        return
    rates = [Fraction(n, d) for n, d in counts if d]
    assert three.minimum == min(rates) <= three.mean <= max(rates)
    assert three.pooled is not None and min(rates) <= three.pooled <= max(rates)
    assert three_averages(counts, "lower").minimum == max(rates)
    assert all(achieved(n, d, target) == (n * 100 >= target * d) for n, d in counts if d)


def test_every_practice_of_the_worlds_is_used() -> None:
    seen = {r["practice_id"] for r in make_world(0)["registrations"]}
    assert seen == set(PRACTICES)


CONDITIONS = {
    "words = 'positive'": 2,
    "unit = 'mmol/mol' AND value > 50": 1,
    "o.value > 50": 1,
    "patient_id IN (SELECT patient_id FROM (SELECT * FROM observations) WHERE words IS NULL)": 1,
    "patient_id IN (SELECT patient_id FROM observations NATURAL JOIN patients"
    " WHERE unit IS NULL)": 2,
}


@pytest.mark.parametrize("together", [True, False])
def test_columns_are_handed_over_where_sql_names_them(
    make_store: MakeStore, together: bool
) -> None:
    world = make_world(2, people=6)
    world["registrations"] = [
        {"patient_id": f"p{n}", "practice_id": "EX101", "from_date": date(2012, 1, 1)}
        for n in range(6)
    ]
    for row in world["patients"]:
        row["death_date"] = None
    seen = date(2022, 5, 5)
    world["observations"] = [
        {"patient_id": "p1", "code": "X", "date": seen, "value": "positive"},
        {"patient_id": "p2", "code": "X", "date": seen, "value": "positive"},
        {"patient_id": "p3", "code": "X", "date": seen, "value": "61", "unit": "mmol/mol"},
    ]
    text = next(one.text for one in COUNTED if one.id == "cvd_statin").partition("codes:")[0]
    text += (
        "populations:\n"
        "  initial_population: SELECT patient_id FROM patients WHERE registered\n"
        "  numerator: |\n"
        "    SELECT DISTINCT patient_id FROM denominator JOIN observations o USING (patient_id)\n"
        "    WHERE "
    )
    own = [
        read_definition(f"{text.replace('id: cvd_statin', f'id: own{n}')}{condition}\n", "own.yaml")
        for n, condition in enumerate(CONDITIONS)
    ]
    with hamlets.open_store(make_store(world)) as store:
        found = [
            measure_indicators(store, asked, period=YEAR, threads=1)
            for asked in ([own] if together else [[one] for one in own[:3]])
        ]
    counts = [(r.numerator, r.denominator) for each in found for r in each.rows if r.level == "all"]
    assert counts == [(n, 6) for n in CONDITIONS.values()][: len(counts)]
    assert len(counts) == (5 if together else 3)

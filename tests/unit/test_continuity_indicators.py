"""Continuity as an indicator: the counts of the measures themselves, rolled up to networks."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

import pytest

import hamlets
from hamlets.continuity import measure
from hamlets.networks.averages import three_averages
from hamlets.networks.indicators import Period, chosen, definitions, measure_indicators
from hamlets.networks.membership import Member, Membership
from tests.conftest import MakeStore
from tests.oracles.worlds import FIRST, LAST, random_world

BOTH = ("continuity_own_gp", "continuity_usual_gp")


@pytest.mark.parametrize("by_month", [False, True])
def test_counts_are_those_of_the_measures(make_store: MakeStore, by_month: bool) -> None:
    world = random_world(Random(4), patients=60, practices=3)
    whole = Period(FIRST.replace(day=1), date(LAST.year, LAST.month, 28))
    with hamlets.open_store(make_store(world)) as store:
        by = ["practice", "month"] if by_month else ["practice"]
        table = measure(store, measures=["slicc", "upc"], by=by, date_from=whole.start,
                        date_to=whole.end, threads=1)  # fmt: skip
        rows = [r for r in table.to_pylist() if r["practice"] is not None]
        everyone = Membership(tuple(Member("N1", r["practice"]) for r in rows))
        found = measure_indicators(
            store, chosen(definitions(), BOTH), period=whole, by_month=by_month,
            membership=everyone, threads=1,
        )  # fmt: skip
    shown = {
        (r.indicator_id, r.practice_id, f"{r.period_start:%Y-%m}" if by_month else None): r
        for r in found.rows
        if r.level == "practice"
    }
    measured = [
        r
        for r in rows
        if r["level"] == "clinician"
        and r["n_contacts" if r["measure"] == "slicc" else "n_patients"]
    ]
    assert len(measured) == len(shown) > 4
    for row in measured:
        name = BOTH[0] if row["measure"] == "slicc" else BOTH[1]
        one = shown[name, row["practice"], row.get("month")]
        size = row["n_contacts"] if row["measure"] == "slicc" else row["n_patients"]
        assert one.denominator == size
        if row["value"] is None:
            assert one.rate is None
            continue
        assert one.rate == pytest.approx(100 * row["value"])
        assert one.funnel is None
        if row["lower"] is not None:
            assert (one.lower, one.upper) == pytest.approx((100 * row["lower"], 100 * row["upper"]))
        if row["measure"] == "slicc":
            assert Fraction(one.numerator or 0, size) == pytest.approx(row["value"])
    for average in found.averages:
        if average.indicator_id != BOTH[0]:
            continue
        pairs = [
            (r.numerator or 0, r.denominator or 0)
            for r in shown.values()
            if r.indicator_id == BOTH[0] and r.period_end == average.period_end
        ]
        three = three_averages(pairs)
        if three.mean is not None and three.pooled is not None:
            assert average.mean == pytest.approx(float(three.mean * 100))
            assert average.pooled == pytest.approx(float(three.pooled * 100))


def test_a_network_mean_of_patients_is_weighed_by_patients(make_store: MakeStore) -> None:
    world = random_world(Random(9), patients=80, practices=2)
    whole = Period(FIRST.replace(day=1), LAST)
    with hamlets.open_store(make_store(world)) as store:
        rows = measure(store, measures="upc", by=["practice"], date_from=whole.start,
                       date_to=whole.end, threads=1).to_pylist()  # fmt: skip
        rows = [r for r in rows if r["value"] is not None and r["practice"] is not None]
        members = Membership(tuple(Member("N1", r["practice"]) for r in rows))
        found = measure_indicators(
            store, chosen(definitions(), BOTH[1:]), period=whole, membership=members, threads=1
        )
    (average,) = found.averages
    values = [r["value"] for r in rows]
    weights = [r["n_patients"] for r in rows]
    assert average.mean == pytest.approx(100 * sum(values) / len(values))
    assert average.minimum == pytest.approx(100 * min(values))
    assert average.pooled == pytest.approx(
        100 * sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
    )

"""Payment against its twin: never negative, never less for more, and added up to the penny."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hamlets.networks.payment import Count, Counted, PracticeSize, Scheme, look_forward, pay
from hamlets.networks.payment.chance import Pace, additions, expected_earned
from hamlets.networks.payment.crossing import Reach, cheapest_set, even_set, least_set, share_with
from hamlets.networks.payment.curves import Curve, Line
from hamlets.networks.payment.money import pounds, share_out
from hamlets.networks.payment.scheme_keys import make_scheme
from hamlets.networks.payment.splitting import METHODS, all_splits
from hamlets.networks.results import CountsSource
from tests.oracles import payment as twin

END = date(2031, 3, 31)
RULES = {"mean": "mean", "pooled": "pooled", "every_practice": "minimum"}

percents = st.integers(1, 100)


@st.composite
def practices(draw: Callable[..., Any], most: int = 5, size: int = 60) -> list[tuple[int, int]]:
    """Return (numerator, denominator) of some practices, at times with nobody to count."""
    count = draw(st.integers(1, most))
    sizes = [draw(st.integers(0, size)) for _ in range(count)]
    return [(draw(st.integers(0, d)), d) for d in sizes]


def counts_of(pairs: twin.Pairs, indicator: str = "I") -> list[Count]:
    return [
        Count(f"P{i}", indicator, Fraction(n), d, period_end=END) for i, (n, d) in enumerate(pairs)
    ]


def counted(*indicators: twin.Pairs) -> Counted:
    counts = [c for i, pairs in enumerate(indicators) for c in counts_of(pairs, f"I{i}")]
    sizes = {
        p: PracticeSize(p, None, Fraction(5000 + 700 * i), Fraction(4900 + 800 * i))
        for i, p in enumerate(sorted({c.practice_id for c in counts}))
    }
    return Counted(tuple(counts), sizes, CountsSource("counts", END))


def scheme(average: str, conditions: list[Mapping[str, object]], **more: object) -> Scheme:
    keys: dict[str, object] = {
        "scheme": "t", "title": "T", "shape": "retained_share", "average": average,
        "conditions": conditions, **more,
    }  # fmt: skip
    return make_scheme(keys, "test")


@given(
    st.lists(practices(most=4), min_size=1, max_size=3),
    st.sampled_from(sorted(RULES)),
    st.lists(percents, min_size=3, max_size=3),
    st.booleans(),
    st.integers(1, 10**7),
    percents,
)
def test_a_retained_share_is_that_of_the_twin(
    indicators: list[twin.Pairs],
    average: str,
    targets: list[int],
    all_of: bool,
    pence: int,
    kept: int,
) -> None:
    value = Decimal(pence) / 100
    made = scheme(
        average,
        [{"indicator": f"I{i}", "target": targets[i]} for i in range(len(indicators))],
        value=value,
        retained_percent=kept,
        loses="all" if all_of else "own_share",
    )
    everything = counted(*indicators)
    statement = pay(made, everything)
    places = len(everything.practices)
    whole = [[*p, *[(0, 0)] * (places - len(p))] for p in indicators]
    passed = [
        twin.passes(pairs, RULES[average], Fraction(targets[i])) for i, pairs in enumerate(whole)
    ]
    parts = None if all_of else [Fraction(1, len(indicators))] * len(indicators)
    expected = twin.retained(value, Decimal(kept) / 100, passed, parts)
    assert statement.paid == expected
    shown = statement.networks[0].conditions
    assert [c.reached for c in shown] == passed
    for condition, pairs in zip(shown, whole, strict=True):
        three = (condition.mean, condition.pooled, condition.minimum)
        assert three == tuple(twin.rule_value(pairs, r) for r in ("mean", "pooled", "minimum"))
    assert 0 <= statement.paid <= value
    assert sum(p.paid for p in statement.networks[0].by_practice) == statement.paid


@given(practices(most=4), st.integers(0, 3), st.data())
def test_one_patient_more_never_pays_less(
    pairs: list[tuple[int, int]], where: int, data: st.DataObject
) -> None:
    assume(where < len(pairs) and pairs[where][0] < pairs[where][1])
    lower = data.draw(st.integers(0, 98))
    upper = data.draw(st.integers(lower + 1, 100))
    curve: dict[str, object] = {"indicator": "I0", "lower": lower, "upper": upper, "points": 18}
    curve["at_lower_points"] = data.draw(st.integers(0, 18))
    average = data.draw(st.sampled_from([*sorted(RULES), "own"]))
    made = scheme(average, [curve], shape="points", value_per_point="220.62", national_list=9964)
    more = list(pairs)
    more[where] = (pairs[where][0] + 1, pairs[where][1])
    before, after = pay(made, counted(pairs)).paid, pay(made, counted(more)).paid
    assert 0 <= before <= after


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 9), st.integers(0, 97), st.integers(1, 30)),
        min_size=1,
        max_size=4,
    ),
    st.integers(1000, 30_000),
    st.integers(100, 40_000),
)
def test_points_are_worth_what_28_digits_say(
    told: list[tuple[int, int, int, int]], people: int, pence: int
) -> None:
    conditions: list[Mapping[str, object]] = []
    counts: list[Count] = []
    lines: list[tuple[Decimal, Decimal]] = []
    for i, (achieved, left_out, lower, whole) in enumerate(told):
        register = 50 + left_out
        conditions.append(
            {
                "indicator": f"I{i}", "lower": lower, "upper": lower + 3, "points": whole,
                "national_prevalence_percent": "1.7",
            }
        )  # fmt: skip
        counts.append(Count("P0", f"I{i}", Fraction(achieved), 50, left_out, period_end=END))
        ratio = Decimal(register) / Decimal(people) * 100 / Decimal("1.7")
        lines.append((twin.points(achieved, register, left_out, lower, lower + 3, whole), ratio))
    made = scheme(
        "own", conditions, shape="points", value_per_point=Decimal(pence) / 100, national_list=9374
    )
    sizes = {"P0": PracticeSize("P0", None, Fraction(people))}
    found = pay(made, Counted(tuple(counts), sizes, CountsSource("c", END))).paid
    # 28 digits can differ by a penny only where the exact amount is half a penny
    assert abs(found - twin.qof(lines, Decimal(pence) / 100, people, 9374)) <= Decimal("0.01")


@given(
    st.integers(0, 10**9),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 97)), min_size=1, max_size=9),
)
def test_parts_add_up_to_the_penny(pence: int, told: list[tuple[int, int]]) -> None:
    weights = {f"P{i}": Fraction(n, d) for i, (n, d) in enumerate(told)}
    assume(any(weights.values()))
    total = Decimal(pence) / 100
    parts = share_out(total, list(weights.values()), list(weights))
    assert sum(parts) == total
    assert dict(zip(weights, parts, strict=True)) == twin.split(total, weights)


@given(
    st.integers(0, 10**8),
    st.lists(
        st.tuples(*[st.none() | st.integers(0, 20_000) for _ in range(3)], st.integers(0, 100)),
        min_size=1,
        max_size=6,
    ),
)
def test_seven_ways_each_add_up_or_say_why_not(
    pence: int, told: list[tuple[int | None, int | None, int | None, int]]
) -> None:
    def exact(value: int | None) -> Fraction | None:
        return None if value is None else Fraction(value)

    sizes = {
        f"P{i}": PracticeSize(f"P{i}", None, exact(a), exact(b), exact(c), Fraction(100, len(told)))
        for i, (a, b, c, _) in enumerate(told)
    }
    points = {f"P{i}": Fraction(p) for i, (*_, p) in enumerate(told)}
    total = Decimal(pence) / 100
    ways = all_splits(total, sorted(sizes), sizes, points)
    assert [way.method for way in ways] == list(METHODS)
    for way in ways:
        if way.amounts is None:
            assert way.reason.endswith(".")
        else:
            assert sum(way.amounts) == total
            assert min(way.amounts) >= 0
            assert len(way.sums) == len(way.amounts) == len(told)


small = practices(most=3, size=9)


@given(small, st.sampled_from(["mean", "pooled", "minimum"]), percents)
def test_the_smallest_set_is_that_of_trying_all(
    pairs: list[tuple[int, int]], rule: Any, target: int
) -> None:
    wanted = Fraction(target)
    counts = counts_of(pairs)
    found = least_set(counts, rule, wanted)
    expected = twin.least(pairs, rule, wanted)
    assert (None if found is None else sum(found.values())) == expected
    even = even_set(counts, rule, wanted)
    assert (even is None) == (expected is None)
    for chosen in (found, even):
        if chosen is not None and expected is not None:
            share = share_with(counts, rule, chosen)
            assert share is not None and share * 100 >= wanted
            assert sum(chosen.values()) >= expected
            there = {c.practice_id: c.outstanding for c in counts}
            assert all(0 <= n <= there[p] for p, n in chosen.items())


@given(
    practices(most=3, size=8),
    st.sampled_from(["mean", "pooled", "minimum"]),
    percents,
    st.data(),
)
def test_the_cheapest_set_is_that_of_trying_all(
    pairs: list[tuple[int, int]], rule: Any, target: int, data: st.DataObject
) -> None:
    way = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 8)), max_size=2)
    ways = [data.draw(way) for _ in pairs]
    reaches = [Reach(f"P{i}", c, n) for i, own in enumerate(ways) for c, n in own]
    counts = counts_of(pairs)
    found = cheapest_set(counts, rule, Fraction(target), reaches)
    expected = twin.cheapest(pairs, rule, Fraction(target), ways)
    assert (None if found is None else found[0]) == expected
    if found is not None:
        share = share_with(counts, rule, found[1])
        assert share is not None and share * 100 >= target


paces = st.lists(
    st.integers(1, 8).flatmap(
        lambda d: st.tuples(st.integers(0, d), st.just(d), st.integers(0, 12), st.integers(12, 40))
    ),
    min_size=1,
    max_size=3,
)


@given(paces, st.integers(0, 6), st.sampled_from(["mean", "pooled", "minimum"]), percents)
def test_the_chance_is_that_of_the_closed_form(
    told: list[tuple[int, int, int, int]], months: int, rule: Any, target: int
) -> None:
    exact = twin.chance(told, months, rule, Fraction(target))
    line = Line(Fraction(target), Fraction(target))
    whole, more = expected_earned([pace(*p) for p in told], months, rule, line)
    assert whole.value == pytest.approx(float(exact), abs=1e-9 + whole.within)
    for i, (n, d, a, y) in enumerate(told):
        if n < d:
            changed = [*told[:i], (n + 1, d, a, y), *told[i + 1 :]]
            after = twin.chance(changed, months, rule, Fraction(target))
            assert more[i].value == pytest.approx(float(after), abs=1e-9 + more[i].within)
            assert after >= exact


def pace(numerator: int, denominator: int, came: int, at_risk: int) -> Pace:
    return Pace(numerator, denominator, denominator - numerator, came, at_risk)


@given(paces, st.integers(1, 6), st.sampled_from(["mean", "pooled", "minimum"]), st.data())
def test_what_a_line_is_expected_to_earn_is_its_mean_over_all_ends(
    told: list[tuple[int, int, int, int]], months: int, rule: Any, data: st.DataObject
) -> None:
    lower = data.draw(st.integers(0, 90))
    line = Line(Fraction(lower), Fraction(lower + 10), Fraction(1, data.draw(st.integers(2, 6))))
    chances = [twin.additions(d - n, a, y, months) for n, d, a, y in told]
    pairs = [(n, d) for n, d, _, _ in told]
    exact = Fraction()
    for x in twin.sets(pairs):
        share = twin.rule_value(twin.taken(pairs, x), rule)
        assert share is not None
        weight = line.earned(share * 100)
        for own, k in zip(chances, x, strict=True):
            weight *= own[k]
        exact += weight
    found, _ = expected_earned([pace(*p) for p in told], months, rule, line)
    assert found.value == pytest.approx(float(exact), abs=1e-9 + found.within)


@given(st.integers(0, 40), st.integers(0, 30), st.integers(30, 90), st.integers(0, 6))
def test_additions_are_those_of_the_closed_form(
    outstanding: int, came: int, at_risk: int, months: int
) -> None:
    found = additions(Pace(0, 99, outstanding, came, at_risk), months)
    exact = twin.additions(outstanding, came, at_risk, months)
    assert found.tolist() == pytest.approx([float(p) for p in exact], abs=1e-12)


@given(practices(most=5, size=400), st.integers(1, 300), percents)
def test_sums_on_a_rounded_lattice_bracket_the_exact_chance(
    pairs: list[tuple[int, int]], seed: int, target: int
) -> None:
    """Large practices whose shares have no common lattice: the bracket is narrow."""
    there = [(n, d) for n, d in pairs if d]
    assume(there)
    told = [pace(n, d, seed % (3 * d + 1), 3 * d) for n, d in there]
    line = Line(Fraction(target), Fraction(target))
    whole, more = expected_earned(told, 3, "mean", line)
    assert 0 <= whole.value <= 1
    assert whole.within < 0.02
    for one, own in zip(more, told, strict=True):
        if own.outstanding:
            assert one.value >= whole.value - whole.within - one.within - 1e-9


@given(practices(most=4), st.sampled_from(sorted(RULES)), percents)
def test_leaving_a_practice_out_is_the_rule_without_it(
    pairs: list[tuple[int, int]], average: str, target: int
) -> None:
    made = scheme(average, [{"indicator": "I0", "target": target}], value=1000, retained_percent=30)
    all_of = counted(pairs)
    look = look_forward(made, all_of, pay(made, all_of)).what_if[0].outlooks[0]
    whole = twin.rule_value(pairs, RULES[average])
    for i, need in enumerate(look.practices):
        without = twin.rule_value([*pairs[:i], *pairs[i + 1 :]], RULES[average])
        if whole is None or without is None or not pairs[i][1]:
            assert need.contribution is None
        else:
            assert need.contribution == whole - without
            assert need.help_needed == max(without - whole, 0)


@given(st.fractions(0, 100), st.fractions(0, 100), st.none() | st.fractions(0, 100))
def test_the_better_of_height_and_rise_is_paid(
    percent: Fraction, more: Fraction, before: Fraction | None
) -> None:
    height, rise = Line(Fraction(80), Fraction(90)), Line(Fraction(), Fraction(5))
    curve = Curve(height, rise)
    alone = Curve(height).earned(percent)
    found = curve.earned(percent, before)
    assert found >= alone
    if before is None:
        assert found == alone
    else:
        assert found == max(alone, min(max((percent - before) / 5, Fraction()), Fraction(1)))
        assert curve.earned(max(percent, more), before) >= found or more <= percent


@given(st.fractions(-(10**6), 10**6))
def test_pounds_are_rounded_half_up(value: Fraction) -> None:
    rounded = Fraction(pounds(value))
    assert rounded - value <= Fraction(1, 200)
    assert value - rounded < Fraction(1, 200)
    assert (rounded * 100).denominator == 1


def month_ends(count: int) -> list[date]:
    """Return the ends of the months up to END, the latest first."""
    found = [END]
    while len(found) < count:
        found.append(found[-1].replace(day=1) - timedelta(days=1))
    return found


@given(practices(most=4, size=30), st.data())
def test_a_look_forward_holds_for_every_shape_and_average(
    pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Chances are chances, more is never worth less, and the expected payment lies between."""
    lower = data.draw(st.integers(1, 99))
    line = data.draw(st.booleans())
    ends: dict[str, object] = {"lower": lower, "upper": lower + 1} if line else {"target": lower}
    points = data.draw(st.booleans())
    rules: list[str] = [*sorted(RULES), *(["own"] if points else [])]
    average = data.draw(st.sampled_from(rules))
    more: dict[str, object] = (
        {"shape": "points", "value_per_point": 200, "national_list": 9000}
        if points
        else {"value": 1000, "retained_percent": 30, "loses": "own_share"}
    )
    condition = {"indicator": "I0", **ends, **({"points": 18} if points else {})}
    made = scheme(average, [condition], ends=date(2031, 6, 30), **more)
    now = counted(pairs)
    fewer = [data.draw(st.integers(0, 3)) for _ in pairs]
    history = [
        replace(c, numerator=max(c.numerator - k * f, Fraction()), period_end=day)
        for k, day in enumerate(month_ends(4)[1:], 1)
        for c, f in zip(now.counts, fewer, strict=True)
    ]
    everything = replace(now, history=tuple(history))
    statement = pay(made, everything)
    (look,) = look_forward(made, everything, statement).what_if
    assert look.months_left == 3
    (outlook,) = look.outlooks
    if outlook.chance is not None:
        assert 0 <= outlook.chance <= 1
    for need in outlook.practices:
        if need.next_patient is not None:
            assert need.next_patient >= -1e-6 - 20_000 * outlook.chance_within
    if look.expected is not None:
        whole = 1000.0 if not points else float("inf")
        assert float(statement.paid) - 0.01 <= look.expected <= whole + 1e-6

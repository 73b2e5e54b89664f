"""The fairest flow is that of the twin which tries everything; no need can be met more fairly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.fairest import Task, Way, fairest
from tests.oracles.sharing import allowed, cost_of, fairest_by_trying, met

NEEDS = st.sampled_from(
    [Fraction(1), Fraction(2), Fraction(3), Fraction(1, 2), Fraction(5, 2), Fraction(7, 3)]
)


@st.composite
def tasks(draw: st.DrawFn, rules: bool = True, most_flows: int = 6_000) -> Task:
    sources = draw(st.integers(1, 5))
    sinks = draw(st.integers(1, 4))
    units = [draw(st.integers(0, 2)) for _ in range(sources)]
    every = [(a, b) for a in range(sources) for b in range(sinks)]
    chosen = draw(st.lists(st.sampled_from(every), min_size=1, max_size=9, unique=True))
    ways: list[Way] = []
    flows = 1
    for a, b in sorted(chosen):
        if flows * (units[a] + 1) <= most_flows:
            flows *= units[a] + 1
            ways.append(Way(a, b, draw(st.integers(0, 3))))
    need = tuple(draw(NEEDS) for _ in range(sinks))
    if not rules:
        return Task(tuple(units), need, tuple(ways))
    owners = draw(st.integers(1, 2))
    owner = [draw(st.sampled_from([None, *range(owners)])) for _ in range(sources)]
    # a block is one owner's: a day of a person
    block = [None if o is None else 10 * o + draw(st.integers(0, 2)) for o in owner]
    most = tuple(draw(st.integers(0, 3)) for _ in range(owners))
    return Task(tuple(units), need, tuple(ways), tuple(block), tuple(owner), most)


@given(tasks())
def test_the_fairest_flow_is_the_twins(task: Task) -> None:
    found = fairest(task)
    assert found.flow == fairest_by_trying(task)
    assert found.proven
    assert list(found.shares) == met(task, found.flow)
    assert found.cost == cost_of(task, found.flow)


@given(tasks(rules=False))
def test_without_rules_flows_are_enough(task: Task) -> None:
    found = fairest(task)
    assert found.flow == fairest_by_trying(task)
    assert not found.by_rules


@given(tasks(rules=False))
def test_nobody_gains_but_at_the_cost_of_one_who_has_less(task: Task) -> None:
    """Max-min: to lift one sink, another at or below its new share must give."""
    found = fairest(task)
    for sink in range(len(task.need)):
        if found.shares[sink] == 1:
            continue
        # units that could come straight from what is unused, or from a sink better off
        for number, way in enumerate(task.ways):
            if way.sink != sink:
                continue
            used = sum(
                units
                for units, w in zip(found.flow, task.ways, strict=True)
                if w.source == way.source
            )
            assert used == task.units[way.source]
            for other, w in enumerate(task.ways):
                if w.source == way.source and other != number and found.flow[other]:
                    moved = list(found.flow)
                    moved[other], moved[number] = moved[other] - 1, moved[number] + 1
                    assert sorted(met(task, tuple(moved))) <= sorted(found.shares)


@given(tasks())
def test_a_search_that_is_stopped_still_keeps_the_rules(task: Task) -> None:
    found = fairest(task, Deadline(0.0))
    assert allowed(task, found.flow)
    if found.proven:
        assert found.flow == fairest_by_trying(task)


@given(tasks(), st.integers(2, 5))
def test_needs_and_units_of_another_size_change_no_share(task: Task, times: int) -> None:
    """Without rules, every half-day counted as ``times`` parts can only be as fair or fairer."""
    larger = Task(
        tuple(units * times for units in task.units),
        tuple(need * times for need in task.need),
        task.ways,
        task.block,
        task.owner,
        task.most,
    )
    assert sorted(fairest(larger).shares) >= sorted(fairest(task).shares)

"""Set partition against trying every partition, with limits, on sets of any kind."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.optimise.partition import Columns, Limit, best_partition
from hamlets.teams.listing import list_partitions


def random_sets(draw: np.random.Generator, items: int, most: int, share: float) -> Columns:
    """Return some of the sets of 1 to ``most`` items."""
    rows = [
        list(one) + [-1] * (most - size)
        for size in range(1, most + 1)
        for one in itertools.combinations(range(items), size)
        if draw.random() < share
    ]
    return Columns(np.array(rows, dtype=np.int16).reshape(-1, most), items)


def every_partition(columns: Columns) -> list[list[int]]:
    """Return the rows of every partition."""
    members = [frozenset(int(m) for m in row if m >= 0) for row in columns.members]
    found: list[list[int]] = []

    def go(left: frozenset[int], rows: list[int]) -> None:
        if not left:
            found.append(rows)
            return
        for row, one in enumerate(members):
            if min(left) in one and one <= left:
                go(left - one, [*rows, row])

    go(frozenset(range(columns.items)), [])
    return found


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_equal_to_trying_every_partition(seed: int) -> None:
    draw = np.random.default_rng(seed)
    items, most = int(draw.integers(1, 9)), int(draw.integers(1, 5))
    columns = random_sets(draw, items, min(most, items), float(draw.choice([0.15, 0.4, 0.9])))
    gains = draw.normal(draw.choice([-5, 0, 5]), 3, columns.count)
    if draw.random() < 0.2:
        gains = np.round(gains)
    limits: list[Limit] = []
    if draw.random() < 0.4:
        limits.append(Limit(least=float(draw.integers(0, 4)), most=float(draw.integers(2, 6))))
    if draw.random() < 0.3:
        limits.append(Limit(most=1.0, among=draw.random(columns.count) < 0.3))

    def allowed(rows: list[int]) -> bool:
        return all(
            one.least
            <= (len(rows) if one.among is None else int(one.among[rows].sum()))
            <= one.most
            for one in limits
        )

    values = [float(gains[rows].sum()) for rows in every_partition(columns) if allowed(rows)]
    found = best_partition(columns, gains, limits=limits)

    if not values:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.value == pytest.approx(max(values), rel=1e-7, abs=1e-7)
    assert found.bound >= found.value
    assert found.value == pytest.approx(gains[found.chosen].sum())
    covered = columns.members[found.chosen]
    assert sorted(covered[covered >= 0]) == list(range(items))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_list_above_a_floor_is_complete(seed: int) -> None:
    draw = np.random.default_rng(seed)
    items = int(draw.integers(1, 8))
    columns = random_sets(draw, items, min(3, items), 0.6)
    gains = draw.normal(0, 3, columns.count)
    floor, most = float(draw.normal(0, 3)), float(draw.choice([2, 3, math.inf]))
    expected = sorted(
        sorted(rows)
        for rows in every_partition(columns)
        if len(rows) <= most and gains[rows].sum() >= floor
    )

    listed = list_partitions(columns, gains, floor, most, 10_000)

    assert listed is not None
    rows, totals = listed
    assert sorted(sorted(int(r) for r in one if r >= 0) for one in rows) == expected
    assert list(totals) == sorted(totals, reverse=True)


@pytest.mark.parametrize("seed", range(3))
def test_many_columns_are_priced_in_and_fixed_out(seed: int) -> None:
    draw = np.random.default_rng(seed)
    items = 16
    columns = random_sets(draw, items, 5, 1.0)
    near = draw.gamma(0.3, 10, (items + 1, items + 1))
    near[items] = near[:, items] = 0
    pairs = itertools.permutations(range(5), 2)
    gains = sum(near[columns.members[:, a], columns.members[:, b]] for a, b in pairs)
    assert isinstance(gains, np.ndarray)

    found = best_partition(columns, gains)
    listed = list_partitions(columns, gains, found.value - 1e-6, math.inf, 1000)

    assert columns.count > 3_000
    assert found.status == "optimal"
    assert listed is not None
    assert listed[1][0] == pytest.approx(found.value)

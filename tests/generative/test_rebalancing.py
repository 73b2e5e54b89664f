"""Mending an assignment: never worse, well kept account of, and no single move left that helps."""

from __future__ import annotations

import copy

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.optimise.rebalancing import Assignment, Moves, Sides, rebalance


def drawn(seed: int, units: int, places: int) -> tuple[Assignment, Moves, Sides]:
    """Return units anywhere, every move there is, and sides that most loads are outside of."""
    draw = np.random.default_rng(seed)
    gain = np.round(draw.gamma(1.0, 2.0, (units, places)), 1)
    charge = (draw.random((units, places)) < 0.4).astype(float)
    work = draw.gamma(2.0, 5.0, units)
    place = draw.integers(0, places, units)
    every = np.arange(units)
    fair = work.sum() / places
    now = Assignment(
        way=place.copy(),
        place=place.copy(),
        gain=gain[every, place],
        charge=charge[every, place],
        load=np.bincount(place, weights=work, minlength=places).astype(np.float64),
        spent=float(charge[every, place].sum()),
    )
    unit, to = np.divmod(np.arange(units * places), places)
    moves = Moves(unit, to, to, gain.ravel(), charge.ravel(), work[unit])
    sides = Sides(
        low=np.full(places, fair * 0.9),
        high=np.full(places, fair * 1.1),
        most=float(draw.choice([np.inf, units // 3])),
        load_price=float(draw.choice([0.1, 50.0])),
        budget_price=500.0,
    )
    return now, moves, sides


def worth_of(now: Assignment, sides: Sides) -> float:
    """Return gain less what is missed, one place after the other."""
    worth = float(now.gain.sum())
    for load, low, high in zip(now.load, sides.low, sides.high, strict=True):
        worth -= sides.load_price * max(0.0, load - high, low - load)
    return worth - sides.budget_price * max(0.0, now.spent - sides.most)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 25), st.integers(1, 4))
def test_ends_where_no_move_helps_and_counts_right(seed: int, units: int, places: int) -> None:
    now, moves, sides = drawn(seed, units, places)
    before = worth_of(now, sides)
    work, gain = moves.work[::places], moves.gain.reshape(units, places)
    charge, every = moves.charge.reshape(units, places), np.arange(units)

    held = rebalance(now, moves, sides, 1_000)

    assert (now.way == now.place).all()
    assert np.allclose(now.load, np.bincount(now.place, weights=work, minlength=places))
    assert np.allclose(now.gain, gain[every, now.place])
    assert now.spent == charge[every, now.place].sum()
    after = worth_of(now, sides)
    assert after >= before - 1e-9
    inside = (now.load >= sides.low).all() and (now.load <= sides.high).all()
    assert held == (bool(inside) and now.spent <= sides.most)
    for unit in range(units):
        for place in range(places):
            other = copy.deepcopy(now)
            other.load[other.place[unit]] -= work[unit]
            other.load[place] += work[unit]
            other.spent += charge[unit, place] - other.charge[unit]
            other.gain[unit] = gain[unit, place]
            assert worth_of(other, sides) <= after + 1e-6


def test_two_units_change_places_where_no_single_move_does() -> None:
    """Loads 3 + 3 and 2 + 2 between sides of 4 and 6: a 3 and a 2 must change places."""
    place = np.array([0, 0, 1, 1])
    work = np.array([3.5, 3.0, 2.0, 2.5])
    moves = Moves(
        np.repeat(np.arange(4), 2), np.tile(np.arange(2), 4), np.tile(np.arange(2), 4),
        np.zeros(8), np.zeros(8), np.repeat(work, 2),
    )  # fmt: skip
    now = Assignment(
        place.copy(), place.copy(), np.zeros(4), np.zeros(4), np.array([6.5, 4.5]), 0.0
    )
    sides = Sides(np.full(2, 5.4), np.full(2, 5.6), np.inf, 10.0, 100.0)

    assert rebalance(now, moves, sides, 10)
    assert sorted(now.load.tolist()) == [5.5, 5.5]

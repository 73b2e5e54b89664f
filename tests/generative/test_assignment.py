"""Assignment: equal to looking at every assignment, never above its bound, sides kept."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.optimise.assignment import Task, assign, bound_of, every_place


def draw_task(seed: int, units: int, places: int) -> Task:
    """Return a task with ties, forbidden ways and, half the time, a budget."""
    draw = np.random.default_rng(seed)
    gain = np.round(draw.gamma(1.0, 2.0, (units, places)), 1)
    gain[draw.random(units) < 0.2] = 0.0
    forbidden = draw.random((units, places)) < 0.1
    forbidden[np.arange(units), draw.integers(0, places, units)] = False
    gain[forbidden] = -np.inf
    work = draw.gamma(2.0, 5.0, units)
    fair = draw.dirichlet(np.full(places, 4.0)) * work.sum()
    band = float(draw.choice([0.1, 0.3, 0.6]))
    charge = (draw.random((units, places)) < 0.5).astype(float) if draw.random() < 0.5 else None
    return Task(
        gain=gain,
        work=work,
        low=fair * (1 - band),
        high=fair * (1 + band),
        to=every_place(units, places),
        charge=charge,
        most=float(draw.integers(0, units)) if charge is not None else np.inf,
    )


def best_of_all(task: Task) -> float | None:
    """Return the greatest gain within sides and budget; None where nothing keeps them."""
    best = None
    ways = [np.flatnonzero(np.isfinite(row)).tolist() for row in task.gain]
    for choice in itertools.product(*ways):
        load = [0.0] * task.places
        for unit, place in enumerate(choice):
            load[place] += task.work[unit]
        if any(
            not low <= at <= high for at, low, high in zip(load, task.low, task.high, strict=True)
        ):
            continue
        spent = 0.0
        if task.charge is not None:
            spent = sum(task.charge[unit, place] for unit, place in enumerate(choice))
        value = sum(task.gain[unit, place] for unit, place in enumerate(choice))
        if spent <= task.most and (best is None or value > best):
            best = float(value)
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 3))
def test_equal_to_every_assignment_looked_at(seed: int, units: int, places: int) -> None:
    task = draw_task(seed, units, places)
    expected = best_of_all(task)

    found = assign(task)

    load = np.bincount(found.place, weights=task.work, minlength=places)
    assert found.load == pytest.approx(load)
    assert np.isfinite(task.gain[np.arange(units), found.place]).all()
    if expected is None:
        assert found.broken > 0 or found.overspent > 0
        return
    assert bound_of(task)[0] >= expected - 1e-9
    assert (found.broken, found.overspent) == (0.0, 0.0)
    assert (load >= task.low).all()
    assert (load <= task.high).all()
    assert found.value == pytest.approx(expected, rel=1e-4, abs=1e-6)
    assert found.bound >= expected - 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_many_units_come_close_to_their_bound_with_every_side_kept(seed: int) -> None:
    task = draw_task(seed, 2_000, 6)

    found = assign(task)

    load = np.bincount(found.place, weights=task.work, minlength=6)
    assert (found.broken, found.overspent) == (0.0, 0.0)
    assert (load >= task.low).all()
    assert (load <= task.high).all()
    assert found.bound * (1 - 0.002) <= found.value <= found.bound


def draw_sparse_task(seed: int, units: int, places: int, band: float) -> Task:
    """Return a task of a few ways each in which many units gain nothing anywhere: all ties."""
    draw = np.random.default_rng(seed)
    to = np.argsort(draw.random((units, places)), axis=1)[:, :5].astype(np.int64)
    gain = np.zeros((units, 5))
    gain[:, :2] = np.round(draw.gamma(1.0, 2.0, (units, 2)), 1)
    gain[draw.random(units) < 0.4] = 0.0
    work = draw.gamma(2.0, 5.0, units)
    fair = draw.dirichlet(np.full(places, 20.0)) * work.sum()
    return Task(gain=gain, work=work, low=fair * (1 - band), high=fair * (1 + band), to=to)


@pytest.mark.parametrize("seed", range(3))
def test_many_places_of_few_ways_keep_a_narrow_band_to_the_letter(seed: int) -> None:
    task = draw_sparse_task(seed, 8_000, 60, 0.03)

    found = assign(task)

    load = np.bincount(found.place, weights=task.work, minlength=60)
    assert (load >= task.low).all()
    assert (load <= task.high).all()
    assert found.bound * (1 - 0.001) <= found.value <= found.bound


def test_two_runs_agree_in_every_digit() -> None:
    task = draw_task(3, 500, 4)

    one, other = assign(task), assign(task)

    assert (one.place == other.place).all()
    assert one.bound == other.bound


def test_the_nearest_to_a_budget_that_cannot_be_kept() -> None:
    gain, charge = np.ones((40, 2)), np.ones((40, 2))
    task = Task(
        gain, np.ones(40), np.full(2, 18.0), np.full(2, 22.0), every_place(40, 2), charge, 10.0
    )

    found = assign(task)

    assert found.broken == 0.0
    assert found.overspent == 30.0


def test_soft_sides_give_way_to_the_budget() -> None:
    gain = np.zeros((100, 2))
    charge = np.zeros((100, 2))
    charge[:, 1] = 1.0
    task = Task(
        gain, np.ones(100), np.full(2, 45.0), np.full(2, 55.0), every_place(100, 2), charge, 20.0,
        soft=5.0,
    )  # fmt: skip

    found = assign(task)

    assert found.overspent == 0.0
    assert found.load.tolist() == [80.0, 20.0]


def test_a_unit_without_a_way_is_refused() -> None:
    task = Task(np.full((1, 2), -np.inf), np.ones(1), np.zeros(2), np.ones(2), every_place(1, 2))

    with pytest.raises(ValueError, match="no place"):
        assign(task)


def test_nothing_to_assign() -> None:
    found = assign(Task(np.empty((0, 2)), np.empty(0), np.zeros(2), np.ones(2), every_place(0, 2)))

    assert (found.value, found.bound, len(found.place)) == (0.0, 0.0, 0)

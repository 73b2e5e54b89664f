"""Allocation alone: patients to lists of GPs, each list's work in a band. Ours and rivals.

The same task for all: a patient is worth the recency-weighted contacts with the list's GP,
and each list must be within so many per cent of its share of the work by bookable minutes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.clock import Clock
from benchmarks.practices import Practice, make_practice
from benchmarks.team_rivals import Solved
from hamlets.optimise.assignment import Task, assign, every_place
from hamlets.teams.allocation import weight_by_team
from hamlets.teams.inputs import PracticeInputs

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BAND = 0.03
_STEPS_A_PATIENT = 50
"""Steps of work of a mean patient, where a solver takes whole numbers."""
_COST_STEPS = 10_000


def list_task(asked: Practice, ways: int) -> Task:
    """Return the task; ``ways`` = lists open to each patient, 0 for all of them.

    Otherwise a patient may go to the GPs most seen, filled up with any others.
    """
    inputs = make_practice(asked)
    staff = inputs.clinicians
    holders = np.flatnonzero(staff.gp & (staff.capacity_minutes > 0))
    units, places = inputs.people.size, len(holders)
    if ways:
        gain, to = _sparse(inputs, holders, ways)
    else:
        gain = weight_by_team(inputs, [(int(gp),) for gp in holders])
        to = every_place(units, places)
    work = inputs.people.work_minutes
    capacity = staff.capacity_minutes[holders]
    fair = capacity / capacity.sum() * work.sum()
    return Task(gain=gain, work=work, low=fair * (1 - BAND), high=fair * (1 + BAND), to=to)


def _sparse(inputs: PracticeInputs, holders: Ints, ways: int) -> tuple[Floats, Ints]:
    """Return gains and places of each patient's ways: the GPs most seen, then any others."""
    seen, units, places = inputs.people.seen, inputs.people.size, len(holders)
    place = np.full(inputs.clinicians.size, -1, dtype=np.int64)
    place[holders] = np.arange(places)
    patient = np.repeat(np.arange(units), np.diff(seen.offset))
    at = place[seen.clinician]
    patient, at, weight = patient[at >= 0], at[at >= 0], seen.weight[at >= 0]
    order = np.lexsort((-weight, patient))
    patient, at, weight = patient[order], at[order], weight[order]
    rank = np.arange(len(patient)) - np.searchsorted(patient, patient)
    # Others follow in steps from a place of the patient's own. One that was seen as well
    # comes twice, the second time for nothing: a way that no best answer takes.
    draw = np.random.default_rng(1)
    to = (draw.integers(0, places, units)[:, None] + np.arange(ways)[None, :] * 7) % places
    gain = np.zeros((units, ways))
    first = rank < ways
    to[patient[first], rank[first]] = at[first]
    gain[patient[first], rank[first]] = weight[first]
    return gain, to.astype(np.int64)


def solve_by_hamlets(task: Task, limit: float) -> tuple[Solved, Ints]:
    """Assign by prices and a core problem; the limit is not needed."""
    del limit
    began = Clock()
    found = assign(task)
    took = began.read()
    status = "kept" if found.broken == 0.0 else "band not kept"
    size = task.gain.size
    return Solved(found.value, found.bound, status, *took, size, task.places, None), found.place


def solve_by_flow(task: Task, limit: float) -> tuple[Solved, Ints]:
    """Least-cost flow of OR-Tools on work in steps; each patient goes where most flowed.

    It cannot be stopped, so the limit is that of the process.
    """
    from ortools.graph.python import min_cost_flow

    del limit
    began = Clock()
    units, ways, places = task.units, task.gain.shape[1], task.places
    step = float(task.work.mean()) / _STEPS_A_PATIENT
    steps = np.maximum(1, np.round(task.work / step)).astype(np.int64)
    cost = np.round(-task.gain / steps[:, None] * _COST_STEPS).astype(np.int64)
    sink = units + places
    low = np.ceil(task.low / step).astype(np.int64)
    high = np.floor(task.high / step).astype(np.int64)
    must = -(int(np.abs(cost).max()) * 2 + 1)
    flow: Any = min_cost_flow.SimpleMinCostFlow()
    unit = np.repeat(np.arange(units), ways)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        unit, units + task.to.ravel(), steps[unit], cost.ravel()
    )
    place = units + np.arange(places)
    end = np.full(places, sink)
    none = np.zeros(places, dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(place, end, low, none + must)
    flow.add_arcs_with_capacity_and_unit_cost(place, end, high - low, none)
    flow.set_nodes_supplies(np.arange(units), steps)
    flow.set_nodes_supplies(np.array([sink]), np.array([-int(steps.sum())]))
    if flow.solve() != flow.OPTIMAL:
        return _nothing(task, began)
    flows = flow.flows(arcs).reshape(units, ways)
    bound = -float((flows * cost).sum()) / _COST_STEPS
    return _rounded(task, flows, bound, began)


def solve_by_highs(task: Task, limit: float) -> tuple[Solved, Ints]:
    """HiGHS on the linear programme, through scipy; each patient goes where most of it is."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    began = Clock()
    units, ways, places = task.units, task.gain.shape[1], task.places
    arc = np.arange(units * ways)
    unit = np.repeat(np.arange(units), ways)
    mean = float(task.work.mean())
    once: Any = csc_array((np.ones(len(arc)), (unit, arc)), shape=(units, len(arc)))
    work = task.work[unit] / mean
    at = task.to.ravel()
    both = np.concatenate([at, places + at])
    load: Any = csc_array(
        (np.concatenate([work, -work]), (both, np.concatenate([arc, arc]))),
        shape=(2 * places, len(arc)),
    )
    result: Any = linprog(
        -task.gain.ravel(),
        A_ub=load,
        b_ub=np.concatenate([task.high, -task.low]) / mean,
        A_eq=once,
        b_eq=np.ones(units),
        bounds=(0, 1),
        method="highs",
        options={"time_limit": limit},
    )
    if result.x is None or result.status != 0:
        return _nothing(task, began)
    return _rounded(task, np.asarray(result.x).reshape(units, ways), -float(result.fun), began)


def _rounded(task: Task, part: Any, bound: float, began: Clock) -> tuple[Solved, Ints]:
    way = part.argmax(axis=1)
    every = np.arange(task.units)
    took = began.read()
    place = task.to[every, way]
    value = float(task.gain[every, way].sum())
    status = "kept" if _kept(task, place) else "band not kept"
    return Solved(value, bound, status, *took, task.gain.size, task.places, None), place


def _kept(task: Task, place: Ints) -> bool:
    load = np.bincount(place, weights=task.work, minlength=task.places)
    slack = 1e-9 * task.work.sum()
    return bool(((load <= task.high + slack) & (load >= task.low - slack)).all())


def _nothing(task: Task, began: Clock) -> tuple[Solved, Ints]:
    took = began.read()
    none = np.zeros(0, dtype=np.int64)
    return Solved(None, None, "no plan", *took, task.gain.size, task.places, None), none


def widest(task: Task, place: Ints) -> float | None:
    """Return the most that a list's work is from its share, over the share."""
    if not len(place):
        return None
    load = np.bincount(place, weights=task.work, minlength=task.places)
    fair = (task.low + task.high) / 2
    return float(np.abs(load / fair - 1).max())

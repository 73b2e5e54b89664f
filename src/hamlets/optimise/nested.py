"""Nested assignment: units to places that lie in groups, with sides on both.

A place's side is a multiple of its part of what its group carries, so that groups may grow
while their places stay even. Sides are kept where they can be: what lies outside costs a
price a load. One mixed-integer programme for HiGHS, which also gives the bound.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from hamlets.optimise.quiet import quiet

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_ROOM = 3e-6
"""Sides are drawn in by so much of a mean load, for the solver's tolerance."""
_TINY = 1e-9
_PART = 1e-6
_SMALL = 1e-6
_CORE, _LARGER = 250, 4


@dataclass(frozen=True)
class Nested:
    """Units, their ways (arcs) to places, and the sides of places and groups."""

    unit: Int64
    """Of each arc; every unit has one arc at least."""
    place: Int64
    """Of each arc."""
    gain: Float64
    """Of each arc."""
    taken: Float64
    """What each arc takes of the budget."""
    most: float
    """The budget."""
    work: Float64
    """Load of each unit, at least 0."""
    group: Int64
    """Of each place."""
    held: Float64
    """Load that each place has already."""
    part: Float64
    """Of each place: its fair part of its group's load; the parts of a group add up to 1."""
    low: Float64
    """Of each place: least load, in fair parts."""
    high: Float64
    group_low: Float64
    """Of each group: least load; -inf = no such side."""
    group_high: Float64
    mean: float
    """A usual load: prices are a mean load each."""
    price: float
    """What a mean load outside the sides of a place costs."""
    group_price: float
    offset: float = 0.0
    """Cost that is known to come about: the gap to reach is one of what lies beyond it."""


@dataclass(frozen=True)
class Placed:
    """Where units go."""

    arc: Int64
    """Of each unit: its arc."""
    objective: float
    """Gains less what lies outside the sides costs."""
    bound: float
    """What no way of placing the units can exceed."""
    load: Float64
    """Of each place, in the end."""
    broken: float
    """Load outside the sides of places, added up."""
    group_broken: float
    spent: float


def place_units(task: Nested, seconds: float, gap: float = 1e-3) -> Placed | None:
    """Return the best way found within some seconds; None where none keeps the budget.

    The programme is solved with parts of units first, which is quick and gives the bound.
    Then units that are in parts, and those that would lose least elsewhere, are dealt anew
    whole, until no more lies outside the sides than has to. The bound holds for every way
    within the budget, whatever sides it breaks.
    """
    if not len(task.work):
        return _measured(task, np.zeros(0, dtype=np.int64), -np.inf)
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    began = time.perf_counter()
    programme = _Programme(task)
    matrix = csr_array(programme.matrix)
    equal = programme.low == programme.high
    upper, lower = np.isfinite(programme.high) & ~equal, np.isfinite(programme.low) & ~equal
    if lower.any():
        raise ValueError("sides are written as upper ones")
    relaxed: Any = linprog(
        programme.cost,
        A_ub=matrix[upper],
        b_ub=programme.high[upper],
        A_eq=matrix[equal],
        b_eq=programme.high[equal],
        bounds=np.stack([programme.least, programme.most], axis=1),
        method="highs",
    )
    if relaxed.x is None:
        return None
    arcs = len(task.unit)
    share = np.asarray(relaxed.x)[:arcs]
    order = _least_sure(task, share, np.asarray(relaxed.lower.marginals)[:arcs])
    best: Placed | None = None
    size = _CORE
    while True:
        left = seconds - (time.perf_counter() - began)
        if left <= 0 and best is not None:
            return best
        arc = programme.dealt(share, order[:size], max(left, 0.5), gap)
        if arc is not None:
            found = _measured(task, arc, -float(relaxed.fun) - task.offset)
            if best is None or found.objective > best.objective:
                best = found
            missed = programme.missed(np.asarray(relaxed.x))
            if found.broken + found.group_broken <= (missed + _SMALL) * task.mean:
                return best
        if size >= len(order):
            return best
        size *= _LARGER


def _least_sure(task: Nested, share: Float64, reduced: Float64) -> Int64:
    """Return the units in parts first, then by what the next best way would lose."""
    units = len(task.work)
    other = np.where(share < _TINY, np.maximum(reduced, 0.0), np.inf)
    margin = np.full(units, np.inf)
    np.minimum.at(margin, task.unit, other)
    parts = (share > _PART) & (share < 1 - _PART)
    margin[task.unit[parts]] = -1.0
    # Of equal ones the smaller first: they fit any gap.
    return np.lexsort((task.work, margin))


class _Programme:
    """The constraints and costs of a task, for whole units or parts of them."""

    def __init__(self, task: Nested) -> None:
        self.task = task
        self.matrix, self.low, self.high = _programme(task)
        places, groups, arcs = len(task.group), len(task.group_low), len(task.unit)
        missed = 2 * places + 2 * groups
        self.arcs, self.slacks = arcs, slice(arcs + groups, arcs + groups + missed)
        self.cost = np.concatenate(
            [
                -task.gain,
                np.zeros(groups),
                np.full(2 * places, task.price),
                np.full(2 * groups, task.group_price),
                [-task.offset],
            ]
        )
        free = np.full(groups, np.inf)
        self.least = np.concatenate([np.zeros(arcs), -free, np.zeros(missed), [1.0]])
        self.most = np.concatenate([np.ones(arcs), free, np.full(missed, np.inf), [1.0]])

    def missed(self, x: Float64) -> float:
        """Return the load outside all sides, in mean loads."""
        return float(x[self.slacks].sum())

    def dealt(self, share: Float64, core: Int64, seconds: float, gap: float) -> Int64 | None:
        """Return the arc of each unit with the core dealt whole and the others where they are."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        task, arcs = self.task, self.arcs
        free = np.zeros(len(task.work), dtype=np.bool_)
        free[core] = True
        fixed = np.flatnonzero(~free[task.unit])
        least, most = self.least.copy(), self.most.copy()
        least[fixed] = most[fixed] = np.round(share[fixed])
        whole = np.zeros(len(least))
        whole[:arcs] = free[task.unit]
        # Their types know numbers alone, though they take arrays.
        sides, lines = cast("Any", Bounds), cast("Any", LinearConstraint)
        with quiet():
            result: Any = milp(
                c=self.cost,
                integrality=whole,
                bounds=sides(least, most),
                constraints=lines(self.matrix, self.low, self.high),
                options={"mip_rel_gap": gap, "time_limit": seconds},
            )
        if result.x is None:
            return None
        taken = np.flatnonzero(np.asarray(result.x)[:arcs] > 0.5)
        arc = np.empty(len(task.work), dtype=np.int64)
        arc[task.unit[taken]] = taken
        return arc


def _programme(task: Nested) -> tuple[Any, Float64, Float64]:
    """Return the constraints: one way a unit, loads of groups, sides of both, the budget."""
    from scipy.sparse import csc_array

    units, places, groups = len(task.work), len(task.group), len(task.group_low)
    arcs, mean = len(task.unit), task.mean
    work = task.work[task.unit] / mean
    held = task.held / mean
    each = np.arange(arcs)
    total, short = arcs + np.arange(groups), arcs + groups
    carried = np.bincount(task.group, weights=held, minlength=groups)
    rows: list[tuple[Any, Any, Any]] = []
    low: list[Any] = []
    high: list[Any] = []

    def add(entries: list[tuple[Any, Any, Any]], least: Any, most: Any) -> None:
        first = sum(len(part) for part in low)
        rows.extend((line + first, column, data) for line, column, data in entries)
        low.append(least)
        high.append(most)

    add([(task.unit, each, np.ones(arcs))], np.ones(units), np.ones(units))
    # What a group carries is a variable of its own, so that its places' rows stay short.
    group = np.arange(groups)
    add(
        [(task.group[task.place], each, work), (group, total, -np.ones(groups))],
        -carried,
        -carried,
    )
    place = np.arange(places)
    none, all_ = np.full(places, -np.inf), np.full(places, np.inf)
    for sign, side in ((1.0, task.high), (-1.0, task.low)):
        slack = short + place + (places if sign < 0 else 0)
        keep = np.isfinite(side)
        fair = -sign * np.where(keep, side, 0.0) * task.part
        bound = -sign * held - _ROOM
        entries = [
            (task.place, each, sign * work),
            (place, total[task.group], fair),
            (place, slack, -np.ones(places)),
        ]
        add(entries, none, np.where(keep, bound, all_))
    nothing, everything = np.full(groups, -np.inf), np.full(groups, np.inf)
    for sign, side in ((1.0, task.group_high), (-1.0, task.group_low)):
        slack = short + 2 * places + group + (groups if sign < 0 else 0)
        entries = [(group, total, np.full(groups, sign)), (group, slack, -np.ones(groups))]
        keep = np.isfinite(side)
        bound = sign * np.where(keep, side, 0.0) / mean - _ROOM
        add(entries, nothing, np.where(keep, bound, everything))
    add([(np.zeros(arcs, dtype=np.int64), each, task.taken)], [-np.inf], [task.most])
    line, column, data = (np.concatenate(part) for part in zip(*rows, strict=True))
    shape = (sum(len(part) for part in low), short + 2 * places + 2 * groups + 1)
    matrix = csc_array((data, (line, column)), shape=shape)
    return matrix, np.concatenate(low), np.concatenate(high)


def _measured(task: Nested, arc: Int64, bound: float) -> Placed:
    """Return what a way of placing the units comes to, its bound at least its own value."""
    place = task.place[arc]
    added = np.bincount(place, weights=task.work, minlength=len(task.group))
    load = task.held + added.astype(np.float64)
    carried = np.bincount(task.group, weights=load, minlength=len(task.group_low))
    group = carried.astype(np.float64)
    fair = task.part * group[task.group]
    slack = _TINY * max(1.0, float(np.abs(load).sum()))
    broken = _outside(load, task.low * fair, task.high * fair, slack)
    group_broken = _outside(group, task.group_low, task.group_high, slack)
    objective = float(task.gain[arc].sum())
    objective -= (task.price * broken + task.group_price * group_broken) / task.mean
    return Placed(
        arc=arc,
        objective=objective,
        bound=max(objective, bound),
        load=load,
        broken=broken,
        group_broken=group_broken,
        spent=float(task.taken[arc].sum()),
    )


def _outside(load: Float64, low: Float64, high: Float64, slack: float) -> float:
    over = np.maximum(load - high, 0.0)
    under = np.maximum(low - load, 0.0)
    missed = over + under
    return float(missed[missed > slack].sum())

"""Units given to places: most gain, each place's load between two sides, one budget.

The sides and the budget are priced (Lagrange). For any prices the units' best priced gains
add up to a bound that holds for every assignment; the least such bound is that of the linear
programme. There are few prices and they are found by a smooth stand-in of the bound (a soft
maximum, ever harder; Nesterov, Math Program 2005;103:127). Units that clearly prefer a place
at those prices stay there, and a whole-number programme deals the few that waver, so that
sides and budget hold to the letter (a core problem: Balas & Zemel, Oper Res 1980;28:1130).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.optimise.quiet import quiet

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

_HARDNESS = (0.3, 0.05, 0.005)
"""Of the soft maximum, in parts of the gain's scale."""
_STEPS = 60
_CORE, _LARGER, _LARGEST = 300, 4, 5_000
_HIGHEST = 50.0
"""Prices end here, in scales: beyond, sides or budget cannot be kept at all."""
_ROOM = 3e-6
"""Sides are drawn in by so much of a mean load, for the solver's tolerance."""
_SPARE = 0.003
"""Room over the least charge, for whole units."""
_SECONDS = 5.0
_CLOSE = 5e-5
_DEAR, _DEAREST = 100.0, 1000.0
"""What a broken side and a broken budget cost, in greatest gains."""
_CLEAR = 0.98
"""Part of a unit beyond which it is not wavering."""


@dataclass(frozen=True)
class Task:
    """What is to be assigned: each unit has the same number of ways, each to a place."""

    gain: Float64
    """Units x ways; -inf = not allowed."""
    work: Float64
    """Load that each unit brings, in any unit, at least 0."""
    low: Float64
    high: Float64
    """Sides of each place's load."""
    to: Int64
    """Units x ways: the place."""
    charge: Float64 | None = None
    """Units x ways: what it takes of the budget."""
    most: float = np.inf
    """The budget."""
    soft: float | None = None
    """What a mean unit's load outside a side costs; None = no price is too high."""

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.gain)

    @property
    def places(self) -> int:
        """Number of places."""
        return len(self.low)


def every_place(units: int, places: int) -> Int64:
    """Return the ways of units that may go to every place."""
    return np.broadcast_to(np.arange(places, dtype=np.int64), (units, places))


@dataclass(frozen=True)
class Assigned:
    """An assignment with its bound."""

    place: Int64
    """Of each unit."""
    value: float
    bound: float
    load: Float64
    broken: float
    """By how much loads lie outside their sides, added up; 0 = all kept."""
    overspent: float
    """By how much the budget is exceeded; 0 = kept."""
    price: float
    """What one more of the budget would gain."""
    prices: Float64
    """All prices, to start another task of the same places from."""


def assign(task: Task, start: Float64 | None = None) -> Assigned:
    """Return the best assignment found and a bound on every assignment.

    Where sides or budget cannot be kept, ``broken`` and ``overspent`` are as small as could
    be found. Raises ValueError where a unit has no allowed way.
    """
    if task.units and not np.isfinite(task.gain.max(axis=1)).all():
        raise ValueError("a unit has no place that it may go to")
    dual = _Dual(task)
    prices = dual.lowest(start)
    asked = task.most
    if task.charge is not None and prices[-1] > dual.highest[-1] / 2:
        least = _least_charge(task, task.charge)
        if least > task.most:
            # No assignment keeps the budget: the nearest is one of about the least charge.
            task = replace(task, most=least * (1 + _SPARE) + 1)
            dual = _Dual(task)
            prices = dual.lowest(None)
    way = _complete(dual)
    every = np.arange(task.units)
    place = task.to[every, way]
    value = float(task.gain[every, way].sum())
    load = np.bincount(place, weights=task.work, minlength=task.places).astype(np.float64)
    spent = float(task.charge[every, way].sum()) if task.charge is not None else 0.0
    return Assigned(
        place=place,
        value=value,
        bound=max(dual.bound(prices), value),
        load=load,
        broken=_broken(task, load),
        overspent=max(0.0, spent - asked),
        price=float(prices[-1]),
        prices=prices,
    )


def _least_charge(task: Task, charge: Float64) -> float:
    """Return a charge that no assignment within the sides goes below."""
    gain = np.where(np.isfinite(task.gain), -charge, -np.inf)
    if task.soft is not None:
        return float(-gain.max(axis=1).sum())
    dual = _Dual(replace(task, gain=gain, charge=None, most=np.inf))
    return -dual.bound(dual.lowest(None))


def bound_of(
    task: Task, start: Float64 | None = None, enough: float = -np.inf
) -> tuple[float, Float64]:
    """Return what no assignment of a task can exceed, and the prices that prove it.

    A bound of at most ``enough`` is not lowered further.
    """
    dual = _Dual(task)
    prices = dual.lowest(start, enough)
    return dual.bound(prices), prices


def _broken(task: Task, load: Float64) -> float:
    slack = 1e-9 * max(1.0, float(np.abs(task.work).sum()))
    over = np.maximum(load - task.high - slack, 0.0)
    return float((over + np.maximum(task.low - load - slack, 0.0)).sum())


class _Dual:
    """The bound as a function of prices: of the upper sides, the lower sides, the budget."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.mean = (float(task.work.mean()) if task.units else 0.0) or 1.0
        self.work = task.work / self.mean
        self.budgeted = task.charge is not None and bool(np.isfinite(task.most))
        room = np.minimum(task.high / self.mean, self.work.sum() + 1.0)
        budget = task.most if self.budgeted else 0.0
        self.right = np.concatenate([room, -task.low / self.mean, [budget]])
        self.last = np.zeros(len(self.right))
        """Prices of the last soft maximum: its loads keep the sides, about."""

    @cached_property
    def scale(self) -> float:
        """A usual gain of a unit."""
        best = self.task.gain.max(axis=1) if self.task.units else np.zeros(0)
        positive = best[best > 0]
        return float(positive.mean()) if positive.size else 1.0

    def priced(self, prices: Float64) -> Float64:
        """Return units x ways: gain less what load and budget cost."""
        task, places = self.task, self.task.places
        per_work = prices[:places] - prices[places : 2 * places]
        priced = task.gain - self.work[:, None] * per_work[task.to]
        if self.budgeted and prices[-1] > 0 and task.charge is not None:
            priced -= prices[-1] * task.charge
        return priced

    def bound(self, prices: Float64) -> float:
        """Return the bound that prices prove."""
        if not self.task.units:
            return 0.0
        return float(self.priced(prices).max(axis=1).sum() + prices @ self.right)

    def lowest(self, start: Float64 | None, enough: float = -np.inf) -> Float64:
        """Return prices whose bound is about the least, or at most ``enough``."""
        from scipy.optimize import minimize

        size = len(self.right)
        best = np.zeros(size)
        if not self.task.units:
            return best
        least, prices, ladder = self.bound(best), best, _HARDNESS
        if start is not None and len(start) == size:
            prices, ladder = np.minimum(start, self.highest), _HARDNESS[1:]
        for hardness in ladder:
            found: Any = minimize(
                self.soft,
                prices,
                args=(hardness * self.scale,),
                jac=True,
                method="L-BFGS-B",
                bounds=[(0.0, most) for most in self.highest.tolist()],
                options={"maxiter": _STEPS, "maxcor": 20},
            )
            prices = np.asarray(found.x)
            here = self.bound(prices)
            if here < least:
                best, least = prices, here
            if least <= enough:
                break
        self.last = prices
        return best

    @property
    def highest(self) -> Float64:
        """Where prices end."""
        highest = np.full(len(self.right), _HIGHEST * self.scale)
        if self.task.soft is not None:
            highest[:-1] = self.task.soft
            # No move that evens loads out may be worth more than the budget allows.
            highest[-1] += 2 * self.task.soft * float(self.work.max(initial=0.0))
        return highest

    def parts(self, prices: Float64, hardness: float) -> tuple[Float64, Float64, Float64]:
        """Return each way's part of its unit, the greatest priced gain, the sum it is of."""
        priced = self.priced(prices)
        top = priced.max(axis=1)
        part = np.exp((priced - top[:, None]) / hardness)
        total = part.sum(axis=1)
        part /= total[:, None]
        return part, top, total

    def soft(self, prices: Float64, hardness: float) -> tuple[float, Float64]:
        """Return the bound with soft maxima and its slope, a unit."""
        task, units, places = self.task, self.task.units, self.task.places
        part, top, total = self.parts(prices, hardness)
        value = float((top + hardness * np.log(total)).sum() + prices @ self.right)
        loads = (self.work[:, None] * part).ravel()
        load = np.bincount(task.to.ravel(), weights=loads, minlength=places)
        slope = self.right.copy()
        slope[:places] -= load
        slope[places : 2 * places] += load
        if self.budgeted and task.charge is not None:
            slope[-1] -= float(np.einsum("ij,ij->", part, task.charge))
        return value / units, slope / units


def _complete(dual: _Dual) -> Int64:
    """Return whole ways: clear preferences stay, the wavering units are dealt exactly."""
    task = dual.task
    if not task.units or task.gain.shape[1] == 1:
        return np.zeros(task.units, dtype=np.int64)
    way = _rounded(dual)
    two = np.partition(dual.priced(dual.last), -2, axis=1)
    margin = two[:, -1] - two[:, -2]
    # Of equal margins the smaller units first: they fit any gap.
    order = np.lexsort((task.work, margin))
    movable = order[np.isfinite(margin[order])]
    size = _CORE
    while True:
        core = np.sort(movable[:size])
        way, kept = _deal(dual, way, core)
        if kept or size >= min(len(movable), _LARGEST):
            return way
        size *= _LARGER


def _rounded(dual: _Dual) -> Int64:
    """Return whole ways whose loads are about those of the soft maximum.

    Units of no clear preference go, large ones first, where most of their kind is still to
    come; a way that takes of the budget is theirs only while there is some left.
    """
    task = dual.task
    part, _, _ = dual.parts(dual.last, _HARDNESS[-1] * dual.scale)
    way = part.argmax(axis=1).astype(np.int64)
    wavering = np.flatnonzero(part.max(axis=1) < _CLEAR)
    if not len(wavering):
        return way
    rest = np.zeros(task.places)
    np.add.at(rest, task.to[wavering], part[wavering] * task.work[wavering, None])
    left = np.inf
    if dual.budgeted and task.charge is not None:
        fixed = np.ones(task.units, dtype=np.bool_)
        fixed[wavering] = False
        left = task.most - float(task.charge[fixed, way[fixed]].sum())
    for unit in wavering[np.argsort(-task.work[wavering], kind="stable")].tolist():
        among = np.flatnonzero(part[unit] > 1 - _CLEAR)
        to = task.to[unit]
        if task.charge is not None and np.isfinite(left):
            charge = task.charge[unit]
            within = among[charge[among] <= left]
            among = within if len(within) else among[[charge[among].argmin()]]
        one = among[np.argmax(rest[to[among]])]
        way[unit] = one
        rest[to[one]] -= task.work[unit]
        left -= task.charge[unit, one] if task.charge is not None else 0.0
    return way


def _deal(dual: _Dual, way: Int64, core: Int64) -> tuple[Int64, bool]:
    """Return ways with the core dealt anew, and whether sides and budget are kept."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    task, places = dual.task, dual.task.places
    row, choice = np.nonzero(np.isfinite(task.gain[core]))
    unit = core[row]
    gain = task.gain[unit, choice]
    matrix, low, high = _programme(dual, way, core, row, choice)
    lines, arcs = matrix.shape[0], len(row)
    sides = lines - len(core)
    slack, cost = _slack(task, lines, sides, max(dual.scale, np.abs(gain).max(initial=0.0)))
    # The gap to reach is one of the whole, said as a part of the core's gain.
    whole = _CLOSE * float(np.maximum(task.gain.max(axis=1), 0.0).sum())
    part = max(1e-9, abs(float(task.gain[core].max(axis=1).sum())))
    from scipy.sparse import hstack

    free = slack.shape[1]
    most: Any = np.concatenate([np.ones(arcs), np.full(free, np.inf)])
    rows: Any = LinearConstraint(hstack([matrix, slack], format="csc"), low, high)
    with quiet():
        result: Any = milp(
            c=np.concatenate([-gain, cost]),
            integrality=np.concatenate([np.ones(arcs), np.zeros(free)]),
            bounds=Bounds(0, most),
            constraints=rows,
            options={"mip_rel_gap": min(0.5, max(whole, 1e-9) / part), "time_limit": _SECONDS},
        )
    if result.x is None:
        return way, False
    x = np.asarray(result.x)
    dealt, taken = way.copy(), x[:arcs] > 0.5
    dealt[unit[taken]] = choice[taken]
    missed = x[arcs:]
    if task.soft is not None:
        missed = missed[places:sides]
    return dealt, float(missed.max(initial=0.0)) <= 1e-7


def _programme(
    dual: _Dual, way: Int64, core: Int64, row: Int64, choice: Int64
) -> tuple[Any, Any, Any]:
    """Return the constraints of the core's ways: one way each, loads, budget."""
    from scipy.sparse import csc_array

    task, count, places, mean = dual.task, len(core), dual.task.places, dual.mean
    unit, ways = core[row], np.arange(len(row))
    fixed = np.ones(task.units, dtype=np.bool_)
    fixed[core] = False
    rest = np.flatnonzero(fixed)
    load = np.bincount(task.to[rest, way[rest]], weights=task.work[rest], minlength=places) / mean
    line, column = [row, count + task.to[unit, choice]], [ways, ways]
    data = [np.ones(len(row)), dual.work[unit]]
    low = [np.ones(count), task.low / mean - load + _ROOM]
    high = [np.ones(count), task.high / mean - load - _ROOM]
    if dual.budgeted and task.charge is not None:
        line.append(np.full(len(row), count + places))
        column.append(ways)
        data.append(task.charge[unit, choice])
        low.append(np.array([-np.inf]))
        high.append(np.array([task.most - float(task.charge[rest, way[rest]].sum())]))
    shape = (count + places + int(dual.budgeted), len(row))
    entries = (np.concatenate(line), np.concatenate(column))
    matrix = csc_array((np.concatenate(data), entries), shape=shape)
    return matrix, np.concatenate(low), np.concatenate(high)


def _slack(task: Task, lines: int, sides: int, greatest: float) -> tuple[Any, Float64]:
    """Return columns that let a side be missed, at a price: the nearest is found then."""
    from scipy.sparse import csc_array

    rows, first = np.arange(lines - sides, lines), task.places
    line = np.concatenate([rows, rows[:first]])
    sign = np.concatenate([-np.ones(sides), np.ones(first)])
    slack = csc_array((sign, (line, np.arange(len(line)))), shape=(lines, len(line)))
    cost = np.full(len(line), _DEAR * greatest if task.soft is None else task.soft)
    cost[first:sides] = _DEAREST * max(greatest, 0.0 if task.soft is None else task.soft)
    return slack, cost

"""Prices of sides and of a budget, and the bound on every assignment that they prove.

For any prices the units' best priced gains add up to a bound; the least such bound is that of
the linear programme. There are few prices and they are found by a smooth stand-in of the
bound (a soft maximum, ever harder; Nesterov, Math Program 2005;103:127).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.optimise.rebalancing import Sides

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

_HARDNESS = (0.3, 0.05, 0.005, 0.0007, 0.0001)
"""Of the soft maximum, in parts of the gain's scale."""
_STEPS = 60
_TIGHT = 2e-5
"""What is left to lower of a bound, over the bound, from which on it is tight."""
_HIGHEST = 50.0
"""Prices end here, in scales: beyond, sides or budget cannot be kept at all."""
_ROOM = 3e-6
"""Sides are drawn in by so much of a mean load, for the solver's tolerance."""
_DEAR, _DEAREST = 100.0, 1000.0
"""What a broken side and a broken budget cost, in greatest gains."""


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


def broken(task: Task, load: Float64) -> float:
    """Return by how much loads lie outside their sides, added up; 0 within rounding."""
    slack = 1e-9 * max(1.0, float(np.abs(task.work).sum()))
    over = np.maximum(load - task.high - slack, 0.0)
    return float((over + np.maximum(task.low - load - slack, 0.0)).sum())


class Dual:
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
        self.hardness = 0.0
        """Of the last soft maximum."""

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
            here = self.bound(prices)
            if here < least:
                best, least = prices, here
            if least <= enough:
                self.last, self.hardness = prices, ladder[0] * self.scale
                return best
        for part in ladder:
            hardness = part * self.scale
            found: Any = minimize(
                self.soft,
                prices,
                args=(hardness,),
                jac=True,
                method="L-BFGS-B",
                bounds=[(0.0, most) for most in self.highest.tolist()],
                options={"maxiter": _STEPS, "maxcor": 20},
            )
            prices = np.asarray(found.x)
            here = self.bound(prices)
            if here < least:
                best, least = prices, here
            self.last, self.hardness = prices, hardness
            if least <= enough or self.slack(prices, hardness) <= _TIGHT * abs(least):
                break
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

    @cached_property
    def sides(self) -> Sides:
        """Sides drawn in for the solver's tolerance, and what it costs to miss them."""
        task = self.task
        greatest = max(self.scale, float(np.abs(task.gain[np.isfinite(task.gain)]).max(initial=0)))
        room = np.minimum(_ROOM * self.mean, np.maximum(task.high - task.low, 0.0) / 2)
        load_price = _DEAR * greatest if task.soft is None else task.soft
        return Sides(
            low=task.low + room,
            high=task.high - room,
            most=task.most if self.budgeted else np.inf,
            load_price=load_price / self.mean,
            budget_price=_DEAREST * max(greatest, 0.0 if task.soft is None else task.soft),
        )

    def worth(self, way: Int64) -> float:
        """Return the gain of whole ways less what it costs to miss sides and budget."""
        every, sides = np.arange(self.task.units), self.sides
        loads, spent = self.missed_each(way)
        gain = float(self.task.gain[every, way].sum())
        return gain - sides.load_price * loads - sides.budget_price * spent

    def missed(self, way: Int64) -> float:
        """Return what is missed of all that must hold: soft sides need not."""
        loads, spent = self.missed_each(way)
        return spent if self.task.soft is not None else loads + spent

    def missed_each(self, way: Int64) -> tuple[float, float]:
        """Return by how much whole ways miss the sides, and the budget."""
        task, every = self.task, np.arange(self.task.units)
        load = np.bincount(task.to[every, way], weights=task.work, minlength=task.places)
        spent = 0.0
        if self.budgeted and task.charge is not None:
            spent = max(0.0, float(task.charge[every, way].sum()) - task.most)
        return broken(task, load.astype(np.float64)), spent

    def parts(self, prices: Float64, hardness: float) -> tuple[Float64, Float64, Float64]:
        """Return each way's part of its unit, the greatest priced gain, the sum it is of."""
        priced = self.priced(prices)
        top = priced.max(axis=1)
        part = np.exp((priced - top[:, None]) / hardness)
        total = part.sum(axis=1)
        part /= total[:, None]
        return part, top, total

    def slack(self, prices: Float64, hardness: float) -> float:
        """Return by about how much a harder soft maximum could lower the bound still."""
        part, top, _ = self.parts(prices, hardness)
        priced = np.where(part > 0, self.priced(prices), 0.0)
        return float(top.sum() - np.einsum("ij,ij->", part, priced))

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

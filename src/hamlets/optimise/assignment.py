"""Units given to places: most gain, each place's load between two sides, one budget.

The sides and the budget are priced (module ``pricing``); the prices prove a bound and lead to
whole ways that keep sides and budget to the letter (module ``completing``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hamlets.optimise.completing import complete
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.pricing import Dual, Task, broken, every_place

__all__ = ["Assigned", "Task", "assign", "bound_of", "every_place"]

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

_SPARE = 0.003
"""Room over the least charge, for whole units."""


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


def assign(task: Task, start: Float64 | None = None, deadline: Deadline | None = None) -> Assigned:
    """Return the best assignment found and a bound on every assignment.

    Where sides or budget cannot be kept, ``broken`` and ``overspent`` are as small as could
    be found. After the ``deadline`` the search for whole ways is a short one. Raises
    ValueError where a unit has no allowed way.
    """
    if task.units and not np.isfinite(task.gain.max(axis=1)).all():
        raise ValueError("a unit has no place that it may go to")
    dual = Dual(task)
    prices = dual.lowest(start)
    asked = task.most
    if task.charge is not None and prices[-1] > dual.highest[-1] / 2:
        least = _least_charge(task, task.charge)
        if least > task.most:
            # No assignment keeps the budget: the nearest is one of about the least charge.
            task = replace(task, most=least * (1 + _SPARE) + 1)
            dual = Dual(task)
            prices = dual.lowest(None)
    way = complete(dual, deadline or Deadline(np.inf))
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
        broken=broken(task, load),
        overspent=max(0.0, spent - asked),
        price=float(prices[-1]),
        prices=prices,
    )


def _least_charge(task: Task, charge: Float64) -> float:
    """Return a charge that no assignment within the sides goes below."""
    gain = np.where(np.isfinite(task.gain), -charge, -np.inf)
    if task.soft is not None:
        return float(-gain.max(axis=1).sum())
    dual = Dual(replace(task, gain=gain, charge=None, most=np.inf))
    return -dual.bound(dual.lowest(None))


def bound_of(
    task: Task, start: Float64 | None = None, enough: float = -np.inf
) -> tuple[float, Float64]:
    """Return what no assignment of a task can exceed, and the prices that prove it.

    A bound of at most ``enough`` is not lowered further.
    """
    dual = Dual(task)
    prices = dual.lowest(start, enough)
    return dual.bound(prices), prices

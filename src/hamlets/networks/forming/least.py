"""The least tolerance of the population band with which networks can be formed at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hamlets.networks.forming.growing import annealed
from hamlets.networks.forming.solving import chosen_of
from hamlets.networks.forming.subsets import Subsets, possible_networks
from hamlets.networks.forming.task import Task
from hamlets.optimise.deadline import Deadline

_LISTED = 1_500_000
_STEP = 1.25


@dataclass(frozen=True)
class Least:
    """A share of the mean population. ``proven``: no smaller one works."""

    tolerance: float
    proven: bool
    below: float = 0.0
    """No tolerance below this works."""

    @property
    def percent(self) -> float:
        """In per cent, rounded up to two decimals, so that it works as it is printed."""
        return math.ceil(self.tolerance * 10_000 - 1e-7) / 100


def least_tolerance(task: Task, deadline: Deadline) -> Least | None:
    """Return the least tolerance that works for a task; None where none was found.

    Where the possible networks can be listed it is exact: their populations are the only
    tolerances there are, and each is proven to work or not.
    """
    if task.networks > task.count:
        return None
    floor = max(0.0, float(task.size.max()) / task.mean - 1)
    exact = _listed(task, floor, deadline.within(0.7 * deadline.left()))
    return exact if exact is not None else _searched(task, floor, deadline)


def _listed(task: Task, floor: float, deadline: Deadline) -> Least | None:
    none = floor
    at = max(floor, 0.02)
    while not deadline.over():
        subsets = possible_networks(task.with_tolerance(at), _LISTED)
        if subsets is None:
            return None
        off = _off(task, subsets)
        found = _even(task, subsets, off, deadline)
        if found is not None:
            return _narrowed(task, subsets, off, none, found, deadline)
        if deadline.over():
            return None
        if at >= _widest(task):
            return None
        none = at
        at = min(at * _STEP + 0.01, _widest(task))
    return None


def _widest(task: Task) -> float:
    """Return a tolerance that leaves no network out: from nobody to everybody."""
    return max(1.0, task.networks - 1.0) + 1e-9


def _off(task: Task, subsets: Subsets) -> np.ndarray:
    """Return by what share each network's population is off the mean."""
    return np.abs(subsets.population / task.mean - 1)


def _even(task: Task, subsets: Subsets, off: np.ndarray, deadline: Deadline) -> float | None:
    """Return how far the evenest networks found are off; None where there are none.

    Squares are added up, which makes the greatest small; it need not be the smallest.
    """
    scaled = replace(subsets, cost=(off / max(1e-9, float(off.max(initial=0.0)))) ** 2)
    found = chosen_of(task, scaled, deadline)
    return float(off[found.chosen].max()) if len(found.chosen) else None


def _narrowed(
    task: Task, subsets: Subsets, off: np.ndarray, none: float, works: float, deadline: Deadline
) -> Least:
    """Return the least of the populations' own tolerances that works, by halving."""
    margin = 1e-12
    while not deadline.over():
        between = np.unique(off[(off > none + margin) & (off < works - margin)])
        # what works must be the tolerance of some network
        if not len(between):
            return Least(works, True, works)
        middle = float(between[(len(between) - 1) // 2])
        rows = np.flatnonzero(off <= middle + margin)
        found = _even(task, subsets.take(rows), off[rows], deadline)
        if found is None:
            if deadline.over():
                break
            none = middle
        else:
            works = found
    return Least(works, False, none)


def _searched(task: Task, floor: float, deadline: Deadline) -> Least | None:
    """Return a tolerance at which small moves find networks: the least where it is the floor's."""
    works: float | None = None
    below, at = floor, floor + 1e-9
    for _ in range(14):
        found = annealed(task.with_tolerance(at), deadline, effort=0.5)
        if not found.broken:
            people = np.bincount(found.place, weights=task.size)
            works = float(np.abs(people / task.mean - 1).max())
            if works <= floor + 2e-9:
                return Least(works, True, floor)
        else:
            below = at
        if deadline.over() or (works is not None and works - below < 0.002):
            break
        at = (below + works) / 2 if works is not None else at * _STEP + 0.02
        if at > _widest(task):
            break
    return None if works is None else Least(works, False, floor)

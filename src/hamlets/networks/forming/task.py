"""What is to be formed: practices as numbers, and the rules that hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

Objective = Literal["travel", "flow"]
Group = tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """Units to share out among networks: practices, or groups that must stay together.

    Units are numbered 0 to n - 1, practices 0 to m - 1; ``owner`` gives a practice's unit.
    """

    size: Int64
    """Patients of each unit."""
    weighted: Float64
    """n x m: patient-km of a unit to each practice, were that its network's middle."""
    owner: Int64
    """m: the unit of each practice."""
    adjacent: Bools
    """n x n."""
    networks: int
    low: float
    """Fewest patients of a network."""
    high: float
    apart: tuple[tuple[int, int], ...] = ()
    """Pairs of units that must not be in one network."""
    flow: Float64 | None = None
    """Patients whom each two units share (n x n, symmetric; on the diagonal those within a
    unit): to be kept. None: travel is to be least."""

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.size)

    @cached_property
    def total(self) -> int:
        """All patients."""
        return int(self.size.sum())

    @property
    def mean(self) -> float:
        """Patients of a network if all were the same."""
        return self.total / self.networks

    @property
    def slack(self) -> float:
        """What the ends of the band may be passed by: rounding, no patient."""
        return 1e-9 * max(1.0, self.total)

    @cached_property
    def practices_of(self) -> tuple[Int64, ...]:
        """The practices of each unit."""
        return tuple(np.flatnonzero(self.owner == unit) for unit in range(self.count))

    def within(self, population: Int64 | Float64) -> Bools:
        """Return which populations keep the band."""
        return (population >= self.low - self.slack) & (population <= self.high + self.slack)

    def with_tolerance(self, share: float) -> Task:
        """Return the task with the band mean x (1 +- share)."""
        return replace(self, low=self.mean * (1 - share), high=self.mean * (1 + share))

    def part(self, units: Sequence[int], networks: int) -> Task:
        """Return the task of some units alone, in as many networks; the band stays."""
        chosen = np.asarray(units, dtype=np.int64)
        place = np.full(self.count, -1, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        practices = np.flatnonzero(place[self.owner] >= 0)
        return Task(
            self.size[chosen],
            self.weighted[np.ix_(chosen, practices)],
            place[self.owner[practices]],
            self.adjacent[np.ix_(chosen, chosen)],
            networks,
            self.low,
            self.high,
            tuple(
                (int(place[a]), int(place[b]))
                for a, b in self.apart
                if place[a] >= 0 and place[b] >= 0
            ),
            None if self.flow is None else self.flow[np.ix_(chosen, chosen)],
        )


def make_task(
    size: Int64,
    km: Float64,
    adjacent: Bools,
    networks: int,
    band: tuple[float, float],
    together: Sequence[Group] = (),
    apart: Sequence[tuple[int, int]] = (),
    flow: Float64 | None = None,
) -> Task:
    """Return the task of practices: ``size`` patients each, ``km`` from row to column.

    Practices of a group in ``together`` become one unit, and so neighbours of each other.
    Groups are disjoint; no pair of ``apart`` lies within one.
    """
    owner = np.full(len(size), -1, dtype=np.int64)
    for group in together:
        owner[list(group)] = min(group)
    owner = np.where(owner < 0, np.arange(len(size)), owner)
    _, owner = np.unique(owner, return_inverse=True)
    belongs = np.zeros((int(owner.max()) + 1, len(size)))
    belongs[owner, np.arange(len(size))] = 1.0
    near = (belongs @ adjacent @ belongs.T) > 0
    np.fill_diagonal(near, False)
    # sums in the order of the practices: the same digits whatever the grouping
    travel = np.zeros((len(belongs), len(size)))
    np.add.at(travel, owner, size[:, None] * km)
    return Task(
        np.bincount(owner, weights=size).astype(np.int64),
        travel,
        owner.astype(np.int64),
        near,
        networks,
        *band,
        tuple(sorted({(min(owner[a], owner[b]), max(owner[a], owner[b])) for a, b in apart})),
        None if flow is None else belongs @ flow @ belongs.T / (1 + np.eye(len(belongs))),
    )


def medoid_of(task: Task, units: Sequence[int]) -> tuple[int, float]:
    """Return the practice of a network to which travel is least, and that travel.

    Travel: patients x km to it. Ties: the first in order.
    """
    rows = np.asarray(units, dtype=np.int64)
    practices = np.sort(np.concatenate([task.practices_of[unit] for unit in units]))
    travel = task.weighted[np.ix_(rows, practices)].sum(axis=0)
    best = int(travel.argmin())
    return int(practices[best]), float(travel[best])


def kept_flow(task: Task, units: Sequence[int]) -> float:
    """Return the patient flow between practices of one network."""
    if task.flow is None:
        return 0.0
    rows = np.asarray(units, dtype=np.int64)
    inside = task.flow[np.ix_(rows, rows)]
    return float((inside.sum() + np.trace(inside)) / 2)


def cost_of(task: Task, units: Sequence[int]) -> float:
    """Return what a network costs: its travel, or less its flow."""
    return medoid_of(task, units)[1] if task.flow is None else -kept_flow(task, units)


def connected(task: Task, units: Sequence[int]) -> bool:
    """Return whether units form one piece of the neighbour graph."""
    if not len(units):
        return False
    inside = np.zeros(task.count, np.bool_)
    inside[list(units)] = True
    seen = np.zeros(task.count, np.bool_)
    front = np.zeros(task.count, np.bool_)
    front[units[0]] = True
    while front.any():
        seen |= front
        front = task.adjacent[front].any(axis=0) & inside & ~seen
    return bool((seen == inside).all())


def keeps_rules(task: Task, units: Sequence[int]) -> bool:
    """Return whether a network keeps the band, is in one piece, and parts whom it must."""
    mine = set(units)
    if not bool(task.within(task.size[list(units)].sum())):
        return False
    if any(a in mine and b in mine for a, b in task.apart):
        return False
    return connected(task, units)

"""A first sharing-out, and the best that small moves make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hamlets.networks.forming.task import Float64, Int64, Task, cost_of
from hamlets.optimise.deadline import Deadline

_STEPS_EACH = 20_000
"""Moves tried for each unit, all starts together."""
_STEPS_EACH_OF_MANY = 160_000
_MOST_STEPS = 170_000_000
"""About a minute."""
_MANY = 250
"""Of so many units one long start comes further than several."""
_STARTS = 4
_FIRST, _LAST = 0.4, 0.002
"""Temperatures, in parts of a unit's usual cost."""


@dataclass(frozen=True)
class Sharing:
    """Units shared out among networks: the network of each, and what that costs."""

    place: Int64
    cost: float
    broken: float
    """By how many patients the band is missed, all networks together; 0 = it is kept."""

    def networks(self) -> list[list[int]]:
        """Return the units of each network."""
        return [np.flatnonzero(self.place == k).tolist() for k in range(int(self.place.max()) + 1)]


def annealed(task: Task, deadline: Deadline, seed: int = 1, effort: float = 1.0) -> Sharing:
    """Return the best sharing-out of some annealed starts; ``broken`` says if it is one.

    The same task and seed give the same answer while time is left.
    """
    many = task.count > _MANY
    starts = 1 if many else _STARTS
    steps = task.count * (_STEPS_EACH_OF_MANY if many else _STEPS_EACH) * effort
    best: Sharing | None = None
    for start in range(starts):
        if best is not None and deadline.over():
            break
        place = grown(task, seed * 1_000 + start)
        found = improved(task, place, seed * 1_000 + start, int(min(steps, _MOST_STEPS) / starts))
        if best is None or (found.broken, found.cost) < (best.broken, best.cost):
            best = found
    if best is None:
        raise AssertionError("no start was tried")
    return best


def grown(task: Task, seed: int) -> Int64:
    """Return networks grown around spread-out middles, the smallest always next."""
    random = np.random.default_rng(seed)
    away = _away(task)
    middles = _spread(task, away, random)
    place = np.full(task.count, -1, dtype=np.int64)
    place[middles] = np.arange(task.networks)
    people = task.size[middles].astype(np.float64)
    stuck = np.zeros(task.networks, np.bool_)
    while (place < 0).any():
        mine = int(np.where(stuck, np.inf, people).argmin())
        reach = task.adjacent[place == mine].any(axis=0) & (place < 0)
        if not reach.any():
            stuck[mine] = True
            if stuck.all():
                raise ValueError("the neighbour graph is not connected")
            continue
        rows = np.flatnonzero(reach)
        new = int(rows[away[rows, middles[mine]].argmin()])
        place[new] = mine
        people[mine] += task.size[new]
    return place


def _away(task: Task) -> Float64:
    """Return km between units: of their patients to the other's first practice."""
    first = np.array([mine[0] for mine in task.practices_of])
    return task.weighted[:, first] / np.maximum(task.size, 1)[:, None]


def _spread(task: Task, away: Float64, random: np.random.Generator) -> Int64:
    """Return middles far from each other where the patients are (k-means++)."""
    chosen = [int(random.choice(task.count, p=task.size / task.total))]
    while len(chosen) < task.networks:
        nearest = away[:, chosen].min(axis=1)
        chance = task.size * nearest
        chance[chosen] = 0.0
        if chance.sum() <= 0:
            chance = np.ones(task.count)
            chance[chosen] = 0.0
        chosen.append(int(random.choice(task.count, p=chance / chance.sum())))
    return np.array(chosen, dtype=np.int64)


def improved(task: Task, place: Int64, seed: int, steps: int) -> Sharing:
    """Return a sharing-out after annealing: connected networks in, connected networks out."""
    from hamlets.networks.forming.moves import anneal

    first, near = neighbours_in_rows(task)
    flows = task.flow is not None
    usual = _usual_cost(task)
    most = max(len(mine) for mine in task.practices_of)
    middles = np.full((task.count, most), -1, dtype=np.int64)
    for unit, mine in enumerate(task.practices_of):
        middles[unit, : len(mine)] = mine
    best, answer = place.copy(), np.zeros(2)
    anneal(
        place.copy(),
        task.networks,
        task.size,
        np.ascontiguousarray(task.weighted),
        np.ascontiguousarray(task.flow if task.flow is not None else np.zeros((1, 1))),
        middles,
        first,
        near,
        np.array(task.apart, dtype=np.int64).reshape(-1, 2),
        np.array([task.low, task.high, task.mean, 4.0 * usual / max(1.0, task.total / task.count)]),
        np.array([_FIRST * usual, _LAST * usual]),
        max(1, steps),
        seed,
        flows,
        best,
        answer,
    )
    networks = [np.flatnonzero(best == k).tolist() for k in range(task.networks)]
    return Sharing(best, sum(cost_of(task, mine) for mine in networks), float(answer[1]))


def _usual_cost(task: Task) -> float:
    """Return about what one unit costs, for temperatures and prices."""
    if task.flow is not None:
        return max(1e-9, float(task.flow.sum()) / 2 / task.count)
    away = np.sort(_away(task), axis=1)
    close = min(task.count - 1, max(1, task.count // task.networks))
    return max(1e-9, float((away[:, close] * task.size).mean()))


def neighbours_in_rows(task: Task) -> tuple[Int64, Int64]:
    """Return the neighbour graph as rows: where each unit's neighbours begin, and they."""
    counts = task.adjacent.sum(axis=1)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return first, np.nonzero(task.adjacent)[1].astype(np.int64)


def sharing_of(task: Task, networks: Sequence[Sequence[int]]) -> Sharing:
    """Return networks that are known already as a sharing-out."""
    place = np.empty(task.count, dtype=np.int64)
    people: list[float] = []
    for number, mine in enumerate(networks):
        place[list(mine)] = number
        people.append(float(task.size[list(mine)].sum()))
    missed = sum(max(0.0, task.low - each) + max(0.0, each - task.high) for each in people)
    cost = sum(cost_of(task, mine) for mine in networks)
    return Sharing(place, cost, missed if missed > task.slack * len(people) else 0.0)

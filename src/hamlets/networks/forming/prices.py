"""Prices of units, and the least travel of any networks that they prove.

At given prices each practice, as the middle of a network, takes the units that are worth more
than their travel, within the band; the dearest networks of all middles, as many as there are
networks, prove a bound. Connectedness is left aside and one unit of each may be taken in part,
so the bound holds for every sharing-out. Prices are moved along what is taken too often or too
seldom (Held, Wolfe & Crowder, Math Program 1974;6:62).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.networks.forming.task import Float64, Int64, Task
from hamlets.optimise.deadline import Deadline

_ROUNDS = 400
_PATIENCE = 12
_NEAREST = 150
"""Units that a middle looks at while prices are moved; at the end it looks at all."""


@dataclass(frozen=True)
class Worths:
    """What each middle's network is worth at most at some prices."""

    value: Float64
    """-inf where its own unit has too many patients."""
    per_patient: Float64
    """The price of room for a patient: above 0 where the band's top holds, below 0 its foot."""
    room: Float64
    """Patients that the network has."""

    def bound(self, prices: Float64, networks: int) -> float:
        """Return the least travel that the prices prove."""
        return float(prices.sum() - np.sort(self.value)[-networks:].sum())


class Middles:
    """The networks around every practice, at any prices; ``nearest`` units each, or all."""

    def __init__(self, task: Task, nearest: int | None = None) -> None:
        self.task = task
        self.km = (task.weighted / task.size[:, None]).T
        """m x n."""
        count = task.count if nearest is None else min(nearest, task.count)
        self.units = np.argsort(self.km, axis=1, kind="stable")[:, :count]
        rows = np.arange(len(task.owner))
        self.own = self.units == task.owner[:, None]
        # a practice of a group may lie far from the others of it
        lost = ~self.own.any(axis=1)
        self.units[lost, -1] = task.owner[lost]
        self.own = self.units == task.owner[:, None]
        self.near_km = self.km[rows[:, None], self.units]
        self.size = task.size[self.units].astype(np.float64)

    def order(self, prices: Float64, rows: Int64 | slice) -> tuple[Float64, Int64]:
        """Return cost per patient less price, and the order in which units are taken."""
        per_patient = prices / self.task.size
        ratio = self.near_km[rows] - per_patient[self.units[rows]]
        keys = np.where(self.own[rows], -np.inf, ratio)
        return ratio, np.argsort(keys, axis=1, kind="stable")

    def worths(self, prices: Float64) -> Worths:
        """Return what each middle's network is worth."""
        rows = slice(None)
        ratio, order = self.order(prices, rows)
        taken, _, room, last = self.taken(ratio, order, rows)
        ordered = np.take_along_axis(ratio, order, 1)
        size = np.take_along_axis(self.size, order, 1)
        value = -(ordered * size * taken).sum(axis=1)
        own = self.task.size[self.task.owner]
        value[own > self.task.high + self.task.slack] = -np.inf
        return Worths(value, -last, room)

    def taken(
        self, ratio: Float64, order: Int64, rows: Int64 | slice
    ) -> tuple[Float64, Float64, Float64, Float64]:
        """Return the part of each unit that is taken, in order, with the room and the last ratio.

        The last ratio is 0 where neither end of the band holds.
        """
        task = self.task
        ordered = np.take_along_axis(ratio, order, 1)
        size = np.take_along_axis(self.size[rows], order, 1)
        after = np.cumsum(size, axis=1)
        wanted = (size * (ordered < 0)).sum(axis=1)
        own = size[:, 0]
        # the own unit stays, wanted or not
        wanted = np.where(ordered[:, 0] < 0, wanted, wanted + own)
        room = np.clip(wanted, task.low, task.high)
        part = np.clip((room[:, None] - (after - size)) / size, 0.0, 1.0)
        edge = np.minimum((after < room[:, None]).sum(axis=1), size.shape[1] - 1)
        last = ordered[np.arange(len(ordered)), edge]
        bound_by = np.where(wanted > room, np.minimum(last, 0.0), np.maximum(last, 0.0))
        last = np.where(wanted == room, 0.0, bound_by)
        return part, size, room, last

    def counts(self, prices: Float64, chosen: Int64) -> Float64:
        """Return how often each unit is taken by some middles."""
        ratio, order = self.order(prices, chosen)
        part, _, _, _ = self.taken(ratio, order, chosen)
        units = np.take_along_axis(self.units[chosen], order, 1)
        found = np.zeros(self.task.count)
        np.add.at(found, units.ravel(), part.ravel())
        return found


def first_prices(task: Task, networks: list[list[int]]) -> Float64:
    """Return prices to begin with: what each unit costs in networks that are known."""
    from hamlets.networks.forming.task import medoid_of

    prices = np.zeros(task.count)
    for mine in networks:
        middle, _ = medoid_of(task, mine)
        prices[mine] = task.weighted[mine, middle]
    return prices + task.size * (prices.sum() / task.total)


def best_prices(task: Task, start: Float64, target: float, deadline: Deadline) -> Float64:
    """Return prices of a high bound. ``target``: the travel of networks that are known."""
    middles = Middles(task, _NEAREST)
    prices, best, best_bound = start.copy(), start.copy(), -np.inf
    step, since = 1.0, 0
    drift = np.zeros(task.count)
    for _ in range(_ROUNDS):
        worths = middles.worths(prices)
        bound = worths.bound(prices, task.networks)
        if bound > best_bound + 1e-7 * abs(target):
            best, best_bound, since = prices.copy(), bound, 0
        else:
            since += 1
            if since >= _PATIENCE:
                step, since, prices = step / 2, 0, best.copy()
                drift[:] = 0.0
                if step < 1e-3:
                    break
                continue
        if deadline.over():
            break
        chosen = np.argsort(-worths.value, kind="stable")[: task.networks]
        slope = 1.0 - middles.counts(prices, chosen)
        drift = slope + 0.6 * drift
        length = float((drift**2).sum())
        if length < 1e-12:
            break
        prices = prices + step * max(target - bound, 1e-4 * abs(target)) / length * drift
    return best

"""What could be changed: two networks made one, or one made two, and what each costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hamlets.networks.forming.subsets import possible_networks
from hamlets.networks.forming.task import Task, kept_flow, medoid_of

_MOST = 60_000
_WIDEST = 62
"""Units whose sets fit into one whole number."""


@dataclass(frozen=True)
class Change:
    """Networks by number, the units of what becomes of them, and the change of travel."""

    networks: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]
    travel_km: float
    flow: float

    @property
    def merger(self) -> bool:
        """Whether two networks become one."""
        return len(self.parts) == 1


def mergers(task: Task, networks: Sequence[Sequence[int]]) -> list[Change]:
    """Return every merger of two networks next to each other, the cheapest first."""
    found: list[Change] = []
    travel = [medoid_of(task, mine)[1] for mine in networks]
    flow = [kept_flow(task, mine) for mine in networks]
    for a in range(len(networks)):
        for b in range(a):
            if not task.adjacent[np.ix_(list(networks[a]), list(networks[b]))].any():
                continue
            units = tuple(sorted((*networks[a], *networks[b])))
            if any(x in units and y in units for x, y in task.apart):
                continue
            found.append(
                Change(
                    (b, a),
                    (units,),
                    medoid_of(task, units)[1] - travel[a] - travel[b],
                    kept_flow(task, units) - flow[a] - flow[b],
                )
            )
    return _cheapest(task, found)


def splits(task: Task, networks: Sequence[Sequence[int]]) -> list[Change]:
    """Return the best split of each network in two connected halves, the best first.

    A half has a third of the patients at least. A network of so many practices that its
    splits cannot be listed has none.
    """
    found = [
        change for number, mine in enumerate(networks) for change in _split(task, number, mine)
    ]
    return _cheapest(task, found)


def _split(task: Task, number: int, mine: Sequence[int]) -> Iterator[Change]:
    if not 2 <= len(mine) <= _WIDEST:
        return
    units = sorted(mine)
    part = task.part(units, 2)
    part = replace(part, low=part.total / 3, high=part.total * 2 / 3, apart=())
    subsets = possible_networks(part, _MOST)
    if subsets is None or not subsets.count:
        return
    members = subsets.columns.members
    # a half is known by the units that it has: the other half must be among the sets too
    bits = np.where(members >= 0, 1 << np.maximum(members, 0).astype(np.int64), 0).sum(axis=1)
    row_of = {int(bit): row for row, bit in enumerate(bits.tolist())}
    whole = (1 << len(units)) - 1
    best: tuple[float, int, int] | None = None
    for row, bit in enumerate(bits.tolist()):
        other = row_of.get(whole ^ int(bit))
        if other is None or other < row:
            continue
        cost = float(subsets.cost[row] + subsets.cost[other])
        if best is None or cost < best[0]:
            best = cost, row, other
    if best is None:
        return
    halves = tuple(
        tuple(sorted(units[at] for at in subsets.members(row))) for row in (best[1], best[2])
    )
    yield Change(
        (number,),
        tuple(sorted(halves)),
        sum(medoid_of(task, half)[1] for half in halves) - medoid_of(task, units)[1],
        sum(kept_flow(task, half) for half in halves) - kept_flow(task, units),
    )


def _cheapest(task: Task, changes: list[Change]) -> list[Change]:
    def key(change: Change) -> tuple[float, tuple[int, ...]]:
        return (change.travel_km if task.flow is None else -change.flow), change.networks

    return sorted(changes, key=key)

"""Improving a sharing-out by solving a few networks next to each other exactly, in turn."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from hamlets.networks.forming.growing import Sharing, sharing_of
from hamlets.networks.forming.subsets import possible_networks
from hamlets.networks.forming.task import Int64, Task, cost_of
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import best_partition
from hamlets.optimise.sets import Limit

_MOST = 60_000
"""Possible networks of a neighbourhood: more are not worth the wait."""
_SECONDS = 4.0


def resolved(task: Task, start: Sharing, deadline: Deadline) -> tuple[Sharing, list[list[int]]]:
    """Return a sharing-out that no neighbourhood looked at can improve, or the best in time.

    Also the networks met on the way: good ones, to begin column generation with.
    """
    networks = start.networks()
    met = [list(mine) for mine in networks]
    waiting = list(range(len(networks)))
    while waiting and not deadline.over():
        middle = waiting.pop(0)
        for many in (5, 4, 3):
            group = _around(task, networks, middle, many)
            found = _solved(task, [networks[k] for k in group], deadline)
            if found is not None:
                break
        else:
            continue
        if _cost(task, found) < _cost(task, (networks[k] for k in group)) * (1 - 1e-9) - 1e-9:
            for k, mine in zip(group, found, strict=True):
                networks[k] = mine
            met += found
            waiting += [k for k in group if k not in waiting]
    return sharing_of(task, networks), met


def _cost(task: Task, networks: Iterable[list[int]]) -> float:
    return sum(cost_of(task, mine) for mine in networks)


def _around(task: Task, networks: list[list[int]], middle: int, many: int) -> list[int]:
    """Return a network and those next to it, the ones with most links first."""
    group = [middle]
    while len(group) < min(many, len(networks)):
        inside = [unit for k in group for unit in networks[k]]
        edges = task.adjacent[inside].sum(axis=0)
        links = [-1 if k in group else int(edges[mine].sum()) for k, mine in enumerate(networks)]
        best = int(np.argmax(links))
        if links[best] <= 0:
            break
        group.append(best)
    return group


def _solved(task: Task, networks: list[list[int]], deadline: Deadline) -> list[list[int]] | None:
    """Return the best networks of some units; None where there are too many possible ones."""
    units = sorted(unit for mine in networks for unit in mine)
    part = task.part(units, len(networks))
    subsets = possible_networks(part, _MOST)
    if subsets is None:
        return None
    place = {unit: at for at, unit in enumerate(units)}
    start = _rows_of(subsets.columns.members, [[place[u] for u in mine] for mine in networks])
    found = best_partition(
        subsets.columns,
        -subsets.cost,
        limits=[Limit(len(networks), len(networks))],
        deadline=deadline.within(_SECONDS),
        start=start,
    )
    if not len(found.chosen):
        return networks
    return [[units[at] for at in subsets.members(int(row))] for row in found.chosen]


def _rows_of(members: npt.NDArray[np.int16], networks: list[list[int]]) -> Int64 | None:
    """Return the rows of some sets; None where one is not among them."""
    found: list[int] = []
    ordered = np.sort(members, axis=1)
    for mine in networks:
        if len(mine) > members.shape[1]:
            return None
        wanted = np.full(members.shape[1], -1, dtype=members.dtype)
        wanted[members.shape[1] - len(mine) :] = sorted(mine)
        rows = np.flatnonzero((ordered == wanted).all(axis=1))
        if not len(rows):
            return None
        found.append(int(rows[0]))
    return np.array(found, dtype=np.int64)

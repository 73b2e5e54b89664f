"""Units sent from sources to sinks, the sink served least first, then at least cost: exact.

Each unit goes by the cheapest way that is left to the sink whose share of its need is
smallest. Shares that fall short are a sum of costs of another order of magnitude, so this is
one flow of least cost in an ordered group (successive shortest ways: Ahuja, Magnanti & Orlin
1993, 9.7), and its end is the lexicographic maximum of the sorted shares. Shares are compared
as fractions and costs added as whole numbers: nothing is rounded anywhere.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil


@dataclass(frozen=True)
class Way:
    """That units may go from a source to a sink, and what each of them costs (0 or more)."""

    source: int
    sink: int
    cost: int


@dataclass(frozen=True)
class Task:
    """What there is, what is needed, and the ways in the order in which ties are settled.

    Sources of one ``block`` may serve one sink only; an owner's sources may be used in at most
    ``most`` of their blocks. A source without block and owner is free of both rules.
    """

    units: tuple[int, ...]
    need: tuple[Fraction, ...]
    """Above 0. A sink is never given more units than its need, rounded up."""
    ways: tuple[Way, ...]
    block: tuple[int | None, ...] = ()
    owner: tuple[int | None, ...] = ()
    most: tuple[int, ...] = ()

    def block_of(self, source: int) -> int | None:
        """Return the block of a source."""
        return self.block[source] if self.block else None

    def owner_of(self, source: int) -> int | None:
        """Return the owner of a source."""
        return self.owner[source] if self.owner else None


def shares(task: Task, flow: Sequence[int]) -> tuple[Fraction, ...]:
    """Return what part of its need each sink is given, at most 1."""
    given = [0] * len(task.need)
    for way, units in zip(task.ways, flow, strict=True):
        given[way.sink] += units
    return tuple(
        min(Fraction(1), units / need) for units, need in zip(given, task.need, strict=True)
    )


def prices(task: Task) -> tuple[int, ...]:
    """Return what a unit costs on each way, ties included: of two flows no sum is equal.

    Of flows that cost the same, the one is cheaper that sends more on the first way on which
    they differ: each way takes off a power of a base that no flow reaches.
    """
    base = max((*task.units, 1)) + 1
    scale = base ** len(task.ways)
    found: list[int] = []
    off = scale
    for way in task.ways:
        off //= base
        found.append(way.cost * scale - off)
    return tuple(found)


def fair_flow(task: Task, price: Sequence[int], room: Sequence[int]) -> list[int]:
    """Return the units on each way: fairest, then cheapest by ``price``.

    An owner's sources send at most ``room`` units together. Blocks are not looked at.
    """
    net = _Net(task, price, room)
    # beyond all that there is, a need has no step to take
    there_is = sum(task.units)
    steps = [_steps(need, there_is) for need in task.need]
    given = [0] * len(task.need)
    while True:
        far, came = net.distances()
        ends = [
            (steps[sink][given[sink]], far[sink], sink)
            for sink in range(len(given))
            if far[sink] is not None and given[sink] < len(steps[sink])
        ]
        if not ends:
            return net.flow(len(task.ways))
        sink = min(ends)[2]
        net.send(sink, came)
        given[sink] += 1


def _steps(need: Fraction, most: int) -> list[tuple[Fraction, Fraction]]:
    """Return of each unit the share before it, and the share after it with its sign turned.

    The smaller pair is the more urgent: lowest share first, then the one that is lifted more.
    """
    last = min(ceil(need), most)
    found = [min(Fraction(1), Fraction(k) / need) for k in range(last + 1)]
    return [(before, -after) for before, after in pairwise(found)]


class _Net:
    """Ways with room left, and ways back; distances by reduced costs, which are never negative."""

    def __init__(self, task: Task, price: Sequence[int], room: Sequence[int]) -> None:
        sinks, sources = len(task.need), len(task.units)
        owners, root = sinks + sources, sinks + sources + len(room)
        self._root = root
        self._to: list[int] = []
        self._room: list[int] = []
        self._cost: list[int] = []
        self._out: list[list[int]] = [[] for _ in range(root + 1)]
        self._far: list[int] = [0] * (root + 1)
        # Every unit goes one way net, so a constant on each way changes no comparison.
        lift = -min((0, *price))
        for number, way in enumerate(task.ways):
            self._add(sinks + way.source, way.sink, task.units[way.source], price[number] + lift)
        for number, most in enumerate(room):
            self._add(root, owners + number, most, 0)
        for source, units in enumerate(task.units):
            owner = task.owner_of(source)
            self._add(root if owner is None else owners + owner, sinks + source, units, 0)

    def _add(self, tail: int, head: int, room: int, cost: int) -> None:
        for start, end, free, price in ((tail, head, room, cost), (head, tail, 0, -cost)):
            self._out[start].append(len(self._to))
            self._to.append(end)
            self._room.append(free)
            self._cost.append(price)

    def distances(self) -> tuple[list[int | None], list[int]]:
        """Return how far each node is from the root (None = cut off), and the arc it is reached by.

        Afterwards the distances are the potentials of the next search.
        """
        nodes = len(self._out)
        reduced: list[int | None] = [None] * nodes
        came = [-1] * nodes
        settled = [False] * nodes
        reduced[self._root] = 0
        waiting = [(0, self._root)]
        while waiting:
            now, node = heapq.heappop(waiting)
            if settled[node]:
                continue
            settled[node] = True
            base = now + self._far[node]
            for arc in self._out[node]:
                end = self._to[arc]
                if self._room[arc] == 0 or settled[end]:
                    continue
                far = base + self._cost[arc] - self._far[end]
                best = reduced[end]
                if best is None or far < best:
                    reduced[end], came[end] = far, arc
                    heapq.heappush(waiting, (far, end))
        found: list[int | None] = [None] * nodes
        for node, far in enumerate(reduced):
            if far is not None:
                # a node that is cut off stays so: new arcs join only nodes that were reached
                self._far[node] += far
                found[node] = self._far[node]
        return found, came

    def send(self, sink: int, came: Sequence[int]) -> None:
        """Send one unit from the root to a sink, by the arcs that the nodes were reached by."""
        node = sink
        while node != self._root:
            arc = came[node]
            self._room[arc] -= 1
            self._room[arc ^ 1] += 1
            node = self._to[arc ^ 1]

    def flow(self, ways: int) -> list[int]:
        """Return the units on each way."""
        return [self._room[2 * number + 1] for number in range(ways)]

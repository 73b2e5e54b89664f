"""Sharing out units by trying everything: the slow twin of ``hamlets.optimise.fairest``.

Written from the definition (Networks 10): the lexicographic maximum of the sorted shares of
need that are met, then the least cost, then the lowest ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import ceil

from hamlets.optimise.fairest import Task


def every_flow(task: Task) -> Iterator[tuple[int, ...]]:
    """Yield every flow that keeps the rules."""
    for flow in product(*(range(task.units[way.source] + 1) for way in task.ways)):
        if allowed(task, flow):
            yield flow


def allowed(task: Task, flow: tuple[int, ...]) -> bool:
    for source, units in enumerate(task.units):
        if sum(f for f, w in zip(flow, task.ways, strict=True) if w.source == source) > units:
            return False
    for sink, need in enumerate(task.need):
        if sum(f for f, w in zip(flow, task.ways, strict=True) if w.sink == sink) > ceil(need):
            return False
    serves: dict[int, set[int]] = {}
    works: dict[int, set[int]] = {}
    for units, way in zip(flow, task.ways, strict=True):
        block = task.block[way.source] if task.block else None
        owner = task.owner[way.source] if task.owner else None
        if units and block is not None:
            serves.setdefault(block, set()).add(way.sink)
            if owner is not None:
                works.setdefault(owner, set()).add(block)
    if any(len(sinks) > 1 for sinks in serves.values()):
        return False
    return all(len(blocks) <= task.most[owner] for owner, blocks in works.items())


def met(task: Task, flow: tuple[int, ...]) -> list[Fraction]:
    """Return the share of its need that each sink is given, at most 1."""
    found: list[Fraction] = []
    for sink, need in enumerate(task.need):
        units = sum(f for f, w in zip(flow, task.ways, strict=True) if w.sink == sink)
        found.append(Fraction(1) if units >= need else Fraction(units) / need)
    return found


def cost_of(task: Task, flow: tuple[int, ...]) -> int:
    return sum(units * way.cost for units, way in zip(flow, task.ways, strict=True))


def fairest_by_trying(task: Task) -> tuple[int, ...]:
    """Return the fairest flow: of all flows that keep the rules, compared one by one."""
    best: tuple[int, ...] | None = None
    for flow in every_flow(task):
        if best is None or _better(task, flow, best):
            best = flow
    assert best is not None
    return best


def _better(task: Task, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    for mine, theirs in zip(sorted(met(task, one)), sorted(met(task, other)), strict=True):
        if mine != theirs:
            return mine > theirs
    if cost_of(task, one) != cost_of(task, other):
        return cost_of(task, one) < cost_of(task, other)
    return one > other

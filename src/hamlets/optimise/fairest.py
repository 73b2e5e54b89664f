"""Units shared out as fairly as whole units and rules allow, proven to be the fairest.

The flow of module ``fair_flow`` knows no rule on blocks. Its answer is at least as good as any
that keeps the rules: where it keeps them by itself, it is the answer. Only where it breaks one
is that part of the task settled by the programme of module ``fair_rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.fair_flow import Task, Way, fair_flow, prices, shares

__all__ = ["Fairest", "Task", "Way", "fairest"]


@dataclass(frozen=True)
class Fairest:
    """How many units go each way, and what part of its need each sink is given."""

    flow: tuple[int, ...]
    shares: tuple[Fraction, ...]
    cost: int
    proven: bool
    """No flow that keeps the rules is fairer, or as fair and cheaper."""
    by_rules: bool
    """Some part needed the programme of rules; else flows alone gave the answer."""


def fairest(task: Task, deadline: Deadline | None = None) -> Fairest:
    """Return the flow whose sorted shares are lexicographically largest, then the cheapest.

    Ties go to the flow that sends more on the first way on which they differ. Parts of the
    task that have no way in common are settled one by one. After the ``deadline`` the answer
    keeps the rules and is not proven. ValueError for a negative cost or unit, or a need of 0.
    """
    _check(task)
    flow = [0] * len(task.ways)
    proven, by_rules = True, False
    for part, numbers in _parts(task):
        found = _settled(part, deadline or Deadline(float("inf")))
        for number, units in zip(numbers, found.flow, strict=True):
            flow[number] = units
        proven, by_rules = proven and found.proven, by_rules or found.by_rules
    return Fairest(tuple(flow), shares(task, flow), _cost(task, flow), proven, by_rules)


def _check(task: Task) -> None:
    if any(units < 0 for units in task.units) or any(way.cost < 0 for way in task.ways):
        raise ValueError("Units and costs cannot be negative.")
    if any(need <= 0 for need in task.need):
        raise ValueError("A need is above 0.")


def _parts(task: Task) -> Iterator[tuple[Task, list[int]]]:
    """Yield the connected parts of a task, each with the numbers of its ways."""
    groups: dict[int, list[int]] = {}
    joined = _joined(task)
    for number, way in enumerate(task.ways):
        groups.setdefault(joined[way.source], []).append(number)
    for numbers in groups.values():
        sources = sorted({task.ways[n].source for n in numbers})
        sinks = sorted({task.ways[n].sink for n in numbers})
        yield _part(task, numbers, sources, sinks), numbers


def _joined(task: Task) -> list[int]:
    """Return of each source the number of its part: joined by a sink, a block or an owner."""
    parent = list(range(len(task.units)))

    def root(source: int) -> int:
        while parent[source] != source:
            parent[source] = parent[parent[source]]
            source = parent[source]
        return source

    first: dict[tuple[str, int], int] = {}
    for way in task.ways:
        ties = [("sink", way.sink), ("block", task.block_of(way.source))]
        for kind, tie in (*ties, ("owner", task.owner_of(way.source))):
            if tie is not None:
                other = first.setdefault((kind, tie), way.source)
                parent[root(other)] = root(way.source)
    return [root(source) for source in range(len(task.units))]


def _part(task: Task, numbers: list[int], sources: list[int], sinks: list[int]) -> Task:
    source_at = {source: at for at, source in enumerate(sources)}
    sink_at = {sink: at for at, sink in enumerate(sinks)}
    owners = sorted({o for s in sources if (o := task.owner_of(s)) is not None})
    owner_at: dict[int | None, int] = {owner: at for at, owner in enumerate(owners)}
    ways = [task.ways[n] for n in numbers]
    return Task(
        units=tuple(task.units[s] for s in sources),
        need=tuple(task.need[s] for s in sinks),
        ways=tuple(replace(w, source=source_at[w.source], sink=sink_at[w.sink]) for w in ways),
        block=tuple(task.block_of(s) for s in sources),
        owner=tuple(owner_at.get(task.owner_of(s)) for s in sources),
        most=tuple(task.most[o] for o in owners),
    )


def _settled(task: Task, deadline: Deadline) -> Fairest:
    """Return the answer of one part: by a flow, and by a programme where that breaks a rule."""
    flow = fair_flow(task, prices(task), _room(task))
    proven, by_rules = True, bool(_breaking(task, flow))
    if by_rules:
        from hamlets.optimise.fair_rules import fair_rules

        ruled = fair_rules(task, shares(task, flow), _cost(task, flow), deadline)
        proven = ruled.proven
        flow = ruled.flow if proven else min(ruled.flow, _repaired(task, flow), key=_order(task))
    return Fairest(tuple(flow), shares(task, flow), _cost(task, flow), proven, by_rules)


def _cost(task: Task, flow: Sequence[int]) -> int:
    return sum(way.cost * units for way, units in zip(task.ways, flow, strict=True))


def _order(task: Task) -> Callable[[Sequence[int]], tuple[list[Fraction], int]]:
    """Return what flows are compared by: the fairest, then the cheapest, is the least."""
    return lambda flow: ([-share for share in sorted(shares(task, flow))], _cost(task, flow))


def _room(task: Task) -> list[int]:
    """Return how many units each owner can send at most: those of the largest blocks."""
    blocks: list[dict[int, int]] = [{} for _ in task.most]
    for source, units in enumerate(task.units):
        owner, block = task.owner_of(source), task.block_of(source)
        if owner is not None and block is not None:
            blocks[owner][block] = blocks[owner].get(block, 0) + units
    return [
        sum(sorted(sizes.values(), reverse=True)[:most])
        for sizes, most in zip(blocks, task.most, strict=True)
    ]


def _repaired(task: Task, flow: Sequence[int]) -> list[int]:
    """Return a flow that keeps the rules: ways that break one are closed, until none does."""
    left = list(range(len(task.ways)))
    found = list(flow)
    while breaking := _breaking(task, found):
        left = [number for number in left if number not in breaking]
        part = replace(task, ways=tuple(task.ways[number] for number in left))
        # not proven anyway, so ties need no settling: small prices are quicker
        flow = fair_flow(part, [way.cost for way in part.ways], _room(part))
        found = [0] * len(task.ways)
        for number, units in zip(left, flow, strict=True):
            found[number] = units
    return found


def _breaking(task: Task, flow: Sequence[int]) -> set[int]:
    """Return ways whose closing ends what breaks a rule; empty if none is broken.

    A block keeps the sink that it serves most, an owner the blocks that are used most and,
    of those, the largest.
    """
    size: dict[int, int] = {}
    for source, units in enumerate(task.units):
        block = task.block_of(source)
        if block is not None:
            size[block] = size.get(block, 0) + units
    serves: dict[int, dict[int, int]] = {}
    used: dict[int, dict[int, int]] = {}
    for way, units in zip(task.ways, flow, strict=True):
        block, owner = task.block_of(way.source), task.owner_of(way.source)
        if units and block is not None:
            sinks = serves.setdefault(block, {})
            sinks[way.sink] = sinks.get(way.sink, 0) + units
            if owner is not None:
                blocks = used.setdefault(owner, {})
                blocks[block] = blocks.get(block, 0) + units
    kept = {
        block: max(sinks, key=lambda sink: (sinks[sink], -sink))
        for block, sinks in serves.items()
        if len(sinks) > 1
    }
    too_many = {
        block
        for owner, blocks in used.items()
        for block in sorted(blocks, key=lambda b: (-blocks[b], -size[b], b))[task.most[owner] :]
    }
    found: set[int] = set()
    for number, way in enumerate(task.ways):
        block = task.block_of(way.source)
        if block is not None and (block in too_many or way.sink != kept.get(block, way.sink)):
            found.add(number)
    return found

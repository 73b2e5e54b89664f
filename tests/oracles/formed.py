"""Networks by looking at every way to share practices out: slow, and plainly right.

Written from the definitions (Networks 8): travel = sum of list size x haversine to the medoid of
the practice's network, R = 6371.0088 km; populations within a band; networks in one piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

Groups = list[list[int]]


@dataclass(frozen=True)
class World:
    """A few practices: sizes, places as (latitude, longitude), who is next to whom."""

    sizes: Sequence[int]
    places: Sequence[tuple[float, float]]
    edges: frozenset[tuple[int, int]]
    networks: int
    low: float
    high: float
    together: Sequence[Sequence[int]] = ()
    apart: Sequence[tuple[int, int]] = ()
    flow: Sequence[Sequence[float]] | None = None


def haversine(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return km between two places, by the formula as it is written in books."""
    lat1, lon1, lat2, lon2 = (math.radians(x) for x in (*a, *b))
    h = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def travel(world: World, group: Sequence[int]) -> float:
    """Return patients x km to the practice of the group for which that is least."""
    return min(
        sum(world.sizes[i] * haversine(world.places[i], world.places[m]) for i in group)
        for m in group
    )


def kept(world: World, group: Sequence[int]) -> float:
    """Return the flow between practices of a group, each pair once."""
    assert world.flow is not None
    return sum(world.flow[a][b] for a, b in combinations(group, 2))


def in_one_piece(world: World, group: Sequence[int]) -> bool:
    """Return whether one can walk from each to each without leaving the group.

    Practices that must be together count as next to each other.
    """
    inside, reached = set(group), {group[0]}
    edges = set(world.edges)
    for tied in world.together:
        edges |= set(combinations(sorted(tied), 2))
    grew = True
    while grew:
        grew = False
        for a, b in edges:
            for x, y in ((a, b), (b, a)):
                if x in reached and y in inside and y not in reached:
                    reached.add(y)
                    grew = True
    return reached == inside


def may_be(world: World, group: Sequence[int]) -> bool:
    """Return whether a group keeps every rule."""
    people = sum(world.sizes[i] for i in group)
    if not world.low - 1e-6 <= people <= world.high + 1e-6:
        return False
    mine = set(group)
    for tied in world.together:
        if 0 < len(mine & set(tied)) < len(tied):
            return False
    if any(a in mine and b in mine for a, b in world.apart):
        return False
    return in_one_piece(world, group)


def every_grouping(count: int, networks: int) -> Iterator[Groups]:
    """Yield each way to share ``count`` things out among so many groups, none empty."""

    def place(at: int, groups: Groups) -> Iterator[Groups]:
        if at == count:
            if len(groups) == networks:
                yield [list(group) for group in groups]
            return
        for group in groups:
            group.append(at)
            yield from place(at + 1, groups)
            group.pop()
        if len(groups) < networks:
            groups.append([at])
            yield from place(at + 1, groups)
            groups.pop()

    yield from place(0, [])


def best(world: World) -> float | None:
    """Return the least travel, or the most flow where there is one; None where nothing works."""
    found: list[float] = []
    for groups in every_grouping(len(world.sizes), world.networks):
        if all(may_be(world, group) for group in groups):
            if world.flow is None:
                found.append(sum(travel(world, group) for group in groups))
            else:
                found.append(-sum(kept(world, group) for group in groups))
    if not found:
        return None
    return min(found) if world.flow is None else -min(found)


def least_tolerance(world: World) -> float | None:
    """Return the smallest share off the mean that every network of some grouping keeps."""
    mean = sum(world.sizes) / world.networks
    found: list[float] = []
    wide = World(
        world.sizes, world.places, world.edges, world.networks, 0, math.inf, world.together,
        world.apart,
    )  # fmt: skip
    for groups in every_grouping(len(world.sizes), world.networks):
        if all(may_be(wide, group) for group in groups):
            people = [sum(world.sizes[i] for i in group) for group in groups]
            found.append(max(abs(each / mean - 1) for each in people))
    return min(found, default=None)


def rand_index(first: Sequence[object], second: Sequence[object]) -> float | None:
    """Return the adjusted Rand index by looking at every pair (Hubert & Arabie 1985)."""
    both = one = two = 0
    pairs = list(combinations(range(len(first)), 2))
    for a, b in pairs:
        same_first, same_second = first[a] == first[b], second[a] == second[b]
        both += same_first and same_second
        one += same_first
        two += same_second
    if not pairs:
        return None
    expected = one * two / len(pairs)
    most = (one + two) / 2
    return (both - expected) / (most - expected) if abs(most - expected) > 1e-12 else None

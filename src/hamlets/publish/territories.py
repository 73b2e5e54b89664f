"""The ground of each network on a map: every place to its nearest practice, up to a reach."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hamlets.networks.results import Formation, PlacedPractice

Point = tuple[float, float]
Edge = tuple[Point, Point]

_CORNERS = 40
_KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class Territory:
    """A network's ground: a cell for each place of a practice, and the outline around them.

    Points are longitude and latitude. Cells of one map do not overlap.
    """

    network_id: str
    cells: tuple[tuple[Point, ...], ...]
    outline: tuple[Edge, ...]


@dataclass(frozen=True)
class _Site:
    x: float
    y: float
    network_id: str
    reach: float


def territories(formation: Formation) -> tuple[Territory, ...]:
    """Return the ground of each network, in the order of the networks.

    Cells reach as far as is needed for those of a network to touch, and at least as far as is
    usual on this map.
    """
    middle = sum(each.latitude for each in formation.practices) / len(formation.practices)
    east = _KM_PER_DEGREE * math.cos(math.radians(middle))
    sites = _sites(formation, east)
    found: list[Territory] = []
    for network in formation.networks:
        cells: list[tuple[Point, ...]] = []
        outline: list[Edge] = []
        for site in sites:
            if site.network_id == network.network_id:
                corners, beside = _cell(site, sites)
                points = [(x / east, y / _KM_PER_DEGREE) for x, y in corners]
                if len(points) < 3:
                    continue
                cells.append(tuple(points))
                ends = zip(points, [*points[1:], points[0]], strict=True)
                outline += [
                    edge
                    for edge, other in zip(ends, beside, strict=True)
                    if other != network.network_id
                ]
        found.append(Territory(network.network_id, tuple(cells), tuple(outline)))
    return tuple(found)


def _sites(formation: Formation, east: float) -> list[_Site]:
    """Return each place of a network once, with its reach in km."""
    groups: dict[str, list[Point]] = {}
    for each in formation.practices:
        place = each.longitude * east, each.latitude * _KM_PER_DEGREE
        mine = groups.setdefault(each.network_id, [])
        if place not in mine:
            mine.append(place)
    links = {name: _links(places) for name, places in groups.items()}
    every = sorted(length for lengths in links.values() for length in lengths if length > 0)
    usual = 0.55 * every[(3 * len(every)) // 4] if every else _reach_alone(formation.practices)
    # one reach for a whole network: its cells meet at the same corners
    return [
        _Site(x, y, name, max(usual, 0.55 * max(links[name])))
        for name, places in groups.items()
        for x, y in places
    ]


def _reach_alone(practices: tuple[PlacedPractice, ...]) -> float:
    """Return a reach where every network is at one place."""
    wide = max(each.longitude for each in practices) - min(each.longitude for each in practices)
    return max(0.3, wide * _KM_PER_DEGREE / 20)


def _links(places: list[Point]) -> list[float]:
    """Return the longest link of each place in the shortest tree that joins them."""
    longest = [0.0] * len(places)
    nearest = {at: (math.dist(places[0], places[at]), 0) for at in range(1, len(places))}
    while nearest:
        at = min(nearest, key=lambda each: (nearest[each][0], each))
        length, to = nearest.pop(at)
        longest[at], longest[to] = max(longest[at], length), max(longest[to], length)
        for other, (before, _) in nearest.items():
            length = math.dist(places[at], places[other])
            if length < before:
                nearest[other] = length, at
    return longest


def _cell(site: _Site, sites: list[_Site]) -> tuple[list[Point], list[str]]:
    """Return the corners of a site's cell, and what is beside each edge: a network or ""."""
    turn = 2 * math.pi / _CORNERS
    corners = [
        (site.x + site.reach * math.cos(turn * at), site.y + site.reach * math.sin(turn * at))
        for at in range(_CORNERS)
    ]
    beside = [""] * _CORNERS
    near = [
        (math.hypot(other.x - site.x, other.y - site.y), other)
        for other in sites
        if other is not site
    ]
    for away, other in sorted(near, key=lambda each: each[0]):
        if away > 2 * site.reach:
            break
        # two networks at one place: both have the ground
        if away > 1e-9:
            corners, beside = _cut(corners, beside, site, other)
    return corners, beside


def _cut(
    corners: list[Point], beside: list[str], site: _Site, other: _Site
) -> tuple[list[Point], list[str]]:
    """Return the part of a cell that is nearer to its site than to another one."""
    across = other.x - site.x, other.y - site.y
    half = ((other.x**2 - site.x**2) + (other.y**2 - site.y**2)) / 2

    def over(point: Point) -> float:
        return across[0] * point[0] + across[1] * point[1] - half

    kept: list[Point] = []
    sides: list[str] = []
    for at, here in enumerate(corners):
        there = corners[(at + 1) % len(corners)]
        a, b = over(here), over(there)
        if a <= 0:
            kept.append(here)
            sides.append(beside[at])
        if (a <= 0) != (b <= 0):
            part = a / (a - b)
            kept.append(
                (here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1]))
            )
            # leaving: the new edge lies along the line between the two; entering: the old one
            sides.append(other.network_id if a <= 0 else beside[at])
    return kept, sides

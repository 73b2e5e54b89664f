"""Which practices are neighbours: a Delaunay graph without its long edges.

The graph is always connected: a group of practices that nothing else reaches, an island, is
joined to the others by the shortest link, and the link is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.networks.forming.distances import EARTH_RADIUS_KM
from hamlets.networks.forming.practices import Practice

Bools = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]

LONG = 3.0
"""An edge is cut that is so many times as long as the usual edge of both its ends."""
_NEAR_KM = 1.0
"""No edge as short as this is ever long."""
_FAR_KM = 50.0
"""A practice so far from every other is probably misplaced."""


@dataclass(frozen=True)
class Neighbours:
    """Who is next to whom (n x n, symmetric, False on the diagonal)."""

    adjacent: Bools
    notes: tuple[str, ...] = ()


def delaunay_neighbours(practices: Sequence[Practice], km: Float64) -> Neighbours:
    """Return neighbours by place: Delaunay edges, long ones cut, islands joined.

    Practices at one place are neighbours of each other and share their neighbours.
    """
    x, y = _flat(practices)
    points, at = np.unique(np.stack([x, y], axis=1), axis=0, return_inverse=True)
    at = at.ravel()
    between = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    edges = _triangulated(points)
    edges &= ~_long(edges, between)
    adjacent = edges[np.ix_(at, at)] | (at[:, None] == at[None, :])
    np.fill_diagonal(adjacent, False)
    return joined(practices, adjacent, km, _far(practices, km))


def _flat(practices: Sequence[Practice]) -> tuple[Float64, Float64]:
    """Return km east and north of the middle: true to shape over a region."""
    latitude = np.radians([each.latitude for each in practices])
    longitude = np.radians([each.longitude for each in practices])
    middle = latitude.mean()
    east = EARTH_RADIUS_KM * (longitude - longitude.mean()) * np.cos(middle)
    north = EARTH_RADIUS_KM * (latitude - middle)
    # to a millimetre: places that differ by rounding alone are one
    return np.round(east, 6), np.round(north, 6)


def _triangulated(points: Float64) -> Bools:
    """Return the Delaunay edges; points on one line are joined in its order."""
    from scipy.spatial import Delaunay, QhullError

    count = len(points)
    edges = np.zeros((count, count), np.bool_)
    if count < 2:
        return edges
    order = np.lexsort((points[:, 1], points[:, 0]))
    try:
        mesh = Delaunay(points)
    except (QhullError, ValueError):
        edges[order[:-1], order[1:]] = True
        return edges | edges.T
    for a, b in ((0, 1), (1, 2), (2, 0)):
        edges[mesh.simplices[:, a], mesh.simplices[:, b]] = True
    # a point too near another to be in a triangle is joined to it
    for point, _, nearest in mesh.coplanar:
        edges[point, nearest] = True
    return edges | edges.T


def _long(edges: Bools, between: Float64) -> Bools:
    """Return the edges that are long for both their ends.

    An end's usual edge is its second shortest: the outer edges of a triangulation, which may
    lead right across a bend, do not make others look short.
    """
    usual = np.zeros(len(between))
    for at, (row, mine) in enumerate(zip(between, edges, strict=True)):
        lengths = np.sort(row[mine])
        usual[at] = lengths[min(1, len(lengths) - 1)] if len(lengths) else 0.0
    most = np.maximum(LONG * np.maximum(usual[:, None], usual[None, :]), _NEAR_KM)
    return edges & (between > most)


def joined(
    practices: Sequence[Practice], adjacent: Bools, km: Float64, notes: tuple[str, ...] = ()
) -> Neighbours:
    """Return the graph with each island joined to the rest by the shortest link."""
    adjacent = adjacent.copy()
    said = list(notes)
    while True:
        count, part = parts_of(adjacent)
        if count <= 1:
            return Neighbours(adjacent, tuple(said))
        sizes = np.bincount(part)
        island = part == int(sizes.argmin())
        across = np.where(island[:, None] & ~island[None, :], km, np.inf)
        i, j = np.unravel_index(int(across.argmin()), across.shape)
        adjacent[i, j] = adjacent[j, i] = True
        who = practices[int(i)].practice_id
        more = int(island.sum()) - 1
        with_it = f" and {more} with it" if more else ""
        verb = "are" if more else "is"
        said.append(
            f"{who}{with_it} {verb} cut off from the others: joined to "
            f"{practices[int(j)].practice_id}, {float(km[i, j]):.1f} km away."
        )


def parts_of(adjacent: Bools) -> tuple[int, npt.NDArray[np.int32]]:
    """Return how many connected parts a graph has, and the part of each practice."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    count, part = connected_components(csr_array(adjacent), directed=False)
    return int(count), part


def _far(practices: Sequence[Practice], km: Float64) -> tuple[str, ...]:
    """Return a warning of each practice that is far from every other."""
    if len(practices) < 2:
        return ()
    apart = km + np.diag(np.full(len(km), np.inf))
    nearest = apart.min(axis=1)
    return tuple(
        f"{practices[at].practice_id} is {nearest[at]:,.0f} km from the nearest other practice: "
        "check its coordinates."
        for at in np.flatnonzero(nearest > _FAR_KM).tolist()
    )

"""Which practices are neighbours: a Delaunay graph without its long edges.

An edge is long where one can go from one end to the other in steps of less than half its
length, by way of other practices. The shortest links are never long, so the graph stays in one
piece; where it hangs together by a link far longer than usual, as to an island, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.networks.forming.distances import EARTH_RADIUS_KM
from hamlets.networks.forming.practices import Practice

Bools = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]

LONG = 2.0
"""An edge is cut that is so many times as long as the longest step of the best way round."""
_CUT_OFF, _CUT_OFF_KM = 5.0, 3.0
"""A link is worth saying that is so many times as long as usual, and so many km."""
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
    steps = _longest_steps(points)
    edges = _triangulated(points) & ~((between > LONG * steps) & (between > _NEAR_KM))
    adjacent = edges[np.ix_(at, at)] | (at[:, None] == at[None, :])
    np.fill_diagonal(adjacent, False)
    notes = (*_cut_off(practices, steps[np.ix_(at, at)], km), *_far(practices, km))
    return joined(practices, adjacent, km, notes)


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


def _longest_steps(points: Float64) -> Float64:
    """Return between each two points the longest step of the way whose longest is shortest."""
    from scipy.cluster.hierarchy import cophenet, linkage
    from scipy.spatial.distance import squareform

    if len(points) < 2:
        return np.zeros((len(points), len(points)))
    return np.asarray(squareform(cophenet(linkage(points, "single"))))


def _cut_off(practices: Sequence[Practice], steps: Float64, km: Float64) -> Iterator[str]:
    """Yield a sentence for each group that only a link far longer than usual reaches."""
    lengths = np.unique(steps[np.triu_indices(len(steps), 1)])
    lengths = lengths[lengths > 0]
    if not len(lengths):
        return
    most = max(_CUT_OFF * float(np.median(lengths)), _CUT_OFF_KM)
    count, part = parts_of(steps <= most)
    largest = int(np.bincount(part).argmax())
    for group in range(count):
        if group != largest:
            yield _joined_by(practices, part == group, km)


def _joined_by(practices: Sequence[Practice], island: Bools, km: Float64) -> str:
    i, j = _nearest_across(island, km)
    more = int(island.sum()) - 1
    who = (
        f"{practices[i].practice_id} and {more} with it are"
        if more
        else (f"{practices[i].practice_id} is")
    )
    return (
        f"{who} cut off from the others, joined by a link to {practices[j].practice_id}, "
        f"{float(km[i, j]):.1f} km away."
    )


def _nearest_across(island: Bools, km: Float64) -> tuple[int, int]:
    across = np.where(island[:, None] & ~island[None, :], km, np.inf)
    i, j = np.unravel_index(int(across.argmin()), across.shape)
    return int(i), int(j)


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
        island = part == int(np.bincount(part).argmin())
        i, j = _nearest_across(island, km)
        adjacent[i, j] = adjacent[j, i] = True
        said.append(_joined_by(practices, island, km))


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

"""Neighbours by boundaries: areas from a GeoJSON file, each with its nearest practice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.errors import SourceError
from hamlets.networks.forming.neighbours import Neighbours, joined
from hamlets.networks.forming.practices import Practice

Float64 = npt.NDArray[np.float64]
Ring = list[tuple[float, float]]

_MOST_BYTES = 256 * 2**20
_DIGITS = 5
"""Corners that agree to so many decimals of a degree, about a metre, are one."""


def read_areas(path: Path) -> list[list[Ring]]:
    """Return the outer rings of each area of a GeoJSON file (WGS84, longitude first).

    Raises SourceError where it is no GeoJSON with polygons.
    """
    import orjson

    def wrong(message: str, hint: str) -> SourceError:
        return SourceError(message, where=path.name, hint=hint)

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise wrong("The file of boundaries is too large.", "Simplify its outlines first.")
        data = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise wrong("There is no such file of boundaries.", "Check the path.") from None
    except (OSError, ValueError):
        raise wrong(
            "The boundaries cannot be read as GeoJSON.", "Export them as GeoJSON, WGS84."
        ) from None
    found = [rings for geometry in _geometries(data) if (rings := _rings(geometry))]
    if not found:
        raise wrong("There is no polygon in the file of boundaries.", "Pass areas, not points.")
    corners = [corner for rings in found for ring in rings for corner in ring]
    if any(abs(x) > 180 or abs(y) > 90 for x, y in corners):
        raise wrong(
            "The boundaries are not in degrees.",
            "Convert them to WGS84 (EPSG:4326): longitude, then latitude.",
        )
    return found


def _geometries(data: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(data, dict):
        return
    if data.get("type") == "FeatureCollection":
        for feature in data.get("features") or ():
            yield from _geometries(feature)
    elif data.get("type") == "Feature":
        yield from _geometries(data.get("geometry"))
    elif data.get("type") in ("Polygon", "MultiPolygon"):
        yield data


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    polygons = geometry.get("coordinates") or []
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    try:
        outer = [polygon[0] for polygon in polygons if polygon]
        return [[(float(x), float(y)) for x, y, *_ in ring] for ring in outer]
    except (TypeError, ValueError, IndexError, KeyError):
        return []


def boundary_neighbours(
    practices: Sequence[Practice], km: Float64, areas: Sequence[Sequence[Ring]]
) -> Neighbours:
    """Return neighbours by contiguity: each area goes to the practice nearest its middle.

    Practices are neighbours where two of their areas have two corners in common, or where
    they lie in one area. Islands are joined by the shortest link.
    """
    owner = [_nearest(practices, rings) for rings in areas]
    touching: dict[tuple[float, float], set[int]] = defaultdict(set)
    for area, rings in enumerate(areas):
        for ring in rings:
            for x, y in ring:
                touching[round(x, _DIGITS), round(y, _DIGITS)].add(area)
    common: dict[tuple[int, int], int] = defaultdict(int)
    for at in touching.values():
        mine = sorted(at)
        for place, a in enumerate(mine):
            for b in mine[place + 1 :]:
                common[a, b] += 1
    adjacent = np.zeros((len(practices), len(practices)), np.bool_)
    for (a, b), corners in common.items():
        if corners >= 2:
            adjacent[owner[a], owner[b]] = adjacent[owner[b], owner[a]] = True
    for area, rings in enumerate(areas):
        inside = [at for at, each in enumerate(practices) if _inside(each, rings)]
        for a in (*inside, owner[area]):
            for b in (*inside, owner[area]):
                adjacent[a, b] = adjacent[b, a] = True
    np.fill_diagonal(adjacent, False)
    outside = sum(not any(_inside(each, rings) for rings in areas) for each in practices)
    notes = (
        (f"Practices outside all areas of the file: {outside}. They take the nearest areas.",)
        if outside
        else ()
    )
    return joined(practices, adjacent, km, notes)


def _nearest(practices: Sequence[Practice], rings: Sequence[Ring]) -> int:
    """Return the practice nearest the middle of an area's corners, or the one inside it."""
    inside = [at for at, each in enumerate(practices) if _inside(each, rings)]
    among = inside or list(range(len(practices)))
    corners = [corner for ring in rings for corner in ring]
    x = sum(corner[0] for corner in corners) / len(corners)
    y = sum(corner[1] for corner in corners) / len(corners)
    east = np.cos(np.radians(y))
    return min(
        among,
        key=lambda at: (
            ((practices[at].longitude - x) * east) ** 2 + (practices[at].latitude - y) ** 2,
            at,
        ),
    )


def _inside(practice: Practice, rings: Sequence[Ring]) -> bool:
    """Return whether a practice lies in an area: a ray from it crosses the outline oddly."""
    x, y = practice.longitude, practice.latitude
    odd = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                odd = not odd
    return odd

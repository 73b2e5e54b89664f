"""How far it is between practices: great circles, or a table of distances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hamlets.errors import SourceError
from hamlets.networks.forming.practices import Practice
from hamlets.networks.small_files import read_small_file

Float64 = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius (IUGG)."""
FROM = ("from", "from_practice", "from_id", "practice_a", "origin", "practice_id", "practice_code")
TO = ("to", "to_practice", "to_id", "practice_b", "destination", "other_practice")
KM = ("km", "distance_km", "distance", "road_km")
FLOWS = ("patients", "flow", "contacts", "count", "n")


def great_circle_km(practices: Sequence[Practice]) -> Float64:
    """Return the haversine distance between each two practices, in km (n x n)."""
    latitude = np.radians([each.latitude for each in practices])
    longitude = np.radians([each.longitude for each in practices])
    up = np.sin((latitude[:, None] - latitude[None, :]) / 2) ** 2
    along = np.sin((longitude[:, None] - longitude[None, :]) / 2) ** 2
    half = up + np.cos(latitude)[:, None] * np.cos(latitude)[None, :] * along
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


@dataclass(frozen=True)
class Table:
    """Distances by road from a file; pairs that it lacks are filled in. km[i, j] = from i to j."""

    km: Float64
    note: str | None = None


def road_km(path: Path, practices: Sequence[Practice]) -> Table:
    """Return a file's distances (from, to, km); one direction stands for both where alone.

    A pair that the file lacks gets the great circle times the usual detour (the median of
    the pairs that are given). Raises SourceError where a value is no distance or no pair is
    of two practices that take part.
    """
    given = _pairs(path, practices, KM, "the distance in km")
    straight = great_circle_km(practices)
    both = np.where(np.isnan(given), given.T, given)
    known = ~np.isnan(both) & (straight > 0.05)
    np.fill_diagonal(known, False)
    detour = float(np.median(both[known] / straight[known])) if known.any() else 1.0
    missing = np.isnan(both)
    np.fill_diagonal(missing, False)
    filled = np.where(np.isnan(both), straight * detour, both)
    np.fill_diagonal(filled, 0.0)
    lacking = int((missing | missing.T).sum()) // 2
    note = None
    if lacking:
        note = (
            f"The table of distances lacks {lacking:,} of {len(given) * (len(given) - 1) // 2:,} "
            f"pairs: the great circle times {detour:.2f}, the usual detour, stands for them."
        )
    return Table(filled, note)


def patient_flow(path: Path, practices: Sequence[Practice]) -> Float64:
    """Return how many patients of one practice use each other (n x n, both ways added up)."""
    given = np.nan_to_num(_pairs(path, practices, FLOWS, "the number of patients"))
    np.fill_diagonal(given, 0.0)
    return given + given.T


def _pairs(
    path: Path, practices: Sequence[Practice], values: tuple[str, ...], what: str
) -> Float64:
    file = read_small_file(path, (*FROM, *TO, *values))
    origin = file.need("the practice it is from", *FROM)
    target = file.need("the practice it is to", *TO)
    value = file.need(what, *values)
    index = {each.practice_id: at for at, each in enumerate(practices)}
    found = np.full((len(practices), len(practices)), np.nan)
    for row in file.rows:
        i, j = (index.get(row.text(name).upper()) for name in (origin, target))
        try:
            number = float(row.text(value).replace(",", ""))
        except ValueError:
            number = -1.0
        if not 0 <= number < 1e9:
            raise SourceError(
                f"{what[0].upper()}{what[1:]} is not a number.",
                where=file.where(row),
                hint="Write 0 or more.",
            )
        if i is not None and j is not None:
            before = found[i, j]
            adds = value in FLOWS and not np.isnan(before)
            found[i, j] = before + number if adds else number
    np.fill_diagonal(found, np.nan)
    if np.isnan(found).all():
        raise SourceError(
            "No row of this table is of two practices that take part.",
            where=path.name,
            hint="Name them by the same codes as in the file of practices.",
        )
    return found

"""How far people travel: by a table of distances, else by great circles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hamlets.errors import SourceError, UnknownPlaceError
from hamlets.networks.forming.distances import FROM, KM, TO, great_circle_km
from hamlets.networks.forming.practices import Practice, Practices
from hamlets.networks.sharing.asking import Distance, Travel
from hamlets.networks.small_files import read_small_file

MINUTES = ("minutes", "minutes_by_road", "travel_minutes")


def no_travel(_one: str, _other: str) -> Distance | None:
    """Return that nothing is known of distances."""
    return None


def travel_by(practices: Iterable[Practice], table: Mapping[tuple[str, str], Distance]) -> Travel:
    """Return distances: of the table (one direction stands for both), else of great circles.

    The distance of two practices that neither knows is a SourceError when it is asked for.
    """
    listed = list(practices)
    at = {each.practice_id: number for number, each in enumerate(listed)}
    km = great_circle_km(listed) if listed else None

    def travel(one: str, other: str) -> Distance:
        if one == other:
            return Distance(0.0, 0.0)
        found = table.get((one, other)) or table.get((other, one))
        if found is not None:
            return found
        if km is not None and one in at and other in at:
            return Distance(float(km[at[one], at[other]]))
        raise SourceError(
            f"The distance from {one} to {other} is not given.",
            where="the table of distances",
            hint="Add the pair, or give the places of all practices with --practices.",
        )

    return travel


def read_distances(path: Path) -> dict[tuple[str, str], Distance]:
    """Return distances by pairs of practices: columns from, to, km, and minutes if there are."""
    file = read_small_file(path, (*FROM, *TO, *KM))
    origin = file.need("the practice it is from", *FROM)
    target = file.need("the practice it is to", *TO)
    km = file.need("the distance in km", *KM)
    found: dict[tuple[str, str], Distance] = {}
    for row in file.rows:
        try:
            distance = float(row.text(km))
            minutes = float(row.text(*MINUTES)) if row.text(*MINUTES) else None
        except ValueError:
            distance, minutes = -1.0, None
        if not (0 <= distance < 2_000 and 0 <= (minutes or 0) < 2_000):
            raise SourceError(
                "The distance is not a number of km.",
                where=file.where(row),
                hint="Write 0 or more, as 2.4.",
            )
        pair = (row.text(origin).upper(), row.text(target).upper())
        if found.get(pair, Distance(distance, minutes)) != Distance(distance, minutes):
            raise SourceError(
                f"The distance from {pair[0]} to {pair[1]} is given twice, with different values.",
                where=file.where(row),
                hint="Keep one of the rows.",
            )
        found[pair] = Distance(distance, minutes)
    return found


def check_places(
    practices: Practices, named: Iterable[str], where: str, *, only_unknown: bool = False
) -> None:
    """Raise where a practice of a plan is not in the file of practices, or has no place there.

    With ``only_unknown`` a practice without a place is no trouble: a table says how far it is.
    """
    known = {each.practice_id for each in practices.taking_part}
    for code in sorted(set(named) - known):
        reason = practices.left_out.get(code)
        if reason is None:
            raise UnknownPlaceError(
                f"There is no practice {code} in the file of practices.",
                where=where,
                hint="Check the code, or add the practice.",
            )
        if only_unknown:
            continue
        raise SourceError(
            f"Practice {code} cannot be placed: {reason}.",
            where=where,
            hint="Fill it in, or give --distances.",
        )

"""The practices that networks are made of, read from a table."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hamlets.errors import SourceError
from hamlets.networks.small_files import Row, SmallFile, read_small_file

IDS = ("practice_id", "practice_code", "ods_code")
LATITUDES, LONGITUDES = ("lat", "latitude"), ("lon", "longitude", "lng", "long")
SIZES = ("list_size", "registered_patients", "number_of_registered_patients_(last_known_figure)")
NETWORKS = ("network_id", "pcn_code")
NETWORK_NAMES = ("network_name", "pcn_name")
NAMES = ("practice_name", "name")
CLOSINGS = ("practice_close_date", "close_date", "closed_on", "end_date")
STATUSES = ("status",)
_CLOSED = re.compile(r"closed|dormant|inactive|proposed", re.IGNORECASE)
_DAYS = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)|(\d\d)/(\d\d)/(\d{4})")
_MOST_PATIENTS = 10_000_000


@dataclass(frozen=True)
class Practice:
    """A practice as it takes part: where it is, and how many patients it has."""

    practice_id: str
    list_size: int
    latitude: float
    longitude: float
    name: str = ""
    network_id: str | None = None
    """The network it belongs to now, where that is known."""


@dataclass(frozen=True)
class Practices:
    """Practices that take part, in order of their ids, and those that do not, with the reason."""

    taking_part: tuple[Practice, ...]
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    """By practice id: why, in words that end a sentence."""
    notes: tuple[str, ...] = ()
    network_names: Mapping[str, str] = field(default_factory=dict[str, str])


def read_practices(path: Path, places: Path | None = None, today: date | None = None) -> Practices:
    """Return the practices of a CSV file. ``places`` gives coordinates to those without.

    Columns: practice_id or practice_code, list_size, lat and lon or latitude and longitude;
    optional pcn_code or network_id, names, a closing date or a status. Others are ignored.
    A practice without coordinates or patients, or one that has closed, is left out and named.

    Raises SourceError for a missing column, a value that is none, or one practice given
    twice with different values.
    """
    file = read_small_file(path, (*IDS, *SIZES, *LATITUDES, *LONGITUDES))
    code = file.need("the practice's code", *IDS)
    file.need("the number of patients", *SIZES)
    if places is None:
        file.need("the latitude", *LATITUDES)
        file.need("the longitude", *LONGITUDES)
    given = _read_places(places) if places is not None else {}
    reading = _Reading(file, given, today or date.today())
    for row in file.rows:
        reading.take(row, row.text(code).upper())
    return reading.found()


class _Reading:
    def __init__(
        self, file: SmallFile, places: Mapping[str, tuple[float, float]], today: date
    ) -> None:
        self.file, self.places, self.today = file, places, today
        self.rows: dict[str, Row] = {}
        self.practices: list[Practice] = []
        self.left_out: dict[str, str] = {}
        self.twice: list[str] = []
        self.placed: list[str] = []
        self.network_names: dict[str, str] = {}

    def take(self, row: Row, code: str) -> None:
        where = self.file.where(row)
        if not code:
            raise SourceError(
                "This row has no practice code.", where=where, hint="Fill it in or delete the row."
            )
        before = self.rows.get(code)
        if before is not None:
            if before.cells != row.cells:
                raise SourceError(
                    f"Practice {code} is given twice, with different values.",
                    where=f"{self.file.name}, lines {before.line} and {row.line}",
                    hint="Keep one of the two rows.",
                )
            self.twice.append(code)
            return
        self.rows[code] = row
        network = row.text(*NETWORKS)
        if network and row.text(*NETWORK_NAMES):
            self.network_names.setdefault(network, row.text(*NETWORK_NAMES))
        size = self.size(row, where)
        place = self.place(row, code, where)
        reason = self.closed(row)
        if reason is None and not size:
            reason = "no patients" if size == 0 else "no list size"
        if reason is None and place is None:
            reason = "no coordinates"
        if reason is not None or size is None or place is None:
            self.left_out[code] = reason or ""
            return
        name = row.text(*NAMES)
        self.practices.append(Practice(code, size, *place, name, network or None))

    def size(self, row: Row, where: str) -> int | None:
        text = row.text(*SIZES).replace(",", "").replace(" ", "")
        if text in ("", "-"):
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (0 <= value <= _MOST_PATIENTS) or value != int(value):
            raise SourceError(
                "The list size is not a number of patients.",
                where=where,
                hint="Write a whole number, 0 or more.",
            )
        return int(value)

    def place(self, row: Row, code: str, where: str) -> tuple[float, float] | None:
        found = _coordinates(row, where)
        if found is not None:
            return found
        found = self.places.get(code) or self.places.get(_postcode(row.text("postcode")))
        if found is not None:
            self.placed.append(code)
        return found

    def closed(self, row: Row) -> str | None:
        text = row.text(*CLOSINGS)
        day = _day(text)
        if day is not None and day <= self.today:
            return f"closed on {day}"
        if _CLOSED.match(row.text(*STATUSES)):
            return "not open"
        return None

    def found(self) -> Practices:
        notes: list[str] = []
        if self.twice:
            notes.append(f"Given twice and counted once: {', '.join(sorted(set(self.twice)))}.")
        if self.placed:
            notes.append(f"Placed by the list of places: {', '.join(sorted(self.placed))}.")
        notes += left_out_notes(self.left_out)
        if not self.practices:
            raise SourceError(
                "No practice of this file can take part.",
                where=self.file.name,
                hint=" ".join(notes) or "The file has a header and no rows.",
            )
        ordered = tuple(sorted(self.practices, key=lambda each: each.practice_id))
        return Practices(ordered, self.left_out, tuple(notes), self.network_names)


def left_out_notes(left_out: Mapping[str, str]) -> list[str]:
    """Return one sentence a reason: which practices were left out for it."""
    reasons: dict[str, list[str]] = {}
    for code, reason in sorted(left_out.items()):
        reasons.setdefault(reason, []).append(code)
    return [f"Left out, {reason}: {', '.join(codes)}." for reason, codes in reasons.items()]


def _coordinates(row: Row, where: str) -> tuple[float, float] | None:
    """Return latitude and longitude; None where either is blank or both are 0."""
    texts = row.text(*LATITUDES), row.text(*LONGITUDES)
    if any(text.lower() in ("", "-", "nan", "null", "na") for text in texts):
        return None
    try:
        latitude, longitude = (float(text) for text in texts)
    except ValueError:
        latitude = longitude = math.nan
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise SourceError(
            "The latitude or longitude is not a place on earth.",
            where=where,
            hint="Write degrees of WGS84, latitude from -90 to 90. Easting and northing must be "
            "turned into degrees first.",
        )
    return None if latitude == longitude == 0 else (latitude, longitude)


def _read_places(path: Path) -> dict[str, tuple[float, float]]:
    """Return coordinates by practice code and by postcode without its space."""
    file = read_small_file(path, (*IDS, "postcode", *LATITUDES, *LONGITUDES))
    file.need("the practice's code or its postcode", *IDS, "postcode")
    file.need("the latitude", *LATITUDES)
    file.need("the longitude", *LONGITUDES)
    found: dict[str, tuple[float, float]] = {}
    for row in file.rows:
        place = _coordinates(row, file.where(row))
        if place is None:
            continue
        for key in (row.text(*IDS).upper(), _postcode(row.text("postcode"))):
            if key:
                found.setdefault(key, place)
    return found


def _postcode(text: str) -> str:
    return "".join(text.upper().split())


def _day(text: str) -> date | None:
    match = _DAYS.match(text)
    if match is None:
        return None
    year, month, day, day_2, month_2, year_2 = match.groups()
    try:
        return date(int(year or year_2), int(month or month_2), int(day or day_2))
    except ValueError:
        return None

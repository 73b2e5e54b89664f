"""Dates and times: text or typed Arrow columns -> Europe/London wall time.

Well-formed values are read in bulk, by position; only what is left over is
looked at one distinct value at a time, to say what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.text import as_mask, text_bytes

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DAY_SECONDS = 86_400

OK, BLANK, NOT_A_DATE, OTHER_FORM, NO_SUCH_DAY, NO_SUCH_TIME = range(6)
REASONS = (
    "",
    "blank",
    "not a date",
    "not written as YYYY-MM-DD; a mapping file can name the form",
    "there is no such day (as 31 February)",
    "there is no such time of day",
)
"""What is wrong with a value, by its code."""

_LONDON = ZoneInfo("Europe/London")
_FIELDS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "b": 3}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE | re.ASCII,
)
_ISO_BASIC = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE | re.ASCII,
)
_OTHER_FORM = re.compile(r"\d{1,4}[-/. ][A-Za-z0-9]{1,9}[-/. ]\d{2,4}(\D.*)?", re.ASCII)


@dataclass(frozen=True)
class Times:
    """Wall seconds since 1970 where ``reason`` is OK; ``has_time`` false for bare dates."""

    seconds: Ints
    has_time: Mask
    reason: npt.NDArray[np.int8]


@dataclass(frozen=True)
class _Layout:
    """Where the digits of a fixed-width form are; ``zone`` is where an offset starts."""

    length: int
    fields: tuple[tuple[str, int], ...]
    literals: tuple[tuple[int, bytes], ...]
    zone: int | None = None


def _layout(form: str, zone: str = "") -> _Layout | None:
    """Return the layout of a strptime form, or None if it is not of fixed width."""
    position, fields, literals = 0, list[tuple[str, int]](), list[tuple[int, bytes]]()
    parts = iter(form.replace("%T", "%H:%M:%S").replace("%F", "%Y-%m-%d"))
    for char in parts:
        if char == "%":
            name = next(parts, "")
            if name not in _FIELDS:
                return None
            fields.append((name, position))
            position += _FIELDS[name]
        elif not char.isascii():
            return None
        else:
            literals.append((position, b"Tt " if char == "T" else char.encode()))
            position += 1
    names = {name for name, _ in fields}
    if len(names) != len(fields) or not (
        {"Y", "d"} <= names and ({"m"} <= names or {"b"} <= names)
    ):
        return None
    if zone == "Z":
        literals.append((position, b"Zz"))
    elif ":" in zone:
        literals.append((position + 3, b":"))
    return _Layout(position + len(zone), tuple(fields), tuple(literals), position if zone else None)


_ISO_LAYOUTS = [
    layout
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
    for zone in ("", "Z", "+00:00", "+0000")
    if not (zone and form == "%Y-%m-%d") and (layout := _layout(form, zone)) is not None
]


def read_times(column: pa.Array, form: str | None = None) -> Times:
    """Return the wall times of a text, date or timestamp column.

    ``form`` is the strptime form of text that is not ISO 8601. Values with an
    offset are converted to Europe/London first; values without one are wall
    time already.
    """
    kind = column.type
    if pa.types.is_timestamp(kind):
        return _from_timestamps(column)
    if pa.types.is_date(kind):
        return _from_days(column)
    return _from_text(column, form)


def _from_days(column: pa.Array) -> Times:
    days = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), 0)
    seconds = days.to_numpy(zero_copy_only=False).astype(np.int64) * DAY_SECONDS
    return Times(seconds, np.zeros(len(column), dtype=bool), _blank_codes(column))


def _from_timestamps(column: pa.Array) -> Times:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    ticks = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    seconds = ticks // per_second
    if column.type.tz is not None:
        seconds = _to_wall(seconds)
    return Times(seconds, np.ones(len(column), dtype=bool), _blank_codes(column))


def _blank_codes(column: pa.Array) -> npt.NDArray[np.int8]:
    blank = as_mask(pc.is_null(column))
    return np.where(blank, np.int8(BLANK), np.int8(OK))


def _from_text(column: pa.Array, form: str | None) -> Times:
    data, starts, lengths, valid = text_bytes(column)
    size = len(starts)
    times = Times(np.zeros(size, np.int64), np.zeros(size, bool), np.full(size, BLANK, np.int8))
    times.reason[valid] = NOT_A_DATE
    layouts = list(_ISO_LAYOUTS)
    if form is not None and (own := _layout(form)) is not None:
        layouts.insert(0, own)
    present = np.bincount(np.minimum(lengths[valid], 64), minlength=65)
    for layout in layouts:
        if not present[layout.length]:
            continue
        where = np.flatnonzero(valid & (times.reason != OK) & (lengths == layout.length))
        if len(where):
            cells = data[starts[where][:, None] + np.arange(layout.length)]
            _read_layout(cells, layout, where, times)
    left = np.flatnonzero(times.reason == NOT_A_DATE)
    if len(left):
        _read_singly(column, left, form, times)
    return times


def _read_layout(cells: npt.NDArray[np.uint8], layout: _Layout, where: Ints, times: Times) -> None:
    """Read the cells that follow this layout; leave the others as they are."""
    good = np.ones(len(cells), dtype=bool)
    for position, allowed in layout.literals:
        byte = cells[:, position]
        good &= (
            np.isin(byte, np.frombuffer(allowed, np.uint8))
            if len(allowed) > 1
            else (byte == allowed[0])
        )
    part = {"H": np.int64(0), "M": np.int64(0), "S": np.int64(0)}
    values: dict[str, Ints] = {}
    for name, position in layout.fields:
        if name == "b":
            values["m"] = _month_names(cells[:, position : position + 3])
            good &= values["m"] > 0
        else:
            values[name], digits = _digits(cells, position, _FIELDS[name])
            good &= digits
    hour, minute, second = (values.get(k, part[k]) for k in "HMS")
    month = np.clip(values["m"], 1, 12)
    year, day = values["Y"], values["d"]
    leap = (month == 2) & (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    good &= (values["m"] == month) & (day >= 1) & (day <= _MONTH_DAYS[month] + leap)
    good &= (hour < 24) & (minute < 60) & (second < 60) & (year > 0)
    months = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    days = months.astype("M8[D]").astype(np.int64) + day - 1
    seconds = days * DAY_SECONDS + hour * 3600 + minute * 60 + second
    if layout.zone is not None:
        offset, digits = _offsets(cells[:, layout.zone :])
        good &= digits
        # Only the good ones: the calendar of what is not a date has no end.
        seconds[good] = _to_wall((seconds - offset)[good])
    kept = where[good]
    times.seconds[kept] = seconds[good]
    times.has_time[kept] = "H" in values
    times.reason[kept] = OK


def _digits(cells: npt.NDArray[np.uint8], position: int, width: int) -> tuple[Ints, Mask]:
    value = np.zeros(len(cells), dtype=np.int64)
    good = np.ones(len(cells), dtype=bool)
    for column in range(position, position + width):
        digit = cells[:, column] - np.uint8(48)  # wraps below "0", so one test is enough
        good &= digit < 10
        value = value * 10 + digit
    return value, good


def _month_names(cells: npt.NDArray[np.uint8]) -> Ints:
    low = (cells | np.uint8(32)).astype(np.int64)
    key = (low[:, 0] << 16) | (low[:, 1] << 8) | low[:, 2]
    month = np.zeros(len(cells), dtype=np.int64)
    for number, name in enumerate(_MONTHS, 1):
        month[key == int.from_bytes(name.encode(), "big")] = number
    return month


def _offsets(cells: npt.NDArray[np.uint8]) -> tuple[Ints, Mask]:
    """Return seconds east of Greenwich of ``Z``, ``+01:00`` and ``+0100``."""
    if cells.shape[1] == 1:
        return np.zeros(len(cells), dtype=np.int64), np.ones(len(cells), dtype=bool)
    hours, good = _digits(cells, 1, 2)
    minutes, more = _digits(cells, cells.shape[1] - 2, 2)
    plus, minus = cells[:, 0] == ord("+"), cells[:, 0] == ord("-")
    size = hours * 3600 + minutes * 60
    return np.where(minus, -size, size), good & more & (plus | minus) & (hours < 15) & (
        minutes < 60
    )


@lru_cache(maxsize=1_000_000)
def _hour_offset(hour: int) -> int:
    """Return London's offset in seconds in this hour since 1970, UTC."""
    moment = datetime.fromtimestamp(hour * 3600, UTC)
    offset = moment.astimezone(_LONDON).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _to_wall(utc: Ints) -> Ints:
    """Return Europe/London wall seconds. London's clocks change on whole hours UTC."""
    hours, position = np.unique(utc // 3600, return_inverse=True)
    in_range = (hours > -1_000_000) & (hours < 2_000_000)
    offsets = np.array(
        [_hour_offset(int(h)) if ok else 0 for h, ok in zip(hours, in_range, strict=True)],
        dtype=np.int64,
    )
    return utc + offsets[position] if len(hours) else utc


def _read_singly(column: pa.Array, left: Ints, form: str | None, times: Times) -> None:
    encoded = column.take(pa.array(left)).dictionary_encode()
    distinct: Iterable[str] = encoded.dictionary.to_pylist()
    answers = [read_one(text, form) for text in distinct]
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    times.seconds[left] = np.array([a[0] for a in answers], dtype=np.int64)[codes]
    times.has_time[left] = np.array([a[1] for a in answers], dtype=bool)[codes]
    times.reason[left] = np.array([a[2] for a in answers], dtype=np.int8)[codes]


def read_one(text: str, form: str | None = None) -> tuple[int, bool, int]:
    """Return (wall seconds, whether it has a time, reason code) of one value."""
    if form is not None:
        answer = _read_form(text, form)
        if answer[2] != NOT_A_DATE:
            return answer
    match = _ISO.fullmatch(text) or _ISO_BASIC.fullmatch(text)
    if match is None:
        other = form is None and _OTHER_FORM.fullmatch(text) is not None
        return 0, False, OTHER_FORM if other else NOT_A_DATE
    year, month, day, hour, minute, second = (int(g or 0) for g in match.groups()[:6])
    has_time = match.group(4) is not None
    try:
        days = date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return 0, has_time, NO_SUCH_DAY
    if hour > 23 or minute > 59 or second > 59:
        return 0, has_time, NO_SUCH_TIME
    seconds = days * DAY_SECONDS + hour * 3600 + minute * 60 + second
    zone = match.group(7)
    if zone is None:
        return seconds, has_time, OK
    offset = _zone_seconds(zone)
    if offset is None:
        return 0, has_time, NO_SUCH_TIME
    return int(_to_wall(np.array([seconds - offset]))[0]), has_time, OK


def _zone_seconds(zone: str) -> int | None:
    if zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        return None
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def _read_form(text: str, form: str) -> tuple[int, bool, int]:
    has_time = any(token in form for token in ("%H", "%I", "%T", "%X", "%c"))
    try:
        moment = datetime.strptime(text, form)
    except ValueError as error:
        # The wording of the interpreter is the only thing that tells the two apart.
        missing_day = "out of range" in str(error) or "must be in range" in str(error)
        return 0, has_time, NO_SUCH_DAY if missing_day else NOT_A_DATE
    if moment.tzinfo is not None:
        utc = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1)
        return int(_to_wall(np.array([utc]))[0]), has_time, OK
    seconds = moment.replace(microsecond=0) - datetime(1970, 1, 1)
    return int(seconds.total_seconds()), has_time, OK


def form_problem(form: str) -> str | None:
    """Return why a strptime form cannot be used, or None if it can."""
    if "%" not in form:
        return "it is not a form of strptime, such as %d/%m/%Y %H:%M"
    try:
        written = datetime(2031, 11, 22, 21, 13, 14, tzinfo=UTC).strftime(form)
        read = datetime.strptime(written, form)
    except ValueError:
        return "it is not a form of strptime, such as %d/%m/%Y %H:%M"
    if read.date() != date(2031, 11, 22):
        return "it leaves out the year, the month or the day"
    return None

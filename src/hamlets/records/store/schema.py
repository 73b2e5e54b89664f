"""The stored form of each canonical table: column names, Arrow types, blanks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pyarrow as pa

from hamlets.records.tables import NOT_GIVEN, TABLES, Column

CodeKind = Literal["patient", "staff", "practice", "site"]
CODE_KINDS: tuple[CodeKind, ...] = ("patient", "staff", "practice", "site")

_CODES: dict[str, tuple[str, CodeKind]] = {
    "patient_id": ("patient", "patient"),
    "staff_id": ("staff", "staff"),
    "named_staff_id": ("named_staff", "staff"),
    "buddy_staff_id": ("buddy_staff", "staff"),
    "practice_id": ("practice", "practice"),
    "site_id": ("site", "site"),
}
_PLAIN: dict[str, Any] = {
    "id": pa.string(),
    "text": pa.string(),
    "word": pa.int8(),
    "date": pa.date32(),
    "time": pa.timestamp("s"),
    "number": pa.float64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
}
SCOPED_TEXT = frozenset({"slot_id", "team_id"})
"""Ids kept as text that two sources may both use: see encoding.scoped."""

NO_CODE = -1


@dataclass(frozen=True)
class StoredColumn:
    """One stored column and the canonical column behind it (None: the store's own)."""

    name: str
    type: Any
    canonical: str | None
    code: CodeKind | None = None
    word: str | None = None

    @property
    def blank(self) -> int | None:
        """What a row without a value holds; None = null."""
        if self.code is not None:
            return NO_CODE
        if self.word is not None:
            return NOT_GIVEN
        return None


def _stored(table: str, column: Column) -> list[StoredColumn]:
    if column.name in _CODES:
        name, kind = _CODES[column.name]
        return [StoredColumn(name, pa.int32(), column.name, code=kind)]
    if table == "appointments":
        if column.name == "start_time":
            return [
                StoredColumn("start_day", pa.date32(), "start_time"),
                StoredColumn("start_second", pa.int32(), "start_time"),
                StoredColumn("time_known", pa.bool_(), None),
            ]
        if column.name == "staff_role":
            return [StoredColumn("role", pa.int8(), "staff_role", word="role")]
        if column.name == "duration_minutes":
            return [StoredColumn("duration_minutes", pa.float32(), "duration_minutes")]
    return [StoredColumn(column.name, _PLAIN[column.kind], column.name, word=column.vocabulary)]


@cache
def stored_columns(table: str, identifiable: bool) -> tuple[StoredColumn, ...]:
    """Return the stored columns of a canonical table, in the order of its files."""
    found: list[StoredColumn] = []
    for column in TABLES[table].columns:
        if identifiable or not column.identifying:
            found += _stored(table, column)
    if table == "appointments":
        found.append(StoredColumn("source", pa.int16(), None))
        found.append(StoredColumn("key", pa.int64(), None))
    if table == "named_gps":
        # the version that brought the row: of two that begin on one day the latest loaded holds
        found.append(StoredColumn("loaded", pa.int32(), None))
    return tuple(found)


@cache
def stored_schema(table: str, identifiable: bool) -> Any:
    """Return the Arrow schema of a table's files."""
    return pa.schema([pa.field(c.name, c.type) for c in stored_columns(table, identifiable)])


@cache
def stored_key(table: str) -> tuple[str, ...]:
    """Return the stored columns that tell a table's rows apart."""
    if table == "appointments":
        return ("source", "appointment_id")
    return tuple(_CODES.get(name, (name,))[0] for name in TABLES[table].key)

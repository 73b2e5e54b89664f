"""Rows on their way out: collected per file and table, handed over as batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from hamlets.records.batches import RawBatch, ReaderNotes, Refusal, RefusalKind
from hamlets.records.readers.fhir_words import STATUS_WORDS

Row = tuple[str | None, ...]

BATCH_ROWS = 32_768
MALFORMED = ("malformed resource", "a field has the wrong JSON type")
"""Class of the value and reason of a resource that is JSON, but not FHIR."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "practices": ("practice_id", "name", "postcode", "latitude", "longitude", "network_id"),
    "networks": ("network_id", "name", "kind", "parent_id"),
    "sites": ("site_id", "practice_id", "name", "postcode", "latitude", "longitude"),
    "staff": (
        "staff_id",
        "practice_id",
        "person_id",
        "name",
        "role",
        "contract",
        "sessions_per_week",
        "languages",
        "start_date",
        "end_date",
    ),
    "teams": ("team_id", "practice_id", "name"),
    "team_members": ("team_id", "staff_id", "from_date", "to_date", "lead"),
    "patients": (
        "patient_id",
        "practice_id",
        "nhs_number",
        "name",
        "named_staff_id",
        "birth_date",
        "birth_year",
        "sex",
        "ethnicity",
        "language",
        "death_date",
    ),
    "registrations": ("patient_id", "practice_id", "from_date", "to_date"),
    "named_gps": ("patient_id", "staff_id", "from_date", "to_date", "source"),
    "appointments": (
        "patient_id",
        "staff_id",
        "practice_id",
        "start_time",
        "appointment_id",
        "booked_time",
        "status",
        "mode",
        "urgency",
        "duration_minutes",
        "category",
        "site_id",
    ),
    "conditions": ("patient_id", "code", "from_date", "to_date"),
    "events": ("patient_id", "event_type", "event_date", "code"),
    "observations": ("patient_id", "code", "date", "value", "unit"),
    "slots": (
        "slot_id",
        "staff_id",
        "practice_id",
        "start_time",
        "end_time",
        "status",
        "site_id",
        "slot_type",
    ),
}
"""The columns this reader gives, in the order of its row tuples."""

_OPTIONAL = {
    "patients": frozenset(("practice_id",)),
    "staff": frozenset(("practice_id",)),
    "appointments": frozenset(("staff_id",)),
}
_WORDS = {"appointments": {"status": STATUS_WORDS}}


class Rows:
    """The rows of the file being read, by table."""

    def __init__(self, notes: ReaderNotes) -> None:
        self.file = ""
        self._notes = notes
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._lines: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, table: str, line: int, row: Row) -> None:
        """Add one row, in the order of ``COLUMNS[table]``."""
        self._rows[table].append(row)
        self._lines[table].append(line)

    def take(self, least: int = 1) -> Iterator[RawBatch]:
        """Yield and forget the tables that hold at least ``least`` rows."""
        for table in [t for t in COLUMNS if len(self._rows[t]) >= least]:
            rows, lines = self._rows.pop(table), self._lines.pop(table)
            try:
                columns = _arrow(rows)
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                rows, lines = self._only_text(table, rows, lines)
                columns = _arrow(rows)
            if not rows:
                continue
            yield RawBatch(
                table=table,
                file=self.file,
                lines=np.array(lines, dtype=np.int64),
                columns=pa.table(columns, names=list(COLUMNS[table])),
                words=_WORDS.get(table, {}),
                optional=_OPTIONAL.get(table, frozenset()),
            )

    def _only_text(
        self, table: str, rows: list[Row], lines: list[int]
    ) -> tuple[list[Row], list[int]]:
        """Return the rows that are text throughout; refuse those that are not."""
        kept: list[Row] = []
        kept_lines: list[int] = []
        for row, line in zip(rows, lines, strict=True):
            if _is_text(row):
                kept.append(row)
                kept_lines.append(line)
            else:
                self.refuse(table, line, *MALFORMED)
        return kept, kept_lines

    def refuse(
        self, table: str, line: int, value_class: str, reason: str, kind: RefusalKind = "error"
    ) -> None:
        """Note a row of this file that could not be handed over."""
        self._notes.refusals.append(Refusal(table, self.file, line, "", value_class, reason, kind))


def _is_text(values: Iterable[object]) -> bool:
    """Return whether JSON kept its promise of text in every value."""
    return all(value is None or isinstance(value, str) for value in values)


def _arrow(rows: list[Row]) -> list[pa.Array]:
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def without_blank_columns(batches: Iterable[RawBatch]) -> Iterator[RawBatch]:
    """Yield the batches without the columns that are blank in every batch of their table.

    A column that is there counts as given, and one that no resource ever filled was not.
    """
    held = list(batches)
    filled: defaultdict[str, set[str]] = defaultdict(set)
    for batch in held:
        for name in batch.columns.column_names:
            if batch.columns.column(name).null_count < batch.columns.num_rows:
                filled[batch.table].add(name)
    for batch in held:
        keep = [c for c in batch.columns.column_names if c in filled[batch.table]]
        yield RawBatch(
            batch.table,
            batch.file,
            batch.lines,
            batch.columns.select(keep),
            batch.words,
            batch.date_formats,
            batch.optional,
        )


class Dropped:
    """Tells the notes about resources that become no row."""

    def __init__(self, notes: ReaderNotes, rows: Rows) -> None:
        self.notes = notes
        self._rows = rows

    def in_error(self, table: str, line: int, key: object = None) -> None:
        """Note a resource entered in error; its id goes to the deletions."""
        reason = "entered in error in its source"
        self._rows.refuse(table, line, "entered in error", reason, "dropped")
        if isinstance(key, str):
            self.delete(table, key)

    def delete(self, table: str, key: str | None) -> None:
        """Note an id that the store must no longer hold."""
        if key:
            self.notes.deletions.setdefault(table, []).append(key)

    def test_patient(self, table: str, line: int) -> None:
        """Note a row about a patient who is marked as test data."""
        self._rows.refuse(table, line, "test data", "about a test patient", "dropped")

    def malformed(self, table: str, line: int) -> None:
        """Note a resource whose fields are not of the types FHIR gives them."""
        self._rows.refuse(table, line, *MALFORMED)

    def skip(self, what: str) -> None:
        """Count a resource that has no place in the canonical tables."""
        self.notes.skipped[what] += 1

"""The ``synthea`` profile: Synthea's CSV export, as a folder or as the zip delivered.

One file gives one table, but for ``encounters.csv``: its emergency and
inpatient rows are hospital events, and its hospice and nursing facility rows
are stays in an institution, which are neither and are counted as skipped.
Other files of the export are counted, by file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.batches import ProgressCallback, RawBatch, ReaderNotes, Recognition
from hamlets.records.readers.fhir_words import minutes_between, role_of
from hamlets.records.readers.synthea_files import COLUMNS, SyntheaFile, header_of
from hamlets.records.sources import Member, Source

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

MODE_WORDS = {
    "wellness": "face_to_face",
    "ambulatory": "face_to_face",
    "outpatient": "face_to_face",
    "urgentcare": "face_to_face",
    "virtual": "video",
    "home": "home_visit",
}
EVENT_WORDS = {"emergency": "ae_attendance", "inpatient": "admission"}
STAYS = ("hospice", "snf")
"""Stays in a hospice or a skilled nursing facility: the length of a stay under an
institution's own staff says nothing about who a patient sees in general practice."""


class SyntheaReader:
    """Reads Synthea's CSV export."""

    name = "synthea"

    def recognise(self, source: Source) -> Recognition | None:
        """Return a recognition where ``encounters.csv`` has Synthea's columns."""
        files = [m for m in source.members if m.suffix == ".csv"]
        encounters = next((m for m in files if m.stem == "encounters"), None)
        if encounters is None:
            return None
        header = [h.lower() for h in header_of(encounters)]
        if any(column not in header for column in COLUMNS["encounters"][0]):
            return None
        others = sorted({m.stem for m in files} & set(COLUMNS))
        return Recognition(
            1.0 if len(others) > 1 else 0.8,
            f"{encounters.name} has Synthea's columns (ENCOUNTERCLASS, PROVIDER, ...); "
            f"with it come {', '.join(others)}",
        )

    def read(
        self, source: Source, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        """Yield practices, staff and patients, then contacts and the rest.

        SourceError where a file lacks a column or is not UTF-8.
        """
        known = [m for m in source.members if m.suffix == ".csv" and m.stem in COLUMNS]
        for stem in COLUMNS:
            for member in known:
                if member.stem == stem and member.head(1):
                    yield from self._file(SyntheaFile.of(member, notes), notes, progress)
        others: list[str] = []
        for member in source.members:
            if member.suffix == ".csv" and member not in known:
                rows = _rows_in(member)
                if rows:
                    notes.skipped[member.name] += rows
            elif member not in known:
                others.append(member.name)
        if others:
            notes.warnings.append(f"Not read, being no CSV files: {', '.join(sorted(others))}.")

    def _file(
        self, file: SyntheaFile, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        make = _MAKERS[file.member.stem]
        for lines, rows in file.blocks():
            progress(file.member.name, rows.num_rows)
            yield from make(_Block(file.member.name, lines, rows, notes))


@dataclass(frozen=True)
class _Block:
    """Some rows of one file, under lower-case column names, all text."""

    file: str
    lines: npt.NDArray[np.int64]
    rows: pa.Table
    notes: ReaderNotes

    def get(self, *names: str) -> pa.ChunkedArray:
        """Return the first of these columns that the file has, blank if none."""
        for name in names:
            if name in self.rows.column_names:
                return self.rows.column(name)
        return pa.chunked_array([pa.nulls(self.rows.num_rows, pa.string())])

    def where(self, mask: pa.ChunkedArray) -> _Block:
        """Return the rows where ``mask`` is true."""
        keep = mask.to_numpy().astype(bool)
        return _Block(self.file, self.lines[keep], self.rows.filter(mask), self.notes)

    def batch(
        self,
        table: str,
        columns: Mapping[str, pa.ChunkedArray],
        *,
        words: Mapping[str, Mapping[str, str]] | None = None,
        optional: frozenset[str] = frozenset(),
    ) -> RawBatch:
        """Return the rows as a batch of a canonical table."""
        return RawBatch(
            table,
            self.file,
            self.lines,
            pa.table(dict(columns)),
            words or {},
            optional=optional,
        )


def _rows_in(member: Member) -> int:
    """Return the rows of a file, its header not counted."""
    with member.open() as stream:
        return max(sum(1 for line in stream if not line.isspace()) - 1, 0)


def _minutes(start: pa.ChunkedArray, stop: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the minutes from start to stop as text; blank unless stop is later."""
    try:
        kind = pa.timestamp("s", tz="UTC")
        seconds = pc.subtract(pc.cast(stop, kind), pc.cast(start, kind)).cast(pa.int64())
        minutes = pc.divide(seconds.cast(pa.float64()), 60.0)
        return pc.if_else(pc.greater(seconds, 0), minutes.cast(pa.string()), None)
    except pa.ArrowInvalid:  # some time is no time, or has no zone: one by one
        pairs = zip(start.to_pylist(), stop.to_pylist(), strict=True)
        return pa.chunked_array([pa.array([minutes_between(a, b) for a, b in pairs], pa.string())])


def _mapped(column: pa.ChunkedArray, make: Callable[[str], str | None]) -> pa.ChunkedArray:
    """Return ``make`` of each value, called once for each distinct one."""
    unique = pc.unique(column)
    made = [None if value is None else make(value) for value in unique.to_pylist()]
    return pc.take(pa.array(made, pa.string()), pc.index_in(column, value_set=unique))


def _joined(one: pa.ChunkedArray, other: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return two texts of each row with a blank between; where one is missing the other alone."""
    # nulls are filled first: where all are null, pyarrow's own way to skip them makes no rows
    filled = (pc.fill_null(one, ""), pc.fill_null(other, ""))
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*filled, " "))


def _constant(block: _Block, value: str) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([value] * block.rows.num_rows, pa.string())])


def _practices(block: _Block) -> Iterator[RawBatch]:
    columns = {
        "practice_id": block.get("id"),
        "name": block.get("name"),
        "postcode": block.get("postcode", "zip"),
        "latitude": block.get("lat"),
        "longitude": block.get("lon"),
    }
    yield block.batch("practices", columns)


def _staff(block: _Block) -> Iterator[RawBatch]:
    role = _mapped(block.get("speciality", "specialty"), lambda s: role_of(None, [{"text": s}]))
    columns = {
        "staff_id": block.get("id"),
        "practice_id": block.get("organization"),
        "person_id": block.get("id"),
        "name": block.get("name"),
        "role": role,
    }
    yield block.batch("staff", columns)


def _patients(block: _Block) -> Iterator[RawBatch]:
    mixed = _mapped(block.get("ethnicity"), lambda e: None if e.lower().startswith("non") else e)
    columns = {
        "patient_id": block.get("id"),
        "name": _joined(block.get("first"), block.get("last")),
        "birth_date": block.get("birthdate"),
        "sex": block.get("gender"),
        "ethnicity": _joined(block.get("race"), mixed),
        "death_date": block.get("deathdate"),
    }
    yield block.batch("patients", columns, optional=frozenset(("practice_id",)))


def _encounters(block: _Block) -> Iterator[RawBatch]:
    kind = pc.utf8_lower(block.get("encounterclass"))
    for stay in STAYS:
        count = pc.sum(pc.equal(kind, stay)).as_py() or 0
        if count:
            block.notes.skipped[f"{block.file} (class {stay})"] += count
    is_event = pc.is_in(kind, value_set=pa.array(list(EVENT_WORDS)))
    is_stay = pc.is_in(kind, value_set=pa.array(STAYS))
    contacts = block.where(pc.invert(pc.or_(is_event, is_stay)))
    if contacts.rows.num_rows:
        yield _contacts(contacts)
    events = block.where(is_event)
    if events.rows.num_rows:
        columns = {
            "patient_id": events.get("patient"),
            "event_type": _mapped(
                pc.utf8_lower(events.get("encounterclass")), EVENT_WORDS.__getitem__
            ),
            "event_date": events.get("start"),
        }
        yield events.batch("events", columns)


def _contacts(block: _Block) -> RawBatch:
    columns = {
        "patient_id": block.get("patient"),
        "staff_id": block.get("provider"),
        "practice_id": block.get("organization"),
        "start_time": block.get("start"),
        "appointment_id": block.get("id"),
        # Synthea writes down only what took place.
        "status": _constant(block, "attended"),
        "mode": block.get("encounterclass"),
        "duration_minutes": _minutes(block.get("start"), block.get("stop")),
        "category": block.get("encounterclass"),
    }
    return block.batch(
        "appointments",
        columns,
        words={"mode": MODE_WORDS},
        optional=frozenset(("staff_id",)),
    )


def _conditions(block: _Block) -> Iterator[RawBatch]:
    columns = {
        "patient_id": block.get("patient"),
        "code": block.get("code"),
        "from_date": block.get("start"),
        "to_date": block.get("stop"),
    }
    yield block.batch("conditions", columns)


def _observations(block: _Block) -> Iterator[RawBatch]:
    columns = {
        "patient_id": block.get("patient"),
        "code": block.get("code"),
        "date": block.get("date"),
        "value": block.get("value"),
        "unit": block.get("units"),
    }
    yield block.batch("observations", columns)


_MAKERS: dict[str, Callable[[_Block], Iterator[RawBatch]]] = {
    "organizations": _practices,
    "providers": _staff,
    "patients": _patients,
    "encounters": _encounters,
    "conditions": _conditions,
    "observations": _observations,
}

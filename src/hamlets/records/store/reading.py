"""Reading a version of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.errors import StoreDamagedError, StoreError
from hamlets.records.store.dictionaries import patient_labels, read_entries, source_labels
from hamlets.records.store.files import in_seconds, open_parquet, read_file
from hamlets.records.store.layout import Layout, damaged
from hamlets.records.store.locks import lock_version
from hamlets.records.store.manifest import FileEntry, Manifest, manifest_in_use, read_manifest
from hamlets.records.store.opening import INVENTED
from hamlets.records.store.schema import CODE_KINDS, StoredColumn, stored_columns, stored_schema
from hamlets.records.tables import PATIENT_TABLES, TABLES, VOCABULARIES

pc: Any = compute


def open_store(path: str | Path, version: int | None = None) -> Store:
    """Return a store at its current or a given version.

    The version stays on disk until the store is closed. Raises StoreError where
    there is no store, StoreDamagedError or StoreNewerError where it cannot be read.
    """
    layout = Layout(Path(path))
    for _ in range(10):
        current = manifest_in_use(layout)
        wanted = current.version if version is None else version
        lock = lock_version(layout, wanted) if 1 <= wanted <= current.version else None
        if lock is not None:
            try:
                manifest = current if version is None else read_manifest(layout, wanted)
            except BaseException:
                lock.close()
                raise
            return Store(layout, manifest, lock)
        if version is not None:
            raise StoreError(
                f"The store has no version {version}.",
                where=layout.root.name,
                hint="`hamlets store versions` lists the versions there are.",
            )
    raise StoreDamagedError("The store's current version cannot be read.", where="CURRENT")


class Store:
    """One version of a record store. Use it as a context manager, or close it."""

    def __init__(self, layout: Layout, manifest: Manifest, lock: BinaryIO) -> None:
        self.layout = layout
        self.manifest = manifest
        self._lock = lock
        self._groups: dict[str, dict[int, tuple[FileEntry, int, int]]] = {}
        for table in PATIENT_TABLES:
            places: dict[int, tuple[FileEntry, int, int]] = {}
            for entry in manifest.tables[table].files:
                for index, (practice, rows) in enumerate(entry.groups):
                    places[practice] = (entry, index, rows)
            self._groups[table] = places
        self._footers: dict[str, Any] = {}
        self._labels: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the version. Tables already read stay usable."""
        self._lock.close()

    @property
    def path(self) -> Path:
        return self.layout.root

    @property
    def version(self) -> int:
        return self.manifest.version

    @cached_property
    def content_id(self) -> str:
        return self.manifest.content_id

    @property
    def identifiable(self) -> bool:
        return self.manifest.identifiable

    @property
    def invented(self) -> bool:
        """Whether all of it is simulated: every load came from ``hamlets synth``."""
        return set(self.manifest.sources) == {INVENTED}

    @property
    def first_day(self) -> date | None:
        """First day with an appointment."""
        return _date(self.manifest.first_day)

    @property
    def last_day(self) -> date | None:
        """Last day with an appointment, booked ones included."""
        return _date(self.manifest.last_day)

    @property
    def last_counted_day(self) -> date | None:
        """Last day with a contact: status arrived or attended, or an extract without statuses."""
        return _date(self.manifest.last_contact)

    def given(self, table: str, column: str) -> bool:
        """Return whether any load gave this canonical column."""
        return column in self.manifest.given.get(table, ())

    def group_practices(self) -> list[int]:
        """Return the home practice codes that have rows in any patient table, ascending."""
        return sorted(set[int]().union(*self._groups.values()))

    def group_rows(self, table: str, practice: int) -> int:
        """Return how many rows of a patient table a home practice has."""
        place = self._groups[table].get(practice)
        return 0 if place is None else place[2]

    def read_group(self, table: str, practice: int, columns: list[str]) -> Any:
        """Return the rows of one home practice, stored form, as an Arrow table.

        Thread safe. Rows are in the store's order; a practice without rows gives
        an empty table.
        """
        return self.read_span(table, (practice,), columns)[0]

    def spans(self, rows: int) -> list[tuple[int, ...]]:
        """Return runs of home practices of some ``rows`` appointments, each in one file.

        Small practices are cheaper to read and to work on together.
        """
        places = self._groups["appointments"]
        found: list[tuple[int, ...]] = []
        run: list[int] = []
        held, path = 0, ""
        for practice in self.group_practices():
            place = places.get(practice)
            entry_path = place[0].path if place else path
            mine = place[2] if place else 0
            if run and (held + mine > rows or entry_path != path):
                found.append(tuple(run))
                run, held = [], 0
            run.append(practice)
            held, path = held + mine, entry_path
        return [*found, tuple(run)] if run else found

    def read_span(
        self, table: str, practices: Sequence[int], columns: list[str]
    ) -> tuple[Any, list[int]]:
        """Return the rows of some home practices in their order, and how many each has."""
        counts = [self.group_rows(table, practice) for practice in practices]
        entries: dict[str, tuple[FileEntry, list[int]]] = {}
        for practice in practices:
            place = self._groups[table].get(practice)
            if place is not None:
                entries.setdefault(place[0].path, (place[0], []))[1].append(place[1])
        schema = stored_schema(table, self.identifiable)
        parts = [pa.schema([schema.field(c) for c in columns]).empty_table()]
        for entry, indices in entries.values():
            try:
                with self._open(entry) as parquet:
                    found = parquet.read_row_groups(indices, columns=columns, use_threads=False)
            except (OSError, pa.ArrowException) as error:
                raise damaged(entry.path) from error
            parts.append(in_seconds(found.select(columns)))
        return pa.concat_tables(parts) if len(parts) != 2 else parts[1], counts

    def _open(self, entry: FileEntry) -> Any:
        """Open a file; its footer is parsed once and kept."""
        footer = self._footers.get(entry.path)
        if footer is None:
            parquet = open_parquet(self.layout, entry)
            self._footers[entry.path] = parquet.metadata
            return parquet
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.layout.root / entry.path, metadata=footer)

    def shared(self, table: str, columns: list[str] | None = None) -> Any:
        """Return a table that is not clustered by patient, stored form."""
        if table in PATIENT_TABLES:
            raise ValueError(f"{table} is clustered by patient: use read_group")
        return self._read(table, columns)

    def _read(self, table: str, columns: list[str] | None = None) -> Any:
        schema = stored_schema(table, self.identifiable)
        wanted = list(schema.names) if columns is None else columns
        parts = [
            read_file(self.layout, entry, wanted).select(wanted)
            for entry in self.manifest.tables[table].files
        ]
        empty = pa.schema([schema.field(c) for c in wanted]).empty_table()
        return pa.concat_tables([empty, *parts])

    def labels(self, kind: str) -> list[str]:
        """Return, by code, how a patient, staff, practice or site is shown."""
        if kind not in CODE_KINDS:
            raise ValueError(f"no such kind of id: {kind}")
        if kind not in self._labels:
            entries = read_entries(self.layout, self.manifest.dictionaries[kind])
            sources = list(self.manifest.sources)
            self._labels[kind] = (
                patient_labels(entries, sources, self.identifiable)
                if kind == "patient"
                else source_labels(entries, sources)
            )
        return self._labels[kind]

    def table(self, name: str) -> Any:
        """Return a whole table under canonical names, with ids and words, for people and SQL."""
        stored = self._read(name)
        columns: dict[str, Any] = {}
        by_canonical = {c.canonical: c for c in stored_columns(name, self.identifiable)}
        for column in TABLES[name].columns:
            if name == "appointments" and column.name == "start_time":
                columns[column.name] = _start_times(stored)
            elif column.name in by_canonical:
                where = by_canonical[column.name]
                columns[column.name] = self._decoded(stored.column(where.name), where)
        if name == "appointments":
            columns["time_known"] = stored.column("time_known")
        return pa.table(columns)

    def _decoded(self, values: Any, column: StoredColumn) -> Any:
        if column.code is not None:
            words = pa.array(self.labels(column.code), pa.string())
        elif column.word is not None:
            words = pa.array(VOCABULARIES[column.word], pa.string())
        else:
            return values
        known = pc.if_else(pc.less(values, 0), None, values)
        return pc.take(words, known)


def _start_times(stored: Any) -> Any:
    days = stored.column("start_day").combine_chunks().view("int32").to_numpy()
    seconds = stored.column("start_second").to_numpy()
    return pa.array((days.astype(np.int64) * 86400 + seconds).view("datetime64[s]"))


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

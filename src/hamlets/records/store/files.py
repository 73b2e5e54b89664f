"""Parquet files of the store: written once, named by their content, then shared.

A writer collects its files in the store's ``tmp`` folder; ``publish`` moves
them all to their final names. Until the manifest names them they are nothing,
and ``discard`` takes back what an interrupted load has left.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hamlets.errors import StoreDamagedError
from hamlets.records.store.layout import Layout, damaged, sync_folder
from hamlets.records.store.manifest import FileEntry

# Measured on 1.6 million appointments in 27 groups, columns patient, staff,
# start_day and status: all zstd 20 ms and 24.8 MB, all uncompressed 11 ms and
# 53 MB, as below 15 ms and 26 MB.
_TEXT_COMPRESSION, _TEXT_LEVEL = "zstd", 1
_CODE_COMPRESSION = "lz4"
_NO_DICTIONARY = frozenset({"key", "appointment_id", "patient", "slot_id"})
"""Columns whose values hardly repeat, or lie in runs: a dictionary would only cost time."""


def _compression(column: Any) -> str:
    if column.name == "key" and pa.types.is_int64(column.type):
        return "none"  # hashes: no compression makes them smaller
    return _TEXT_COMPRESSION if pa.types.is_string(column.type) else _CODE_COMPRESSION


def _writer(path: Path, schema: Any) -> Any:
    dictionary: Any = [name for name in schema.names if name not in _NO_DICTIONARY]
    compression: Any = {column.name: _compression(column) for column in schema}
    return pq.ParquetWriter(
        path,
        schema,
        compression=compression,
        compression_level={n: _TEXT_LEVEL for n, c in compression.items() if c == "zstd"},
        use_dictionary=dictionary,
        write_statistics=True,
        version="2.6",
    )


@dataclass(frozen=True)
class Written:
    """A file in ``tmp`` and the entry it will have."""

    path: Path
    entry: FileEntry


@dataclass
class FileWriter:
    """Writes the files of one new version."""

    layout: Layout
    folder: Path
    _written: list[Written] = field(default_factory=list[Written])
    _published: list[Path] = field(default_factory=list[Path])

    def write(
        self,
        table: str,
        name: str,
        schema: Any,
        parts: Iterable[tuple[int | None, Any]],
        cluster: int | None = None,
    ) -> FileEntry | None:
        """Write one file of (home practice, rows) parts; None where there is no row.

        Each part becomes one row group. A part's practice is None in tables
        that are not clustered.
        """
        path = self.folder / f"{table}-{name}.parquet"
        groups: list[tuple[int, int]] = []
        days = _Days()
        rows = 0
        with _writer(path, schema) as writer:
            for practice, part in parts:
                if part.num_rows == 0:
                    continue
                writer.write_table(part, row_group_size=part.num_rows)
                rows += part.num_rows
                if practice is not None:
                    groups.append((practice, part.num_rows))
                if table == "appointments":
                    days.add(part)
        if rows == 0:
            path.unlink()
            return None
        return self._keep(path, table, name, rows, cluster, groups, days)

    def _keep(
        self,
        path: Path,
        table: str,
        name: str,
        rows: int,
        cluster: int | None,
        groups: list[tuple[int, int]],
        days: _Days,
    ) -> FileEntry:
        with path.open("rb") as stream:
            sha = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
        final = self.layout.files / table / f"{name}-{sha[:16]}.parquet"
        entry = FileEntry(
            path=self.layout.relative(final),
            sha256=sha,
            bytes=path.stat().st_size,
            rows=rows,
            cluster=cluster,
            groups=tuple(groups),
            first_day=days.first,
            last_day=days.last,
            last_contact=days.last_contact,
        )
        self._written.append(Written(path, entry))
        return entry

    def publish(self) -> None:
        """Move the files to their final names, where no reader looks yet."""
        folders: set[Path] = set()
        for written in self._written:
            final = self.layout.root / written.entry.path
            if not final.parent.is_dir():
                final.parent.mkdir(parents=True)
                folders.add(final.parent.parent)
            if final.exists() and final.stat().st_size == written.entry.bytes:
                # An earlier version, or a load that was killed, has written it.
                with final.open("rb") as stream:
                    same = hashlib.file_digest(stream, "sha256").hexdigest()
                if same == written.entry.sha256:
                    written.path.unlink()
                    continue
            self._published.append(final)
            written.path.replace(final)
            folders.add(final.parent)
        for folder in sorted(folders):
            sync_folder(folder)
        self._written.clear()

    def discard(self) -> None:
        """Remove what was written. Only for a version that is not served."""
        for path in self._published:
            path.unlink(missing_ok=True)
        self._published.clear()
        self._written.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Days:
    """First and last day of the appointments in one file."""

    def __init__(self) -> None:
        self.first: str | None = None
        self.last: str | None = None
        self.last_contact: str | None = None

    def add(self, part: Any) -> None:
        from hamlets.records.store.contacts import contact_days

        first, last, contact = contact_days(part)
        self.first = min(filter(None, (self.first, first)), default=None)
        self.last = max(filter(None, (self.last, last)), default=None)
        self.last_contact = max(filter(None, (self.last_contact, contact)), default=None)


def open_parquet(layout: Layout, entry: FileEntry) -> Any:
    """Return an open pyarrow ParquetFile; StoreDamagedError where it cannot be read."""
    path = layout.root / entry.path
    try:
        if path.stat().st_size != entry.bytes:
            raise damaged(entry.path)
        return pq.ParquetFile(path)
    except StoreDamagedError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise damaged(entry.path) from error


def read_file(layout: Layout, entry: FileEntry, columns: list[str] | None = None) -> Any:
    """Return a file's rows; StoreDamagedError where it cannot be read."""
    try:
        with open_parquet(layout, entry) as parquet:
            return in_seconds(parquet.read(columns=columns))
    except (OSError, pa.ArrowException) as error:
        raise damaged(entry.path) from error


def in_seconds(rows: Any) -> Any:
    """Return rows with times in seconds: Parquet has none, and gives milliseconds."""
    for index, column in enumerate(rows.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit != "s":
            values = rows.column(index).cast(pa.timestamp("s"))
            rows = rows.set_column(index, column.name, values)
    return rows


def checksum(layout: Layout, entry: FileEntry) -> str:
    """Return the SHA-256 of a file as it is now; StoreDamagedError where it is missing."""
    try:
        with (layout.root / entry.path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise damaged(entry.path) from error

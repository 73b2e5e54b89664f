"""The generic profile: tables under their canonical names, as CSV or Parquet.

With a mapping file, any CSV: its columns and words are given ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.errors import SourceError
from hamlets.records.batches import (
    ProgressCallback,
    RawBatch,
    ReaderNotes,
    Recognition,
    Refusal,
)
from hamlets.records.mapping import DELIMITERS, Mapping, TableMapping
from hamlets.records.readers.csv_columns import Chosen, choose_columns, missing_columns
from hamlets.records.readers.csv_rows import RowBatch, read_rows
from hamlets.records.readers.csv_text import TextStream, read_header, shown_columns
from hamlets.records.readers.parquet_rows import (
    is_parquet,
    parquet_columns,
    read_parquet,
    row_numbers,
)
from hamlets.records.sources import Member, Source, empty_file
from hamlets.records.tables import TABLES, Table

_SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".tab", ".parquet", ".pq"})
_PART = re.compile(r"(?P<table>[a-z_]+?)(?:[-_. ]?\d[\d\-_. ]*)?")
_NOTHING = TableMapping()
_MOST_WARNINGS = 20


@dataclass(frozen=True)
class _TableFile:
    """One file that is read as one table."""

    table: Table
    member: Member
    by_header: bool = False
    """Taken for its columns, not for its name."""


class CsvReader:
    """Reads canonical tables from CSV and Parquet files."""

    name = "csv"

    def __init__(self, mapping: Mapping | None = None, filled: Collection[str] = ()) -> None:
        self.mapping = mapping
        self.filled = frozenset(filled)
        """Columns that the files may lack: whoever asked fills them in."""

    def recognise(self, source: Source) -> Recognition | None:
        """Return how surely these are canonical tables: by file name, then by header."""
        if self.mapping is not None:
            return Recognition(1.0, f"the mapping file {self.mapping.name} says how to read it")
        lacking: Recognition | None = None
        named = [f for f in self._by_name(source) if f.member.size]
        named.sort(key=lambda f: f.table.name != "appointments")
        for file in named:
            if self._fits(file.table, file.member):
                sure = 1.0 if file.table.name == "appointments" else 0.8
                why = f"{file.member.name} has the columns of the table {file.table.name}"
                return Recognition(sure, why)
            why = f"{file.member.name} is named after the table {file.table.name}"
            lacking = lacking or Recognition(0.2, why)
        if lacking is None:
            for file in self._by_header(source):
                why = f"{file.member.name} has the columns of the table appointments"
                return Recognition(0.6, why)
        return lacking

    def read(
        self, source: Source, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        """Yield the rows of every table file, dimension tables first."""
        files = self._files(source)
        self._say_what_is_left_out(source, files, notes)
        for table in TABLES.values():
            for file in files:
                if file.table is table:
                    yield from self._read_file(file, notes, progress)

    def _table_mapping(self, table: str) -> TableMapping:
        return _NOTHING if self.mapping is None else self.mapping.tables.get(table, _NOTHING)

    def _files(self, source: Source) -> list[_TableFile]:
        files = self._by_mapping(source) if self.mapping is not None else []
        taken = {f.member.name for f in files}
        mapped = {f.table.name for f in files}
        files += [
            f
            for f in self._by_name(source)
            if f.member.name not in taken and f.table.name not in mapped
        ]
        if not files:
            files = self._by_header(source)
        if not files:
            raise self._no_table(source)
        return files

    def _by_mapping(self, source: Source) -> list[_TableFile]:
        assigned: list[_TableFile] = []
        for name, mapping in self.mapping.tables.items() if self.mapping is not None else ():
            if not mapping.file:
                named = {f.member.name for f in self._by_name(source) if f.table.name == name}
                found = [m for m in source if m.stem == name or m.name in named]
                # A single file can only be the one table that the mapping describes.
                if not found and self.mapping is not None and len(self.mapping.tables) == 1:
                    found = list(source) if len(source.members) == 1 else []
                if not found and name == "appointments":
                    found = [f.member for f in self._by_header(source)]
            else:
                found = [m for m in source if _matches(m, mapping.file)]
            if not found:
                raise SourceError(
                    f"No file is there for the table {name}.",
                    where=f"{self.mapping.name if self.mapping else ''}: [{name}] file",
                    hint=f"The files are: {_listed(source.names())}.",
                )
            assigned += [_TableFile(TABLES[name], member) for member in found]
        return assigned

    @staticmethod
    def _by_name(source: Source) -> list[_TableFile]:
        files: list[_TableFile] = []
        for member in source:
            match = _PART.fullmatch(member.stem)
            if member.suffix in _SUFFIXES and match and match["table"] in TABLES:
                files.append(_TableFile(TABLES[match["table"]], member))
        return files

    def _by_header(self, source: Source) -> list[_TableFile]:
        table = TABLES["appointments"]
        return [
            _TableFile(table, member, by_header=True)
            for member in source
            if member.size and self._fits(table, member)
        ]

    def _fits(self, table: Table, member: Member) -> bool:
        try:
            columns = columns_of(member, table)
        except SourceError:
            return False
        return not missing_columns(table, columns, self._table_mapping(table.name), self.filled)

    def _no_table(self, source: Source) -> SourceError:
        found: list[str] = []
        for member in source.members[:5]:
            try:
                columns = shown_columns(columns_of(member, TABLES["appointments"]))
                found.append(f"{member.name} ({columns})")
            except SourceError as error:
                found.append(f"{member.name} ({error.message.rstrip('.').lower()})")
        return SourceError(
            "No file here is named after a table or has the columns of appointments.",
            where=_listed(found),
            hint="Name the files after the tables (appointments.csv, patients.csv, ...), "
            "or describe them in a file given with --mapping.",
        )

    @staticmethod
    def _say_what_is_left_out(
        source: Source, files: Sequence[_TableFile], notes: ReaderNotes
    ) -> None:
        taken = {f.member.name for f in files}
        left = {m.name: "it is not named after a table" for m in source if m.name not in taken}
        left.update({name: f"it is {what}" for name, what in source.ignored.items()})
        for name, why in list(left.items())[:_MOST_WARNINGS]:
            notes.warnings.append(f"{name} was left out: {why}.")
        if len(left) > _MOST_WARNINGS:
            notes.warnings.append(f"{len(left) - _MOST_WARNINGS} more files were left out.")
        for file in files:
            if file.by_header:
                notes.warnings.append(
                    f"{file.member.name} was taken as the table appointments, "
                    "for it has its required columns."
                )

    def _read_file(
        self, file: _TableFile, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        if file.member.size == 0:
            raise empty_file(file.member.name)
        rows = 0
        read = self._read_parquet if is_parquet(file.member) else self._read_csv
        for batch, count in read(file, notes):
            rows += count
            progress(file.member.name, count)
            if batch is not None:
                yield batch
        if not rows:
            notes.warnings.append(f"{file.member.name} has a header and no rows.")

    def _read_csv(
        self, file: _TableFile, notes: ReaderNotes
    ) -> Iterator[tuple[RawBatch | None, int]]:
        mapping = self._table_mapping(file.table.name)
        text = TextStream(file.member)
        try:
            header = read_header(text, _wanted(file.table, mapping), mapping.delimiter)
            name = file.member.name
            chosen = choose_columns(file.table, header.columns, mapping, name, self.filled)
            if header.delimiter != "," and mapping.delimiter is None:
                notes.warnings.append(
                    f"{name} is divided by {DELIMITERS.get(header.delimiter, 'another mark')}, "
                    "not by comma."
                )
            if text.encoding.startswith(("utf-16", "utf-32")):
                notes.warnings.append(f"{name} is {text.encoding[:6].upper()}, read as such.")
            self._note_unknown(name, chosen, notes)
            for rows in read_rows(text, header):
                self._refuse(file, header.columns, rows, notes)
                count = len(rows.lines) + len(rows.bad)
                if len(rows.lines):
                    columns = chosen.table(rows.columns, len(rows.lines))
                    yield self._batch(file, rows.lines, columns, mapping), count
                elif count:
                    yield None, count
        finally:
            text.close()

    def _read_parquet(
        self, file: _TableFile, notes: ReaderNotes
    ) -> Iterator[tuple[RawBatch | None, int]]:
        mapping = self._table_mapping(file.table.name)
        names = parquet_columns(file.member)
        chosen = choose_columns(file.table, names, mapping, file.member.name, self.filled)
        self._note_unknown(file.member.name, chosen, notes)
        used = sorted({i for positions in chosen.positions.values() for i in positions})
        done = 0
        for table in read_parquet(file.member, [names[i] for i in used]):
            found = {position: table.column(i) for i, position in enumerate(used)}
            columns = chosen.table(found, table.num_rows)
            lines = row_numbers(done + 1, table.num_rows)
            done += table.num_rows
            yield self._batch(file, lines, columns, mapping), table.num_rows

    @staticmethod
    def _batch(
        file: _TableFile, lines: npt.NDArray[np.int64], columns: pa.Table, mapping: TableMapping
    ) -> RawBatch:
        forms = {
            column.name: form
            for column in file.table.columns
            if column.kind in ("date", "time") and (form := mapping.form(column.name))
        }
        return RawBatch(
            table=file.table.name,
            file=file.member.name,
            lines=lines,
            columns=columns,
            words=mapping.words(),
            date_formats=forms,
        )

    @staticmethod
    def _note_unknown(name: str, chosen: Chosen, notes: ReaderNotes) -> None:
        if chosen.unknown:
            notes.unknown_columns[name] = chosen.unknown

    @staticmethod
    def _refuse(
        file: _TableFile, header: Sequence[str], rows: RowBatch, notes: ReaderNotes
    ) -> None:
        for row in rows.bad:
            column = "" if row.column is None else header[row.column]
            notes.refusals.append(
                Refusal(
                    table=file.table.name,
                    file=file.member.name,
                    line=row.line,
                    column=column,
                    value_class="row" if row.column is None else "text",
                    reason=row.reason,
                )
            )


def columns_of(member: Member, table: Table) -> list[str]:
    """Return the header of a CSV or Parquet file; SourceError if it has none."""
    if member.size == 0:
        raise empty_file(member.name)
    if is_parquet(member):
        return parquet_columns(member)
    text = TextStream(member)
    try:
        return read_header(text, set(table.names)).columns
    finally:
        text.close()


def _wanted(table: Table, mapping: TableMapping) -> set[str]:
    named = {name.strip().lower() for names in mapping.columns.values() for name in names}
    return named | set(table.names)


def _matches(member: Member, patterns: Sequence[str]) -> bool:
    names = {
        member.name.lower(),
        member.name.rsplit("/", 1)[-1].lower(),
        member.logical_name.lower(),
    }
    return any(fnmatchcase(name, pattern.lower()) for name in names for pattern in patterns)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown

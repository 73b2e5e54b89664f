"""Synthea's CSV files: their columns, and reading them with the lines kept.

Synthea writes commas without quoting them and leaves out fields at the end, so
rows whose number of fields differs from the header's are fitted to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pacsv

from hamlets.errors import SourceError
from hamlets.records.batches import ReaderNotes
from hamlets.records.sources import Member

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

_BLOCK = 4 * 2**20

COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "organizations": (("id",), ("name", "postcode", "zip", "lat", "lon")),
    "providers": (("id", "organization"), ("name", "speciality", "specialty")),
    "patients": (
        ("id", "birthdate"),
        ("deathdate", "first", "last", "race", "ethnicity", "gender"),
    ),
    "encounters": (
        ("id", "start", "patient", "organization", "provider", "encounterclass"),
        ("stop",),
    ),
    "conditions": (("start", "patient", "code"), ("stop",)),
    "observations": (("date", "patient", "code"), ("value", "units")),
}
"""File -> (columns it must have, columns used where it has them), lower case."""

_FREE_TEXT = ("address", "description", "name")
"""The first of these that a file has takes the surplus of a row with too many fields:
Synthea writes commas without quoting them."""


@dataclass
class SyntheaFile:
    """One CSV file: its header, and its rows as Arrow blocks."""

    member: Member
    header: list[str]
    _odd: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """(line, text) of the rows with too few or too many fields."""

    @classmethod
    def of(cls, member: Member, notes: ReaderNotes) -> SyntheaFile:
        """Return the file, once its header is known to be whole."""
        header = [h.lower() for h in header_of(member)]
        required, optional = COLUMNS[member.stem]
        missing = [c for c in required if c not in header]
        if missing:
            raise SourceError(
                f"This file has no column {missing[0].upper()}.",
                where=f"{member.name}, line 1",
                hint="A Synthea CSV export has commas and a header row; export it again.",
            )
        unused = [c for c in header if c not in required and c not in optional]
        if unused:
            notes.unknown_columns[member.name] = unused
        return cls(member, header)

    @property
    def used(self) -> list[str]:
        """The columns to read, in the file's order."""
        required, optional = COLUMNS[self.member.stem]
        return [c for c in self.header if c in required or c in optional]

    def blocks(self) -> Iterator[tuple[npt.NDArray[np.int64], pa.Table]]:
        """Yield (lines, rows), the rows with an odd number of fields last."""
        stream = self.member.open()
        with stream:
            try:
                yield from self._even_blocks(stream)
            except pa.ArrowInvalid as error:
                raise SourceError(
                    "This file cannot be read as CSV in UTF-8.",
                    where=self.member.name,
                    hint="Save it as UTF-8, with commas, and pass that file.",
                ) from error
        if self._odd:
            yield self._odd_block()

    def _even_blocks(self, stream: BinaryIO) -> Iterator[tuple[npt.NDArray[np.int64], pa.Table]]:
        names = _distinct(self.header)
        reader = pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(
                block_size=_BLOCK, column_names=names, skip_rows=1, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                invalid_row_handler=self._keep_odd, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=self.used,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        line = 2
        for block in reader:
            rows = pa.Table.from_batches([block])
            # A block ends before the rows of the next are looked at, so that every
            # odd row up to its own last line is known by now.
            odd = np.array([at for at, _ in self._odd], dtype=np.int64)
            lines, line = _lines_around(odd, line, rows.num_rows)
            blank = np.ones(rows.num_rows, dtype=bool)
            for column in rows.columns:
                blank &= pc.is_null(column).to_numpy()
            if blank.any():
                rows, lines = rows.filter(pa.array(~blank)), lines[~blank]
            if rows.num_rows:
                yield lines, rows

    def _keep_odd(self, row: pacsv.InvalidRow) -> str:
        self._odd.append((row.number, row.text))
        return "skip"

    def _odd_block(self) -> tuple[npt.NDArray[np.int64], pa.Table]:
        """Return the odd rows, each fitted to the header."""
        fitted = [self._fit(next(csv.reader([text]), [])) for _, text in self._odd]
        columns = {
            name: pa.array([row[self.header.index(name)] or None for row in fitted], pa.string())
            for name in self.used
        }
        return np.array([line for line, _ in self._odd], dtype=np.int64), pa.table(columns)

    def _fit(self, fields: list[str]) -> list[str]:
        width = len(self.header)
        if len(fields) <= width:  # Synthea leaves out fields at the end
            return fields + [""] * (width - len(fields))
        at = next((self.header.index(c) for c in _FREE_TEXT if c in self.header), width - 1)
        after = width - at - 1
        end = len(fields) - after
        return [*fields[:at], ",".join(fields[at:end]), *fields[end:]]


def header_of(member: Member) -> list[str]:
    line = member.head().split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    return [name.strip() for name in next(csv.reader(io.StringIO(line)), [])]


def _distinct(header: list[str]) -> list[str]:
    """Return the names with later repeats renamed, so that a name means its first column."""
    return [n if header.index(n) == i else f"{n}#{i}" for i, n in enumerate(header)]


def _lines_around(
    odd: npt.NDArray[np.int64], line: int, rows: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Return the lines of the next ``rows`` even rows from ``line``, and the line after them."""
    count = rows
    while True:
        between = int(np.count_nonzero((odd >= line) & (odd < line + count)))
        if count == rows + between:
            break
        count = rows + between
    lines = np.arange(line, line + count, dtype=np.int64)
    return lines[~np.isin(lines, odd)], line + count

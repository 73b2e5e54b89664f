"""Small tables that people hand over: CSV with a header, read as rows of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hamlets.errors import SourceError
from hamlets.records.readers.csv_text import MARK, TextStream, read_header, shown_columns
from hamlets.records.sources import open_source

_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Row:
    """One row: its line in the file and its cells, by column name in lower case."""

    line: int
    cells: Mapping[str, str]

    def text(self, *names: str) -> str:
        """Return the first of some columns that is there and not blank, else ""."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


@dataclass(frozen=True)
class SmallFile:
    """The rows of a file; ``columns`` are its header in lower case, spaces as underscores."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def where(self, row: Row) -> str:
        """Return where a row is, for an error."""
        return f"{self.name}, line {row.line}"

    def first_of(self, *names: str) -> str | None:
        """Return the first of some columns that the file has."""
        return next((name for name in names if name in self.columns), None)

    def need(self, what: str, *names: str) -> str:
        """Return the first of some columns that the file has; SourceError where it has none."""
        found = self.first_of(*names)
        if found is None:
            raise SourceError(
                f"There is no column with {what}.",
                where=self.name,
                hint=f"Call it {' or '.join(names)}. Columns found: {shown_columns(self.columns)}.",
            )
        return found


def read_small_file(path: Path, wanted: Sequence[str] = ()) -> SmallFile:
    """Return a CSV file's rows: any delimiter, any encoding, also .gz or zipped.

    ``wanted`` columns help to tell the delimiter. Raises SourceError where the file cannot be
    read or a row is cut short.
    """
    with open_source([path]) as source:
        members = list(source)
        if len(members) != 1:
            raise SourceError(
                "This must be one CSV file.", where=path.name, hint="Name the file itself."
            )
        text = TextStream(members[0])
        try:
            header = read_header(text, frozenset(wanted))
            data = text.read(_MOST_BYTES + 1)
        finally:
            text.close()
    if len(data) > _MOST_BYTES:
        raise SourceError(
            "The file is too large for a table of practices.",
            where=path.name,
            hint=f"The limit is {_MOST_BYTES // 2**20} MB.",
        )
    columns = tuple(_column(cell) for cell in header.columns)
    body = data.decode("utf-8")
    rows = tuple(_rows(path.name, body, columns, header.delimiter, header.next_line))
    return SmallFile(path.name, columns, rows)


def _column(cell: str) -> str:
    return "_".join(cell.lower().replace("-", " ").split())


def _rows(
    name: str, body: str, columns: tuple[str, ...], delimiter: str, first_line: int
) -> list[Row]:
    found: list[Row] = []
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    line = first_line
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                found.append(_row(name, line, columns, stripped))
            line = first_line + reader.line_num
    except csv.Error:
        raise SourceError(
            "This row cannot be read as CSV.",
            where=f"{name}, line {line}",
            hint="Look for a quotation mark that is never closed.",
        ) from None
    return found


def _row(name: str, line: int, columns: tuple[str, ...], cells: list[str]) -> Row:
    if any("\0" in cell or MARK in cell for cell in cells):
        raise SourceError(
            "This row holds bytes that are no text.",
            where=f"{name}, line {line}",
            hint="Save the table again as CSV, UTF-8.",
        )
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        raise SourceError(
            f"This row has {len(cells)} cells under {len(columns)} columns.",
            where=f"{name}, line {line}",
            hint="Put a cell that holds the delimiter into quotation marks.",
        )
    return Row(line, dict(zip(columns, cells, strict=False)))

"""Rows of a CSV file after its header, in batches, each with its line number."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as arrow_csv

from hamlets.errors import SourceError
from hamlets.records.readers.csv_text import MARK, Header, TextStream
from hamlets.records.text import as_mask, text_bytes

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

BLOCK_BYTES = 16 * 2**20
"""Bytes parsed at a time; no row may be longer."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be handed over, and why."""

    line: int
    reason: str
    column: int | None = None
    """Position of the column at fault, None where it is the row as a whole."""


@dataclass
class RowBatch:
    """Rows as string columns by position; ``lines`` of each; rows left out."""

    columns: list[pa.Array]
    lines: npt.NDArray[np.int64]
    bad: list[BadRow] = field(default_factory=list[BadRow])


@dataclass(frozen=True)
class _Misfit:
    """A row with the wrong number of cells, as Arrow reports it."""

    number: int
    cells: int
    text: str


class _Lines:
    """Turns row numbers into line numbers: a row may span several lines."""

    def __init__(self, first_line: int, expected: int) -> None:
        self.next_line = first_line
        self.next_number = 1
        self.expected = expected
        self.misfits: deque[_Misfit] = deque()

    def place(
        self, heights: npt.NDArray[np.int64] | None, rows: int
    ) -> tuple[npt.NDArray[np.int64], list[BadRow]]:
        """Return the lines of the next ``rows`` rows, and the misfits among them."""
        end = self.next_number + rows
        among: list[_Misfit] = []
        while self.misfits and self.misfits[0].number < end:
            among.append(self.misfits.popleft())
            end += 1
        if heights is None and not among:
            lines = np.arange(self.next_line, self.next_line + rows, dtype=np.int64)
            self.next_line += rows
            self.next_number = end
            return lines, []
        all_heights = np.ones(end - self.next_number, dtype=np.int64)
        fits = np.ones(len(all_heights), dtype=bool)
        for misfit in among:
            position = misfit.number - self.next_number
            fits[position] = False
            all_heights[position] += misfit.text.count("\n")
        if heights is not None:
            all_heights[fits] = heights
        starts = self.next_line + np.concatenate([[0], np.cumsum(all_heights)[:-1]])
        self.next_line += int(all_heights.sum())
        bad = [self._bad(int(starts[m.number - self.next_number]), m) for m in among]
        self.next_number = end
        return starts[fits], bad

    def rest(self) -> list[BadRow]:
        """Return the misfits after the last good row."""
        bad: list[BadRow] = []
        while self.misfits:
            misfit = self.misfits.popleft()
            bad.append(self._bad(self.next_line, misfit))
            self.next_line += 1 + misfit.text.count("\n")
        return bad

    def _bad(self, line: int, misfit: _Misfit) -> BadRow:
        return BadRow(line, f"has {misfit.cells} cells, where the header has {self.expected}")


def read_rows(text: TextStream, header: Header) -> Iterator[RowBatch]:
    """Yield the rows after the header; SourceError where they are no CSV."""
    width = len(header.columns)
    names = [str(i) for i in range(width)]
    lines = _Lines(header.next_line, width)

    def misfit(row: Any) -> str:
        lines.misfits.append(_Misfit(int(row.number), int(row.actual_columns), str(row.text)))
        return "skip"

    # Arrow has no word for "no rows"; a stream that ends at once is one.
    start = text.read(1)
    if not start:
        return
    text.push_back(start)
    last_cell: str | None = None
    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(cast("Any", text), mode="r"),
            read_options=arrow_csv.ReadOptions(
                column_names=names, block_size=BLOCK_BYTES, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=header.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=misfit,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                null_values=[""],
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )
        for record in reader:
            batch = _batch(record, lines, text)
            if record.num_rows:
                last_cell = record.column(width - 1)[record.num_rows - 1].as_py()
            yield batch
    except pa.ArrowException as error:
        raise _unreadable(text.name, lines.next_line, error) from error
    if lines.misfits:
        last_cell = lines.misfits[-1].text
    _check_closed(text, last_cell, lines)
    if bad := lines.rest():
        yield RowBatch([pa.array([], pa.string())] * width, np.zeros(0, np.int64), bad)


def _batch(record: pa.RecordBatch, lines: _Lines, text: TextStream) -> RowBatch:
    columns = [record.column(i) for i in range(record.num_columns)]
    heights = _heights(columns) if text.quotes else None
    numbers, bad = lines.place(heights, record.num_rows)
    keep = ~_all_blank(columns)
    if text.bad_bytes:
        for position, column in enumerate(columns):
            marked = as_mask(pc.fill_null(pc.match_substring(column, MARK), False)) & keep
            for row in np.flatnonzero(marked).tolist():
                bad.append(BadRow(int(numbers[row]), "is not UTF-8 text", position))
            keep &= ~marked
    if not keep.all():
        mask = pa.array(keep)
        columns = [column.filter(mask) for column in columns]
        numbers = numbers[keep]
    return RowBatch(columns, numbers, sorted(bad, key=lambda row: row.line))


def _heights(columns: list[pa.Array]) -> npt.NDArray[np.int64] | None:
    """Return how many lines each row spans, None where each spans one."""
    heights: npt.NDArray[np.int64] | None = None
    for column in columns:
        data, starts, lengths, _ = text_bytes(column)
        used = data[starts[0] : starts[-1] + lengths[-1]] if len(starts) else data
        if not (used == 10).any():
            continue
        inner = pc.fill_null(pc.count_substring(column, "\n"), 0).to_numpy().astype(np.int64)
        heights = inner + 1 if heights is None else heights + inner
    return heights


def _all_blank(columns: list[pa.Array]) -> npt.NDArray[np.bool_]:
    """Return which rows are blank lines or delimiters alone."""
    size = len(columns[0])
    if not all(column.null_count for column in columns):
        return np.zeros(size, dtype=bool)
    blank = np.ones(size, dtype=bool)
    for column in columns:
        blank &= as_mask(pc.is_null(column))
    return blank


def _check_closed(text: TextStream, last_cell: str | None, lines: _Lines) -> None:
    """Refuse a file whose last quotation mark swallowed the rows after it."""
    if last_cell is None or "\n" not in last_cell.rstrip("\r") or not text.quotes:
        return
    if not text.tail.rstrip(b"\r\n").endswith(b'"'):
        raise SourceError(
            "A quotation mark is opened and never closed.",
            where=f"{text.name}, the row that ends on line {lines.next_line - 1}",
            hint="Close it, or export the file again; it may have been cut short.",
        )


def _unreadable(name: str, line: int, error: Exception) -> SourceError:
    # Arrow's own message quotes the row, which may hold a patient's details.
    if "straddl" in str(error):
        return SourceError(
            f"A row is longer than {BLOCK_BYTES // 2**20} MB.",
            where=f"{name}, after line {line - 1}",
            hint="Look for a quotation mark that is opened and never closed.",
        )
    return SourceError(
        "This file cannot be read as CSV.",
        where=f"{name}, after line {line - 1}",
        hint="Export it again as CSV (UTF-8).",
    )

"""Raw batches -> typed rows, for every reader alike.

A row is refused for its first fault, in the order of the table's columns; what
can be left blank without changing what the row means is blanked and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.batches import RawBatch, Refusal
from hamlets.records.tables import NOT_GIVEN, STATUSES, TABLES, VOCABULARIES, Column, Table
from hamlets.records.text import (
    as_mask,
    as_text,
    rows_with_byte,
    safe_word,
    text_lengths,
    value_class,
)
from hamlets.records.times import BLANK, DAY_SECONDS, OK, REASONS, Times, read_times
from hamlets.records.values import Read, map_words, read_booleans, read_codes, read_numbers

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

Mask = npt.NDArray[np.bool_]

OPEN_ENDS = frozenset({"to_date", "registered_to", "end_date"})
"""Columns where a day far ahead, such as 9999-12-31, means "still open"."""
PAIRS = (
    ("from_date", "to_date"),
    ("start_date", "end_date"),
    ("registered_from", "registered_to"),
    ("start_time", "end_time"),
    ("period_start", "period_end"),
)
"""Columns of which the second may not come before the first."""
RANGES = {"imd_decile": (1, 10), "latitude": (-90, 90), "longitude": (-180, 180)}
"""Values outside are blanked and counted."""
NOT_NEGATIVE = frozenset({"list_size", "numerator", "denominator", "exclusions", "slots"})
EMPLOYER = {("staff", "practice_id"): "network_id"}
"""A required column that may be blank where this other one is not."""
MAY_BE_BLANK = {"appointments": frozenset({"staff_id"})}
LONGEST = {"id": 512, "text": 4096}
"""Bytes of one cell; a longer one comes from a broken quotation mark or a note."""

_EARLIEST = {"birth_date": 1880}
_EARLIEST_ELSE = 1900
_FURTHEST_OPEN = 2100
_AHEAD = timedelta(days=731)


@dataclass(frozen=True)
class Conformed:
    """Typed rows of one batch, what was refused, and words without a meaning here.

    ``lines`` are the source lines of ``rows``; ``unmapped`` counts, by column,
    words that are in no vocabulary and values that were blanked.
    """

    table: str
    file: str
    lines: npt.NDArray[np.int64]
    rows: pa.Table
    refusals: list[Refusal]
    unmapped: dict[str, Counter[str]]


def conform(batch: RawBatch, *, extract_end: datetime) -> Conformed:
    """Return the batch with typed columns; rows that cannot be kept are refused.

    ``extract_end`` is the wall time up to which the source says what happened:
    an appointment attended after it is refused. Where an extract has no status
    column and a row lies after ``extract_end``, ``rows`` has a status column
    all the same: booked for those rows, NOT_GIVEN for the others.
    """
    return _Conforming(batch, extract_end).run()


@dataclass
class _Conforming:
    """The state of one batch on its way."""

    batch: RawBatch
    extract_end: datetime
    refusals: list[Refusal] = field(default_factory=list)
    unmapped: dict[str, Counter[str]] = field(default_factory=dict)
    typed: dict[str, pa.Array] = field(default_factory=dict)
    texts: dict[str, pa.Array] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table: Table = TABLES[self.batch.table]
        self.size = self.batch.columns.num_rows
        self.refused: Mask = np.zeros(self.size, dtype=bool)

    def run(self) -> Conformed:
        given = [c for c in self.table.columns if c.name in self.batch.columns.column_names]
        for column in given:
            self._read(column)
        for column in self.table.columns:
            if column.required:
                self._require(column)
        for first, second in PAIRS:
            self._in_order(first, second)
        if self.table.name == "appointments":
            self._settle_status()
        rows = self._rows()
        kept = ~self.refused
        if not kept.all():
            rows = rows.filter(pa.array(kept))
        lines = np.asarray(self.batch.lines, dtype=np.int64)[kept]
        return Conformed(
            self.batch.table, self.batch.file, lines, rows, self.refusals, self.unmapped
        )

    def refuse(self, faulty: Mask, column: str, reason: str | Callable[[int], str]) -> None:
        """Refuse the faulty rows that are not refused yet."""
        where = np.flatnonzero(faulty & ~self.refused)
        self.refused[where] = True
        texts = self._text_of(column) if column in self.batch.columns.column_names else None
        for row in where.tolist():
            cell = None if texts is None else texts[row].as_py()
            self.refusals.append(
                Refusal(
                    table=self.batch.table,
                    file=self.batch.file,
                    line=int(self.batch.lines[row]),
                    column=column,
                    value_class=value_class(cell),
                    reason=reason if isinstance(reason, str) else reason(row),
                )
            )

    def _text_of(self, column: str) -> pa.Array:
        if column not in self.texts:
            self.texts[column] = as_text(self.batch.columns[column])
        return self.texts[column]

    def _read(self, column: Column) -> None:
        if column.kind in ("date", "time"):
            self._read_times(column)
            return
        source = self.batch.columns[column.name]
        if column.kind in ("id", "text"):
            self._read_text(column)
        elif column.kind == "word":
            vocabulary = VOCABULARIES[column.vocabulary or ""]
            self._take(
                column, read_codes(self._mapped(column), self._words(column), vocabulary), pa.int8()
            )
        elif column.kind == "boolean":
            typed = pa.types.is_boolean(source.type)
            read = None if typed else read_booleans(self._mapped(column))
            self._take(column, read, pa.bool_())
        else:
            self._read_number(column)

    def _words(self, column: Column) -> Mapping[str, str]:
        return self.batch.words.get(column.name, {})

    def _mapped(self, column: Column) -> pa.Array:
        """Return the column as text, with the source's words put in ours."""
        text = self._text_of(column.name)
        words = self._words(column)
        if words and column.kind != "word":
            text = self.texts[column.name] = map_words(text, words)
        return text

    def _take(self, column: Column, read: Read | None, kind: pa.DataType) -> None:
        """Keep what was read, and count what had to be blanked."""
        if read is None:  # typed by the source already
            self.typed[column.name] = _one_array(self.batch.columns[column.name]).cast(kind)
            return
        self.typed[column.name] = read.array
        for word, count in read.unread.items():
            self._count(column.name, safe_word(word) if column.kind == "word" else word, count)

    def _count(self, column: str, word: str, count: int) -> None:
        self.unmapped.setdefault(column, Counter())[word] += count

    def _read_text(self, column: Column) -> None:
        text = self._mapped(column)
        longest = LONGEST[column.kind]
        lengths = text_lengths(text)
        if lengths.size and int(lengths.max()) > longest:
            self.refuse(lengths > longest, column.name, f"longer than {longest} bytes")
        nul = rows_with_byte(text, 0)
        if nul.any():
            self.refuse(nul, column.name, "holds a NUL byte")
        # A code over two lines is a quotation mark that swallowed a row.
        broken = rows_with_byte(text, 10) if column.kind == "id" else nul
        if broken.any():
            self.refuse(broken, column.name, "holds a line break")
        self.typed[column.name] = text

    def _read_number(self, column: Column) -> None:
        whole = column.kind == "integer"
        low, high = RANGES.get(column.name, (None, None))
        if column.name in NOT_NEGATIVE:
            low = 0
        read = read_numbers(self._mapped(column), whole=whole, low=low, high=high)
        if column.required:
            self.refuse(read.faulty, column.name, "not a whole number" if whole else "not a number")
            read = Read(read.array, Counter(), read.faulty)
        self._take(column, read, pa.int32() if whole else pa.float64())

    def _read_times(self, column: Column) -> None:
        source = _one_array(self.batch.columns[column.name])
        if not (pa.types.is_timestamp(source.type) or pa.types.is_date(source.type)):
            source = self._text_of(column.name)
        times = read_times(source, self.batch.date_formats.get(column.name))
        if column.name in OPEN_ENDS:
            far = (times.reason == OK) & (times.seconds >= _year_start(_FURTHEST_OPEN))
            times.reason[far] = BLANK
        faulty = (times.reason != OK) & (times.reason != BLANK)
        if faulty.any():
            self.refuse(faulty, column.name, lambda row: REASONS[int(times.reason[row])])
        self._within_years(column, times)
        if column.kind == "date":
            times.seconds[:] -= times.seconds % DAY_SECONDS
        self.times[column.name] = times

    def _within_years(self, column: Column, times: Times) -> None:
        read = times.reason == OK
        earliest = _EARLIEST.get(column.name, _EARLIEST_ELSE)
        early = read & (times.seconds < _year_start(earliest))
        if early.any():
            self.refuse(early, column.name, f"the year is before {earliest}")
        if column.name not in OPEN_ENDS:
            late = read & (times.seconds > _wall(self.extract_end + _AHEAD))
            if late.any():
                self.refuse(late, column.name, "more than two years after the extract")

    def _require(self, column: Column) -> None:
        """Refuse the rows where a required column is blank or missing."""
        may = self.batch.optional | MAY_BE_BLANK.get(self.table.name, frozenset())
        if column.name in may:
            return
        blank = self._blank(column.name)
        other = EMPLOYER.get((self.table.name, column.name))
        if other is not None:
            blank = blank & self._blank(other)
        if blank.any():
            self.refuse(blank, column.name, "blank")

    def _blank(self, column: str) -> Mask:
        if column in self.times:
            return self.times[column].reason == BLANK
        if column not in self.typed:
            return np.ones(self.size, dtype=bool)
        return as_mask(pc.is_null(self.typed[column]))

    def _in_order(self, first: str, second: str) -> None:
        if first in self.times and second in self.times:
            start, end = self.times[first], self.times[second]
            both = (start.reason == OK) & (end.reason == OK)
            wrong = both & (end.seconds < start.seconds)
            if wrong.any():
                self.refuse(wrong, second, f"before {first}")

    def _settle_status(self) -> None:
        """An appointment after the extract's end is booked, never attended."""
        start = self.times.get("start_time")
        if start is None:
            return
        future = (start.reason == OK) & (start.seconds > _wall(self.extract_end))
        booked = STATUSES.index("booked")
        if "status" not in self.typed:
            if future.any():
                codes = np.where(future, booked, NOT_GIVEN).astype(np.int8)
                self.typed["status"] = pa.array(codes)
            return
        codes = self.typed["status"].to_numpy(zero_copy_only=False)
        happened = np.isin(codes, [STATUSES.index("attended"), STATUSES.index("arrived")])
        if (happened & future).any():
            self.refuse(happened & future, "start_time", "attended in the future")
        unknown = future & (codes == 0)
        if unknown.any():
            self.typed["status"] = pa.array(np.where(unknown, booked, codes).astype(np.int8))

    def _rows(self) -> pa.Table:
        arrays: dict[str, pa.Array] = {}
        for column in self.table.columns:
            if column.name in self.times:
                arrays[column.name] = _as_arrow(self.times[column.name], column)
            elif column.name in self.typed:
                arrays[column.name] = self.typed[column.name]
        if self.table.name == "appointments" and "start_time" in self.times:
            arrays["time_known"] = pa.array(self.times["start_time"].has_time)
        return pa.table(arrays)


def _as_arrow(times: Times, column: Column) -> pa.Array:
    blank = times.reason != OK
    if column.kind == "time":
        return pa.array(times.seconds.astype("M8[s]"), pa.timestamp("s"), mask=blank)
    days = (times.seconds // DAY_SECONDS).astype(np.int32)
    return pa.array(days, pa.int32(), mask=blank).cast(pa.date32())


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _wall(moment: datetime) -> int:
    return int((moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds())


def _year_start(year: int) -> int:
    return _wall(datetime(year, 1, 1))

"""CSV files as clean UTF-8: marks, encodings, the delimiter, the header line."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import BinaryIO

from hamlets.errors import SourceError
from hamlets.records.mapping import DELIMITERS
from hamlets.records.sources import Member, empty_file

MARK = "\ufdd0"
"""Stands for bytes that are no text: a code point that Unicode keeps for no character."""
MAX_HEADER_BYTES = 2**20
MAX_COLUMNS = 2_000

_CHUNK = 2**20
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(rb'"|\r\n|\n|\r')
_EXCEL_HINT = re.compile(rb"sep=(.)\r?\n", re.IGNORECASE)


def _marked(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return MARK, error.end


codecs.register_error("hamlets-mark", _marked)


class TextStream:
    """The bytes of a CSV file as UTF-8, whatever they were; bad bytes become MARK.

    Arrow reads from it; it notes on the way what the rows must be searched for.
    """

    closed = False

    def __init__(self, member: Member) -> None:
        self.name = member.name
        self._stream: BinaryIO = member.open()
        self._held = b""
        self._ended = False
        self.quotes = False
        self.bad_bytes = False
        self.tail = b""
        start = self._stream.read(4096)
        self.encoding = _encoding(start)
        self._decoder = codecs.getincrementaldecoder(self.encoding)("hamlets-mark")
        self._take(start)

    def _take(self, chunk: bytes) -> None:
        self._ended = not chunk
        plain = self.encoding == "utf-8" and chunk.isascii() and not self._decoder.getstate()[0]
        if not (plain and chunk):
            text = self._decoder.decode(chunk, final=self._ended)
            self.bad_bytes = self.bad_bytes or MARK in text
            chunk = text.encode("utf-8", "replace")
        self.quotes = self.quotes or b'"' in chunk
        self.tail = (self.tail + chunk[-16:])[-16:]
        self._held += chunk

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        parts: list[bytes] = [self._held]
        held = len(self._held)
        while not self._ended and (size < 0 or held < size):
            self._held = b""
            self._take(self._stream.read(_CHUNK))
            parts.append(self._held)
            held += len(self._held)
        data = b"".join(parts)
        size = len(data) if size < 0 else size
        self._held = data[size:]
        return data[:size]

    def push_back(self, data: bytes) -> None:
        """Put these bytes before what is still to be read."""
        self._held = data + self._held

    def close(self) -> None:
        self.closed = True
        self._stream.close()


def _encoding(start: bytes) -> str:
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    # UTF-16 without its mark: every other byte of Latin letters is zero.
    if len(start) >= 16:
        even, odd = start[0::2].count(0), start[1::2].count(0)
        if odd > 0.4 * len(start) / 2 and even < odd / 4:
            return "utf-16-le"
        if even > 0.4 * len(start) / 2 and odd < even / 4:
            return "utf-16-be"
    return "utf-8"


@dataclass(frozen=True)
class Header:
    """The header line: its cells, what divides them, and the line after it."""

    columns: list[str]
    delimiter: str
    next_line: int


def read_header(text: TextStream, wanted: Collection[str], delimiter: str | None = None) -> Header:
    """Read the header off the stream; SourceError where there is none.

    The delimiter is the one that finds most ``wanted`` columns (lower case),
    then most columns, unless it is given.
    """
    line_number = 1
    data = text.read(MAX_HEADER_BYTES)
    if not data.strip():
        raise empty_file(text.name)
    if (hint := _EXCEL_HINT.match(data)) is not None:
        delimiter = delimiter or hint.group(1).decode("ascii", "replace")
        data = data[hint.end() :]
        line_number += 1
    while data[:1] in (b"\n", b"\r"):
        cut = 2 if data.startswith(b"\r\n") else 1
        data, line_number = data[cut:], line_number + 1
    end = _line_end(data)
    if end is None:
        if len(data) >= MAX_HEADER_BYTES - 4096:
            raise SourceError(
                "The first line is too long to be a header.",
                where=f"{text.name}, line {line_number}",
                hint="Check that the file is CSV with one row a line.",
            )
        end = len(data)
    text.push_back(data[end:])
    line = data[:end].decode("utf-8").rstrip("\r\n")
    delimiters = [delimiter] if delimiter is not None else list(DELIMITERS)
    splits = [(d, _cells(line, d)) for d in delimiters]
    chosen, cells = max(splits, key=lambda s: (sum(c.lower() in wanted for c in s[1]), len(s[1])))
    if len(cells) > MAX_COLUMNS:
        raise SourceError(
            f"The header has {len(cells):,} columns; no table has so many.",
            where=f"{text.name}, line {line_number}",
            hint=f"Keep only the columns that are needed (at most {MAX_COLUMNS:,}).",
        )
    return Header(cells, chosen, line_number + max(1, _newlines(data[:end])))


def _line_end(data: bytes) -> int | None:
    """Return where the first line ends that is not inside quotation marks."""
    inside = False
    for match in _LINE_END.finditer(data):
        if match.group() == b'"':
            inside = not inside
        elif not inside:
            return match.end()
    return None


def _newlines(data: bytes) -> int:
    return data.count(b"\n") or data.count(b"\r")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line.strip()]
    return [cell.replace("\n", " ").strip().strip("\ufeff") for cell in cells]


_VALUE = re.compile(r".*\d{4}.*|[\d\s./:-]+|.*@.*", re.DOTALL)


def shown_columns(columns: Collection[str]) -> str:
    """Return header cells for a message; what looks like data is not shown."""
    named = [c for c in columns if c]
    if sum(_VALUE.fullmatch(c) is not None for c in named) * 3 > len(named):
        return "the first line looks like data, not like a header"
    shown = [("(a value)" if _VALUE.fullmatch(c) else c[:40]) for c in named[:30]]
    more = f" and {len(named) - 30} more" if len(named) > 30 else ""
    return ", ".join(shown) + more if shown else "none"

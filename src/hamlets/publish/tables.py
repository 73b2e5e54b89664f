"""Tables of a page and their CSV downloads.

A table is shown as text; its CSV carries the unrounded values. Cells that a
spreadsheet would run as a formula are disarmed in the CSV.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from urllib.parse import quote

from hamlets.continuity.results import FEW_SHOWN, NOT_SHOWN
from hamlets.publish import numbers

Value = str | int | float | None

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Cell:
    """One cell: its text, why it is empty where it is, and a class for its shade."""

    text: str
    reason: str | None = None
    css: str = ""


@dataclass(frozen=True)
class Column:
    """Head of a column. Numbers stand at the right; the first column names its row."""

    head: str
    number: bool = True


@dataclass(frozen=True)
class Csv:
    """A file to download: name, heads and unrounded values."""

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    @property
    def href(self) -> str:
        """Return the file as a data: address, so that nothing is fetched."""
        return "data:text/csv;charset=utf-8," + quote(self.text(), safe="")

    def text(self) -> str:
        """Return the file's text with formulas disarmed and a byte order mark for Excel."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([disarm(head) for head in self.head])
        writer.writerows([disarm(value) for value in row] for row in self.rows)
        return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()


@dataclass(frozen=True)
class Table:
    """A table as shown, with its download."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    csv: Csv


def cells(*values: str) -> tuple[Cell, ...]:
    """Return plain cells."""
    return tuple(Cell(value) for value in values)


def disarm(value: Value) -> str:
    """Return a value as CSV text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, int) and value in (FEW_SHOWN, NOT_SHOWN):
        return numbers.count(value)
    if isinstance(value, (int, float)):
        return repr(value)
    # Blanks before the sign do not stop a spreadsheet, so they do not stop us.
    if value.startswith(_FORMULA_STARTS) or value.lstrip().startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def columns(first: str, *others: str, words: int = 0) -> tuple[Column, ...]:
    """Return a naming column, ``words`` more columns of words, then columns of numbers."""
    return (
        Column(first, number=False),
        *(Column(head, number=index >= words) for index, head in enumerate(others)),
    )

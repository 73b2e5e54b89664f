"""Columns that fit a terminal: whole columns go, words are folded, numbers are never cut."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hamlets.cli.terminal import plain, to_people

GAP = 2
NARROWEST = 12
"""Characters that a column of words keeps before another column has to go."""


@dataclass(frozen=True)
class Column:
    """A column of a table for people.

    ``leaves`` says when it goes where there is no room: 1 first, 0 never.
    Names and words are aligned to the left; words alone may be folded.
    """

    name: str
    cells: Sequence[str]
    kind: Literal["number", "name", "words"] = "number"
    leaves: int = 0

    @property
    def width(self) -> int:
        from rich.cells import cell_len

        return max((cell_len(text) for text in (self.name, *self.cells)), default=0)

    @property
    def least(self) -> int:
        return (
            min(self.width, max(NARROWEST, len(self.name))) if self.kind == "words" else self.width
        )


def fitting(columns: Sequence[Column], width: int) -> tuple[list[Column], list[str]]:
    """Return the columns that fit into so many characters, and the names of those left out."""
    kept, left_out = list(columns), list[str]()
    for column in sorted((c for c in columns if c.leaves), key=lambda c: c.leaves):
        if _least(kept) <= width:
            break
        kept.remove(column)
        left_out.append(column.name)
    return kept, left_out


def _least(columns: Sequence[Column]) -> int:
    return sum(c.least for c in columns) + GAP * (len(columns) - 1)


def print_columns(columns: Sequence[Column]) -> None:
    """Print a table that fits the terminal; say which columns had no room."""
    from rich.table import Table

    console = to_people()
    columns = [replace(c, cells=[plain(text) for text in c.cells]) for c in columns]
    kept, left_out = fitting(columns, console.width)
    # where even the rest is wider than the terminal, its own folding is the lesser evil
    console.width = max(console.width, _least(kept))
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column in kept:
        table.add_column(
            column.name,
            justify="right" if column.kind == "number" else "left",
            no_wrap=column.kind != "words",
            overflow="fold",
            min_width=column.least,
        )
    for cells in zip(*(column.cells for column in kept), strict=True):
        table.add_row(*cells)
    # Written by print and not by rich, which ends the program itself where a pipe is closed.
    held = io.StringIO()
    console.file = held
    console.print(table)
    for line in held.getvalue().splitlines():
        print(line.rstrip())
    named = [name for name in left_out if name]
    if named:
        print(f"No room here for: {', '.join(named)}. A wider terminal or --output shows them.")

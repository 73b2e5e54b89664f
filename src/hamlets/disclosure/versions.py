"""Two versions of one view: what their days have in common.

A year to June and a year to July share 11 months. Who has both knows that they differ by
the month that fell out and the month that came in, and that neither is less than nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from hamlets.disclosure.attacker import Sum

Span = tuple[int, int]
"""First and last month (or day) as whole numbers, both included."""


@dataclass(frozen=True)
class Cell:
    """What is counted, and over which months or days."""

    what: str
    span: Span

    @property
    def name(self) -> str:
        """Return the cell's name in a table of counts."""
        return f"{self.what}@{self.span[0]}:{self.span[1]}"


def read_cell(name: str) -> Cell | None:
    """Return the cell that a name stands for; None for a name without a span."""
    what, at, span = name.rpartition("@")
    first, colon, last = span.partition(":")
    if not at or not colon or not first.isdigit() or not last.isdigit():
        return None
    return Cell(what, (int(first), int(last)))


def rolling(names: Iterable[str], sums: Iterable[Sum]) -> tuple[Sum, ...]:
    """Return the sums that join the counts of overlapping spans.

    ``names`` are those of both versions, ``sums`` the sums of both. Where the same parts make
    the same total over several spans, they make it in each piece of these spans too; and
    every count is the sum of its pieces.
    """
    spans: dict[str, set[Span]] = {}
    for name in names:
        cell = read_cell(name)
        if cell is not None:
            spans.setdefault(cell.what, set()).add(cell.span)
    found: dict[Sum, None] = {}
    for whats, over in _repeated(sums).items():
        total, *parts = whats
        for cut in _cuts(over):
            for what in whats:
                spans.setdefault(what, set()).add(cut)
            names_of_parts = tuple(Cell(part, cut).name for part in parts)
            found[Sum(Cell(total, cut).name, names_of_parts)] = None
    for what, own in spans.items():
        for each in _pieces_of(what, own):
            found[each] = None
    return tuple(found)


def _repeated(sums: Iterable[Sum]) -> dict[tuple[str, ...], set[Span]]:
    """Return the spans over which the same things (a total, its parts) add up."""
    found: dict[tuple[str, ...], set[Span]] = {}
    for each in sums:
        named = [read_cell(name) for name in (each.total, *each.parts)]
        cells = [cell for cell in named if cell is not None]
        if len(cells) == len(named) and len({cell.span for cell in cells}) == 1:
            whats = tuple(cell.what for cell in cells)
            found.setdefault(whats, set()).add(cells[0].span)
    return found


def _cuts(own: set[Span]) -> list[Span]:
    starts = sorted({first for first, _ in own} | {last + 1 for _, last in own})
    return [(a, b - 1) for a, b in pairwise(starts)]


def _pieces_of(what: str, own: set[Span]) -> Iterable[Sum]:
    cuts = _cuts(own)
    for first, last in sorted(own):
        parts = [cut for cut in cuts if first <= cut[0] and cut[1] <= last]
        if len(parts) > 1:
            total = Cell(what, (first, last)).name
            yield Sum(total, tuple(Cell(what, part).name for part in parts))

"""The printed table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measuring import Figures

HEADER = (
    *("engine", "s", "from-to", "cpu s", "x pyarrow", "x DuckDB"),
    *("peak GB", "ready s", "runs", "target"),
)


@dataclass(frozen=True)
class Line:
    """One engine in the table. Ratios are to the two raw scans of the same run."""

    words: str
    figures: Figures | None
    ratios: tuple[float, float] | None = None
    target: str = ""


def cells(line: Line) -> tuple[str, ...]:
    """Return a line's cells as text; a line without figures says why in its target."""
    f = line.figures
    if f is None:
        return (line.words, *[""] * (len(HEADER) - 2), line.target)
    ratios = ("", "") if line.ratios is None else tuple(f"{r:.2f}" for r in line.ratios)
    spread = f"{f.fastest:.2f}-{f.slowest:.2f}" if f.runs > 1 else ""
    return (
        line.words,
        f"{f.seconds:.2f}",
        spread,
        f"{f.processor:.2f}",
        *ratios,
        f"{f.peak / 1e9:.2f}",
        f"{f.ready:.1f}" if f.ready else "",
        str(f.runs),
        line.target,
    )


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a table of plain text."""
    return lined_up([HEADER, *(cells(line) for line in lines)], left=(0, len(HEADER) - 1))


def lined_up(rows: Sequence[Sequence[str]], left: Sequence[int]) -> str:
    """Return rows of cells, the header first, as plain text; columns of ``left`` begin alike."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]

    def one(row: Sequence[str]) -> str:
        return "  ".join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()

    return "\n".join([one(rows[0]), one(["-" * w for w in widths]), *(one(r) for r in rows[1:])])


def judged(words: str, found: float, most: float) -> str:
    """Return a target and whether it was met."""
    return f"{words} {most:g}: {'met' if found <= most else f'missed ({found:.3g})'}"

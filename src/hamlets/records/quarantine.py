"""Where refused rows are listed: file, line, column, class of value, reason.

Never a value: the reader of the list goes to the line in the source.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from hamlets.records.batches import Refusal

HEADER = ("file", "line", "column", "value_class", "reason")
_FOLDER = "quarantine"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_LOAD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def safe_cell(text: str) -> str:
    """Return text that a spreadsheet takes for text: an apostrophe before a formula."""
    if text.startswith(_FORMULA) or text.lstrip().startswith(("=", "+", "-", "@")):
        return "'" + text
    # A cell that starts with the mark itself is marked too, so that reading
    # the file back by taking one apostrophe off gives the text as it was.
    return "'" + text if text.startswith("'") else text


def plain_cell(cell: str) -> str:
    """Return the text that ``safe_cell`` was given."""
    return cell[1:] if cell.startswith("'") else cell


def reasons(refusals: Iterable[Refusal]) -> dict[str, int]:
    """Return how many rows were refused for each reason, the most frequent first."""
    counts = Counter(f"{r.table}.{r.column}: {r.reason}" for r in refusals)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class Quarantine:
    """The list of one load's refused rows, written table by table as they come.

    Use as a context manager. ``path`` is the load's folder once a row is in it.
    """

    def __init__(self, store: Path, load: str) -> None:
        if _LOAD.fullmatch(load) is None:
            raise ValueError("a load's name is letters, digits, dots and dashes")
        self._folder = store / _FOLDER / load
        self._open: dict[str, TextIO] = {}
        self.counts: Counter[str] = Counter()
        """``table.column: reason`` -> rows refused."""

    def __enter__(self) -> Quarantine:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def path(self) -> Path | None:
        """The load's folder, or None while nothing was refused."""
        return self._folder if self.counts else None

    def add(self, refusals: Iterable[Refusal]) -> None:
        """Write these rows down."""
        for refusal in refusals:
            stream = self._open.get(refusal.table) or self._start(refusal.table)
            csv.writer(stream).writerow(_cells(refusal))
            # some reasons concern a whole row
            place = ".".join(filter(None, (refusal.table, refusal.column)))
            self.counts[f"{place}: {refusal.reason}"] += 1

    def close(self) -> None:
        """Finish the files."""
        for stream in self._open.values():
            stream.close()
        self._open.clear()

    def _start(self, table: str) -> TextIO:
        make_private_folder(self._folder.parent)
        make_private_folder(self._folder)
        path = self._folder / f"{table}.csv"
        new = not path.exists()
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stream = os.fdopen(number, "w", encoding="utf-8", newline="")
        if new:
            csv.writer(stream).writerow(HEADER)
        self._open[table] = stream
        return stream


def _cells(refusal: Refusal) -> Sequence[str]:
    return (
        safe_cell(refusal.file),
        str(refusal.line),
        safe_cell(refusal.column),
        refusal.value_class,
        safe_cell(refusal.reason),
    )


def make_private_folder(path: Path) -> None:
    """Make the folder if need be, and let nobody but its owner in (mode 0700)."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def remove_old(store: Path, keep_days: int, *, now: float | None = None) -> list[str]:
    """Remove the lists of loads older than this; return the names of those removed."""
    limit = (time.time() if now is None else now) - keep_days * 86_400
    removed: list[str] = []
    for folder in _loads(store):
        if folder.stat().st_mtime < limit:
            shutil.rmtree(folder)
            removed.append(folder.name)
    return removed


def _loads(store: Path) -> Iterator[Path]:
    folder = store / _FOLDER
    if folder.is_dir():
        yield from sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink())

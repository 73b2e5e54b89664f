"""Printing for people: consoles and progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def to_people(stderr: bool = False) -> Console:
    """Return a console; wide enough for a table where the output is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 140
    return Console(stderr=stderr, width=width, highlight=False, emoji=False, markup=False)


def say(text: str) -> None:
    """Print one line to standard error."""
    print(text, file=sys.stderr)


class Lines:
    """Progress where there is no terminal: one line a stage."""

    def stage(self, text: str) -> None:
        say(f"{text} ...")

    def advance(self, rows: int) -> None:
        """Say nothing: a log wants stages, not rows."""


class Bar:
    """Progress on a terminal: a bar with the rows read so far."""

    def __init__(self, bar: Any, total: int | None) -> None:
        self._bar, self._task = bar, bar.add_task("", total=total)

    def stage(self, text: str) -> None:
        self._bar.update(self._task, description=text)

    def advance(self, rows: int) -> None:
        self._bar.update(self._task, advance=rows)


@contextmanager
def progress(first: str, total: int | None = None, quiet: bool = False) -> Iterator[Lines | Bar]:
    """Show progress of rows on standard error: a bar on a terminal, else a line a stage."""
    if quiet or not sys.stderr.isatty():
        lines = Quiet() if quiet else Lines()
        lines.stage(first)
        yield lines
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = [TextColumn("{task.description}"), BarColumn()]
    if total is not None:
        columns.append(TaskProgressColumn())
    columns += [TextColumn("{task.completed:,.0f} rows"), TimeElapsedColumn()]
    with Progress(*columns, console=to_people(stderr=True), transient=True) as bar:
        shown = Bar(bar, total)
        shown.stage(first)
        yield shown


class Quiet(Lines):
    """No progress at all: quick work, or a program is listening."""

    def stage(self, text: str) -> None:
        """Say nothing."""


def seconds_since(start: float) -> str:
    """Return the time since ``start`` (time.monotonic) in words."""
    return f"{time.monotonic() - start:.1f} seconds"


StageCallback = Callable[[str], None]

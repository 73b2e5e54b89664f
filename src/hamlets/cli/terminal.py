"""Printing for people: consoles, progress, and text that cannot steer a terminal."""

from __future__ import annotations

import os
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

ANY_WIDTH = 10_000
"""Where the output is not a terminal nothing is cut and no line is broken."""


def plain(text: object) -> str:
    """Return text with every character that could steer a terminal written out.

    Ids and words come from files: an escape sequence in one must not reach the screen,
    nor a mark that turns the direction of writing.
    """
    return "".join(
        c if c == " " or unicodedata.category(c)[0] not in "CZ" else _written_out(c)
        for c in str(text)
    )


def _written_out(character: str) -> str:
    # a no-break space and the like do no harm
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode("ascii")


def to_people(stderr: bool = False) -> Console:
    """Return a console; without a terminal it is wide enough for anything."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else ANY_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, emoji=False, markup=False)


def print_lines(lines: Iterable[str], indent: str = "", hanging: str = "") -> None:
    """Print sentences, broken between words where a terminal ends."""
    width = to_people().width
    for line in lines:
        print(
            textwrap.fill(
                plain(line),
                max(width, 40),
                initial_indent=indent,
                subsequent_indent=indent + hanging,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )


def say(text: str) -> None:
    """Print one line to standard error."""
    print(plain(text), file=sys.stderr)


class Lines:
    """Progress where there is no terminal: one line a stage."""

    def stage(self, text: str) -> None:
        say(f"{text} ...")

    def advance(self, amount: int) -> None:
        """Say nothing: a log wants stages, not rows."""


class Quiet(Lines):
    """No progress at all: quick work, or a program is listening."""

    def stage(self, text: str) -> None:
        """Say nothing."""


class Bar:
    """Progress on a terminal: a bar with what is done so far."""

    def __init__(self, bar: Any, total: int | None) -> None:
        self._bar, self._task = bar, bar.add_task("", total=total)

    def stage(self, text: str) -> None:
        self._bar.update(self._task, description=text)

    def advance(self, amount: int) -> None:
        self._bar.update(self._task, advance=amount)


@contextmanager
def progress(
    first: str | None, total: int | None = None, quiet: bool = False, unit: str = "rows"
) -> Iterator[Lines | Bar]:
    """Show progress on standard error: a bar on a terminal, else a line a stage.

    ``unit`` names what is counted; with "" nothing is.
    """
    if quiet or not sys.stderr.isatty():
        lines = Quiet() if quiet else Lines()
        if first:
            lines.stage(first)
        yield lines
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = [TextColumn("{task.description}"), BarColumn(bar_width=20)]
    if total is not None:
        columns.append(TaskProgressColumn())
    if unit:
        columns.append(TextColumn("{task.completed:,.0f} " + unit))
    columns.append(TimeElapsedColumn())
    with Progress(*columns, console=to_people(stderr=True), transient=True) as bar:
        shown = Bar(bar, total)
        if first:
            shown.stage(first)
        yield shown


def say_if_first_run() -> None:
    """Say that the kernel is compiled first, where no compiled code is kept yet."""
    from hamlets.settings import compiled_code_dir

    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else compiled_code_dir()
    try:
        empty = next(folder.iterdir(), None) is None
    except OSError:
        empty = True
    if empty:
        say("Preparing the kernel (first run only, about 20 seconds) ...")

"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hamlets.errors import UsageError

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        help="Folder of the record store (default: $HAMLETS_STORE, else hamlets-store).",
    ),
]
WaitOption = Annotated[
    float | None,
    typer.Option(
        "--wait",
        min=0,
        metavar="SECONDS",
        help="How long to wait for another writer (default: 60).",
    ),
]


class TextOrJson(StrEnum):
    """Output for people or for programs."""

    text = "text"
    json = "json"


class TableFormat(StrEnum):
    """Output as a table for people, or as CSV or JSON for programs."""

    table = "table"
    csv = "csv"
    json = "json"


FormatOption = Annotated[
    TextOrJson, typer.Option("--format", metavar="FORMAT", help="Print text or json.")
]
TableFormatOption = Annotated[
    TableFormat, typer.Option(metavar="FORMAT", help="How to print it: table, csv or json.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write to this .csv, .json or .parquet file instead."),
]
ThreadsOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Threads to use (default: all cores).")
]
LastDayOption = Annotated[
    str | None,
    typer.Option("--to", metavar="DAY", help="Last day counted (default: the last there is)."),
]


def show_help(context: typer.Context) -> None:
    """Print a group's help where no command was named, and end well: it was a question."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def store_path(chosen: Path | None) -> Path:
    """Return the store's folder: the option, the environment, or the default."""
    if chosen is not None:
        return chosen
    from hamlets.settings import settings

    return settings().store


def wait_seconds(chosen: float | None) -> float:
    """Return how long to wait for another writer."""
    if chosen is not None:
        return chosen
    from hamlets.settings import settings

    return settings().wait_seconds


def read_day(text: str | None, option: str) -> date | None:
    """Return a day given as YYYY-MM-DD; raises UsageError for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is not a day.", where=option, hint="Write days as 2026-03-31."
        ) from None

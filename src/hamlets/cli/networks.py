"""``hamlets networks``: forming networks, standards, payment, shared staff, scale."""

from __future__ import annotations

import typer

from hamlets.cli.options import show_help

app = typer.Typer(
    help="Networks of practices: on a map, held to a standard, paid together, sharing staff.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def start(context: typer.Context) -> None:
    """Networks of practices: on a map, held to a standard, paid together, sharing staff."""
    show_help(context)

"""``hamlets teams``: what the rota would allow, and teams and lists designed for it."""

from __future__ import annotations

import typer

from hamlets.cli.ceilings import ceiling_command
from hamlets.cli.options import show_help

app = typer.Typer(
    help="Teams: what the rota would allow, and teams and lists designed for it.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def start(context: typer.Context) -> None:
    """Teams: what the rota would allow, and teams and lists designed for it."""
    show_help(context)


app.command("ceiling", short_help="The most continuity that the rota would have allowed.")(
    ceiling_command
)

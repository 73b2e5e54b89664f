"""``hamlets networks``: forming networks, standards, payment, shared staff, scale."""

from __future__ import annotations

import typer

from hamlets.cli import network_indicators
from hamlets.cli.network_forming import form_command
from hamlets.cli.network_packing import pack_command
from hamlets.cli.network_payment import WithWhatIf, payment_command
from hamlets.cli.network_scale import scale_command
from hamlets.cli.network_sharing import share_command
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


app.command("form", short_help="Practices into networks, with a proof of how good they are.")(
    form_command
)
app.command(
    "payment",
    cls=WithWhatIf,
    short_help="What a scheme pays, step by step, and what would change it.",
)(payment_command)


app.command("share", short_help="Spare staff time, where it is needed most.")(share_command)
app.add_typer(
    network_indicators.app,
    name="indicators",
    short_help="What practices and networks reach, with three averages.",
)
app.command("scale", short_help="How big, and in which form: a model.")(scale_command)
app.command("pack", short_help="Write the monthly pack of a network.")(pack_command)

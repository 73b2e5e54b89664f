"""Options that the packs of a practice and of a network share, and shared staff with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ActionsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv", help="What is waiting: a CSV with the columns action,owner,date."
    ),
]
ThanksOption = Annotated[str, typer.Option(metavar="TEXT", help="A thank-you in your own words.")]
EmailOption = Annotated[
    Path | None, typer.Option(metavar="FILE.txt", help="Write the text of an e-mail too.")
]
InventedOption = Annotated[
    bool,
    typer.Option(
        "--invented",
        help="Say that all its data is invented (of a store made by synth it is said anyway).",
    ),
]
NeedOption = Annotated[
    Path | None, typer.Option(metavar="FILE.csv", help="What practices ask for.")
]
SpareOption = Annotated[
    Path | None, typer.Option(metavar="FILE.csv", help="What practices can spare.")
]

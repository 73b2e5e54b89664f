"""``hamlets report``: one page for people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hamlets.cli.options import StoreOption, read_day, store_path


def report_command(
    store: StoreOption = None,
    output: Annotated[Path, typer.Option(help="The page to write.")] = Path("report.html"),
    practice: Annotated[
        str | None, typer.Option(help="Report on one practice of the store (its code).")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="First day counted (2026-03-31).")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day counted.")] = None,
) -> None:
    """Write the continuity report: one page that needs no network, to read or to print."""
    from hamlets.cli.exports import replace_file
    from hamlets.cli.terminal import progress
    from hamlets.records import open_store

    days = read_day(first, "--from"), read_day(last, "--to")
    with (
        open_store(store_path(store)) as opened,
        progress("Measuring", quiet=not sys.stderr.isatty()) as bar,
    ):
        from hamlets.continuity.summary import summarise
        from hamlets.publish.report import render

        summary = summarise(opened, practice=practice, date_from=days[0], date_to=days[1])
        bar.stage("Drawing the report")
        page = render(summary)
    replace_file(output, page.encode())
    print(f"Wrote the report to {output}")

"""``hamlets report``: one page for people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hamlets.cli.options import StoreOption, store_path


def report_command(
    store: StoreOption = None,
    output: Annotated[Path, typer.Option(metavar="FILE", help="The page to write.")] = Path(
        "report.html"
    ),
    practice: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Report on one practice of the store (its code)."),
    ] = None,
    symptoms: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Codes of symptoms, one a line or a column code."),
    ] = None,
    invented: Annotated[
        bool, typer.Option("--invented", help="Say on the page that all its data is invented.")
    ] = False,
    ceiling: Annotated[
        bool,
        typer.Option(
            "--ceiling/--no-ceiling",
            help="Work out what the rota would have allowed (the default), or leave it out.",
        ),
    ] = True,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish", help="Make it for sharing: no GP, small numbers left out, counts rounded."
        ),
    ] = False,
) -> None:
    """Write the continuity report: one page that needs no network, to read or to print.

    It says how many contacts with the own GP and the own team the rota would have allowed,
    where named GPs are known. Of many practices together that takes longer: --no-ceiling
    leaves it out.

    With --symptoms it also gives the days from a patient's first such code to a cancer
    diagnosis, in the section on audits.

    \b
    Examples:
      hamlets report --practice G99001
      hamlets report --practice G99001 --symptoms symptoms.csv --output continuity.html
    """
    from hamlets.cli.exports import check_place, replace_file
    from hamlets.cli.terminal import progress, say_if_first_run
    from hamlets.records import open_store

    check_place(output)
    codes: tuple[str, ...] = ()
    if symptoms is not None:
        from hamlets.cli.auditing import read_codes

        codes = read_codes(symptoms)
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        with progress("Measuring", quiet=not sys.stderr.isatty(), unit="") as bar:
            from hamlets.continuity.summary import summarise
            from hamlets.publish.report import render
            from hamlets.records.store.maintenance import loaded_on

            loaded = loaded_on(opened)
            summary = summarise(
                opened, practice=practice, symptoms=codes, loaded=loaded, invented=invented
            )
            if ceiling:
                from hamlets.teams import with_ceiling
                from hamlets.teams.plans.storing import list_plans

                bar.stage("Booking again")
                # a plan that cannot be read is one nevertheless
                unread: list[str] = []
                planned = bool(list_plans(opened.path, practice, unread) or unread)
                summary = with_ceiling(summary, opened, practice, planned=planned)
            if publish:
                from hamlets.cli.publishing import publish_report

                summary = publish_report(summary, store_path(store), practice)
            bar.stage("Drawing the report")
            page = render(summary)
    replace_file(output, page.encode())
    print(f"Wrote the report to {output}")

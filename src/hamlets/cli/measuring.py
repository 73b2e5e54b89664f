"""``hamlets measure``: continuity as a table for people, or CSV, JSON and Parquet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hamlets.cli.options import StoreOption, TableFormat, read_day, store_path


def measure_command(
    store: StoreOption = None,
    measures: Annotated[
        str, typer.Option(help="Measures with commas between, or all: upc, coc, slicc, opr, ...")
    ] = "all",
    level: Annotated[
        str, typer.Option(help="Whom a patient is continuous with: clinician, team or practice.")
    ] = "clinician",
    by: Annotated[
        str, typer.Option(help="all, patient, or groups: practice, list, month, age_band, ...")
    ] = "all",
    first: Annotated[
        str | None, typer.Option("--from", help="First day counted (2026-03-31).")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day counted.")] = None,
    min_contacts: Annotated[
        int | None,
        typer.Option(help="Fewest contacts of a patient (default: 2; entropy, clinicians: 1)."),
    ] = None,
    roles: Annotated[
        str | None, typer.Option(help="gp (default), any, or role words with commas between.")
    ] = None,
    modes: Annotated[
        str | None, typer.Option(help="all (default: all but group), or mode words.")
    ] = None,
    window_months: Annotated[
        int | None, typer.Option(help="Months counted back from the last day (default: 24).")
    ] = None,
    min_list: Annotated[
        int, typer.Option(min=1, help="Fewest patients that make a GP a list-holder (opr).")
    ] = 1,
    one_a_day: Annotated[
        bool,
        typer.Option("--one-a-day", help="Count same-day contacts with one clinician once."),
    ] = False,
    preset: Annotated[
        str | None, typer.Option(help="Conventions of a study: barker-2017, hull-2022, ...")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        TableFormat, typer.Option(help="How to print the result.")
    ] = TableFormat.table,
    output: Annotated[
        Path | None, typer.Option(help="Write to this .csv, .json or .parquet file instead.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads to use (default: all cores).")
    ] = None,
) -> None:
    """Measure continuity, with ranges, the level chance alone would give, and what was left out."""
    from hamlets.cli import exports
    from hamlets.cli.terminal import progress, say
    from hamlets.records import open_store

    days = read_day(first, "--from"), read_day(last, "--to")
    write = exports.writer_for(output) if output is not None else None
    with open_store(store_path(store)) as opened:
        from hamlets.continuity import measure

        rows = opened.manifest.tables["appointments"].rows
        with progress("Measuring", rows, quiet=not sys.stderr.isatty()) as bar:
            table = measure(
                opened,
                measures=measures,
                level=level,
                by=by,
                date_from=days[0],
                date_to=days[1],
                min_contacts=min_contacts,
                roles=roles,
                modes=modes,
                window_months=window_months,
                min_list=min_list,
                one_a_day=one_a_day,
                preset=preset,
                threads=threads,
                progress=bar.advance,
            )
    if write is not None and output is not None:
        write(table, output)
        say(f"Wrote {table.num_rows:,} rows to {output}")
    elif format is TableFormat.json:
        exports.print_json(table)
    elif format is TableFormat.csv:
        exports.print_csv(table)
    else:
        from hamlets.cli.tables import print_table

        print_table(table)
        return
    for note in exports.notes(table):
        say(note)

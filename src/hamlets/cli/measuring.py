"""``hamlets measure``: continuity as a table for people, or CSV, JSON and Parquet."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from hamlets.cli.options import (
    LastDayOption,
    OutputOption,
    StoreOption,
    TableFormat,
    TableFormatOption,
    ThreadsOption,
    read_day,
    store_path,
)
from hamlets.errors import UsageError


class CeilingWindow(StrEnum):
    """When a request could have been met, for the column ``ceiling``."""

    none = "none"
    strict = "strict"
    week = "week"
    policy = "policy"


def measure_command(
    store: StoreOption = None,
    measures: Annotated[
        str, typer.Option(metavar="LIST", help="Measures with commas between, or all.")
    ] = "all",
    level: Annotated[
        str,
        typer.Option(
            metavar="LEVEL",
            help="Whom a patient is continuous with: clinician, team or practice.",
        ),
    ] = "clinician",
    by: Annotated[
        str, typer.Option(metavar="LIST", help="all, patient, or groups with commas between.")
    ] = "all",
    first: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DAY", help="First day counted, as 2026-03-31 (default: 24 months)."
        ),
    ] = None,
    last: LastDayOption = None,
    min_contacts: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Fewest contacts of a patient (default: 2; entropy, clinicians: 1).",
        ),
    ] = None,
    roles: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="gp (default), any, or role words, such as nurse."),
    ] = None,
    modes: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help="all (default: all but group), or mode words, such as telephone."
        ),
    ] = None,
    window_months: Annotated[
        int | None,
        typer.Option(metavar="N", help="Months counted back from the last day (default: 24)."),
    ] = None,
    min_list: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help="Fewest patients that make a GP a list-holder (opr)."
        ),
    ] = 1,
    one_a_day: Annotated[
        bool,
        typer.Option("--one-a-day", help="Count same-day contacts with one clinician once."),
    ] = False,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Conventions of a study, of those above.",
        ),
    ] = None,
    ceiling: Annotated[
        CeilingWindow,
        typer.Option(
            metavar="WINDOW",
            help="Also the most that the rota allowed (slicc): strict, week or policy.",
        ),
    ] = CeilingWindow.none,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish", help="Make it for sharing: registered views only, small numbers left out."
        ),
    ] = False,
    format: TableFormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Measure continuity, with ranges, the level chance alone would give, and what was left out.

    \b
    Measures of patients, averaged:
      upc           seen by the GP they see most
      coc           two contacts, one GP
      hi            Herfindahl index
      secon         same GP as last time
      mci, mmci     modified continuity index, and modified again
      k             someone already met
      entropy       visit entropy
      clinicians    different GPs seen
      care_density  patients that a patient's clinicians share
    \b
    Shares of contacts:
      slicc             seen by own GP
      opr               own patients in a GP's day
      same_as_previous  same GP as last time, by month
      waterfall         who patients saw
    \b
    Groups for --by (several with commas between):
      practice, network, borough, list, team, month, age_band, sex, ethnicity,
      imd_quintile, language, cohort, n_band, mode, hours, site, role, urgency,
      hub
    \b
    Studies for --preset:
      barker-2017, hull-2022, sidaway-lee-2019, kajaria-montag-2023, bristol
    \b
    Examples:
      hamlets measure --measures upc,slicc --by list
      hamlets measure --by practice,month --output months.csv
      hamlets measure --level team --from 2025-04-01 --to 2026-03-31
      hamlets measure --measures slicc --by list --ceiling policy
    """
    from hamlets.cli import exports
    from hamlets.cli.terminal import progress, say, say_if_first_run
    from hamlets.records import open_store

    for option, given in {
        "--measures": measures, "--level": level, "--by": by, "--roles": roles, "--modes": modes
    }.items():  # fmt: skip
        if given is not None and not given.strip(" ,"):
            raise UsageError(
                "This option is blank.", where=option, hint=f"Give {option} a word or leave it out."
            )
    days = read_day(first, "--from"), read_day(last, "--to")
    if publish:
        changed = {
            "--from": first, "--to": last, "--min-contacts": min_contacts, "--roles": roles,
            "--modes": modes, "--window-months": window_months, "--preset": preset,
            "--min-list": None if min_list == 1 else min_list, "--one-a-day": one_a_day or None,
            "--ceiling": None if ceiling is CeilingWindow.none else ceiling.value,
        }  # fmt: skip
        _check_published(by, [option for option, given in changed.items() if given is not None])
    write = exports.writer_for(output) if output is not None else None
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.continuity import measure

        rows = opened.manifest.tables["appointments"].rows
        with progress("Measuring", rows, quiet=not sys.stderr.isatty()) as bar:
            if publish:
                from hamlets.cli.publishing import print_published as print_table
                from hamlets.cli.publishing import publish_measures

                folder = store_path(store)
                table = publish_measures(
                    opened, folder, measures=measures, level=level, by=by, threads=threads
                )
            else:
                from hamlets.cli.tables import print_table

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
                if ceiling is not CeilingWindow.none:
                    from hamlets.teams import add_ceiling

                    bar.stage("Booking again")
                    table = add_ceiling(table, opened, ceiling.value, threads=threads)
    if write is not None and output is not None:
        write(table, output)
        say(f"Wrote {table.num_rows:,} rows to {output}")
    elif format is TableFormat.json:
        exports.print_json(table)
    elif format is TableFormat.csv:
        exports.print_csv(table)
    else:
        print_table(table)
        return
    for note in exports.notes(table):
        say(note)


def _check_published(by: str, changed: list[str]) -> None:
    """Raise UsageError for a grouping or an option that a published view does not have.

    Two answers under options that differ a little can be set against each other.
    """
    from hamlets.disclosure import check_view

    check_view([word.strip().replace("-", "_") for word in by.split(",") if word.strip()])
    if changed:
        raise UsageError(
            "A published view has its own period and rules.",
            where=", ".join(changed),
            hint="Leave these options out, or leave out --publish.",
        )

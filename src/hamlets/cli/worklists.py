"""``hamlets teams leaving`` and ``hamlets teams worklist``: lists of patients for the practice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import StoreOption, TableFormat, read_day, store_path
from hamlets.cli.worklist_tables import (
    counted,
    for_staff,
    leaving_table,
    print_leaving,
    print_worklist,
    proxies,
    worklist_table,
)
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

FIRST_ROWS = 20
PracticeOption = Annotated[
    str | None, typer.Option("--practice", metavar="CODE", help="The practice; always needed.")
]
FormatOption = Annotated[
    TableFormat,
    typer.Option("--format", metavar="FORMAT", help="How to print it: table, csv or json."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="FILE", help="Write to this .csv, .json or .parquet file instead."
    ),
]
MostOption = Annotated[
    int | None,
    typer.Option(
        "--most", min=1, metavar="N", help="The first N patients (table: 20; else all of them)."
    ),
]


def leaving_command(
    store: StoreOption = None,
    practice: PracticeOption = None,
    within_weeks: Annotated[
        int,
        typer.Option(
            min=0, max=520, metavar="N", help="Last days up to so many weeks ahead (26: 6 months)."
        ),
    ] = 26,
    leaver: Annotated[
        str | None,
        typer.Option(
            metavar="STAFF", help="Somebody who counts as leaving, whatever the staff list says."
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="The leaver's last day (default: the last day in the records)."
        ),
    ] = None,
    most: MostOption = None,
    format: FormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
) -> None:
    """List the patients who are about to lose their named GP, the most urgent first.

    A GP leaves who is gone already, whose last day on the staff list lies within the
    weeks, or who has no session in the rota from some day on (6 weeks or more to the
    rota's end). The score has four parts of at most 25 points: expected work against the
    practice's other patients; cohorts of high need, 12.5 each; contacts with the GP in 24
    months, halved for each year of age, 4 or more being 25; and the share of the
    patient's contacts that they are. Equal scores: by patient id.

    Next GP: the buddy, else the GP seen most of those who may hold a list and stay, of the
    team first.

    \b
    JSON and CSV, one row a patient:
      rank, patient_id, practice_id, named_gp, named_gp_name, last_day, score,
      reason           asked, gone, leaves or away
      points_work, points_cohorts, points_contacts, points_share
      work_minutes     expected a year;  cohorts: presets, with spaces
      contacts_with_gp, weighted_with_gp, share_with_gp       24 months
      suggested_gp, suggested_gp_name, seen_suggested
      suggested_why    buddy, team, practice or none
    \b
    Examples:
      hamlets teams leaving --practice G99001
      hamlets teams leaving --practice G99001 --leaver S12 --date 2031-06-30
      hamlets teams leaving --practice G99001 --within-weeks 12 --output leaving.csv
    """
    from hamlets.cli import exports
    from hamlets.cli.terminal import say_if_first_run
    from hamlets.records import open_store

    chosen = _practice(practice)
    last = read_day(date, "--date")
    if last is not None and leaver is None:
        raise UsageError(
            "A last day needs somebody who leaves.", where="--date", hint="Add --leaver STAFF."
        )
    write = exports.writer_for(output, private=True) if output is not None else None
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.teams.worklists import early_warning

        found = early_warning(
            opened, chosen, within_weeks=within_weeks, leaver=leaver, leaver_last_day=last
        )
    if write is None and format is TableFormat.table:
        print_leaving(found, most or FIRST_ROWS)
        return
    _hand_over(leaving_table(found.rows[:most]), chosen, found.notes, format, output)


def worklist_command(
    store: StoreOption = None,
    practice: PracticeOption = None,
    preset: Annotated[
        str, typer.Option(metavar="NAMES", help="Presets, with commas, or all.")
    ] = "all",
    preset_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Presets of your own instead of those of Hamlets."),
    ] = None,
    show_presets: Annotated[
        bool, typer.Option("--show-presets", help="Print the file of presets, and no patient.")
    ] = False,
    most: MostOption = None,
    format: FormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
) -> None:
    """List patients of high need whom their own team sees little, those first.

    Ordered by minutes_outside: the expected work of a year, times the share of the last 12
    months' contacts that were not with the patient's team as it is now (where there are no
    teams: with the own GP). Without a contact or a named GP who is there, all of it.
    Equal ones: by patient id.

    Drifted: 3 or more contacts in the last 3 months and in the 9 before, and the share with
    the own team fell by a third of all contacts or more.

    \b
    Presets:
      end_of_life, frailty, housebound, conditions_5_plus, new_cancer,
      persistent_frequent_attender
    \b
    JSON and CSV, one row a patient:
      rank, patient_id, practice_id, named_gp, named_gp_name, team
      presets          with spaces
      work_minutes     expected a year;  minutes_outside: see above
      contacts         12 months;  level: team or own_gp
      share, chance    with the team or GP; chance: their share of all contacts
      drifted, contacts_recent, share_recent, contacts_before, share_before
      losing_gp        gone, leaves, away or empty;  last_day
      not_most_seen    another was seen more often than the named GP in 24 months
    \b
    Examples:
      hamlets teams worklist --practice G99001 --preset frailty,end_of_life
      hamlets teams worklist --show-presets > mine.toml
      hamlets teams worklist --practice G99001 --preset-file mine.toml --output list.csv
    """
    from hamlets.cli import exports
    from hamlets.cli.terminal import say_if_first_run
    from hamlets.teams.worklists.presets import (
        chosen_presets,
        read_presets,
        shipped_presets,
        shipped_text,
    )

    presets = shipped_presets() if preset_file is None else read_presets(preset_file)
    wanted = chosen_presets(presets, preset)
    if show_presets:
        text = shipped_text() if preset_file is None else preset_file.read_text("utf-8-sig")
        exports.print_bytes(text.encode())
        return
    chosen = _practice(practice)
    write = exports.writer_for(output, private=True) if output is not None else None
    from hamlets.records import open_store

    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.teams.worklists import need_worklist

        found = need_worklist(opened, chosen, wanted)
    if write is None and format is TableFormat.table:
        print_worklist(found, most or FIRST_ROWS)
        return
    said = (*found.notes, *proxies(found.presets))
    _hand_over(worklist_table(found.rows[:most]), chosen, said, format, output)


def _practice(practice: str | None) -> str:
    if practice is None:
        raise UsageError(
            "A list of patients is of one practice.", where="--practice", hint="Name it."
        )
    return practice


def _hand_over(
    table: pa.Table,
    practice: str,
    notes: Sequence[str],
    format: TableFormat,  # noqa: A002 - the option's name
    output: Path | None,
) -> None:
    """Write or print a list for programs; what a person must know goes to standard error."""
    from hamlets.cli import exports
    from hamlets.cli.terminal import say

    say(for_staff(practice))
    if output is not None:
        exports.writer_for(output, private=True)(table, output)
        say(f"Wrote {counted(table.num_rows, 'patient')} to {output}")
    elif format is TableFormat.json:
        exports.print_json(table)
    else:
        exports.print_csv(table)
    for note in notes:
        say(note)

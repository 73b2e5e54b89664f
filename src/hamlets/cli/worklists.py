"""``hamlets teams leaving`` and ``hamlets teams worklist``: lists of patients for the practice."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import StoreOption, TableFormat, read_day, store_path
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import pyarrow as pa

    from hamlets.cli.columns import Column
    from hamlets.teams.results import (
        LeavingGp,
        LeavingList,
        LeavingRow,
        PresetCount,
        Worklist,
        WorklistRow,
    )

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
        _print_leaving(found, most or FIRST_ROWS)
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
      losing_gp        asked, gone, leaves, away or empty;  last_day
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
        _print_worklist(found, most or FIRST_ROWS)
        return
    said = (*found.notes, *_said_of(found.presets))
    _hand_over(worklist_table(found.rows[:most]), chosen, said, format, output)


def _practice(practice: str | None) -> str:
    if practice is None:
        raise UsageError(
            "A list of patients is of one practice.", where="--practice", hint="Name it."
        )
    return practice


def for_staff(practice: str) -> str:
    """Return the line that stands on top of every list of patients."""
    return f"For staff of {practice}. It lists patients. Do not pass on."


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
        say(f"Wrote {_counted(table.num_rows, 'patient')} to {output}")
    elif format is TableFormat.json:
        exports.print_json(table)
    else:
        exports.print_csv(table)
    for note in notes:
        say(note)


def leaving_table(rows: Sequence[LeavingRow]) -> pa.Table:
    """Return one row a patient whose GP leaves."""
    from hamlets.teams.results import LeavingRow

    return _table(LeavingRow, rows)


def worklist_table(rows: Sequence[WorklistRow]) -> pa.Table:
    """Return one row a patient of the worklist."""
    from hamlets.teams.results import WorklistRow

    return _table(WorklistRow, rows)


def _table(kind: type[Any], rows: Sequence[Any]) -> pa.Table:
    """Return rows as a table; several names in one cell are parted by spaces."""
    import pyarrow as pa

    kinds = {"int": pa.int64(), "float": pa.float64(), "date": pa.date32(), "bool": pa.bool_()}
    schema = [
        (field.name, kinds.get(str(field.type).removesuffix(" | None"), pa.string()))
        for field in fields(kind)
    ]
    plain = [
        {
            name: " ".join(value) if isinstance(value, tuple) else value
            for name, value in vars(row).items()
        }
        for row in rows
    ]
    return pa.Table.from_pylist(plain, schema=pa.schema(schema))


def _print_leaving(found: LeavingList, most: int) -> None:
    from hamlets.cli.columns import print_columns
    from hamlets.cli.terminal import print_lines

    print_lines([for_staff(found.practice_id)])
    print()
    if not found.gps:
        print_lines(
            [
                f"On {_day(found.day)} no named GP of {found.name} is gone, and none is known to "
                f"leave by {_day(found.until)}.",
                *found.notes,
            ]
        )
        return
    for gp in found.gps:
        print_lines([f"{_said(gp, found.day)} {_next(gp)}"])
    print()
    print_columns(_leaving_columns(found.rows[:most]))
    _print_more(len(found.rows), most)
    print()
    print_lines(
        [
            "Score: up to 25 points each for expected work, cohorts of high need, contacts with "
            "the GP in 24 months (halved for each year of age), and their share of all contacts.",
            "Next GP: the buddy, else the one seen most who may hold a list and stays, of the "
            "team first.",
            *found.notes,
        ]
    )


def _said(gp: LeavingGp, day: date) -> str:
    """Return who leaves, and how many patients that touches."""
    patients = _counted(gp.patients, "patient")
    one = gp.patients == 1
    need = f"{patients} {'needs' if one else 'need'} a new GP."
    if gp.reason == "away":
        return (
            f"{gp.name} has no session in the rota after {_day(gp.last_day)}. "
            f"{patients} may need another GP."
        )
    if gp.reason == "asked":
        return f"If {gp.name}'s last day is {_day(gp.last_day)}, {need}"
    if gp.last_day < day:
        return f"{gp.name}'s last day was {_day(gp.last_day)}. {need}"
    return f"{gp.name}'s last day is {_day(gp.last_day)}. {need}"


def _next(gp: LeavingGp) -> str:
    """Return for how many patients a next GP is suggested."""
    if gp.with_suggestion == 0:
        return "No next GP can be suggested."
    whom = "all of them" if gp.with_suggestion == gp.patients else f"{gp.with_suggestion:,}"
    return f"A next GP is suggested for {'the one' if gp.patients == 1 else whom}."


def _leaving_columns(rows: Sequence[LeavingRow]) -> list[Column]:
    from hamlets.cli.columns import Column

    return [
        Column("rank", [f"{row.rank:,}" for row in rows]),
        Column("patient", [row.patient_id for row in rows], "name"),
        Column("named GP", [row.named_gp_name for row in rows], kind="words"),
        Column("score", [f"{row.score:.1f}" for row in rows]),
        Column("work", [f"{row.points_work:.1f}" for row in rows], leaves=6),
        Column("cohorts", [f"{row.points_cohorts:.1f}" for row in rows], leaves=5),
        Column("contacts", [f"{row.points_contacts:.1f}" for row in rows], leaves=4),
        Column("share", [f"{row.points_share:.1f}" for row in rows], leaves=3),
        Column("seen", [f"{row.contacts_with_gp:,}" for row in rows], leaves=2),
        Column("next GP", [row.suggested_gp_name or "-" for row in rows], kind="words"),
        Column("by", [row.suggested_why for row in rows], "name", leaves=7),
        Column("seen", [f"{row.seen_suggested:,}" for row in rows], leaves=1),
    ]


def _print_worklist(found: Worklist, most: int) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    print_lines([for_staff(found.practice_id)])
    print()
    print_columns(
        [
            Column("preset", [each.name for each in found.presets], "name"),
            Column("patients", [f"{each.patients:,}" for each in found.presets]),
            Column("in words", [each.title for each in found.presets], kind="words"),
            Column("checked by", [each.checked_by for each in found.presets], kind="words",
                   leaves=1),
        ]
    )  # fmt: skip
    print()
    if not found.rows:
        print_lines(["No patient is in these presets.", *_said_of(found.presets), *found.notes])
        return
    print_columns(_worklist_columns(found.rows[:most]))
    _print_more(len(found.rows), most)
    print()
    whom = "the own team" if found.level == "team" else "the own GP (there are no teams here)"
    print_lines(
        [
            "Outside: minutes of expected work a year that go elsewhere at the present share. "
            f"Share: of the contacts of 12 months, those with {whom}; chance: what that is of all "
            "patients' contacts.",
            "Drifted: the share fell by a third or more in the last 3 months, of 3 contacts or "
            "more. Other: another clinician was seen more often than the named GP in 24 months.",
            *_said_of(found.presets),
            *found.notes,
        ]
    )


def _said_of(presets: Sequence[PresetCount]) -> list[str]:
    """Return what stood in for a code list."""
    return [f"{each.name}: {each.proxy}." for each in presets if each.proxy]


def _worklist_columns(rows: Sequence[WorklistRow]) -> list[Column]:
    from hamlets.cli.columns import Column

    return [
        Column("rank", [f"{row.rank:,}" for row in rows]),
        Column("patient", [row.patient_id for row in rows], "name"),
        Column("presets", [", ".join(row.presets) for row in rows], kind="words", leaves=5),
        Column("named GP", [row.named_gp_name or "-" for row in rows], kind="words"),
        Column("outside", [f"{row.minutes_outside:,.0f}" for row in rows]),
        Column("work", [f"{row.work_minutes:,.0f}" for row in rows], leaves=4),
        Column("contacts", [f"{row.contacts:,}" for row in rows], leaves=3),
        Column("share", [_share(row.share) for row in rows]),
        Column("chance", [_share(row.chance) for row in rows], leaves=2),
        Column("flags", [", ".join(_flags(row)) or "-" for row in rows], kind="words", leaves=1),
    ]


def _flags(row: WorklistRow) -> list[str]:
    flags = ["drifted"] if row.drifted else []
    if row.losing_gp is not None:
        flags.append({"gone": "GP gone", "away": "GP away"}.get(row.losing_gp, "GP leaves"))
    return [*flags, "other"] if row.not_most_seen else flags


def _print_more(rows: int, most: int) -> None:
    if rows > most:
        print(f"{_counted(rows - most, 'more patient')}: use --output FILE.csv")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"

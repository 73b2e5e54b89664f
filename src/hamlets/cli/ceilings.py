"""``hamlets teams ceiling``: the most continuity that the recorded rota would have allowed."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import (
    OutputOption,
    StoreOption,
    TableFormat,
    TableFormatOption,
    ThreadsOption,
    read_day,
    store_path,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.cli.columns import Column
    from hamlets.teams.results import BookingChange, Ceiling, CeilingRow, FreeWins

DAYS = 10
SHARES = (
    "recorded_own", "attainable_own", "recorded_team", "attainable_own_or_team", "gap", "away",
    "full", "free_wins", "free_wins_team",
)  # fmt: skip


class WindowOf(StrEnum):
    """When a request could have been met."""

    strict = "strict"
    week = "week"
    policy = "policy"
    all = "all"


class CeilingGroup(StrEnum):
    """What a row is of."""

    practice = "practice"
    list = "list"
    team = "team"
    month = "month"


def ceiling_command(
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this practice (default: all).")
    ] = None,
    window: Annotated[
        WindowOf,
        typer.Option(metavar="WINDOW", help="strict, week, policy (default) or all three."),
    ] = WindowOf.policy,
    by: Annotated[
        CeilingGroup, typer.Option(metavar="GROUP", help="practice (default), list, team or month.")
    ] = CeilingGroup.practice,
    free_wins: Annotated[
        bool,
        typer.Option(
            "--free-wins", help="Rows of free wins, by weekday, hour, slot type and list, instead."
        ),
    ] = False,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="First day (default: 24 months before --to)."),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", metavar="DAY", help="Last day (default: the last there is)."),
    ] = None,
    working_days: Annotated[
        int, typer.Option(min=0, max=60, metavar="N", help="Working days of the policy window.")
    ] = DAYS,
    format: TableFormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show the most GP contacts that could have been with the own GP, and with the own team.

    The requests of the period are booked again with hindsight, with the same named GPs, the
    same teams and the same slots, used or free. Nobody can book that well: it is the end of
    the scale, not a target. Requests are the contacts that `hamlets measure` counts for
    slicc; slots are these contacts' and the free slots of GPs. Lists and months come from
    one booking of the whole practice.

    Of every contact recorded with another GP it is said why: the own GP was away in the
    window, was full, or had a free slot that could have been had (a free win).

    \b
    Windows:
      strict   the same half-day as the contact that was
      week     up to 2 working days before or after it
      policy   from the day of the request to 10 working days on; urgent: the same day
    \b
    Examples:
      hamlets teams ceiling --practice G99001 --window all
      hamlets teams ceiling --by list --output ceiling.csv
      hamlets teams ceiling --practice G99001 --free-wins
    """
    from hamlets.cli import exports
    from hamlets.cli.terminal import progress, say, say_if_first_run
    from hamlets.records import open_store

    days = read_day(first, "--from"), read_day(last, "--to")
    write = exports.writer_for(output) if output is not None else None
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.teams.ceiling.answering import attainable_ceiling

        with progress("Booking again", quiet=practice is not None, unit="practices") as shown:
            found = attainable_ceiling(
                opened, practice, window.value, date_from=days[0], date_to=days[1],
                working_days=working_days, threads=threads, progress=shown.advance,
            )  # fmt: skip
    if write is None and format is TableFormat.table:
        _print(found, by, free_wins)
        return
    table = wins_table(found) if free_wins else table_of(found, by)
    if write is not None and output is not None:
        write(table, output)
        say(f"Wrote {table.num_rows:,} rows to {output}")
    elif format is TableFormat.json:
        exports.print_json(table)
    else:
        exports.print_csv(table)
    for note in found.notes:
        say(note)


def table_of(found: Ceiling, by: CeilingGroup) -> pa.Table:
    """Return one row a practice, or a list, team or month of it, and window."""
    import pyarrow as pa

    group = () if by is CeilingGroup.practice else (by.value,)
    schema: list[tuple[str, Any]] = [("practice_id", pa.string()), ("window", pa.string())]
    schema += [(name, pa.string()) for name in group]
    schema += [(name, pa.float64()) for name in SHARES]
    schema += [("n_contacts", pa.int64()), ("rota", pa.string())]
    schema += [("period_first", pa.date32()), ("period_last", pa.date32())]
    schema.append(("definition_version", pa.string()))
    rows = [
        {
            **vars(row),
            by.value: row.group,
            "period_first": found.period.first,
            "period_last": found.period.last,
            "definition_version": found.definition_version,
        }
        for row in found.rows(by.value)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(schema))


def wins_table(found: Ceiling) -> pa.Table:
    """Return one row for each weekday, hour, slot type and list with free wins, and each change."""
    import pyarrow as pa

    schema = [
        ("practice_id", pa.string()), ("window", pa.string()), ("by", pa.string()),
        ("value", pa.string()), ("free_wins", pa.int64()), ("free_wins_team", pa.int64()),
    ]  # fmt: skip
    rows: list[dict[str, Any]] = []
    for wins in found.free_wins:
        place = {"practice_id": wins.practice_id, "window": wins.window}
        for by in ("weekday", "hour", "slot_type", "list"):
            rows += [
                {**place, "by": by, "value": row.value, "free_wins": row.own,
                 "free_wins_team": row.team}
                for row in getattr(wins, f"by_{by}")
            ]  # fmt: skip
        rows += [
            {**place, "by": "booking_change", "value": _change(change), "free_wins": change.wins}
            for change in wins.changes
        ]
    return pa.Table.from_pylist(rows, schema=pa.schema(schema))


def _change(change: BookingChange) -> str:
    """Return a change at the desk as a sentence."""
    when = {
        "same half-day": "in the same half-day",
        "same day": "on the same day",
    }.get(change.within, f"within {change.within}")
    return f"Offer the own GP's free slots '{change.slot_type}' {when}, before booking elsewhere."


def _print(found: Ceiling, by: CeilingGroup, free_wins: bool) -> None:
    from hamlets.cli.columns import print_columns
    from hamlets.cli.terminal import print_lines

    if free_wins:
        _print_wins(found.free_wins)
    else:
        rows = found.rows(by.value)
        if rows:
            print_columns(_columns(rows, by))
        else:
            print("There are no teams in these records.")
        if by is CeilingGroup.practice and len({row.practice_id for row in rows}) == 1:
            _print_changes(found.free_wins)
    print()
    print_lines(
        [
            f"GP contacts of patients with a named GP, {found.period.first} to "
            f"{found.period.last}. own: with the own GP; team: with the own GP or anyone of the "
            "team; allowed: the most that the rota allowed; gap: allowed less own.",
            "Contacts with another GP: away, the own GP had no session in the window; full, all "
            "the own GP's slots were taken; free win, one was free that could have been had.",
            *found.notes,
        ]
    )
    print_lines([f"Definitions {found.definition_version}."])


def _columns(rows: tuple[CeilingRow, ...], by: CeilingGroup) -> list[Column]:
    from hamlets.cli.columns import Column

    columns = [Column("practice", [r.practice_id for r in rows], "name")]
    if by is not CeilingGroup.practice:
        columns.append(Column(by.value, [r.group or "-" for r in rows], "name"))
    if len({row.window for row in rows}) > 1:
        columns.append(Column("window", [r.window for r in rows], "name"))
    columns += [
        Column("own", [_share(r.recorded_own) for r in rows]),
        Column("allowed", [_share(r.attainable_own) for r in rows]),
        Column("gap", [_share(r.gap) for r in rows], leaves=5),
    ]
    if any(row.recorded_team is not None for row in rows):
        columns += [
            Column("team", [_share(r.recorded_team) for r in rows]),
            Column("allowed", [_share(r.attainable_own_or_team) for r in rows]),
        ]
    return [
        *columns,
        Column("away", [_share(r.away) for r in rows], leaves=3),
        Column("full", [_share(r.full) for r in rows], leaves=4),
        Column("free win", [_share(r.free_wins) for r in rows]),
        Column("contacts", [f"{r.n_contacts:,}" for r in rows], leaves=2),
        Column("rota", [r.rota for r in rows], kind="words", leaves=1),
    ]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _print_changes(found: tuple[FreeWins, ...]) -> None:
    from hamlets.cli.terminal import print_lines

    several = len(found) > 1
    for wins in found:
        if wins.changes:
            print()
            where = f" ({wins.window})" if several else ""
            print(f"What would win back most{where}:")
            print_lines(
                [f"{_change(each)} {each.wins:,} contacts." for each in wins.changes], indent="  "
            )


def _print_wins(found: tuple[FreeWins, ...]) -> None:
    from hamlets.cli.columns import Column, print_columns

    for index, wins in enumerate(found):
        if index:
            print()
        print(
            f"{wins.practice_id}, {wins.window}: {wins.own:,} free slots of the own GP and "
            f"{wins.team:,} of the team could have been had."
        )
        for by in ("weekday", "hour", "slot_type", "list"):
            counts = getattr(wins, f"by_{by}")
            if counts:
                print()
                print_columns(
                    [
                        Column(by.replace("_", " "), [row.value for row in counts], "name"),
                        Column("own GP", [f"{row.own:,}" for row in counts]),
                        Column("team", [f"{row.team:,}" for row in counts]),
                    ]
                )
    _print_changes(found)

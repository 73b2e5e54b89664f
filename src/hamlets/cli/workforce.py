"""``hamlets workforce``: who was working, as a table for people, or CSV, JSON and Parquet."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

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
from hamlets.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.continuity.results import Workforce, WorkforceUnit

Row = dict[str, Any]


class By(StrEnum):
    """What one row is about."""

    practice = "practice"
    team = "team"
    person = "person"


def workforce_command(
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this practice (default: all).")
    ] = None,
    by: Annotated[
        By, typer.Option(metavar="GROUP", help="One row a practice, team or person.")
    ] = By.practice,
    session_basis: Annotated[
        int,
        typer.Option(
            metavar="N", help="Sessions a week that make one full-time equivalent: 9, 8 or 6."
        ),
    ] = 9,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="First day (default: the last 12 full months)."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="Last day (default: as --from).")
    ] = None,
    format: TableFormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show who was working: people, sessions, full-time equivalents, the week and the load.

    People and sessions are those of the last day; days, contacts and overlap are of
    the whole period. Overlap is the share of GP contacts that fell in half-days when
    the patient's named GP had a session. Rows of people name staff: keep them inside
    the practice; a file of them may be read by its owner only.

    \b
    Examples:
      hamlets workforce
      hamlets workforce --practice G99001 --by team
      hamlets workforce --practice G99001 --by person --output people.csv
    """
    from hamlets.cli import exports
    from hamlets.cli.staff_tables import notes, print_workforce
    from hamlets.cli.terminal import say, say_if_first_run
    from hamlets.records import open_store

    days = read_day(first, "--from"), read_day(last, "--to")
    # rows of people name staff
    private = by is By.person
    write = exports.writer_for(output, private=private) if output is not None else None
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.continuity import workforce

        found = workforce(
            opened,
            practice,
            date_from=days[0],
            date_to=days[1],
            session_basis=session_basis,
            threads=threads,
        )
    if by is By.person and len(found) > 1:
        raise UsageError(
            "People are shown for one practice at a time.",
            where="--by person",
            hint="Name the practice: --practice CODE.",
        )
    if write is not None and output is not None:
        table = table_of(found, by)
        write(exports.flat(table) if output.suffix.lower() == ".csv" else table, output)
        say(f"Wrote {table.num_rows:,} rows to {output}")
    elif format is TableFormat.json:
        exports.print_json(table_of(found, by))
    elif format is TableFormat.csv:
        exports.print_csv(exports.flat(table_of(found, by)))
    else:
        print_workforce(found, by.value)
        return
    for note in notes(found):
        say(note)


def table_of(found: tuple[Workforce, ...], by: By) -> pa.Table:
    """Return one row a practice, team or person."""
    import pyarrow as pa

    from hamlets.continuity.results import PersonRow

    if by is By.person:
        rows = [
            {"practice_id": one.practice.practice_id, **vars(person)}
            for one in found
            for person in one.people
        ]
        schema = [("practice_id", pa.string()), *_typed(PersonRow)]
    else:
        pairs = [
            (one, unit)
            for one in found
            for unit in (one.teams if by is By.team else (one.practice,))
        ]
        rows = [_unit_row(*pair) for pair in pairs]
        schema = _unit_schema()
    return pa.Table.from_pylist(rows, schema=pa.schema(schema))


def _typed(dataclass: type[Any]) -> list[tuple[str, Any]]:
    """Return the Arrow type of each plain field of a dataclass."""
    import pyarrow as pa

    types = {
        str: pa.string(),
        int: pa.int64(),
        bool: pa.bool_(),
        float: pa.float64(),
        str | None: pa.string(),
        int | None: pa.int64(),
        float | None: pa.float64(),
    }
    hints = get_type_hints(dataclass)
    return [(name, types[hint]) for name, hint in hints.items() if hint in types]


def _unit_schema() -> list[tuple[str, Any]]:
    import pyarrow as pa

    from hamlets.continuity.results import WorkforceUnit
    from hamlets.records.tables import CONTRACTS

    fields = dict(_typed(WorkforceUnit))
    reason = fields.pop("reason")
    mix = pa.struct([(word, pa.int64()) for word in (*CONTRACTS[1:], CONTRACTS[0])])
    order = list(fields.items())
    after = list(fields).index("full_time_equivalent_gps") + 1
    return [
        *order[:after],
        ("contracts", mix),
        *order[after:],
        ("clinician_days", pa.int64()),
        ("contacts_per_day_median", pa.float64()),
        ("contacts_per_day_centile_90", pa.float64()),
        ("share_days_over_25", pa.float64()),
        ("rota", pa.string()),
        ("staff_given", pa.bool_()),
        ("roles_known", pa.bool_()),
        ("session_basis", pa.int64()),
        ("period_first", pa.date32()),
        ("period_last", pa.date32()),
        ("reason", reason),
        ("definition_version", pa.string()),
    ]


def _unit_row(found: Workforce, unit: WorkforceUnit) -> Row:
    from hamlets.records.tables import CONTRACTS

    load = unit.load
    return {
        **vars(unit),
        "contracts": dict.fromkeys(CONTRACTS, 0) | dict(unit.contracts),
        "clinician_days": load.clinician_days,
        "contacts_per_day_median": load.median,
        "contacts_per_day_centile_90": load.centile_90,
        "share_days_over_25": load.share_over_25,
        "rota": found.rota,
        "staff_given": found.staff_given,
        "roles_known": found.roles_known,
        "session_basis": found.session_basis,
        "period_first": found.period.first,
        "period_last": found.period.last,
        "definition_version": found.definition_version,
    }

"""``hamlets named-gp``: who has an eligible named GP, and what needs putting right."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import (
    OutputOption,
    StoreOption,
    TableFormat,
    TableFormatOption,
    read_day,
    store_path,
)
from hamlets.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.continuity.results import Estimate, NamedGpHealth

FINDINGS = {
    "none": "nobody is named",
    "left": "the named person has left",
    "not_gp": "the named person is not a GP",
    "registrar_or_locum": "the named person is a registrar or locum",
    "unknown_staff": "the named person is not on the staff list, or has no role there",
    "not_seen_24_months": "not seen by the named GP in 24 months, but by others",
    "not_most_seen": "another clinician seen more often in 24 months",
    "new_unnoticed": "registered in the last year, nobody named within 21 days",
    "replaced": "another named GP in the last 21 days: to be told",
    "replaced_earlier": "another named GP 22 to 90 days ago: make sure they were told",
}
MISSING = {
    "no_staff_list": "There is no staff list of this practice, so who has left, who is no GP and "
    "who is not on the list is not known.",
    "no_roles": "No roles are known, so everyone who is named is taken for a GP.",
    "as_at_extract": "Some named GPs have no dates: the extract's is taken for all days.",
    "no_registration_dates": "First days of registration are not known, so new patients are not.",
    "unregistered": "{n} people were seen here whose registration is not known: not counted.",
    "nobody_named": "Nobody at all is named here: did the extract leave the column out?",
    "after_records": "This day lies after the last contact in the records.",
    "short_records": "The records do not reach back 24 months: not_seen_24_months and "
    "not_most_seen are of the months there are.",
}
MOST_ROWS = 400
_AT_A_TIME = 8
"""Practices whose findings stand side by side: more are wider than a page."""


class Rows(StrEnum):
    """What a row is."""

    practice = "practice"
    list = "list"


def named_gp_command(
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="One practice of the store (its code).")
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="The day to look at, as 2026-03-31 (default: the last there is)."
        ),
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Write each patient to look at, with a suggestion. Stays in the practice.",
        ),
    ] = None,
    by: Annotated[
        Rows, typer.Option(metavar="ROWS", help="One row a practice or a list.")
    ] = Rows.practice,
    format: TableFormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
) -> None:
    """Show who has an eligible named GP, what to put right, and what naming delivers.

    A named GP is eligible who is a partner, a salaried GP, a retainer or simply a
    GP, and has not left; a registrar or locum is not. The share of contacts with
    the own GP always stands beside: naming alone does nothing.

    \b
    Examples:
      hamlets named-gp --practice Y00001
      hamlets named-gp --practice Y00001 --by list
      hamlets named-gp --practice Y00001 --corrections named-gps-to-check.csv
      hamlets named-gp --date 2026-03-31 --format json
    """
    from hamlets.cli import exports
    from hamlets.cli.terminal import progress, say, say_if_first_run
    from hamlets.records import open_store

    day = read_day(date, "--date")
    write = exports.writer_for(output) if output is not None else None
    if corrections is not None:
        _check_corrections(corrections)
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        with progress("Looking at named GPs", quiet=not sys.stderr.isatty(), unit=""):
            from hamlets.continuity.named_gps import named_gp_health

            health = named_gp_health(opened, practice, day, corrections=corrections is not None)
    table = _lists(health) if by is Rows.list else _practices(health)
    if write is not None and output is not None:
        write(table, output)
        say(f"Wrote {_counted(table.num_rows, 'row')} to {output}")
    elif format is TableFormat.json:
        exports.print_json(table)
    elif format is TableFormat.csv:
        exports.print_csv(table)
    elif by is Rows.list:
        _print_lists(health)
    else:
        _print_practices(health)
    if write is not None or format is not TableFormat.table:
        for note in dict.fromkeys(_notes(health)):
            say(note)
    if corrections is not None:
        rows = _corrections(health)
        exports.write_private_csv(rows, corrections)
        say(
            f"Wrote {_counted(rows.num_rows, 'patient')} to {corrections}. "
            "It is about single patients: it stays inside the practice."
        )


def _check_corrections(path: Path) -> None:
    from hamlets.cli.exports import check_place

    if path.suffix.lower() != ".csv":
        raise UsageError(
            "Corrections are written as .csv.",
            where="--corrections",
            hint="End the file's name with .csv.",
        )
    check_place(path)


def _estimate(estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {"slicc": None, "slicc_lower": None, "slicc_upper": None}
    return {
        "slicc": estimate.value,
        "slicc_lower": estimate.lower,
        "slicc_upper": estimate.upper,
    }


def _practices(health: Sequence[NamedGpHealth]) -> pa.Table:
    import pyarrow as pa

    floats = ("coverage", "slicc", "slicc_lower", "slicc_upper")
    fields = [("practice_id", pa.string()), ("day", pa.string())]
    fields += [("registered", pa.int64()), ("eligible", pa.int64())]
    fields += [(name, pa.float64()) for name in floats]
    for name in FINDINGS:
        fields += [(name, pa.int64()), (f"{name}_share", pa.float64())]
    rows: list[dict[str, Any]] = []
    for one in health:
        row: dict[str, Any] = {
            "practice_id": one.practice_id,
            "day": one.day.isoformat(),
            "registered": one.registered,
            "eligible": one.eligible,
            "coverage": one.coverage,
            **_estimate(one.slicc),
        }
        for count in (*one.problems, *one.warnings):
            row |= {count.finding: count.patients, f"{count.finding}_share": count.share}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _lists(health: Sequence[NamedGpHealth]) -> pa.Table:
    import pyarrow as pa

    fields = [(name, pa.string()) for name in ("practice_id", "day", "named_staff_id", "name")]
    fields += [("patients", pa.int64()), ("eligible", pa.bool_()), ("problem", pa.string())]
    fields += [(name, pa.float64()) for name in ("slicc", "slicc_lower", "slicc_upper")]
    fields += [("n_contacts", pa.int64())]
    rows = [
        {
            "practice_id": one.practice_id,
            "day": one.day.isoformat(),
            "named_staff_id": row.staff_id,
            "name": row.name,
            "patients": row.patients,
            "eligible": row.eligible,
            "problem": row.problem,
            **_estimate(row.slicc),
            "n_contacts": row.slicc.n_contacts if row.slicc else 0,
        }
        for one in health
        for row in one.lists
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _corrections(health: Sequence[NamedGpHealth]) -> pa.Table:
    import pyarrow as pa

    words = ("patient_id", "practice_id", "named_staff_id", "named_name", "findings")
    suggested = ("suggested_staff_id", "suggested_name", "suggested_why")
    fields = [(name, pa.string()) for name in (*words, *suggested)]
    fields += [("contacts_with_suggested", pa.int64()), ("contacts", pa.int64())]
    fields += [("tell_by", pa.string())]
    rows = [
        {
            **{name: getattr(row, name) for name, _ in fields},
            "findings": " ".join(row.findings),
            "tell_by": row.tell_by.isoformat() if row.tell_by else None,
        }
        for one in health
        for row in one.corrections
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _notes(health: Sequence[NamedGpHealth]) -> list[str]:
    several = len(health) > 1
    said: list[str] = []
    for one in health:
        for key in one.missing:
            note = MISSING[key].format(n=f"{one.unregistered:,}")
            said.append(f"{one.practice_id}: {note}" if several else note)
    return said


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _number(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _own(estimate: Estimate | None) -> tuple[str, str]:
    if estimate is None or estimate.value is None:
        return "-", "-"
    if estimate.lower is None or estimate.upper is None:
        return _share(estimate.value), "-"
    return _share(estimate.value), f"{_share(estimate.lower)} to {_share(estimate.upper)}"


def _print_practices(health: Sequence[NamedGpHealth]) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    if len(health) == 1:
        _print_one(health[0])
        return
    print_columns(
        [
            Column("practice", [one.practice_id for one in health], "name"),
            Column("registered", [_number(one.registered) for one in health]),
            Column("eligible named GP", [_number(one.eligible) for one in health]),
            Column("share", [_share(one.coverage) for one in health]),
            Column("seen by own GP", [_own(one.slicc)[0] for one in health]),
            Column("range", [_own(one.slicc)[1] for one in health], leaves=1),
        ]
    )
    # A column for each practice; where there are many they fill several tables.
    for few in _side_by_side(health):
        print()
        print_columns(
            [
                Column("finding, patients", list(FINDINGS), "name"),
                *(
                    Column(one.practice_id, [_number(one.count(name)) for name in FINDINGS])
                    for one in few
                ),
            ]
        )
    print()
    print_lines(
        [
            f"On {health[0].day.isoformat()}. Seen by own GP: the share of contacts in 12 months. "
            "Naming alone does nothing."
        ]
    )
    print_lines([f"{name}: {words}." for name, words in FINDINGS.items()], hanging="  ")
    print_lines(_notes(health))


def _side_by_side(health: Sequence[NamedGpHealth]) -> Iterator[Sequence[NamedGpHealth]]:
    for start in range(0, len(health), _AT_A_TIME):
        yield health[start : start + _AT_A_TIME]


def _print_one(one: NamedGpHealth) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    value, bounds = _own(one.slicc)
    own = "There is no contact to say how many were with the own GP."
    if value != "-":
        own = (
            f"The share of contacts with the own GP in 12 months was {value} (range {bounds}). "
            "Naming alone does nothing."
        )
    print_lines(
        [
            f"{one.name}, {one.day.isoformat()}: {_number(one.eligible)} of "
            f"{_number(one.registered)} registered patients have an eligible named GP "
            f"(share {_share(one.coverage)}).",
            own,
        ]
    )
    print()
    counts = [*one.problems, *one.warnings]
    print_columns(
        [
            Column("finding", [c.finding for c in counts], "name"),
            Column("patients", [_number(c.patients) for c in counts]),
            Column("share", [_share(c.share) for c in counts]),
            Column("in words", [FINDINGS[c.finding] for c in counts], kind="words"),
        ]
    )
    print()
    print_lines(
        [
            "The first five add up with the eligible; of the others several can hold.",
            "A new patient is to be told of a named GP within 21 days (SI 2015/196).",
            *_notes([one]),
        ]
    )


def _print_lists(health: Sequence[NamedGpHealth]) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    rows = [(one, row) for one in health for row in one.lists][:MOST_ROWS]
    print_columns(
        [
            Column("practice", [one.practice_id for one, _ in rows], "name"),
            Column("named person", [row.name for _, row in rows], kind="words"),
            Column("patients", [_number(row.patients) for _, row in rows]),
            Column("seen by own GP", [_own(row.slicc)[0] for _, row in rows]),
            Column("range", [_own(row.slicc)[1] for _, row in rows]),
            Column(
                "",
                ["" if row.problem is None else FINDINGS[row.problem] for _, row in rows],
                kind="words",
            ),
        ]
    )
    more = sum(len(one.lists) for one in health) - len(rows)
    if more:
        print(f"{more:,} more rows: use --output FILE.csv")
    print()
    print_lines(
        [
            f"On {health[0].day.isoformat()}. Seen by own GP: the share of contacts in 12 months, "
            "those of days when the person could be the named GP.",
            *_notes(health),
        ]
    )

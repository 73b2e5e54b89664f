"""The two worklists as tables for programs, and as columns for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def for_staff(practice: str) -> str:
    """Return the line that stands on top of every list of patients."""
    return f"For staff of {practice}. It lists patients. Do not pass on."


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


def print_leaving(found: LeavingList, most: int) -> None:
    """Print who leaves, then the first patients."""
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
            "Seen: contacts with the named GP in 24 months; met: with the next GP, who is the "
            "buddy, else the one seen most who may hold a list and stays, of the team first.",
            *found.notes,
        ]
    )


def _said(gp: LeavingGp, day: date) -> str:
    """Return who leaves, and how many patients that touches."""
    patients = counted(gp.patients, "patient")
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
        Column("met", [f"{row.seen_suggested:,}" for row in rows], leaves=1),
    ]


def print_worklist(found: Worklist, most: int) -> None:
    """Print the presets, then the first patients."""
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
        print_lines(["No patient is in these presets.", *proxies(found.presets), *found.notes])
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
            *proxies(found.presets),
            *found.notes,
        ]
    )


def proxies(presets: Sequence[PresetCount]) -> list[str]:
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
        print(f"{counted(rows - most, 'more patient')}: use --output FILE.csv")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def counted(count: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"

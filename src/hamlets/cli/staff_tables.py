"""``hamlets workforce`` for people: tables that read well in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hamlets.cli.columns import Column, print_columns
from hamlets.cli.terminal import print_lines

if TYPE_CHECKING:
    from hamlets.continuity.results import WeekRow, Workforce, WorkforceUnit

HALVES = {"am": "am", "pm": "pm", "evening": "eve"}


def print_workforce(found: tuple[Workforce, ...], by: str) -> None:
    """Print rows of practices, teams or people, and for one practice its week."""
    if by == "person":
        print_columns(_people(found[0]))
    else:
        units = [unit for one in found for unit in (one.teams if by == "team" else (one.practice,))]
        if units:
            print_columns(_units(units))
        else:
            print("There are no teams in these records.")
    if len(found) == 1 and by != "person":
        print()
        print_columns(_week(found[0].week))
    print()
    print_lines(_said(found))


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _units(units: list[WorkforceUnit]) -> list[Column]:
    def mix(unit: WorkforceUnit) -> str:
        return ", ".join(f"{word} {count}" for word, count in unit.contracts) or "-"

    columns = [
        Column("", [u.name for u in units], kind="words"),
        Column("code", [u.team_id or u.practice_id for u in units], "name", leaves=9),
        Column("staff", [_count(u.headcount) for u in units], leaves=3),
        Column("GPs", [_count(u.headcount_gps) for u in units]),
        Column("GP sessions", [_number(u.sessions_per_week_gps) for u in units]),
        Column("GP FTE", [_number(u.full_time_equivalent_gps, 2) for u in units]),
        Column("contracts of GPs", [mix(u) for u in units], kind="words", leaves=1),
        Column("below 6", [_share(u.share_below_6_sessions) for u in units], leaves=5),
        Column("weekdays", [f"{u.weekdays_covered} of 5" for u in units], leaves=4),
        Column("patients", [_count(u.patients) for u in units]),
        Column("a session", [_number(u.patients_per_session, 0) for u in units], leaves=6),
        Column("contacts a session", [_number(u.contacts_per_session) for u in units], leaves=7),
        Column("overlap", [_share(u.overlap) for u in units]),
        Column("day", [_number(u.load.median) for u in units], leaves=8),
        Column("full day", [_number(u.load.centile_90) for u in units], leaves=8),
        Column("over 25", [_share(u.load.share_over_25) for u in units], leaves=8),
        Column("why not", [u.reason or "" for u in units], kind="words", leaves=2),
    ]
    return [c for c in columns if c.name != "why not" or any(c.cells)]


def _people(found: Workforce) -> list[Column]:
    rows = found.people
    return [
        Column("name", [r.name for r in rows], kind="words"),
        Column("staff_id", [r.staff_id for r in rows], "name", leaves=1),
        Column("role", [r.role for r in rows], kind="words"),
        Column("contract", [r.contract for r in rows], kind="words", leaves=2),
        Column("sessions a week", [_number(r.sessions_per_week) for r in rows]),
        Column("half-days", [_count(r.half_days_worked) for r in rows], leaves=3),
        Column("days", [_count(r.days_worked) for r in rows], leaves=4),
        Column("list", [_count(r.patients) for r in rows]),
        Column("contacts", [_count(r.contacts) for r in rows]),
        Column("a session", [_number(r.contacts_per_session) for r in rows]),
        Column("", ["left" if r.left else "" for r in rows], kind="words"),
    ]


def _week(rows: tuple[WeekRow, ...]) -> list[Column]:
    from hamlets.continuity.results import WEEKDAYS

    columns = [Column("usual GPs", [row.label or "practice" for row in rows], kind="words")]
    for index, cell in enumerate(rows[0].cells):
        usual = [row.cells[index].usual for row in rows]
        head = f"{WEEKDAYS[cell.weekday]} {HALVES[cell.half]}"
        columns.append(Column(head, [str(n) if n else "none" for n in usual]))
    return columns


def _said(found: tuple[Workforce, ...]) -> Iterable[str]:
    from hamlets.cli.workforce import notes

    if not found:
        return
    one = found[0]
    yield (
        f"Days and contacts: {one.period.first} to {one.period.last}; people and sessions: the "
        f"last day. Sessions are a week's; {one.session_basis} make 1.00 FTE. Contacts are those "
        "with GPs."
    )
    yield (
        "Per 100: GPs below 6 sessions; overlap, contacts in half-days when the patient's own GP "
        "had a session; days of a GP with more than 25 contacts. A full day: 90 in 100 have fewer "
        "or as many."
    )
    yield from notes(found)
    yield f"Definitions {one.definition_version}."

"""``hamlets workforce`` for people: tables that read well in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hamlets.cli.columns import GAP, Column, print_columns
from hamlets.cli.terminal import print_lines

if TYPE_CHECKING:
    from hamlets.continuity.results import WeekRow, Workforce, WorkforceUnit

HALVES = {"am": "am", "pm": "pm", "evening": "eve"}
WIDEST = 100
"""Characters of a line: more is read with difficulty, and printed worse."""


def print_workforce(found: tuple[Workforce, ...], by: str) -> None:
    """Print rows of practices, teams or people, and for one practice its week."""
    units = [unit for one in found for unit in (one.teams if by == "team" else (one.practice,))]
    if by == "person":
        _print_tables(_people(found[0]))
    elif units:
        _print_tables([_staff(units, by), _work(units, by), _contracts(units, by)])
    else:
        print("There are no teams in these records.")
    if len(found) == 1 and by != "person" and _weeks(found[0]):
        print()
        _print_tables(_week(found[0].week))
    print()
    print_lines(_said(found, [] if by == "person" else units))


def _print_tables(tables: list[list[Column]]) -> None:
    for index, columns in enumerate(tables):
        if index:
            print()
        print_columns(columns)


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _code(unit: WorkforceUnit) -> str:
    return unit.team_id or unit.practice_id


def _covered(unit: WorkforceUnit) -> str:
    return "-" if unit.weekdays_covered is None else f"{unit.weekdays_covered} of 5"


def _staff(units: list[WorkforceUnit], by: str) -> list[Column]:
    return [
        Column(by, [_code(u) for u in units], "name"),
        Column("name", [u.name for u in units], kind="words", leaves=3),
        Column("staff", [_count(u.headcount) for u in units], leaves=2),
        Column("GPs", [_count(u.headcount_gps) for u in units]),
        Column("GP sessions", [_number(u.sessions_per_week_gps) for u in units]),
        Column("GP FTE", [_number(u.full_time_equivalent_gps, 2) for u in units]),
        Column("below 6", [_share(u.share_below_6_sessions) for u in units], leaves=1),
        Column("weekdays", [_covered(u) for u in units]),
    ]


def _work(units: list[WorkforceUnit], by: str) -> list[Column]:
    return [
        Column(by, [_code(u) for u in units], "name"),
        Column("patients", [_count(u.patients) for u in units]),
        Column("patients a session", [_number(u.patients_per_session, 0) for u in units], leaves=2),
        Column("contacts a session", [_number(u.contacts_per_session) for u in units], leaves=3),
        Column("overlap", [_share(u.overlap) for u in units]),
        Column("day", [_number(u.load.median) for u in units], leaves=1),
        Column("full day", [_number(u.load.centile_90) for u in units], leaves=1),
        Column("over 25", [_share(u.load.share_over_25) for u in units], leaves=1),
    ]


def _contracts(units: list[WorkforceUnit], by: str) -> list[Column]:
    """Return GPs by contract; contracts that nobody has are left out."""
    from hamlets.records.tables import CONTRACTS

    words = (*CONTRACTS[1:], CONTRACTS[0])
    held = [word for word in words if any(dict(u.contracts).get(word) for u in units)]
    return [
        Column(f"GPs of the {by}", [_code(u) for u in units], "name"),
        *(Column(word, [str(dict(u.contracts).get(word, 0)) for u in units]) for word in held),
    ]


def _people(found: Workforce) -> list[list[Column]]:
    rows = found.people
    who = [
        Column("staff_id", [r.staff_id for r in rows], "name"),
        Column("name", [r.name for r in rows], kind="words"),
    ]
    return [
        [
            *who,
            Column("role", [r.role for r in rows], kind="words"),
            Column("contract", [r.contract for r in rows], kind="words", leaves=1),
            Column("a week", [_number(r.sessions_per_week) for r in rows]),
            Column("list", [_count(r.patients) for r in rows]),
            Column("", ["left" if r.left else "" for r in rows], kind="words"),
        ],
        [
            *who,
            Column("half-days", [_count(r.half_days_worked) for r in rows], leaves=1),
            Column("days", [_count(r.days_worked) for r in rows], leaves=2),
            Column("contacts", [_count(r.contacts) for r in rows]),
            Column("a session", [_number(r.contacts_per_session) for r in rows]),
        ],
    ]


def _weeks(found: Workforce) -> int:
    """Return the weeks that the usual week is of."""
    return max((cell.weeks for row in found.week for cell in row.cells), default=0)


def _week(rows: tuple[WeekRow, ...]) -> list[list[Column]]:
    """Return the usual week, in as many tables as it takes to keep lines short."""
    from hamlets.continuity.results import WEEKDAYS

    label = Column("usual GPs", [row.label or "practice" for row in rows], kind="words")
    tables: list[list[Column]] = [[label]]
    for index, cell in enumerate(rows[0].cells):
        usual = [row.cells[index].usual for row in rows]
        head = f"{WEEKDAYS[cell.weekday]} {HALVES[cell.half]}"
        column = Column(head, [str(n) if n else "none" for n in usual])
        if sum(c.width + GAP for c in tables[-1]) + column.width > WIDEST and len(tables[-1]) > 1:
            tables.append([label])
        tables[-1].append(column)
    return tables


def _said(found: tuple[Workforce, ...], units: list[WorkforceUnit]) -> Iterable[str]:
    if not found:
        return
    one = found[0]
    yield (
        f"Days and contacts: {one.period.first} to {one.period.last}; people and sessions: the "
        f"last day. Sessions are a week's; {one.session_basis} make 1.00 FTE. Contacts are those "
        "with GPs."
    )
    if units:
        yield (
            "Shares: GPs below 6 sessions; overlap, contacts in half-days when the patient's own "
            "GP had a session; days of a GP with more than 25 contacts. Day: the median of "
            "contacts; a full day: 9 days in 10 have so many or fewer."
        )
        weeks = max(_weeks(each) for each in found)
        if weeks:
            yield f"Weekdays and the usual week: of the last {weeks} weeks without a bank holiday."
    for unit in units:
        if unit.reason:
            yield f"{_code(unit)}: {unit.reason}."
    yield from notes(found)
    yield f"Definitions {one.definition_version}."


def notes(found: tuple[Workforce, ...]) -> list[str]:
    """Return what must be read beside the numbers, as sentences."""
    said: list[str] = []
    without = [one for one in found if not one.staff_given]
    if without:
        count = sum(one.practice.headcount for one in without)
        said.append(
            f"No staff list was loaded{_for(without, found)}. "
            f"We know {count:,} clinicians by code only."
        )
    inferred = [one for one in found if one.rota == "inferred"]
    if inferred:
        said.append(f"Worked out from appointments, not from a rota{_for(inferred, found)}.")
    by_rota = sum(one.practice.sessions_from_rota for one in found if one.staff_given)
    if by_rota:
        said.append(
            f"The staff list has no sessions for {by_rota:,} people: theirs are the half-days of "
            "an average week in which they worked."
        )
    ended = sum(one.teams_ended for one in found)
    if ended:
        teams = "1 team" if ended == 1 else f"{ended} teams"
        said.append(f"Left out, because nobody is in them on the last day: {teams}.")
    if found and not found[0].roles_known:
        said.append("No roles are known, so every clinician is counted as a GP.")
    return said


def _for(some: list[Workforce], found: tuple[Workforce, ...]) -> str:
    if len(some) == len(found):
        return ""
    return " for " + ", ".join(one.practice.practice_id for one in some)

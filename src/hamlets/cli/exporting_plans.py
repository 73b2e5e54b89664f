"""``hamlets teams export``: what a practice does with a plan, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import StoreOption, store_path
from hamlets.cli.plan_showing import PlanArgument
from hamlets.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.publish.team_words import Sheets
    from hamlets.teams.plans.storing import StoredPlan

TOLD_WITHIN_DAYS = 21
"""Patients are told of a new accountable GP within 21 days (SI 2015/196)."""
WHY = {
    "unchanged": "the named GP stays",
    "no_gp": "no list could take the patient under the rules",
    "named_gp_left": "the named GP has left or may not hold a list",
    "no_contact": "no GP was seen lately, and this list has room",
    "no_named_gp": "there was no named GP",
    "asked": "the patient asked for this GP",
    "saw_more": "the patient saw this GP more",
    "household": "another of the household knows this GP",
    "saw_team": "the patient saw the GPs of this team more",
    "even_work": "this evens out the work",
}


class Part(StrEnum):
    """One kind of file."""

    named_gps = "named-gps"
    lists = "lists"
    letters = "letters"
    patients = "patients"
    reception = "reception"
    teams = "teams"


@dataclass(frozen=True)
class Exported:
    """A file to write, by its path in the folder."""

    path: str
    content: bytes
    private: bool = False


def export_command(
    plan: PlanArgument,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the files go.")],
    store: StoreOption = None,
    only: Annotated[
        list[Part] | None,
        typer.Option(
            metavar="PART",
            help="named-gps, lists, letters, patients, reception or teams; may be said again.",
        ),
    ] = None,
) -> None:
    """Write what a practice needs to begin with a plan.

    \b
    named-gps   the patients whose named GP changes or is the first, for the clinical system
    lists       every patient's named GP and team
    letters     who must be told, and by when (21 days, SI 2015/196)
    patients    leaflet, web text, text messages, phone script and Easy Read
    reception   a card of words for each team
    teams       a page for each team: names, days and room for photos

    The lists hold patients: only their owner may read them. Nothing in the store changes.
    """
    from hamlets.cli.exports import replace_file

    files = list(_files(store_path(store), plan, set(only or Part)))
    _make_folder(to, files)
    for file in files:
        replace_file(to / file.path, file.content, private=file.private)
    print(f"Wrote {len(files)} files to {to}. Begin with readme.txt.")


def _make_folder(to: Path, files: list[Exported]) -> None:
    try:
        for folder in sorted({(to / file.path).parent for file in files}):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"This folder cannot be made: {(error.strerror or 'the system refused').lower()}.",
            where=str(to),
            hint="Choose another place with --to.",
        ) from error


def _files(store: Path, plan_id: str, parts: set[Part]) -> Iterator[Exported]:
    from hamlets.publish.team_words import Sheets
    from hamlets.records import open_store
    from hamlets.teams.plans.storing import read_plan

    stored = read_plan(store, plan_id)
    with open_store(store) as opened:
        names = _names(opened)
        invented, identifiable = opened.invented, opened.identifiable
    names |= {each.staff_id: each.name or each.staff_id for each in stored.members}
    sheets = Sheets(stored.plan, stored.members, invented)
    yield Exported("readme.txt", _readme(stored, sheets, parts, identifiable).encode())
    makers: dict[Part, Callable[[], Iterator[Exported]]] = {
        Part.named_gps: lambda: _table("named-gps.csv", named_gps(stored, names)),
        Part.lists: lambda: _table("lists.csv", lists(stored, names)),
        Part.letters: lambda: _table("letters.csv", letters(stored, names)),
        Part.patients: lambda: _patients(sheets),
        Part.reception: lambda: _reception(sheets),
        Part.teams: lambda: _teams(sheets),
    }
    for part, make in makers.items():
        if part in parts:
            yield from make()


def _names(store: Any) -> dict[str, str]:
    """Return the names of staff by both ids that measures may show."""
    found: dict[str, str] = {}
    for row in store.table("staff").select(["staff_id", "person_id", "name"]).to_pylist():
        for key in (row["staff_id"], row["person_id"]):
            if key and row["name"]:
                found.setdefault(key, row["name"])
    return found


def _table(name: str, table: pa.Table) -> Iterator[Exported]:
    from hamlets.cli.exports import csv_bytes

    # With its mark, spreadsheets read names with accents as they are.
    yield Exported(name, b"\xef\xbb\xbf" + csv_bytes(table), private=True)


def _rows(stored: StoredPlan, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return every placed patient with names and the kind of change."""
    teams = {team.team_id: team.name or team.team_id for team in stored.plan.teams}
    found: list[dict[str, Any]] = []
    for row in stored.allocations.to_pylist():
        old, new = row["old_named_staff_id"], row["new_named_staff_id"]
        kind = (
            "changed" if row["changed"] else "gp_gone" if row["forced"]
            else "first" if row["first"] else "same"
        )  # fmt: skip
        found.append(
            {
                "patient_id": row["patient_id"],
                "old_named_staff_id": old,
                "old_named_gp": names.get(old, old),
                "new_named_staff_id": new,
                "new_named_gp": names.get(new, new),
                "team_id": row["team_id"],
                "team": teams.get(row["team_id"]),
                "change": kind if new is not None else "none",
                "reason": WHY.get(row["reason"], row["reason"]),
            }
        )
    return found


_NAMED = (
    "patient_id", "old_named_staff_id", "old_named_gp", "new_named_staff_id", "new_named_gp",
    "team_id", "team", "change", "reason",
)  # fmt: skip
_CHANGES = ("changed", "gp_gone", "first")


def _as_table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> pa.Table:
    import pyarrow as pa

    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def named_gps(stored: StoredPlan, names: dict[str, str]) -> pa.Table:
    """Return the patients whose named GP is to be changed in the clinical system."""
    rows = [row for row in _rows(stored, names) if row["change"] in _CHANGES]
    start = stored.plan.adopted_from
    day = None if start is None else start.isoformat()
    return _as_table([{**row, "from_date": day} for row in rows], (*_NAMED, "from_date"))


def lists(stored: StoredPlan, names: dict[str, str]) -> pa.Table:
    """Return every placed patient with named GP and team."""
    return _as_table(_rows(stored, names), _NAMED)


def letters(stored: StoredPlan, names: dict[str, str]) -> pa.Table:
    """Return the patients who are to be told of their named GP, and by when."""
    start: date | None = stored.plan.adopted_from
    by = None if start is None else (start + timedelta(days=TOLD_WITHIN_DAYS)).isoformat()
    rows = [
        {**row, "tell_by": by, "from_date": None if start is None else start.isoformat()}
        for row in _rows(stored, names)
        if row["change"] in _CHANGES
    ]
    wanted = ("patient_id", "new_named_gp", "team", "change", "reason", "from_date", "tell_by")
    return _as_table(rows, wanted)


def _patients(sheets: Sheets) -> Iterator[Exported]:
    from hamlets.publish import team_words
    from hamlets.publish.team_sheets import render_sheet

    for name, sheet in (
        ("leaflet", team_words.leaflet(sheets)),
        ("easy-read", team_words.easy_read(sheets)),
        ("web", team_words.web_text(sheets)),
        ("phone-script", team_words.phone_script(sheets)),
    ):
        yield Exported(f"patients/{name}.txt", sheet.as_text(sheets.banners).encode())
        if name in ("leaflet", "easy-read"):
            yield Exported(f"patients/{name}.html", render_sheet(sheets, sheet).encode())
    lines: list[str] = [*sheets.banners]
    for team, member, parts in team_words.text_messages(sheets):
        lines.append(f"For patients of {team_words.name_of(member)} ({team}):")
        lines += [f"{number}/{len(parts)}: {part}" for number, part in enumerate(parts, 1)]
        lines.append("")
    yield Exported("patients/text-messages.txt", "\n".join(lines).encode())


def _reception(sheets: Sheets) -> Iterator[Exported]:
    from hamlets.publish.team_sheets import render_sheet
    from hamlets.publish.team_words import reception_card

    for number, team in enumerate(sheets.plan.teams, 1):
        page = render_sheet(sheets, reception_card(sheets, team))
        yield Exported(f"reception/{_file_name(number, team.name)}.html", page.encode())


def _teams(sheets: Sheets) -> Iterator[Exported]:
    from hamlets.publish.team_sheets import render_team

    for number, team in enumerate(sheets.plan.teams, 1):
        page = render_team(sheets, team)
        yield Exported(f"teams/{_file_name(number, team.name)}.html", page.encode())


def _file_name(number: int, name: str) -> str:
    from hamlets.teams.plans.ids import slug

    return f"{number:02}-{slug(name).lower()}"


_SAID = {
    Part.named_gps: "named-gps.csv: patients whose named GP changes. Put it into the clinical "
    "system: that does not change by itself.",
    Part.lists: "lists.csv: every placed patient's named GP and team.",
    Part.letters: "letters.csv: who must be told, within 21 days of the first day (SI 2015/196).",
    Part.patients: "patients/: leaflet, web text, text messages, phone script, Easy Read. "
    "Try them with your patient group first.",
    Part.reception: "reception/: a card of words for each team, A5.",
    Part.teams: "teams/: a page for each team, A4, with room for photos.",
}


def _readme(stored: StoredPlan, sheets: Sheets, parts: set[Part], identifiable: bool) -> str:
    plan = stored.plan
    lines = [
        f"Plan {plan.plan_id} for {sheets.place}, {plan.state}, from {sheets.start}.",
        *sheets.banners,
        "",
        *(words for part, words in _SAID.items() if part in parts),
        "",
    ]
    if identifiable:
        lines.append("The lists name patients by NHS number. Keep them inside the practice.")
    else:
        lines.append(
            "Patients are named by codes, since the store keeps no NHS numbers. Codes stand "
            "for people all the same: keep the lists inside the practice."
        )
    lines.append("A cell that a spreadsheet would run as a formula begins with an apostrophe here.")
    return "\n".join(lines) + "\n"

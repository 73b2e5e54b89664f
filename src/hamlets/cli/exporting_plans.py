"""``hamlets teams export``: what a practice does with a plan, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
    from hamlets.teams.results import PlanTeam


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
    letters     who must be told, and by when (21 days, SI 2015/196); the letter
    patients    leaflet, web text, text messages, phone script and Easy Read
    reception   a card of words for each team
    teams       a page for each team: names, days and room for photos

    Words follow the approach: where patients have a GP and no team, cards and pages are of
    GPs. Patients who have left or died since the plan was made are left out. The lists hold
    patients: only their owner may read them. Nothing in the store changes.

    \b
    letters.csv, one row a patient:
      letter, people   its number, and how many live together and have the same news
      patient_id, old_named_gp, new_named_gp, new_gp_days, team, team_gps
      change           changed, gp_gone or first;  words: of the letter;  reason: for staff
      from_date, tell_by
    """
    from hamlets.cli.exports import replace_file

    files, said = _files(store_path(store), plan, set(only or Part))
    _make_folder(to, files)
    for file in files:
        replace_file(to / file.path, file.content, private=file.private)
    for line in said:
        print(line)
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


def _files(store: Path, plan_id: str, parts: set[Part]) -> tuple[list[Exported], list[str]]:
    """Return the files of a plan, and what is to be said of them."""
    from hamlets.cli.plan_lists import Lists
    from hamlets.publish.team_words import Sheets
    from hamlets.records import open_store
    from hamlets.teams.plans.patients_now import read_patients_now
    from hamlets.teams.plans.storing import read_plan

    stored = read_plan(store, plan_id)
    with open_store(store) as opened:
        names = _names(opened)
        now = read_patients_now(opened, stored)
        invented, identifiable = opened.invented, opened.identifiable
    names |= {each.staff_id: each.name or each.staff_id for each in stored.members}
    sheets = Sheets(stored.plan, stored.members, invented)
    lists = Lists(stored, names, now, with_teams=sheets.form == "team")
    sheets = replace(sheets, holders=lists.holders())
    said = list(_gone(lists.gone))
    makers: dict[Part, Callable[[], Iterator[Exported]]] = {
        Part.named_gps: lambda: _table("named-gps.csv", lists.named_gps()),
        Part.lists: lambda: _table("lists.csv", lists.everybody()),
        Part.letters: lambda: _letters(sheets, lists.letters(sheets)),
        Part.patients: lambda: _patients(sheets),
        Part.reception: lambda: _reception(sheets),
        Part.teams: lambda: _teams(sheets),
    }
    readme = _readme(stored, sheets, parts, said, identifiable)
    files = [Exported("readme.txt", readme.encode())]
    for part, make in makers.items():
        if part in parts:
            files += make()
    return files, said


def _gone(count: int) -> Iterator[str]:
    if count == 1:
        yield "1 patient of the plan has left or died since, and is left out."
    elif count:
        yield f"{count:,} patients of the plan have left or died since, and are left out."


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


def _letters(sheets: Sheets, table: pa.Table) -> Iterator[Exported]:
    from hamlets.publish.team_texts import letter

    yield from _table("letters.csv", table)
    yield Exported("letter.txt", letter(sheets).as_text(sheets.banners).encode())


def _patients(sheets: Sheets) -> Iterator[Exported]:
    from hamlets.publish import team_texts
    from hamlets.publish.team_sheets import render_sheet

    for name, sheet in (
        ("leaflet", team_texts.leaflet(sheets)),
        ("easy-read", team_texts.easy_read(sheets)),
        ("web", team_texts.web_text(sheets)),
        ("phone-script", team_texts.phone_script(sheets)),
    ):
        yield Exported(f"patients/{name}.txt", sheet.as_text(sheets.banners).encode())
        if name in ("leaflet", "easy-read"):
            yield Exported(f"patients/{name}.html", render_sheet(sheets, sheet).encode())
    lines: list[str] = [*sheets.banners]
    for message in team_texts.text_messages(sheets):
        parts = message.parts
        lines.append(message.to)
        lines += [f"{number}/{len(parts)}: {part}" for number, part in enumerate(parts, 1)]
        lines.append("")
    yield Exported("patients/text-messages.txt", "\n".join(lines).encode())


def _reception(sheets: Sheets) -> Iterator[Exported]:
    from hamlets.publish.team_sheets import render_sheet
    from hamlets.publish.team_texts import reception_card

    for number, team in enumerate(sheets.plan.teams, 1):
        page = render_sheet(sheets, reception_card(sheets, team))
        yield Exported(f"reception/{_file_name(number, sheets, team)}.html", page.encode())


def _teams(sheets: Sheets) -> Iterator[Exported]:
    from hamlets.publish.team_sheets import render_team

    for number, team in enumerate(sheets.plan.teams, 1):
        page = render_team(sheets, team)
        yield Exported(f"teams/{_file_name(number, sheets, team)}.html", page.encode())


def _file_name(number: int, sheets: Sheets, team: PlanTeam) -> str:
    from hamlets.teams.plans.ids import slug

    name = team.name if sheets.form == "team" else sheets.own_gp(team)
    return f"{number:02}-{slug(name).lower()}"


_SAID = {
    Part.named_gps: "named-gps.csv: patients whose named GP changes. Put it into the clinical "
    "system: that does not change by itself.",
    Part.lists: "lists.csv: every placed patient's named GP and team.",
    Part.letters: "letters.csv: who must be told, within 21 days of the first day (SI 2015/196), "
    "one row a patient. People of one number of a letter live together and have the same news. "
    "letter.txt: the letter, with the columns that fill it.",
    Part.patients: "patients/: leaflet, web text, text messages, phone script, Easy Read. "
    "Try them with your patient group first.",
    Part.reception: "reception/: a card of words for each {team}, A5.",
    Part.teams: "teams/: a page for each {team}, A4, with room for photos.",
}
_TEAM = {"team": "team", "pair": "pair or three", "list": "GP"}


def _readme(
    stored: StoredPlan, sheets: Sheets, parts: set[Part], said: list[str], identifiable: bool
) -> str:
    plan = stored.plan
    chosen = [part for part in _SAID if part in parts]
    if not plan.teams:
        # A plan of lists alone has no team to write a card or a page for.
        chosen = [part for part in chosen if part not in (Part.reception, Part.teams)]
    lines = [
        f"Plan {plan.plan_id} for {sheets.place}, {plan.state}, from {sheets.start}.",
        *sheets.banners,
        "",
        *(_SAID[part].format(team=_TEAM[sheets.form]) for part in chosen),
        "",
        *said,
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

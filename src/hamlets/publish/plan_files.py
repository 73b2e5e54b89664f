"""What a practice does with a plan, as files: lists, letters, sheets, cards and team pages."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hamlets.publish import team_texts
from hamlets.publish.plan_lists import Lists
from hamlets.publish.plan_parts import Part
from hamlets.publish.tables import disarm
from hamlets.publish.team_sheets import render_sheet, render_team
from hamlets.publish.team_words import Sheets

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.teams.plans.patients_now import PatientsNow
    from hamlets.teams.plans.storing import StoredPlan
    from hamlets.teams.results import PlanTeam


@dataclass(frozen=True)
class Exported:
    """A file to write, by its path in the folder."""

    path: str
    content: bytes
    private: bool = False


@dataclass(frozen=True)
class Source:
    """What the files of a plan are made from."""

    stored: StoredPlan
    now: PatientsNow
    names: dict[str, str]
    """Names of staff by the ids that measures may show."""
    invented: bool
    identifiable: bool


def plan_files(source: Source, parts: set[Part]) -> tuple[list[Exported], list[str]]:
    """Return the files of a plan, the readme first, and what is to be said of them."""
    stored = source.stored
    names = source.names | {each.staff_id: each.name or each.staff_id for each in stored.members}
    sheets = Sheets(stored.plan, stored.members, source.invented)
    lists = Lists(stored, names, source.now, with_teams=sheets.form == "team")
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
    readme = _readme(stored, sheets, parts, said, source.identifiable)
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


def _table(name: str, table: pa.Table) -> Iterator[Exported]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    columns = [column.to_pylist() for column in table.columns]
    writer.writerows([disarm(value) for value in row] for row in zip(*columns, strict=True))
    # With its mark, spreadsheets read names with accents as they are.
    yield Exported(name, b"\xef\xbb\xbf" + text.getvalue().encode(), private=True)


def _letters(sheets: Sheets, table: pa.Table) -> Iterator[Exported]:
    yield from _table("letters.csv", table)
    yield Exported("letter.txt", team_texts.letter(sheets).as_text(sheets.banners).encode())


def _patients(sheets: Sheets) -> Iterator[Exported]:
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
    for number, team in enumerate(sheets.plan.teams, 1):
        page = render_sheet(sheets, team_texts.reception_card(sheets, team))
        yield Exported(f"reception/{_file_name(number, sheets, team)}.html", page.encode())


def _teams(sheets: Sheets) -> Iterator[Exported]:
    for number, team in enumerate(sheets.plan.teams, 1):
        page = render_team(sheets, team)
        yield Exported(f"teams/{_file_name(number, sheets, team)}.html", page.encode())


def _file_name(number: int, sheets: Sheets, team: PlanTeam) -> str:
    name = team.name if sheets.form == "team" else sheets.own_gp(team)
    return f"{number:02}-{_slug(name)}"


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


def _slug(name: str) -> str:
    """Return a name as part of a file's."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain)[:40].strip("-").lower() or "practice"

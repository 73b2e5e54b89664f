"""Write the reference pages of the measures from their specs: docs/reference/measures/.

Run ``python -m tests.spec.write_reference`` from the project's folder after a change
of a spec; a test fails while the pages say something else.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tests.oracles.questions import Question
from tests.spec.tables import CHAPTERS, Section, Spec, by_patient, sections, split

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "measures"
TABLE_NAMES = {
    "appointments": "Contacts",
    "patients": "Patients",
    "staff": "Staff",
    "named_gps": "Named GPs",
    "registrations": "Registrations",
    "teams": "Teams",
    "team_members": "Team members",
    "buddies": "Buddies",
    "practices": "Practices",
    "networks": "Networks",
}


def markdown_table(written: str) -> list[str]:
    header, rows = split(written)
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines]


def command(question: Question, patients: bool) -> str:
    """Return the command line that asks a question."""
    parts = ["hamlets measure --store DIR", f"--measures {','.join(question.measures)}"]
    if question.level != "clinician":
        parts.append(f"--level {question.level}")
    if patients or question.by:
        parts.append(f"--by {'patient' if patients else ','.join(question.by)}")
    for flag, value in (
        ("--from", question.date_from),
        ("--to", question.date_to),
        ("--min-contacts", question.min_contacts),
        ("--roles", None if question.roles == "gp" else question.roles),
        ("--modes", None if question.modes == "all" else question.modes),
        ("--window-months", None if question.window_months == 24 else question.window_months),
        ("--min-list", None if question.min_list == 1 else question.min_list),
    ):
        if value is not None:
            shown = ",".join(value) if isinstance(value, tuple) else value
            parts.append(f"{flag} {shown}")
    return " ".join(parts)


def paragraph(spec: Spec) -> list[str]:
    lines = [f"## {spec.title}", "", *dedent(spec.text).strip().splitlines(), ""]
    for name, written in spec.tables.items():
        lines += [f"**{TABLE_NAMES[name]}**", "", *markdown_table(written), ""]
    asked = command(spec.question, by_patient(spec))
    return [*lines, f"`{asked}` gives", "", *markdown_table(spec.expected), ""]


def page(section: Section) -> str:
    """Return the Markdown page of a section."""
    lines = [f"# {section.title}", "", *dedent(section.text).strip().splitlines(), ""]
    if section.formula:
        lines += [f"**Formula:** {section.formula}", ""]
    for spec in section.specs:
        lines += paragraph(spec)
    lines += ["## Provenance", "", "| | |", "|---|---|"]
    if section.source:
        lines.append(f"| source | {section.source} |")
    lines += [f"| checked by | {section.checked} |", f"| next review | {section.next_review} |"]
    return "\n".join(lines) + "\n"


def index() -> str:
    """Return the page that lists all sections by chapter."""
    lines = [
        "# The measures",
        "",
        "Each page is made of the tests of the measure: small tables of contacts, what is asked,",
        "and the answer that the program must give. Contacts without a practice lie in one",
        "practice, G99001; a day without a time means nine in the morning; `~` marks a rounded",
        "number; `null` an empty cell.",
        "",
    ]
    for chapter, found in sections().items():
        lines += [f"## {CHAPTERS[chapter]}", ""]
        lines += [f"- [{section.title}]({section.name}.md)" for section in found]
        lines.append("")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    made = {"index.md": index()}
    for found in sections().values():
        for section in found:
            if f"{section.name}.md" in made:
                raise ValueError(f"two sections are called {section.name}")
            made[f"{section.name}.md"] = page(section)
    return made


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

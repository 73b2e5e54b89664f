"""What the records lack: the report says in words what is missing and what it shows instead."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeStore
from tests.inside import hamlets

World = dict[str, list[dict[str, Any]]]
FIRST = date(2022, 6, 1)
STAFF = ("ash", "birch", "cedar")


class Words(HTMLParser):
    """Gathers the words that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def world(patients: int = 110, days: int = 740, people: tuple[str, ...] = STAFF) -> World:
    """Return a practice whose records lack nothing that the report asks for."""
    appointments: list[dict[str, Any]] = []
    for patient in range(patients):
        for turn, ahead in enumerate(range(patient % 30, days, 61)):
            day = FIRST + timedelta(days=ahead)
            appointments.append(
                {
                    "appointment_id": f"{patient}-{turn}",
                    "patient_id": f"p{patient}",
                    "practice_id": "P",
                    "staff_id": people[(patient + turn // 2) % len(people)],
                    "start_time": datetime(day.year, day.month, day.day, 9 + patient % 8),
                    "status": "attended",
                }
            )
    sessions: list[dict[str, Any]] = []
    for index, person in enumerate(people):
        for ahead in range(days):
            day = FIRST + timedelta(days=ahead)
            if day.weekday() < 5 and (day.weekday() + index) % 2 == 0:
                start = datetime(day.year, day.month, day.day, 9)
                end = start + timedelta(hours=3)
                row = {"staff_id": person, "practice_id": "P"}
                sessions.append({**row, "start_time": start, "end_time": end})
    return {
        "appointments": appointments,
        "patients": [
            {
                "patient_id": f"p{n}",
                "practice_id": "P",
                "named_staff_id": people[n % len(people)],
                "birth_year": 1940 + n % 60,
                "sex": "FM"[n % 2],
            }
            for n in range(patients)
        ],
        "registrations": [
            {"patient_id": f"p{n}", "practice_id": "P", "from_date": date(2015, 1, 1)}
            for n in range(patients)
        ],
        "practices": [{"practice_id": "P", "name": "Example Practice"}],
        "staff": [
            {
                "staff_id": person,
                "practice_id": "P",
                "name": f"Dr Example-{person.capitalize()}",
                "role": "gp_partner",
                "contract": "partner",
                "sessions_per_week": 5,
            }
            for person in people
        ],
        "teams": [{"team_id": "blue", "practice_id": "P", "name": "Team Blue"}],
        "team_members": [{"team_id": "blue", "staff_id": person} for person in people[:2]],
        "sessions": sessions,
        "events": [
            {
                "patient_id": f"p{n}",
                "event_type": "cancer_diagnosis",
                "event_date": date(2024, 3, 1) + timedelta(days=n),
            }
            for n in range(0, 60, 5)
        ],
    }


def without(made: World, table: str, column: str | None = None) -> World:
    """Return the records less a table, or less one of its columns."""
    if column is None:
        return {name: rows for name, rows in made.items() if name != table}
    kept = [{k: v for k, v in row.items() if k != column} for row in made[table]]
    return {**made, table: kept}


@pytest.fixture
def say(make_store: MakeStore, tmp_path: Path) -> Any:
    """Return a function from records to the words of ``hamlets report``."""

    def run(made: World) -> str:
        page = tmp_path / "report.html"
        ran = hamlets("report", "--store", make_store(made), "--output", page)
        assert ran.code == 0, ran.err
        return Words(page.read_text(encoding="utf-8")).text

    return run


def test_records_that_lack_nothing(say: Any) -> None:
    said = say(world())
    assert "Patients saw 3.0 different GPs on average in the year before a cancer diagnosis" in said
    assert "3 GPs work 15 sessions a week. 3 of 3 work fewer than 6." in said
    assert "No death in this period." in said
    for missing in (
        "has no named GP",
        "has no roles",
        "has no teams",
        "there is no audit",
        "Worked out from appointments",
        "No staff list",
        "Only one clinician",
        "Read every figure here with care",
        "Too few months",
    ):
        assert missing not in said


def test_no_named_gps(say: Any) -> None:
    said = say(without(world(), "patients", "named_staff_id"))
    assert "Your extract has no named GP, so we show the GP each patient sees most." in said
    assert "Add a column named_staff_id to the patients file" in said
    assert "Seen by the GP they see most" in said
    assert "Without named GPs there are no lists to show." in said
    assert "A patient's own GP is here" not in said


def test_no_rota(say: Any) -> None:
    said = say(without(world(), "sessions"))
    assert "Worked out from appointments, not from a rota." in said
    assert "Number of GPs at work in a usual week" in said


def test_no_events(say: Any) -> None:
    said = say(without(world(), "events"))
    assert "No cancer diagnoses or deaths were loaded, so there is no audit." in said
    assert "different GPs on average" not in said


def test_no_roles(say: Any) -> None:
    said = say(without(without(world(), "staff", "role"), "staff", "contract"))
    assert "Your extract has no roles, so contacts with any clinician are counted" in said
    assert "3 clinicians work 15 sessions a week." in said
    assert "GP contacts were" not in said


def test_no_staff_list(say: Any) -> None:
    said = say(without(without(world(), "staff"), "team_members"))
    assert "No staff list was loaded. We know 3 clinicians by code only. Add names." in said


def test_no_teams(say: Any) -> None:
    said = say(without(without(world(), "teams"), "team_members"))
    assert "Your extract has no teams, so we show the same GP as last time" in said
    assert "No teams were loaded, so the week is that of the whole practice." in said


def test_under_100_patients(say: Any) -> None:
    said = say(world(patients=42))
    assert "Only 42 patients. Read every figure here with care." in said


def test_few_cases(say: Any) -> None:
    made = world()
    said = say({**made, "events": made["events"][:7]})
    assert "Only 7 patients. Too few to average." in said
    assert "different GPs on average" not in said


def test_one_clinician(say: Any) -> None:
    said = say(world(people=("ash",)))
    assert "Only one clinician is in these records." in said
    assert "1 GP works 5 sessions a week." in said


def test_one_month(say: Any) -> None:
    said = say(without(world(days=30), "events"))
    assert "Too few months (1) to say whether seen by own GP is changing" in said
    assert "Too few full months to see a change" in said

"""Cohorts of a small practice worked out by hand, what may be missing, and the command."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hamlets
from hamlets.continuity import cohort_table
from hamlets.continuity.results import CohortRow
from hamlets.errors import UsageError
from tests.inside import hamlets as run
from tests.inside import refused
from tests.oracles.stores import build_store

PLACE = "G99001"
LAST = date(2025, 6, 30)
Row = dict[str, Any]


def contacts(patient: str, count: int, staff: str = "Ash", ago: int = 0) -> list[Row]:
    return [
        {
            "patient_id": patient,
            "staff_id": staff,
            "practice_id": PLACE,
            "start_time": datetime.combine(LAST, datetime.min.time())
            - timedelta(days=ago + 3 * i, hours=-9),
            "appointment_id": f"{patient}-{staff}-{ago}-{i}",
            "status": "attended",
        }
        for i in range(count)
    ]


def world(rows: list[Row], patients: int = 20, **tables: list[Row]) -> dict[str, list[Row]]:
    """Rows beside one contact that begins the records a year and a week before the last day."""
    return {
        "appointments": [*rows, *contacts("p19", 1, ago=372)],
        "patients": [
            {"patient_id": f"p{i}", "practice_id": PLACE, "named_staff_id": "Ash"}
            for i in range(patients)
        ],
        "staff": [
            {"staff_id": "Ash", "practice_id": PLACE, "role": "gp_partner"},
            {"staff_id": "Nurse", "practice_id": PLACE, "role": "nurse"},
        ],
        **tables,
    }


def ask(tmp_path: Path, tables: dict[str, list[Row]], **options: Any) -> dict[str, CohortRow]:
    with hamlets.open_store(build_store(tmp_path, tables)) as store:
        return {row.cohort: row for row in cohort_table(store, **options).rows}


def test_frequent_attenders_lie_strictly_above_the_centile_of_all_patients(tmp_path: Path) -> None:
    # of 20 patients the 18th by contacts marks the 90th centile: here 5 contacts
    rows = [r for p, n in (("p0", 9), ("p1", 6), ("p2", 5), ("p3", 5)) for r in contacts(p, n)]
    found = ask(tmp_path, world(rows))["frequent_attender"]
    assert (found.n_patients, found.n_contacts) == (2, 15)
    assert found.contacts_per_patient_year == 7.5
    assert found.estimates[0].value == 1


def test_so_many_contacts_a_year(tmp_path: Path) -> None:
    rows = [r for p, n in (("p0", 11), ("p1", 9), ("p2", 8)) for r in contacts(p, n)]
    tables = world([*rows, *contacts("p2", 1, "Nurse")])
    path = build_store(tmp_path, tables)
    with hamlets.open_store(path) as store:

        def frequent(**options: str) -> int | None:
            rows = cohort_table(store, **options).rows  # pyright: ignore[reportArgumentType]
            return next(r.n_patients for r in rows if r.cohort == "frequent_attender")

        assert frequent(threshold="9") == 2
        assert frequent(threshold="9", contacts="all") == 3
        assert frequent(threshold="11") == 1


def test_persistent_ones_came_often_in_the_year_before_too(tmp_path: Path) -> None:
    rows = contacts("p0", 9) + contacts("p0", 9, ago=400) + contacts("p1", 9)
    rows += contacts("p2", 1, ago=729)
    found = ask(tmp_path, world(rows))
    assert found["frequent_attender"].n_patients == 2
    assert found["persistent_frequent_attender"].n_patients == 1


def test_patients_without_contacts_and_those_who_left(tmp_path: Path) -> None:
    tables = world(contacts("p0", 4) + contacts("p1", 2))
    half = LAST - timedelta(days=181)
    tables["patients"][1]["registered_from"] = half
    tables["patients"][2]["registered_to"] = LAST
    tables["patients"][3]["death_date"] = LAST - timedelta(days=1)
    found = ask(tmp_path, tables)["everyone"]
    assert (found.n_patients, found.n_contacts) == (18, 6)
    assert found.contacts_per_patient_year == pytest.approx(6 / (17 + 182 / 365))


def test_what_was_not_loaded_is_said(tmp_path: Path) -> None:
    found = ask(tmp_path, world(contacts("p0", 3)))
    assert found["housebound"].reason == "It was not loaded who is housebound."
    assert found["aged_75_plus"].reason == "No ages were loaded."
    assert found["conditions_5_plus"].reason == "No registers of conditions were loaded."
    assert found["new_cancer"].reason == "No events were loaded."
    assert found["persistent_frequent_attender"].reason == "This needs 24 months of records."
    assert "ceiling" in str(found["everyone"].reason)
    assert all(row.expected_gain is None for row in found.values())


def test_what_is_not_known_is_null_and_not_0(tmp_path: Path) -> None:
    rows = ask(tmp_path, world(contacts("p0", 3)))
    for cohort in ("housebound", "new_cancer", "persistent_frequent_attender"):
        row = rows[cohort]
        assert (row.n_patients, row.n_contacts, row.contacts_per_patient_year) == (None,) * 3
        assert all(e.value is None and e.reason == row.reason for e in row.estimates)
    assert rows["frequent_attender"].n_patients == 1


@pytest.mark.parametrize("day", [LAST - timedelta(days=200), LAST + timedelta(days=30)])
def test_a_year_needs_twelve_months_of_records(day: date, tmp_path: Path) -> None:
    rows = contacts("p0", 9) + contacts("p1", 2, ago=220)
    found = ask(tmp_path, world(rows), date_to=day)
    assert found["frequent_attender"].n_patients is None
    assert found["frequent_attender"].reason == "This needs 12 months of records."
    everyone = found["everyone"]
    assert everyone.n_patients == 20
    assert (everyone.n_contacts, everyone.contacts_per_patient_year) == (None, None)
    assert str(everyone.reason).startswith("Contacts of a year need 12 months of records.")
    table = run("cohorts", "--store", tmp_path / "store", "--to", day.isoformat()).out
    assert "frequent_attender: This needs 12 months of records." in table


def test_measure_names_no_frequent_attender_without_a_year(tmp_path: Path) -> None:
    world_of_weeks = {**world([]), "appointments": contacts("p0", 9) + contacts("p1", 2)}
    with hamlets.open_store(build_store(tmp_path, world_of_weeks)) as store:
        table = hamlets.continuity.measure(store, measures="upc", by="cohort").to_pylist()
    assert not [row for row in table if row["cohort"] == "frequent_attender" and row["n_patients"]]


def with_hub() -> dict[str, list[Row]]:
    """A practice, and a hub whose contacts are with its patients."""
    made = world(contacts("p0", 9) + contacts("p1", 4))
    at_hub = [row | {"practice_id": "U99001"} for row in contacts("p2", 6, "Hub")]
    made["appointments"] += at_hub
    made["registrations"] = [
        {"patient_id": row["patient_id"], "practice_id": PLACE, "from_date": date(2015, 1, 1)}
        for row in made["patients"]
    ]
    # whoever left is kept where most of the contacts were
    made["registrations"][2]["to_date"] = LAST - timedelta(days=300)
    made["staff"].append({"staff_id": "Hub", "practice_id": "U99001", "role": "gp"})
    return made


def test_a_place_without_patients_has_no_rows_and_is_refused(tmp_path: Path) -> None:
    path = build_store(tmp_path, with_hub())
    with hamlets.open_store(path) as store:
        assert {row.practice_id for row in cohort_table(store, by_practice=True).rows} == {PLACE}
    for command in (("cohorts",), ("report", "--output", tmp_path / "r.html")):
        ran = refused(6, *command, "--store", path, "--practice", "U99001")
        assert "No patients are registered with 'U99001'" in ran.err


def test_lines_of_the_table_stay_below_100_characters(tmp_path: Path) -> None:
    rows = contacts("p0", 9) + contacts("p1", 4)
    path = build_store(tmp_path, world(rows))
    printed = run("cohorts", "--store", path, "--by", "practice,cohort").out
    tables = printed.split("\nOn ")[0]
    assert max(len(line) for line in tables.splitlines()) <= 100


def test_another_rule_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a rule"):
        ask(tmp_path, world(contacts("p0", 3)), threshold="10")


def test_command(tmp_path: Path) -> None:
    path = build_store(tmp_path, world(contacts("p0", 9) + contacts("p1", 1)))
    told = run("cohorts", "--store", path, "--by", "practice,cohort", "--format", "json")
    rows = {row["cohort"]: row for row in told.json}
    assert rows["frequent_attender"]["n_patients"] == 2
    assert rows["everyone"]["practice_id"] == PLACE
    assert rows["everyone"]["slicc"] == 1
    assert rows["everyone"]["expected_gain_per_100"] is None
    assert "fall by themselves" in told.err
    table = run("cohorts", "--store", path)
    assert "fall by themselves" in table.out
    assert "persistent_frequent_attender" in table.out
    refused(2, "cohorts", "--store", path, "--by", "month")
    refused(8, "cohorts", "--store", path, "--practice", "G99009")

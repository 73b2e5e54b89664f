"""``hamlets named-gp``: what it prints, what it writes, and what it says is missing."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hamlets.continuity.results import NAMED_GP_PROBLEMS, NAMED_GP_WARNINGS
from tests.inside import hamlets
from tests.oracles.stores import build_store

Rows = Sequence[Mapping[str, Any]]
CORRECTIONS = (
    "patient_id,practice_id,named_staff_id,named_name,findings,suggested_staff_id,"
    "suggested_name,suggested_why,contacts_with_suggested,contacts,tell_by"
)


def contact(n: int, patient: str, staff: str, day: str = "2025-03-03") -> dict[str, str]:
    return {
        "appointment_id": str(n),
        "patient_id": patient,
        "staff_id": staff,
        "practice_id": "Y00001",
        "start_time": f"{day} 09:00",
        "status": "attended",
    }


def patient(name: str, named: str | None = "ASH", **more: Any) -> dict[str, Any]:
    return {"patient_id": name, "practice_id": "Y00001", "named_staff_id": named, **more}


STAFF: Rows = [
    {"staff_id": "ASH", "practice_id": "Y00001", "name": "Dr Example-Ash", "role": "gp_partner"},
    {"staff_id": "BAD", "practice_id": "Y00001", "name": "=cmd()", "role": "gp_salaried"},
]


def world(**changes: Rows) -> dict[str, Rows]:
    tables: dict[str, Rows] = {
        "staff": STAFF,
        "patients": [patient("P1", registered_from="2019-01-01"), patient("P2", None)],
        "appointments": [contact(1, "P1", "BAD"), contact(2, "P1", "BAD", "2025-03-10")],
    }
    return {name: rows for name, rows in (tables | changes).items() if rows}


def ask(folder: Path, tables: Mapping[str, Rows], *words: str) -> Any:
    store = build_store(folder, tables, identifiable=True)
    return hamlets("named-gp", "--store", store, *words)


def test_json_has_a_row_a_practice_with_every_finding(tmp_path: Path) -> None:
    (row,) = ask(tmp_path, world(), "--format", "json").json
    keys = ["practice_id", "day", "registered", "eligible", "coverage"]
    keys += ["slicc", "slicc_lower", "slicc_upper"]
    for finding in (*NAMED_GP_PROBLEMS, *NAMED_GP_WARNINGS):
        keys += [finding, f"{finding}_share"]
    assert list(row) == keys
    assert (row["registered"], row["eligible"], row["coverage"]) == (2, 1, 0.5)
    assert (row["none"], row["none_share"], row["not_most_seen"]) == (1, 0.5, 1)
    assert row["slicc"] == 0.0
    assert row["day"] == "2025-03-10"


def test_lists_have_a_row_a_named_person(tmp_path: Path) -> None:
    (row,) = ask(tmp_path, world(), "--by", "list", "--format", "json").json
    assert row["name"] == "Dr Example-Ash"
    assert (row["patients"], row["eligible"], row["problem"]) == (1, True, None)
    assert row["n_contacts"] == 2


def test_corrections_are_private_and_harmless_in_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "check.csv"
    ran = ask(tmp_path, world(), "--corrections", str(path))
    assert ran.code == 0
    assert "It is about single patients: it stays inside the practice." in ran.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == CORRECTIONS
    first, second = csv.DictReader(text.splitlines())
    assert first["suggested_name"] == "'=cmd()"
    assert (first["suggested_staff_id"], first["suggested_why"]) == ("BAD", "most_seen")
    assert first["findings"] == "not_seen_24_months not_most_seen"
    assert (second["findings"], second["suggested_why"]) == ("none", "none")
    assert "P1" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("changes", "sentence", "empty"),
    [
        ({"staff": []}, "There is no staff list of this practice", "left"),
        ({"staff": []}, "There is no staff list of this practice", "unknown_staff"),
        ({"staff": []}, "No roles are known", "registrar_or_locum"),
        ({"staff": [{**row, "role": None} for row in STAFF]}, "No roles are known", "not_gp"),
        ({}, "Some named GPs have no dates", "replaced"),
        (
            {"patients": [patient("P1"), patient("P2", None)]},
            "First days of registration are not known",
            "new_unnoticed",
        ),
        ({"patients": [patient("P1", None)]}, "Nobody at all is named here", None),
        (
            {"appointments": [contact(1, "P1", "BAD"), contact(2, "P9", "BAD")]},
            "1 people were seen here whose registration is not known",
            None,
        ),
    ],
)
def test_what_the_records_do_not_say_is_said(
    tmp_path: Path, changes: dict[str, Rows], sentence: str, empty: str | None
) -> None:
    ran = ask(tmp_path, world(**changes), "--format", "json")
    assert ran.code == 0
    assert sentence in ran.err
    if empty is not None:
        assert ran.json[0][empty] is None
        assert ran.json[0][f"{empty}_share"] is None


def test_without_roles_nobody_is_suggested_who_holds_no_list(tmp_path: Path) -> None:
    path = tmp_path / "check.csv"
    ask(tmp_path, world(staff=[]), "--corrections", str(path))
    first, _ = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert first["suggested_staff_id"] == ""


def test_people_read_a_table(tmp_path: Path) -> None:
    ran = ask(tmp_path, world())
    assert "1 of 2 registered patients have an eligible named GP (share 0.500)." in ran.out
    assert "Naming alone does nothing." in ran.out
    assert "SI 2015/196" in ran.out


def test_the_table_of_several_practices_fits_a_page(tmp_path: Path) -> None:
    here = [f"Y0000{i}" for i in range(1, 10)]
    tables = world(
        patients=[patient(f"P{at}") | {"practice_id": at} for at in here],
        staff=[{**row, "practice_id": at} for at in here for row in STAFF[:1]],
    )
    ran = ask(tmp_path, tables)
    assert ran.code == 0, ran.err
    said = ran.out.splitlines()
    assert max(len(line) for line in said[: said.index("none: nobody is named.") - 1]) <= 100
    assert sum(line.startswith("not_most_seen ") for line in said) == 2  # 8 practices, then 1
    assert [
        line.split()[0] for line in said if line.startswith("Y0000") and ":" not in line
    ] == here
    assert "Y00001             1                  1  1.000" in ran.out


@pytest.mark.parametrize("day", ["2030-01-01", "2019-01-01", "2025-04-11"])
def test_a_day_that_the_records_do_not_reach_is_refused(tmp_path: Path, day: str) -> None:
    ran = ask(tmp_path, world(), "--date", day, "--format", "json")
    assert (ran.code, ran.out) == (6, "")
    assert ran.error["hint"] == "The records are of 2025-03-03 to 2025-03-10."


def test_a_day_soon_after_the_records_and_short_records_are_said(tmp_path: Path) -> None:
    ran = ask(tmp_path, world(), "--date", "2025-04-10", "--format", "json")
    assert ran.code == 0
    assert "This day lies after the last contact in the records." in ran.err
    assert "The records do not reach back 24 months" in ran.err
    long = world(
        appointments=[contact(1, "P1", "BAD", "2023-03-06"), contact(2, "P1", "BAD", "2025-03-10")]
    )
    ran = ask(tmp_path / "long", long, "--format", "json")
    assert ran.code == 0
    assert "24 months" not in ran.err


def test_staff_stand_by_the_id_of_the_practices_own_list(tmp_path: Path) -> None:
    ash = {"person_id": "PERSON-7", "name": "Dr Example-Ash", "role": "gp_partner"}
    bay = {"person_id": "PERSON-8", "name": "Dr Example-Bay", "role": "gp_salaried"}
    staff: Rows = [
        {"staff_id": "OLD", "practice_id": "Y00001", "end_date": "2022-01-01", **ash},
        {"staff_id": "ASH", "practice_id": "Y00001", "start_date": "2022-01-01", **ash},
        {"staff_id": "A-HUB", "practice_id": "H00001", "start_date": "2024-01-01", **ash},
        {"staff_id": "BAY", "practice_id": "Y00001", "start_date": "2022-01-01", **bay},
        {"staff_id": "B-HUB", "practice_id": "H00001", "start_date": "2022-01-01", **bay},
    ]
    tables = world(
        staff=staff, appointments=[contact(1, "P1", "B-HUB"), contact(2, "P1", "BAY", "2025-03-10")]
    )
    path = tmp_path / "check.csv"
    ran = ask(tmp_path, tables, "--corrections", str(path), "--by", "list", "--format", "json")
    assert ran.json[0]["named_staff_id"] == "ASH"
    row = next(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert (row["named_staff_id"], row["suggested_staff_id"]) == ("ASH", "BAY")
    assert row["contacts_with_suggested"] == "2"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--practice", "Y99999"), 8),
        (("--date", "1990-01-01"), 6),
        (("--date", "soon"), 2),
        (("--corrections", "check.txt"), 2),
        (("--corrections", "missing/check.csv"), 2),
        (("--by", "patient"), 2),
    ],
)
def test_wrong_use_is_a_sentence(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    dated = world(patients=[patient("P1", registered_from="2019-01-01")])
    ran = ask(tmp_path, dated, *words, "--format", "json")
    assert ran.code == code, ran.err
    assert json.loads(ran.err.splitlines()[-1])["exit_code"] == code


def test_records_without_named_gps_have_nothing_to_measure(tmp_path: Path) -> None:
    tables = {"appointments": [contact(1, "P1", "ASH")]}
    ran = ask(tmp_path, tables, "--format", "json")
    assert ran.code == 6
    assert ran.error["message"] == "There are no named GPs in these records."

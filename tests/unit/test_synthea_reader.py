"""Synthea's CSV export: classes, odd rows, and every row accounted for."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from hamlets.errors import SourceError
from hamlets.records.readers import synthea_files
from hamlets.records.readers.synthea import SyntheaReader
from hamlets.records.sources import open_source
from tests.readings import Reading, read

HEADER = "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION"


def row(key: str, kind: str = "wellness", **cells: str) -> str:
    start = cells.get("start", "2026-01-05T09:00:00Z")
    stop = cells.get("stop", "2026-01-05T09:15:00Z")
    provider = cells.get("provider", "v1")
    return f"{key},{start},{stop},p1,o1,{provider},{kind},1,{cells.get('words', 'Visit')}"


def read_encounters(folder: Path, *rows: str, header: str = HEADER) -> Reading:
    (folder / "encounters.csv").write_text("\n".join([header, *rows]) + "\n")
    return read(SyntheaReader(), folder)


def test_a_visit(tmp_path: Path) -> None:
    result = read_encounters(tmp_path, row("1"))
    assert result.only("appointments") == {
        "patient_id": "p1",
        "staff_id": "v1",
        "practice_id": "o1",
        "start_time": "2026-01-05T09:00:00Z",
        "appointment_id": "1",
        "status": "attended",
        "mode": "wellness",
        "duration_minutes": "15",
        "category": "wellness",
    }
    assert result.lines["appointments"] == [2]
    assert result.notes.unknown_columns == {"encounters.csv": ["code", "description"]}


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("wellness", "face_to_face"),
        ("ambulatory", "face_to_face"),
        ("outpatient", "face_to_face"),
        ("urgentcare", "face_to_face"),
        ("virtual", "video"),
        ("home", "home_visit"),
    ],
)
def test_classes_are_ways_of_contact(tmp_path: Path, kind: str, mode: str) -> None:
    result = read_encounters(tmp_path, row("1", kind))
    (batch,) = result.batches
    assert batch.words["mode"][str(result.only("appointments")["mode"])] == mode


def test_hospital_classes_are_events_and_stays_are_counted(tmp_path: Path) -> None:
    kinds = ["emergency", "Inpatient", "hospice", "snf", "snf", "wellness", "walkabout", ""]
    result = read_encounters(tmp_path, *(row(str(n), k) for n, k in enumerate(kinds)))
    assert [r["event_type"] for r in result.rows["events"]] == ["ae_attendance", "admission"]
    assert result.lines["events"] == [2, 3]
    assert result.notes.skipped == {
        "encounters.csv (class hospice)": 1,
        "encounters.csv (class snf)": 2,
    }
    # A class of no meaning here stays a contact; its word is listed by the load.
    assert [r["category"] for r in result.rows["appointments"]] == ["wellness", "walkabout", None]
    assert result.lines["appointments"] == [7, 8, 9]


def test_a_time_that_is_none_costs_only_its_own_length(tmp_path: Path) -> None:
    rows = [row("1", start="2026-02-30T09:00:00Z"), row("2"), row("3", stop="")]
    result = read_encounters(tmp_path, *rows)
    assert [r["duration_minutes"] for r in result.rows["appointments"]] == [None, "15", None]
    assert result.rows["appointments"][0]["start_time"] == "2026-02-30T09:00:00Z"


def test_headers_of_any_case_in_any_order(tmp_path: Path) -> None:
    header = "\ufeffid,Patient,start,EncounterClass,Provider,Organization"
    result = read_encounters(tmp_path, "1,p1,2026-01-05T09:00:00Z,wellness,v1,o1", header=header)
    found = result.only("appointments")
    assert (found["appointment_id"], found["practice_id"]) == ("1", "o1")
    assert found["duration_minutes"] is None


def test_odd_rows_are_fitted_and_keep_their_lines(tmp_path: Path) -> None:
    rows = [
        row("1"),
        row("2", words="Visit, with a comma"),
        "",
        row("4").rsplit(",", 2)[0],
        row("5"),
    ]
    result = read_encounters(tmp_path, *rows)
    found = dict(zip(result.lines["appointments"], result.rows["appointments"], strict=True))
    assert {line: r["appointment_id"] for line, r in found.items()} == {
        2: "1",
        3: "2",
        5: "4",
        6: "5",
    }
    assert {r["category"] for r in found.values()} == {"wellness"}


def test_lines_stay_right_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthea_files, "_BLOCK", 2_000)
    odd = {7, 8, 50, 199}
    rows = [row(str(n), words="a, b" if n in odd else "a") for n in range(200)]
    result = read_encounters(tmp_path, *rows)
    assert len(result.batches) > 3
    for line, found in zip(result.lines["appointments"], result.rows["appointments"], strict=True):
        assert found["appointment_id"] == str(line - 2)
    assert sorted(result.lines["appointments"]) == list(range(2, 202))


def test_an_address_with_commas_shifts_nothing(tmp_path: Path) -> None:
    (tmp_path / "organizations.csv").write_text(
        "Id,NAME,ADDRESS,CITY,STATE,POSTCODE,LAT,LON\n"
        "o1,PRACTICE X,THE YARD, 2 LANE,TOWN,EX,ZZ99 1ZZ,51.5,-0.03\n"
    )
    assert read_encounters(tmp_path, row("1")).only("practices") == {
        "practice_id": "o1",
        "name": "PRACTICE X",
        "postcode": "ZZ99 1ZZ",
        "latitude": "51.5",
        "longitude": "-0.03",
    }


@pytest.mark.parametrize("column", ["SPECIALITY", "SPECIALTY", "Speciality"])
def test_specialities_are_roles(tmp_path: Path, column: str) -> None:
    words = ["GENERAL PRACTICE", "CARDIOLOGY", "NURSE PRACTITIONER", ""]
    lines = [f"v{n},o1,Example,{word}" for n, word in enumerate(words)]
    (tmp_path / "providers.csv").write_text("\n".join([f"Id,ORGANIZATION,NAME,{column}", *lines]))
    staff = read_encounters(tmp_path, row("1")).rows["staff"]
    assert [r["role"] for r in staff] == ["gp", "other", "advanced_practitioner", None]
    assert [r["person_id"] for r in staff] == ["v0", "v1", "v2", "v3"]


def test_patients(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text(
        "Id,BIRTHDATE,DEATHDATE,FIRST,LAST,RACE,ETHNICITY,GENDER,INCOME\n"
        "p1,1950-02-03,,Pat,Example,white,nonmixed,F\n"
        "p2,1951-02-03,2026-01-01,,Example,asian,mixed,M\n"
    )
    result = read_encounters(tmp_path, row("1"))
    assert [tuple(r.values()) for r in result.rows["patients"]] == [
        ("p1", "Pat Example", "1950-02-03", "F", "white", None),
        ("p2", "Example", "1951-02-03", "M", "asian mixed", "2026-01-01"),
    ]
    assert "practice_id" in next(b.optional for b in result.batches if b.table == "patients")


def test_dimensions_come_first_and_other_files_are_counted(tmp_path: Path) -> None:
    files = {
        "encounters.csv": f"{HEADER}\n{row('1')}\n",
        "conditions.csv": "START,STOP,PATIENT,CODE\n2020-01-01,,p1,38341003\n",
        "observations.csv": "DATE,PATIENT,CODE,VALUE,UNITS\n2020-01-01,p1,8480-6,140,mm\n",
        "providers.csv": "Id,ORGANIZATION\nv1,o1\n",
        "organizations.csv": "Id,NAME\no1,X\n",
        "claims.csv": "",
        "devices.csv": "A\n1\n2\n",
        "readme.txt": "hello",
    }
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"export/{name}", text)
            archive.writestr(f"__MACOSX/export/._{name}", "junk")
    result = read(SyntheaReader(), tmp_path / "export.zip")
    assert [b.table for b in result.batches] == [
        "practices", "staff", "appointments", "conditions", "observations",
    ]  # fmt: skip
    assert result.notes.skipped == {"export/devices.csv": 2}
    assert result.notes.warnings == ["Not read, being no CSV files: export/readme.txt."]
    assert result.only("observations")["unit"] == "mm"


def test_patients_without_names_and_origins_are_read(tmp_path: Path) -> None:
    (tmp_path / "encounters.csv").write_text(f"{HEADER}\n{row('1')}\n", encoding="utf-8")
    (tmp_path / "patients.csv").write_text(
        "Id,BIRTHDATE,GENDER\np1,1950-02-03,F\np2,1960-02-03,M\n", encoding="utf-8"
    )
    found = read(SyntheaReader(), tmp_path).rows["patients"]
    assert [(row["patient_id"], row["sex"]) for row in found] == [("p1", "F"), ("p2", "M")]
    assert not any(row["name"] or row["ethnicity"] for row in found)


def test_a_missing_column_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column START"):
        read_encounters(tmp_path, "1,2", header="Id,BEGIN")


def test_text_that_is_not_utf_8_is_said(tmp_path: Path) -> None:
    (tmp_path / "encounters.csv").write_bytes(f"{HEADER}\n{row('é')}\n".encode("latin-1"))
    with pytest.raises(SourceError, match="UTF-8"):
        read(SyntheaReader(), tmp_path)


def test_a_header_alone_gives_nothing(tmp_path: Path) -> None:
    assert read_encounters(tmp_path).batches == []


# Recognition


def test_recognition(tmp_path: Path) -> None:
    (tmp_path / "encounters.csv").write_text(f"{HEADER}\n{row('1')}\n")
    with open_source([tmp_path]) as source:
        alone = SyntheaReader().recognise(source)
    (tmp_path / "patients.csv").write_text("Id,BIRTHDATE\n")
    with open_source([tmp_path]) as source:
        together = SyntheaReader().recognise(source)
    assert alone
    assert together
    assert alone.score < together.score == 1
    assert "encounters.csv has Synthea's columns" in together.why


@pytest.mark.parametrize(
    ("name", "header"), [("encounters.csv", "Id,START"), ("appointments.csv", HEADER)]
)
def test_other_files_are_not_synthea(tmp_path: Path, name: str, header: str) -> None:
    (tmp_path / name).write_text(f"{header}\n1,2\n")
    with open_source([tmp_path]) as source:
        assert SyntheaReader().recognise(source) is None

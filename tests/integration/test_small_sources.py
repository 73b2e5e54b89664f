"""The committed sources: made by their generator, read without a loss, rich enough to show."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nhs_number
import pytest

from hamlets.records.readers.fhir import FhirReader
from hamlets.records.readers.synthea import SyntheaReader
from tests.readings import Reading, read

FIXTURES = Path(__file__).parents[1] / "fixtures"


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files unpacked: another zlib may pack the same bytes in another way."""
    return {
        path.name: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in sorted(folder.iterdir())
    }


@pytest.mark.parametrize("name", ["fhir-small", "synthea-small"])
def test_the_generator_makes_what_is_committed(tmp_path: Path, name: str) -> None:
    code = "import sys, pathlib, make_fixtures; make_fixtures.main(pathlib.Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=FIXTURES, check=True, timeout=60
    )
    made, committed = contents(tmp_path / name), contents(FIXTURES / name)
    assert list(made) == list(committed)
    assert [n for n in made if made[n] != committed[n]] == []


def test_the_sources_are_small() -> None:
    sizes = [
        p.stat().st_size for n in ("fhir-small", "synthea-small") for p in (FIXTURES / n).iterdir()
    ]
    assert sum(sizes) < 700_000


@pytest.fixture(scope="module")
def fhir() -> Reading:
    return read(FhirReader(), FIXTURES / "fhir-small")


def resources(name: str) -> int:
    data = contents(FIXTURES / "fhir-small")
    return data.get(f"{name}.ndjson", data.get(f"{name}.ndjson.gz", b"")).count(b"\n")


def test_every_fhir_contact_is_accounted_for(fhir: Reading) -> None:
    rows = len(fhir.rows["appointments"]) + len(fhir.rows["events"])
    refused = sum(r.table in ("appointments", "events") for r in fhir.notes.refusals)
    joined = fhir.notes.skipped["Appointment (its encounter was read)"]
    assert rows + refused + joined == resources("Encounter") + resources("Appointment")
    assert {r.kind for r in fhir.notes.refusals} == {"dropped"}
    assert fhir.notes.warnings == []


@pytest.mark.parametrize(
    ("table", "name", "left_out"),
    [
        ("patients", "Patient", 1),
        ("slots", "Slot", 0),
        ("sites", "Location", 0),
        ("conditions", "Condition", 1),
        ("teams", "CareTeam", 1),
    ],
)
def test_every_other_resource_is_a_row(fhir: Reading, table: str, name: str, left_out: int) -> None:
    assert len(fhir.rows[table]) == resources(name) - left_out


def test_nobody_in_the_sources_is_real(fhir: Reading) -> None:
    numbers = [str(r["nhs_number"]) for r in fhir.rows["patients"]]
    assert all(n.startswith("999") and nhs_number.is_valid(n) for n in numbers)
    assert len(set(numbers)) == len(numbers) == 400
    assert all("Example-" in str(r["name"]) for r in fhir.rows["staff"])
    assert {str(r["name"]) for r in fhir.rows["practices"]} == {
        "Practice A",
        "Practice B",
        "Practice C",
        "Evening Hub of Practices A to C",
    }


def test_the_two_years_have_what_a_report_shows(fhir: Reading) -> None:
    contacts = [r for r in fhir.rows["appointments"] if r["status"] == "finished"]
    starts = [str(r["start_time"])[:10] for r in contacts]
    assert 5_500 <= len(contacts) <= 6_500
    assert (min(starts), max(starts)) == ("2024-10-01", "2026-09-30")
    modes = Counter(r["mode"] for r in contacts)
    for mode in ("face_to_face", "telephone", "video", "online", "home_visit", "care_home"):
        assert modes[mode] >= 20, mode
    assert {r["status"] for r in fhir.rows["appointments"]} >= {"noshow", "cancelled", "booked"}
    assert 0.01 < sum(r["staff_id"] is None for r in contacts) / len(contacts) < 0.04
    assert sum(r["practice_id"] == "U99010" for r in contacts) > 100
    assert {str(r["role"]) for r in fhir.rows["staff"]} >= {
        "gp_partner",
        "gp_salaried",
        "gp_locum",
        "gp_registrar",
        "nurse",
    }
    assert sum(r["death_date"] is not None for r in fhir.rows["patients"]) == 1


def test_every_contact_finds_its_clinician(fhir: Reading) -> None:
    known = {r["staff_id"] for r in fhir.rows["staff"]}
    named = {r["staff_id"] for t in ("appointments", "named_gps", "slots") for r in fhir.rows[t]}
    assert named - {None} <= known


def test_about_half_of_gp_contacts_are_with_the_named_gp(fhir: Reading) -> None:
    person = {r["staff_id"]: r["person_id"] for r in fhir.rows["staff"]}
    gps = {r["staff_id"] for r in fhir.rows["staff"] if str(r["role"]).startswith("gp")}
    named: dict[str | None, list[tuple[str, str, str | None]]] = {}
    for r in fhir.rows["named_gps"]:
        span = (str(r["from_date"]), r["to_date"] or "9999", person[r["staff_id"]])
        named.setdefault(r["patient_id"], []).append(span)
    own = total = 0
    for r in fhir.rows["appointments"]:
        day = str(r["start_time"])[:10]
        now = [who for start, end, who in named.get(r["patient_id"], []) if start <= day < end]
        if r["status"] == "finished" and r["staff_id"] in gps and now:
            total += 1
            own += person[r["staff_id"]] == now[-1]
    assert 0.45 < own / total < 0.55


def test_every_synthea_row_is_accounted_for() -> None:
    result = read(SyntheaReader(), FIXTURES / "synthea-small")
    skipped = result.notes.skipped
    stays = sum(n for what, n in skipped.items() if what.startswith("encounters.csv"))
    assert len(result.rows["appointments"]) + len(result.rows["events"]) + stays == 300
    assert skipped["medications.csv"] == 2
    assert (len(result.rows["patients"]), len(result.rows["practices"])) == (30, 2)
    assert any(r["postcode"] == "ZZ99 2ZZ" for r in result.rows["practices"])

"""Real sources of third parties: every row accounted for, and a known truth found again."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from hamlets.records.readers import choose_reader
from hamlets.records.readers.fhir import FhirReader
from hamlets.records.readers.synthea import SyntheaReader
from hamlets.records.sources import open_source
from tests.readings import Reading, read

pytestmark = pytest.mark.shared

SHARED = Path(
    os.environ.get("HAMLETS_SHARED_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared data {name} is not here (set HAMLETS_SHARED_DATA)")
    return path


@pytest.fixture(scope="module")
def worcester() -> Reading:
    return read(FhirReader(), shared("fhir-worcester"))


@pytest.fixture(scope="module")
def synthea_uk() -> Reading:
    return read(SyntheaReader(), shared("synthea-uk/csv_hypertension_1000_nov2024.zip"))


@pytest.mark.parametrize(
    ("folder", "profile"), [("fhir-worcester", "fhir"), ("synthea-uk", "synthea")]
)
def test_the_profile_is_recognised(folder: str, profile: str) -> None:
    with open_source([shared(folder)]) as source:
        reader, why = choose_reader(source)
    assert reader.name == profile
    assert why


def test_worcester_encounters_are_all_accounted_for(worcester: Reading) -> None:
    rows = {t: len(r) for t, r in worcester.rows.items()}
    assert rows["appointments"] + rows["events"] == 9_136
    assert rows["appointments"] == 8_222 + 68
    assert Counter(r["event_type"] for r in worcester.rows["events"]) == {
        "ae_attendance": 726,
        "admission": 120,
    }
    assert worcester.notes.refusals == []
    assert rows["conditions"] == 8_993
    assert rows["patients"] == 81
    assert rows["practices"] + worcester.notes.skipped["Organization (gives no care)"] == 50
    assert worcester.notes.skipped["CareTeam (of one patient)"] == 685
    assert rows["staff"] == 223 * 2


def test_worcester_contacts_all_name_a_known_clinician(worcester: Reading) -> None:
    staff = {r["staff_id"]: r for r in worcester.rows["staff"]}
    contacts = worcester.rows["appointments"]
    assert all(r["staff_id"] in staff for r in contacts)
    assert Counter(staff[r["staff_id"]]["role"] for r in contacts).keys() == {"gp", "other"}
    practices = {r["practice_id"] for r in worcester.rows["practices"]}
    assert {r["practice_id"] for r in contacts} <= practices


def test_worcester_usual_provider_is_the_generators(worcester: Reading) -> None:
    """The generator sends routine visits to the usual clinician with probability 0.85."""
    person = {r["staff_id"]: r["person_id"] for r in worcester.rows["staff"]}
    seen: defaultdict[str | None, Counter[str | None]] = defaultdict(Counter)
    for r in worcester.rows["appointments"]:
        if r["category"] == "AMB":
            seen[r["patient_id"]][person[r["staff_id"]]] += 1
    shares = [max(c.values()) / c.total() for c in seen.values() if c.total() >= 3]
    assert len(shares) == 80
    assert sum(shares) / len(shares) == pytest.approx(0.854, abs=0.0005)


def test_synthea_uk_rows_are_all_accounted_for(synthea_uk: Reading) -> None:
    rows = {t: len(r) for t, r in synthea_uk.rows.items() if r}
    assert rows == {
        "practices": 647,
        "staff": 647,
        "patients": 1_000,
        "appointments": 46_571,
        "conditions": 394,
        "observations": 163_078,
    }
    assert synthea_uk.notes.refusals == []
    skipped = {Path(name).name: n for name, n in synthea_uk.notes.skipped.items()}
    assert skipped == {
        "immunizations.csv": 20_436,
        "medications.csv": 649,
        "careplans.csv": 394,
        "procedures.csv": 48,
    }
    assert sorted(synthea_uk.lines["appointments"]) == list(range(2, 46_573))


def test_synthea_uk_odd_rows_are_not_shifted(synthea_uk: Reading) -> None:
    assert {r["role"] for r in synthea_uk.rows["staff"]} == {"gp"}
    assert all(str(r["latitude"]).startswith(("49", "5")) for r in synthea_uk.rows["practices"])
    assert {r["sex"] for r in synthea_uk.rows["patients"]} == {"M", "F"}
    modes = Counter(r["mode"] for r in synthea_uk.rows["appointments"])
    assert modes == {"wellness": 45_628, "ambulatory": 927, "virtual": 16}


def test_hl7s_examples_are_all_accounted_for() -> None:
    """78 resources, of which 15 staff and 13 organisations give one row each."""
    result = read(FhirReader(), shared("fhir-examples"))
    rows = {t: len(r) for t, r in result.rows.items() if r}
    assert rows == {"staff": 15, "practices": 13, "appointments": 9, "sites": 4, "events": 3}
    assert result.notes.refusals == []
    assert sum(rows.values()) + sum(result.notes.skipped.values()) == 78
    home = next(r for r in result.rows["appointments"] if r["appointment_id"] == "home")
    assert (home["mode"], home["staff_id"], home["duration_minutes"]) == (
        "home_visit",
        "example",
        "30",
    )

"""Staff, practices, teams, patients and what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hamlets.records.readers.fhir_words import day_after, first_day, last_day, role_of
from hamlets.records.tables import ROLES
from tests.readings import Resource
from tests.unit.test_fhir_reader_references import ODS, reading

SNOMED = "http://snomed.info/sct"


def text(*words: str) -> list[Any]:
    return [{"text": w} for w in words]


@pytest.mark.parametrize(
    ("codes", "specialties", "role"),
    [
        (["General practitioner"], [], "gp"),
        (["GP partner"], [], "gp_partner"),
        (["Salaried General Practitioner"], [], "gp_salaried"),
        (["GP Registrar"], [], "gp_registrar"),
        (["Locum"], ["General Practice"], "gp_locum"),
        (["Locum"], ["Cardiology"], "other"),
        (["Specialty registrar"], ["Cardiology"], "other"),
        ([], ["General Practice"], "gp"),
        ([], ["Cardiology"], "other"),
        ([], ["Internal Medicine", "Family Medicine"], "gp"),
        (["Doctor"], ["General Practice"], "gp"),
        (["Doctor"], ["Dermatology"], "other"),
        (["Consultant"], [], "other"),
        (["Practice nurse"], ["General Practice"], "nurse"),
        (["Advanced Nurse Practitioner"], [], "advanced_practitioner"),
        (["Clinical pharmacist"], [], "pharmacist"),
        (["Health care assistant"], [], "healthcare_assistant"),
        (["Physician Associate"], [], "physician_associate"),
        (["First contact physiotherapist"], [], "physiotherapist"),
        (["Paramedic"], [], "paramedic"),
        (["Social prescribing link worker"], [], "social_prescriber"),
        (["Care co-ordinator"], [], "care_coordinator"),
        (["Receptionist"], [], "administrator"),
        ([], [], None),
        (["Chaplain"], [], "chaplain"),
    ],
)
def test_role_words(codes: list[str], specialties: list[str], role: str | None) -> None:
    """The last is no word of ours: it is handed over for the load report to list."""
    assert role_of(text(*codes), text(*specialties)) == role
    assert role is None or role in ROLES or role == "chaplain"


def test_role_codes_serve_without_words() -> None:
    assert role_of([{"coding": [{"code": "R0260"}]}], None) == "gp"
    assert role_of(None, [{"coding": [{"system": SNOMED, "code": "408443003"}]}]) == "gp"


def role(key: str, practitioner: str, **fields: Any) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": key,
        "practitioner": {"reference": f"Practitioner/{practitioner}"},
        "organization": {"reference": "Organization/o1"},
        **fields,
    }


def staff_rows(folder: Path, *resources: Resource) -> list[dict[str, str | None]]:
    rows = reading(folder, *resources).rows["staff"]
    return [r for r in rows if r["person_id"] == "p2"]


PERSON: Resource = {
    "resourceType": "Practitioner",
    "id": "p2",
    "name": [{"prefix": ["Dr"], "given": ["Ada"], "family": "Example-Ash"}],
    "communication": [{"coding": [{"code": "bn"}]}],
}


def test_a_practitioner_has_the_role_of_each_time(tmp_path: Path) -> None:
    registrar = role("r2", "p2", code=text("GP registrar"), period={"end": "2025-08-05"})
    salaried = role("r3", "p2", code=text("Salaried GP"), period={"start": "2025-08-06"})
    rows = staff_rows(tmp_path, PERSON, registrar, salaried)
    found = {
        (r["staff_id"], r["role"], r["contract"], r["start_date"], r["end_date"]) for r in rows
    }
    first = ("gp_registrar", "trainee", None, "2025-08-06")
    second = ("gp_salaried", "salaried", "2025-08-06", None)
    assert found == {("r2", *first), ("p2", *first), ("r3", *second), ("p2", *second)}
    assert {r["name"] for r in rows} == {"Dr Ada Example-Ash"}
    assert {r["languages"] for r in rows} == {"bn"}


def test_of_two_roles_at_one_place_the_clearer_one_stands(tmp_path: Path) -> None:
    rows = staff_rows(
        tmp_path,
        PERSON,
        role("r2", "p2", code=text("Consultant")),
        role("r3", "p2", code=text("GP")),
    )
    assert [r["role"] for r in rows if r["staff_id"] == "p2"] == ["gp"]


def test_sessions_are_half_days(tmp_path: Path) -> None:
    def open_on(days: list[str], end: str) -> Resource:
        return {"daysOfWeek": days, "availableStartTime": "08:30:00", "availableEndTime": end}

    times = [open_on(["mon", "tue"], "18:00:00"), open_on(["wed"], "13:00:00")]
    rows = staff_rows(tmp_path, PERSON, role("r2", "p2", availableTime=times))
    assert {r["sessions_per_week"] for r in rows} == {"5"}


@pytest.mark.parametrize(
    ("register", "expected"), [("gmp", "gp"), ("nmc", "nurse"), ("gphc", "pharmacist")]
)
def test_a_register_tells_the_role_of_people_without_one(
    tmp_path: Path, register: str, expected: str
) -> None:
    number = [{"system": f"https://fhir.hl7.org.uk/Id/{register}-number", "value": "9"}]
    (row,) = staff_rows(tmp_path, {**PERSON, "identifier": number})
    assert (row["role"], row["practice_id"]) == (expected, None)


def test_a_person_whom_only_a_role_names_has_a_row(tmp_path: Path) -> None:
    doctor = role("r2", "p2", code=text("GP"))
    assert {r["staff_id"] for r in staff_rows(tmp_path, doctor)} == {"r2", "p2"}


def test_organisations(tmp_path: Path) -> None:
    def organisation(key: str, **fields: Any) -> Resource:
        return {"resourceType": "Organization", "id": key, "name": key.title(), **fields}

    result = reading(
        tmp_path,
        organisation("n", type=text("Primary Care Network")),
        organisation(
            "o3",
            partOf={"reference": "Organization/n"},
            address=[{"postalCode": "ZZ99 1ZZ"}],
            identifier=[{"system": ODS, "value": "A99003"}],
        ),
        organisation("insurer", type=[{"coding": [{"code": "ins"}]}]),
        organisation("o3"),
        {
            "resourceType": "Location",
            "id": "l3",
            "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-site-code", "value": "A99003S"}],
            "managingOrganization": {"reference": "Organization/o3"},
            "position": {"latitude": 51.5, "longitude": -0.03},
        },
        {"resourceType": "Location", "id": "nowhere"},
    )
    assert result.only("networks")["network_id"] == "n"
    practice = next(r for r in result.rows["practices"] if r["practice_id"] == "A99003")
    assert practice["network_id"] == "n"
    assert (practice["postcode"], practice["latitude"]) == ("ZZ99 1ZZ", "51.5")
    assert result.only("sites")["site_id"] == "A99003S"
    assert result.notes.skipped == {
        "Organization (gives no care)": 1,
        "Organization (repeated)": 1,
        "Location (no organisation runs it)": 1,
    }


def test_a_practices_team_is_read_and_a_patients_is_not(tmp_path: Path) -> None:
    team = {
        "resourceType": "CareTeam",
        "id": "t1",
        "name": "Blue team",
        "period": {"start": "2025-01-01"},
        "managingOrganization": [{"reference": "Organization/o1"}],
        "participant": [
            {"member": {"reference": "Practitioner/p1"}, "role": text("Team lead")},
            {"member": {"reference": "PractitionerRole/r1"}, "period": {"end": "2025-06-30"}},
            {"member": {"reference": "Organization/o1"}},
        ],
    }
    own = {"resourceType": "CareTeam", "id": "t2", "subject": {"reference": "Patient/x1"}}
    result = reading(tmp_path, team, own)
    assert result.only("teams") == {"team_id": "t1", "practice_id": "A99001", "name": "Blue team"}
    assert [tuple(r.values()) for r in result.rows["team_members"]] == [
        ("t1", "p1", "2025-01-01", None, "true"),
        ("t1", "r1", "2025-01-01", "2025-07-01", "false"),
    ]
    assert result.notes.skipped["CareTeam (of one patient)"] == 1


# Patients


def patient(folder: Path, **fields: Any) -> dict[str, str | None]:
    resource = {"resourceType": "Patient", "id": "x2", **fields}
    rows = reading(folder, resource).rows["patients"]
    return next(r for r in rows if r["patient_id"] == "x2")


def test_a_patient(tmp_path: Path) -> None:
    row = patient(
        tmp_path,
        identifier=[{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}],
        name=[{"use": "old", "family": "Past"}, {"use": "official", "family": "Example"}],
        gender="female",
        birthDate="1950-02-03",
        deceasedDateTime="2026-03",
        managingOrganization={"reference": "Organization/o1"},
        generalPractitioner=[{"reference": "Practitioner/p1"}],
        communication=[
            {"language": {"coding": [{"code": "en"}]}},
            {"language": {"coding": [{"code": "bn"}]}, "preferred": True},
        ],
    )
    assert row == {
        "patient_id": "x2",
        "practice_id": "A99001",
        "nhs_number": "9990000026",
        "name": "Example",
        "named_staff_id": "p1",
        "birth_date": "1950-02-03",
        "birth_year": "1950",
        "sex": "female",
        "language": "bn",
        "death_date": "2026-03-31",
    }


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Organization/o1"},
        {"reference": "urn:uuid:o1"},
        {"type": "Organization", "identifier": {"system": ODS, "value": "A99001"}},
    ],
)
def test_the_general_practitioner_may_be_the_practice(tmp_path: Path, reference: Resource) -> None:
    row = patient(tmp_path, generalPractitioner=[reference])
    assert row["practice_id"] == "A99001"
    assert row.get("named_staff_id") is None


def test_a_birth_year_alone_is_kept(tmp_path: Path) -> None:
    row = patient(tmp_path, birthDate="1950")
    assert (row.get("birth_date"), row["birth_year"]) == (None, "1950")


def _part(url: str, words: str) -> Resource:
    return {
        "url": f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{url}",
        "extension": [{"url": "text", "valueString": words}],
    }


@pytest.mark.parametrize(
    ("extensions", "group"),
    [
        (
            [
                {
                    "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory",
                    "valueCodeableConcept": {"coding": [{"code": "K", "display": "Bangladeshi"}]},
                }
            ],
            "Bangladeshi",
        ),
        ([_part("race", "white"), _part("ethnicity", "non_hispanic")], "white"),
        ([_part("race", "white"), _part("ethnicity", "hispanic")], "white hispanic"),
    ],
)
def test_ethnicity(tmp_path: Path, extensions: list[Resource], group: str) -> None:
    assert patient(tmp_path, extension=extensions)["ethnicity"] == group


def test_a_death_without_a_date_is_said(tmp_path: Path) -> None:
    result = reading(tmp_path, {"resourceType": "Patient", "id": "x2", "deceasedBoolean": True})
    assert "dead without a date" in result.notes.warnings[0]


def episode(**fields: Any) -> Resource:
    return {
        "resourceType": "EpisodeOfCare",
        "id": "c1",
        "status": "active",
        "patient": {"reference": "Patient/x1"},
        "period": {"start": "2020-01-01", "end": "2025-03-31"},
        **fields,
    }


def test_an_episode_is_a_registration_and_a_named_gp(tmp_path: Path) -> None:
    organisation = {"managingOrganization": {"reference": "Organization/o1"}}
    manager = {"careManager": {"reference": "PractitionerRole/r1"}}
    result = reading(
        tmp_path,
        episode(**organisation, **manager),
        episode(id="c2", **manager),
        episode(id="c3"),
        episode(id="c4", status="cancelled", **organisation),
        episode(id="c5", status="entered-in-error"),
    )
    assert tuple(result.only("registrations").values()) == (
        "x1", "A99001", "2020-01-01", "2025-04-01",
    )  # fmt: skip
    assert [r["staff_id"] for r in result.rows["named_gps"]] == ["r1", "r1"]
    assert result.lines["named_gps"] == [1, 2]
    assert sum(result.notes.skipped.values()) == 2
    assert result.reasons() == [("registrations", 5, "dropped")]


def test_conditions(tmp_path: Path) -> None:
    def condition(key: str, **fields: Any) -> Resource:
        return {
            "resourceType": "Condition",
            "id": key,
            "code": {
                "coding": [{"system": "icd", "code": "I10"}, {"system": SNOMED, "code": "38341003"}]
            },
            "subject": {"reference": "Patient/x1"},
            **fields,
        }

    def verified(word: str) -> Resource:
        return {"verificationStatus": {"coding": [{"code": word}]}}

    result = reading(
        tmp_path,
        condition("1", onsetDateTime="2019", abatementDateTime="2021-05-06T10:00:00Z"),
        condition("2", recordedDate="2020-02-03", **verified("confirmed")),
        condition("3", **verified("refuted")),
        condition("4", **verified("entered-in-error")),
    )
    assert [tuple(r.values()) for r in result.rows["conditions"]] == [
        ("x1", "38341003", "2019-01-01", "2021-05-06T10:00:00Z"),
        ("x1", "38341003", "2020-02-03", None),
    ]
    assert result.notes.skipped == {"Condition (refuted)": 1}
    assert result.reasons() == [("conditions", 4, "dropped")]


def test_observations(tmp_path: Path) -> None:
    def observation(**fields: Any) -> Resource:
        return {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"code": "75367002"}]},
            "subject": {"reference": "Patient/x1"},
            "effectiveDateTime": "2026-01-05",
            **fields,
        }

    def part(code: str, value: float) -> Resource:
        quantity = {"value": value, "unit": "mm[Hg]"}
        return {"code": {"coding": [{"code": code}]}, "valueQuantity": quantity}

    result = reading(
        tmp_path,
        observation(component=[part("sys", 140), part("dia", 85.5)]),
        observation(valueCodeableConcept={"coding": [{"code": "266919005"}]}),
        observation(valueBoolean=True),
        observation(),
        observation(status="entered-in-error"),
    )
    assert [(r["code"], r["value"], r["unit"]) for r in result.rows["observations"]] == [
        ("sys", "140", "mm[Hg]"),
        ("dia", "85.5", "mm[Hg]"),
        ("75367002", "266919005", None),
        ("75367002", "true", None),
        ("75367002", None, None),
    ]
    assert result.lines["observations"] == [1, 1, 2, 3, 4]


# Days


@pytest.mark.parametrize(
    ("end", "day"),
    [
        ("2025-03-31", "2025-04-01"),
        ("2025-12", "2026-01-01"),
        ("2025", "2026-01-01"),
        ("2025-04-01T00:00:00+01:00", "2025-04-01"),
        ("2025-03-31T23:00:00Z", "2025-04-01"),  # midnight in London
        ("2025-03-31T17:30:00+01:00", "2025-04-01"),
        ("2025-02-31", "2025-02-31"),  # handed on, for the checks to refuse
        ("soon", "soon"),
        (None, None),
    ],
)
def test_the_day_after_a_period_that_includes_its_end(end: str | None, day: str | None) -> None:
    assert day_after(end) == day


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-05", "2024-02-05", "2024-02-05"),
        ("2024-13", "2024-13-01", "2024-13"),
        (None, None, None),
    ],
)
def test_months_and_years_have_days(given: str | None, first: str | None, last: str | None) -> None:
    assert (first_day(given), last_day(given)) == (first, last)

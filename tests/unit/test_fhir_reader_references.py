"""Every form of FHIR reference leads to the same person and practice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from hamlets.records.readers.fhir import FhirReader
from tests.readings import Reading, Resource, read, write_resources

GMC = "https://fhir.hl7.org.uk/Id/gmc-number"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
NHS = "https://fhir.nhs.uk/Id/nhs-number"

ORGANIZATION: Resource = {
    "resourceType": "Organization",
    "id": "o1",
    "identifier": [{"system": ODS, "value": "A99001"}],
}
PRACTITIONER: Resource = {
    "resourceType": "Practitioner",
    "id": "p1",
    "identifier": [{"system": GMC, "value": "9000001"}],
}
ROLE: Resource = {
    "resourceType": "PractitionerRole",
    "id": "r1",
    "practitioner": {"reference": "Practitioner/p1"},
    "organization": {"reference": "Organization/o1"},
}
PATIENT: Resource = {
    "resourceType": "Patient",
    "id": "x1",
    "identifier": [{"system": NHS, "value": "9990000018"}],
}


def encounter(**fields: Any) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": "Patient/x1"},
        "period": {"start": "2026-01-05T09:00:00Z"},
        **fields,
    }


def reading(folder: Path, *resources: Resource) -> Reading:
    base = [ORGANIZATION, PRACTITIONER, ROLE, PATIENT]
    return read(FhirReader(), write_resources(folder, [*base, *resources]))


def seen_by(reference: Resource, **fields: Any) -> Resource:
    return encounter(participant=[{"individual": reference}], **fields)


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Practitioner/p1"},
        {"reference": "Practitioner/p1/_history/3"},
        {"reference": "https://server.example/fhir/Practitioner/p1"},
        {"reference": "urn:uuid:p1"},
        {"reference": f"Practitioner?identifier={GMC}|9000001"},
        {"reference": f"https://server.example/Practitioner?identifier={GMC}|9000001"},
        {"reference": f"Practitioner?identifier={quote(GMC, safe='')}%7C9000001"},
        {"type": "Practitioner", "identifier": {"system": GMC, "value": "9000001"}},
        {"reference": "#gp"},
    ],
)
def test_each_form_leads_to_the_practitioner(tmp_path: Path, reference: Resource) -> None:
    contained = [{"resourceType": "Practitioner", "id": "gp", **_number("9000001")}]
    row = reading(tmp_path, seen_by(reference, contained=contained)).only("appointments")
    assert row["staff_id"] == "p1"
    assert row["practice_id"] == "A99001"  # from the practitioner's role


def _number(value: str) -> Resource:
    return {"identifier": [{"system": GMC, "value": value}]}


@pytest.mark.parametrize("text", ["PractitionerRole/r1", "urn:uuid:r1"])
def test_a_role_is_named_by_its_own_id_and_joined_by_person(tmp_path: Path, text: str) -> None:
    result = reading(tmp_path, seen_by({"reference": text}))
    assert result.only("appointments")["staff_id"] == "r1"
    assert {r["staff_id"]: r["person_id"] for r in result.rows["staff"]} == {"r1": "p1", "p1": "p1"}


def test_a_contained_role_leads_to_its_practitioner(tmp_path: Path) -> None:
    role = {**ROLE, "id": "gp"}
    row = reading(tmp_path, seen_by({"reference": "#gp"}, contained=[role])).only("appointments")
    assert row["staff_id"] == "p1"


@pytest.mark.parametrize(
    "reference",
    [
        {"display": "Dr Example-Ash"},
        {"reference": "RelatedPerson/p1"},
        {"reference": "#gone"},
        {"reference": "urn:uuid:o1"},
        {},
    ],
)
def test_a_contact_whose_clinician_is_nobody_is_kept_without_one(
    tmp_path: Path, reference: Resource
) -> None:
    row = reading(
        tmp_path, seen_by(reference, serviceProvider={"reference": "Organization/o1"})
    ).only("appointments")
    assert row["staff_id"] is None
    assert row["practice_id"] == "A99001"


def test_a_number_without_its_resource_still_tells_people_apart(tmp_path: Path) -> None:
    row = reading(
        tmp_path,
        seen_by({"reference": f"Practitioner?identifier={GMC}|9000009"}),
    ).only("appointments")
    assert row["staff_id"] == "9000009"


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Organization/o1"},
        {"reference": "urn:uuid:o1"},
        {"reference": f"Organization?identifier={ODS}|A99001"},
        {"identifier": {"system": ODS, "value": "A99001"}},
    ],
)
def test_a_practice_is_its_ods_code(tmp_path: Path, reference: Resource) -> None:
    row = reading(tmp_path, encounter(serviceProvider=reference)).only("appointments")
    assert row["practice_id"] == "A99001"


def test_a_practice_without_an_ods_code_is_its_id(tmp_path: Path) -> None:
    other = {"resourceType": "Organization", "id": "o2"}
    contact = encounter(serviceProvider={"reference": "Organization/o2"})
    assert reading(tmp_path, other, contact).only("appointments")["practice_id"] == "o2"


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Patient/x1"},
        {"reference": "https://server.example/fhir/Patient/x1"},
        {"reference": "urn:uuid:x1"},
        {"reference": f"Patient?identifier={NHS}|9990000018"},
        {"type": "Patient", "identifier": {"system": NHS, "value": "9990000018"}},
    ],
)
def test_each_form_leads_to_the_patient(tmp_path: Path, reference: Resource) -> None:
    row = reading(tmp_path, encounter(subject=reference)).only("appointments")
    assert row["patient_id"] == "x1"


def test_a_patient_who_is_not_in_the_source_keeps_the_number(tmp_path: Path) -> None:
    subject = {"reference": f"Patient?identifier={NHS}|9990000026"}
    row = reading(tmp_path, encounter(subject=subject)).only("appointments")
    assert row["patient_id"] == "9990000026"


def test_an_encounter_with_a_group_is_counted_as_skipped(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(subject={"reference": "Group/g1"}))
    assert result.rows["appointments"] == []
    assert result.notes.skipped == {"Encounter (its subject is no patient)": 1}


def test_addresses_of_a_bundle_lead_to_its_resources(tmp_path: Path) -> None:
    address = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": address, "resource": PRACTITIONER},
            {"fullUrl": "urn:uuid:55", "resource": {"resourceType": "Patient"}},
            {"resource": seen_by({"reference": address}, subject={"reference": "urn:uuid:55"})},
        ],
    }
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle, indent=1))
    result = read(FhirReader(), path)
    row = result.only("appointments")
    assert (row["staff_id"], row["patient_id"]) == ("p1", "55")
    assert result.lines["appointments"] == [3]  # the third entry


def test_ids_that_two_types_share_do_not_meet(tmp_path: Path) -> None:
    role = {**ROLE, "id": "p1"}
    result = reading(tmp_path, role, seen_by({"reference": "PractitionerRole/p1"}))
    assert result.only("appointments")["staff_id"] == "PractitionerRole/p1"
    assert {"PractitionerRole/p1", "p1"} <= {str(r["staff_id"]) for r in result.rows["staff"]}


def test_records_with_one_register_number_are_one_person(tmp_path: Path) -> None:
    other = {"resourceType": "Practitioner", "id": "p0", **_number("9000001")}
    result = reading(tmp_path, other)
    assert {str(r["person_id"]) for r in result.rows["staff"]} == {"p0"}

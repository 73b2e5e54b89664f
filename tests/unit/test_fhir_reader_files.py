"""Reading FHIR files: every line ends as a row, a refusal or a count."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from hamlets.errors import SourceError
from hamlets.records.readers import fhir_rows
from hamlets.records.readers.fhir import FhirReader
from hamlets.records.sources import open_source
from tests.readings import Resource, read, write_ndjson, write_resources
from tests.unit.test_fhir_reader_references import PATIENT, PRACTITIONER, encounter


def test_broken_lines_are_refused_where_they_are(tmp_path: Path) -> None:
    path = write_ndjson(
        tmp_path / "Encounter.ndjson",
        [
            json.dumps(encounter(id="1")),
            '{"resourceType": "Encounter", "id": ',
            "",
            "[1, 2]",
            '{"id": "4"}',
            json.dumps(PATIENT),
            json.dumps(encounter(id="7")),
        ],
    )
    # The head shows two types, so the file is read as mixed: nothing is out of place.
    result = read(FhirReader(), path)
    assert result.lines["appointments"] == [1, 7]
    assert result.lines["patients"] == [6]
    assert result.reasons() == [("appointments", n, "error") for n in (2, 4, 5)]


def test_a_stranger_far_down_a_file_of_one_type_is_refused(tmp_path: Path) -> None:
    padding = [encounter(id=f"e{n}", text="x" * 100) for n in range(400)]
    path = write_ndjson(tmp_path / "Encounter.ndjson", [*padding, PATIENT, encounter(id="last")])
    result = read(FhirReader(), path)
    assert len(result.rows["appointments"]) == 401
    assert result.reasons() == [("appointments", 401, "error")]


def test_a_line_cut_short_says_so(tmp_path: Path) -> None:
    path = tmp_path / "Encounter.ndjson"
    path.write_text(json.dumps(encounter()) + "\n" + json.dumps(encounter())[:60])
    (refusal,) = read(FhirReader(), path).notes.refusals
    assert refusal.line == 2
    assert "cut short" in refusal.reason


@pytest.mark.parametrize(
    "fields",
    [
        {"participant": "Dr Example"},
        {"participant": [None]},
        {"subject": "Patient/x1"},
        {"subject": {"reference": 7}},
        {"period": "2026"},
        {"class": "AMB"},
        {"location": {"location": {}}},
        {"id": 12},
        {"status": ["finished"]},
        {"meta": 5, "serviceProvider": 5},
        {"type": [{"text": {"a": 1}}]},
    ],
)
def test_a_resource_of_the_wrong_shape_is_refused(tmp_path: Path, fields: Resource) -> None:
    folder = write_resources(tmp_path, [encounter(id="1"), encounter(**fields), encounter(id="3")])
    result = read(FhirReader(), folder)
    assert result.lines["appointments"] == [1, 3]
    assert result.reasons() == [("appointments", 2, "error")]


@pytest.mark.parametrize("kind", ["Organization", "Practitioner", "PractitionerRole", "Location"])
def test_staff_and_places_of_the_wrong_shape_are_refused(tmp_path: Path, kind: str) -> None:
    wrong = {"resourceType": kind, "id": "w", "identifier": 5, "name": 5, "code": 5, "address": 5}
    result = read(FhirReader(), write_resources(tmp_path, [wrong, encounter()]))
    assert len(result.rows["appointments"]) == 1
    assert len(result.notes.refusals) + sum(result.notes.skipped.values()) == 1


def test_gzip_crlf_and_a_byte_order_mark_make_no_difference(tmp_path: Path) -> None:
    lines = "\r\n".join(json.dumps(encounter(id=str(n))) for n in range(3)) + "\r\n"
    (tmp_path / "encounters.ndjson.gz").write_bytes(gzip.compress(lines.encode("utf-8-sig")))
    result = read(FhirReader(), tmp_path)
    assert [r["appointment_id"] for r in result.rows["appointments"]] == ["0", "1", "2"]
    assert result.notes.refusals == []


def test_utf_16_is_said(tmp_path: Path) -> None:
    (tmp_path / "Encounter.ndjson").write_text(json.dumps(encounter()), encoding="utf-16")
    with pytest.raises(SourceError, match="UTF-16"):
        read(FhirReader(), tmp_path)


def test_a_gzip_cut_short_is_said(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(encounter(id=str(n))) for n in range(5000))
    packed = gzip.compress(lines.encode())
    (tmp_path / "Encounter.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceError, match="cut short"):
        read(FhirReader(), tmp_path)


def test_no_fhir_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "appointments.csv").write_text("patient_id\n1\n")
    with pytest.raises(SourceError, match="No file here is FHIR"):
        read(FhirReader(), tmp_path)


def test_single_resources_lists_and_bundles_are_read(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(encounter(id="1"), indent=2))
    (tmp_path / "list.json").write_text(json.dumps([encounter(id="2"), 7, PATIENT]))
    bundle = {"resourceType": "Bundle", "entry": [{"resource": encounter(id="3")}]}
    write_ndjson(tmp_path / "bundles.ndjson", [bundle, bundle])
    (tmp_path / "other.json").write_text('{"name": "not FHIR"}')
    (tmp_path / "broken.json").write_text('{"resourceType": "Encounter",')
    result = read(FhirReader(), tmp_path)
    found = sorted(str(r["appointment_id"]) for r in result.rows["appointments"])
    assert found == ["1", "2", "3", "3"]
    assert len(result.rows["patients"]) == 1
    assert len(result.notes.refusals) == 2
    assert "other.json" in result.notes.warnings[0]


def test_deletions_of_a_bulk_export(tmp_path: Path) -> None:
    gone = [
        {"request": {"method": "DELETE", "url": f"{kind}/9"}}
        for kind in ("Encounter", "Appointment", "Device")
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": gone}
    result = read(FhirReader(), write_ndjson(tmp_path / "deleted.ndjson", [bundle]))
    assert result.notes.deletions == {"appointments": ["9", "Appointment/9"]}
    assert sum(result.notes.skipped.values()) == 3


def test_types_without_a_table_are_counted(tmp_path: Path) -> None:
    claims = [{"resourceType": "Claim", "id": str(n)} for n in range(3)]
    write_ndjson(tmp_path / "mixed.ndjson", [*claims, encounter()])
    write_ndjson(tmp_path / "Claim.ndjson", claims)
    assert read(FhirReader(), tmp_path).notes.skipped == {"Claim": 6}


def test_a_large_file_comes_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hamlets.records.readers.fhir.BATCH_ROWS", 10)
    write_ndjson(tmp_path / "Encounter.ndjson", [encounter(id=str(n)) for n in range(35)])
    result = read(FhirReader(), tmp_path)
    assert [len(b.lines) for b in result.batches] == [10, 10, 10, 5]
    assert result.lines["appointments"] == list(range(1, 36))
    assert result.told == {"Encounter.ndjson": 35}


def test_batches_are_of_a_size_that_bounds_memory() -> None:
    assert 20_000 <= fhir_rows.BATCH_ROWS <= 50_000


def test_columns_that_no_patient_fills_are_not_given(tmp_path: Path) -> None:
    patients = [{"resourceType": "Patient", "id": str(n)} for n in range(2)]
    patients[1]["gender"] = "male"
    result = read(FhirReader(), write_resources(tmp_path, [*patients, encounter()]))
    (batch,) = (b for b in result.batches if b.table == "patients")
    assert batch.columns.column_names == ["patient_id", "sex"]
    assert "practice_id" in batch.optional


def test_no_refusal_holds_a_value(tmp_path: Path) -> None:
    secret = "9990000018"
    path = write_ndjson(
        tmp_path / "Encounter.ndjson",
        [f'{{"nhs": "{secret}"', encounter(id=secret, status="entered-in-error"), encounter(id=1)],
    )
    notes = read(FhirReader(), path).notes
    assert len(notes.refusals) == 3
    assert secret not in repr(notes.refusals) + repr(notes.warnings) + repr(notes.skipped)


# Recognition


def recognised(folder: Path) -> tuple[float, str] | None:
    with open_source([folder]) as source:
        found = FhirReader().recognise(source)
    return (found.score, found.why) if found else None


def test_ndjson_with_contacts_is_surely_fhir(tmp_path: Path) -> None:
    found = recognised(write_resources(tmp_path, [encounter(), PRACTITIONER]))
    assert found == (1.0, "2 of its files hold FHIR resources (Encounter, Practitioner)")


def test_fhir_without_contacts_is_less_sure(tmp_path: Path) -> None:
    found = recognised(write_resources(tmp_path, [PRACTITIONER]))
    assert found
    assert found[0] < 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Encounter.ndjson", '{"kind": "Encounter"}\n'),
        ("Encounter.ndjson", "resourceType,id\n"),
        ("things.json", '{"name": 1}'),
        ("encounters.csv", '"resourceType"\n'),
        ("Claim.ndjson", '{"resourceType": "Claim"}\n'),
    ],
)
def test_other_files_are_not_fhir(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert recognised(tmp_path) is None

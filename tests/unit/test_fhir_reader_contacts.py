"""Encounters and appointments: what counts as a contact, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hamlets.records.readers.fhir import FhirReader
from hamlets.records.readers.fhir_words import minutes_between
from tests.readings import Reading, Resource, read, write_resources
from tests.unit.test_fhir_reader_references import encounter, reading


def coded(code: str | None) -> Resource:
    return {"coding": [{"code": code}]}


@pytest.mark.parametrize(
    ("code", "words", "mode"),
    [
        ("AMB", None, "face_to_face"),
        ("AMB", "Telephone consultation", "telephone"),
        ("AMB", "Domiciliary or rest home evaluation", "home_visit"),
        ("VR", "Video consultation", "video"),
        ("VR", "Consultation by phone", "telephone"),
        ("VR", "e-consult", "online"),
        ("VR", None, None),
        ("HH", None, "home_visit"),
        ("HH", "Care home visit", "care_home"),
        ("FLD", None, "home_visit"),
        ("ZZZ", None, None),
    ],
)
def test_way_of_contact(tmp_path: Path, code: str, words: str | None, mode: str | None) -> None:
    contact = encounter(**{"class": {"code": code}, "type": [{"text": words}] if words else []})
    row = reading(tmp_path, contact).only("appointments")
    assert (row["mode"], row["category"]) == (mode, code)


@pytest.mark.parametrize(
    ("code", "event"),
    [("EMER", "ae_attendance"), ("IMP", "admission"), ("ACUTE", "admission")],
)
def test_hospital_classes_are_events(tmp_path: Path, code: str, event: str) -> None:
    reason = {"coding": [{"system": "http://snomed.info/sct", "code": "22298006"}]}
    contact = encounter(**{"class": {"code": code}, "reasonCode": [reason]})
    result = reading(tmp_path, contact)
    assert result.rows["appointments"] == []
    assert result.only("events") == {
        "patient_id": "x1",
        "event_type": event,
        "event_date": "2026-01-05T09:00:00Z",
        "code": "22298006",
    }


def test_an_admission_that_did_not_take_place_is_no_event(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(**{"class": {"code": "IMP"}, "status": "cancelled"}))
    assert result.rows["events"] == []
    assert sum(result.notes.skipped.values()) == 1


def test_the_class_of_r5_is_understood(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(**{"class": [coded("EMER")]}))
    assert result.only("events")["event_type"] == "ae_attendance"


def test_statuses_are_handed_over_with_their_meaning(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(status="in-progress"))
    assert result.only("appointments")["status"] == "in-progress"
    words = next(b.words for b in result.batches if b.table == "appointments")["status"]
    wanted = {
        "planned": "booked",
        "in-progress": "arrived",
        "checked-in": "arrived",
        "finished": "attended",
        "fulfilled": "attended",
        "noshow": "did_not_attend",
        "cancelled": "cancelled",
    }
    assert {w: words[w] for w in wanted} == wanted


def test_an_encounter_entered_in_error_is_dropped_and_deleted(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(status="entered-in-error"))
    assert result.rows["appointments"] == []
    assert result.reasons() == [("appointments", 1, "dropped")]
    assert result.notes.deletions == {"appointments": ["e1"]}


def test_the_length_is_in_minutes(tmp_path: Path) -> None:
    period = {"start": "2026-03-29T00:50:00+00:00", "end": "2026-03-29T02:05:30+01:00"}
    assert (
        reading(tmp_path, encounter(period=period)).only("appointments")["duration_minutes"]
        == "15.5"
    )


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-05T09:00:00Z", None),
        ("2026-01-05", "2026-01-06"),
        ("2026-01-05T09:00:00Z", "2026-01-05T09:00:00Z"),
        ("2026-01-05T09:00:00Z", "2026-01-05T08:00:00Z"),
        ("2026-01-05T09:00:00Z", "2026-01-05T10:00:00"),
        ("2026-02-30T09:00:00Z", "2026-02-30T10:00:00Z"),
    ],
)
def test_no_length_is_better_than_a_wrong_one(start: str, end: str | None) -> None:
    assert minutes_between(start, end) is None


def test_the_given_length_serves_where_there_is_no_end(tmp_path: Path) -> None:
    contact = encounter(length={"value": 2, "code": "h"})
    assert reading(tmp_path, contact).only("appointments")["duration_minutes"] == "120"


def participant(key: str, *types: str) -> Resource:
    return {
        "type": [coded(t) for t in types],
        "individual": {"reference": f"Practitioner/{key}"},
    }


@pytest.mark.parametrize(
    ("participants", "clinician"),
    [
        ([participant("a"), participant("b", "PPRF")], "b"),
        ([participant("a"), participant("b", "ATND")], "b"),
        ([participant("a", "ATND"), participant("b", "PPRF")], "b"),
        ([participant("a"), participant("b")], "a"),
        ([participant("a", "CON"), participant("b")], "b"),
        ([participant("a", "CON")], "a"),
        ([participant("a", "REF"), participant("b", "CON")], "b"),
        ([participant("a", "REC")], None),
        ([{"individual": {"reference": "RelatedPerson/z"}}, participant("b")], "b"),
        ([], None),
    ],
)
def test_who_saw_the_patient(
    tmp_path: Path, participants: list[Resource], clinician: str | None
) -> None:
    row = reading(tmp_path, encounter(participant=participants)).only("appointments")
    assert row["staff_id"] == clinician


def test_the_practice_falls_back_on_the_place(tmp_path: Path) -> None:
    place = {
        "resourceType": "Location",
        "id": "l1",
        "managingOrganization": {"reference": "Organization/o1"},
    }
    contact = encounter(location=[{"location": {"reference": "Location/l1"}}])
    row = reading(tmp_path, place, contact).only("appointments")
    assert (row["practice_id"], row["site_id"]) == ("A99001", "l1")


@pytest.mark.parametrize(
    ("fields", "urgency"),
    [
        ({"priority": coded("UR")}, "same_day"),
        ({"priority": coded("R")}, "routine"),
        ({"type": [{"text": "Follow-up encounter"}]}, "follow_up"),
        ({"type": [{"text": "Same day appointment"}]}, "same_day"),
        ({}, None),
    ],
)
def test_urgency(tmp_path: Path, fields: dict[str, Any], urgency: str | None) -> None:
    assert reading(tmp_path, encounter(**fields)).only("appointments")["urgency"] == urgency


# Test data


def test_test_patients_and_what_is_about_them_are_dropped(tmp_path: Path) -> None:
    label = {"security": [{"code": "HTEST"}]}
    about = {"subject": {"reference": "Patient/t1"}}
    result = reading(
        tmp_path,
        {"resourceType": "Patient", "id": "t1", "meta": label},
        encounter(**about),
        encounter(id="e2", meta=label),
        encounter(id="e3"),
        {"resourceType": "Condition", **about, "code": coded("1"), "onsetDateTime": "2020-01-01"},
        {"resourceType": "Observation", **about, "code": coded("1")},
        {"resourceType": "EpisodeOfCare", "patient": about["subject"]},
        appointment(patient="t1"),
    )
    assert [r["appointment_id"] for r in result.rows["appointments"]] == ["e3"]
    assert [r["patient_id"] for r in result.rows["patients"]] == ["x1"]
    assert {t for t, _, kind in result.reasons() if kind == "dropped"} == {
        "patients",
        "appointments",
        "conditions",
        "observations",
        "registrations",
    }
    assert result.rows["conditions"] == result.rows["observations"] == []


# Appointments


def appointment(patient: str = "x1", **fields: Any) -> Resource:
    return {
        "resourceType": "Appointment",
        "id": "a1",
        "status": "fulfilled",
        "start": "2026-01-05T09:00:00Z",
        "minutesDuration": 10,
        "created": "2025-12-20T12:00:00Z",
        "participant": [
            {"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"},
            {"actor": {"reference": "PractitionerRole/r1"}, "status": "accepted"},
        ],
        **fields,
    }


def with_encounter(folder: Path, booked: Resource, **fields: Any) -> Reading:
    link = [{"reference": f"Appointment/{booked['id']}"}]
    return reading(folder, booked, encounter(appointment=link, **fields))


def test_an_appointment_alone_is_a_contact(tmp_path: Path) -> None:
    result = reading(tmp_path, appointment())
    assert result.only("appointments") == {
        "patient_id": "x1",
        "staff_id": "r1",
        "practice_id": "A99001",
        "start_time": "2026-01-05T09:00:00Z",
        "appointment_id": "Appointment/a1",
        "booked_time": "2025-12-20T12:00:00Z",
        "status": "fulfilled",
        "mode": None,
        "urgency": None,
        "duration_minutes": "10",
        "category": None,
        "site_id": None,
    }
    assert result.notes.warnings == []


def test_an_appointment_with_its_encounter_is_one_contact(tmp_path: Path) -> None:
    result = with_encounter(tmp_path, appointment())
    row = result.only("appointments")
    assert row["appointment_id"] == "e1"
    assert row["booked_time"] == "2025-12-20T12:00:00"
    assert result.notes.skipped == {"Appointment (its encounter was read)": 1}
    assert result.notes.deletions == {"appointments": ["Appointment/a1"]}


def test_an_encounter_replaces_an_appointment_of_an_earlier_extract(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(appointment=[{"reference": "Appointment/a9"}]))
    assert result.notes.deletions == {"appointments": ["Appointment/a9"]}


def test_an_encounter_and_an_appointment_of_one_number_are_two(tmp_path: Path) -> None:
    result = reading(tmp_path, encounter(id="5"), appointment(id="5", status="noshow"))
    assert [r["appointment_id"] for r in result.rows["appointments"]] == ["5", "Appointment/5"]


def test_the_booked_time_is_the_wall_time_in_london(tmp_path: Path) -> None:
    result = with_encounter(tmp_path, appointment(created="2025-07-01T12:00:00Z"))
    assert result.only("appointments")["booked_time"] == "2025-07-01T13:00:00"


@pytest.mark.parametrize(
    ("encounter_status", "appointment_status", "status"),
    [
        ("planned", "noshow", "noshow"),
        ("unknown", "cancelled", "cancelled"),
        ("finished", "noshow", "finished"),
        ("planned", "booked", "planned"),
    ],
)
def test_a_missed_appointment_settles_an_encounter_left_open(
    tmp_path: Path, encounter_status: str, appointment_status: str, status: str
) -> None:
    booked = appointment(status=appointment_status)
    result = with_encounter(tmp_path, booked, status=encounter_status)
    assert result.only("appointments")["status"] == status


def test_an_appointment_entered_in_error_is_dropped_and_deleted(tmp_path: Path) -> None:
    result = reading(tmp_path, appointment(status="entered-in-error"))
    assert result.reasons() == [("appointments", 1, "dropped")]
    assert result.notes.deletions == {"appointments": ["Appointment/a1"]}


def test_an_appointment_outlives_an_encounter_entered_in_error(tmp_path: Path) -> None:
    result = with_encounter(tmp_path, appointment(status="noshow"), status="entered-in-error")
    assert result.only("appointments")["appointment_id"] == "Appointment/a1"


def test_many_appointments_find_their_own_encounter(tmp_path: Path) -> None:
    days = [f"2025-12-{day:02d}" for day in range(1, 29)]
    booked = [appointment(id=f"a{n}", created=day) for n, day in enumerate(days)]
    contacts = [
        encounter(id=f"e{n}", appointment=[{"reference": f"Appointment/a{n}"}])
        for n in reversed(range(0, 28, 2))
    ]
    result = reading(tmp_path, *booked, *contacts)
    found = {r["appointment_id"]: r["booked_time"] for r in result.rows["appointments"]}
    assert len(found) == 28
    for n, day in enumerate(days):
        if n % 2:
            assert found[f"Appointment/a{n}"] == day
        else:
            assert found[f"e{n}"] == f"{day}T00:00:00"


def test_contacts_that_may_be_counted_twice_are_said(tmp_path: Path) -> None:
    result = reading(tmp_path, appointment(), encounter())
    assert len(result.rows["appointments"]) == 2
    assert "counted twice" in result.notes.warnings[0]


def test_an_appointment_of_several_patients_gives_a_row_each(tmp_path: Path) -> None:
    people = [{"actor": {"reference": f"Patient/{p}"}} for p in ("x1", "x2")]
    result = reading(tmp_path, appointment(participant=people))
    assert [(r["patient_id"], r["appointment_id"]) for r in result.rows["appointments"]] == [
        ("x1", "Appointment/a1"),
        ("x2", "Appointment/a1/2"),
    ]


def test_a_request_without_a_time_is_no_contact(tmp_path: Path) -> None:
    result = reading(tmp_path, appointment(status="proposed", start=None))
    assert result.notes.skipped == {"Appointment (never given a time)": 1}


def test_gp_connects_delivery_channel_is_the_mode(tmp_path: Path) -> None:
    url = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-GPConnect-DeliveryChannel-2"
    channel = [{"url": url, "valueCode": "Telephone"}]
    row = reading(tmp_path, appointment(extension=channel)).only("appointments")
    assert row["mode"] == "telephone"


def test_slots_are_those_of_a_clinicians_schedule(tmp_path: Path) -> None:
    def slot(key: str, schedule: str) -> Resource:
        return {
            "resourceType": "Slot",
            "id": key,
            "schedule": {"reference": f"Schedule/{schedule}"},
            "status": "free",
            "start": "2026-01-05T09:00:00Z",
            "end": "2026-01-05T09:10:00Z",
        }

    def schedule(key: str, *actors: str) -> Resource:
        return {
            "resourceType": "Schedule",
            "id": key,
            "actor": [{"reference": a} for a in actors],
            "serviceType": [{"text": "Routine"}],
        }

    result = reading(
        tmp_path,
        schedule("s1", "Location/l1", "PractitionerRole/r1"),
        schedule("s2", "Location/l1"),
        slot("1", "s1"),
        slot("2", "s2"),
        {**slot("3", "s1"), "status": "entered-in-error"},
    )
    row = result.only("slots")
    assert (row["slot_id"], row["staff_id"], row["practice_id"]) == ("1", "r1", "A99001")
    assert (row["site_id"], row["slot_type"], row["status"]) == ("l1", "routine", "free")
    assert result.notes.skipped["Slot (of no clinician)"] == 1
    assert result.notes.deletions == {"slots": ["3"]}


def test_contacts_come_after_the_people_they_name(tmp_path: Path) -> None:
    practitioner = {"resourceType": "Practitioner", "id": "p"}
    patient = {"resourceType": "Patient", "id": "x1"}
    folder = write_resources(tmp_path, [encounter(), practitioner, patient])
    tables = [b.table for b in read(FhirReader(), folder).batches]
    assert tables == ["staff", "patients", "appointments"]

"""Encounters and appointments.

Counted rows: Encounter in ``appointments`` or, when it is a stay in hospital
or an emergency department, in ``events``; Appointment in ``appointments``,
unless an encounter was read that names it: then the encounter is the contact,
takes the appointment's booked time (and that it was missed or cancelled, where
the encounter does not say it took place), and the appointment is counted among
the skipped. An appointment for several patients gives a row for each.

A row's id is the encounter's, or ``Appointment/`` and the appointment's: servers may
number each type from 1. An appointment that an encounter names is told to the
store as deleted, in case an earlier extract gave it alone.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Any

import numpy as np

from hamlets.records.readers.fhir_files import Resource
from hamlets.records.readers.fhir_patients import is_test_data
from hamlets.records.readers.fhir_references import Clinician, References, Site
from hamlets.records.readers.fhir_rows import Dropped, Rows
from hamlets.records.readers.fhir_words import (
    EVENT_OF_CLASS,
    HOSPITAL_CLASSES,
    IN_ERROR,
    NEVER_HAPPENED,
    SNOMED,
    first_day,
    minutes_between,
    mode_of,
    urgency_of,
    wall_seconds,
    wall_text,
    words_of,
)

_NO_TIME = -(2**62)
_OPEN_STATUS = frozenset(("planned", "unknown", "arrived", ""))
_MISSED = {"noshow": 1, "cancelled": 2}
_MISSED_WORD = ("", "noshow", "cancelled")
_NOT_BOOKED = frozenset(("proposed", "pending", "waitlist", "cancelled"))
_LEAD = {"PPRF": 0, "ATND": 1}
_NOT_THE_CLINICIAN = frozenset(("REF", "REC", "ENT", "translator", "emergency", "CALLBCK", "ESC"))
_DELIVERY = "DeliveryChannel"


class BookedTimes:
    """What the appointments say that encounters name, in 17 bytes each.

    Keyed by the 64-bit hash of the id: ids are many, and are not kept.
    """

    def __init__(self) -> None:
        self._keys = array("q")
        self._seconds = array("q")
        self._missed = bytearray()
        self.named = bytearray()
        """1 where an encounter that was read names the appointment."""

    def __len__(self) -> int:
        return len(self._keys)

    def learn(self, key: str, created: str | None, status: str | None) -> None:
        """Remember one appointment."""
        seconds = wall_seconds(created)
        self._keys.append(hash(key))
        self._seconds.append(_NO_TIME if seconds is None else seconds)
        self._missed.append(_MISSED.get(status or "", 0))

    def sort(self) -> None:
        """Make the appointments findable; call once, after the last ``learn``."""
        order = np.argsort(np.array(self._keys, dtype=np.int64), kind="stable")
        self._keys = array("q", np.array(self._keys, dtype=np.int64)[order].tobytes())
        self._seconds = array("q", np.array(self._seconds, dtype=np.int64)[order].tobytes())
        missed = np.frombuffer(bytes(self._missed), dtype=np.uint8)
        self._missed = bytearray(missed[order].tobytes())
        self.named = bytearray(len(self._keys))

    def find(self, key: str) -> int | None:
        """Return the appointment's place, None if it is not in the source."""
        wanted = hash(key)
        place = bisect_left(self._keys, wanted)
        if place < len(self._keys) and self._keys[place] == wanted:
            return place
        return None

    def booked_time(self, place: int) -> str | None:
        """Return when the appointment was made."""
        seconds = self._seconds[place]
        return None if seconds == _NO_TIME else wall_text(seconds)

    def missed(self, place: int) -> str:
        """Return ``noshow`` or ``cancelled`` if that was its status, else nothing."""
        return _MISSED_WORD[self._missed[place]]


class Contacts:
    """Turns encounters and appointments into rows."""

    def __init__(
        self, references: References, rows: Rows, dropped: Dropped, test_patients: set[str]
    ) -> None:
        self.references = references
        self.rows = rows
        self.dropped = dropped
        self.test_patients = test_patients
        self.booked = BookedTimes()
        self.fulfilled_alone = 0
        self.encounters = 0
        self._kinds: dict[tuple[str | None, str], tuple[str | None, str | None]] = {}

    # Encounters

    def encounter(self, line: int, resource: Resource) -> None:
        """Add a contact, or a hospital event."""
        kind = resource.get("class")
        if isinstance(kind, list):
            kind = _coding(kind)  # R5 has a list of concepts here
        code: str | None = kind.get("code") if kind else None
        event = EVENT_OF_CLASS.get(code or "")
        table = "events" if event else "appointments"
        status: str | None = resource.get("status")
        if status == IN_ERROR:
            self.dropped.in_error(table, line, None if event else resource.get("id"))
            return
        patient = self.references.patient(resource.get("subject"), resource)
        meta = resource.get("meta")
        if patient in self.test_patients or (
            meta and ("security" in meta or "tag" in meta) and is_test_data(resource)
        ):
            self.dropped.test_patient(table, line)
        elif event:
            self._event(line, resource, event, patient)
        elif code in HOSPITAL_CLASSES:
            self.dropped.skip(f"Encounter (class {code})")
        elif patient is None and (resource.get("subject") or {}).get("reference"):
            self.dropped.skip("Encounter (its subject is no patient)")
        else:
            self.encounters += 1
            self._contact(line, resource, code, patient)

    def _contact(
        self, line: int, resource: Resource, code: str | None, patient: str | None
    ) -> None:
        references = self.references
        period = resource.get("period")
        start: str | None = period.get("start") if period else None
        clinician = self._clinician(resource)
        places = resource.get("location")
        site = references.site(places[0].get("location"), resource) if places else None
        practice = references.practice(resource.get("serviceProvider"), resource)
        if practice is None:
            practice = site.practice_id if site and site.practice_id else None
            if practice is None and clinician:
                practice = clinician.practice_id
        mode, urgency = self._kind(resource, code)
        status: str | None = resource.get("status")
        booked: str | None = None
        if "appointment" in resource and start and patient:
            booked, status = self._appointment_of(resource, status)
        length = minutes_between(start, period.get("end")) if period else None
        row = (
            patient,
            clinician.staff_id if clinician else None,
            practice,
            start,
            resource.get("id"),
            booked,
            status,
            mode,
            urgency,
            length or _length(resource.get("length")),
            code,
            site.site_id if site else None,
        )
        self.rows.add("appointments", line, row)

    def _event(self, line: int, resource: Resource, event: str, patient: str | None) -> None:
        if resource.get("status") in NEVER_HAPPENED:
            self.dropped.skip(f"Encounter ({event} that did not take place)")
            return
        day = first_day((resource.get("period") or {}).get("start"))
        reason: str | None = None
        for concept in resource.get("reasonCode") or ():
            for coding in concept.get("coding") or ():
                if reason is None and coding.get("system") == SNOMED:
                    reason = coding.get("code")
        self.rows.add("events", line, (patient, event, day, reason))

    def _clinician(self, resource: Resource) -> Clinician | None:
        """Return who saw the patient: primary performer, attender, then anyone untyped.

        A referrer, a recorder or an interpreter never counts as the clinician.
        """
        best: Clinician | None = None
        best_rank = 9
        for participant in resource.get("participant") or ():
            rank = _rank(participant.get("type"))
            if rank >= best_rank:
                continue
            actor = participant.get("individual") or participant.get("actor")
            found = self.references.staff(actor, resource)
            if found:
                best, best_rank = found, rank
        return best

    def _kind(self, resource: Resource, code: str | None) -> tuple[str | None, str | None]:
        """Return (mode, urgency); the types of encounter are few, so both are kept."""
        words = words_of(resource.get("type"))
        priority = resource.get("priority")
        if priority:
            return mode_of(code, words), urgency_of(priority, words, None)
        known = self._kinds.get((code, words))
        if known is None:
            known = (mode_of(code, words), urgency_of(None, words, None))
            if len(self._kinds) < 10_000:
                self._kinds[code, words] = known
        return known

    def _appointment_of(
        self, resource: Resource, status: str | None
    ) -> tuple[str | None, str | None]:
        """Return (booked time, status) with what the named appointments add."""
        booked: str | None = None
        for reference in resource.get("appointment") or ():
            target = self.references.target(reference, "Appointment", resource)
            if target is None:
                continue
            self.dropped.delete("appointments", appointment_id(target.id))
            place = self.booked.find(target.id)
            if place is None:
                continue
            self.booked.named[place] = 1
            booked = booked or self.booked.booked_time(place)
            if (status or "") in _OPEN_STATUS:
                status = self.booked.missed(place) or status
        return booked, status

    # Appointments

    def learn_appointment(self, _line: int, resource: Resource) -> None:
        """Remember an appointment for the encounters that name it."""
        key = resource.get("id")
        if isinstance(key, str) and resource.get("status") != IN_ERROR:
            self.booked.learn(key, resource.get("created"), resource.get("status"))

    def appointment(self, line: int, resource: Resource) -> None:
        """Add an appointment of which no encounter was read."""
        key = resource.get("id")
        status: str | None = resource.get("status")
        if status == IN_ERROR:
            self.dropped.in_error("appointments", line, appointment_id(key))
            return
        place = self.booked.find(key) if isinstance(key, str) else None
        if place is not None and self.booked.named[place]:
            self.dropped.skip("Appointment (its encounter was read)")
            return
        if not resource.get("start") and status in _NOT_BOOKED:
            self.dropped.skip("Appointment (never given a time)")
            return
        patients, clinician, site = self._participants(resource)
        kept = [p for p in patients if p not in self.test_patients]
        if (patients and not kept) or is_test_data(resource):
            self.dropped.test_patient("appointments", line)
            return
        self.fulfilled_alone += status == "fulfilled"
        for number, patient in enumerate(kept or [None], 1):
            # Several patients share one appointment: each row needs an id of its own.
            row_key = appointment_id(key)
            if row_key and number > 1:
                row_key = f"{row_key}/{number}"
            self._appointment_row(line, resource, patient, row_key, clinician, site)

    def _appointment_row(
        self,
        line: int,
        resource: Resource,
        patient: str | None,
        key: str | None,
        clinician: Clinician | None,
        site: Site | None,
    ) -> None:
        kind: Any = resource.get("appointmentType") or {}
        words = words_of([*(resource.get("serviceType") or ()), kind])
        practice = site.practice_id if site else None
        start: str | None = resource.get("start")
        minutes = resource.get("minutesDuration")
        codings: list[Any] = kind.get("coding") or [{}]
        row = (
            patient,
            clinician.staff_id if clinician else None,
            (clinician.practice_id if clinician else None) or practice,
            start,
            key,
            resource.get("created"),
            resource.get("status"),
            _delivery(resource) or mode_of(None, words),
            urgency_of(None, words, codings[0].get("code")),
            str(minutes) if minutes else minutes_between(start, resource.get("end")),
            kind.get("text") or codings[0].get("display") or codings[0].get("code"),
            site.site_id if site else None,
        )
        self.rows.add("appointments", line, row)

    def _participants(self, resource: Resource) -> tuple[list[str], Clinician | None, Site | None]:
        """Return (patients, the clinician, the site) of an appointment."""
        references = self.references
        patients: list[str] = []
        clinician: Clinician | None = None
        site: Site | None = None
        best_rank = 9
        for participant in resource.get("participant") or ():
            actor = participant.get("actor")
            target = references.target(actor, None, resource)
            if target is None or participant.get("status") == "declined":
                continue
            rank = _rank(participant.get("type"))
            if target.type == "Location" or target.id in references.sites:
                site = site or references.site(actor, resource)
            elif target.type in ("Practitioner", "PractitionerRole") or (
                target.type is None
                and (target.id in references.practitioners or target.id in references.roles)
            ):
                if rank < best_rank:
                    clinician, best_rank = references.staff(actor, resource), rank
            elif target.type in ("Patient", None):
                patients.append(target.id)
        return patients, clinician, site


def appointment_id(key: Any) -> str | None:
    """Return the id of an appointment's row; an encounter's is its plain id."""
    return None if key is None else f"Appointment/{key}"


def _rank(types: list[Any] | None) -> int:
    """Return how surely a participant of these types is the one who saw the patient."""
    if not types:
        return 2
    best = 9
    for concept in types:
        for coding in concept.get("coding") or ({},):
            code = coding.get("code")
            rank = 9 if code in _NOT_THE_CLINICIAN else _LEAD.get(code or "", 3)
            best = min(best, rank)
    return best


def _coding(concepts: list[Any]) -> Any:
    codings: list[Any] = (concepts[0].get("coding") or [{}]) if concepts else [{}]
    return codings[0]


def _length(length: Any) -> str | None:
    """Return the minutes of ``Encounter.length`` as text."""
    if not length or length.get("value") is None:
        return None
    unit = length.get("code") or length.get("unit")
    factor = {"min": 1, "minutes": 1, "h": 60, "hours": 60}.get(unit)
    return f"{length['value'] * factor:g}" if factor else None


def _delivery(resource: Resource) -> str | None:
    """Return the mode of GP Connect's delivery channel extension."""
    for extension in resource.get("extension") or ():
        if _DELIVERY in (extension.get("url") or ""):
            return mode_of(None, str(extension.get("valueCode") or "").lower())
    return None

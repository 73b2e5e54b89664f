"""Patients, their registrations, conditions and observations.

Counted rows: Patient in ``patients``, EpisodeOfCare in ``registrations`` (one
that names no organisation, in ``named_gps``), Condition in ``conditions``,
Observation in ``observations``. Rows beyond those: the named GP of an episode,
and the further components of an observation such as a blood pressure.
"""

from __future__ import annotations

from typing import Any

from hamlets.records.readers.fhir_files import Resource
from hamlets.records.readers.fhir_people import full_name, languages
from hamlets.records.readers.fhir_references import References, identifier
from hamlets.records.readers.fhir_rows import Dropped, Rows
from hamlets.records.readers.fhir_words import (
    IN_ERROR,
    NHS_NUMBER,
    code_of,
    day_after,
    first_day,
    last_day,
)

_UK_ETHNICITY = "Extension-UKCore-EthnicCategory"
_NOT_HISPANIC = ("non_hispanic", "nonhispanic", "not hispanic or latino")


def is_test_data(resource: Resource) -> bool:
    """Return whether the resource carries HL7's label for test data (HTEST).

    Names and missing identifiers are no proof of a test patient, so nothing else counts.
    """
    meta = resource.get("meta") or {}
    labels = (*(meta.get("security") or ()), *(meta.get("tag") or ()))
    return any(label.get("code") == "HTEST" for label in labels)


class Patients:
    """Turns patients and what is known of them into rows."""

    def __init__(self, references: References, rows: Rows, dropped: Dropped) -> None:
        self.references = references
        self.rows = rows
        self.dropped = dropped
        self.test_patients: set[str] = set()
        self.dead_without_date = 0

    def patient(self, line: int, resource: Resource) -> None:
        """Add the patient's row, unless marked as test data."""
        key = resource.get("id")
        if is_test_data(resource):
            if isinstance(key, str):
                self.test_patients.add(key)
            self.dropped.test_patient("patients", line)
            return
        practice, named = self._registered_with(resource)
        birth: str | None = resource.get("birthDate")
        if resource.get("deceasedBoolean") is True and not resource.get("deceasedDateTime"):
            self.dead_without_date += 1
        row = (
            key,
            practice,
            identifier(resource, NHS_NUMBER),
            full_name(resource),
            named,
            birth if birth and len(birth) == 10 else None,
            birth[:4] if birth else None,
            resource.get("gender"),
            _ethnicity(resource),
            next(iter(languages(resource)), None),
            last_day(resource.get("deceasedDateTime")),
        )
        self.rows.add("patients", line, row)

    def _registered_with(self, resource: Resource) -> tuple[str | None, str | None]:
        """Return (practice, named GP): generalPractitioner may hold either or both."""
        practice = self.references.practice(resource.get("managingOrganization"), resource)
        named: str | None = None
        for reference in resource.get("generalPractitioner") or ():
            clinician = None if _is_organisation(reference) else self._staff(reference, resource)
            if clinician:
                named = named or clinician
            else:
                practice = practice or self.references.practice(reference, resource)
        return practice, named

    def _staff(self, reference: Any, holder: Resource) -> str | None:
        clinician = self.references.staff(reference, holder)
        return clinician.staff_id if clinician else None

    def episode(self, line: int, resource: Resource) -> None:
        """Add a registration, and the named GP where the episode has a care manager."""
        status = resource.get("status")
        patient = self.references.patient(resource.get("patient"), resource)
        if status == IN_ERROR:
            self.dropped.in_error("registrations", line)
            return
        if status in ("planned", "waitlist", "cancelled"):
            self.dropped.skip(f"EpisodeOfCare ({status})")
            return
        if patient in self.test_patients:
            self.dropped.test_patient("registrations", line)
            return
        practice = self.references.practice(resource.get("managingOrganization"), resource)
        manager = self.references.staff(resource.get("careManager"), resource)
        period = resource.get("period") or {}
        start, end = first_day(period.get("start")), day_after(period.get("end"))
        if practice:
            self.rows.add("registrations", line, (patient, practice, start, end))
        if manager:
            row = (patient, manager.staff_id, start, end, "clinical_system")
            self.rows.add("named_gps", line, row)
        if not practice and not manager:
            self.dropped.skip("EpisodeOfCare (no organisation, no care manager)")

    def condition(self, line: int, resource: Resource) -> None:
        """Add a condition from its onset (else the day it was recorded) to its end."""
        verification = code_of(resource.get("verificationStatus"))
        patient = self.references.patient(resource.get("subject"), resource)
        if verification == IN_ERROR:
            self.dropped.in_error("conditions", line)
            return
        if verification == "refuted":
            self.dropped.skip("Condition (refuted)")
            return
        if patient in self.test_patients:
            self.dropped.test_patient("conditions", line)
            return
        onset: str | None = resource.get("onsetDateTime") or (
            resource.get("onsetPeriod") or {}
        ).get("start")
        end: str | None = resource.get("abatementDateTime") or (
            resource.get("abatementPeriod") or {}
        ).get("end")
        row = (
            patient,
            code_of(resource.get("code")),
            first_day(onset or resource.get("recordedDate")),
            first_day(end),
        )
        self.rows.add("conditions", line, row)

    def observation(self, line: int, resource: Resource) -> None:
        """Add an observation; one made of components gives a row for each instead."""
        status = resource.get("status")
        patient = self.references.patient(resource.get("subject"), resource)
        if status == IN_ERROR:
            self.dropped.in_error("observations", line)
            return
        if status == "cancelled":
            self.dropped.skip("Observation (cancelled)")
            return
        if patient in self.test_patients:
            self.dropped.test_patient("observations", line)
            return
        taken: str | None = (
            resource.get("effectiveDateTime")
            or (resource.get("effectivePeriod") or {}).get("start")
            or resource.get("effectiveInstant")
            or resource.get("issued")
        )
        day = first_day(taken)
        value, unit = _value(resource)
        parts: list[Any] = resource.get("component") or []
        if value is not None or not parts:
            row = (patient, code_of(resource.get("code")), day, value, unit)
            self.rows.add("observations", line, row)
        for part in parts:
            value, unit = _value(part)
            row = (patient, code_of(part.get("code")), day, value, unit)
            self.rows.add("observations", line, row)


def _is_organisation(reference: Any) -> bool:
    text = reference.get("reference") or ""
    number = reference.get("identifier") or {}
    return (
        reference.get("type") == "Organization"
        or "Organization" in text
        or "ods-organization-code" in (number.get("system") or "")
    )


def _value(resource: Resource) -> tuple[str | None, str | None]:
    quantity = resource.get("valueQuantity")
    if quantity:
        number = quantity.get("value")
        return (None if number is None else str(number)), quantity.get("unit")
    concept = resource.get("valueCodeableConcept")
    if concept:
        return code_of(concept) or concept.get("text"), None
    for name in ("valueString", "valueInteger", "valueBoolean", "valueDateTime"):
        if resource.get(name) is not None:
            value = resource[name]
            return (str(value).lower() if isinstance(value, bool) else str(value)), None
    return None, None


def _ethnicity(resource: Resource) -> str | None:
    """Return the ethnic group of UK Core, else race and ethnicity of US Core."""
    words: list[str] = []
    for extension in resource.get("extension") or ():
        url: str = extension.get("url") or ""
        if url.endswith(_UK_ETHNICITY):
            concept = extension.get("valueCodeableConcept") or {}
            codings: list[Any] = concept.get("coding") or [{}]
            return concept.get("text") or codings[0].get("display") or codings[0].get("code")
        if url.endswith(("us-core-race", "us-core-ethnicity")):
            for part in extension.get("extension") or ():
                text = part.get("valueString")
                if part.get("url") == "text" and text and text.lower() not in _NOT_HISPANIC:
                    words.append(text)
    return " ".join(words) or None

"""Schedules and slots: the appointment book, booked or free.

Counted row: Slot in ``slots``. A Schedule only says whose slots they are.
"""

from __future__ import annotations

from typing import Any

from hamlets.records.readers.fhir_files import Resource
from hamlets.records.readers.fhir_references import Clinician, References, Site
from hamlets.records.readers.fhir_rows import Dropped, Rows
from hamlets.records.readers.fhir_words import IN_ERROR, words_of


class Slots:
    """Turns the slots of clinicians' schedules into rows."""

    def __init__(self, references: References, rows: Rows, dropped: Dropped) -> None:
        self.references = references
        self.rows = rows
        self.dropped = dropped
        self._schedules: dict[str, tuple[Clinician | None, Site | None, str | None]] = {}

    def schedule(self, _line: int, resource: Resource) -> None:
        """Remember whose schedule it is; it is counted as skipped, its slots are read."""
        clinician: Clinician | None = None
        site: Site | None = None
        for actor in resource.get("actor") or ():
            target = self.references.target(actor, None, resource)
            if target and (target.type == "Location" or target.id in self.references.sites):
                site = site or self.references.site(actor, resource)
            else:
                clinician = clinician or self.references.staff(actor, resource)
        words = words_of(resource.get("serviceType")) or None
        self._schedules[resource["id"]] = (clinician, site, words)
        self.dropped.skip("Schedule (read with its slots)")

    def slot(self, line: int, resource: Resource) -> None:
        """Add a slot of a clinician's schedule."""
        key = resource.get("id")
        if resource.get("status") == IN_ERROR:
            self.dropped.in_error("slots", line, key)
            return
        target = self.references.target(resource.get("schedule"), "Schedule", resource)
        known = self._schedules.get(target.id) if target else None
        clinician, site, words = known or (None, None, None)
        if clinician is None:
            self.dropped.skip("Slot (of no clinician)")
            return
        kind: list[Any] = [resource.get("appointmentType") or {}]
        types = words_of(kind) or words_of(resource.get("serviceType")) or words
        row = (
            key,
            clinician.staff_id,
            clinician.practice_id or (site.practice_id if site else None),
            resource.get("start"),
            resource.get("end"),
            resource.get("status"),
            site.site_id if site else None,
            types,
        )
        self.rows.add("slots", line, row)

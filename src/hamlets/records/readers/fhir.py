"""The ``fhir`` profile: FHIR R4 as bulk NDJSON, Bundles or single resources.

Every resource ends in one of three places: one counted row of one canonical
table (kept or refused later), a refusal (broken, entered in error, test data),
or the count of skipped resources by type. Which row of a resource is the
counted one, where it gives several, is said in the module that makes it:
``fhir_people``, ``fhir_patients``, ``fhir_contacts`` and ``fhir_slots``. Rows read in a table
are therefore its batches' rows and its refusals, and nothing else.

Files are read up to twice: first what others refer to, then the rest, in
batches, so that memory holds the staff and places but never the contacts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hamlets.errors import SourceError
from hamlets.records.batches import (
    ProgressCallback,
    RawBatch,
    ReaderNotes,
    Recognition,
    Refusal,
)
from hamlets.records.readers.fhir_contacts import Contacts, appointment_id
from hamlets.records.readers.fhir_files import (
    TABLE_OF_TYPE,
    FhirFile,
    Resource,
    fhir_files,
    types_in_head,
)
from hamlets.records.readers.fhir_patients import Patients
from hamlets.records.readers.fhir_people import People
from hamlets.records.readers.fhir_references import References
from hamlets.records.readers.fhir_rows import BATCH_ROWS, Dropped, Rows, without_blank_columns
from hamlets.records.readers.fhir_slots import Slots
from hamlets.records.sources import Source

Handler = Callable[[int, Resource], None]

_PEOPLE = frozenset(("Organization", "Location", "Practitioner", "PractitionerRole"))
_READ = frozenset(TABLE_OF_TYPE)
_DELETED_TABLE = {
    "Encounter": "appointments",
    "Appointment": "appointments",
    "Slot": "slots",
}


class FhirReader:
    """Reads FHIR R4."""

    name = "fhir"

    def recognise(self, source: Source) -> Recognition | None:
        """Return a recognition where a file's first lines are FHIR resources."""
        files, _ = fhir_files(source)
        seen: set[str] = set()
        for file in files[:200]:
            seen |= {"Bundle"} if file.document else types_in_head(file.member)
        known = sorted(seen & (_READ | {"Bundle"}))
        if not known:
            return None
        contacts = bool({"Encounter", "Appointment", "Bundle"} & seen)
        shown = ", ".join(known[:4]) + (" and more" if len(known) > 4 else "")
        shown = "whole documents" if shown == "Bundle" else shown
        return Recognition(
            1.0 if contacts else 0.6,
            f"{len(files)} of its files hold FHIR resources ({shown})",
        )

    def read(
        self, source: Source, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        """Yield the resources as rows: staff and places, then patients, then contacts.

        SourceError where a file cannot be read at all.
        """
        return _Reading(source, notes, progress).batches()


class _Reading:
    """One reading of one source."""

    def __init__(self, source: Source, notes: ReaderNotes, progress: ProgressCallback) -> None:
        self.files, others = fhir_files(source)
        if not self.files:
            raise SourceError(
                "No file here is FHIR.",
                where=source.label,
                hint="Pass .ndjson files (one resource a line), plain or gzipped.",
            )
        self.notes = notes
        self.progress = progress
        self.rows = Rows(notes)
        self.dropped = Dropped(notes, self.rows)
        self.references = References(self._patient_identifiers)
        self.people = People(self.references, self.rows, self.dropped)
        self.patients = Patients(self.references, self.rows, self.dropped)
        self.slots = Slots(self.references, self.rows, self.dropped)
        self.contacts = Contacts(
            self.references, self.rows, self.dropped, self.patients.test_patients
        )
        if others:
            notes.warnings.append(f"Not read, being no FHIR files: {', '.join(sorted(others))}.")

    def batches(self) -> Iterator[RawBatch]:
        """Yield every batch, in the order of the stages."""
        yield from self._people()
        early: dict[str, Handler] = {
            "Schedule": self.slots.schedule,
            "CareTeam": self.people.care_team,
            "Patient": self.patients.patient,
            "EpisodeOfCare": self.patients.episode,
        }
        # Test patients must be known before anything that is about them.
        patients = {"Patient": early.pop("Patient")}
        yield from without_blank_columns(self._stage(patients))
        yield from without_blank_columns(self._stage(early))
        self._learn_appointments()
        yield from self._stage(
            {
                "Encounter": self.contacts.encounter,
                "Condition": self.patients.condition,
                "Observation": self.patients.observation,
                "Slot": self.slots.slot,
            }
        )
        yield from self._stage({"Appointment": self.contacts.appointment})
        self._count_others()
        self._warn()

    def _people(self) -> Iterator[RawBatch]:
        """Read organisations, places and staff; they stay in memory for the references."""
        for file in self.files:
            if file.holds(_PEOPLE):
                for line, resource in file.resources(self._broken(file), self.progress):
                    if resource["resourceType"] in _PEOPLE:
                        self.people.hold(file.name, line, resource)
                self._take_bundle_notes(file)
        self.people.learn()
        yield from without_blank_columns(self._people_batches())

    def _people_batches(self) -> Iterator[RawBatch]:
        for name in self.people.files():
            self.people.write(name)
            yield from self.rows.take()

    def _take_bundle_notes(self, file: FhirFile) -> None:
        self.references.full_urls.update(file.full_urls)
        for kind, key in file.deleted:
            if kind in _DELETED_TABLE:
                gone = appointment_id(key) if kind == "Appointment" else key
                self.dropped.delete(_DELETED_TABLE[kind], gone)
            self.notes.skipped[f"{kind} (deleted in its source)"] += 1

    def _stage(self, handlers: dict[str, Handler]) -> Iterator[RawBatch]:
        """Yield what the handlers make of the files that hold their types."""
        types = frozenset(handlers)
        for file in self.files:
            if not file.holds(types):
                continue
            self.rows.file = file.name
            since = 0
            for line, resource in file.resources(self._broken(file), self.progress):
                handle = handlers.get(resource["resourceType"])
                if handle is None:
                    continue
                try:
                    handle(line, resource)
                except (AttributeError, TypeError, KeyError, IndexError):
                    table = TABLE_OF_TYPE[resource["resourceType"]]
                    self.rows.file = file.name
                    self.dropped.malformed(table, line)
                since += 1
                if since == BATCH_ROWS:
                    since = 0
                    yield from self.rows.take(BATCH_ROWS // 2)
            yield from self.rows.take()

    def _learn_appointments(self) -> None:
        wanted = frozenset(("Appointment",))
        for file in self.files:
            if file.holds(wanted):
                for line, resource in file.resources(self._broken(file), _say_nothing):
                    if resource["resourceType"] == "Appointment":
                        self.contacts.learn_appointment(line, resource)
        self.contacts.booked.sort()

    def _patient_identifiers(self) -> dict[str, str]:
        """Return patient ids by identifier: only sources with conditional references ask."""
        found: dict[str, str] = {}
        for file in self.files:
            if not file.holds(frozenset(("Patient",))):
                continue
            for _, resource in file.resources(self._broken(file), _say_nothing):
                if resource["resourceType"] != "Patient" or not resource.get("id"):
                    continue
                for item in resource.get("identifier") or ():
                    value = str(item.get("value") or "").strip()
                    found.setdefault(f"Patient?{item.get('system') or ''}|{value}", resource["id"])
        return found

    def _count_others(self) -> None:
        """Count the resources of types that have no canonical table."""
        for file in self.files:
            if file.types is not None and len(file.types) == 1 and not file.document:
                (kind,) = file.types
                if kind not in _READ:
                    self.notes.skipped[kind] += file.lines()
            elif file.types is None or not file.types <= _READ:
                for _, resource in file.resources(self._broken(file), _say_nothing):
                    if resource["resourceType"] not in _READ:
                        self.notes.skipped[resource["resourceType"]] += 1

    def _broken(self, file: FhirFile) -> Callable[[str, int, str, str], None]:
        def tell(kind: str, line: int, value_class: str, reason: str) -> None:
            table = TABLE_OF_TYPE.get(kind, "appointments")
            self.notes.refusals.append(Refusal(table, file.name, line, "", value_class, reason))

        return tell

    def _warn(self) -> None:
        warn = self.notes.warnings.append
        contacts = self.contacts
        if contacts.encounters and contacts.fulfilled_alone:
            warn(
                f"{contacts.fulfilled_alone} fulfilled appointments are named by no encounter "
                "and counted as contacts of their own: where the extract lacks that link, "
                "contacts may be counted twice."
            )
        if self.patients.dead_without_date:
            warn(
                f"{self.patients.dead_without_date} patients are marked as dead "
                "without a date, and stay among the living."
            )


def _say_nothing(_file: str, _rows: int) -> None:
    return

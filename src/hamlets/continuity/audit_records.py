"""What an audit reads: patients, their events, and their counted contacts, as flat arrays.

A control may be kept under another home practice than the one it belonged to before
the case's event, so all spans are laid end to end before anyone is chosen.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import local
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.continuity.audit_question import DEATH, AuditQuestion, no_event_in, no_such_event
from hamlets.continuity.columns import NEVER, Int8, Int32, days, whole
from hamlets.continuity.contacts import Contacts, Rules, Workspace, make_rules, select_contacts
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.dimensions import Int64, Labels, sum_rows
from hamlets.continuity.frame import Patients, band_limits, read_patients
from hamlets.continuity.levels import Shares
from hamlets.continuity.reference import Dated, Reference
from hamlets.continuity.scan import SPAN_ROWS
from hamlets.continuity.select import NO_CLINICIAN
from hamlets.continuity.spans import Keys, Span
from hamlets.continuity.yields import Piece
from hamlets.records import Store

pc: Any = compute
UNKNOWN = "unknown"
Flags = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class AuditRecords:
    """Patients by position, and their counted contacts within the question's window in order."""

    patients: Int32
    """Patient codes of the store."""
    registrations: Dated
    named: Dated
    limits: Int32
    """First days of the age bands (patients x 6)."""
    sex: Int32
    death: Int32
    event: Int32
    """Day of the first such event, NEVER without one."""
    home: Int32
    """Where most contacts were: where patients belong in a store without registrations."""
    offset: Int32
    day: Int32
    person: Int32
    place: Int32
    role: Int8
    mode: Int8
    chosen: Flags
    """1 for contacts with the roles asked for; the others count for ``clinicians`` alone."""
    nobody_patient: Int32
    """Contacts without a clinician, for the strips of the case list."""
    nobody_day: Int32
    nobody_mode: Int8
    symptom_patient: Int32
    symptom_day: Int32
    shares: Shares
    """Counted contacts in the window by practice and person, of those who belong there."""
    registered: bool
    """Whether any registration is known; if not, everybody counts as registered."""

    @property
    def size(self) -> int:
        return len(self.patients)


@dataclass(frozen=True)
class _Found:
    """What a look at the small columns says of the whole store."""

    spans: tuple[tuple[int, ...], ...]
    registered: bool


def _look(store: Store, question: AuditQuestion) -> _Found:
    """Return the spans that matter; raises NothingToMeasureError without any such event."""
    loaded: set[str] = set()
    registered = False
    here: list[tuple[int, ...]] = []
    spans = store.spans(SPAN_ROWS)
    for practices in spans:
        events, _ = store.read_span("events", practices, ["event_type"])
        loaded.update(pc.unique(events.column("event_type")).to_pylist())
        rows, _ = store.read_span("registrations", practices, ["practice"])
        patients, _ = store.read_span("patients", practices, ["practice", "death_date"])
        places = np.concatenate([whole(rows, "practice"), whole(patients, "practice")])
        registered = registered or bool((places >= 0).any())
        if patients.column("death_date").null_count < patients.num_rows:
            loaded.add(DEATH)
        if question.practice is None or (places == question.practice).any():
            here.append(practices)
    if not loaded & set(question.event_types):
        raise no_such_event(question.event, loaded)
    return _Found(tuple(here if registered else spans), registered)


def _event_days(span: Span, question: AuditQuestion) -> tuple[Keys, Int32]:
    """Return patient keys and days of the events asked for."""
    table, keys = span.read("events", ["patient", "event_type", "event_date"])
    wanted = pc.is_in(table.column("event_type"), value_set=pa.array(question.event_types))
    take = np.asarray(pc.fill_null(wanted, False).to_numpy(zero_copy_only=False), dtype=bool)
    return keys[take], days(table, "event_date", NEVER)[take]


def _symptom_days(span: Span, codes: tuple[str, ...]) -> tuple[Keys, Int32]:
    """Return patient keys and days of conditions and observations with one of these codes."""
    found: list[Keys] = []
    on: list[Int32] = []
    for name, column in (("conditions", "from_date"), ("observations", "date")):
        table, keys = span.read(name, ["patient", "code", column])
        wanted = pc.is_in(pc.utf8_trim_whitespace(table.column("code")), value_set=pa.array(codes))
        take = np.asarray(pc.fill_null(wanted, False).to_numpy(zero_copy_only=False), dtype=bool)
        found.append(keys[take])
        on.append(days(table, column, NEVER)[take])
    return np.concatenate(found), np.concatenate(on)


def rows_of(offset: Int32, positions: npt.NDArray[Any]) -> tuple[Int32, Int32]:
    """Return the rows of some groups one after the other, and where each group now begins."""
    counts = np.diff(offset)[positions]
    begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    rows = np.arange(begins[-1], dtype=np.int32)
    rows += np.repeat(offset[:-1][positions] - begins[:-1], counts)
    return rows, begins


def dated_of(dated: Dated, positions: npt.NDArray[Any]) -> Dated:
    """Return the dated rows of some groups."""
    rows, offset = rows_of(dated.offset, positions)
    return Dated(offset, dated.start[rows], dated.end[rows], dated.value[rows])


@dataclass(frozen=True)
class _Reader:
    """Reads one span; shared by the threads."""

    store: Store
    reference: Reference
    question: AuditQuestion
    labels: Labels
    asked: Rules
    """With the roles asked for: what shares are made of."""
    any_role: Rules
    need_roles: bool
    need_named: bool
    registered: bool

    def read(self, practices: tuple[int, ...], work: Workspace) -> AuditRecords:
        """Return the records of a few home practices."""
        question = self.question
        span = Span(self.store, practices)
        columns = ["patient", "start_day", "start_second", "staff", "practice", "status", "mode"]
        rows, keys = span.read("appointments", columns + ["role"] * self.need_roles)
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        event_keys, event_days = _event_days(span, question)
        birth = ("birth_year", *(["birth_date"] if self.store.identifiable else []))
        everyone = np.union1d(keys[starts], event_keys)
        if question.symptoms:
            symptom_keys, symptom_days = _symptom_days(span, question.symptoms)
            everyone = np.union1d(everyone, symptom_keys)
        else:
            symptom_keys, symptom_days = keys[:0], event_days[:0]
        patients = read_patients(
            span, self.reference, everyone, (*birth, "sex"), self.need_named
        )  # fmt: skip
        low, high = patients.runs(keys, starts)
        shares = self._shares(rows, low, high, patients, work)
        event = np.full(patients.size, NEVER, dtype=np.int32)
        np.minimum.at(event, patients.positions(event_keys), event_days)
        if question.event == DEATH:
            event = np.minimum(event, patients.death_day)
        contacts = self._contacts(rows, low, high, patients, work)
        made = self._records(patients, contacts, rows, event, shares)
        return _scoped(
            replace(
                made,
                symptom_patient=patients.positions(symptom_keys),
                symptom_day=symptom_days,
            ),
            question.practice,
        )

    def _contacts(
        self, rows: pa.Table, low: Int64, high: Int64, patients: Patients, work: Workspace
    ) -> Contacts:
        """Return counted contacts of any role, wherever the patient was registered.

        Whoever is compared was registered on every day that is looked at, so a window's
        registrations need no second look here.
        """
        empty = np.empty(0, dtype=np.int32)
        nowhere = Dated(np.zeros(patients.size + 1, dtype=np.int32), empty, empty, empty)
        free = replace(patients, registrations=nowhere)
        return select_contacts(
            rows, low, high, free, self.reference, self.any_role, self.question.window, work,
            self.need_roles, np.zeros(patients.size, dtype=np.uint8),
        )  # fmt: skip

    def _shares(
        self, rows: pa.Table, low: Int64, high: Int64, patients: Patients, work: Workspace
    ) -> Shares:
        """Return counted contacts by practice and person, as ``measure`` would count them."""
        window = self.question.window
        found = select_contacts(
            rows, low, high, patients, self.reference, self.asked, window, work,
            self.need_roles, np.zeros(patients.size, dtype=np.uint8),
        )  # fmt: skip
        inside = (found.day >= window.first) & (np.repeat(found.home, np.diff(found.offset)) >= 0)
        person = found.people[found.who[inside]].astype(np.int64)
        home = np.repeat(found.home, np.diff(found.offset))[inside].astype(np.int64)
        code, counts = np.unique(home * self.reference.people + person, return_counts=True)
        people = max(self.reference.people, 1)
        keys = np.stack([code // people, code % people], axis=1)
        return Shares.of(Piece(keys, counts.astype(np.int64)[:, None]))

    def _records(
        self, patients: Patients, found: Contacts, rows: pa.Table, event: Int32, shares: Shares
    ) -> AuditRecords:
        inside = found.day >= self.question.window.first
        owner = np.repeat(np.arange(patients.size, dtype=np.int32), np.diff(found.offset))
        counts = np.bincount(owner[inside], minlength=patients.size)
        row, role = found.row[inside], found.role[inside]
        mode = np.maximum(whole(rows, "mode", np.int8), 0)
        chosen = np.ones(len(role), dtype=np.uint8)
        if self.asked.filter_roles:
            chosen = self.asked.role_counts[role]
        nobody = found.excluded_why == NO_CLINICIAN
        nobody_row = found.excluded_row[nobody]
        return AuditRecords(
            patients=patients.codes,
            registrations=patients.registrations,
            named=patients.named,
            limits=band_limits(patients),
            sex=self._sex(patients),
            death=patients.death_day,
            event=event,
            home=found.home,
            offset=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            day=found.day[inside],
            person=found.people[found.who[inside]],
            place=found.places[found.where[inside]],
            role=role,
            mode=mode[row],
            chosen=chosen,
            nobody_patient=found.excluded_patient[nobody],
            nobody_day=whole(rows, "start_day")[nobody_row],
            nobody_mode=mode[nobody_row],
            symptom_patient=np.empty(0, dtype=np.int32),
            symptom_day=np.empty(0, dtype=np.int32),
            shares=shares,
            registered=self.registered,
        )

    def _sex(self, patients: Patients) -> Int32:
        column = pc.fill_null(patients.table.column("sex").cast(pa.string()), UNKNOWN)
        words: list[str] = column.to_pylist()
        kinds = sorted(set(words) | {UNKNOWN})
        code = dict(zip(kinds, self.labels.codes("sex", kinds).tolist(), strict=True))
        result = np.full(patients.size, code[UNKNOWN], dtype=np.int32)
        has = patients.row >= 0
        by_row = np.array([code[word] for word in words], dtype=np.int32)
        result[has] = by_row[patients.row[has]]
        return result


def _scoped(records: AuditRecords, practice: int | None) -> AuditRecords:
    """Keep the patients who were ever at a practice."""
    if practice is None:
        return records
    if records.registered:
        r = records.registrations
        owner = np.repeat(np.arange(records.size), np.diff(r.offset))
        keep = np.unique(owner[r.value == practice])
    else:
        keep = np.flatnonzero(records.home == practice)
    place = np.full(records.size, -1, dtype=np.int32)
    place[keep] = np.arange(len(keep), dtype=np.int32)
    rows, offset = rows_of(records.offset, keep)
    nobody = place[records.nobody_patient] >= 0
    symptom = place[records.symptom_patient] >= 0
    return replace(
        records,
        patients=records.patients[keep],
        registrations=dated_of(records.registrations, keep),
        named=dated_of(records.named, keep),
        limits=records.limits[keep],
        sex=records.sex[keep],
        death=records.death[keep],
        event=records.event[keep],
        home=records.home[keep],
        offset=offset,
        day=records.day[rows],
        person=records.person[rows],
        place=records.place[rows],
        role=records.role[rows],
        mode=records.mode[rows],
        chosen=records.chosen[rows],
        nobody_patient=place[records.nobody_patient[nobody]],
        nobody_day=records.nobody_day[nobody],
        nobody_mode=records.nobody_mode[nobody],
        symptom_patient=place[records.symptom_patient[symptom]],
        symptom_day=records.symptom_day[symptom],
    )


def _end_to_end(parts: list[AuditRecords]) -> AuditRecords:
    """Return several spans' records as one."""
    before = np.cumsum([0, *(p.size for p in parts)])[:-1].tolist()

    def joined(of: Callable[[AuditRecords], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.concatenate([of(part) for part in parts])

    def moved(of: Callable[[AuditRecords], Int32]) -> Int32:
        return np.concatenate([of(part) + b for part, b in zip(parts, before, strict=True)]).astype(
            np.int32
        )

    def begins(of: Callable[[AuditRecords], Int32]) -> Int32:
        counts = joined(lambda part: np.diff(of(part)))
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def dated(of: Callable[[AuditRecords], Dated]) -> Dated:
        return Dated(
            begins(lambda p: of(p).offset),
            joined(lambda p: of(p).start),
            joined(lambda p: of(p).end),
            joined(lambda p: of(p).value),
        )

    shares = Piece(*sum_rows(
        joined(lambda p: p.shares.piece.keys), joined(lambda p: p.shares.piece.values)
    ))  # fmt: skip
    return AuditRecords(
        patients=joined(lambda p: p.patients),
        registrations=dated(lambda p: p.registrations),
        named=dated(lambda p: p.named),
        limits=joined(lambda p: p.limits),
        sex=joined(lambda p: p.sex),
        death=joined(lambda p: p.death),
        event=joined(lambda p: p.event),
        home=joined(lambda p: p.home),
        offset=begins(lambda p: p.offset),
        day=joined(lambda p: p.day),
        person=joined(lambda p: p.person),
        place=joined(lambda p: p.place),
        role=joined(lambda p: p.role),
        mode=joined(lambda p: p.mode),
        chosen=joined(lambda p: p.chosen),
        nobody_patient=moved(lambda p: p.nobody_patient),
        nobody_day=joined(lambda p: p.nobody_day),
        nobody_mode=joined(lambda p: p.nobody_mode),
        symptom_patient=moved(lambda p: p.symptom_patient),
        symptom_day=joined(lambda p: p.symptom_day),
        shares=Shares.of(shares),
        registered=parts[0].registered,
    )


def read_audit_records(
    store: Store,
    reference: Reference,
    question: AuditQuestion,
    need_named: bool,
    threads: int | None = None,
) -> AuditRecords:
    """Return the records of all patients who may be cases or controls.

    Raises NothingToMeasureError where no event of the type was loaded.
    """
    found = _look(store, question)
    asked = make_rules(question.conventions, reference.roles_known)
    reader = _Reader(
        store=store,
        reference=reference,
        question=question,
        labels=Labels(),
        asked=asked,
        any_role=make_rules(Conventions(roles="any"), reference.roles_known),
        need_roles=reference.roles_known,
        need_named=need_named,
        registered=found.registered,
    )
    mine = local()

    def one(practices: tuple[int, ...]) -> AuditRecords:
        if not hasattr(mine, "work"):
            mine.work = Workspace(reference.people, len(reference.practice_labels))
        return reader.read(practices, mine.work)

    if not found.spans:
        raise no_event_in(question)
    count = threads or os.cpu_count() or 1
    if count == 1 or len(found.spans) == 1:
        parts = [one(practices) for practices in found.spans]
    else:
        with ThreadPoolExecutor(count) as pool:
            parts = list(pool.map(one, found.spans))
    return _end_to_end(parts)

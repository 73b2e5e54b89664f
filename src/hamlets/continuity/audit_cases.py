"""The case list: one row a case, and the strip of contacts before the event."""

from __future__ import annotations

import numpy as np

from hamlets.continuity.audit_controls import Subjects, band_names
from hamlets.continuity.audit_counts import (
    CLINICIANS,
    CONTACTS,
    GPS,
    HANDOVERS,
    MOST,
    Counts,
)
from hamlets.continuity.audit_groups import LEAST_FOR_UPC
from hamlets.continuity.audit_question import AuditQuestion
from hamlets.continuity.audit_records import AuditRecords, dated_of, rows_of
from hamlets.continuity.calendar import day_of
from hamlets.continuity.columns import Int8, Int32
from hamlets.continuity.contacts import Contacts, Workspace, resolve_named
from hamlets.continuity.definitions import STEPS
from hamlets.continuity.reference import Reference
from hamlets.continuity.results import AuditCase, AuditContact
from hamlets.records.tables import MODES, ROLES

UNKNOWN = "unknown"
OWN_TEAM = ("own", "buddy", "team")


def _steps(
    records: AuditRecords, reference: Reference, subjects: Subjects
) -> tuple[Int32, Int8, Int32]:
    """Return the cases' contacts (rows of ``records``), the step of each, and where each begins."""
    row, offset = rows_of(records.offset, subjects.patient)
    people, who = np.unique(records.person[row], return_inverse=True)
    places, where = np.unique(records.place[row], return_inverse=True)
    nothing = np.empty(0, dtype=np.int32)
    contacts = Contacts(
        offset=offset,
        low=offset[:-1],
        high=offset[1:],
        who=who.astype(np.int32),
        where=where.astype(np.int32),
        day=records.day[row],
        row=row,
        role=records.role[row],
        people=people,
        places=places,
        home=subjects.practice,
        excluded_patient=nothing,
        excluded_row=nothing,
        excluded_why=nothing.astype(np.int8),
    )
    work = Workspace(reference.people, len(reference.practice_labels))
    resolve_named(contacts, dated_of(records.named, subjects.patient), reference, work)
    return row, contacts.step, offset


def case_list(
    records: AuditRecords,
    reference: Reference,
    question: AuditQuestion,
    cases: Subjects,
    counts: Counts,
    labels: list[str],
) -> tuple[AuditCase, ...]:
    """Return the cases by date of event, then by patient id."""
    ids = [labels[code] for code in records.patients[cases.patient].tolist()]
    when: list[int] = cases.day.tolist()
    order = [i for _, _, i in sorted(zip(when, ids, range(cases.size), strict=True))]
    row, step, offset = _steps(records, reference, cases)
    bands = band_names(records, cases)
    nobody = np.argsort(records.nobody_patient, kind="stable")
    nobody_of = records.nobody_patient[nobody]
    found: list[AuditCase] = []
    for number, i in enumerate(order, start=1):
        event = when[i]
        strip: list[AuditContact] = []
        for at in range(offset[i], offset[i + 1]):
            r = row[at]
            before = event - int(records.day[r])
            if records.chosen[r] and 1 <= before <= question.look_back:
                kind = STEPS[step[at]] if step[at] >= 0 else UNKNOWN
                mode, role = int(records.mode[r]), int(records.role[r])
                strip.append(_contact(event, before, kind, mode, role))
        known = [contact.step for contact in strip if contact.step != UNKNOWN]
        low, high = np.searchsorted(nobody_of, [cases.patient[i], cases.patient[i] + 1]).tolist()
        for r in nobody[low:high].tolist():
            before = event - int(records.nobody_day[r])
            if 1 <= before <= question.look_back:
                strip.append(_contact(event, before, UNKNOWN, int(records.nobody_mode[r]), 0))
        n = int(counts.of(CONTACTS)[i])
        days = int(counts.symptom_days[i])
        practice = int(cases.practice[i])
        found.append(
            AuditCase(
                number=number,
                patient_id=ids[i],
                practice_id=reference.practice_labels[practice] if practice >= 0 else UNKNOWN,
                event_date=day_of(event),
                age_band=bands[i],
                contacts=n,
                gps=int(counts.of(GPS)[i]),
                clinicians=int(counts.of(CLINICIANS)[i]),
                handovers=int(counts.of(HANDOVERS)[i]),
                own_team=sum(s in OWN_TEAM for s in known) if known else None,
                upc=int(counts.of(MOST)[i]) / n if n >= LEAST_FOR_UPC else None,
                symptom_days=days or None,
                strip=tuple(sorted(strip, key=lambda contact: contact.day)),
            )
        )
    return tuple(found)


def _contact(event: int, before: int, step: str, mode: int, role: int) -> AuditContact:
    return AuditContact(day_of(event - before), before, step, MODES[mode], ROLES[role])

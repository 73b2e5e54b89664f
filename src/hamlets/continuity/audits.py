"""Audits: who held the story in the days before an event (definitions, point 21)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.continuity.audit_cases import case_list
from hamlets.continuity.audit_controls import Chosen, Subjects, choose
from hamlets.continuity.audit_counts import Counts, count
from hamlets.continuity.audit_groups import group_of
from hamlets.continuity.audit_question import (
    LOOK_BACK_DAYS,
    AuditQuestion,
    no_event_in,
    read_audit_question,
)
from hamlets.continuity.audit_records import AuditRecords, read_audit_records
from hamlets.continuity.calendar import day_of
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.continuity.dimensions import Int64
from hamlets.continuity.reference import Reference, build_reference
from hamlets.continuity.results import Audit, AuditGroupName, Period
from hamlets.records import Store


def audit(
    store: Store,
    event: str,
    practice: str | None = None,
    *,
    look_back: int = LOOK_BACK_DAYS,
    date_from: date | None = None,
    date_to: date | None = None,
    roles: str | Sequence[str] | None = None,
    symptoms: Iterable[str] = (),
    seed: int = 0,
    with_cases: bool = False,
    threads: int | None = None,
) -> Audit:
    """Return the audit of one type of event, of a practice or of the whole store.

    ``date_from`` and ``date_to`` are days of events; ``symptoms`` codes of conditions and
    observations. Raises NothingToMeasureError where no such event was loaded or none falls
    in the days, UsageError and UnknownPlaceError.
    """
    question = read_audit_question(
        store, event, practice=practice, look_back=look_back, date_from=date_from,
        date_to=date_to, roles=roles, symptoms=symptoms, seed=seed,
    )  # fmt: skip
    work = _prepare(store, question, with_cases, threads)
    everyone = np.arange(work.chosen.events.size)
    return work.audit(everyone, np.arange(work.chosen.cases.size), practice)


def audit_many(
    store: Store,
    event: str,
    *,
    look_back: int = LOOK_BACK_DAYS,
    date_from: date | None = None,
    date_to: date | None = None,
    roles: str | Sequence[str] | None = None,
    symptoms: Iterable[str] = (),
    seed: int = 0,
    with_cases: bool = False,
    threads: int | None = None,
) -> dict[str, Audit]:
    """Return an audit for each practice whose patients had the event, by practice id.

    Options and errors as for ``audit``.
    """
    question = read_audit_question(
        store, event, practice=None, look_back=look_back, date_from=date_from,
        date_to=date_to, roles=roles, symptoms=symptoms, seed=seed,
    )  # fmt: skip
    work = _prepare(store, question, with_cases, threads, each=True)
    names = work.reference.practice_labels
    of_events, of_cases = work.chosen.events.practice, work.chosen.cases.practice
    codes: list[int] = np.unique(of_events[of_events >= 0]).tolist()
    return {
        name: work.audit(np.flatnonzero(of_events == code), np.flatnonzero(of_cases == code), name)
        for name, code in sorted((names[code], code) for code in codes)
    }


@dataclass(frozen=True)
class _Work:
    """Everything read and chosen, counted once for all cases and controls."""

    question: AuditQuestion
    reference: Reference
    records: AuditRecords
    chosen: Chosen
    counts: Counts
    """Of the cases, in the order in which they chose."""
    labels: list[str]
    with_cases: bool

    def audit(
        self, events: npt.NDArray[np.intp], cases: npt.NDArray[np.intp], practice: str | None
    ) -> Audit:
        """Return the audit of some of the events and the cases among them."""
        question, chosen = self.question, self.chosen
        mine = self.counts.take(cases)
        teams = len(self.reference.teams.value) > 0
        groups = [group_of("cases", mine, len(cases), teams=teams)]
        sets: tuple[tuple[AuditGroupName, Int64], ...] = (
            ("controls", chosen.controls),
            ("controls_matched", chosen.matched),
        )
        without: list[int] = []
        for name, which in sets:
            without.append(int((which[cases, 0] < 0).sum()))
            controls = self._counts(chosen.controls_of(which, cases))
            groups.append(group_of(name, controls, len(cases), teams=teams))
        rows = (
            case_list(
                self.records, self.reference, question, chosen.cases.take(cases), mine, self.labels
            )
            if self.with_cases
            else ()
        )
        roles = question.conventions.roles
        return Audit(
            event=question.event,
            period=Period(day_of(question.first), day_of(question.last)),
            look_back_days=question.look_back,
            groups=tuple(groups),
            n_events=len(events),
            not_registered=int((~chosen.throughout[events]).sum()),
            without_control=without[0],
            without_matched_control=without[1],
            symptoms=bool(question.symptoms),
            cases=rows,
            practice_id=practice,
            roles=roles if isinstance(roles, str) else ",".join(roles),
            seed=question.seed,
            notes=self._notes(any(group.mean("symptom_days").n_patients for group in groups)),
            definition_version=DEFINITIONS_VERSION,
        )

    def _counts(self, subjects: Subjects) -> Counts:
        return count(self.records, self.reference, self.question, subjects)

    def _notes(self, coded: bool) -> tuple[str, ...]:
        notes = list(self.question.notes)
        codes = len(self.question.symptoms)
        if codes and not coded:
            which = "The code of symptoms does not occur" if codes == 1 else (
                f"None of the {codes} codes of symptoms occurs"
            )  # fmt: skip
            notes.append(f"{which} in the days looked at, of cases or of similar patients.")
        if self.question.conventions.roles != "any" and not self.reference.roles_known:
            notes.append("No roles are known, so contacts with any clinician are counted.")
        if not self.records.registered:
            notes.append(
                "No registrations are known, so every patient counts as registered with the "
                "practice of most of their contacts."
            )
        return tuple(notes)


def _prepare(
    store: Store,
    question: AuditQuestion,
    with_cases: bool,
    threads: int | None,
    *,
    each: bool = False,
) -> _Work:
    """Read the store and choose cases and controls."""
    reference = build_reference(store)
    need_named = with_cases or len(reference.teams.value) > 0
    records = read_audit_records(store, reference, question, need_named, threads)
    labels = store.labels("patient")
    chosen = choose(records, question, labels, reference.place_rank, each)
    if chosen.events.size == 0:
        raise no_event_in(question)
    counts = count(records, reference, question, chosen.cases)
    return _Work(question, reference, records, chosen, counts, labels, with_cases)

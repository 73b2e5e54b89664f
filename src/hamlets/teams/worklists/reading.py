"""From the store to the book of one practice: its staff, its patients and who saw whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hamlets.continuity import ladder
from hamlets.continuity.attributes import named_and_team_at
from hamlets.continuity.calendar import Window, ages_on, day_number, day_of, months_before
from hamlets.continuity.cohorts import END_OF_LIFE_REGISTERS
from hamlets.continuity.columns import ALWAYS, NEVER, days, texts, whole
from hamlets.continuity.contacts import Workspace, make_rules, select_contacts
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.frame import Patients as Frame
from hamlets.continuity.frame import births, read_patients
from hamlets.continuity.named_standing import Standing, named_whoever, read_standing
from hamlets.continuity.reference import (
    LIST_ROLES,
    NO_LIST_CONTRACTS,
    Reference,
    build_reference,
    text_rank,
)
from hamlets.continuity.spans import Span, chosen_spans
from hamlets.continuity.touching import homes_on
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS, ROLES
from hamlets.teams.inputs import Bools, Int32, PracticeInputs
from hamlets.teams.worklists.book import NO_DAY, Book, Contacts, Patients, Staff
from hamlets.teams.worklists.presets import register_name

SEEN_MONTHS = 24
SPAN_ROWS = 250_000
ROTA_SLACK_DAYS = 14
"""A rota that ended so long before the day says nothing of who is away on it."""
DAY_SECONDS = 86_400
_COLUMNS = ["patient", "start_day", "start_second", "staff", "practice", "status", "mode", "role"]


@dataclass(frozen=True)
class _Read:
    """What the patients' own tables say: arrays by patient of the inputs, and contacts."""

    named: Int32
    """Person code; -1 for nobody."""
    holds: Bools
    age: Int32
    registers: Mapping[str, Bools]
    patient: Int32
    """Of each contact: the row of the patient, ..."""
    person: Int32
    """... the person code, ..."""
    day: Int32
    here: Bools
    """... and whether it was at the practice."""


def read_book(store: Store, inputs: PracticeInputs) -> Book:
    """Return the book of the practice of ``inputs`` on its day."""
    reference = build_reference(store)
    place = reference.practice_labels.index(inputs.practice_id)
    found = _read(store, reference, inputs, place)
    known = np.concatenate([inputs.clinicians.person, found.named[found.named >= 0], found.person])
    by_label = text_rank(reference.person_labels)
    codes = np.unique(known).astype(np.int32)
    people: list[int] = codes[np.argsort(by_label[codes])].tolist()
    row = np.full(reference.people, -1, dtype=np.int32)
    row[people] = np.arange(len(people), dtype=np.int32)
    named = np.where(found.named >= 0, row[np.maximum(found.named, 0)], -1).astype(np.int32)
    rota_last, sessions = _sessions(store, reference, place, inputs.day)
    standing = read_standing(store, reference, inputs.day)
    worked = _last_worked(found, sessions)
    staff = _staff(store, reference, standing, inputs, place, people, worked)
    who = inputs.people
    return Book(
        practice_id=inputs.practice_id,
        name=inputs.name,
        day=inputs.day,
        staff=staff,
        patients=Patients(
            patient_id=who.patient_id,
            named=named,
            holds=found.holds,
            work_minutes=who.work_minutes,
            age=found.age,
            conditions=_conditions(found.registers, who.size),
            cohorts=who.cohorts,
            registers=found.registers,
        ),
        contacts=Contacts(found.patient, row[found.person], found.day),
        rota_last=rota_last,
        notes=tuple(_notes(reference, place in standing.practices, rota_last)),
    )


def _notes(reference: Reference, listed: bool, rota_last: int) -> Iterable[str]:
    """Yield what these records cannot tell."""
    if not listed:
        yield "There is no staff list of this practice, so last days are not known."
    if not reference.roles_known:
        yield "No roles are known, so everyone counts as a GP who may hold a list."
    if rota_last == NO_DAY:
        yield "There is no rota of these days, so who is away for long is not known."


def _conditions(registers: Mapping[str, Bools], size: int) -> Int32:
    """Return each patient's number of long-term condition registers."""
    counts = np.zeros(size, dtype=np.int32)
    for name, held in registers.items():
        if name not in END_OF_LIFE_REGISTERS:
            counts += held
    return counts


def _read(store: Store, reference: Reference, inputs: PracticeInputs, place: int) -> _Read:
    """Return what the tables kept by patient say of the patients of ``inputs``."""
    size, codes = inputs.people.size, inputs.people.patient
    first = day_number(months_before(day_of(inputs.day), SEEN_MONTHS)) + 1
    window = Window(first, inputs.day)
    work = Workspace(reference.people, len(reference.practice_labels))
    homes = homes_on(store, place, window.first, window.last)
    order = np.argsort(codes, kind="stable")
    named, age = np.full((2, size), -1, dtype=np.int32)
    holds = np.zeros(size, dtype=np.bool_)
    registers: dict[str, Bools] = {}
    parts: list[tuple[Any, ...]] = []
    for practices in chosen_spans(store, SPAN_ROWS, homes):
        span = Span(store, practices)
        patients, contacts = _contacts(span, reference, window, work)
        at = np.searchsorted(codes[order], patients.codes)
        row = order[np.minimum(at, size - 1)] if size else np.zeros(patients.size, dtype=np.int64)
        mine = codes[row] == patients.codes if size else np.zeros(patients.size, dtype=np.bool_)
        kept = row[mine]
        named[kept] = named_whoever(patients, reference, window.last)[mine]
        holds[kept] = named_and_team_at(patients, reference, window.last, False)[0][mine] >= 0
        age[kept] = ages_on(births(patients), window.last)[mine]
        _add_registers(patients, np.where(mine, row, -1), window.last, registers, size)
        patient, person, day, where = contacts
        inside = mine[patient]
        parts.append((row[patient[inside]], person[inside], day[inside], where[inside] == place))
    empty = np.empty(0, dtype=np.int32)
    patient, person, day, here = (
        np.concatenate([part[n] for part in parts]) if parts else empty for n in range(4)
    )
    return _Read(
        named, holds, age, registers, patient.astype(np.int32), person.astype(np.int32),
        day.astype(np.int32), here.astype(np.bool_),
    )  # fmt: skip


def _contacts(
    span: Span, reference: Reference, window: Window, work: Workspace
) -> tuple[Frame, tuple[Any, Int32, Int32, Int32]]:
    """Return a span's patients, and their counted GP contacts: patient, person, day, place."""
    store: Store = span.store
    rules = make_rules(Conventions(), reference.roles_known)
    rows, keys = span.read("appointments", _COLUMNS)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    attributes = ("birth_year", "birth_date") if store.identifiable else ("birth_year",)
    patients = read_patients(span, reference, keys[starts], attributes)
    low, high = patients.runs(keys, starts)
    found = select_contacts(
        rows, low, high, patients, reference, rules, window, work, rules.filter_roles,
        np.zeros(patients.size, dtype=np.uint8),
    )  # fmt: skip
    patient = np.repeat(np.arange(patients.size), np.diff(found.offset))
    inside = found.day >= window.first
    return patients, (
        patient[inside],
        found.people[found.who[inside]],
        found.day[inside].copy(),
        found.places[found.where[inside]],
    )


def _add_registers(
    patients: Frame, row: Any, day: int, registers: dict[str, Bools], size: int
) -> None:
    """Add who is on which register on the day; ``row`` is each patient's row or -1."""
    table, keys = patients.span.read("conditions", ["patient", "from_date", "to_date", "register"])
    now = (days(table, "from_date", ALWAYS) <= day) & (days(table, "to_date", NEVER) > day)
    owner = row[patients.positions(keys)]
    names = np.array([register_name(t or "") for t in texts(table, "register")], dtype=object)
    now &= (owner >= 0) & (names != "")
    for name in sorted(set(names[now].tolist())):
        held = registers.setdefault(name, np.zeros(size, dtype=np.bool_))
        held[owner[now & (names == name)]] = True


def _sessions(
    store: Store, reference: Reference, place: int, day: int
) -> tuple[int, dict[int, int]]:
    """Return the last day of the practice's rota, and each person's last day in it.

    NO_DAY and nobody where the rota does not reach the day.
    """
    table = store.shared("sessions", ["staff", "practice", "start_time"])
    staff = whole(table, "staff")
    here = (whole(table, "practice") == place) & (staff >= 0)
    if not here.any():
        return NO_DAY, {}
    when = (whole(table, "start_time", np.int64)[here] // DAY_SECONDS).astype(np.int32)
    last = int(when.max())
    if last < day - ROTA_SLACK_DAYS:
        return NO_DAY, {}
    found = np.full(reference.people, ALWAYS, dtype=np.int32)
    np.maximum.at(found, reference.person_of_staff[staff[here]], when)
    return last, {p: int(found[p]) for p in np.flatnonzero(found > ALWAYS).tolist()}


def _last_worked(found: _Read, sessions: dict[int, int]) -> dict[int, int]:
    """Return the last day of those in the rota with a session or a contact here."""
    worked = dict(sessions)
    for person, day in zip(found.person[found.here], found.day[found.here], strict=True):
        if person in worked and day > worked[int(person)]:
            worked[int(person)] = int(day)
    return worked


def _last_days(store: Store, reference: Reference, place: int) -> dict[int, int]:
    """Return the last day on which each person may hold a list at a practice.

    From the staff rows of the practice with a role and contract that may (all its rows,
    where no roles are known), else from all rows of the person there.
    """
    staff = store.shared("staff")
    if staff.num_rows == 0:
        return {}
    code, at = whole(staff, "staff"), whole(staff, "practice")
    end = days(staff, "end_date", NEVER)
    role, contract = np.maximum(whole(staff, "role"), 0), np.maximum(whole(staff, "contract"), 0)
    may_role = np.array([r in LIST_ROLES for r in ROLES]) | (not reference.roles_known)
    may = may_role[role] & ~np.array([c in NO_LIST_CONTRACTS for c in CONTRACTS])[contract]
    best: dict[int, tuple[bool, bool, int]] = {}
    for row in np.flatnonzero(code >= 0).tolist():
        person = int(reference.person_of_staff[code[row]])
        # rows here come before rows elsewhere, those that may hold a list before others
        found = (bool(at[row] == place), bool(may[row]), int(end[row]))
        best[person] = max(best.get(person, found), found)
    return {person: NO_DAY if end == NEVER else end - 1 for person, (_, _, end) in best.items()}


def _staff(
    store: Store,
    reference: Reference,
    standing: Standing,
    inputs: PracticeInputs,
    place: int,
    people: list[int],
    worked: Mapping[int, int],
) -> Staff:
    labels, day = reference.person_labels, inputs.day
    names = standing.names
    ends = _last_days(store, reference, place)
    last = [ends.get(person, NO_DAY) for person in people]
    on = [min(day, end) for end in last]
    eligible = set(inputs.clinicians.person[inputs.clinicians.eligible].tolist())
    row = {person: at for at, person in enumerate(people)}
    teams, member, team = _teams(reference, people, day, on)
    return Staff(
        staff_id=tuple(labels[person] for person in people),
        name=tuple(names.get(person) or labels[person] for person in people),
        last_day=np.array(last, dtype=np.int32),
        last_worked=np.array([worked.get(p, NO_DAY) for p in people], dtype=np.int32),
        may_be_named=np.array([person in eligible for person in people], dtype=np.bool_),
        team=team,
        member=member,
        buddies=tuple(
            tuple(sorted({row[b] for b in _buddies(reference, p, on[at]) if b in row}))
            for at, p in enumerate(people)
        ),
        team_id=teams,
    )


def _buddies(reference: Reference, person: int, day: int) -> Iterable[int]:
    b = reference.buddies
    for row in range(int(b.offset[person]), int(b.offset[person + 1])):
        if b.start[row] <= day < b.end[row]:
            yield int(b.value[row])


def _teams(
    reference: Reference, people: list[int], day: int, on: list[int]
) -> tuple[tuple[str, ...], Bools, Int32]:
    """Return the teams' ids, who is a member on the day, and each one's team (a column)."""
    t = reference.teams
    of = [
        ladder.team_on(
            int(t.offset[p]), int(t.offset[p + 1]), t.start, t.end, t.value,
            reference.team_lead, on[at],
        )
        for at, p in enumerate(people)
    ]  # fmt: skip
    codes = sorted({code for code in of if code >= 0})
    column = {code: at for at, code in enumerate(codes)}
    member = np.zeros((len(people), len(codes)), dtype=np.bool_)
    for at, p in enumerate(people):
        for row in range(int(t.offset[p]), int(t.offset[p + 1])):
            if t.start[row] <= day < t.end[row] and int(t.value[row]) in column:
                member[at, column[int(t.value[row])]] = True
    team = np.array([column.get(code, -1) for code in of], dtype=np.int32)
    return tuple(reference.team_labels[code] for code in codes), member, team

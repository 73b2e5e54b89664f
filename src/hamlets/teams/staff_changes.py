"""A change of staff, and the practice before and after it: a GP leaves, joins, or is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from hamlets.continuity.calendar import day_number, day_of
from hamlets.continuity.columns import NEVER
from hamlets.continuity.frame import read_patients
from hamlets.continuity.members import Member, read_members
from hamlets.continuity.named_standing import named_whoever
from hamlets.continuity.reference import LIST_ROLES, NO_LIST_CONTRACTS, build_reference
from hamlets.continuity.spans import Span
from hamlets.continuity.touching import homes_on
from hamlets.errors import UnknownPlaceError, UsageError
from hamlets.records import Store
from hamlets.teams.gathering.capacity import WEEKS_A_YEAR
from hamlets.teams.gathering.sessions import HALF_DAY_MINUTES
from hamlets.teams.inputs import Bools, Clinicians, PracticeInputs

Kind = Literal["leaver", "joiner", "leave", "sessions"]


@dataclass(frozen=True)
class StaffChange:
    """One change; ``day`` is the last day of who goes, the first of who comes."""

    kind: Kind
    staff_id: str
    day: date | None = None
    until: date | None = None
    """Of a leave: the last day of it."""
    sessions: float | None = None
    """A week, from the day on."""
    team: str | None = None
    """Of a joiner: id or name; None = where balance and cover gain most."""


@dataclass(frozen=True)
class Standing:
    """A practice as lists stand: GPs on notice still hold theirs."""

    inputs: PracticeInputs
    row: int
    """The clinician of the change."""
    day: date
    may: Bools
    """Who may be given patients, apart from the change."""


def read_standing_for(store: Store, inputs: PracticeInputs, change: StaffChange) -> Standing:
    """Return the practice before a change; raises where the person or the day cannot be."""
    staff = inputs.clinicians
    label = _label(store, change.staff_id)
    holds = staff.eligible | (
        staff.gp & np.isin(staff.role, sorted(LIST_ROLES)) & (staff.end_day < NEVER)
        & ~np.isin(staff.contract, sorted(NO_LIST_CONTRACTS))
    )  # fmt: skip
    may = staff.eligible.copy()
    if change.kind == "joiner" and label not in staff.staff_id:
        inputs, holds, may = _with_joiner(store, inputs, label, change, holds, may)
        staff = inputs.clinicians
    there = [name for row, name in enumerate(staff.staff_id) if staff.gp[row]]
    if label not in there:
        raise UnknownPlaceError(
            f'No GP "{change.staff_id}" works at {inputs.practice_id} on {day_of(inputs.day)}.',
            where=f"--{change.kind}",
            hint=f"The GPs there are: {', '.join(there) or 'none'}. Who comes later must be on"
            " the staff list."
            if change.kind == "joiner"
            else f"The GPs there are: {', '.join(there) or 'none'}.",
        )
    row = staff.staff_id.index(label)
    people = inputs.people
    holder = _holders(store, inputs)
    named = np.where(np.append(holds, False)[holder], holder, -1).astype(np.int32)
    gone = people.named_gone & (named < 0)
    return Standing(
        replace(
            inputs,
            clinicians=replace(staff, eligible=holds),
            people=replace(people, named=named, named_gone=gone),
        ),
        row,
        _day(inputs, row, change),
        may,
    )


def _label(store: Store, staff_id: str) -> str:
    """Return the id that measures show somebody by, from any id of theirs."""
    labels = store.labels("staff")
    if staff_id not in labels:
        return staff_id
    reference = build_reference(store)
    return reference.person_labels[int(reference.person_of_staff[labels.index(staff_id)])]


def _day(inputs: PracticeInputs, row: int, change: StaffChange) -> date:
    """Return the day of the change; UsageError where it cannot be."""
    last, ends = day_of(inputs.day), int(inputs.clinicians.end_day[row])
    known = day_of(ends - 1) if change.kind == "leaver" and ends < NEVER else last
    day = change.day or known
    name = inputs.clinicians.name[row]
    if day < last:
        raise UsageError(
            f"This day is past: the records reach {last}, and {name} is at work then.",
            where="--date",
            hint=f"Give a day from {last} on, or leave it out.",
        )
    if change.until is not None and change.until <= day:
        raise UsageError(
            "The leave ends before it begins.",
            where="--until",
            hint=f"Give a day after {day}.",
        )
    return day


def _holders(store: Store, inputs: PracticeInputs) -> np.ndarray:
    """Return the clinician who is named for each patient, may they hold lists or not; or -1."""
    reference = build_reference(store)
    place = reference.practice_labels.index(inputs.practice_id)
    span = Span(store, homes_on(store, place, inputs.day, inputs.day))
    patients = read_patients(span, reference, np.empty(0, np.int64), ())
    whoever = named_whoever(patients, reference, inputs.day)
    row = np.full(reference.people + 1, -1, dtype=np.int32)
    row[inputs.clinicians.person] = np.arange(inputs.clinicians.size)
    by_code = np.full(int(max(patients.codes.max(initial=0), inputs.people.patient.max())) + 1, -1)
    by_code[patients.codes] = row[whoever]
    found = by_code[inputs.people.patient]
    return np.where(found >= 0, found, inputs.people.named).astype(np.int32)


def _with_joiner(
    store: Store,
    inputs: PracticeInputs,
    label: str,
    change: StaffChange,
    holds: Bools,
    may: Bools,
) -> tuple[PracticeInputs, Bools, Bools]:
    """Return the inputs with somebody who is on the staff list from a later day on."""
    reference = build_reference(store)
    member: Member | None = None
    if label in reference.person_labels and change.day is not None:
        place = reference.practice_labels.index(inputs.practice_id)
        members = read_members(store, reference, day_number(change.day)).get(place, {})
        member = members.get(reference.person_labels.index(label))
    if member is None or not member.gp or not member.here:
        return inputs, holds, may
    s = inputs.clinicians
    sessions = member.sessions_per_week or 0.0
    eligible = member.role in LIST_ROLES and member.contract not in NO_LIST_CONTRACTS

    def one_more(values: np.ndarray, value: object) -> np.ndarray:
        return np.concatenate([values, np.full((1, *values.shape[1:]), value, values.dtype)])

    grown = Clinicians(
        person=one_more(s.person, member.person),
        staff_id=(*s.staff_id, label),
        name=(*s.name, member.name or label),
        role=(*s.role, member.role),
        contract=(*s.contract, member.contract),
        gp=one_more(s.gp, True),
        eligible=one_more(s.eligible, eligible),
        sessions_per_week=one_more(s.sessions_per_week, sessions),
        capacity_minutes=one_more(s.capacity_minutes, sessions * HALF_DAY_MINUTES * WEEKS_A_YEAR),
        half_days=one_more(s.half_days, False),
        actual_half_days=one_more(s.actual_half_days, False),
        site=(*s.site, None),
        languages=(*s.languages, frozenset()),
        skills=(*s.skills, frozenset()),
        end_day=one_more(s.end_day, NEVER),
    )
    return (
        replace(inputs, clinicians=grown),
        one_more(holds, eligible),
        one_more(may, eligible),
    )


def after_change(standing: Standing, change: StaffChange) -> PracticeInputs:
    """Return the practice as it will be: who goes has no list, no minutes and no half-days."""
    inputs, row = standing.inputs, standing.row
    staff, people = inputs.clinicians, inputs.people
    here = np.arange(staff.size) != row
    if change.kind == "joiner":
        return inputs
    if change.kind == "sessions":
        wanted, now = change.sessions or 0.0, float(staff.sessions_per_week[row])
        capacity, sessions = staff.capacity_minutes.copy(), staff.sessions_per_week.copy()
        by_contract = wanted * HALF_DAY_MINUTES * WEEKS_A_YEAR
        capacity[row] = capacity[row] * wanted / now if now > 0 else by_contract
        sessions[row] = wanted
        changed = replace(staff, capacity_minutes=capacity, sessions_per_week=sessions)
        return replace(inputs, clinicians=changed)
    mine = people.named == row
    return replace(
        inputs,
        clinicians=replace(
            staff,
            eligible=staff.eligible & here,
            capacity_minutes=np.where(here, staff.capacity_minutes, 0.0),
            sessions_per_week=np.where(here, staff.sessions_per_week, 0.0),
            half_days=staff.half_days & here[:, None],
            actual_half_days=staff.actual_half_days & here[:, None],
        ),
        people=replace(
            people,
            named=np.where(mine, -1, people.named).astype(np.int32),
            named_gone=people.named_gone | mine,
            locked=np.where(people.locked == row, -1, people.locked).astype(np.int32),
        ),
    )


def weekdays_lost(
    inputs: PracticeInputs, team: Sequence[int], row: int
) -> tuple[str, ...]:  # fmt: skip
    """Return the half-days of a week on which nobody else of a team with a list works."""
    staff = inputs.clinicians
    others = [gp for gp in team if gp != row and staff.eligible[gp]]
    alone = staff.half_days[row] & ~staff.half_days[others].any(axis=0)
    week = alone.reshape(2, -1).any(axis=0)
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    halves = ("morning", "afternoon")
    found: list[str] = []
    for place, day in enumerate(days):
        lost = week[2 * place : 2 * place + 2]
        if lost.all():
            found.append(day)
        else:
            found += [
                f"{day} {half}" for half, is_lost in zip(halves, lost, strict=True) if is_lost
            ]
    return tuple(found)

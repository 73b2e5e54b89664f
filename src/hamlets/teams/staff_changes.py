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
from hamlets.continuity.named_standing import named_whoever
from hamlets.continuity.reference import LIST_ROLES, NO_LIST_CONTRACTS, build_reference
from hamlets.continuity.spans import Span
from hamlets.continuity.touching import homes_on
from hamlets.errors import UnknownPlaceError, UsageError
from hamlets.records import Store
from hamlets.teams.added_staff import Added, add_coming, add_past, last_contact
from hamlets.teams.gathering.capacity import WEEKS_A_YEAR
from hamlets.teams.gathering.sessions import HALF_DAY_MINUTES
from hamlets.teams.inputs import Bools, Clinicians, PracticeInputs
from hamlets.teams.persons import find_label

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
    """A week, from the day on; of a joiner where rota and contract do not say."""
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
    gone: bool = False
    """Has left before the last day of the records."""


def read_standing_for(store: Store, inputs: PracticeInputs, change: StaffChange) -> Standing:
    """Return the practice before a change; raises where the person or the day cannot be."""
    label = find_label(store, change.staff_id)
    added = _absent(store, inputs, label, change)
    if added is not None:
        inputs = replace(added.inputs, notes=(*inputs.notes, *added.notes))
    staff = inputs.clinicians
    there = [name for row, name in enumerate(staff.staff_id) if staff.gp[row]]
    if label not in there:
        raise _not_there(inputs, change, there)
    row = staff.staff_id.index(label)
    gone = change.kind == "leaver" and added is not None
    may = staff.eligible.copy()
    holds = staff.eligible | (
        staff.gp & np.isin(staff.role, sorted(LIST_ROLES)) & (staff.end_day < NEVER)
        & ~np.isin(staff.contract, sorted(NO_LIST_CONTRACTS))
    )  # fmt: skip
    # Whoever is named must be followed by somebody, may they hold a list or not.
    holds[row] |= change.kind in ("leaver", "leave")
    people = inputs.people
    holder = _holders(store, inputs)
    named = np.where(np.append(holds, False)[holder], holder, -1).astype(np.int32)
    return Standing(
        replace(
            inputs,
            clinicians=_with_minutes(replace(staff, eligible=holds), row, change),
            people=replace(people, named=named, named_gone=people.named_gone & (named < 0)),
        ),
        row,
        _day(store, inputs, row, change, added),
        may,
        gone,
    )


def _absent(store: Store, inputs: PracticeInputs, label: str, change: StaffChange) -> Added | None:
    """Return the inputs with who has left or comes later; None for who is at work."""
    staff = inputs.clinicians
    row = staff.staff_id.index(label) if label in staff.staff_id else -1
    if change.kind == "joiner" and (row < 0 or not staff.eligible[row]):
        day = None if change.day is None else day_number(change.day)
        added = add_coming(store, inputs, label, day, change.sessions)
        if added is not None and not added.capacity_known:
            raise _no_minutes(added.inputs.clinicians.name[added.row], change)
        return added
    if row >= 0 or change.kind == "joiner":
        return None
    added = add_past(store, inputs, label)
    if added is not None and change.kind != "leaver":
        raise UnknownPlaceError(
            f"{added.inputs.clinicians.name[added.row]} left {inputs.practice_id} on"
            f" {day_of(added.day)}.",
            where=f"--{change.kind}",
            hint="To share out the list that is left: --leaver.",
        )
    return added


def _no_minutes(name: str, change: StaffChange) -> UsageError:
    return UsageError(
        f"How much {name} will work is not known: the staff list has no sessions a week, and no"
        " rota reaches four weeks from the first day on.",
        where="--joiner",
        hint=f"Say it: --sessions {change.staff_id}=6.",
    )


def _not_there(inputs: PracticeInputs, change: StaffChange, there: list[str]) -> UnknownPlaceError:
    more = " Who comes later must be on the staff list or in the rota."
    return UnknownPlaceError(
        f'No GP "{change.staff_id}" works at {inputs.practice_id} on {day_of(inputs.day)}.',
        where=f"--{change.kind}",
        hint=f"The GPs there are: {', '.join(there) or 'none'}."
        + (more if change.kind == "joiner" else ""),
    )


def _with_minutes(staff: Clinicians, row: int, change: StaffChange) -> Clinicians:
    """Return the staff with the contract's minutes of a joiner who is here and has none yet."""
    if change.kind != "joiner" or not staff.eligible[row] or staff.capacity_minutes[row] > 0:
        return staff
    weekly = float(staff.sessions_per_week[row]) if change.sessions is None else change.sessions
    if weekly <= 0 and change.sessions is None:
        raise _no_minutes(staff.name[row], change)
    return _at_sessions(staff, row, weekly)


def _at_sessions(staff: Clinicians, row: int, wanted: float) -> Clinicians:
    """Return the staff with somebody at other sessions a week, and minutes in their ratio."""
    capacity, sessions = staff.capacity_minutes.copy(), staff.sessions_per_week.copy()
    now = float(sessions[row])
    by_contract = wanted * HALF_DAY_MINUTES * WEEKS_A_YEAR
    known = now > 0 and capacity[row] > 0
    capacity[row] = capacity[row] * wanted / now if known else by_contract
    sessions[row] = wanted
    return replace(staff, capacity_minutes=capacity, sessions_per_week=sessions)


def _day(
    store: Store, inputs: PracticeInputs, row: int, change: StaffChange, added: Added | None
) -> date:
    """Return the day of the change; UsageError where it cannot be."""
    last, ends = day_of(inputs.day), int(inputs.clinicians.end_day[row])
    name = inputs.clinicians.name[row]
    if added is not None:
        known = day_of(added.day)
    else:
        known = day_of(ends - 1) if change.kind == "leaver" and ends < NEVER else last
    day = change.day or known
    if added is not None and change.kind == "leaver" and day > last:
        raise UsageError(
            f"{name} left on {known}, before this day.",
            where="--date",
            hint="Leave it out, or load a staff list with another last day.",
        )
    if added is not None and change.kind == "joiner" and day < known:
        raise UsageError(
            f"{name} is here from {known} on, after this day.",
            where="--date",
            hint="Leave it out, or load a staff list with another first day.",
        )
    if added is None and day < last:
        _check_past(store, inputs, row, change, day)
    if change.until is not None and change.until <= max(day, last):
        raise UsageError(
            "The leave ends before it begins."
            if change.until <= day
            else f"The leave is over: the records reach {last}.",
            where="--until",
            hint=f"Give a day after {max(day, last)}.",
        )
    return day


def _check_past(
    store: Store, inputs: PracticeInputs, row: int, change: StaffChange, day: date
) -> None:
    """Raise UsageError where somebody cannot have gone on a day that is past, or it is no going."""
    last, name = day_of(inputs.day), inputs.clinicians.name[row]
    if change.kind not in ("leaver", "leave"):
        raise UsageError(
            f"This day is past: the records reach {last}.",
            where="--date",
            hint=f"Give a day from {last} on, or leave it out.",
        )
    seen = last_contact(store, inputs, row)
    if seen is not None and day_of(seen) > day:
        raise UsageError(
            f"This day is past, and {name} has contacts up to {day_of(seen)}.",
            where="--date",
            hint=f"Give a day from {day_of(seen)} on, or leave it out.",
        )


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


def after_change(standing: Standing, change: StaffChange) -> PracticeInputs:
    """Return the practice as it will be: who goes has no list, no minutes and no half-days."""
    inputs, row = standing.inputs, standing.row
    staff, people = inputs.clinicians, inputs.people
    here = np.arange(staff.size) != row
    if change.kind in ("joiner", "sessions"):
        if change.sessions is None:
            return inputs
        return replace(inputs, clinicians=_at_sessions(staff, row, change.sessions))
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

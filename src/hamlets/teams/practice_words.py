"""What must be known of a practice to read a plan aright: its records, its work, its patients."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hamlets.teams.columns import find_gps
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel

PUBLISHED_PATIENTS = (237, 241)
"""Patients for each weekly GP session in practices with personal lists (Br J Gen Pract 2024)."""
_HEAVY = 1.25
"""Expected work over bookable minutes from which on it is said that it cannot fit."""


def say_of_practice(inputs: PracticeInputs, model: TeamModel) -> tuple[str, ...]:
    """Return what must be known of the records and of the work to read a plan aright."""
    return (*inputs.notes, *_say_of_work(inputs), *_say_of_patients(inputs, model))


def _say_of_work(inputs: PracticeInputs) -> Iterable[str]:
    staff, people = inputs.clinicians, inputs.people
    bookable = staff.gp & (staff.capacity_minutes > 0)
    sessions = float(staff.sessions_per_week[bookable].sum())
    low, high = PUBLISHED_PATIENTS
    if sessions > 0:
        yield (
            f"Patients for each weekly GP session: {people.size / sessions:,.0f}. Published for"
            f" practices with personal lists: {low} to {high}."
        )
    capacity = float(staff.capacity_minutes[staff.gp].sum())
    work = float(people.work_minutes.sum())
    if capacity > 0 and work > _HEAVY * capacity:
        yield (
            f"The expected work is {work / capacity:.1f} times the bookable minutes of the GPs."
            " Lists share it out in proportion; no plan makes it fit."
        )


def _say_of_patients(inputs: PracticeInputs, model: TeamModel) -> Iterable[str]:
    seen, staff = inputs.people.seen, inputs.clinicians
    patient = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
    with_gp = np.append(staff.gp, True)[seen.clinician] & (seen.weight > 0)
    unknown = inputs.people.size - len(np.unique(patient[with_gp]))
    if unknown:
        yield (
            f"Patients without a GP contact in 24 months: {unknown:,}. They are placed by named"
            " GP, household, site, language and room."
        )
    gps = find_gps(inputs, model)
    without = [staff.staff_id[gp] for gp in gps if staff.capacity_minutes[gp] <= 0]
    if without:
        yield (
            f"GPs without bookable minutes of their own: {len(without)}. They add no room to"
            " their team."
        )
    if len(gps) and (inputs.people.named < 0).all():
        yield "No patient has an eligible named GP now, so every named GP is a first one."

"""The patients of a plan as the store has them now: who is still here, with whom, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from hamlets.continuity.frame import read_patients
from hamlets.continuity.named_standing import named_whoever
from hamlets.continuity.reference import build_reference
from hamlets.continuity.spans import Span
from hamlets.records.store.reading import Store
from hamlets.teams.inputs import Bools
from hamlets.teams.plans.dated_rows import day_number
from hamlets.teams.plans.named_rows import places_of
from hamlets.teams.plans.people import patient_codes, practice_code
from hamlets.teams.plans.storing import StoredPlan


@dataclass(frozen=True)
class PatientsNow:
    """Of each row of a plan's allocations, what the store says today."""

    here: Bools
    """Registered and alive on the plan's first day, or where the records end."""
    named: tuple[str | None, ...]
    """Who was named before the plan, may they hold a list or not; a staff id."""
    household: tuple[str | None, ...]


def read_patients_now(store: Store, stored: StoredPlan) -> PatientsNow:
    """Return the patients of a plan as the store's version in use has them.

    Raises UnknownPlaceError where the store has no such practice.
    """
    practice = practice_code(store, stored.plan.practice_id)
    reference = build_reference(store)
    patients = read_patients(
        Span(store, (practice,)), reference, np.empty(0, np.int64), ("household_id",)
    )
    codes = patient_codes(store, stored.allocations)
    last = store.last_counted_day or store.last_day or stored.plan.day
    start = stored.plan.adopted_from
    place, here = places_of(store, patients, codes, practice, start or last)
    before = last if start is None else min(last, start - timedelta(days=1))
    whoever = named_whoever(patients, reference, day_number(before))
    labels = [*reference.person_labels, None]
    named = [labels[person] for person in np.append(whoever, np.int32(-1))[place].tolist()]
    homes = [*patients.table.column("household_id").to_pylist(), None]
    rows = np.append(patients.row, -1)[place].tolist()
    return PatientsNow(here, tuple(named), tuple(homes[row] for row in rows))

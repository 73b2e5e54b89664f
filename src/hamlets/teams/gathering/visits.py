"""The counted contacts that concern a practice: its patients', and those that took place there.

Which rows count, who belongs where and who is in a cohort is continuity's to say. Clinicians
of all roles are kept: nurses are dealt to teams by whom they saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.continuity.attributes import Attributes, Places
from hamlets.continuity.calendar import Window
from hamlets.continuity.cohort_results import home_on
from hamlets.continuity.cohorts import COHORTS
from hamlets.continuity.columns import Int8, Int32, whole
from hamlets.continuity.contacts import Contacts, Workspace, make_rules, select_contacts
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.dimensions import Labels
from hamlets.continuity.frame import Patients, read_patients
from hamlets.continuity.reference import Reference
from hamlets.continuity.rota import HALVES, half_of
from hamlets.continuity.spans import Span
from hamlets.continuity.worked import GP_CODES
from hamlets.records import Store
from hamlets.teams.inputs import Bools, Float64, Int64

pc: Any = compute
COLUMNS = [
    "patient", "start_day", "start_second", "time_known", "staff", "practice", "status", "mode",
    "role", "site", "duration_minutes",
]  # fmt: skip
ATTRIBUTES = ("sex", "language", "imd_decile", "birth_year", "housebound", "household_id")
_NOWHERE = Places(np.empty(0, np.int32), np.empty(0, np.int32))


@dataclass(frozen=True)
class Visits:
    """Counted contacts of the window with any clinician: arrays of one length."""

    patient: Int64
    """Position among the practice's patients; -1 for somebody else's patient."""
    person: Int32
    role: Int8
    gp: Bools
    """The role on the day was a GP's: one of the contacts that ``measure`` counts."""
    day: Int32
    half: Int8
    """Half-day (``rota.half_of``); HALVES where the time of day is not known."""
    mode: Int8
    minutes: Float64
    """As recorded; NaN where it was not."""
    site: Int32
    here: Bools
    """It took place at the practice."""


@dataclass(frozen=True)
class Registered:
    """The practice's patients on the day, by code: ``patients`` and their attributes."""

    patients: Patients
    position: Int64
    """Of each among all ``patients`` that were read."""
    age_band: Int32
    imd_quintile: Int32
    """Codes as of ``Attributes``."""
    cohorts: dict[str, Bools]

    @property
    def size(self) -> int:
        """Number of patients."""
        return len(self.position)

    def column(self, name: str) -> list[Any]:
        """Return a column of the patients table for each patient, None without a row."""
        values = [*self.patients.table.column(name).to_pylist(), None]
        return [values[row] for row in self.patients.row[self.position].tolist()]


def read_visits(
    store: Store, homes: tuple[int, ...], place: int, reference: Reference, window: Window
) -> tuple[Registered, Visits]:
    """Return the patients of a practice on the window's last day, and the contacts that count."""
    span = Span(store, homes)
    rows, keys = span.read("appointments", COLUMNS)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    born = ("birth_date",) if store.identifiable else ()
    patients = read_patients(span, reference, keys[starts], (*ATTRIBUTES, *born))
    low, high = patients.runs(keys, starts)
    work = Workspace(reference.people, len(reference.practice_labels))

    def select(roles: str) -> Contacts:
        rules = make_rules(Conventions(roles=roles), reference.roles_known)
        none = np.zeros(patients.size, dtype=np.uint8)
        return select_contacts(
            rows, low, high, patients, reference, rules, window, work, True, none
        )

    # The workspace is used again for the second set, so the first is done with before.
    registered = _registered(patients, select("gp"), rows, place, reference, window)
    return registered, _visits(registered, select("any"), rows, place, reference, window)


def _registered(
    patients: Patients,
    contacts: Contacts,
    rows: pa.Table,
    place: int,
    reference: Reference,
    window: Window,
) -> Registered:
    nobody = np.empty(0, dtype=np.int32)
    made = Attributes(
        patients, contacts, rows, reference, Labels(), _NOWHERE, window, nobody, nobody,
        window.first,
    )  # fmt: skip
    home = home_on(patients, reference.place_rank, window.last, contacts.home)
    mine = np.flatnonzero(home == place)
    # By code, so that where a patient is stored changes nothing.
    mine = mine[np.argsort(patients.codes[mine])]
    return Registered(
        patients=patients,
        position=mine,
        age_band=made.of_patients("age_band").values[mine],
        imd_quintile=made.of_patients("imd_quintile").values[mine],
        cohorts={name: made.cohort(name)[mine] for name in COHORTS},
    )


def _visits(
    registered: Registered,
    contacts: Contacts,
    rows: pa.Table,
    place: int,
    reference: Reference,
    window: Window,
) -> Visits:
    position = np.full(registered.patients.size, -1, dtype=np.int64)
    position[registered.position] = np.arange(registered.size)
    owner = np.repeat(position, np.diff(contacts.offset))
    here = contacts.places[contacts.where] == place
    keep = np.flatnonzero((contacts.day >= window.first) & ((owner >= 0) | here))
    row, role = contacts.row[keep], contacts.role[keep]
    half = half_of(whole(rows, "start_second")[row])
    known = np.asarray(rows.column("time_known").to_numpy(zero_copy_only=False)).astype(bool)
    half[~known[row]] = HALVES
    minutes = pc.fill_null(rows.column("duration_minutes").cast(pa.float64()), np.nan)
    return Visits(
        patient=owner[keep],
        person=contacts.people[contacts.who[keep]],
        role=role,
        gp=GP_CODES[role] if reference.roles_known else np.ones(len(keep), dtype=np.bool_),
        day=contacts.day[keep],
        half=half,
        mode=whole(rows, "mode", np.int8)[row],
        minutes=whole(pa.table({"m": minutes}), "m", np.float64)[row],
        site=whole(rows, "site")[row],
        here=here[keep],
    )

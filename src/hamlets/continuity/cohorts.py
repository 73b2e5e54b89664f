"""Cohorts: groups of patients who may gain most, and may overlap (definitions, point 22)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import Window, day_number, day_of, months_before
from hamlets.continuity.columns import ALWAYS, NEVER, Int32, days, texts
from hamlets.continuity.contacts import Contacts
from hamlets.continuity.frame import Patients

COHORTS = (
    "frequent_attender",
    "persistent_frequent_attender",
    "housebound",
    "conditions_2_4",
    "conditions_5_plus",
    "aged_75_plus",
    "new_cancer",
    "end_of_life",
)
Bools = npt.NDArray[np.bool_]
END_OF_LIFE_REGISTERS = frozenset({"palliative", "palliative_care", "end_of_life", "pc"})
AGED_75 = 4  # index into calendar.AGE_LIMITS


def _registered_all(patients: Patients, first: int, last: int) -> Bools:
    """Return who was registered on every day first..last; everyone if nothing is known."""
    r = patients.registrations
    if len(r.value) == 0:
        return np.ones(patients.size, dtype=bool)
    result = np.zeros(patients.size, dtype=bool)
    for p in range(patients.size):
        reached = first
        for row in range(r.offset[p], r.offset[p + 1]):
            if r.start[row] <= reached < r.end[row]:
                reached = r.end[row]
        result[p] = reached > last
    return result


def _frequent(patients: Patients, contacts: Contacts, first: int, last: int) -> Bools:
    """Return who has more contacts than the 90th centile (nearest rank) of a year, zeros in."""
    inside = (contacts.day >= first) & (contacts.day <= last)
    patient = np.repeat(np.arange(patients.size), np.diff(contacts.offset))
    counts = np.bincount(patient[inside], minlength=patients.size)
    member = _registered_all(patients, first, last)
    result = np.zeros(patients.size, dtype=bool)
    for home in np.unique(contacts.home[contacts.home >= 0]).tolist():
        mine = np.flatnonzero(member & (contacts.home == home))
        if len(mine) == 0:
            continue
        ordered = np.sort(counts[mine])
        centile = ordered[-(-9 * len(mine) // 10) - 1]
        result[mine] = counts[mine] > centile
    return result


def _conditions(patients: Patients, last: int) -> tuple[Int32, Bools]:
    """Return each patient's number of long-term condition registers, and who is at end of life."""
    table, keys = patients.span.read(
        "conditions", ["patient", "code", "from_date", "to_date", "register"]
    )
    counts = np.zeros(patients.size, dtype=np.int32)
    dying = np.zeros(patients.size, dtype=bool)
    now = (days(table, "from_date", ALWAYS) <= last) & (days(table, "to_date", NEVER) > last)
    position = patients.positions(keys)
    seen: set[tuple[int, str]] = set()
    for p, register, current in zip(
        position.tolist(), texts(table, "register"), now.tolist(), strict=True
    ):
        if not current or register is None or (p, register) in seen:
            continue
        seen.add((p, register))
        if register.strip().lower().replace(" ", "_") in END_OF_LIFE_REGISTERS:
            dying[p] = True
        else:
            counts[p] += 1
    return counts, dying


def _new_cancer(patients: Patients, last: int) -> Bools:
    table, keys = patients.span.read("events", ["patient", "event_type", "event_date"])
    result = np.zeros(patients.size, dtype=bool)
    day = days(table, "event_date", NEVER)
    year_ago = day_number(months_before(day_of(last), 12))
    cancer = np.array([t == "cancer_diagnosis" for t in texts(table, "event_type")], dtype=bool)
    recent = cancer & (day > year_ago) & (day <= last)
    result[patients.positions(keys[recent])] = True
    return result


def cohort_members(
    name: str,
    patients: Patients,
    contacts: Contacts,
    window: Window,
    first_day: int,
    limits: Int32,
) -> Bools:
    """Return which patients of a home practice are in a cohort at the window's last day."""
    last = window.last
    year = day_number(months_before(day_of(last), 12)) + 1
    if name == "frequent_attender":
        return _frequent(patients, contacts, year, last)
    if name == "persistent_frequent_attender":
        before = day_number(months_before(day_of(last), 24)) + 1
        if before < first_day:
            return np.zeros(patients.size, dtype=bool)
        return _frequent(patients, contacts, year, last) & _frequent(
            patients, contacts, before, year - 1
        )
    if name == "aged_75_plus":
        return limits[:, AGED_75] <= last
    if name == "new_cancer":
        return _new_cancer(patients, last)
    if name == "housebound":
        column = patients.table.column("housebound").fill_null(False)
        flags = np.asarray(column.to_numpy(zero_copy_only=False)).astype(bool)
        result = np.zeros(patients.size, dtype=bool)
        has = patients.row >= 0
        result[has] = flags[patients.row[has]]
        return result
    counts, dying = _conditions(patients, last)
    if name == "end_of_life":
        return dying
    return counts >= 5 if name == "conditions_5_plus" else (counts >= 2) & (counts <= 4)

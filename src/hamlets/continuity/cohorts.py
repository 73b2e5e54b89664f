"""Cohorts: groups of patients who may gain most, and may overlap (definitions, point 22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import Window, day_number, day_of, months_before
from hamlets.continuity.columns import ALWAYS, NEVER, Bools, Int32, days, texts
from hamlets.continuity.compiled import compiled, i4, integer, types, u1_
from hamlets.continuity.contacts import Contacts
from hamlets.continuity.frame import Patients
from hamlets.continuity.select import ROLE, ROLE_UNKNOWN
from hamlets.records import Store

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
END_OF_LIFE_REGISTERS = frozenset({"palliative", "palliative_care", "end_of_life", "pc"})
AGED_75 = 4  # index into calendar.AGE_LIMITS
SLACK_DAYS = 7
"""A year may lack so many days at its ends: those on which nobody came, such as bank holidays."""


@dataclass(frozen=True)
class Frequent:
    """What makes a frequent attender.

    ``least`` contacts a year; None: more than the practice's 90th centile (nearest
    rank). Of contacts that count, or with ``any_role`` also of those left out only for
    the clinician's role.
    """

    least: int | None = None
    any_role: bool = False


@compiled(types.void, i4, i4, i4, integer, integer, u1_)
def registered_throughout(
    offset: Any, start: Any, end: Any, first: int, last: int, result: Any
) -> None:
    """Write 1 for patients whose rows (by start) leave no day first..last out."""
    for p in range(result.size):
        reached = first
        for row in range(offset[p], offset[p + 1]):
            if start[row] <= reached < end[row]:
                reached = end[row]
        result[p] = reached > last


def holds(store: Store, first: int, last: int) -> bool:
    """Return whether the records cover all of first..last (day numbers), within a week."""
    begins, ends = store.first_day, store.last_counted_day
    if begins is None or ends is None:
        return False
    return day_number(begins) <= first + SLACK_DAYS and day_number(ends) >= last - SLACK_DAYS


def _registered_all(patients: Patients, first: int, last: int) -> Bools:
    """Return who lived and was registered on every day first..last.

    Where the store holds nobody's registration, everyone counts as registered.
    """
    r = patients.registrations
    alive = patients.death_day >= last
    tables = patients.span.store.manifest.tables
    if not any(tables[name].rows for name in ("registrations", "patients")):
        return alive
    result = np.zeros(patients.size, dtype=np.uint8)
    registered_throughout(r.offset, r.start, r.end, first, last, result)
    return alive & result.astype(bool)


def contacts_between(
    contacts: Contacts, first: int, last: int, row_day: Int32 | None = None
) -> npt.NDArray[np.int64]:
    """Return each patient's contacts on days first..last.

    With ``row_day``, the day of each row of the appointments, those left out only for
    the clinician's role are added; these are known from the window's first day.
    """
    size = len(contacts.home)
    inside = (contacts.day >= first) & (contacts.day <= last)
    patient = np.repeat(np.arange(size), np.diff(contacts.offset))
    counts = np.bincount(patient[inside], minlength=size)
    if row_day is not None:
        why, day = contacts.excluded_why, row_day[contacts.excluded_row]
        more = ((why == ROLE) | (why == ROLE_UNKNOWN)) & (day >= first) & (day <= last)
        counts += np.bincount(contacts.excluded_patient[more], minlength=size)
    return counts


def _frequent(
    patients: Patients,
    contacts: Contacts,
    first: int,
    last: int,
    rule: Frequent,
    row_day: Int32,
) -> Bools:
    """Return the frequent attenders of a year, of patients registered all of it."""
    counts = contacts_between(contacts, first, last, row_day if rule.any_role else None)
    member = _registered_all(patients, first, last)
    if rule.least is not None:
        return member & (counts >= rule.least)
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
    now = (days(table, "from_date", ALWAYS) <= last) & (days(table, "to_date", NEVER) > last)
    names, register = np.unique(
        np.array([name or "" for name in texts(table, "register")], dtype=object).astype(str),
        return_inverse=True,
    )
    known = now & (names != "")[register] if len(names) else now
    pairs = np.unique(
        np.stack([patients.positions(keys)[known], register[known]], axis=1), axis=0
    ).astype(np.int64)
    is_dying = np.array(
        [n.strip().lower().replace(" ", "_") in END_OF_LIFE_REGISTERS for n in names.tolist()],
        dtype=bool,
    )
    of_dying = is_dying[pairs[:, 1]] if len(pairs) else np.empty(0, dtype=bool)
    counts = np.bincount(pairs[~of_dying, 0], minlength=patients.size).astype(np.int32)
    dying = np.zeros(patients.size, dtype=bool)
    dying[pairs[of_dying, 0]] = True
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
    limits: Int32,
    frequent: Frequent,
    row_day: Int32,
) -> Bools:
    """Return which patients of a home practice are in a cohort at the window's last day.

    ``row_day`` is the day of each row of the appointments. Nobody is known to be a frequent
    attender where the records do not cover the year, or for persistent ones two years.
    """
    last = window.last
    year = day_number(months_before(day_of(last), 12)) + 1
    before = day_number(months_before(day_of(last), 24)) + 1
    needed = {"frequent_attender": year, "persistent_frequent_attender": before}.get(name)
    if needed is not None and not holds(patients.span.store, needed, last):
        return np.zeros(patients.size, dtype=bool)
    if name == "frequent_attender":
        return _frequent(patients, contacts, year, last, frequent, row_day)
    if name == "persistent_frequent_attender":
        return _frequent(patients, contacts, year, last, frequent, row_day) & _frequent(
            patients, contacts, before, year - 1, frequent, row_day
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

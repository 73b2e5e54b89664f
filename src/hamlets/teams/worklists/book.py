"""What both lists are made from: one practice on a day, as arrays.

A member of staff is a row of ``Staff``, a patient a row of ``Patients``; -1 is nobody.
Days are days since 1 January 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import day_number, day_of, months_before
from hamlets.continuity.columns import NEVER
from hamlets.teams.inputs import Bools, Float64, Int32, Int64

YEAR_DAYS = 365.0
NO_DAY = NEVER
"""A day that is not known, or never comes."""


@dataclass(frozen=True)
class Staff:
    """Everybody who is named or was seen, ordered by staff id as UTF-8 text."""

    staff_id: tuple[str, ...]
    name: tuple[str, ...]
    last_day: Int32
    """Last day on which the person may hold a list here; NO_DAY where that is open."""
    last_worked: Int32
    """Last day with a session in the practice's rota or a contact; NO_DAY where the rota
    does not tell."""
    may_be_named: Bools
    """May be given patients: works here and is list-eligible (definitions, Teams 4)."""
    team: Int32
    """The team on the day, or on the last day of those who are gone: a column of ``member``."""
    member: Bools
    """staff x teams: a member on the day."""
    buddies: tuple[tuple[int, ...], ...]
    """Who covers for the person on the day."""
    team_id: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of people."""
        return len(self.staff_id)


@dataclass(frozen=True)
class Patients:
    """Registered patients on the day."""

    patient_id: tuple[str, ...]
    named: Int32
    """Who is named, whether or not still there."""
    holds: Bools
    """The one who is named may hold the list on the day (definitions, Continuity 7)."""
    work_minutes: Float64
    """w[p]: expected minutes a year (definitions, Teams 1)."""
    age: Int32
    """Years; -1 where not known."""
    conditions: Int32
    """Long-term condition registers, end of life not among them."""
    cohorts: Mapping[str, Bools]
    registers: Mapping[str, Bools]
    """By the register's name in small letters with _ for blanks."""

    @property
    def size(self) -> int:
        """Number of patients."""
        return len(self.patient_id)


@dataclass(frozen=True)
class Contacts:
    """Counted GP contacts of these patients in the 24 months up to the day."""

    patient: Int32
    staff: Int32
    day: Int32


@dataclass(frozen=True)
class Pairs:
    """Who saw whom: one row for each patient and member of staff, in this order."""

    patient: Int32
    staff: Int32
    contacts: Int64
    weight: Float64
    """v[p, g]: each contact halved for each year of age (definitions, Teams 3)."""


@dataclass(frozen=True)
class Book:
    """One practice on a day."""

    practice_id: str
    name: str
    day: int
    staff: Staff
    patients: Patients
    contacts: Contacts
    rota_last: int
    """Last day of the practice's rota; NO_DAY where it does not reach the day."""
    notes: tuple[str, ...] = ()

    def months_back(self, months: int) -> int:
        """Return the first day of the months up to the day."""
        return day_number(months_before(day_of(self.day), months)) + 1

    @cached_property
    def pairs(self) -> Pairs:
        """The contacts of 24 months by patient and member of staff."""
        c, people = self.contacts, max(self.staff.size, 1)
        key = c.patient.astype(np.int64) * people + c.staff
        # contacts are added up in order of time: no digit depends on the order of rows
        order = np.lexsort((c.day, key))
        found, at = np.unique(key[order], return_inverse=True)
        weight = 0.5 ** ((self.day - c.day[order]) / YEAR_DAYS)
        return Pairs(
            (found // people).astype(np.int32),
            (found % people).astype(np.int32),
            np.bincount(at, minlength=len(found)).astype(np.int64),
            added_up(at, weight, len(found)),
        )


def added_up(at: npt.NDArray[Any], values: Float64, size: int) -> Float64:
    """Return the sum of the values at each place, in the order given."""
    return np.bincount(at, weights=values, minlength=size).astype(np.float64)


def with_named(book: Book) -> tuple[Int64, Float64]:
    """Return every patient's contacts of 24 months with who is named, plain and weighted."""
    pairs, size = book.pairs, book.patients.size
    own = book.patients.named[pairs.patient] == pairs.staff
    contacts, weight = np.zeros(size, dtype=np.int64), np.zeros(size)
    contacts[pairs.patient[own]] = pairs.contacts[own]
    weight[pairs.patient[own]] = pairs.weight[own]
    return contacts, weight


def id_rank(ids: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return each id's position when ids are sorted as UTF-8 text."""
    order = sorted(range(len(ids)), key=lambda row: ids[row].encode())
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(len(ids))
    return rank

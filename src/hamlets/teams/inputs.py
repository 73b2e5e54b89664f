"""What a plan is made from: one practice as arrays, read once from the store.

A clinician is a row of ``Clinicians``, a patient a row of ``People``; -1 is nobody. Days are
days since 1 January 1970. Nothing here knows how teams are chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

HALF_DAYS = 20
"""Half-days of the template fortnight: Monday am, Monday pm, ... of two weeks."""


@dataclass(frozen=True)
class Clinicians:
    """People at work in the practice, ordered by staff id, GPs and others."""

    person: Int32
    """The store's person code."""
    staff_id: tuple[str, ...]
    """As measures show the person."""
    name: tuple[str, ...]
    role: tuple[str, ...]
    contract: tuple[str, ...]
    gp: Bools
    eligible: Bools
    """May hold a list (definitions, Teams 4)."""
    sessions_per_week: Float64
    capacity_minutes: Float64
    """Bookable clinical minutes a year from the rota; 0 for supernumerary staff."""
    half_days: Bools
    """clinicians x HALF_DAYS: works there in the modal pattern of the last 12 weeks."""
    actual_half_days: Bools
    """clinicians x the half-days that really were, of those 12 weeks, leave taken out."""
    site: tuple[str | None, ...]
    """The site of most sessions."""
    languages: tuple[frozenset[str], ...]
    skills: tuple[frozenset[str], ...]
    end_day: Int32

    @property
    def size(self) -> int:
        """Number of clinicians."""
        return len(self.staff_id)


@dataclass(frozen=True)
class Seen:
    """Who saw whom, by patient: rows of p are offset[p]:offset[p + 1], clinicians ascending.

    Rows of a GP hold GP contacts, those that ``measure`` counts; rows of others all of theirs.
    So a patient's GP contacts are those of rows with a GP and of the row -1 together.
    """

    offset: Int64
    clinician: Int32
    """-1: GP contacts with people who are not at work here as GPs any more, or elsewhere."""
    weight: Float64
    """v[p, g]: counted contacts of 24 months, halved for each year of age (Teams 3)."""
    contacts: Int32
    """Unweighted counted contacts of the last 12 months."""


@dataclass(frozen=True)
class People:
    """Registered patients on the day, ordered by the store's patient code."""

    patient: Int32
    """The store's patient code."""
    patient_id: tuple[str, ...]
    household: Int32
    """Number of the household; a person alone has one of their own."""
    named: Int32
    """The eligible named GP now, or -1."""
    named_gone: Bools
    """Somebody was named who is not eligible any more: a forced move."""
    work_minutes: Float64
    """w[p]: expected minutes a year (Teams 1)."""
    locked: Int32
    """The clinician whom the patient asked for (a recorded preference), or -1."""
    site: tuple[str | None, ...]
    age_band: Int8
    imd_quintile: Int8
    language: tuple[str | None, ...]
    cohorts: dict[str, Bools]
    seen: Seen

    @property
    def size(self) -> int:
        """Number of patients."""
        return len(self.patient_id)


@dataclass(frozen=True)
class PracticeInputs:
    """One practice on a day, as the makers of teams and lists see it."""

    practice_id: str
    name: str
    day: int
    clinicians: Clinicians
    people: People
    rota: str
    """"given" or "inferred" from appointments."""
    notes: tuple[str, ...] = ()
    extra: dict[str, Any] | None = None

"""What a simulated practice consists of: plain arrays that each step hands to the next.

A day is a number of days since 1 January 1970 (int32), a minute is a minute of that
day. Positions are positions inside one practice: a patient is a row of ``Patients``,
a clinician a row of ``Clinicians``. Every practice is drawn from random streams of its
own, so practices may be made in any order, on any number of threads, to the same bytes.

    places -> clinicians -> rota ----------------+
       |          |                              v
       +-----> patients -> illness (events, requests) -> book -> observations -> tables
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]
Int8 = npt.NDArray[np.int8]
Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


def no_days() -> Int32:
    """Return no rows."""
    return np.empty(0, np.int32)


OPEN = np.int32(2**31 - 1)
"""The end of what has not ended."""

WARM_UP_DAYS = 56
"""Days simulated before the first day that is kept, so that the book starts out full."""
AHEAD_DAYS = 42
"""Days of rota, booked and free slots after the last day that has happened."""

POLICIES = ("earliest_any", "own_first")

HALVES = ("am", "pm", "evening")

CONDITIONS = (
    "diabetes",
    "copd",
    "asthma",
    "hypertension",
    "chd",
    "stroke",
    "ckd",
    "depression",
    "smi",
    "dementia",
    "cancer",
    "palliative_care",
)
"""Registers; a patient's conditions are a bit each, in this order."""


@dataclass(frozen=True)
class Setting:
    """What was asked for. ``first`` and ``last`` are the days kept, both included."""

    practices: int
    patients: int
    first: date
    last: date
    seed: int
    policy: str | None = None
    """None: every practice has habits of its own."""
    scattered_practices: tuple[str, ...] = ()
    """Practices whose patients meet twice as many GPs in the year before a cancer diagnosis."""
    identities: bool | None = None
    """True where patients have names and NHS numbers; None where they have neither."""


@dataclass(frozen=True)
class Habits:
    """How a practice books; the same for all its days."""

    own_first: float
    """Share of requests for which the desk looks for the own GP before any other, unasked,
    and where there are any, then for the buddy and then for the team."""
    same_day_share: float
    """Share of a GP's slots kept for the day."""
    wait_days: int
    """Working days that the desk will look ahead for the own GP."""
    supply: float
    """Bookable slots over expected requests."""
    telephone_share: float
    online_share: float
    locum_share: float
    """Share of GP leave that a locum covers."""
    hub_share: float
    """Share of requests that found nothing in time and go to the network's hub."""


@dataclass(frozen=True)
class Practice:
    """One practice of the borough."""

    number: int
    practice_id: str
    name: str
    network_id: str
    hub_id: str
    """Practice id of the network's hub, where evening and weekend contacts take place."""
    sites: tuple[str, ...]
    latitude: float
    longitude: float
    list_size: int
    imd_mean: float
    habits: Habits
    scattered: bool = False
    homeless: bool = False
    """Looks after homeless people: a small list that changes quickly."""


@dataclass(frozen=True)
class Clinicians:
    """Staff of one practice who have contacts; the last rows are the hub's."""

    staff_id: list[str]
    person_id: list[str]
    name: list[str]
    role: Int8
    """Position in records.tables.ROLES."""
    contract: Int8
    """Position in records.tables.CONTRACTS."""
    sessions_per_week: Float32
    start_day: Int32
    end_day: Int32
    """First day no longer there, or OPEN."""
    hub: Bools
    languages: list[str]
    skills: list[str]

    @property
    def size(self) -> int:
        """Number of clinicians."""
        return len(self.staff_id)


@dataclass(frozen=True)
class Cover:
    """GPs who stand in for one another: a row for each, whom they stand in for, and when.

    A row for each direction; buddies who are also of one team have rows of both kinds.
    """

    staff: Int32 = field(default_factory=no_days)
    stands_in: Int32 = field(default_factory=no_days)
    buddy: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    """The buddy of ``staff``; else somebody of the same micro-team."""
    from_day: Int32 = field(default_factory=no_days)
    to_day: Int32 = field(default_factory=no_days)


@dataclass(frozen=True)
class Rota:
    """Sessions that were worked or will be, leave taken out, ordered by (day, start, staff)."""

    staff: Int32
    day: Int32
    start_minute: Int16
    end_minute: Int16
    half: Int8
    """Position in HALVES."""
    site: Int8
    """Position in Practice.sites; -1 at the hub."""
    slots: Int16
    slot_minutes: Int16


@dataclass(frozen=True)
class NamedGps:
    """Dated named GPs: rows of patient ``p`` are offset[p]:offset[p + 1], in order of start."""

    offset: Int32
    staff: Int32
    from_day: Int32
    to_day: Int32


@dataclass(frozen=True)
class Patients:
    """Registered patients of one practice over the days, leavers and joiners included."""

    patient_id: list[str]
    birth_day: Int32
    male: Bools
    ethnicity: Int8
    """Position in patients.ETHNICITIES; ``language`` likewise in patients.LANGUAGES."""
    language: Int8
    household: Int32
    """Number of the household inside the practice."""
    imd_decile: Int8
    area: Int16
    """Number of the small area inside the borough."""
    housebound: Bools
    conditions: Int32
    """A bit for each of CONDITIONS, at the last day."""
    need: Float32
    """Requests a year that this patient makes: the mean of age, sex and conditions times a
    gamma-distributed factor."""
    loyalty: Float32
    """Chance that the patient asks for the own GP by name, 0 to 1."""
    registered_from: Int32
    registered_to: Int32
    death_day: Int32
    """OPEN for the living. Never after ``registered_to``."""
    named: NamedGps

    @property
    def size(self) -> int:
        """Number of patients."""
        return len(self.patient_id)


@dataclass(frozen=True)
class Illness:
    """What befalls patients, known before anyone books: events, and requests that come of them.

    ``request_*`` are requests on top of a patient's usual need (symptoms before a cancer
    diagnosis, the last months of life), with the symptom code to record, or -1.
    """

    event_patient: Int32
    event_type: list[str]
    event_day: Int32
    event_code: list[str]
    request_patient: Int32
    request_day: Int32
    request_urgent: Bools
    request_symptom: Int16
    """Position in illness.SYMPTOMS, or -1."""
    scatter_patient: Int32 = field(default_factory=no_days)
    """Patients to be given a GP whom they have not met lately, whatever the policy ..."""
    scatter_from: Int32 = field(default_factory=no_days)
    scatter_to: Int32 = field(default_factory=no_days)
    """... on days scatter_from <= day < scatter_to."""


@dataclass(frozen=True)
class Book:
    """The appointment book: contacts by (day, minute, staff, patient), and slots left over."""

    patient: Int32
    staff: Int32
    day: Int32
    minute: Int16
    booked_day: Int32
    booked_minute: Int16
    status: Int8
    """Position in records.tables.STATUSES; ``mode`` and ``urgency`` likewise."""
    mode: Int8
    urgency: Int8
    duration_minutes: Int16
    site: Int8
    symptom: Int16
    """Position in illness.SYMPTOMS of the code recorded, or -1."""
    free_staff: Int32
    free_day: Int32
    free_minute: Int16
    free_minutes: Int16
    free_same_day: Bools
    """Kept for the day, and not used."""
    unmet: int = 0
    """Requests that found no slot at all."""


@dataclass(frozen=True)
class Observations:
    """Coded entries: measurements, reviews, immunisations, symptoms."""

    patient: Int32
    code: Int16
    """Position in observations.CODES."""
    day: Int32
    value: Float32
    """NaN where the entry has no value."""


@dataclass(frozen=True)
class PracticeWorld:
    """Everything about one practice but the book and what follows from it."""

    practice: Practice
    clinicians: Clinicians
    rota: Rota
    patients: Patients
    cover: Cover = field(default_factory=Cover)


def stream(seed: int, practice: int, purpose: int) -> np.random.Generator:
    """Return the random stream of one purpose in one practice (-1: of the borough).

    Streams of different practices or purposes are independent of each other, so
    nothing depends on who is made first. Each module has a purpose number of its own.
    """
    key = np.random.SeedSequence([seed, practice + 1, purpose])
    return np.random.Generator(np.random.PCG64(key))

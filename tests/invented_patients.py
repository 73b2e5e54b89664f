"""Patients of one invented practice as a test wants them, without drawing a world."""

from __future__ import annotations

from datetime import date

import numpy as np

from hamlets.booking.simulation.world import (
    CONDITIONS,
    OPEN,
    Book,
    Clinicians,
    Habits,
    NamedGps,
    Patients,
    Practice,
    PracticeWorld,
    Rota,
    Setting,
)

FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)


def day(when: date) -> int:
    """Return the day number of a date."""
    return int(np.datetime64(when, "D").astype(np.int64))


def setting(seed: int = 1) -> Setting:
    """Return two years of one practice."""
    return Setting(1, 1000, FIRST, LAST, seed)


def world(
    size: int,
    *,
    age: float | None = None,
    male: bool | None = None,
    conditions: tuple[str, ...] = (),
    deaths: float = 0.0,
    scattered: bool = False,
    number: int = 0,
) -> PracticeWorld:
    """Return a practice of ``size`` patients registered throughout, without staff.

    ``age`` is that on the middle day (None: all ages), ``conditions`` those of everybody,
    ``deaths`` the share who die on some day of the period.
    """
    rng = np.random.default_rng([number, size])
    first, last = day(FIRST), day(LAST)
    ages = np.clip(rng.gamma(2.6, 14.0, size), 0, 98) if age is None else np.full(size, age)
    birth = ((first + last) / 2 - ages * 365.25).astype(np.int32)
    bits = sum(1 << CONDITIONS.index(name) for name in conditions)
    dies = rng.random(size) < deaths
    start = np.maximum(birth, first - 900).astype(np.int32)
    death = np.maximum(rng.integers(first, last + 1, size), start + 1)
    death = np.where(dies & (death <= last), death, OPEN).astype(np.int32)
    nobody = np.empty(0, np.int32)
    patients = Patients(
        patient_id=[f"P{k}" for k in range(size)],
        birth_day=birth,
        male=rng.random(size) < 0.5 if male is None else np.full(size, male),
        ethnicity=np.zeros(size, np.int8),
        language=np.zeros(size, np.int8),
        household=np.arange(size, dtype=np.int32),
        imd_decile=np.full(size, 5, np.int8),
        area=np.zeros(size, np.int16),
        housebound=np.zeros(size, np.bool_),
        conditions=np.full(size, bits, np.int32),
        need=rng.gamma(1.0, 6.0, size).astype(np.float32),
        loyalty=np.full(size, 0.3, np.float32),
        registered_from=start,
        registered_to=death,
        death_day=death,
        named=NamedGps(np.zeros(size + 1, np.int32), nobody, nobody, nobody),
    )
    habits = Habits(0.4, 0.4, 3, 1.05, 0.3, 0.1, 0.5, 0.03)
    practice = Practice(
        number, "EX001", "Example", "EXN1", "EXH1", ("EX001A",), 51.5, 0.0, size, 3.0, habits,
        scattered,
    )  # fmt: skip
    return PracticeWorld(practice, _no_staff(), _no_rota(), patients)


def _no_staff() -> Clinicians:
    none8, none32 = np.empty(0, np.int8), np.empty(0, np.int32)
    return Clinicians(
        [], [], [], none8, none8, np.empty(0, np.float32), none32, none32,
        np.empty(0, np.bool_), [], [],
    )  # fmt: skip


def _no_rota() -> Rota:
    none8, none16, none32 = np.empty(0, np.int8), np.empty(0, np.int16), np.empty(0, np.int32)
    return Rota(none32, none32, none16, none16, none8, none8, none16, none16)


def book(
    patients: list[int], days: list[int], status: list[int], symptom: list[int] | None = None
) -> Book:
    """Return a book of these contacts and no free slots."""
    n = len(patients)
    none16, none32 = np.empty(0, np.int16), np.empty(0, np.int32)
    return Book(
        patient=np.array(patients, np.int32),
        staff=np.zeros(n, np.int32),
        day=np.array(days, np.int32),
        minute=np.full(n, 600, np.int16),
        booked_day=np.array(days, np.int32),
        booked_minute=np.full(n, 540, np.int16),
        status=np.array(status, np.int8),
        mode=np.ones(n, np.int8),
        urgency=np.ones(n, np.int8),
        duration_minutes=np.full(n, 10, np.int16),
        site=np.zeros(n, np.int8),
        symptom=np.array([-1] * n if symptom is None else symptom, np.int16),
        free_staff=none32,
        free_day=none32,
        free_minute=none16,
        free_minutes=none16,
        free_same_day=np.empty(0, np.bool_),
    )

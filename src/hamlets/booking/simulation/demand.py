"""Requests: who asks on which day, for which clinician's role, and how urgently.

Each patient's requests are Poisson about the patient's need (which carries a gamma
factor already), over the days on which the patient is registered and alive, weighted
by weekday and season. Requests are made on days on which the practice is open.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.outcomes import ROUTINE, SAME_DAY
from hamlets.booking.simulation.slots import (
    ADVANCED,
    ALLIED,
    ASSISTANT,
    GP,
    HUB_GP,
    NURSE,
    PHARMACIST,
    groups_of,
)
from hamlets.booking.simulation.world import (
    CONDITIONS,
    Illness,
    Patients,
    PracticeWorld,
    stream,
)

PURPOSE = 30
NEW_SHARE = 0.87
"""Requests drawn, as a share of need; the rest of a patient's contacts are follow-ups."""

WEEKDAY_WEIGHTS = (1.26, 1.05, 0.97, 0.91, 0.88, 0.0, 0.0)
AFTER_CLOSURE = 1.25
"""Weight of the first open day after a bank holiday."""
WINTER_WEIGHT = 0.09
_URGENT = {GP: 0.73, NURSE: 0.42, ASSISTANT: 0.24, PHARMACIST: 0.45, ADVANCED: 0.8, ALLIED: 0.0}
_URGENT_BY_AGE = ((0, 16, 45, 65, 80), (1.15, 1.1, 1.03, 0.78, 0.62))
"""The old ask for today less often, and can wait for somebody whom they know."""
_GP_LESS = 0.88
"""GPs are asked for less than their slots would say: they also stand in for other roles."""
_LEADS = (0, 1, 2, 3, 4, 5, 7, 9, 12, 14, 18, 21, 26, 30)
_LEAD_SHARES = (0.14, 0.16, 0.06, 0.04, 0.04, 0.04, 0.09, 0.06, 0.08, 0.1, 0.08, 0.06, 0.03, 0.02)
"""Days ahead that a routine request is for, before supply has its say."""


REQUEST = np.dtype(
    [
        ("key", np.uint64),
        ("patient", np.int32),
        ("day", np.int32),
        ("not_before", np.int32),
        ("maker", np.int32),
        ("minute", np.int16),
        ("symptom", np.int16),
        ("urgency", np.int8),
        ("group", np.int8),
        ("link", np.int8),
    ],
    align=True,
)
"""A request: 64 random bits from which all its luck follows; who; the day of asking and the
first day wanted, from the first day of the book; the clinician who made it if it is a
follow-up, else -1; and its place in a chain of follow-ups, 0 for what the patient asked."""


def day_weights(world: PracticeWorld, first_day: int, days: int) -> npt.NDArray[np.float64]:
    """Return the weight of each day in a patient's need, 0 when the practice is closed.

    The mean weight is 1 for days of an ordinary year, so that need stays contacts a year.
    """
    rota, home = world.rota, ~world.clinicians.hub
    row = home[rota.staff] & (rota.day >= first_day) & (rota.day < first_day + days)
    works = np.bincount(rota.day[row] - first_day, minlength=days) > 0
    day = np.arange(first_day, first_day + days)
    weekday = (day + 3) % 7  # 1 January 1970 was a Thursday
    weight = np.array(WEEKDAY_WEIGHTS)[weekday]
    closed = (weight > 0) & ~works
    after = np.concatenate(([False], closed[:-1]))
    season = 1 + WINTER_WEIGHT * np.cos(2 * np.pi * (day - 15) / 365.25)
    weight = np.where(works, weight * np.where(after, AFTER_CLOSURE, 1.0), 0.0) * season
    return weight * (365.25 / (365.25 / 7 * sum(WEEKDAY_WEIGHTS) - 8))


def requests_of(
    world: PracticeWorld, illness: Illness, seed: int, first_day: int, days: int
) -> npt.NDArray[np.void]:
    """Draw all requests of days ``first_day`` to ``first_day + days - 1``: rows of REQUEST,

    ordered by day and minute.
    """
    random = stream(seed, world.practice.number, PURPOSE)
    patients, weight = world.patients, day_weights(world, first_day, days)
    patient, day = _usual(patients, weight, first_day, random)
    group, urgent = _what(world, patient, random)
    extra, extra_day, extra_urgent, symptom = _of_illness(patients, illness, weight, first_day)
    plain = np.full(len(patient), -1, np.int16)
    patient = np.concatenate((patient, extra))
    day = np.concatenate((day, extra_day))
    group = np.concatenate((group, np.full(len(extra), GP, np.int8)))
    urgent = np.concatenate((urgent, extra_urgent))
    symptom = np.concatenate((plain, symptom))
    count = len(patient)
    minute = _minutes(random, count)
    lead = random.choice(np.array(_LEADS), count, p=_LEAD_SHARES)
    order = np.argsort(day * 1440 + minute, kind="stable")
    rows = np.zeros(count, REQUEST)
    rows["key"] = random.integers(0, 2**64, count, dtype=np.uint64)
    rows["patient"], rows["group"] = patient[order], group[order]
    rows["day"], rows["minute"] = day[order], minute[order]
    rows["not_before"] = (day + np.where(urgent, 0, lead))[order]
    rows["urgency"] = np.where(urgent, SAME_DAY, ROUTINE)[order]
    rows["symptom"], rows["maker"] = symptom[order], -1
    return rows


def _usual(
    patients: Patients,
    weight: npt.NDArray[np.float64],
    first_day: int,
    random: np.random.Generator,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return patient and day of the requests that come of the patients' usual need."""
    days = len(weight)
    total = np.concatenate(([0.0], np.cumsum(weight)))
    begins = np.clip(patients.registered_from.astype(np.int64) - first_day, 0, days)
    ends = np.minimum(patients.registered_to, patients.death_day).astype(np.int64) - first_day
    ends = np.maximum(np.clip(ends, 0, days), begins)
    exposure = total[ends] - total[begins]
    number = random.poisson(patients.need * NEW_SHARE * exposure / 365.25)
    patient = np.repeat(np.arange(patients.size), number)
    at = total[begins[patient]] + random.random(len(patient)) * exposure[patient]
    at = np.minimum(at, np.nextafter(total[ends[patient]], 0.0))  # rounding must not add a day
    return patient, np.searchsorted(total, at, side="right") - 1


def _what(
    world: PracticeWorld, patient: npt.NDArray[np.int64], random: np.random.Generator
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Return the group wanted and whether it is for today."""
    share = np.cumsum(group_shares(world), axis=1)
    share /= share[:, -1:]
    u = random.random(len(patient))
    group = (u[:, None] > share[patient]).sum(axis=1).astype(np.int8)
    chance = np.array([_URGENT[g] for g in range(HUB_GP)])
    by_age = np.interp(_ages(world), *_URGENT_BY_AGE)
    return group, random.random(len(patient)) < chance[group] * by_age[patient]


def _ages(world: PracticeWorld) -> npt.NDArray[np.float64]:
    """Return ages in years on the first day of the rota."""
    first = world.rota.day[0] if len(world.rota.day) else world.patients.birth_day
    return (first - world.patients.birth_day) / 365.25


def group_shares(world: PracticeWorld) -> npt.NDArray[np.float64]:
    """Return each patient's chances to want each group, patients x groups of the practice.

    What a group takes in all follows its slots in the rota, since a practice without a
    pharmacist has no requests for one; who asks for whom follows age and conditions.
    """
    patients, rota = world.patients, world.rota
    group = groups_of(world.clinicians)
    slots = np.bincount(group[rota.staff], weights=rota.slots, minlength=HUB_GP)[:HUB_GP]
    age = _ages(world)
    bits = (patients.conditions[:, None] >> np.arange(len(CONDITIONS))) & 1
    ill = np.minimum(bits.sum(axis=1), 4)
    leaning = np.ones((patients.size, HUB_GP))
    leaning[:, NURSE] = 0.8 + 0.5 * (age < 5) + 0.25 * ill + 0.2 * (age >= 65)
    leaning[:, ASSISTANT] = np.where(age < 16, 0.1, np.where(age < 40, 0.6, 1.1)) + 0.2 * ill
    leaning[:, PHARMACIST] = 0.3 + 0.5 * ill
    leaning[:, ADVANCED] = np.where(age < 65, 1.0, 0.7)
    leaning[:, ALLIED] = np.where(age < 16, 0.2, 1.0)
    leaning[:, GP] = np.where(age < 16, 1.15, 1.0)
    need = patients.need.astype(np.float64)
    mean = np.average(leaning, axis=0, weights=need) if need.sum() > 0 else 1.0
    slots[GP] *= _GP_LESS
    wanted = leaning / mean * slots / max(slots.sum(), 1.0)
    wanted[:, GP] += wanted.sum(axis=1) == 0  # nobody at all in the rota: all ask for a GP
    return wanted / wanted.sum(axis=1, keepdims=True)


def _minutes(random: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    """Return minutes of asking, 08:00 to 18:29, half of them before half past ten."""
    early = random.random(count) < 0.45
    return np.where(
        early, 480 + 120 * random.random(count) ** 1.6, 480 + 629 * random.random(count)
    ).astype(np.int64)


def _of_illness(
    patients: Patients, illness: Illness, weight: npt.NDArray[np.float64], first_day: int
) -> tuple[
    npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int16]
]:
    """Return the requests of illness: patient, day, urgent, symptom.

    One that falls on a closed day is made on the next open one, if the patient is then
    still there.
    """
    days = len(weight)
    following = np.where(weight > 0, np.arange(days), days)
    following = np.append(np.minimum.accumulate(following[::-1])[::-1], days)
    day = following[np.clip(illness.request_day.astype(np.int64) - first_day, 0, days)]
    patient = illness.request_patient.astype(np.int64)
    on = day + first_day
    keep = (
        (illness.request_day >= first_day)
        & (day < days)
        & (on >= patients.registered_from[patient])
        & (on < patients.registered_to[patient])
        & (on < patients.death_day[patient])
    )
    return (
        patient[keep],
        day[keep],
        illness.request_urgent[keep].astype(np.bool_),
        illness.request_symptom[keep].astype(np.int16),
    )

"""Small practices for tests of the simulated book: a rota and a list, nothing clever."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from hamlets.booking.simulation.world import (
    AHEAD_DAYS,
    OPEN,
    WARM_UP_DAYS,
    Clinicians,
    Cover,
    Habits,
    Illness,
    NamedGps,
    Patients,
    Practice,
    PracticeWorld,
    Rota,
    Setting,
)
from hamlets.records.tables import ROLES

HABITS = Habits(
    own_first=0.4,
    same_day_share=0.4,
    wait_days=5,
    supply=1.05,
    telephone_share=0.27,
    online_share=0.05,
    locum_share=0.5,
    hub_share=0.3,
)


def practice(habits: Habits = HABITS, number: int = 0, list_size: int = 1000) -> Practice:
    """Return a practice of one site."""
    return Practice(
        number=number,
        practice_id=f"Y{number:05}",
        name="Example Practice",
        network_id="N1",
        hub_id="H1",
        sites=("S1",),
        latitude=51.5,
        longitude=0.0,
        list_size=list_size,
        imd_mean=4.0,
        habits=habits,
    )


def setting(first: date, days: int, seed: int = 1, policy: str | None = None) -> Setting:
    """Return a setting that keeps this many days."""
    last = first + timedelta(days=days - 1)
    return Setting(practices=1, patients=1000, first=first, last=last, seed=seed, policy=policy)


def world(
    asked: Setting,
    *,
    patients: int,
    gps: int,
    seed: int = 0,
    need: float = 6.3,
    slots_each: int | None = None,
    others: tuple[str, ...] = ("nurse", "healthcare_assistant", "pharmacist", "physiotherapist"),
    hub: bool = True,
    habits: Habits = HABITS,
    covered: bool = False,
) -> PracticeWorld:
    """Return a practice whose rota meets the need of its list, times ``habits.supply``.

    If it is ``covered``, GPs stand in for one another as ``_cover`` has it.

    GPs work three to six half-days a week; ``slots_each`` overrides the length of a session.
    """
    random = np.random.default_rng(seed)
    roles = ["gp_partner" if n % 2 else "gp_salaried" for n in range(gps)]
    roles += [*others, *(["gp"] if hub else [])]
    begin = (asked.first - date(1970, 1, 1)).days - WARM_UP_DAYS
    end = (asked.last - date(1970, 1, 1)).days + AHEAD_DAYS + 1
    rows: list[tuple[int, int, int, int, int, int]] = []
    weekly = patients * need / 52.18
    for staff, role in enumerate(roles):
        at_hub = hub and staff == len(roles) - 1
        halves = random.permutation(10)[: random.integers(3, 7) if role.startswith("gp") else 10]
        for day in range(begin, end):
            weekday = (day + 3) % 7
            if at_hub and weekday in (2, 5):
                rows.append((day, 18 * 60 + 30, staff, 2, -1, 6))
            elif not at_hub and weekday < 5:
                rows += [
                    (day, (8 * 60 + 30, 14 * 60)[half], staff, half, 0, 0)
                    for half in (0, 1)
                    if 2 * weekday + half in halves
                ]
    rows.sort()
    gp = np.array([r.startswith("gp") and not (hub and s == len(roles) - 1)
                   for s, r in enumerate(roles)], np.bool_)  # fmt: skip
    staff = np.array([r[2] for r in rows], np.int32)
    weeks = (end - begin) / 7
    slots = np.array([r[5] for r in rows])
    for group, share in ((gp, 0.48), (~gp, 0.52)):
        mine = group[staff] & (slots == 0)
        each = slots_each or round(weekly * share * habits.supply * weeks / max(mine.sum(), 1))
        slots[mine] = max(1, each)
    rota = Rota(
        staff=staff,
        day=np.array([r[0] for r in rows], np.int32),
        start_minute=np.array([r[1] for r in rows], np.int16),
        end_minute=np.array([r[1] + 240 for r in rows], np.int16),
        half=np.array([r[3] for r in rows], np.int8),
        site=np.array([r[4] for r in rows], np.int8),
        slots=slots.astype(np.int16),
        slot_minutes=np.maximum(1, 240 // np.maximum(slots, 1)).astype(np.int16),
    )
    return PracticeWorld(
        practice=practice(habits, list_size=patients),
        clinicians=_clinicians(roles, hub),
        rota=rota,
        patients=_patients(random, patients, gps, need, begin, end),
        cover=_cover(gps, begin, end) if covered else Cover(),
    )


def _cover(gps: int, begin: int, end: int) -> Cover:
    """Return buddies, each of one other and after half of the days of the next, and teams of three.

    The second team forms after a third of the days.
    """
    middle, third = (begin + end) // 2, begin + (end - begin) // 3
    rows: list[tuple[int, int, bool, int, int]] = []
    for one in range(gps):
        if one ^ 1 < gps:
            rows.append((one, one ^ 1, True, begin - 900, middle))
        if gps > 1:
            rows.append((one, (one + 1) % gps, True, middle, int(OPEN)))
        team = [other for other in range(gps) if other // 3 == one // 3 and other != one]
        rows += [(one, other, False, third if one >= 3 else begin, int(OPEN)) for other in team]
    staff, stands_in, buddy, first, last = np.array(rows, np.int64).reshape(-1, 5).T
    return Cover(
        staff=staff.astype(np.int32),
        stands_in=stands_in.astype(np.int32),
        buddy=buddy != 0,
        from_day=first.astype(np.int32),
        to_day=last.astype(np.int32),
    )


def _clinicians(roles: list[str], hub: bool) -> Clinicians:
    size = len(roles)
    return Clinicians(
        staff_id=[f"ST{n}" for n in range(size)],
        person_id=[f"PE{n}" for n in range(size)],
        name=[f"Dr Example-{n}" for n in range(size)],
        role=np.array([ROLES.index(role) for role in roles], np.int8),
        contract=np.zeros(size, np.int8),
        sessions_per_week=np.full(size, 5, np.float32),
        start_day=np.zeros(size, np.int32),
        end_day=np.full(size, OPEN, np.int32),
        hub=np.array([hub and n == size - 1 for n in range(size)], np.bool_),
        languages=[""] * size,
        skills=[""] * size,
    )


def _patients(
    random: np.random.Generator, size: int, gps: int, need: float, begin: int, end: int
) -> Patients:
    """Return patients of whom some join, leave, die or change their named GP."""
    days = end - begin
    joins = np.where(random.random(size) < 0.1, begin + random.integers(0, days, size), begin - 900)
    leaves = np.where(random.random(size) < 0.1, joins + random.integers(1, days, size), OPEN)
    dies = np.where(random.random(size) < 0.05, joins + random.integers(1, days, size), OPEN)
    leaves = np.where(dies < OPEN, np.maximum(leaves, dies), leaves)
    changes = random.random(size) < 0.2
    middle = begin + random.integers(0, days, size)
    offset = np.concatenate(([0], np.cumsum(np.where(changes, 2, 1))))
    start = np.full(offset[-1], begin - 900)
    stop = np.full(offset[-1], OPEN, np.int64)
    start[offset[:-1][changes] + 1] = middle[changes]
    stop[offset[:-1][changes]] = middle[changes]
    age = random.gamma(2.2, 18.0, size).clip(0, 99)
    return Patients(
        patient_id=[f"P{n}" for n in range(size)],
        birth_day=(begin - age * 365.25).astype(np.int32),
        male=random.random(size) < 0.5,
        ethnicity=np.zeros(size, np.int8),
        language=np.zeros(size, np.int8),
        household=np.arange(size, dtype=np.int32),
        imd_decile=random.integers(1, 11, size).astype(np.int8),
        area=np.zeros(size, np.int16),
        housebound=(age > 80) & (random.random(size) < 0.3),
        conditions=np.where(random.random(size) < age / 150, 9, 0).astype(np.int32),
        need=(need * (0.6 + age / 100) * random.gamma(1.3, 1 / 1.3, size)).astype(np.float32),
        loyalty=(0.1 + age / 200).astype(np.float32),
        registered_from=joins.astype(np.int32),
        registered_to=leaves.astype(np.int32),
        death_day=dies.astype(np.int32),
        named=NamedGps(
            offset=offset.astype(np.int32),
            staff=random.integers(0, max(gps, 1), offset[-1]).astype(np.int32),
            from_day=start.astype(np.int32),
            to_day=stop.astype(np.int32),
        ),
    )


def no_illness() -> Illness:
    """Return an illness in which nothing befalls anyone."""
    none = np.empty(0, np.int32)
    return Illness(
        event_patient=none,
        event_type=[],
        event_day=none,
        event_code=[],
        request_patient=none,
        request_day=none,
        request_urgent=np.empty(0, np.bool_),
        request_symptom=np.empty(0, np.int16),
    )

"""Random practices as makers of teams see them: staff, half-days, lists and who saw whom."""

from __future__ import annotations

import numpy as np

from hamlets.teams.inputs import HALF_DAYS, Clinicians, People, PracticeInputs, Seen

GP_ROLES = ("gp_partner", "gp_salaried", "gp_registrar", "gp_locum")
LANGUAGES = ("Bengali", "Somali", "Polish")
SKILLS = ("minor_surgery", "womens_health")


def practice(
    seed: int,
    gps: int = 8,
    patients_per_gp: int = 400,
    *,
    nurses: int = 2,
    pharmacists: int = 1,
    sites: int = 1,
    registrars: int = 0,
    locums: int = 0,
    locked_share: float = 0.01,
    loyalty: float = 0.55,
    long_days: bool = True,
    drift: float = 0.4,
) -> PracticeInputs:
    """Return a practice of ``gps`` GPs, of whom the last are registrars and locums.

    Patients see a usual GP, one or two others whom they meet often (GPs who stand in for
    each other), and now and then anybody: weights lie on 1 to 3 GPs, as in real books.
    ``drift`` = share whose named GP is anybody, not the usual one.
    """
    draw = np.random.default_rng(seed)
    clinicians = _clinicians(draw, gps, nurses, pharmacists, sites, registrars, locums, long_days)
    people = _people(draw, clinicians, gps, patients_per_gp, sites, locked_share, loyalty, drift)
    return PracticeInputs(f"EX{seed:03}", "Example Practice", 20_700, clinicians, people, "given")


def _clinicians(
    draw: np.random.Generator,
    gps: int,
    nurses: int,
    pharmacists: int,
    sites: int,
    registrars: int,
    locums: int,
    long_days: bool,
) -> Clinicians:
    holders = gps - registrars - locums
    roles = [GP_ROLES[0] if n < max(1, holders // 3) else GP_ROLES[1] for n in range(holders)]
    roles += ["gp_registrar"] * registrars + ["gp_locum"] * locums
    roles += ["nurse"] * nurses + ["pharmacist"] * pharmacists
    size = len(roles)
    half_days = np.zeros((size, HALF_DAYS), dtype=np.bool_)
    for row in range(size):
        days = draw.choice(5, size=int(draw.integers(3, 6)), replace=False)
        for day in days:
            for week in (0, 1):
                half_days[row, 10 * week + 2 * day] = True
                half_days[row, 10 * week + 2 * day + 1] = long_days or draw.random() < 0.6
    actual = np.tile(half_days, 6) & (draw.random((size, 6 * HALF_DAYS)) > 0.1)
    sessions = half_days.sum(axis=1) / 2
    gp = np.array([role.startswith("gp_") for role in roles])
    eligible = np.array([role in GP_ROLES[:2] for role in roles])
    return Clinicians(
        person=np.arange(size, dtype=np.int32),
        staff_id=tuple(f"S{row + 1:03}" for row in range(size)),
        name=tuple(f"Dr Example-{row + 1}" for row in range(size)),
        role=tuple(roles),
        contract=tuple("unknown" for _ in roles),
        gp=gp,
        eligible=eligible,
        sessions_per_week=sessions,
        capacity_minutes=sessions * 44 * 180.0 * (np.array(roles) != "gp_registrar"),
        half_days=half_days,
        actual_half_days=actual,
        site=tuple(f"site-{row % sites + 1}" for row in range(size)),
        languages=tuple(
            frozenset(word for word in LANGUAGES if draw.random() < 0.3) for _ in roles
        ),
        skills=tuple(frozenset(word for word in SKILLS if draw.random() < 0.4) for _ in roles),
        end_day=np.full(size, 2**31 - 1, dtype=np.int32),
    )


def _people(
    draw: np.random.Generator,
    clinicians: Clinicians,
    gps: int,
    patients_per_gp: int,
    sites: int,
    locked_share: float,
    loyalty: float,
    drift: float,
) -> People:
    size = gps * patients_per_gp
    pull = clinicians.sessions_per_week[:gps] * draw.uniform(0.6, 1.4, gps)
    usual = draw.choice(gps, size=size, p=pull / pull.sum())
    # Whom a GP's patients meet when the GP is away: a few colleagues, more at the same site.
    beside = draw.gamma(0.25, 1.0, (gps, gps)) + 0.02
    same = np.array([[a == b for b in clinicians.site[:gps]] for a in clinicians.site[:gps]])
    beside *= np.where(same, 1.0, 0.2)
    if gps > 1:
        np.fill_diagonal(beside, 0.0)
    beside /= beside.sum(axis=1, keepdims=True)
    need = draw.gamma(0.9, 1.0, size)
    counts = draw.poisson(5.5 * need)
    offset = np.zeros(size + 1, dtype=np.int64)
    clinician: list[np.ndarray] = []
    weight: list[np.ndarray] = []
    contacts: list[np.ndarray] = []
    for patient in range(size):
        who = np.full(counts[patient], usual[patient])
        other = draw.random(who.size) > loyalty
        who[other] = draw.choice(gps, size=int(other.sum()), p=beside[usual[patient]])
        anybody = draw.random(who.size) < 0.08
        who[anybody] = draw.integers(0, gps, int(anybody.sum()))
        age = draw.integers(0, 730, who.size)
        weights = np.bincount(who, weights=0.5 ** (age / 365.0), minlength=gps)
        recent = np.bincount(who, weights=age < 365, minlength=gps)
        rows = np.flatnonzero(weights)
        offset[patient + 1] = offset[patient] + rows.size
        clinician.append(rows)
        weight.append(weights[rows])
        contacts.append(recent[rows])
    alone = draw.random(size) < 0.45
    household = np.cumsum(alone | (draw.random(size) < 0.5)) - 1
    household -= household[0]
    eligible = np.flatnonzero(clinicians.eligible)
    named = np.where(np.isin(usual, eligible), usual, -1)
    drifted = draw.random(size) < drift
    named[drifted] = draw.choice(eligible, int(drifted.sum()))
    gone = draw.random(size) < 0.04
    named[gone] = -1
    locked = np.where((draw.random(size) < locked_share) & np.isin(usual, eligible), usual, -1)
    return People(
        patient=np.arange(size, dtype=np.int32),
        patient_id=tuple(f"P{number:06}" for number in range(size)),
        household=household.astype(np.int32),
        named=named.astype(np.int32),
        named_gone=gone & (draw.random(size) < 0.7),
        work_minutes=10.0 + 60.0 * need,
        locked=locked.astype(np.int32),
        site=tuple(f"site-{usual[row] % sites + 1}" for row in range(size)),
        age_band=draw.integers(0, 6, size).astype(np.int8),
        imd_quintile=draw.integers(1, 6, size).astype(np.int8),
        language=tuple(
            LANGUAGES[int(draw.integers(0, 3))] if draw.random() < 0.15 else None
            for _ in range(size)
        ),
        cohorts={"frequent_attender": need > np.quantile(need, 0.97)},
        seen=Seen(
            offset,
            np.concatenate(clinician).astype(np.int32),
            np.concatenate(weight).astype(np.float64),
            np.concatenate(contacts).astype(np.int32),
        ),
    )

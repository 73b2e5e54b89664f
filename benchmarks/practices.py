"""Random practices for makers of teams, at any size: arrays at once, no loop over patients.

As in real books, lists are about in proportion to sessions, households mostly share a usual
GP, patients see that GP, one or two who stand in, and now and then anybody; a few have
drifted to another list. So the default band of work and budget of moves can hold together;
with ``shared=0`` about a fifth must move so that households stay whole, which is far harder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.teams.inputs import HALF_DAYS, Clinicians, People, PracticeInputs, Seen

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
LANGUAGES = ("Bengali", "Somali", "Polish")


@dataclass(frozen=True)
class Practice:
    """What to make."""

    gps: int
    patients_per_gp: int
    seed: int = 1
    loyalty: float = 0.55
    """Share of contacts with the usual GP, those with anybody left out."""
    drift: float = 0.1
    """Share whose named GP is anybody, not the usual one."""
    uneven: float = 0.1
    """How far a GP's popularity may be from the sessions worked."""
    shared: float = 0.8
    """Share of people in a household whose usual GP is that of its first member."""
    locked: float = 0.01
    """Share who asked for their usual GP."""

    @property
    def patients(self) -> int:
        """Number of patients."""
        return self.gps * self.patients_per_gp

    @property
    def name(self) -> str:
        """Size in words."""
        return f"{self.gps} x {self.patients:,}"


def make_practice(asked: Practice) -> PracticeInputs:
    """Return the practice; the same for the same seed."""
    draw = np.random.default_rng([asked.seed, asked.gps, asked.patients])
    staff = _clinicians(draw, asked.gps)
    people = _people(draw, staff, asked)
    return PracticeInputs("EX001", "Example Practice", 20_700, staff, people, "given")


def _clinicians(draw: np.random.Generator, gps: int) -> Clinicians:
    """Return GPs (a third partners, one in ten a registrar), nurses and a pharmacist."""
    registrars = gps // 10
    partners = max(1, (gps - registrars) // 3)
    roles = ["gp_partner"] * partners + ["gp_salaried"] * (gps - registrars - partners)
    roles += ["gp_registrar"] * registrars + ["nurse"] * max(1, gps // 4) + ["pharmacist"]
    size = len(roles)
    half_days = np.zeros((size, HALF_DAYS), dtype=np.bool_)
    for row in range(size):
        days = draw.choice(5, size=int(draw.integers(3, 6)), replace=False)
        for first in (0, 10):
            half_days[row, first + 2 * days] = True
            half_days[row, first + 2 * days + 1] = True
    actual = np.tile(half_days, 6) & (draw.random((size, 6 * HALF_DAYS)) > 0.1)
    sessions = half_days.sum(axis=1) / 2
    role = np.array(roles)
    return Clinicians(
        person=np.arange(size, dtype=np.int32),
        staff_id=tuple(f"S{row + 1:03}" for row in range(size)),
        name=tuple(f"Dr Example-{row + 1:03}" for row in range(size)),
        role=tuple(roles),
        contract=("unknown",) * size,
        gp=np.char.startswith(role, "gp_"),
        eligible=np.isin(role, ("gp_partner", "gp_salaried")),
        sessions_per_week=sessions,
        capacity_minutes=sessions * 44 * 180.0 * (role != "gp_registrar"),
        half_days=half_days,
        actual_half_days=actual,
        site=("site-1",) * size,
        languages=tuple(
            frozenset(word for word in LANGUAGES if draw.random() < 0.3) for _ in range(size)
        ),
        skills=(frozenset[str](),) * size,
        end_day=np.full(size, 2**31 - 1, dtype=np.int32),
    )


def _people(draw: np.random.Generator, staff: Clinicians, asked: Practice) -> People:
    gps, size = asked.gps, asked.patients
    eligible = np.flatnonzero(staff.eligible)
    pull = staff.sessions_per_week[eligible]
    pull = pull * draw.uniform(1 - asked.uneven, 1 + asked.uneven, len(eligible))
    usual = draw.choice(eligible, size=size, p=pull / pull.sum())
    begins = (draw.random(size) < 0.45) | (draw.random(size) < 0.5)
    begins[0] = True
    household = np.cumsum(begins) - 1
    follows = draw.random(size) < asked.shared
    usual = np.where(follows, usual[np.flatnonzero(begins)[household]], usual)
    need = draw.gamma(0.9, 1.0, size)
    named = usual.copy()
    drifted = draw.random(size) < asked.drift
    named[drifted] = draw.choice(eligible, int(drifted.sum()), p=pull / pull.sum())
    gone = draw.random(size) < 0.04
    named[gone] = -1
    speaks = draw.integers(0, len(LANGUAGES), size)
    speaks[draw.random(size) > 0.15] = -1
    words = (*LANGUAGES, None)
    return People(
        patient=np.arange(size, dtype=np.int32),
        patient_id=tuple(f"P{number:06}" for number in range(size)),
        household=household.astype(np.int32),
        named=named.astype(np.int32),
        named_gone=gone & (draw.random(size) < 0.7),
        work_minutes=10.0 + 60.0 * need,
        locked=np.where(draw.random(size) < asked.locked, usual, -1).astype(np.int32),
        site=("site-1",) * size,
        age_band=draw.integers(0, 6, size).astype(np.int8),
        imd_quintile=draw.integers(1, 6, size).astype(np.int8),
        language=tuple(words[which] for which in speaks.tolist()),
        cohorts={"frequent_attender": need > np.quantile(need, 0.97)},
        seen=_seen(draw, gps, usual, draw.poisson(5.5 * need), asked.loyalty),
    )


def _seen(draw: np.random.Generator, gps: int, usual: Ints, counts: Ints, loyalty: float) -> Seen:
    """Return who saw whom: the usual GP, those who stand in for that GP, anybody."""
    beside = draw.gamma(0.25, 1.0, (gps, gps)) + 0.02
    np.fill_diagonal(beside, 0.0)
    upto = np.cumsum(beside / beside.sum(axis=1, keepdims=True), axis=1)
    upto[:, -1] = 1.0
    patient = np.repeat(np.arange(len(usual)), counts)
    who = usual[patient]
    other = np.flatnonzero(draw.random(len(who)) > loyalty)
    # One sorted line of all GPs' rows, each a step of one: one search finds every stand-in.
    line = (upto + np.arange(gps)[:, None]).ravel()
    at = np.searchsorted(line, who[other] + draw.random(len(other)), side="right")
    who[other] = np.minimum(at - who[other] * gps, gps - 1)
    anybody = np.flatnonzero(draw.random(len(who)) < 0.08)
    who[anybody] = draw.integers(0, gps, len(anybody))
    age = draw.integers(0, 730, len(who))
    pair, row = np.unique(patient * gps + who, return_inverse=True)
    weight = np.bincount(row, weights=0.5 ** (age / 365.0))
    recent = np.bincount(row, weights=age < 365)
    offset = np.searchsorted(pair // gps, np.arange(len(usual) + 1))
    return Seen(
        offset.astype(np.int64),
        (pair % gps).astype(np.int32),
        weight.astype(np.float64),
        recent.astype(np.int32),
    )

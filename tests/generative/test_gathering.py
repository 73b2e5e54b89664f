"""Gathering and its naive twin agree about random worlds with rotas, to the last array."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest

import hamlets
from hamlets.continuity.calendar import day_of
from hamlets.continuity.columns import NEVER
from hamlets.errors import HamletsError
from hamlets.records import Store
from hamlets.teams.gathering import gather
from hamlets.teams.inputs import PracticeInputs
from tests.oracles.gathering import BANDS, COHORTS, NOT_BOOKABLE, Gathered
from tests.oracles.rotas import add_health, add_rota
from tests.oracles.rules import FAR, World
from tests.oracles.stores import build_store
from tests.oracles.worlds import LAST, random_world

TYPES = (None, "Morning surgery", "Duty", *NOT_BOOKABLE)


def a_world(seed: int) -> World:
    """Return a world with all that gathering reads."""
    rng = Random(seed)
    world = add_health(rng, random_world(rng, patients=rng.choice((30, 150)), practices=2))
    world = add_rota(rng, world, date(2024, 1, 1), LAST)
    if rng.random() < 0.3:  # a practice without a staff list, beside others that have one
        world["staff"] = [row for row in world["staff"] if row["practice_id"] != "G99001"]
    for row in world["staff"]:
        row["contract"] = rng.choice((row["contract"], "locum", "trainee", None, None, None))
        if row["end_date"] is None and rng.random() < 0.1:
            row["end_date"] = LAST + timedelta(days=rng.randint(1, 300))
        row["languages"] = rng.choice((None, "English", "English; Sylheti"))
    with_types, with_minutes = rng.random() < 0.5, rng.random() < 0.7
    for row in world["sessions"]:
        row["site_id"] = rng.choice(("S1", "S2", "S2", None))
        row["session_type"] = rng.choice(TYPES) if with_types else None
    for row in world["appointments"]:
        row["site_id"] = rng.choice((row["site_id"], None))
        row["duration_minutes"] = rng.choice((None, 0, 4, 9, 12, 35, 300)) if with_minutes else None
        if rng.random() < 0.3:  # gathered into the last weeks, when people are at work
            days = timedelta(days=(LAST - row["start_time"].date()).days - rng.randint(0, 90))
            row["start_time"] += days
    for row in world["patients"]:
        row["household_id"] = rng.choice((None, "H1", "H2", "H3"))
    for row in world["named_gps"]:
        row["source"] = rng.choice((None, "clinical_system", "preference"))
    return world


def check_staff(found: PracticeInputs, twin: Gathered) -> None:
    staff = found.clinicians
    assert list(staff.staff_id) == twin.people
    for i, person in enumerate(twin.people):
        since_until = twin.stay(person)
        mine = (
            staff.role[i], staff.contract[i], bool(staff.gp[i]), bool(staff.eligible[i]),
            staff.site[i], FAR if staff.end_day[i] == NEVER else day_of(staff.end_day[i]),
            *(list(a[i]) for a in (staff.half_days, staff.actual_half_days)),
        )  # fmt: skip
        theirs = (
            twin.role(person), twin.contract(person), twin.gp(person), twin.eligible(person),
            twin.site_of_staff(person), since_until[1], *twin.half_days(person),
        )  # fmt: skip
        assert mine == theirs, person
        assert staff.sessions_per_week[i] == pytest.approx(twin.sessions_per_week(person), abs=1e-9)
        assert staff.capacity_minutes[i] == pytest.approx(twin.capacity(person), abs=1e-9)
        spoken = {
            word
            for row in twin.rows(person)
            if row.get("languages") and (row.get("start_date") or date.min) <= twin.day
            and (row.get("end_date") or FAR) > twin.day
            for word in row["languages"].split("; ")
        }  # fmt: skip
        assert staff.languages[i] == spoken


def check_people(found: PracticeInputs, twin: Gathered, names: list[str]) -> None:
    people, label = found.people, [*found.clinicians.staff_id, None]
    work = twin.work()
    for i, patient in enumerate(names):
        row = twin.row(patient)
        assert (label[people.named[i]], bool(people.named_gone[i])) == twin.named(patient)
        assert label[people.locked[i]] == twin.locked(patient)
        assert people.site[i] == twin.site(patient)
        assert people.language[i] == row.get("language")
        assert BANDS[people.age_band[i]] == twin.band(patient)
        decile = row.get("imd_decile")
        assert people.imd_quintile[i] == (5 if decile is None else (decile + 1) // 2 - 1)
        assert people.work_minutes[i] == pytest.approx(work[patient], abs=1e-9)
        seen = people.seen
        low, high = seen.offset[i], seen.offset[i + 1]
        assert list(seen.clinician[low:high]) == sorted(set(seen.clinician[low:high].tolist()))
        mine = {
            label[seen.clinician[k]]: (seen.weight[k], seen.contacts[k]) for k in range(low, high)
        }
        theirs = twin.seen(patient)
        assert mine.keys() == theirs.keys()
        for who, (weight, contacts) in theirs.items():
            assert mine[who] == (pytest.approx(weight, abs=1e-9), contacts)
        for j, other in enumerate(names[:i]):
            house = row.get("household_id")
            together = house is not None and twin.row(other).get("household_id") == house
            assert (people.household[i] == people.household[j]) == together
    assert set(people.cohorts) == set(COHORTS)
    for cohort, members in people.cohorts.items():
        here = {name for name, member in zip(names, members, strict=True) if member}
        assert here == twin.cohorts.members(cohort) & set(names), cohort


def check(store: Store, world: World, day: date | None) -> int:
    """Compare every practice of a world; return how many there were to compare."""
    compared = 0
    for practice in ("G99001", "G99002"):
        twin = Gathered(world, practice, day)
        counted = any(twin.by_patient[p] for p in twin.patients)
        try:
            found = gather(store, practice, day=day)
        except HamletsError as error:
            assert not counted, error.message
            continue
        assert counted
        compared += 1
        names = list(found.people.patient_id)
        assert sorted(names) == sorted(twin.patients)
        assert day_of(found.day) == twin.day
        assert (found.rota == "given") == twin.given
        assert np.all(np.diff(found.people.patient.astype(int)) > 0) or len(names) < 2
        check_staff(found, twin)
        check_people(found, twin, names)
    return compared


@pytest.mark.parametrize("seed", range(7))
def test_every_array(seed: int, tmp_path: Path) -> None:
    world = a_world(seed)
    with hamlets.open_store(build_store(tmp_path, world, identifiable=True)) as store:
        assert check(store, world, None)
        assert check(store, world, date(2025, 1, 20) + timedelta(days=seed))

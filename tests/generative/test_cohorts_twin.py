"""Cohorts and their naive twin agree about random worlds: members, counts and continuity."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

import hamlets
from hamlets.continuity import cohort_table, measure
from hamlets.continuity.cohorts import COHORTS
from hamlets.continuity.results import Cohorts
from tests.oracles import naive
from tests.oracles.agreement import near
from tests.oracles.cohorts import CohortsOf
from tests.oracles.counted import Counted
from tests.oracles.days import months_before
from tests.oracles.questions import Question
from tests.oracles.rotas import add_health
from tests.oracles.rules import Rules, World
from tests.oracles.stores import build_store
from tests.oracles.worlds import random_world


def a_world(seed: int) -> World:
    rng = Random(seed)
    return add_health(rng, random_world(rng, patients=45, practices=2))


@pytest.mark.parametrize("seed", range(6))
def test_measure_by_cohort(seed: int, tmp_path: Path) -> None:
    world = a_world(seed)
    question = Question(measures=("upc", "slicc"))
    with hamlets.open_store(build_store(tmp_path, world)) as store:
        table = measure(store, measures=["upc", "slicc"], by="cohort")
    found = {(row["cohort"], row["measure"]): row for row in table.to_pylist()}
    rules = Rules(world, question)
    window = rules.window()
    assert window is not None
    twin, counted = CohortsOf(world, *window), Counted(rules, *window)
    by_patient = {row["patient_id"]: row for row in naive.by_patient(world, question)}
    for cohort in COHORTS:
        members = twin.members(cohort)
        upc = [r["upc"] for p in members if (r := by_patient.get(p)) and r["upc"] is not None]
        row = found.get((cohort, "upc"), {"value": None, "n_patients": 0})
        assert row["n_patients"] == len(upc), cohort
        assert near(row["value"], sum(upc) / len(upc) if upc else None), cohort
        named = [c for p in members for c, _ in counted.of(p) if c.named is not None]
        row = found.get((cohort, "slicc"), {"value": None, "n_contacts": 0})
        assert row["n_contacts"] == len(named), cohort
        own = sum(c.person == c.named for c in named)
        assert near(row["value"], own / len(named) if named else None), cohort


@pytest.mark.parametrize(
    ("seed", "threshold", "contacts", "by_practice"),
    [
        (11, "centile", "gp", False),
        (12, "centile", "all", True),
        (13, "9", "gp", True),
        (14, "9", "all", False),
        (15, "11", "all", True),
        (16, "centile", "all", True),
    ],
)
def test_cohort_table(
    seed: int, threshold: str, contacts: str, by_practice: bool, tmp_path: Path
) -> None:
    world = a_world(seed)
    with hamlets.open_store(build_store(tmp_path, world)) as store:
        found: Cohorts = cohort_table(
            store, by_practice=by_practice, threshold=threshold, contacts=contacts
        )
        for place in {row.practice_id for row in found.rows} - {None}:
            # reading only what touches a practice leaves nothing out
            alone = cohort_table(store, place, threshold=threshold, contacts=contacts).rows
            assert alone == tuple(row for row in found.rows if row.practice_id == place)
    last = found.period.last
    assert found.period.first == months_before(last, 24) + timedelta(days=1)
    least = {"centile": None, "9": 9, "11": 11}[threshold]
    twin = CohortsOf(world, found.period.first, last, least, contacts == "all")
    assert {row.cohort for row in found.rows} == {*COHORTS, "everyone"}
    for row in found.rows:
        patients, seen, rate = twin.row(row.cohort, row.practice_id)
        assert row.expected_gain is None and row.reason
        if row.n_patients is None:  # never loaded: the twin finds nobody, which is not known
            assert patients == 0 and "loaded" in row.reason
            continue
        assert (row.n_patients, row.n_contacts) == (patients, seen), row.cohort
        assert near(row.contacts_per_patient_year, rate), row.cohort

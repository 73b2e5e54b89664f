"""Contacts with the team given for the named GP: never more than asked, band and budget kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hamlets.teams.allocation import TEAMS_FIRST, Allocation, Placing, Team, allocate, deal
from hamlets.teams.columns import find_gps
from hamlets.teams.comparing.measures import measure_arrangement
from hamlets.teams.designing import design
from hamlets.teams.favouring import favour_named, own_contacts
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from tests.oracles.practices import practice

MODEL = TeamModel(team_gps=(2, 4), cover="none", disruption_percent=20)
TEAMS: tuple[Team, ...] = ((0, 1, 2), (3, 4, 5))


def drawn(seed: int, given: float) -> tuple[PracticeInputs, Placing, Allocation]:
    """Return a practice of two teams in which many see another GP than the one named."""
    inputs = practice(seed, gps=6, patients_per_gp=150, drift=0.6)
    model = replace(MODEL, own_gp_percent=given)
    placing = Placing.of(inputs, model, find_gps(inputs, model))
    return inputs, placing, allocate(placing, TEAMS)


def contacts_of(inputs: PracticeInputs, found: Allocation) -> tuple[float, float]:
    """Return recency-weighted contacts with the team and with the named GP, by plain loops."""
    team, own, seen = 0.0, 0.0, inputs.people.seen
    for patient in range(inputs.people.size):
        for row in range(seen.offset[patient], seen.offset[patient + 1]):
            gp = int(seen.clinician[row])
            team += float(seen.weight[row]) * (gp in TEAMS[found.team[patient]])
            own += float(seen.weight[row]) * (gp == found.named[patient])
    return team, own


@pytest.mark.parametrize("seed", range(2))
def test_gives_no_more_than_asked_and_keeps_band_and_budget(seed: int) -> None:
    inputs, placing, before = drawn(seed, 0.5)
    assert before.band_kept
    assert before.budget_kept

    found, leaning = favour_named(placing, TEAMS, before, before.value)

    team, own = contacts_of(inputs, found)
    assert (found.value, own_contacts(inputs, found)) == (pytest.approx(team), pytest.approx(own))
    assert team >= before.value * 0.995 - 1e-9
    assert own >= own_contacts(inputs, before)
    people, size = inputs.people, len(placing.held)
    moved = int((people.named[placing.held] != found.named[placing.held]).sum())
    assert moved <= 0.2 * size
    capacity = np.array([inputs.clinicians.capacity_minutes[list(t)].sum() for t in TEAMS])
    work = np.array([people.work_minutes[found.team == t].sum() for t in range(2)])
    assert np.abs(work / capacity / (work.sum() / capacity.sum()) - 1).max() <= 0.05 + 1e-9
    assert (deal(placing, TEAMS, leaning).named == found.named).mean() > 0.97


def test_more_that_may_be_given_brings_more_with_the_named_gp() -> None:
    own, team = list[float](), list[float]()
    for given in (0.0, 0.5, 3.0):
        inputs, placing, before = drawn(2, given)
        found, _ = favour_named(placing, TEAMS, before, before.value)
        own.append(own_contacts(inputs, found))
        team.append(found.value)
    assert own[0] < own[1] < own[2]
    assert own[2] > 1.02 * own[0]
    assert team[0] > team[1] > team[2] >= 0.97 * team[0]


def test_nothing_is_given_where_nothing_may_be_or_there_is_one_team() -> None:
    _, placing, before = drawn(1, 0.0)
    assert favour_named(placing, TEAMS, before, before.value) == (before, TEAMS_FIRST)
    _, placing, before = drawn(1, 5.0)
    one: tuple[Team, ...] = (tuple(range(6)),)
    alone = allocate(placing, one)
    assert favour_named(placing, one, alone, alone.value) == (alone, TEAMS_FIRST)
    broken = replace(before, band_kept=False)
    assert favour_named(placing, TEAMS, broken, before.value)[0] is broken


def test_a_design_says_what_it_gave_up_and_stays_under_its_bound() -> None:
    inputs = practice(7, gps=6, patients_per_gp=150, drift=0.6)
    strict = design(inputs, replace(MODEL, own_gp_percent=0.0))
    leaning = design(inputs, MODEL)
    first, second = (
        measure_arrangement(inputs, made.arrangement, MODEL) for made in (strict, leaning)
    )
    assert "given up" not in strict.certificate.covers
    assert "given up, so that more are with the named GP." in leaning.certificate.covers
    assert (second.retained_own or 0) > (first.retained_own or 0)
    proof = leaning.certificate
    assert proof.bound * 0.995 - 1e-9 <= proof.value <= proof.bound
    assert proof.gap == pytest.approx(proof.formation_gap + proof.allocation_loss)

"""Somebody of a plan in another team: who follows, what it breaks, and back again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import numpy as np
import pytest

from hamlets.errors import UsageError
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.broken_rules import find_broken
from hamlets.teams.comparing.measures import measure_arrangement
from hamlets.teams.designing import design
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.moving_staff import move_member, team_of
from hamlets.teams.results import Certificate
from tests.oracles.plan_rules import Promised, broken_promises
from tests.oracles.practices import practice

MODEL = TeamModel(
    team_gps=(2, 4), roles={"nurse": 1}, cover="weekday", disruption_percent=30, leads=None
)


@cache
def planned(seed: int) -> tuple[PracticeInputs, TeamModel, Arrangement]:
    inputs = practice(seed, 7, 30, nurses=3)
    pair = (inputs.clinicians.staff_id[0], inputs.clinicians.staff_id[1])
    model = replace(MODEL, must_link=(pair,)) if seed % 3 == 0 else MODEL
    return inputs, model, design(inputs, model, time_limit=1.0).arrangement


def owned_up(inputs: PracticeInputs, model: TeamModel, plan: Arrangement) -> Promised:
    """Return what is owned up to, without a word on how good it is."""
    broken = frozenset((rule.id, rule.about) for rule in find_broken(inputs, model, plan))
    value = 0.0
    seen = inputs.people.seen
    for patient in range(inputs.people.size):
        gps = set(plan.teams[int(plan.team[patient])])
        for row in range(int(seen.offset[patient]), int(seen.offset[patient + 1])):
            value += float(seen.weight[row]) * (int(seen.clinician[row]) in gps)
    nan = float("nan")
    return Promised(Certificate(value, nan, nan, 0.0, 0.0, ""), "infeasible", broken)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_move_breaks_is_all_that_an_independent_check_finds(seed: int) -> None:
    inputs, model, plan = planned(seed)
    rng = Random(seed)
    for _ in range(6):
        row = rng.choice([gp for team in plan.teams for gp in team])
        to = rng.choice([t for t in range(len(plan.teams)) if t != team_of(plan, row)])
        try:
            moved = move_member(inputs, plan, model, row, to)
        except UsageError:
            stay = [gp for gp in plan.teams[team_of(plan, row)] if gp != row]
            assert not any(inputs.clinicians.eligible[gp] for gp in stay)
            continue
        promised = owned_up(inputs, model, moved)
        found = broken_promises(inputs, model, moved, promised)
        parted = [each for each in found if each.startswith("household")]
        assert [each for each in found if each not in parted] == []
        assert bool(parted) == (("households", "") in promised.given_up)
        # nothing is owned up to that holds: without it, the check finds something
        for rule in promised.given_up - {("households", "")}:
            less = replace(promised, given_up=promised.given_up - {rule})
            assert len(broken_promises(inputs, model, moved, less)) > len(found), rule


@pytest.mark.parametrize("seed", range(4))
def test_the_list_goes_along_and_every_named_gp_stays(seed: int) -> None:
    inputs, model, plan = planned(seed)
    row = next(gp for gp in plan.teams[0] if (plan.named == gp).any())
    moved = move_member(inputs, plan, model, row, 1)
    assert moved.named.tolist() == plan.named.tolist()
    for patient in range(inputs.people.size):
        mine = int(plan.named[patient]) == row
        assert int(moved.team[patient]) == (1 if mine else int(plan.team[patient]))
    before, after = (measure_arrangement(inputs, each, model) for each in (plan, moved))
    assert after.moved == before.moved and after.retained_own == before.retained_own
    back = move_member(inputs, moved, model, row, 0)
    assert [back.teams, back.others] == [plan.teams, plan.others]
    assert np.array_equal(back.team, plan.team)


def test_a_nurse_goes_without_patients_and_leaves_a_rule_broken() -> None:
    inputs, model, plan = planned(1)
    nurse = next(each for team in plan.others for each in team)
    home = team_of(plan, nurse)
    moved = move_member(inputs, plan, model, nurse, (home + 1) % len(plan.teams))
    assert np.array_equal(moved.team, plan.team)
    alone = sum(inputs.clinicians.role[each] == "nurse" for each in plan.others[home]) == 1
    assert (("role", "nurse") in {(r.id, r.about) for r in find_broken(inputs, model, moved)}) is (
        alone
    )


def test_nobody_moves_where_they_are_or_out_of_no_team() -> None:
    inputs, model, plan = planned(2)
    row = plan.teams[0][0]
    with pytest.raises(UsageError, match="already"):
        move_member(inputs, plan, model, row, 0)
    with pytest.raises(UsageError, match="no team"):
        move_member(inputs, plan, model, inputs.clinicians.size + 5, 0)

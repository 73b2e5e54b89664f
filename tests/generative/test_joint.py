"""The bound with the band in it, against the linear programme of every partition there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hamlets.optimise.deadline import Deadline
from hamlets.teams.allocation import Placing
from hamlets.teams.columns import find_candidates, find_gps
from hamlets.teams.designing import design
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.joint import Joint
from hamlets.teams.model import TeamModel
from tests.oracles.partitions import Team, all_partitions, broken_rules
from tests.oracles.practices import practice

GPS = 6


@st.composite
def questions(draw: st.DrawFn) -> tuple[PracticeInputs, TeamModel]:
    inputs = practice(draw(st.integers(0, 10_000)), GPS, draw(st.sampled_from([6, 14])))
    model = TeamModel(
        team_gps=(2, 3),
        cover="none",
        band_percent=draw(st.sampled_from([5.0, 15.0, 40.0])),
        disruption_percent=draw(st.sampled_from([10.0, 30.0, 100.0])),
        households=draw(st.booleans()),
    )
    return inputs, model


def most_kept(inputs: PracticeInputs, model: TeamModel, teams: Sequence[Team]) -> float:
    """Return the most that teams retain when units may be in several in part; -inf = nothing."""
    people, staff = inputs.people, inputs.clinicians
    number = people.household if model.households else np.arange(people.size)
    _, unit = np.unique(number, return_inverse=True)
    units, count = int(unit.max()) + 1, len(teams)
    gain, charge, work = np.zeros((units, count)), np.zeros((units, count)), np.zeros(units)
    asked: dict[int, set[int]] = {}
    held = 0
    for patient in range(people.size):
        one, now, wish = unit[patient], int(people.named[patient]), int(people.locked[patient])
        work[one] += people.work_minutes[patient]
        held += now >= 0
        for place, team in enumerate(teams):
            for row in range(people.seen.offset[patient], people.seen.offset[patient + 1]):
                if people.seen.clinician[row] in team:
                    gain[one, place] += people.seen.weight[row]
            charge[one, place] += now >= 0 and (now not in team or wish not in (-1, now))
            if wish in team:
                asked.setdefault(int(one), set()).add(place)
    if any(len(places) > 1 for places in asked.values()):
        return np.inf
    shares = np.array([staff.capacity_minutes[list(team)].sum() for team in teams])
    fair, band = shares / shares.sum() * work.sum(), model.band_percent / 100
    loads = np.zeros((count, units, count))
    for place in range(count):
        loads[place, :, place] = work
    upper: Any = np.vstack([loads.reshape(count, -1), -loads.reshape(count, -1), charge.ravel()])
    budget = np.floor(model.disruption_percent / 100 * held + 1e-9)
    limits: Any = np.concatenate([fair * (1 + band), -fair * (1 - band), [budget]])
    bounds = [
        (0, 0 if one in asked and place not in asked[one] else 1)
        for one in range(units)
        for place in range(count)
    ]
    once: Any = np.kron(np.eye(units), np.ones(count))
    ones: Any = np.ones(units)
    found: Any = linprog(-gain.ravel(), upper, limits, once, ones, bounds=bounds)
    return -float(found.fun) if found.status == 0 else -np.inf


def every_partition(
    inputs: PracticeInputs, model: TeamModel
) -> list[tuple[tuple[Team, ...], float]]:
    """Return every partition that keeps the rules on teams, with the most that it retains."""
    return [
        (tuple(teams), most_kept(inputs, model, teams))
        for teams in all_partitions(range(GPS), 2, 3)
        if not broken_rules(inputs, model, teams)
    ]


@given(questions())
@settings(max_examples=8, deadline=None)
def test_no_partition_retains_more_than_the_bound(
    question: tuple[PracticeInputs, TeamModel],
) -> None:
    inputs, model = question
    made = design(inputs, model, time_limit=30)
    if made.status == "infeasible":
        return
    finite = [most for _, most in every_partition(inputs, model) if np.isfinite(most)]
    assert made.certificate.bound >= max(finite, default=0.0) * (1 - 1e-6)


@given(questions(), st.sampled_from([0.0, 0.01, 0.05]), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_no_partition_with_a_candidate_retains_more_than_its_ceiling(
    question: tuple[PracticeInputs, TeamModel], good_enough: float, random: Any
) -> None:
    inputs, model = question
    ways = [(teams, most) for teams, most in every_partition(inputs, model) if np.isfinite(most)]
    if not ways:
        return
    placing = Placing.of(inputs, model, find_gps(inputs, model))
    candidates = find_candidates(inputs, model)
    unknown = np.full(candidates.columns.count, np.inf)
    keep = random.choice([0.0, 0.4])
    joint = Joint(placing, candidates, unknown, keep, Deadline(30.0))
    teams, most = random.choice(ways)
    value = most * random.choice([0.9, 1.0])
    price = np.full(joint.units.count, random.choice([0.0, 1.0]))

    bound = joint.run(teams, value, price, lambda _: value, good_enough)

    assert bound >= max(most for _, most in ways) * (1 - 1e-6)
    for row, ceiling in enumerate(joint.ceiling.tolist()):
        team = candidates.team(row)
        with_it = [most for teams, most in ways if team in teams]
        assert ceiling >= max(with_it, default=-np.inf) - 1e-6 * abs(ceiling)
    # Whoever was left out could not have closed a greater gap than was asked for.
    assert joint.left_out <= value / (1 - good_enough) + 1e-9

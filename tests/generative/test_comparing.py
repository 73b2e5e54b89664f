"""Arrangements measured by loops and by arrays agree; what must hold of any arrangement."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import arrangements as oracle
from oracles.practices import practice

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.by_hand import (
    alphabetical,
    group_by_alphabet,
    most_seen,
    most_seen_balanced,
)
from hamlets.teams.comparing.equity import compare_groups
from hamlets.teams.comparing.explaining import explain
from hamlets.teams.comparing.measures import measure_arrangement
from hamlets.teams.comparing.pareto import mark_dominated
from hamlets.teams.comparing.shown import plan_teams
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import ParetoPoint

SEEDS = st.integers(0, 10_000)
WHOLE = TeamModel()
COHORT = TeamModel(approach="cohort", cohort="frequent_attender", households=False)


def some_practice(seed: int) -> PracticeInputs:
    """Return a small practice; some rows of who was seen are of people not at work any more."""
    rng = Random(seed)
    gps = rng.randint(1, 6)
    registrars = rng.randrange(2) if gps > 1 else 0
    inputs = practice(
        seed,
        gps,
        rng.choice((3, 12)),
        registrars=registrars,
        locums=rng.randrange(2) if gps > 2 else 0,
        locked_share=0.1,
        loyalty=0.4,
    )
    seen = inputs.people.seen
    clinician = seen.clinician.copy()
    clinician[[rng.random() < 0.1 for _ in range(len(clinician))]] = -1
    capacity = inputs.clinicians.capacity_minutes.copy()
    if rng.random() < 0.2:
        capacity[rng.randrange(gps)] = 0.0
    return replace(
        inputs,
        people=replace(inputs.people, seen=replace(seen, clinician=clinician)),
        clinicians=replace(inputs.clinicians, capacity_minutes=capacity),
    )


def some(seed: int) -> tuple[PracticeInputs, TeamModel, Arrangement]:
    rng = Random(seed)
    inputs = some_practice(seed)
    return inputs, rng.choice((WHOLE, WHOLE, COHORT)), oracle.random_arrangement(inputs, rng)


@settings(max_examples=100)
@given(SEEDS)
def test_measures_agree_with_loops(seed: int) -> None:
    inputs, model, arrangement = some(seed)
    found = measure_arrangement(inputs, arrangement, model)
    for name, value in oracle.measures(inputs, arrangement, model).items():
        assert getattr(found, name) == (None if value is None else pytest.approx(value)), name
    assert found.n_patients == len(oracle.placed_by(inputs, model))


@settings(max_examples=50)
@given(SEEDS)
def test_own_is_never_more_than_team(seed: int) -> None:
    inputs, model, arrangement = some(seed)
    found = measure_arrangement(inputs, arrangement, model)
    if found.retained_team is not None and found.retained_own is not None:
        assert 0 <= found.retained_own <= found.retained_team <= 1
    if found.chance_team is not None and found.chance_own is not None:
        assert 0 <= found.chance_own <= found.chance_team <= 1


@settings(max_examples=30)
@given(SEEDS)
def test_one_team_of_everybody_keeps_every_contact_of_those_at_work(seed: int) -> None:
    inputs, model, arrangement = some(seed)
    gps = np.flatnonzero(inputs.clinicians.gp).tolist()
    everyone = replace(
        arrangement,
        teams=(tuple(gps),),
        others=((),),
        shared=(),
        leads=(-1,),
        team=np.zeros(inputs.people.size, dtype=np.int32),
    )
    found = measure_arrangement(inputs, everyone, model)
    rows = [row for p in oracle.placed_by(inputs, model) for row in oracle.contacts_of(inputs, p)]
    at_work = sum(contacts for gp, contacts, _ in rows if gp >= 0)
    total = sum(contacts for _, contacts, _ in rows)
    assert found.retained_team == (at_work / total if total else None)
    if found.band_max is not None:
        assert found.band_max == pytest.approx(0, abs=1e-12)


@settings(max_examples=30)
@given(SEEDS)
def test_merging_two_teams_loses_no_contact(seed: int) -> None:
    inputs, model, arrangement = some(seed)
    if len(arrangement.teams) < 2:
        return
    first, second, *rest = arrangement.teams
    merged = replace(
        arrangement,
        teams=(tuple(sorted({*first, *second})), *rest),
        others=((*arrangement.others[0], *arrangement.others[1]), *arrangement.others[2:]),
        leads=arrangement.leads[1:],
        team=np.where(arrangement.team > 0, arrangement.team - 1, arrangement.team),
    )
    before = measure_arrangement(inputs, arrangement, model).retained_team
    after = measure_arrangement(inputs, merged, model).retained_team
    assert (before is None and after is None) or after >= before  # type: ignore[operator]


@settings(max_examples=60)
@given(SEEDS)
def test_groups_agree_with_loops_and_sum_to_everybody(seed: int) -> None:
    inputs, model, after = some(seed)
    before = oracle.random_arrangement(inputs, Random(seed + 1))
    rows = compare_groups(inputs, model, before, after)
    placed = oracle.placed_by(inputs, model)
    people = inputs.people
    for factor in ("age_band", "imd_quintile", "language"):
        assert sum(row.n_patients for row in rows if row.factor == factor) == len(placed)
    bands = ("0-4", "5-15", "16-44", "45-64", "65-74", "75-84", "85+")
    group_of = {
        "age_band": lambda p: bands[people.age_band[p]],
        "imd_quintile": lambda p: str(people.imd_quintile[p]),
        "language": lambda p: people.language[p] or "unknown",
        "cohort": lambda p: "frequent_attender" if people.cohorts["frequent_attender"][p] else None,
    }
    for row in rows:
        mine = [p for p in placed if group_of[row.factor](p) == row.group]
        assert row.n_patients == len(mine) > 0
        had = [p for p in mine if people.named[p] >= 0]
        moved = sum(people.named[p] != after.named[p] for p in had)
        assert row.moved_share == oracle.ratio(int(moved), len(had))
        for each, own, team in (
            (before, row.retained_own_before, row.retained_team_before),
            (after, row.retained_own_after, row.retained_team_after),
        ):
            sums = [
                sum(c) for c in zip(*(oracle.counts(inputs, each, p) for p in mine), strict=True)
            ]
            assert own == oracle.ratio(sums[1], sums[0])
            assert team == (oracle.ratio(sums[2], sums[0]) if each.teams else None)


@settings(max_examples=60)
@given(SEEDS)
def test_reasons_agree_with_loops_and_sum_to_those_who_move(seed: int) -> None:
    inputs, model, arrangement = some(seed)
    present = oracle.random_arrangement(inputs, Random(seed + 1))
    rows = explain(inputs, model, arrangement, present)
    staff = inputs.clinicians.staff_id
    expected: Counter[tuple[str, str]] = Counter()
    for patient in oracle.placed_by(inputs, model):
        why = oracle.reason(inputs, model, arrangement, patient)
        if why is None:
            continue
        left, joined = int(inputs.people.named[patient]), int(arrangement.named[patient])
        ends = [staff[gp] if gp >= 0 else "nobody" for gp in (left, joined)]
        expected[" to ".join(ends), why] += 1
    moves = {(row.subject, row.kind): row.number for row in rows if " to " in row.subject}
    assert moves == dict(expected)
    found = measure_arrangement(inputs, arrangement, model)
    assert sum(moves.values()) == found.moved + found.forced + found.first  # type: ignore[arg-type]
    names = [*inputs.clinicians.staff_id, "nobody"]
    assert all(row.subject.split(" to ")[0] in names for row in rows)
    ids = set(inputs.people.patient_id)
    assert not any(patient in row.reason for row in rows for patient in ids)


@settings(max_examples=40)
@given(SEEDS)
def test_numbers_of_clinicians_agree_with_loops(seed: int) -> None:
    inputs, model, arrangement = some(seed)
    staff, people = inputs.clinicians, inputs.people
    seen = people.seen
    saw = [
        set(seen.clinician[seen.offset[p] : seen.offset[p + 1]].tolist())
        for p in range(people.size)
    ]
    rows = explain(inputs, model, arrangement, arrangement)
    shared = Counter((row.subject, row.number) for row in rows if row.kind == "shared_patients")
    kept = {(row.subject, row.number) for row in rows if row.kind == "kept"}
    expected: Counter[tuple[str, float]] = Counter()
    inside: set[tuple[str, float]] = set()
    for team in range(len(arrangement.teams)):
        members = sorted(arrangement.members(team))
        for one in members:
            for other in members:
                both = sum(one in each and other in each for each in saw)
                if one != other and both:
                    expected[staff.staff_id[one], both] += 1
            given_all = [
                (p, contacts)
                for p in range(people.size)
                for gp, contacts, _ in oracle.contacts_of(inputs, p)
                if gp == one
            ]
            if sum(contacts for _, contacts in given_all):
                mine = sum(
                    contacts
                    for p, contacts in given_all
                    if one in oracle.people_of(arrangement, int(arrangement.team[p]))
                )
                inside.add((staff.staff_id[one], mine))
    assert shared == expected
    # one team of everybody keeps everything: nothing to say
    assert kept == (inside if len(arrangement.teams) > 1 else set())


@settings(max_examples=40)
@given(SEEDS)
def test_teams_shown_agree_with_loops(seed: int) -> None:
    inputs, _, arrangement = some(seed)
    staff = inputs.clinicians
    shown = plan_teams(inputs, arrangement, "p1")
    assert len(shown) == len(arrangement.teams)
    all_members = [[*arrangement.members(t)] for t in range(len(shown))]
    for team, row in enumerate(shown):
        alone = [
            g
            for g in all_members[team]
            if sum(g in each for each in all_members) == 1 and g not in arrangement.shared
        ]
        assert sorted(row.members) == sorted(staff.staff_id[g] for g in alone)
        assert not {*row.members} & {*row.shared}
        assert row.list_size == int((arrangement.team == team).sum())
        holders = [g for g in arrangement.teams[team] if staff.eligible[g]]
        for half_day in range(10):
            weeks = [
                sum(bool(staff.half_days[g][half_day + 10 * w]) for g in holders) for w in (0, 1)
            ]
            assert row.cover[half_day] == min(weeks)
        real = staff.actual_half_days.shape[1]
        covered = sum(any(staff.actual_half_days[g][h] for g in holders) for h in range(real))
        assert row.covered_share == covered / real


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 4))
def test_alphabetical_blocks_are_within_one_patient_of_their_share(seed: int, n_teams: int) -> None:
    inputs = some_practice(seed)
    arrangement = alphabetical(inputs, WHOLE, n_teams)
    people, staff = inputs.people, inputs.clinicians
    most = float(people.work_minutes.max())
    capacity = [sum(staff.capacity_minutes[g] for g in team) for team in arrangement.teams]
    assert len(arrangement.teams) <= n_teams
    assert sorted(g for t in arrangement.teams for g in t) == np.flatnonzero(staff.gp).tolist()
    ids = [people.patient_id[p] for p in range(people.size)]
    blocks = [arrangement.team[p] for p in sorted(range(people.size), key=ids.__getitem__)]
    assert blocks == sorted(blocks)
    for team, members in enumerate(arrangement.teams):
        mine = arrangement.team == team
        work = float(people.work_minutes[mine].sum())
        if sum(capacity) > 0:
            share = capacity[team] / sum(capacity)
            assert abs(work - share * people.work_minutes.sum()) <= most + 1e-6
        holders = [g for g in members if staff.eligible[g]]
        minutes = sum(staff.capacity_minutes[g] for g in holders)
        for gp in holders if minutes else ():
            listed = float(people.work_minutes[arrangement.named == gp].sum())
            assert abs(listed - work * staff.capacity_minutes[gp] / minutes) <= most + 1e-6
        assert {*arrangement.named[mine].tolist()} <= {*holders}


@settings(max_examples=40)
@given(SEEDS, st.integers(1, 4), st.sampled_from([2.0, 5.0, 30.0]))
def test_most_seen_and_its_balanced_form(seed: int, n_teams: int, band: float) -> None:
    inputs = some_practice(seed)
    people, staff = inputs.people, inputs.clinicians
    teams = group_by_alphabet(inputs, WHOLE, n_teams)
    free = most_seen(inputs, WHOLE, teams)
    even = most_seen_balanced(inputs, WHOLE, teams, band)
    home = {gp: number for number, team in enumerate(teams) for gp in team}
    for patient in range(people.size):
        weights = {
            gp: weight
            for gp, _, weight in oracle.contacts_of(inputs, patient)
            if gp >= 0 and staff.eligible[gp]
        }
        chosen = int(free.named[patient])
        assert staff.eligible[chosen]
        assert weights.get(chosen, 0.0) == max(weights.values(), default=0.0)
        if not weights and people.named[patient] >= 0:
            assert chosen == people.named[patient]
        for each in (free, even):
            assert each.team[patient] == home[int(each.named[patient])]
    household: dict[int, float] = {}
    together: dict[int, set[int]] = {}
    for patient in range(people.size):
        home_of = int(people.household[patient])
        household[home_of] = household.get(home_of, 0.0) + float(people.work_minutes[patient])
        if people.locked[patient] < 0:
            together.setdefault(home_of, set()).add(int(even.team[patient]))
    assert all(len(each) == 1 for each in together.values())
    found = measure_arrangement(inputs, even, WHOLE)
    if found.band_max is not None:
        # A household is the smallest piece: in a small practice that may be more than the band.
        capacity = [sum(staff.capacity_minutes[g] for g in team) for team in teams]
        piece = max(household.values()) / sum(household.values())
        worst = max(piece * sum(capacity) / each for each in capacity if each)
        assert found.band_max <= band / 100 + worst + 1e-9

    def weight_kept(named: np.ndarray) -> float:
        rows = [(p, row) for p in range(people.size) for row in oracle.contacts_of(inputs, p)]
        return sum(weight for p, (gp, _, weight) in rows if gp >= 0 and gp == named[p])

    assert weight_kept(even.named) <= weight_kept(free.named) + 1e-9


POINTS = st.lists(st.tuples(*[st.sampled_from([0.1, 0.2, 0.3])] * 3), min_size=0, max_size=12)


@given(POINTS)
def test_dominated_points_are_those_that_another_beats(values: list[tuple[float, ...]]) -> None:
    points = [
        ParetoPoint(5.0, 20.0, team, 0.5, band, moved, False, False) for team, band, moved in values
    ]
    marked = mark_dominated(points)
    assert [replace(each, dominated=False) for each in marked] == points
    for mine, point in enumerate(marked):
        beaten = False
        for other, rival in enumerate(points):
            no_worse = (
                rival.retained_team >= point.retained_team
                and rival.band_max <= point.band_max
                and rival.moved_share <= point.moved_share
            )
            beats = (
                rival.retained_team > point.retained_team
                or rival.band_max < point.band_max
                or rival.moved_share < point.moved_share
            )
            beaten |= other != mine and no_worse and beats
        assert point.dominated == beaten
    if marked:
        assert not all(point.dominated for point in marked)

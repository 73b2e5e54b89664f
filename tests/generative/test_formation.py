"""Formation: equal to exhaustive enumeration, never above its bound, every rule kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.partitions import best_teams, broken_rules, retained, unit_weights
from oracles.practices import practice

from hamlets.teams.columns import find_candidates, find_gps, list_rules
from hamlets.teams.formation import form
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.retained import Retained
from hamlets.teams.units import gather_units


def small(seed: int) -> tuple[PracticeInputs, TeamModel]:
    """Return a small practice and a team model, both drawn from the seed."""
    draw = np.random.default_rng(seed)
    gps = int(draw.integers(4, 9))
    registrars, locums = int(draw.integers(0, 2)), int(draw.integers(0, 2))
    inputs = practice(
        seed,
        gps,
        int(draw.integers(5, 25)),
        nurses=int(draw.integers(0, 5)),
        sites=int(draw.integers(1, 3)),
        registrars=registrars,
        locums=locums,
        locked_share=0.1,
        loyalty=float(draw.choice([0.3, 0.55])),
        long_days=bool(draw.random() < 0.7),
    )
    staff = [inputs.clinicians.staff_id[row] for row in range(gps)]

    def pair() -> tuple[tuple[str, ...], ...]:
        if draw.random() < 0.6:
            return ()
        return (tuple(str(name) for name in draw.choice(staff, 2, replace=False)),)

    least = int(draw.integers(1, 3))
    return (
        inputs,
        TeamModel(
            approach=str(draw.choice(["whole_list"] * 3 + ["cohort", "buddies"])),  # type: ignore[arg-type]
            team_gps=(least, int(draw.integers(max(2, least), 5))),
            roles={"nurse": int(draw.integers(0, 2))},
            cover=str(draw.choice(["weekday", "half_day", "none"])),  # type: ignore[arg-type]
            cover_except=("Monday", "Friday morning") if draw.random() < 0.3 else (),
            must_link=pair(),
            cannot_link=pair(),
            one_site=bool(draw.random() < 0.15),
            languages={"Bengali": 1} if draw.random() < 0.15 else {},
            skills={"minor_surgery": 1} if draw.random() < 0.15 else {},
            leads=tuple(staff[:3]) if draw.random() < 0.2 else None,
            team_sessions=(6, 30) if draw.random() < 0.2 else None,
            households=bool(draw.random() < 0.7),
            cohort="frequent_attender",
        ),
    )


def agree(inputs: PracticeInputs, model: TeamModel) -> bool:
    """Check one formation against the twin; return whether teams could be formed."""
    expected = best_teams(inputs, model)
    found = form(inputs, model, time_limit=30)
    if expected is None:
        assert found.status == "infeasible"
        assert found.conflict
        return False
    assert found.status == "optimal"
    assert broken_rules(inputs, model, found.teams) == []
    assert found.value == pytest.approx(expected[0], rel=1e-9, abs=1e-9)
    assert found.value == pytest.approx(retained(unit_weights(inputs, model), found.teams))
    assert found.bound >= found.value
    return True


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_equal_to_exhaustive_enumeration(first: int) -> None:
    formed = [agree(*small(seed)) for seed in range(first, first + 10)]

    assert any(formed)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("gps", [9, 10])
def test_equal_to_exhaustive_enumeration_of_larger_practices(gps: int, seed: int) -> None:
    assert agree(practice(seed, gps, 8, loyalty=0.3), TeamModel(cover="none"))


@settings(max_examples=25, deadline=None)
@given(st.integers(1_000, 10**6))
def test_no_partition_is_above_the_bound_of_any_thresholds(seed: int) -> None:
    inputs, _ = small(seed)
    model = TeamModel(team_gps=(1, 4), cover="none")
    rules = [rule for rule in list_rules(inputs, model) if rule.id.startswith("size")]
    candidates = find_candidates(inputs, model, rules)
    values = Retained(gather_units(inputs, model, candidates.gps), candidates.columns)
    draw = np.random.default_rng(seed)
    threshold = values.threshold * draw.uniform(0, 2, len(values.threshold))
    gains, constant = values.bounding(threshold)
    units = unit_weights(inputs, model)
    order = {candidates.team(row): row for row in range(candidates.columns.count)}
    for _ in range(5):
        people = [int(gp) for gp in draw.permutation(candidates.gps)]
        teams = []
        while people:
            size = min(len(people), int(draw.integers(1, 5)))
            teams.append(tuple(sorted(people[:size])))
            people = people[size:]
        rows = np.array([order[team] for team in teams])
        expected = retained(units, teams)
        assert values.value(rows) == pytest.approx(expected)
        assert gains[rows].sum() + constant >= expected - 1e-9
        assert values.following()[rows].sum() <= expected + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_conflicts_are_real_and_the_nearest_teams_keep_the_other_rules(seed: int) -> None:
    inputs = practice(seed, 8, 10, nurses=2)
    absent = inputs.clinicians.half_days.copy()
    absent[:, [0, 1, 10, 11]] = False
    inputs = replace(inputs, clinicians=replace(inputs.clinicians, half_days=absent))
    model = TeamModel(must_link=(("S001", "S002"),))

    found = form(inputs, model, time_limit=20)

    assert found.status == "infeasible"
    assert [(rule.id, rule.about) for rule in found.conflict] == [("cover", "Monday")]
    assert found.conflict == found.relaxed
    broken = broken_rules(inputs, model, found.teams)
    assert broken
    assert {word.split(" ", 2)[2] for word in broken} == {"(0, 1)", "(10, 11)"}


@pytest.mark.parametrize("seed", range(3))
def test_all_conflicts_are_named_that_rules_are_given_up_for(seed: int) -> None:
    inputs = practice(seed, 6, 10)
    absent = inputs.clinicians.half_days.copy()
    absent[:, [0, 1, 10, 11]] = False
    inputs = replace(inputs, clinicians=replace(inputs.clinicians, half_days=absent))
    both = (("S001", "S002"),)
    model = TeamModel(must_link=both, cannot_link=both)

    found = form(inputs, model, time_limit=20)

    assert [(rule.id, rule.about) for rule in found.conflict] == [("cover", "Monday")]
    assert [[rule.id for rule in rules] for rules in found.further] == [
        ["must_link", "cannot_link"]
    ]
    named = {rule for rules in (found.conflict, *found.further) for rule in rules}
    assert len(found.relaxed) == 2
    assert set(found.relaxed) < named
    for rule in found.relaxed:  # nor would one of them do
        kept = tuple(each for each in list_rules(inputs, model) if each != rule)
        assert not form(inputs, model, rules=kept).teams


@pytest.mark.parametrize("seed", range(6))
def test_every_team_gets_the_roles_that_it_needs(seed: int) -> None:
    inputs = practice(seed, 8, 15, nurses=5, sites=2 if seed % 2 else 1)
    staff = inputs.clinicians
    nurses = [row for row in range(staff.size) if staff.role[row] == "nurse"]
    one, other = (staff.staff_id[row] for row in nurses[:2])
    model = TeamModel(
        roles={"nurse": 1, "pharmacist": 1},
        one_site=bool(seed % 2),
        cover="none",
        must_link=((one, "S001"),),
        cannot_link=((other, "S001"),),
    )

    found = form(inputs, model, time_limit=20)

    assert found.status in ("optimal", "gap")
    assert sorted(row for team in found.others for row in team) == nurses
    for team, others in zip(found.teams, found.others, strict=True):
        assert others
        assert (nurses[0] in others) == (0 in team)
        assert not (nurses[1] in others and 0 in team)
        assert not model.one_site or len({staff.site[row] for row in (*team, *others)}) == 1


def test_a_nurse_who_may_be_in_no_team_is_a_conflict_of_rules() -> None:
    inputs = practice(1, 4, 15, nurses=1)
    nurse = inputs.clinicians.staff_id[4]
    model = TeamModel(
        roles={"nurse": 1}, team_gps=(2, 4), cover="none", cannot_link=((nurse, "S001"),)
    )

    found = form(inputs, model)

    # One nurse, so one team; it holds everybody, and she may not be with one of them.
    assert found.status == "infeasible"
    assert [rule.id for rule in found.conflict] == ["role", "cannot_link"]
    assert [rule.id for rule in found.relaxed] == ["cannot_link"]
    assert found.teams == ((0, 1, 2, 3),)
    assert found.others == ((4,),)
    for rule in found.conflict:
        kept = tuple(each for each in list_rules(inputs, model) if each != rule)
        assert form(inputs, model, rules=kept).teams


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 6), st.integers(1, 4), st.booleans(), st.data())
def test_teams_with_people_of_other_roles_equal_every_way_looked_at(
    seed: int, gps: int, nurses: int, one_site: bool, data: st.DataObject
) -> None:
    """Links between GPs and nurses: teams are found just where some way to deal all exists."""
    inputs = practice(seed, gps, 8, nurses=nurses, sites=2 if one_site else 1)
    ids = inputs.clinicians.staff_id[: gps + nurses]
    pair = st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True).map(tuple)
    model = TeamModel(
        roles={"nurse": 1},
        team_gps=(1, 3),
        cover="none",
        one_site=one_site,
        must_link=tuple(data.draw(st.lists(pair, max_size=2))),
        cannot_link=tuple(data.draw(st.lists(pair, max_size=3))),
    )

    found = form(inputs, model, rules=list_rules(inputs, model))

    ways = ways_to_deal(inputs, model, gps, nurses)
    assert bool(found.teams) == bool(ways)
    if ways:
        assert (found.teams, found.others) in ways


def ways_to_deal(
    inputs: PracticeInputs, model: TeamModel, gps: int, nurses: int
) -> set[tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]]:
    """Return every partition of the GPs with every way to deal the nurses that keeps the rules."""
    columns = find_candidates(inputs, replace(model, must_link=(), cannot_link=(), roles={}))
    allowed = {columns.team(row) for row in range(columns.columns.count)}
    staff = inputs.clinicians
    found: set[tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]] = set()
    for teams in partitions(tuple(range(gps))):
        if not set(teams) <= allowed:
            continue
        for homes in itertools.product(range(len(teams)), repeat=nurses):
            team_of = {staff.staff_id[gp]: n for n, team in enumerate(teams) for gp in team}
            team_of |= {staff.staff_id[gps + n]: home for n, home in enumerate(homes)}
            if set(homes) != set(range(len(teams))):
                continue
            if any(len({team_of[name] for name in group}) > 1 for group in model.must_link):
                continue
            if any(len({team_of[name] for name in group}) == 1 for group in model.cannot_link):
                continue
            others = tuple(
                tuple(gps + n for n, home in enumerate(homes) if home == team)
                for team in range(len(teams))
            )
            everybody = [{*a, *b} for a, b in zip(teams, others, strict=True)]
            sites = [{staff.site[row] for row in each} - {None} for each in everybody]
            if not model.one_site or all(len(each) <= 1 for each in sites):
                found.add((teams, others))
    return found


def partitions(items: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield every way to part items into sets, by the first of each."""
    if not items:
        yield ()
        return
    first, rest = items[0], items[1:]
    for size in range(len(rest) + 1):
        for mates in itertools.combinations(rest, size):
            left = tuple(item for item in rest if item not in mates)
            for others in partitions(left):
                yield ((first, *mates), *others)


def test_a_stop_still_gives_teams_and_a_bound() -> None:
    inputs = practice(5, 14, 60)
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 12

    found = form(inputs, TeamModel(), stop=stop)
    best = form(inputs, TeamModel())

    assert found.status == "stopped"
    assert best.status == "optimal"
    assert broken_rules(inputs, TeamModel(), found.teams) == []
    assert found.value <= best.value <= found.bound


def test_two_runs_agree_in_every_digit() -> None:
    inputs = practice(7, 12, 50)

    one, other = form(inputs, TeamModel()), form(inputs, TeamModel())

    assert replace(one, seconds=0) == replace(other, seconds=0)


@pytest.mark.parametrize("gps", [1, 2])
def test_very_small_practices_are_answered(gps: int) -> None:
    found = form(practice(1, gps, 20), TeamModel())

    covered = len(found.teams) == 1
    assert covered
    assert found.status == "optimal" or found.conflict


def test_a_practice_without_a_gp_has_no_teams() -> None:
    inputs = practice(1, 2, 20)
    nobody = np.zeros(inputs.clinicians.size, dtype=np.bool_)
    inputs = replace(inputs, clinicians=replace(inputs.clinicians, gp=nobody, eligible=nobody))

    found = form(inputs, TeamModel())

    assert len(find_gps(inputs, TeamModel())) == 0
    assert (found.status, found.teams) == ("infeasible", ())
    assert [rule.id for rule in found.conflict] == ["gps"]


def test_patients_without_contact_do_not_stop_a_formation() -> None:
    inputs = practice(3, 6, 20)
    people = inputs.people
    blank = replace(
        people.seen,
        offset=np.zeros_like(people.seen.offset),
        clinician=people.seen.clinician[:0],
        weight=people.seen.weight[:0],
        contacts=people.seen.contacts[:0],
    )

    found = form(replace(inputs, people=replace(people, seen=blank)), TeamModel())

    assert found.status == "optimal"
    assert (found.value, found.bound, found.gap) == (0.0, 0.0, 0.0)
    assert broken_rules(inputs, TeamModel(), found.teams) == []

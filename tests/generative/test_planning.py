"""Random models on random practices: every plan keeps what it promises; broken ones are caught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.teams.allocation import Placing, Team, allocate
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import find_gps
from hamlets.teams.comparing.measures import measure_arrangement
from hamlets.teams.designing import Design, design
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.list_limits import find_limits_in_conflict
from hamlets.teams.model import TeamModel
from hamlets.teams.trade_off import find_trade_off, list_settings
from tests.oracles.plan_rules import Promised, broken_promises
from tests.oracles.practices import LANGUAGES, SKILLS, practice

APPROACHES = ("whole_list", "whole_list", "cohort", "buddies", "personal_lists")


def promised_of(made: Design) -> Promised:
    """Return what a design says of its plan."""
    given_up = {(rule.id, rule.about) for rule in made.formation.relaxed}
    given_up |= {("band", "")} if not made.band_kept else set()
    given_up |= {("budget", "")} if not made.budget_kept else set()
    return Promised(made.certificate, made.status, frozenset(given_up))


@st.composite
def practices(draw: st.DrawFn) -> PracticeInputs:
    gps = draw(st.integers(2, 9))
    more = gps > 4
    return practice(
        draw(st.integers(0, 10_000)),
        gps=gps,
        patients_per_gp=draw(st.sampled_from([5, 20, 40])),
        nurses=draw(st.integers(0, 4)),
        sites=draw(st.sampled_from([1, 1, 2])),
        registrars=draw(st.integers(0, 1)) if more else 0,
        locums=draw(st.integers(0, 1)) if more else 0,
        locked_share=draw(st.sampled_from([0.0, 0.02, 0.1])),
        drift=draw(st.sampled_from([0.1, 0.4, 0.8])),
        long_days=draw(st.booleans()),
    )


def sometimes(draw: st.DrawFn, value: Any, otherwise: Any, one_in: int = 6) -> Any:
    return value if draw(st.integers(1, one_in)) == one_in else otherwise


def named(draw: st.DrawFn, ids: tuple[str, ...], least: int) -> tuple[str, ...]:
    return tuple(draw(st.lists(st.sampled_from(ids), min_size=least, max_size=3, unique=True)))


@st.composite
def asked(draw: st.DrawFn) -> tuple[PracticeInputs, TeamModel]:
    inputs = draw(practices())
    ids = inputs.clinicians.staff_id
    gps = tuple(name for name, gp in zip(ids, inputs.clinicians.gp, strict=True) if gp)
    least = draw(st.integers(1, 3))
    model = TeamModel(
        approach=draw(st.sampled_from(APPROACHES)),
        team_gps=(least, least + draw(st.integers(0, 2))),
        roles=sometimes(draw, {"nurse": draw(st.integers(1, 2))}, {}, 3),
        shared=draw(st.sampled_from([("pharmacist",), ("pharmacist", "nurse"), ()])),
        cover=draw(st.sampled_from(["weekday", "half_day", "none", "none", "none"])),
        cover_gps=sometimes(draw, 2, 1),
        cover_except=sometimes(draw, ("Tuesday", "Friday afternoon"), ()),
        band_percent=draw(st.sampled_from([3.0, 5.0, 10.0, 30.0])),
        list_band_percent=draw(st.sampled_from([5.0, 10.0, 50.0])),
        taking_part=sometimes(draw, gps[:-1] or gps, None),
        must_link=sometimes(draw, (named(draw, ids, 2),), (), 4),
        cannot_link=sometimes(draw, (named(draw, ids, 2),), (), 4),
        leads=sometimes(draw, gps[: max(1, len(gps) // 2)], None),
        one_site=sometimes(draw, True, False),
        languages=sometimes(draw, {draw(st.sampled_from(LANGUAGES)): 1}, {}),
        skills=sometimes(draw, {draw(st.sampled_from(SKILLS)): 1}, {}),
        team_sessions=sometimes(draw, (4.0, 30.0), None),
        households=draw(st.booleans()),
        disruption_percent=draw(st.sampled_from([0.0, 5.0, 20.0, 60.0, 100.0])),
        cohort="frequent_attender",
    )
    return inputs, model


@settings(max_examples=15, deadline=None)
@given(asked())
def test_every_plan_keeps_what_it_promises(question: tuple[PracticeInputs, TeamModel]) -> None:
    inputs, model = question
    made = design(inputs, model, time_limit=20)
    if not made.arrangement.teams:
        assert made.status == "infeasible"
        return
    assert broken_promises(inputs, model, made.arrangement, promised_of(made)) == []


MODEL = TeamModel(team_gps=(2, 3), roles={"nurse": 1}, cover="none", disruption_percent=30)


@pytest.fixture(scope="module")
def sound() -> tuple[PracticeInputs, Design]:
    inputs = practice(5, gps=6, patients_per_gp=30, locked_share=0.05)
    made = design(inputs, MODEL)
    assert broken_promises(inputs, MODEL, made.arrangement, promised_of(made)) == []
    return inputs, made


def moved(plan: Arrangement, patient: int, team: int, named: int) -> Arrangement:
    teams, lists = plan.team.copy(), plan.named.copy()
    teams[patient], lists[patient] = team, named
    return replace(plan, team=teams, named=lists)


def swap_members(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    one, other, *rest = plan.teams
    return replace(plan, teams=((other[0], *one[1:]), (one[0], *other[1:]), *rest))


def lose_a_gp(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    return replace(plan, teams=(plan.teams[0][1:], *plan.teams[1:]))


def twice(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    one, other, *rest = plan.teams
    return replace(plan, teams=(one, (*other, one[0]), *rest))


def no_nurse(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    return replace(plan, others=((), *plan.others[1:]))


def wrong_lead(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    return replace(plan, leads=(plan.leads[1], *plan.leads[1:]))


def part_a_household(plan: Arrangement, inputs: PracticeInputs) -> Arrangement:
    homes = inputs.people.household.tolist()
    p = next(p for p in range(1, len(homes)) if homes[p] == homes[p - 1])
    other = (int(plan.team[p]) + 1) % len(plan.teams)
    return moved(plan, p, other, plan.teams[other][0])


def list_outside_the_team(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    other = (int(plan.team[0]) + 1) % len(plan.teams)
    return moved(plan, 0, int(plan.team[0]), plan.teams[other][0])


def break_a_wish(plan: Arrangement, inputs: PracticeInputs) -> Arrangement:
    p = int(np.flatnonzero(inputs.people.locked >= 0)[0])
    team = int(plan.team[p])
    other = next(gp for gp in plan.teams[team] if gp != inputs.people.locked[p])
    return moved(plan, p, team, other)


def all_in_one_team(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    gp = plan.teams[0][0]
    return replace(plan, team=np.zeros_like(plan.team), named=np.full_like(plan.named, gp))


def forget_a_patient(plan: Arrangement, _inputs: PracticeInputs) -> Arrangement:
    return moved(plan, 3, -1, -1)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (swap_members, "the value is"),
        (lose_a_gp, "in 0 teams"),
        (twice, "in 2 teams"),
        (no_nurse, "has 0 of the role nurse"),
        (wrong_lead, "is led by somebody who may not"),
        (part_a_household, "household"),
        (list_outside_the_team, "is on the list of"),
        (break_a_wish, "asked for"),
        (all_in_one_team, "from its share of the work"),
        (all_in_one_team, "of 5"),
        (forget_a_patient, "is in no team"),
    ],
)
def test_the_check_finds_what_is_wrong(
    sound: tuple[PracticeInputs, Design],
    spoil: Callable[[Arrangement, PracticeInputs], Arrangement],
    words: str,
) -> None:
    inputs, made = sound
    found = broken_promises(inputs, MODEL, spoil(made.arrangement, inputs), promised_of(made))
    assert any(words in each for each in found), found


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (replace(MODEL, team_gps=(4, 5)), "fewer than 4"),
        (replace(MODEL, team_gps=(1, 1)), "more than 1"),
        (replace(MODEL, cover="half_day", cover_gps=3), "GPs on Tuesday morning"),
        (replace(MODEL, languages={"Welsh": 1}), "with Welsh"),
        (replace(MODEL, skills={"juggling": 2}), "with juggling"),
        (replace(MODEL, team_sessions=(90.0, 99.0)), "fewer than 90"),
        (replace(MODEL, team_sessions=(0.0, 1.0)), "more than 1"),
        (replace(MODEL, must_link=(("S001", "S002", "S003", "S004"),)), "are in teams"),
        (replace(MODEL, cannot_link=(("S001", "S002", "S003", "S004"),)), "some together"),
        (replace(MODEL, leads=("S999",)), "nobody who may lead"),
        (replace(MODEL, band_percent=0.0001), "from its share"),
        (replace(MODEL, disruption_percent=0.0), "who may"),
    ],
)
def test_the_check_finds_rules_that_were_not_asked_for(
    sound: tuple[PracticeInputs, Design], model: TeamModel, words: str
) -> None:
    inputs, made = sound
    found = broken_promises(inputs, model, made.arrangement, promised_of(made))
    assert any(words in each for each in found), found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 1.0}, "the value is 1.0"),
        ({"bound": 1.0}, "is above the bound 1.0"),
        ({"gap": 0.5}, "the gap is 0.5"),
        ({"allocation_loss": 0.5}, "the parts of the gap"),
        ({"formation_gap": -0.5, "allocation_loss": 0.6}, "below nothing"),
        ({"bound": float("nan")}, "there is no bound"),
    ],
)
def test_the_check_finds_a_wrong_proof(
    sound: tuple[PracticeInputs, Design], change: dict[str, float], words: str
) -> None:
    inputs, made = sound
    said = replace(promised_of(made), certificate=replace(made.certificate, **change))
    found = broken_promises(inputs, MODEL, made.arrangement, said)
    assert any(words in each for each in found), found


def test_the_trade_off_is_of_the_plans_own_teams(sound: tuple[PracticeInputs, Design]) -> None:
    inputs, made = sound
    measured = measure_arrangement(inputs, made.arrangement, MODEL)
    points, untried = find_trade_off(inputs, MODEL, made.arrangement, measured, seconds=60)
    assert untried == 0
    assert 9 <= len(points) <= 12
    (own,) = [point for point in points if point.this_plan]
    assert (own.band_percent, own.disruption_percent) == (5.0, 30.0)
    assert own.moved_share == measured.moved_share
    for point in points:
        assert point.band_max <= point.band_percent / 100 + 1e-9
        assert point.moved_share <= point.disruption_percent / 100
        better = [
            other
            for other in points
            if other.retained_team >= point.retained_team
            and other.band_max <= point.band_max
            and other.moved_share <= point.moved_share
            and (other.retained_team, other.band_max, other.moved_share)
            != (point.retained_team, point.band_max, point.moved_share)
        ]
        assert point.dominated == bool(better)


def test_a_trade_off_without_time_says_what_it_lacks(
    sound: tuple[PracticeInputs, Design],
) -> None:
    inputs, made = sound
    measured = measure_arrangement(inputs, made.arrangement, MODEL)
    points, untried = find_trade_off(
        inputs, MODEL, made.arrangement, measured, seconds=60, stop=lambda: True
    )
    assert [point.this_plan for point in points] == [True]
    assert untried == len(list_settings(MODEL)) - 1 == 11


@pytest.mark.parametrize("percent", [0.0, 20.0, 30.0, 80.0, 100.0])
def test_settings_hold_the_models_own_first_and_none_twice(percent: float) -> None:
    found = list_settings(replace(MODEL, disruption_percent=percent))
    assert found[0] == (5.0, percent)
    assert len(found) == len(set(found)) >= 9
    assert all(0 <= budget <= 100 for _, budget in found)


def test_limits_in_conflict_are_fewest(sound: tuple[PracticeInputs, Design]) -> None:
    """A list that nobody may leave and that must be even: without either it can be."""
    inputs, made = sound
    teams = made.arrangement.teams
    model = replace(MODEL, band_percent=0.1, disruption_percent=0.0)
    found = find_limits_in_conflict(inputs, model, teams, 60)
    assert found
    assert set(found) <= {"band", "budget", "households", "asked"}
    for limit in found:
        assert lists_found(inputs, model, teams, set(found) - {limit})
    assert not lists_found(inputs, model, teams, set(found))
    assert find_limits_in_conflict(inputs, model, teams, 0) == ()


def lists_found(
    inputs: PracticeInputs, model: TeamModel, teams: Sequence[Team], kept: set[str]
) -> bool:
    """Return whether lists are found that keep some limits, and check that they do."""
    if "asked" not in kept:
        nobody = np.full_like(inputs.people.locked, -1)
        inputs = replace(inputs, people=replace(inputs.people, locked=nobody))
    asked_for = replace(
        model,
        band_percent=model.band_percent if "band" in kept else 1e6,
        disruption_percent=model.disruption_percent if "budget" in kept else 100.0,
        households="households" in kept,
    )
    found = allocate(Placing.of(inputs, asked_for, find_gps(inputs, asked_for)), teams)
    return found.band_kept and found.budget_kept

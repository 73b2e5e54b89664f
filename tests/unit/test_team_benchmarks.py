"""The benchmarks of teams compare like with like: one practice, one count, rules that bite."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from benchmarks import ceiling
from benchmarks.borough_teams import Designed, summary
from benchmarks.measuring import BenchmarkError, EndedError, Run, run_process
from benchmarks.practices import Practice, make_practice
from benchmarks.team_checks import check_plan
from benchmarks.team_lists import list_task, solve_by_flow, solve_by_hamlets, solve_by_highs, widest
from benchmarks.team_rivals import Whole, whole_by_cpsat, whole_by_highs
from benchmarks.team_run import Outcome, formation
from benchmarks.teams import Try, contradictions, side_by_side
from hamlets.continuity.results import Period
from hamlets.teams.columns import find_candidates
from hamlets.teams.designing import design
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import Ceiling, CeilingRow

SMALL = Practice(gps=5, patients_per_gp=9, seed=3, locked=0.1)
MODEL = TeamModel(band_percent=20.0, disruption_percent=40.0)


@pytest.fixture(scope="module")
def inputs() -> PracticeInputs:
    return make_practice(SMALL)


def test_a_seed_gives_the_same_practice_and_another_a_different_one(inputs: PracticeInputs) -> None:
    again, other = make_practice(SMALL), make_practice(replace(SMALL, seed=4))
    assert np.array_equal(again.people.seen.weight, inputs.people.seen.weight)
    assert np.array_equal(again.people.named, inputs.people.named)
    assert not np.array_equal(other.people.work_minutes, inputs.people.work_minutes)


def test_a_practice_has_the_size_and_the_drift_that_were_asked_for() -> None:
    made = make_practice(Practice(gps=10, patients_per_gp=300, drift=0.2))
    people, seen = made.people, made.people.seen
    assert people.size == 3_000
    assert seen.offset[-1] == len(seen.clinician) == len(seen.weight) == len(seen.contacts)
    assert made.clinicians.eligible[people.named[people.named >= 0]].all()
    per_list = np.bincount(people.named[people.named >= 0], minlength=10)[:9]
    per_session = per_list / made.clinicians.sessions_per_week[:9]
    assert per_session.max() < 1.5 * per_session.min()
    for patient in (0, 7, 2_999):
        rows = slice(seen.offset[patient], seen.offset[patient + 1])
        assert (np.diff(seen.clinician[rows]) > 0).all()


@pytest.mark.parametrize("solve", [whole_by_cpsat, whole_by_highs])
def test_a_rival_solves_the_same_model(solve: object, inputs: PracticeInputs) -> None:
    """Its optimum lies between our plan and our bound, and its plan keeps the rules."""
    ours = design(inputs, MODEL, time_limit=20)
    whole = Whole(inputs, MODEL)
    solved = solve(whole, 20.0)  # pyright: ignore[reportCallIssue]
    assert solved.status == "optimal"
    teams, team = whole.read(solved.x)
    checked = check_plan(inputs, teams, team)
    assert checked.kept == pytest.approx(solved.value, rel=1e-3)
    assert ours.certificate.value <= solved.bound * (1 + 1e-3)
    assert checked.kept <= ours.certificate.bound * (1 + 1e-9)
    assert checked.band_max <= MODEL.band_percent / 100 + 1e-6
    assert checked.moved_share <= MODEL.disruption_percent / 100
    assert checked.everyone
    assert not checked.split
    candidates = find_candidates(inputs, MODEL)
    allowed = {candidates.team(row) for row in range(candidates.columns.count)}
    assert set(teams) <= allowed


def test_the_check_sees_a_broken_plan(inputs: PracticeInputs) -> None:
    done = design(inputs, MODEL, time_limit=20).arrangement
    good = check_plan(inputs, done.teams, done.team, done.named)
    assert good.everyone
    assert len(done.teams) == 2
    all_in_one = check_plan(inputs, done.teams, np.zeros_like(done.team))
    assert all_in_one.band_max > 0.5
    assert not check_plan(inputs, done.teams[:1], np.zeros_like(done.team)).everyone
    household = np.flatnonzero(np.bincount(inputs.people.household) > 1)[0]
    moved = done.team.copy()
    one = np.flatnonzero(inputs.people.household == household)[0]
    moved[one] = 1 - moved[one]
    assert check_plan(inputs, done.teams, moved).split == 1
    nobody = np.full_like(done.named, -1)
    assert check_plan(inputs, done.teams, done.team, nobody).moved_share == 1.0


def test_every_engine_forms_the_same_teams() -> None:
    found = [formation(engine, Practice(9, 60), 10.0) for engine in ("hamlets", "cpsat", "highs")]
    assert [each.status for each in found] == ["optimal"] * 3
    assert found[1].value == pytest.approx(found[0].value)
    assert found[2].value == pytest.approx(found[0].value)


@pytest.mark.parametrize("ways", [0, 3])
def test_every_engine_deals_the_same_lists(ways: int) -> None:
    task = list_task(Practice(6, 80), ways)
    assert task.gain.shape == (480, ways or 6)
    ours, place = solve_by_hamlets(task, 10.0)
    programme, _ = solve_by_highs(task, 10.0)
    flow, dealt = solve_by_flow(task, 10.0)
    assert ours.status == "kept"
    assert widest(task, place) <= 0.03 + 1e-9  # pyright: ignore[reportOptionalOperand]
    assert ours.value is not None
    assert programme.bound is not None
    assert flow.bound is not None
    assert ours.value <= programme.bound + 1e-6 <= ours.bound + 1e-5  # pyright: ignore[reportOptionalOperand]
    assert flow.bound == pytest.approx(programme.bound, rel=0.02)
    assert len(dealt) == task.units


def test_a_plan_above_a_bound_is_a_contradiction() -> None:
    def tried(engine: str, value: float, bound: float, kept: bool = True) -> Try:
        return Try("plan", engine, SMALL, Outcome(value, bound, "gap", 1.0, 1.0, kept=kept))

    agreeing = [tried("hamlets", 10.0, 11.0), tried("cpsat", 10.5, 12.0)]
    assert contradictions(agreeing) == []
    assert contradictions([*agreeing, tried("highs", 11.5, 12.0, kept=False)]) == []
    (words,) = contradictions([*agreeing, tried("highs", 11.5, 12.0)])
    assert "highs keeps 11.50, more than the bound 11.00 of hamlets" in words
    assert "breaks a rule" in side_by_side([*agreeing, tried("highs", 11.5, 12.0, kept=False)])


def test_the_summary_of_a_borough_tells_plans_from_the_nearest() -> None:
    one = Designed(
        practice="EX001", gps=6, patients=6_000, read_seconds=1.0, seconds=2.0, processor=1.5,
        status="gap",
        gap=0.004, band_kept=True, budget_kept=True, given_up=(), band_max=0.05,
        moved_share=0.2, teams=2, plan=0.60, alphabetical=0.40, by_hand=0.55, unlimited=0.58,
        same_teams=0.57, alphabet_allowed=False,
        by_chance={"plan": 0.45, "alphabetical": 0.40, "by_hand": 0.40, "unlimited": 0.40,
                   "same_teams": 0.45},
    )  # fmt: skip
    nearest = replace(one, status="infeasible", gap=None, plan=0.70, given_up=("cover Friday",))
    text = "\n".join(summary([one, nearest], 3, 9.0))
    assert "2 of 3 practices have a plan; 1 keep every rule, 1 are the nearest" in text
    assert "teams to choose (1)" in text
    assert "keep the rules too" not in text
    assert "by alphabet: 25.0 points on average (20.0 to 30.0)" in text
    assert "by alphabet: 20.0 points on average (20.0 to 20.0), of which by chance 5.0" in text
    assert "plan: 60.0 in 100, by chance 45.0" in text


def test_a_process_that_goes_on_for_too_long_is_ended() -> None:
    with pytest.raises(EndedError, match=r"ended from outside after 0\.2 s"):
        run_process([sys.executable, "-c", "import time; time.sleep(600)"], most=0.2)
    assert run_process([sys.executable, "-c", "print(3)"], most=300.0).output == "3\n"


def row(
    practice: str, window: str, recorded: float, attainable: float, contacts: int
) -> CeilingRow:
    return CeilingRow(
        practice, window, None, recorded, attainable, None, None, attainable - recorded,
        0.0, 0.0, 0.0, None, contacts, "given",
    )  # fmt: skip


def ceilings(*rows: CeilingRow) -> Ceiling:
    period = Period(date(2025, 1, 1), date(2025, 12, 31))
    return Ceiling(period, 10, rows, (), (), (), (), (), "1")


def test_ceilings_are_added_up_by_contacts() -> None:
    found = ceilings(row("A", "week", 0.5, 0.6, 100), row("B", "week", 0.1, 0.9, 300))
    told = ceiling.totals(found)
    assert told["week"]["contacts"] == 400
    assert told["week"]["recorded_own"] == pytest.approx(0.2)
    assert told["week"]["attainable_own"] == pytest.approx(0.825)
    assert told["strict"] == {"practices": 0, "contacts": 0}
    runs = [Run(seconds, 1.0, 10**9, answer=told) for seconds in (9.0, 31.0, 35.0)]
    text = "\n".join(ceiling.report(runs))
    assert "31.0 s (median of 3; 9.0 to 35.0" in text
    assert "s 30: missed (31)" in text
    assert "week: 2 practices, 400 contacts; own GP 20.0 in 100 as recorded, 82.5" in text
    with pytest.raises(BenchmarkError, match="different ceilings"):
        ceiling.report([runs[0], replace(runs[1], answer={})])


def test_a_ceiling_below_the_record_is_seen() -> None:
    good, bad = row("A", "week", 0.5, 0.5, 10), row("B", "policy", 0.5, 0.49, 10)
    assert ceiling.contradictions(ceilings(good)) == []
    (words,) = ceiling.contradictions(ceilings(good, bad))
    assert words == "B, policy: 0.49 is below 0.5"

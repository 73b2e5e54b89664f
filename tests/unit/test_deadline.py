"""A search ends when its time is up or somebody asks; a clock of our own says when."""

from __future__ import annotations

import numpy as np
import pytest

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import best_partition
from hamlets.optimise.sets import Columns
from hamlets.teams.designing import Design, design
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from tests.oracles.practices import practice

MODEL = TeamModel(team_gps=(2, 3), cover="none", band_percent=8.0)
TICK = 0.01


class Ticking:
    """A clock that goes on by a tick whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += TICK
        return self.now


@pytest.fixture(scope="module")
def inputs() -> PracticeInputs:
    return practice(5, gps=11, patients_per_gp=90)


@pytest.fixture(scope="module")
def full(inputs: PracticeInputs) -> Design:
    return design(inputs, MODEL, clock=Ticking(), time_limit=1e6)


def test_a_deadline_counts_down_and_says_when_it_is_over() -> None:
    times = iter([10.0, 11.0, 14.9, 15.0, 16.0])
    deadline = Deadline(5.0, clock=lambda: next(times))
    assert deadline.left() == 4.0
    assert deadline.left() == pytest.approx(0.1)
    assert not deadline.passed
    assert deadline.over()
    assert deadline.passed
    assert deadline.taken() == 6.0


def test_a_stop_leaves_no_time() -> None:
    asked = [False, True]
    deadline = Deadline(1e9, lambda: asked.pop(0))
    assert deadline.left() > 0
    assert deadline.over()


def test_a_part_ends_no_later_than_the_whole() -> None:
    whole = Deadline(3.0, clock=lambda: 1.0)
    assert whole.within(2.0).seconds == 2.0
    assert whole.within(9.0).seconds == 3.0


@pytest.mark.parametrize("part", [0.02, 0.1, 0.3, 0.6, 0.9])
def test_a_design_ends_near_its_limit_with_a_plan_and_a_bound(
    inputs: PracticeInputs, full: Design, part: float
) -> None:
    limit = part * full.seconds
    made = design(inputs, MODEL, clock=Ticking(), time_limit=limit)
    # So many looks at the clock it takes to have any teams, to share out and to tell the time.
    assert made.seconds <= limit + 40 * TICK
    assert made.status in ("stopped", "gap", "infeasible")
    assert made.arrangement.teams
    assert (made.arrangement.team >= 0).all()
    if made.band_kept and made.budget_kept:
        assert made.certificate.bound >= full.certificate.value - 1e-6
        assert made.certificate.gap >= 0


def test_nothing_but_the_first_plan_is_begun_after_the_end(
    inputs: PracticeInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sharing-out takes ten times the limit: one is made, and no other is begun."""
    from hamlets.teams import designing

    clock = Ticking()
    deals = 0
    real = designing.deal

    def slow(*arguments: object, **more: object) -> object:
        nonlocal deals
        deals += 1
        clock.now += 50.0
        return real(*arguments, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(designing, "deal", slow)
    made = design(inputs, MODEL, clock=clock, time_limit=5.0)
    assert deals == 1
    assert made.arrangement.teams
    assert made.seconds < 5.0 + 50.0 + 40 * TICK


def test_a_partition_that_may_end_early_has_a_bound_that_holds() -> None:
    members = np.array([(a, b, c) for a in range(9) for b in range(a + 1, 9)
                        for c in range(b + 1, 9)], dtype=np.int16)  # fmt: skip
    gain = np.random.default_rng(4).random(len(members))
    best = best_partition(Columns(members, 9), gain)
    rough = best_partition(Columns(members, 9), gain, good_enough=0.2)
    late = best_partition(Columns(members, 9), gain, deadline=Deadline(0.0))
    assert rough.gap <= 0.2
    assert rough.bound >= best.value - 1e-9
    assert late.status in ("stopped", "optimal")
    assert late.bound >= best.value - 1e-9
    for found in (best, rough, late):
        assert (found.ceiling[best.chosen] >= best.value - 1e-9).all()

"""The fairest flow: what is no task, very large needs, and what a stopped search gives."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.fairest import Task, Way, fairest

ONE = (Fraction(1),)


@pytest.mark.parametrize(
    "task",
    [
        Task((1, -1), ONE, (Way(0, 0, 1),)),
        Task((1, 1), ONE, (Way(0, 0, 1), Way(1, 0, -1))),
        Task((1,), (Fraction(1), Fraction(0)), (Way(0, 0, 1),)),
        Task((1,), (Fraction(-1), Fraction(1)), (Way(0, 1, 1),)),
    ],
)
def test_what_is_no_task_is_refused(task: Task) -> None:
    with pytest.raises(ValueError, match=r"negative|above 0"):
        fairest(task)


def test_a_need_beyond_all_that_there_is_costs_no_time() -> None:
    ways = (Way(0, 0, 5), Way(0, 1, 1), Way(1, 0, 2), Way(1, 1, 2))
    need = (Fraction(10**9), Fraction(10**9))
    free = fairest(Task((1, 1), need, ways))
    # one each: equal shares, and of the two ways to do it the cheaper
    assert free.flow == (0, 1, 1, 0)
    ruled = fairest(Task((1, 1), need, ways, (0, 0), (0, 0), (1,)))
    # one block serves one sink: both units go to the cheaper pair
    assert (ruled.flow, ruled.by_rules, ruled.proven) == ((0, 1, 0, 1), True, True)


# One owner with three blocks, of which one may be used: of 1, 2 and 1 units.
THREE_BLOCKS = Task(
    units=(1, 1, 1, 1),
    need=(Fraction(4),),
    ways=tuple(Way(source, 0, 0) for source in range(4)),
    block=(0, 1, 1, 2),
    owner=(0, 0, 0, 0),
    most=(1,),
)


def test_a_stopped_search_keeps_the_block_that_is_used_most() -> None:
    found = fairest(THREE_BLOCKS, Deadline(0.0))
    assert not found.proven
    assert found.flow == (0, 1, 1, 0)
    assert found.shares == (Fraction(1, 2),)
    assert fairest(THREE_BLOCKS).flow == found.flow


def test_a_stopped_search_keeps_the_sink_that_a_block_serves_most() -> None:
    task = Task(
        units=(1, 1, 1),
        need=(Fraction(2), Fraction(2)),
        ways=(Way(0, 1, 0), Way(1, 1, 0), Way(2, 0, 0)),
        block=(0, 0, 0),
        owner=(None, None, None),
    )
    found = fairest(task, Deadline(0.0))
    assert (found.flow, found.proven) == ((1, 1, 0), False)
    # given time: 2 of 2 for one sink or 1 of 2 for the other leave the same least, so more is more
    assert fairest(task).flow == (1, 1, 0)


def test_of_equal_plans_the_flow_sends_more_on_the_first_way() -> None:
    ways = tuple(Way(a, b, 7) for a in range(2) for b in range(2))
    assert fairest(Task((2, 2), (Fraction(2), Fraction(2)), ways)).flow == (2, 0, 0, 2)

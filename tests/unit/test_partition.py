"""Set partition, its limits, and conflicts of rules, on cases that can be done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hamlets.optimise.conflicts import conflicts_to_mend, fewest_to_give_up, smallest_conflict
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import Columns, Limit, best_partition, gap_of


def sets(*members: tuple[int, ...], items: int = 4) -> Columns:
    """Return columns from tuples."""
    widest = max(map(len, members))
    rows = [list(one) + [-1] * (widest - len(one)) for one in members]
    return Columns(np.array(rows, dtype=np.int16), items)


PAIRS = sets((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


def test_the_best_pairs_are_chosen() -> None:
    found = best_partition(PAIRS, np.array([1.0, 5.0, 2.0, 2.0, 4.0, 1.0]))

    assert list(found.chosen) == [1, 4]
    assert (found.value, found.bound, found.gap, found.status) == (9.0, 9.0, 0.0, "optimal")


def test_negative_gains_are_taken_where_every_item_must_be_covered() -> None:
    found = best_partition(PAIRS, np.array([-3.0, -9, -9, -9, -9, -4]))

    assert list(found.chosen) == [0, 5]
    assert found.value == -7.0
    assert found.status == "optimal"


def test_an_item_in_no_set_makes_it_infeasible() -> None:
    found = best_partition(sets((0, 1), (1, 2), items=4), np.ones(2))

    assert found.status == "infeasible"
    assert found.chosen.size == 0


def test_a_triangle_has_no_partition_though_its_relaxation_has() -> None:
    found = best_partition(sets((0, 1), (1, 2), (0, 2), items=3), np.ones(3))

    assert found.status == "infeasible"


def test_limits_on_the_number_of_sets_hold() -> None:
    columns = sets((0,), (1,), (2,), (3,), (0, 1), (2, 3))
    gains = np.array([5.0, 5, 5, 5, 1, 1])

    assert best_partition(columns, gains).value == 20
    assert best_partition(columns, gains, limits=[Limit(most=3)]).value == 11
    assert best_partition(columns, gains, limits=[Limit(most=2)]).value == 2
    assert best_partition(columns, gains, limits=[Limit(most=1)]).status == "infeasible"
    assert best_partition(columns, -gains, limits=[Limit(least=3)]).value == -11
    among = np.array([True, True, False, False, False, False])
    assert best_partition(columns, gains, limits=[Limit(most=1, among=among)]).value == 11


def test_no_items_need_no_sets() -> None:
    found = best_partition(Columns(np.empty((0, 1), dtype=np.int16), 0), np.empty(0))

    assert (found.status, found.value) == ("optimal", 0.0)


def test_a_known_partition_survives_a_stop_at_once() -> None:
    gains = np.array([1.0, 5.0, 2.0, 2.0, 4.0, 1.0])

    found = best_partition(
        PAIRS, gains, start=np.array([0, 5]), deadline=Deadline(60.0, lambda: True)
    )

    assert list(found.chosen) == [0, 5]
    assert found.status == "stopped"
    assert found.bound >= 9.0
    assert found.gap == pytest.approx(gap_of(2.0, found.bound))


def test_the_smallest_conflict_is_found_and_nothing_more() -> None:
    rules = ("at_most_3", "at_least_5", "odd", "at_least_9", "at_most_8", "even")
    checks = {
        "at_most_3": lambda n: n <= 3,
        "at_least_5": lambda n: n >= 5,
        "odd": lambda n: n % 2 == 1,
        "even": lambda n: n % 2 == 0,
        "at_least_9": lambda n: n >= 9,
        "at_most_8": lambda n: n <= 8,
    }

    def feasible(some: frozenset[str]) -> bool:
        return any(all(checks[rule](n) for rule in some) for n in range(20))

    conflict = smallest_conflict(rules, feasible)
    given_up = fewest_to_give_up(rules, feasible)

    assert len(conflict) == 2
    assert not feasible(frozenset(conflict))
    assert feasible(frozenset(rules) - set(given_up))
    assert len(given_up) == 3


def test_rules_that_hold_together_have_no_conflict() -> None:
    assert smallest_conflict(("a", "b"), lambda some: True) == ()
    assert fewest_to_give_up(("a", "b"), lambda some: True) == ()


def test_a_conflict_of_three_is_smaller_than_one_of_four() -> None:
    bad = (frozenset("abcd"), frozenset("cef"))

    def feasible(some: frozenset[str]) -> bool:
        return not any(one <= some for one in bad)

    assert smallest_conflict(tuple("abcdef"), feasible) == ("c", "e", "f")
    assert fewest_to_give_up(tuple("abcdef"), feasible) == ("c",)


def test_every_rule_given_up_is_in_a_conflict_that_is_named() -> None:
    bad = (frozenset("a"), frozenset("bc"), frozenset("bde"))

    def feasible(some: frozenset[str]) -> bool:
        return not any(one <= some for one in bad)

    conflicts, given_up = conflicts_to_mend(tuple("abcdef"), feasible)

    assert given_up == ("a", "b")
    assert conflicts == (("a",), ("b", "c"))
    assert conflicts_to_mend(("a", "b"), lambda some: True) == ((), ())

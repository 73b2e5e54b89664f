"""Rules that cannot hold together: the fewest that conflict, the fewest to give up.

Both are found by minimum hitting sets: a smallest conflict meets every set of rules
whose removal makes the rest possible, and the fewest rules to give up meet every
conflict. Ignatiev, Previti, Liffiton & Marques-Silva, CP 2015 (LNCS 9255), 173.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

RuleT = TypeVar("RuleT", bound=Hashable)
Feasible = Callable[[frozenset[RuleT]], bool]


def smallest_conflict(rules: Sequence[RuleT], feasible: Feasible[RuleT]) -> tuple[RuleT, ...]:
    """Return the fewest rules that cannot hold together, in their order; none if all can.

    ``feasible`` says whether some rules can hold together; fewer rules never make that
    harder. An empty answer of an infeasible empty set is not possible.
    """
    ask = _remembered(feasible)
    if ask(frozenset(rules)):
        return ()
    to_meet: list[frozenset[RuleT]] = []
    while True:
        core = _fewest_meeting(rules, to_meet)
        if not ask(core):
            return tuple(rule for rule in rules if rule in core)
        held = set(core)
        for rule in rules:
            if rule not in held and ask(frozenset(held | {rule})):
                held.add(rule)
        to_meet.append(frozenset(rules) - held)


def fewest_to_give_up(rules: Sequence[RuleT], feasible: Feasible[RuleT]) -> tuple[RuleT, ...]:
    """Return the fewest rules without which the others can hold, in their order.

    Of equally few, those later in the order are given up.
    """
    ask = _remembered(feasible)
    last_first = list(reversed(rules))
    conflicts: list[frozenset[RuleT]] = []
    while True:
        given_up = _fewest_meeting(last_first, conflicts)
        if ask(frozenset(rules) - given_up):
            return tuple(rule for rule in rules if rule in given_up)
        if len(given_up) == len(rules):
            return tuple(rules)
        core = set(rules) - given_up
        for rule in rules:
            if rule in core and not ask(frozenset(core - {rule})):
                core.discard(rule)
        conflicts.append(frozenset(core))


def conflicts_to_mend(
    rules: Sequence[RuleT], feasible: Feasible[RuleT]
) -> tuple[tuple[tuple[RuleT, ...], ...], tuple[RuleT, ...]]:
    """Return conflicts, and the fewest rules to give up, each of which is in one of them.

    The first is a smallest conflict; each further one is a smallest of those that are left
    without the rules that are given up for the ones before it.
    """
    ask = _remembered(feasible)
    given_up = fewest_to_give_up(rules, ask)
    found: list[tuple[RuleT, ...]] = []
    left = list(rules)
    while conflict := smallest_conflict(left, ask):
        found.append(conflict)
        met = set(conflict) & set(given_up)
        left = [rule for rule in left if rule not in met]
    return tuple(found), given_up


def _fewest_meeting(rules: Sequence[RuleT], sets: Iterable[frozenset[RuleT]]) -> frozenset[RuleT]:
    """Return the fewest rules that meet every set; of equally few, the first in order."""
    to_meet = list(sets)
    named = [rule for rule in rules if any(rule in one for one in to_meet)]
    for size in range(len(named) + 1):
        for choice in itertools.combinations(named, size):
            chosen = frozenset(choice)
            if all(chosen & one for one in to_meet):
                return chosen
    return frozenset(rules)


def _remembered(feasible: Feasible[RuleT]) -> Feasible[RuleT]:
    known: dict[frozenset[RuleT], bool] = {}

    def ask(rules: frozenset[RuleT]) -> bool:
        if rules not in known:
            known[rules] = feasible(rules)
        return known[rules]

    return ask

"""Why no teams can be formed: the rules that conflict, and the fewest to give up."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hamlets.optimise.conflicts import conflicts_to_mend
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import Columns, best_partition
from hamlets.teams.columns import (
    Candidates,
    Rule,
    count_sets,
    find_candidates,
    find_gps,
    holding,
    limits_of,
    list_rules,
    sizes_within,
)
from hamlets.teams.dealing import choose_staffed, may_be_short
from hamlets.teams.inputs import Bools, PracticeInputs
from hamlets.teams.listing import fewest_columns
from hamlets.teams.model import TeamModel

_MOST_TRIED = 2_000_000
_SECONDS_EACH = 5.0
_BY_TABLE = 16
"""GPs up to which a partition is looked up in a table of all their sets."""


def explain(
    inputs: PracticeInputs, model: TeamModel, deadline: Deadline
) -> tuple[tuple[tuple[Rule, ...], ...], tuple[Rule, ...]]:
    """Return the conflicts, a smallest first, and the fewest rules to give up for all of them.

    Both are empty where the time did not do to prove a conflict, or where teams can be formed.
    """
    gps = find_gps(inputs, model)
    if not len(gps):
        return ((Rule("gps", value=0),),), ()
    oracle = _Oracle(inputs, model, deadline)
    if not oracle.possible(frozenset()):
        return (), ()
    return conflicts_to_mend(oracle.asked, oracle.possible)


class _Oracle:
    """Whether some of the rules can hold together, from one wide list of candidates."""

    def __init__(self, inputs: PracticeInputs, model: TeamModel, deadline: Deadline) -> None:
        self.inputs, self.model = inputs, model
        self.deadline = deadline
        rules = list_rules(inputs, model)
        items = len(find_gps(inputs, model))
        # Very many GPs: the greatest size stays, or there would be too many candidates.
        widest = sizes_within([], model, items)[1]
        fixed = count_sets(items, widest) > _MOST_TRIED
        self.fixed = tuple(rule for rule in rules if fixed and rule.id == "size_most")
        self.asked = tuple(rule for rule in rules if rule not in self.fixed)
        self.wide: Candidates = find_candidates(inputs, model, self.fixed)
        self.kept: dict[Rule, Bools] = {
            rule: holding(inputs, model, self.wide, rule) for rule in self.asked
        }

    def possible(self, rules: frozenset[Rule]) -> bool:
        """Return whether teams can be formed under these rules; True where time ran out."""
        columns = self.wide.columns
        kept = np.ones(columns.count, dtype=np.bool_)
        for rule in rules:
            kept &= self.kept[rule]
        columns = replace(columns, members=columns.members[kept])
        limits = limits_of(self.inputs, self.wide.gps, columns.members, rules)
        if columns.items <= _BY_TABLE and all(limit.among is None for limit in limits):
            most = min((limit.most for limit in limits), default=math.inf)
            fewest = fewest_columns(columns)
            formed = math.isfinite(fewest) and fewest <= most
            return formed and self.staffed(rules, columns)
        if self.deadline.over():
            return True
        each = self.deadline.within(_SECONDS_EACH)
        found = best_partition(columns, np.zeros(columns.count), limits=limits, deadline=each)
        return found.status != "infeasible" and self.staffed(rules, columns)

    def staffed(self, rules: frozenset[Rule], columns: Columns) -> bool:
        """Return whether some teams leave nobody without the roles asked for, as ``possible``."""
        if not may_be_short(self.inputs, rules):
            return True
        seconds = min(_SECONDS_EACH, self.deadline.left())
        some = replace(self.wide, columns=columns)
        found = choose_staffed(self.inputs, rules, some, np.zeros(columns.count), seconds)
        return found.chosen is not None or not found.proven

"""What a set of teams retains: values of candidate teams whose sum bounds every plan.

A unit with weight x in a team T follows the team where x is greatest. For any threshold h
of the unit, max over teams of x(T) <= h + sum over teams of max(0, x(T) - h): a sum of one
number a team, so the best partition under these numbers bounds the best plan. With h = the
anchor's own weight this is the anchored value plus what others could add. Each number
depends on a candidate only through the GPs that the unit saw, so it is spread over small
sets of GPs (Moebius inversion) and a candidate's value is a sum over its subsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from hamlets.continuity.compiled import compiled, f8, f8_, i4, i8, integer, types, void
from hamlets.optimise.partition import Columns
from hamlets.teams.inputs import Float64, Int32, Int64
from hamlets.teams.units import Units

_MOST_SEEN = 12
"""GPs of one unit whose combinations are looked at; the lightest beyond count in full."""

_i2x2 = types.Array(types.int16, 2, "C", readonly=True)


@dataclass(frozen=True)
class Ranks:
    """Where the number of a set of up to ``widest`` items lies in one flat table."""

    items: int
    widest: int
    choose: Int64
    """choose[n * (widest + 1) + k] = n over k."""
    first: Int64
    """Where the sets of each size begin; the last entry is the size of the table."""


def make_ranks(items: int, widest: int) -> Ranks:
    """Return the ranks of sets of 1 to ``widest`` of so many items."""
    choose = [comb(n, k) for n in range(items + 1) for k in range(widest + 1)]
    first = np.zeros(widest + 2, dtype=np.int64)
    for size in range(1, widest + 1):
        first[size + 1] = first[size] + comb(items, size)
    return Ranks(items, widest, np.array(choose, dtype=np.int64), first)


@compiled(void, i8, i4, f8, i4, f8, i8, i8, integer, f8_)
def _spread_open(
    offset: Int64,
    gp: Int32,
    weight: Float64,
    unit_list: Int32,
    threshold: Float64,
    choose: Int64,
    first: Int64,
    widest: int,
    table_: Float64,
) -> None:
    """Add max(0, x(S) - h) of each listed unit to the table, spread over sets of GPs."""
    value = np.empty(1 << 12)
    position = np.empty(12, dtype=np.int64)
    sorted_weight = np.empty(12)
    for number in range(len(unit_list)):
        unit = unit_list[number]
        begin = offset[unit]
        seen = min(offset[unit + 1] - begin, 12)
        # Positions ascending, as ranks need them.
        for one in range(seen):
            here = gp[begin + one]
            place = one
            while place > 0 and position[place - 1] > here:
                position[place] = position[place - 1]
                sorted_weight[place] = sorted_weight[place - 1]
                place -= 1
            position[place] = here
            sorted_weight[place] = weight[begin + one]
        level = threshold[number]
        value[0] = 0.0
        for mask in range(1, 1 << seen):
            low = 0
            while not (mask >> low) & 1:
                low += 1
            value[mask] = value[mask & (mask - 1)] + sorted_weight[low]
        for mask in range(1, 1 << seen):
            value[mask] = max(0.0, value[mask] - level)
        for bit in range(seen):
            for mask in range(1 << seen):
                if (mask >> bit) & 1:
                    value[mask] -= value[mask ^ (1 << bit)]
        for mask in range(1, 1 << seen):
            if value[mask] == 0.0:
                continue
            size = 0
            rank = 0
            for bit in range(seen):
                if (mask >> bit) & 1:
                    size += 1
                    if size > widest:
                        break
                    rank += choose[position[bit] * (widest + 1) + size]
            if size <= widest:
                table_[first[size] + rank] += value[mask]


@compiled(void, _i2x2, f8, i8, i8, integer, f8_)
def _sum_subsets(
    members: np.ndarray, table: Float64, choose: Int64, first: Int64, widest: int, total_: Float64
) -> None:
    """Set each candidate's total over all its subsets."""
    rank = np.empty(1 << widest, dtype=np.int64)
    size = np.empty(1 << widest, dtype=np.int64)
    for row in range(len(members)):
        rank[0] = 0
        size[0] = 0
        total = 0.0
        count = 1
        for column in range(members.shape[1]):
            item = members[row, column]
            if item < 0:
                break
            # Members ascend, so each is the highest of the sets that it joins.
            for other in range(count):
                size[count + other] = size[other] + 1
                place = rank[other] + choose[item * (widest + 1) + size[other] + 1]
                rank[count + other] = place
                total += table[first[size[other] + 1] + place]
            count *= 2
        total_[row] = total


@compiled(types.float64, i8, i4, f8, i4, i8, integer, f8_)
def _follow(
    offset: Int64,
    gp: Int32,
    weight: Float64,
    unit_list: Int32,
    team_of: Int64,
    teams: int,
    second_: Float64,
) -> float:
    """Return the sum over units of the greatest weight in one team."""
    total = 0.0
    held = np.zeros(teams)
    for number in range(len(unit_list)):
        unit = unit_list[number]
        best = 0.0
        second = 0.0
        for row in range(offset[unit], offset[unit + 1]):
            held[team_of[gp[row]]] += weight[row]
        for row in range(offset[unit], offset[unit + 1]):
            team = team_of[gp[row]]
            here = float(held[team])
            held[team] = 0.0
            if here > best:
                second = best
                best = here
            elif here > second:
                second = here
        total += best
        if len(second_) > 0:
            second_[2 * number] = best
            second_[2 * number + 1] = second
    return total


class Retained:
    """Values of teams for one practice: exact for a whole partition, bounds for candidates."""

    def __init__(self, units: Units, columns: Columns) -> None:
        self.units = units
        self.columns = columns
        widest = columns.members.shape[1]
        self.ranks = make_ranks(columns.items, widest)
        anchored, self.open = _divide(units, widest)
        self.base = self._spread_anchored(anchored)
        self.anchored = self.sums(self.base)
        """What each candidate retains of the units that are not open."""
        own = units.offset[:-1][self.open]
        self.anchor_weight = units.weight[own]
        self.threshold = self.anchor_weight.copy()
        """h of each open unit."""
        beyond = [
            float(units.weight[units.offset[u] + _MOST_SEEN : units.offset[u + 1]].sum())
            for u in self.open
        ]
        self.dropped = float(sum(beyond))
        """Weight of open units with GPs beyond those looked at: added to every bound."""

    def _spread_anchored(self, anchored: Int32) -> Float64:
        """Return the table of units that follow their anchor whatever the teams."""
        units, ranks = self.units, self.ranks
        table = np.zeros(int(ranks.first[-1]))
        if not len(table):
            return table
        unit = np.repeat(np.arange(units.count), np.diff(units.offset))
        kept = np.zeros(units.count, dtype=np.bool_)
        kept[anchored] = True
        rows = kept[unit]
        one, other = units.anchor[unit[rows]].astype(np.int64), units.gp[rows].astype(np.int64)
        weight = units.weight[rows]
        same = one == other
        np.add.at(table, one[same], weight[same])
        if ranks.widest > 1:
            low, high = np.minimum(one, other)[~same], np.maximum(one, other)[~same]
            np.add.at(table, ranks.first[2] + low + high * (high - 1) // 2, weight[~same])
        return table

    def bounding(self, threshold: Float64 | None = None) -> tuple[Float64, float]:
        """Return the candidates' numbers, and the constant to add, under the thresholds."""
        level = self.threshold if threshold is None else threshold
        table = self.base.copy()
        units, ranks = self.units, self.ranks
        _spread_open(
            units.offset, units.gp, units.weight, self.open, level,
            ranks.choose, ranks.first, ranks.widest, table,
        )  # fmt: skip
        return self.sums(table), float(level.sum()) + self.dropped

    def prices(self) -> Float64:
        """Return the threshold of every unit; that of a unit which is not open is its anchor's
        weight, at which its number and its share in the best plan are the same.
        """
        units = self.units
        price = np.zeros(units.count)
        seen = np.flatnonzero(np.diff(units.offset) > 0)
        price[seen] = units.weight[units.offset[seen]]
        price[self.open] = self.threshold
        return price

    def following(self) -> Float64:
        """Return what each candidate retains of the units whose anchor it holds."""
        every = self._spread_anchored(np.arange(self.units.count, dtype=np.int32))
        return self.sums(every)

    def sums(self, table: Float64) -> Float64:
        """Return for each candidate the sum of a table over its subsets."""
        total = np.zeros(self.columns.count)
        ranks = self.ranks
        if len(table):
            _sum_subsets(
                self.columns.members, table, ranks.choose, ranks.first, ranks.widest, total
            )
        return total

    def value(self, chosen: Int64, best_two: Float64 | None = None) -> float:
        """Return what a partition retains when each unit goes to its best team.

        ``best_two`` is filled with the greatest and second weight in one team of each open
        unit.
        """
        units = self.units
        out = np.empty(0) if best_two is None else best_two
        team_of = self.team_of(chosen)
        opened = _follow(units.offset, units.gp, units.weight, self.open, team_of, len(chosen), out)
        return float(self.anchored[chosen].sum()) + opened

    def team_of(self, chosen: Int64) -> Int64:
        """Return the number of the team of each GP in a partition."""
        members = self.columns.members[chosen]
        team = np.zeros(self.columns.items, dtype=np.int64)
        number, place = np.nonzero(members >= 0)
        team[members[number, place]] = number
        return team


def _divide(units: Units, widest: int) -> tuple[Int32, Int32]:
    """Return units that follow their anchor in the best plan, and those that may not.

    Without a lock, a team without the anchor is better only if the GPs next most seen, as
    many as a team has, come to more than the anchor.
    """
    counts = np.diff(units.offset)
    rows = np.arange(len(units.weight)) - np.repeat(units.offset[:-1], counts)
    others = (rows >= 1) & (rows <= widest)
    unit = np.repeat(np.arange(units.count), counts)
    beside = np.bincount(unit[others], weights=units.weight[others], minlength=units.count)
    own = np.zeros(units.count)
    own[counts > 0] = units.weight[units.offset[:-1][counts > 0]]
    opened = (units.locked < 0) & (beside > own * (1 + 1e-12))
    return (
        np.flatnonzero(~opened & (counts > 0)).astype(np.int32),
        np.flatnonzero(opened).astype(np.int32),
    )

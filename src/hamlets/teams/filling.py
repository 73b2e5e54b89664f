"""What each candidate team could hold within its band of work, at given prices of patients.

A unit (household) has a price h; a team may take it in parts for its weight there less h.
The most that a team can make within the two sides of its load is a fractional knapsack: for
any price of work it is bounded, and the best such price is found by halving. Units that the
team's GPs never saw weigh nothing there, so what they add depends on the price of work
alone and is looked up in one table for all candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.continuity.compiled import compiled, f8, f8_, i4, i8, types, void
from hamlets.teams.inputs import Float64, Int32, Int64
from hamlets.teams.units import Units

_STEPS = 18
"""Halvings of the price of work; any price gives a bound, so these cost tightness alone."""

_i2x2 = types.Array(types.int16, 2, "C", readonly=True)


@dataclass(frozen=True)
class Sight:
    """Who was seen by whom, by GP: rows of g are offset[g]:offset[g + 1]."""

    offset: Int64
    unit: Int32
    weight: Float64
    locked: Int32
    """Of each unit: the GP who was asked for, or -1."""


def sight_of(units: Units, gps: int) -> Sight:
    """Return the units' rows by GP; a GP who was asked for has a row even without a contact."""
    unit = np.repeat(np.arange(units.count), np.diff(units.offset)).astype(np.int32)
    asked = np.flatnonzero(units.locked >= 0).astype(np.int32)
    held = np.isin(
        asked.astype(np.int64) * gps + units.locked[asked],
        unit.astype(np.int64) * gps + units.gp,
    )
    asked = asked[~held]
    unit = np.concatenate([unit, asked])
    gp = np.concatenate([units.gp, units.locked[asked]])
    weight = np.concatenate([units.weight, np.zeros(len(asked))])
    order = np.lexsort((unit, gp))
    offset = np.searchsorted(gp[order], np.arange(gps + 1)).astype(np.int64)
    return Sight(offset, unit[order], weight[order], units.locked)


@compiled(void, _i2x2, i8, i4, f8, i4, f8, f8, f8, f8, f8, f8, f8, types.float64, f8_, f8_)
def _fill(
    members: np.ndarray,
    offset: Int64,
    unit: Int32,
    weight: Float64,
    locked: Int32,
    work: Float64,
    price: Float64,
    low: Float64,
    high: Float64,
    ratio: Float64,
    ratio_work: Float64,
    ratio_gain: Float64,
    widest: float,
    most_: Float64,
    at_: Float64,
) -> None:
    """Set what each candidate can make, and the price of work at which it is bounded.

    ``ratio`` = -price / work of units without a lock, ascending; ``ratio_work`` and
    ``ratio_gain`` = totals of work and of -price from each place of it on.
    """
    units = len(work)
    held = np.zeros(units)
    seen = np.zeros(units, dtype=np.int8)
    touched = np.empty(units, dtype=np.int64)
    for row in range(len(members)):
        count = 0
        for column in range(members.shape[1]):
            gp = members[row, column]
            if gp < 0:
                break
            for place in range(offset[gp], offset[gp + 1]):
                one = unit[place]
                if seen[one] == 0:
                    seen[one] = 1
                    touched[count] = one
                    count += 1
                held[one] += weight[place]
                if locked[one] == gp:
                    seen[one] = 2
        best = np.inf
        best_at = 0.0
        # Prices of work between which the load meets its side.
        left = 0.0
        right = 0.0
        at = 0.0
        for step in range(_STEPS):
            first = np.searchsorted(ratio, at, side="right")
            load = ratio_work[first]
            total = ratio_gain[first] - at * ratio_work[first]
            for number in range(count):
                one = touched[number]
                cost = at * work[one]
                own = held[one] - price[one] - cost
                if locked[one] >= 0:
                    if seen[one] == 2 and own > 0:
                        total += own
                        load += work[one]
                    continue
                without = -price[one] - cost
                if own > 0:
                    total += own
                    load += work[one]
                if without > 0:
                    total -= without
                    load -= work[one]
            bound = total + (at * high[row] if at >= 0 else at * low[row])
            if bound < best:
                best = bound
                best_at = at
            if step == 0:
                if load > high[row]:
                    right = widest
                elif load < low[row]:
                    left = -widest
                else:
                    break
            elif load > (high[row] if at >= 0 else low[row]):
                left = at
            else:
                right = at
            at = (left + right) / 2
        most_[row] = best
        at_[row] = best_at
        for number in range(count):
            one = touched[number]
            held[one] = 0.0
            seen[one] = 0


def fill(
    members: np.ndarray,
    sight: Sight,
    work: Float64,
    price: Float64,
    low: Float64,
    high: Float64,
) -> tuple[Float64, Float64]:
    """Return what each candidate team can make at these prices, and its price of work.

    ``members`` = candidates x GPs, filled up with -1; ``low``, ``high`` = sides of each
    candidate's load, in the unit of ``work``.
    """
    free = np.flatnonzero((sight.locked < 0) & (work > 0))
    ratio = -price[free] / work[free]
    order = np.argsort(ratio, kind="stable")
    from_on = [
        np.append(np.cumsum(column[free][order][::-1])[::-1], 0.0) for column in (work, -price)
    ]
    most, at = np.empty(len(members)), np.empty(len(members))
    spread = np.abs(ratio).max(initial=0.0)
    seen_ratio = sight.weight / np.maximum(work[sight.unit], 1e-12)
    widest = float(spread + seen_ratio.max(initial=0.0) + 1.0)
    _fill(
        members, sight.offset, sight.unit, sight.weight, sight.locked, work, price, low, high,
        np.ascontiguousarray(ratio[order]), from_on[0], from_on[1], widest, most, at,
    )  # fmt: skip
    return most, at


def taken(team: tuple[int, ...], sight: Sight, work: Float64, price: Float64, at: float) -> Float64:
    """Return 1 for each unit that a candidate takes at its price of work, else 0."""
    held = np.zeros(len(work))
    asked = sight.locked < 0
    for gp in team:
        rows = slice(sight.offset[gp], sight.offset[gp + 1])
        np.add.at(held, sight.unit[rows], sight.weight[rows])
        asked |= sight.locked == gp
    return (asked & (held - price - at * work > 0)).astype(np.float64)

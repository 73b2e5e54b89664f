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

_STEPS = 14
"""Prices of work looked at; any price gives a bound, so these cost tightness alone."""
_EXACT = 1e-3
"""Weighted contacts within which a candidate's bound is the least there is."""
_FIRST_STEP = 0.1
"""Of a mean unit's price."""

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


@compiled(void, _i2x2, i8, i4, f8, i4, f8, f8, f8, f8, f8, f8, f8, f8, f8, types.float64, f8_, f8_)
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
    start: Float64,
    enough: Float64,
    width: float,
    most_: Float64,
    at_: Float64,
) -> None:
    """Set what each candidate can make, and the price of work at which it is bounded.

    ``ratio`` = -price / work of units without a lock, ascending; ``ratio_work`` and
    ``ratio_gain`` = totals of work and of -price from each place of it on. ``start`` = the
    price of work to begin with; the search ends at a bound of at most ``enough``. ``width`` =
    the first step.
    """
    units = len(work)
    held = np.zeros(units)
    seen = np.zeros(units, dtype=np.int8)
    touched = np.empty(units, dtype=np.int64)
    inside = np.empty(units)
    outside = np.empty(units)
    brings = np.empty(units)
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
        known = 0
        for number in range(count):
            one = touched[number]
            if locked[one] < 0 or seen[one] == 2:
                inside[known] = held[one] - price[one]
                # What the table of all units counts for it; nothing where it is locked.
                outside[known] = -price[one] if locked[one] < 0 else -np.inf
                brings[known] = work[one]
                known += 1
            held[one] = 0.0
            seen[one] = 0
        best = np.inf
        best_at = 0.0
        # Prices of work between which the load meets its side, and by how much it misses.
        left = -np.inf
        right = np.inf
        left_over = 0.0
        right_over = 0.0
        stride = width
        at = start[row]
        for _ in range(_STEPS):
            first = np.searchsorted(ratio, at, side="right")
            load = ratio_work[first]
            total = ratio_gain[first] - at * ratio_work[first]
            for number in range(known):
                cost = at * brings[number]
                own = inside[number] - cost
                without = outside[number] - cost
                if own > 0:
                    total += own
                    load += brings[number]
                if without > 0:
                    total -= without
                    load -= brings[number]
            bound = total + (at * high[row] if at >= 0 else at * low[row])
            if bound < best:
                best = bound
                best_at = at
            if best <= enough[row]:
                break
            if at == 0 and low[row] <= load <= high[row]:
                break
            side = high[row] if at > 0 or (at == 0 and load > high[row]) else low[row]
            over = load - side
            if over > 0:
                left = at
                left_over = over
            else:
                right = at
                right_over = over
            if abs(over) * (right - left) <= _EXACT:
                break
            if right == np.inf:
                after = at + stride
                stride *= 4
            elif left == -np.inf:
                after = at - stride
                stride *= 4
            else:
                part = left_over / (left_over - right_over)
                after = left + min(max(part, 0.1), 0.9) * (right - left)
            # At 0 the side changes: look there before going past it.
            if (at < 0 < after) or (after < 0 < at) or (left < 0 < right):
                after = 0.0
            at = after
        most_[row] = best
        at_[row] = best_at


def fill(
    members: np.ndarray,
    sight: Sight,
    work: Float64,
    price: Float64,
    low: Float64,
    high: Float64,
    start: Float64,
    enough: Float64,
) -> tuple[Float64, Float64]:
    """Return what each candidate team can make at these prices, and its price of work.

    ``members`` = candidates x GPs, filled up with -1; ``low``, ``high`` = sides of each
    candidate's load, in the unit of ``work``; ``start`` = prices of work to begin with. What
    is at most ``enough`` is not worked out further.
    """
    free = np.flatnonzero((sight.locked < 0) & (work > 0))
    ratio = -price[free] / work[free]
    order = np.argsort(ratio, kind="stable")
    from_on = [
        np.append(np.cumsum(column[free][order][::-1])[::-1], 0.0) for column in (work, -price)
    ]
    most, at = np.empty(len(members)), np.empty(len(members))
    width = _FIRST_STEP * float(np.abs(price).mean()) if len(price) else 1.0
    _fill(
        members, sight.offset, sight.unit, sight.weight, sight.locked, work, price, low, high,
        np.ascontiguousarray(ratio[order]), from_on[0], from_on[1], start, enough, width, most, at,
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

"""Every partition of few GPs that a bound still allows, best bound first.

``rest[m]`` is the greatest total of a partition of the GPs in bit mask m, so a partial
partition is followed only if its best end reaches the floor: no step is in vain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hamlets.continuity.compiled import compiled, f8, f8_, i8, integer, types, void
from hamlets.optimise.partition import Columns
from hamlets.teams.inputs import Float64, Int64

MOST_GPS = 20
"""Beyond, the table of the rest (2 to the number of GPs) costs more than it saves."""
_QUICK = 40_000_000
_i8x2_ = types.Array(types.int64, 2, "C", readonly=False)


@compiled(void, i8, f8, i8, f8_)
def _fill_rest(masks: Int64, cost: Float64, first: Int64, rest_: Float64) -> None:
    """Set the greatest total of each set of GPs; -inf where teams cannot make it up."""
    rest_[0] = 0.0
    for mask in range(1, len(rest_)):
        low = 0
        while not (mask >> low) & 1:
            low += 1
        best = -np.inf
        for row in range(first[low], first[low + 1]):
            column = masks[row]
            if column & ~mask == 0:
                total = cost[row] + rest_[mask ^ column]
                best = max(best, total)
        rest_[mask] = best


@compiled(integer, i8, f8, i8, f8, integer, types.float64, integer, _i8x2_, f8_)
def _list(
    masks: Int64,
    cost: Float64,
    first: Int64,
    rest: Float64,
    items: int,
    floor: float,
    most_teams: int,
    rows_: np.ndarray,
    total_: Float64,
) -> int:
    """Write each partition whose total reaches the floor; return how many there are.

    Stops at one more than there is room for.
    """
    stack = np.empty(items + 1, dtype=np.int64)
    left = np.empty(items + 2, dtype=np.int64)
    got = np.empty(items + 2)
    left[0] = (1 << items) - 1
    got[0] = 0.0
    depth = 0
    count = 0
    stack[0] = first[0] - 1
    while depth >= 0:
        mask = left[depth]
        low = 0
        while not (mask >> low) & 1:
            low += 1
        row = stack[depth] + 1
        found = False
        while row < first[low + 1]:
            column = masks[row]
            if column & ~mask == 0:
                total = got[depth] + cost[row]
                if total + rest[mask ^ column] >= floor:
                    found = True
                    break
            row += 1
        if not found:
            depth -= 1
            continue
        stack[depth] = row
        remaining = mask ^ masks[row]
        if remaining == 0:
            if depth + 1 <= most_teams:
                if count == len(total_):
                    return count + 1
                for level in range(depth + 1):
                    rows_[count, level] = stack[level]
                for level in range(depth + 1, rows_.shape[1]):
                    rows_[count, level] = -1
                total_[count] = got[depth] + cost[row]
                count += 1
            continue
        if depth + 1 >= most_teams:
            continue
        depth += 1
        left[depth] = remaining
        got[depth] = got[depth - 1] + cost[row]
        low = 0
        while not (remaining >> low) & 1:
            low += 1
        stack[depth] = first[low] - 1
    return count


@dataclass(frozen=True)
class _Masks:
    """Columns as bit masks, by lowest item, greatest cost first."""

    masks: Int64
    cost: Float64
    first: Int64
    """Where the columns of each lowest item begin."""
    order: Int64
    rest: Float64
    """Greatest total of each set of items; -inf where columns cannot make it up."""


def _as_masks(columns: Columns, cost: Float64) -> _Masks:
    bits = np.where(columns.members >= 0, np.int64(1) << columns.members.astype(np.int64), 0)
    masks = bits.sum(axis=1)
    lowest = columns.members[:, 0].astype(np.int64)
    order = np.lexsort((-cost, lowest))
    first = np.searchsorted(lowest[order], np.arange(columns.items + 1)).astype(np.int64)
    rest = np.empty(1 << columns.items)
    masks, gains = masks[order], cost[order]
    _fill_rest(masks, gains, first, rest)
    return _Masks(masks, gains, first, order, rest)


def is_quick(columns: Columns) -> bool:
    """Return whether a table of all sets of the items is made in a tenth of a second or so."""
    return columns.items <= MOST_GPS and columns.count << columns.items <= _QUICK * columns.items


def best_of_few(columns: Columns, cost: Float64) -> tuple[Int64, float, Float64]:
    """Return the partition of greatest total, and it; no rows and -inf where there is none.

    Third is the greatest total of a partition that holds each column. For up to MOST_GPS
    items, without limits on how many columns.
    """
    m = _as_masks(columns, cost)
    left = (1 << columns.items) - 1
    total = float(m.rest[left])
    chosen: list[int] = []
    while left and np.isfinite(total):
        low = (left & -left).bit_length() - 1
        rows = np.arange(m.first[low], m.first[low + 1])
        rows = rows[(m.masks[rows] & ~left) == 0]
        best = rows[np.argmax(m.cost[rows] + m.rest[left ^ m.masks[rows]])]
        chosen.append(int(m.order[best]))
        left ^= int(m.masks[best])
    with_each = np.empty(columns.count)
    with_each[m.order] = m.cost + m.rest[((1 << columns.items) - 1) ^ m.masks]
    return np.sort(np.array(chosen, dtype=np.int64)), total, with_each


def fewest_columns(columns: Columns) -> float:
    """Return the fewest columns that make a partition, inf where none does; few items."""
    return -best_of_few(columns, np.full(columns.count, -1.0))[1]


def list_partitions(
    columns: Columns, cost: Float64, floor: float, most_teams: float, room: int
) -> tuple[Int64, Float64] | None:
    """Return the partitions whose total is at least ``floor``, greatest total first.

    Rows are columns, filled up with -1. None = there are more than ``room``, or the items
    are too many.
    """
    if columns.items > MOST_GPS or not columns.items:
        return None
    m = _as_masks(columns, cost)
    most = columns.items if math.isinf(most_teams) else int(most_teams)
    width = min(most, columns.items)
    rows = np.empty((room, width), dtype=np.int64)
    total = np.empty(room)
    count = _list(m.masks, m.cost, m.first, m.rest, columns.items, floor, most, rows, total)
    if count > room:
        return None
    best = np.argsort(-total[:count], kind="stable")
    found = rows[:count][best]
    return np.where(found >= 0, m.order[np.maximum(found, 0)], -1), total[:count][best]

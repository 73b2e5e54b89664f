"""Sets to choose from, limits on how many, and the linear programme they make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Int16 = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_BLOCK = 262_144


@dataclass(frozen=True)
class Columns:
    """The sets to choose from: a row lists the items of one set, filled up with -1."""

    members: Int16
    items: int

    @property
    def count(self) -> int:
        """Number of sets."""
        return len(self.members)

    def take(self, rows: Int64 | Bools) -> Columns:
        """Return some of the columns."""
        return Columns(self.members[rows], self.items)


@dataclass(frozen=True)
class Limit:
    """How many of some columns may be chosen. ``among`` None = of all."""

    least: float = 0.0
    most: float = math.inf
    among: Bools | None = None

    def allows(self, chosen: Int64) -> bool:
        """Return whether some chosen columns keep the limit."""
        count = len(chosen) if self.among is None else int(self.among[chosen].sum())
        return self.least <= count <= self.most


def whole_counts(columns: Columns) -> tuple[Limit, ...]:
    """Return what follows from the numbers alone: 18 items in sets of at most 4 make at
    least 5 sets, of which at most 4 have 4. The relaxation would make 4.5 of them.
    """
    sizes = (columns.members >= 0).sum(axis=1)
    widest = int(sizes.max(initial=1))
    if columns.items % widest == 0:
        return ()
    least = Limit(least=float(math.ceil(columns.items / widest)))
    return least, Limit(most=float(columns.items // widest), among=sizes == widest)


def reduced_gains(
    columns: Columns, limits: Sequence[Limit], cost: Float64, prices: Float64
) -> Float64:
    """Return by how much each column is worth more than its items (and limits) cost."""
    items = columns.items
    by_item = np.append(prices[:items], 0.0)
    found = np.empty(columns.count)
    for first in range(0, len(found), _BLOCK):
        part = slice(first, first + _BLOCK)
        found[part] = cost[part] - by_item[columns.members[part]].sum(axis=1)
    for limit, price in zip(limits, prices[items:], strict=True):
        if price != 0.0:
            found -= price if limit.among is None else price * limit.among
    return found


def programme(
    columns: Columns, limits: Sequence[Limit], rows: Int64
) -> tuple[Any, Float64, Float64]:
    """Return the constraint matrix of some columns with its lower and upper sides."""
    from scipy.sparse import csc_array

    items = columns.items
    members = columns.members[rows]
    place, item = np.nonzero(members >= 0)
    line = [members[place, item].astype(np.int64)]
    column = [place]
    for number, limit in enumerate(limits):
        among = np.arange(len(rows)) if limit.among is None else np.flatnonzero(limit.among[rows])
        line.append(np.full(len(among), items + number))
        column.append(among)
    lines, places = np.concatenate(line), np.concatenate(column)
    shape = (items + len(limits), len(rows))
    matrix = csc_array((np.ones(len(lines)), (lines, places)), shape=shape)
    low = np.array([1.0] * items + [limit.least for limit in limits])
    high = np.array([1.0] * items + [limit.most for limit in limits])
    return matrix, low, high


def sum_of_prices(prices: Float64, items: int, limits: Sequence[Limit]) -> float:
    """Return what prices prove: their sum, with each limit at its dearer end."""
    total = float(prices[:items].sum())
    for limit, price in zip(limits, prices[items:], strict=True):
        if price != 0.0:
            total += price * (limit.most if price > 0 else limit.least)
    return total


def all_covered(columns: Columns) -> bool:
    seen = np.zeros(columns.items + 1, dtype=np.bool_)
    seen[columns.members.ravel()] = True
    return bool(seen[: columns.items].all())

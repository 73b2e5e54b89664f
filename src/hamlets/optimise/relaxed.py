"""The relaxation of a set partition: sets taken in parts, prices of items and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Relaxed:
    """An optimum of the linear programme."""

    x: Float64
    value: float
    prices: Float64
    """Of each row of the matrix: what one more of it would add."""
    reduced: Float64
    """By how much each column is worth more than its rows (and cuts) cost; at most 0."""


def solve_relaxed(
    gain: Float64, matrix: Any, low: Float64, high: Float64, cuts: Any | None = None
) -> Relaxed | None:
    """Return the greatest gain with each row of ``matrix`` between its sides, each cut <= 1.

    Rows whose sides agree are equations. None = nothing meets them all.
    """
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    equal = low == high
    above, below = ~equal & np.isfinite(high), ~equal & (low > 0)
    lines = matrix.tocsr()
    sides = [lines[above], -lines[below], *([] if cuts is None else [cuts.tocsr()])]
    side: Any = vstack(sides, format="csr")
    right = np.concatenate([high[above], -low[below]])
    right = np.concatenate([right, np.ones(side.shape[0] - len(right))])
    bounded = len(right) > 0
    result: Any = linprog(
        -gain,
        A_ub=side if bounded else None,
        b_ub=right if bounded else None,
        A_eq=lines[equal],
        b_eq=low[equal],
        bounds=(0, None),
        method="highs",
    )
    if result.status == 2:
        return None
    if result.x is None:
        raise ArithmeticError(f"the linear programme ended with status {result.status}")
    prices = np.zeros(len(low))
    prices[equal] = -np.asarray(result.eqlin.marginals)
    reduced = gain - lines[equal].T @ prices[equal]
    if bounded:
        dual = -np.asarray(result.ineqlin.marginals)
        most, least = int(above.sum()), int(below.sum())
        prices[above] = dual[:most]
        prices[below] -= dual[most : most + least]
        reduced = reduced - side.T @ dual
    return Relaxed(np.asarray(result.x), -float(result.fun), prices, np.asarray(reduced))

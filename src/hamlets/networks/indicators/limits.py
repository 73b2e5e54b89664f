"""Ranges of rates, and the limits of a funnel: exact, and checked against published values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Z = 1.959964
"""Of a 95 % range, as the definitions have it."""
TAILS = (0.025, 0.001)
"""What lies beyond one side of limits of 95 and 99.8 %."""

Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Limits = tuple[Longs, Longs]
"""Fewest and most that luck leaves inside, by size."""


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """Return the 95 % range of a share (Wilson 1927, without correction), between 0 and 1."""
    if not 0 <= numerator <= denominator or denominator == 0:
        raise ValueError("The numerator is a part of a denominator that is not 0.")
    share, square = numerator / denominator, Z * Z
    middle = share + square / (2 * denominator)
    half = Z * math.sqrt(share * (1 - share) / denominator + square / (4 * denominator**2))
    scale = 1 + square / denominator
    # at both ends the bound is the share itself, and rounding must not put it beyond
    low = 0.0 if numerator == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if numerator == denominator else min(1.0, (middle + half) / scale)
    return low, high


def event_range(events: int, people: int) -> tuple[float, float]:
    """Return the exact 95 % range of events for each person (Garwood 1936, Poisson)."""
    from scipy import special

    _special: Any = special
    low = 0.0 if events == 0 else float(_special.gammaincinv(events, 0.025))
    high = float(_special.gammaincinv(events + 1, 0.975))
    return low / people, high / people


def binomial_limits(sizes: Sequence[int], centre: float) -> dict[float, Limits]:
    """Return, for each tail, the fewest and most of each size that luck leaves inside.

    Counts below the first have a chance of less than the tail, and so have counts above the
    second, where each of ``sizes`` people is reached with the chance ``centre``.
    """
    from scipy import special

    _special: Any = special
    n = np.asarray(sizes, np.int64)
    if not 0 <= centre <= 1:
        raise ValueError("A share lies between 0 and 1.")
    if centre in (0.0, 1.0):
        fixed = (n * centre).astype(np.int64)
        return dict.fromkeys(TAILS, (fixed, fixed))
    found: dict[float, Limits] = {}
    for tail in TAILS:
        low = _least(lambda k: _special.bdtr(k, n, centre), tail, n)
        high = _least(lambda k: _special.bdtr(k, n, centre), 1 - tail, n)
        found[tail] = (low, high)
    return found


def event_limits(sizes: Sequence[int], centre: float) -> dict[float, Limits]:
    """Return, for each tail, the fewest and most events among so many people that luck leaves.

    ``centre`` is events for each person; events are Poisson.
    """
    from scipy import special

    _special: Any = special
    mean = np.asarray(sizes, np.float64) * centre
    if centre < 0:
        raise ValueError("A rate is not negative.")
    top = mean + 40 * np.sqrt(mean + 1) + 40
    return {
        tail: (
            _least(lambda k: _special.pdtr(k, mean), tail, top),
            _least(lambda k: _special.pdtr(k, mean), 1 - tail, top),
        )
        for tail in TAILS
    }


def sizes_to(largest: int) -> tuple[int, ...]:
    """Return sizes from 1 to ``largest`` at which limits are drawn: close together where small."""
    small = np.geomspace(1, largest, 60)
    even = np.linspace(1, largest, 60)
    sizes = np.unique(np.rint(np.concatenate([small, even])).astype(np.int64))
    return tuple(int(n) for n in sizes)


def _least(below: Callable[[Floats], Any], share: float, most: Any) -> Longs:
    """Return the smallest k with a cumulative chance of at least ``share``, by halving."""
    high = np.ceil(most).astype(np.int64)
    low = np.full(high.shape, -1, np.int64)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        enough = below(middle.astype(np.float64)) >= share
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return high

"""What chance alone would give: expectations under independent draws by share.

A patient with n contacts draws each clinician s with probability q_s. Exact for
every n: E[coc] = E[secon] = sum q^2, E[hi] = 1/n + (1 - 1/n) sum q^2,
E[M] = sum (1 - (1-q)^n); E[max] by dynamic programming over truncated
exponential series (a multinomial is independent Poissons given their sum).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.compiled import (
    boolean,
    compiled,
    f8,
    f8_,
    f8x2,
    f8x2_,
    i8,
    i8_,
    integer,
    types,
)

#: Up to here all n share one series scaled to stay within double range; a
#: larger n (a patient with thousands of contacts) gets a series of its own.
LARGEST_SHARED = 250
CERTAIN = 1e-14
NEGLIGIBLE = -50.0  # natural log; beyond it a term cannot change a sum of doubles


@compiled(types.int64, integer, types.float64)
def _reach(top: int, share: float) -> int:
    """Return the most contacts of ``top`` that a clinician with this share can matter for."""
    if share >= 1.0:
        return top
    j = int(top * share) + 1
    while j < top:
        log_chance = (
            math.lgamma(top + 1.0) - math.lgamma(j + 1.0) - math.lgamma(top - j + 1.0)
            + j * math.log(share) + (top - j) * math.log1p(-share)
        )  # fmt: skip
        if log_chance < NEGLIGIBLE:
            return j
        j += 1
    return top


@compiled(types.void, f8, types.float64, integer, boolean, f8x2_, i8_)
def _series(shares: Any, rate: float, top: int, normalised: bool, weights: Any, reach: Any) -> None:
    """Write (rate q_s)^j / j! for each clinician, Poisson chances if ``normalised``."""
    for s in range(shares.size):
        mean = rate * shares[s]
        reach[s] = _reach(top, shares[s])
        damping = mean if normalised else 0.0
        for j in range(reach[s] + 1):
            weights[s, j] = math.exp(j * math.log(mean) - math.lgamma(j + 1.0) - damping)


@compiled(types.void, f8x2, i8, integer, integer, f8_, f8_)
def _ways_at_most(weights: Any, reach: Any, cap: int, top: int, ways: Any, fresh: Any) -> None:
    """Write to ``ways[n]`` the product series' coefficients with no clinician above ``cap``."""
    ways[:] = 0.0
    ways[0] = 1.0
    filled = 0
    for s in range(weights.shape[0]):
        limit = min(cap, reach[s])
        before = filled
        filled = min(top, filled + limit)
        fresh[: filled + 1] = 0.0
        # added up along m, so that the processor does several at once
        for j in range(limit + 1):
            w = weights[s, j]
            for m in range(min(before, top - j) + 1):
                fresh[m + j] += w * ways[m]
        ways[: filled + 1] = fresh[: filled + 1]


@compiled(types.void, f8, integer, f8_)
def _most_up_to(shares: Any, top: int, result: Any) -> None:
    """Write E[max] = sum over k of P(max > k | n) to ``result[n]`` for n = 1..top."""
    rate = max(top / math.e, 1.0)  # keeps rate^n / n! between 1 and e^rate
    weights = np.zeros((shares.size, top + 1))
    reach = np.zeros(shares.size, dtype=np.int64)
    _series(shares, rate, top, False, weights, reach)
    ways = np.zeros(top + 1)
    fresh = np.zeros(top + 1)
    result[:] = 0.0
    for cap in range(top):
        _ways_at_most(weights, reach, cap, top, ways, fresh)
        largest = 0.0
        everyone = 1.0
        for n in range(1, top + 1):
            everyone *= rate / n
            if n > cap:
                beyond = 1.0 - ways[n] / everyone
                if beyond > 0.0:
                    result[n] += beyond
                    largest = max(largest, beyond)
        if largest < CERTAIN:
            break


@compiled(types.float64, f8, integer)
def _most_for(shares: Any, n: int) -> float:
    """Return E[max] for one large n: only caps where the outcome is not certain are summed."""
    weights = np.zeros((shares.size, n + 1))
    reach = np.zeros(shares.size, dtype=np.int64)
    _series(shares, float(n), n, True, weights, reach)
    everyone = math.exp(n * math.log(n) - math.lgamma(n + 1.0) - n)
    ways = np.zeros(n + 1)
    fresh = np.zeros(n + 1)
    low = 0  # P(max <= low) is nothing
    high = n
    while high - low > 1:
        middle = (low + high) // 2
        _ways_at_most(weights, reach, middle, n, ways, fresh)
        if ways[n] / everyone < CERTAIN:
            low = middle
        else:
            high = middle
    total = low + 1.0
    for cap in range(low + 1, n):
        _ways_at_most(weights, reach, cap, n, ways, fresh)
        beyond = 1.0 - ways[n] / everyone
        if beyond > 0.0:
            total += beyond
        if beyond < CERTAIN:
            break
    return total


@compiled(types.void, f8, i8, f8_)
def expected_most(shares: Any, sizes: Any, result: Any) -> None:
    """Write E[max_i n_i] for each n of ``sizes`` (ascending, n >= 1); ``shares`` sum to 1."""
    top = 0
    for k in range(sizes.size):
        if sizes[k] <= LARGEST_SHARED:
            top = sizes[k]
    if top > 0:
        sums = np.zeros(top + 1)
        _most_up_to(shares, top, sums)
        for k in range(sizes.size):
            if sizes[k] <= top:
                result[k] = sums[sizes[k]]
    for k in range(sizes.size):
        if sizes[k] > LARGEST_SHARED:
            result[k] = _most_for(shares, sizes[k])


@compiled(types.void, f8, i8, f8_)
def expected_distinct(shares: Any, sizes: Any, result: Any) -> None:
    """Write E[M] = sum (1 - (1-q)^n) for each n of ``sizes``."""
    for k in range(sizes.size):
        total = 0.0
        for s in range(shares.size):
            if shares[s] >= 1.0:
                total += 1.0
            else:
                total += -math.expm1(sizes[k] * math.log1p(-shares[s]))
        result[k] = total


@compiled(types.void, f8, i8, f8_)
def expected_entropy(shares: Any, sizes: Any, result: Any) -> None:
    """Write E[entropy] in bits: sum_s sum_x Bin(x; n, q_s) (-(x/n) log2(x/n))."""
    for k in range(sizes.size):
        n = sizes[k]
        total = 0.0
        for s in range(shares.size):
            q = shares[s]
            if q >= 1.0:
                continue
            log_odds = math.log(q) - math.log1p(-q)
            # start at the likeliest x, where the chance cannot underflow, and walk out
            middle = min(n, int((n + 1) * q))
            peak = math.exp(
                math.lgamma(n + 1.0) - math.lgamma(middle + 1.0) - math.lgamma(n - middle + 1.0)
                + middle * math.log(q) + (n - middle) * math.log1p(-q)
            )  # fmt: skip
            odds = math.exp(log_odds)
            chance = peak
            for x in range(middle, n + 1):
                if x > 0:
                    total -= chance * (x / n) * math.log2(x / n)
                chance *= odds * (n - x) / (x + 1.0)
                if chance < 1e-25:
                    break
            chance = peak
            for x in range(middle, 0, -1):
                chance *= x / (odds * (n - x + 1.0))
                if chance < 1e-25:
                    break
                if x > 1:
                    total -= chance * ((x - 1) / n) * math.log2((x - 1) / n)
        result[k] = total


def expected_counts(
    shares: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.int64],
    *,
    most: bool = True,
    entropy: bool = True,
) -> npt.NDArray[np.float64]:
    """Return, for each n of ``sizes``, E of (most, squares, distinct, neighbours, entropy bits).

    ``shares`` are positive and sum to 1; ``sizes`` ascend. Shape (len(sizes), 5).
    The two dear ones, most and entropy, stay 0 where they are not asked for.
    """
    result = np.zeros((len(sizes), 5))
    column = np.empty(len(sizes))
    concentration = float(np.dot(shares, shares))
    n = sizes.astype(np.float64)
    if most:
        expected_most(shares, sizes, column)
        result[:, 0] = column
    result[:, 1] = n + n * (n - 1.0) * concentration
    expected_distinct(shares, sizes, column)
    result[:, 2] = column
    result[:, 3] = (n - 1.0) * concentration
    if entropy:
        expected_entropy(shares, sizes, column)
        result[:, 4] = column
    return result

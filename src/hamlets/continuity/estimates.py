"""From exact sums to values, intervals, corrected and shrunk values (definitions, 13-17)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hamlets.continuity.indices import (
    DISTINCT,
    ENTROPY_AT,
    ENTROPY_UNIT,
    HALF_BITS,
    MOST,
    NEIGHBOURS,
    SQUARES,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Z = 1.96
Z_WILSON = 1.959964
ENTROPY = 4
"""Position of entropy among the expected counts of ``chance.expected_counts``."""

STATISTIC = {
    "upc": MOST,
    "coc": SQUARES,
    "hi": SQUARES,
    "secon": NEIGHBOURS,
    "mci": DISTINCT,
    "mmci": DISTINCT,
    "k": DISTINCT,
    "entropy": ENTROPY,
    "clinicians": DISTINCT,
}
"""The one count that each index is linear in."""


def line_of(index: str, n: Floats) -> tuple[Floats, Floats]:
    """Return a and b of ``index = a + b * count`` for each n (n >= 2 unless defined below)."""
    zero = np.zeros_like(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        if index == "upc":
            return zero, 1.0 / n
        if index == "coc":
            return -1.0 / (n - 1.0), 1.0 / (n * (n - 1.0))
        if index == "hi":
            return zero, 1.0 / (n * n)
        if index == "secon":
            return zero, 1.0 / (n - 1.0)
        if index == "mci":
            return zero + 1.0, -1.0 / (n + 0.1)
        if index == "mmci":
            width = 1.0 - 1.0 / (n + 0.1)
            return 1.0 / width, -1.0 / ((n + 0.1) * width)
        if index == "k":
            return n / (n - 1.0), -1.0 / (n - 1.0)
    return zero, zero + 1.0


def best_of(index: str, n: Floats) -> Floats:
    """Return the value of perfect continuity for each n."""
    if index == "mci":
        return 1.0 - 1.0 / (n + 0.1)
    return np.zeros_like(n) if index == "entropy" else np.ones_like(n)


def values_of(index: str, n: Ints, counts: Ints, bits: Floats) -> Floats:
    """Return an index for single patients from what ``patient_counts`` wrote."""
    if index == "entropy":
        return bits
    a, b = line_of(index, n.astype(np.float64))
    with np.errstate(invalid="ignore"):
        return a + b * counts[:, 1 + STATISTIC[index]]


def totals_of(
    index: str, groups: int, place: Ints, n: Ints, sums: Ints
) -> tuple[Floats, Floats, Ints]:
    """Return mean, sum of squared deviations and patients of an index by group.

    Row i of ``sums`` belongs to group ``place[i]`` and holds the patients with
    ``n[i]`` contacts: their number, then the columns of one level.
    """
    patients = np.zeros(groups, dtype=np.int64)
    np.add.at(patients, place, sums[:, 0])
    if index == "entropy":
        mean, deviation = _entropy_totals(groups, place, sums[:, 1:], patients)
        return mean, deviation, patients
    a, b = line_of(index, n.astype(np.float64))
    people = sums[:, 0].astype(np.float64)
    statistic = STATISTIC[index]
    s = sums[:, 1 + statistic].astype(np.float64)
    ss = sums[:, 5 + statistic].astype(np.float64)
    total, squares = np.zeros(groups), np.zeros(groups)
    np.add.at(total, place, a * people + b * s)
    np.add.at(squares, place, a * a * people + 2.0 * a * b * s + b * b * ss)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / patients
    deviation = squares - patients * mean * mean
    # what is left of equal values after subtracting is rounding, not spread
    deviation[deviation < 1e-13 * np.maximum(squares, 1e-300)] = 0.0
    return mean, deviation, patients


def _entropy_totals(groups: int, place: Ints, level: Ints, patients: Ints) -> tuple[Floats, Floats]:
    """Return mean and squared deviations of entropy, exact for whole units of 2**-38 bits."""
    columns = np.zeros((groups, 4), dtype=object)  # Python's whole numbers do not overflow
    np.add.at(columns, place, level[:, ENTROPY_AT : ENTROPY_AT + 4].astype(object))
    mean, deviation = np.full(groups, np.nan), np.full(groups, np.nan)
    for group in np.flatnonzero(patients).tolist():
        p = int(patients[group])
        units, high, cross, low = columns[group]
        square = (high << 2 * HALF_BITS) + (cross << HALF_BITS + 1) + low
        mean[group] = units / p / ENTROPY_UNIT
        deviation[group] = (square * p - units * units) / p / ENTROPY_UNIT**2
    return mean, deviation


def mean_interval(
    mean: Floats, deviation: Floats, patients: Ints, highest: float | None
) -> tuple[Floats, Floats]:
    """Return mean -+ 1.96 s / sqrt(P), clipped to 0..highest; NaN under 2 patients.

    ``deviation`` is the sum of squared deviations from the mean.
    """
    p = patients.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        half = Z * np.sqrt(np.maximum(deviation, 0.0) / (p - 1.0) / p)
    half[patients < 2] = np.nan
    lower = np.maximum(mean - half, 0.0)
    upper = mean + half
    return lower, upper if highest is None else np.minimum(upper, highest)


def wilson(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return Wilson's interval of a share of n."""
    z2 = Z_WILSON * Z_WILSON
    middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n)
    half = Z_WILSON * np.sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n)) / (1.0 + z2 / n)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def ratio_interval(
    patients: Ints, x: Ints, xx: Ints, y: Ints, yy: Ints, xy: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return y / x and its interval clustered by patient.

    Wilson at 0 and 1; NaN under 2 patients.
    """
    p = patients.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = y / x
        spread = yy - 2.0 * ratio * xy + ratio * ratio * xx
        variance = p / (p - 1.0) * np.maximum(spread, 0.0) / (x.astype(np.float64) ** 2)
        half = Z * np.sqrt(variance)
        lower, upper = np.maximum(ratio - half, 0.0), np.minimum(ratio + half, 1.0)
        low_end, high_end = wilson(ratio, p)
    edge = (y == 0) | (y == x)
    lower = np.where(edge, low_end, lower)
    upper = np.where(edge, high_end, upper)
    few = (patients < 2) | (x == 0)
    return ratio, np.where(few, np.nan, lower), np.where(few, np.nan, upper)


def corrected(observed: Floats, expected: Floats, best: Floats) -> Floats:
    """Return (observed - expected) / (best - expected); NaN where the two are within 0.01."""
    room = best - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (observed - expected) / room
    return np.where(np.abs(room) < 0.01, np.nan, value)


def shrink(value: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return values drawn towards their precision-weighted mean (DerSimonian-Laird).

    NaN for all under three values with an interval. A value without spread is
    known exactly as far as its interval says, and is left as it is.
    """
    result = np.full(len(value), np.nan)
    variance = ((upper - lower) / (2.0 * Z)) ** 2
    known = np.isfinite(value) & np.isfinite(variance)
    if known.sum() < 3:
        return result
    result[known] = value[known]
    use = known & (variance > 0.0)
    if use.sum() < 3:
        return result
    y, v = value[use], variance[use]
    w = 1.0 / v
    mean = float((w * y).sum() / w.sum())
    q = float((w * (y - mean) ** 2).sum())
    scale = float(w.sum() - (w * w).sum() / w.sum())
    tau2 = max(0.0, (q - (len(y) - 1)) / scale) if scale > 0 else 0.0
    weight = tau2 / (tau2 + v)
    centre = 1.0 / (tau2 + v)
    middle = float((centre * y).sum() / centre.sum())
    result[use] = weight * y + (1.0 - weight) * middle
    return result

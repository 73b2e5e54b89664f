"""Chance that a standard is reached by the end of the year, at the pace of the last months.

A practice has r patients outstanding, of whom a in y patient-months were achieved lately. Its
monthly chance h is Beta(a + 1/2, y - a + 1/2); by the end each patient is achieved with
p = 1 - (1 - h)^months, so additions are Binomial(r, p), averaged over h at 64 Gauss-Jacobi
points, without sampling. Practices are independent and their additions are convolved.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hamlets.networks.averages import Rule
from hamlets.networks.payment.curves import Line

Floats = NDArray[np.float64]
POINTS = 64
_EXACT = 2**17
"""Cells of a lattice on which sums of shares lie exactly."""
_GRID = 2**16
"""Cells of the lattice that sums are rounded to, down and up, where that one is too large."""


@dataclass(frozen=True)
class Pace:
    """A practice on its way: achieved and counted now, and what lately came of waiting."""

    achieved: int
    """Without those who are due to lapse before the end."""
    denominator: int
    outstanding: int
    came: int
    at_risk: int
    """Patient-months in which they could have come."""

    def with_one_more(self) -> Pace:
        """Return the practice with one patient more achieved today."""
        return Pace(
            self.achieved + 1, self.denominator, self.outstanding - 1, self.came, self.at_risk
        )


@dataclass(frozen=True)
class Expected:
    """Expected part that is earned (of a step: the chance of it), within so much."""

    value: float
    within: float = 0.0


def beta_points(a: float, b: float, points: int = POINTS) -> tuple[Floats, Floats]:
    """Return nodes in (0, 1) and weights that average over Beta(a, b) (Golub and Welsch 1969)."""
    from scipy.linalg import eigh_tridiagonal

    low, high = b - 1, a - 1
    both = low + high
    n = np.arange(1, points, dtype=float)
    centre = np.empty(points)
    centre[0] = (high - low) / (both + 2)
    centre[1:] = (high * high - low * low) / ((2 * n + both) * (2 * n + both + 2))
    beside = np.empty(points - 1)
    beside[0] = 4 * (low + 1) * (high + 1) / ((both + 2) ** 2 * (both + 3))
    n = n[1:]
    beside[1:] = (
        4 * n * (n + low) * (n + high) * (n + both)
        / ((2 * n + both) ** 2 * (2 * n + both + 1) * (2 * n + both - 1))
    )  # fmt: skip
    nodes, vectors = eigh_tridiagonal(centre, np.sqrt(beside))
    return np.clip((nodes + 1) / 2, 0.0, 1.0), vectors[0] ** 2


def additions(pace: Pace, months: int) -> Floats:
    """Return the chance of 0, 1, ... outstanding patients achieved in so many months."""
    from scipy.stats import binom

    r = pace.outstanding
    if r == 0 or months <= 0:
        return np.concatenate(([1.0], np.zeros(max(r, 0))))
    came = min(pace.came, pace.at_risk)
    monthly, weights = beta_points(came + 0.5, pace.at_risk - came + 0.5)
    by_end = -np.expm1(months * np.log1p(-np.minimum(monthly, 1 - 1e-15)))
    table = binom.pmf(np.arange(r + 1)[None, :], r, by_end[:, None])
    found = weights @ table
    return found / found.sum()


def expected_earned(
    paces: Sequence[Pace], months: int, rule: Rule, line: Line
) -> tuple[Expected, list[Expected]]:
    """Return the expected part earned by a network, and the same with one more in each practice.

    For a step it is the chance of reaching it. A practice with nobody outstanding is the same
    with one more, since there is none.
    """
    plain = [additions(pace, months) for pace in paces]
    more = [
        (pace.with_one_more(), additions(pace.with_one_more(), months))
        if pace.outstanding
        else (pace, now)
        for pace, now in zip(paces, plain, strict=True)
    ]
    if rule == "minimum":
        whole = _of_minimum(paces, plain, line)
        return whole, [
            _of_minimum(
                [*paces[:i], one, *paces[i + 1 :]], [*plain[:i], now, *plain[i + 1 :]], line
            )
            for i, (one, now) in enumerate(more)
        ]
    return _of_sums(paces, plain, more, rule, line)


def own_expected(pace: Pace, months: int, line: Line) -> float:
    """Return the expected part that one practice earns by its own share."""
    return _of_minimum([pace], [additions(pace, months)], line).value


def _of_minimum(paces: Sequence[Pace], added: Sequence[Floats], line: Line) -> Expected:
    """Return the expected part earned by the smallest share: exact but for floating point."""
    # a sum of chances may come out a hair above 1
    tails = [np.append(np.minimum(np.cumsum(one[::-1])[::-1], 1.0), 0.0) for one in added]

    def at_least(percent: Fraction) -> float:
        product = 1.0
        for pace, tail in zip(paces, tails, strict=True):
            need = math.ceil(percent * pace.denominator / 100) - pace.achieved
            product *= float(tail[min(max(need, 0), len(tail) - 1)])
        return product

    if line.lower == line.upper:
        return Expected(at_least(line.upper))
    # Between the thresholds the smallest share is one of those that a practice can have.
    steps = {line.lower, line.upper}
    for pace, one in zip(paces, added, strict=True):
        for k in range(len(one)):
            percent = Fraction(100 * (pace.achieved + k), pace.denominator)
            if line.lower < percent < line.upper:
                steps.add(percent)
    ordered = sorted(steps)
    total, before = 0.0, Fraction()
    for percent in ordered:
        now = line.earned(percent)
        total += float(now - before) * at_least(percent)
        before = now
    return Expected(total)


def _of_sums(
    paces: Sequence[Pace],
    plain: Sequence[Floats],
    more: Sequence[tuple[Pace, Floats]],
    rule: Rule,
    line: Line,
) -> tuple[Expected, list[Expected]]:
    """Return expectations under the mean or pooled share, from sums on a lattice."""
    weights = (
        [Fraction(1, pace.denominator) for pace in paces]
        if rule == "mean"
        else [Fraction(1)] * len(paces)
    )
    base = sum((w * p.achieved for w, p in zip(weights, paces, strict=True)), Fraction())
    whole = Fraction(len(paces)) if rule == "mean" else Fraction(sum(p.denominator for p in paces))
    unit, exact = _unit(paces, weights, rule)
    results: list[tuple[float, list[float]]] = []
    for up in (False,) if exact else (False, True):
        lattice = _Lattice(unit, up, base, whole, line)
        results.append(lattice.expectations(plain, more, weights))
    if exact:
        value, others = results[0]
        return Expected(value), [Expected(other) for other in others]
    (low, lows), (high, highs) = results
    return _between(low, high), [_between(a, b) for a, b in zip(lows, highs, strict=True)]


def _between(low: float, high: float) -> Expected:
    return Expected((low + high) / 2, abs(high - low) / 2)


def _unit(paces: Sequence[Pace], weights: Sequence[Fraction], rule: Rule) -> tuple[Fraction, bool]:
    """Return the lattice's unit, and whether every sum lies on it."""
    most = sum((w * p.outstanding for w, p in zip(weights, paces, strict=True)), Fraction())
    if rule == "pooled":
        return Fraction(1), True
    common = math.lcm(*(p.denominator for p in paces))
    if most * common <= _EXACT:
        return Fraction(1, common), True
    return most / _GRID, False


@dataclass(frozen=True)
class _Lattice:
    """Sums of the practices' additions, rounded to whole units down or up."""

    unit: Fraction
    up: bool
    base: Fraction
    whole: Fraction
    line: Line

    def expectations(
        self,
        plain: Sequence[Floats],
        more: Sequence[tuple[Pace, Floats]],
        weights: Sequence[Fraction],
    ) -> tuple[float, list[float]]:
        places = [self._places(len(one), w) for one, w in zip(plain, weights, strict=True)]
        size = int(sum(place[-1] for place in places)) + 1
        length = 1 << (size - 1).bit_length() + 1
        spectra = [self._spectrum(o, p, length) for o, p in zip(plain, places, strict=True)]
        before, after = _products(spectra)
        whole = self._expect(before[-1], self.base, length, size)
        others: list[float] = []
        for index, (_, added) in enumerate(more):
            if len(added) == len(plain[index]):
                others.append(whole)
                continue
            spectrum = self._spectrum(added, places[index][: len(added)], length)
            product = before[index] * after[index + 1] * spectrum
            others.append(self._expect(product, self.base + weights[index], length, size))
        return whole, others

    def _places(self, count: int, weight: Fraction) -> NDArray[np.int64]:
        step = weight / self.unit
        top, under = step.numerator, step.denominator
        rows = [-(-k * top // under) if self.up else k * top // under for k in range(count)]
        return np.asarray(rows, dtype=np.int64)

    def _spectrum(self, chances: Floats, places: NDArray[np.int64], length: int) -> Any:
        cells = np.zeros(length)
        np.add.at(cells, places, chances)
        return np.fft.rfft(cells)

    def _expect(self, spectrum: Any, base: Fraction, length: int, size: int) -> float:
        chances = np.clip(np.fft.irfft(spectrum, length)[:size], 0.0, None)
        chances /= chances.sum()
        return float(np.clip(chances @ self._earned(base, size), 0.0, 1.0))

    def _earned(self, base: Fraction, size: int) -> Floats:
        """Return what is earned at each cell; where it begins is found exactly."""
        line = self.line
        first = math.ceil((line.lower * self.whole / 100 - base) / self.unit)
        cells = np.arange(size)
        if line.lower == line.upper:
            return (cells >= first).astype(float)
        percent = 100 * (float(base) + cells * float(self.unit)) / float(self.whole)
        along = (percent - float(line.lower)) / float(line.upper - line.lower)
        part = float(line.at_lower) + (1 - float(line.at_lower)) * np.clip(along, 0, 1)
        return np.where(cells >= first, part, 0.0)


def _products(spectra: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return the products of the first 0, 1, ... spectra, and of those from each on."""
    one = np.ones_like(spectra[0])
    before, after = [one], [one]
    for spectrum in spectra:
        before.append(before[-1] * spectrum)
    for spectrum in reversed(spectra):
        after.append(after[-1] * spectrum)
    return before, after[::-1]

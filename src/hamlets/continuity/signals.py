"""When a difference is more than luck: rules for lists, groups, and months.

Plain functions of numbers. Lists and groups: outer funnel limits (about 1 in 500).
Months: a control chart of individual values (XmR) with the rules of Making Data Count.
Change: the interval of a difference of two months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from hamlets.continuity.results import Outside, Signal

Z_95 = 1.959964
Z_OUTER = 3.090232
"""Both tails together hold 1 in 500."""
FEWEST_MONTHS = 13
RUN = 7
"""Months on one side of the mean, or rising in a row, that count as a change."""
_LIMIT = 2.66
_SCREEN = 3.267
_SAME = 1e-12


def half_width(value: float, lower: float | None, upper: float | None) -> float | None:
    """Return the 95 % half width of an interval; None without one.

    The larger side counts: the other may have been cut off at 0 or 1.
    """
    if lower is None or upper is None:
        return None
    return max(value - lower, upper - value)


def outside_limits(
    value: float | None, size: int, centre: float | None, centre_half: float | None, total: int
) -> Outside:
    """Return whether a part differs from the whole by more than luck would give.

    ``size`` and ``total`` count patients or contacts of the part and of the whole,
    ``centre_half`` is the whole's 95 % half width, clustered by patient: the part's
    limits are that width scaled to its size, so a small part has wide limits.
    """
    if value is None or centre is None or centre_half is None or size < 1 or total < 1:
        return "no"
    limit = Z_OUTER * centre_half / Z_95 * sqrt(total / size)
    if abs(value - centre) <= limit:
        return "no"
    return "higher" if value > centre else "lower"


def difference(
    before: tuple[float, float], after: tuple[float, float]
) -> tuple[float, float, float]:
    """Return (difference, lower, upper) of two (value, 95 % half width), as if independent.

    Months share patients, which makes the true interval narrower: this one is cautious.
    """
    change = after[0] - before[0]
    half = sqrt(before[1] ** 2 + after[1] ** 2)
    return change, change - half, change + half


@dataclass(frozen=True)
class Judgement:
    """What the rules say of a series: the signal, where it starts, which points it marks."""

    signal: Signal
    since: int | None = None
    marked: frozenset[int] = frozenset()


def limits(values: Sequence[float]) -> tuple[float, float, float]:
    """Return (lower limit, mean, upper limit) of an XmR chart.

    Moving ranges above 3.267 times their mean are left out once, as in NHSRplotthedots.
    """
    mean = sum(values) / len(values)
    ranges = [abs(b - a) for a, b in pairwise(values)]
    if not ranges:
        return mean, mean, mean
    usual = sum(ranges) / len(ranges)
    kept = [r for r in ranges if r < _SCREEN * usual] or ranges
    spread = _LIMIT * sum(kept) / len(kept)
    return mean - spread, mean, mean + spread


def judge(values: Sequence[float]) -> Judgement:
    """Return what the rules say of months in order; the state at the last month comes first.

    In order: a run of 7 or more on one side of the mean that lasts to the end; 7
    months rising or falling at the end; the latest month outside the limits.
    """
    if len(values) < FEWEST_MONTHS:
        return Judgement("too_few")
    low, mean, high = limits(values)
    start = _run_start(values, mean)
    if len(values) - start >= RUN:
        since = "higher" if values[-1] > mean else "lower"
        return Judgement(since, start, frozenset(range(start, len(values))))
    way = _trend(values[-RUN:])
    if way is not None:
        first = len(values) - RUN
        return Judgement(way, first, frozenset(range(first, len(values))))
    beyond = [i for i, value in enumerate(values) if value < low or value > high]
    if beyond:
        last = beyond[-1]
        unusual = "high_month" if values[last] > high else "low_month"
        return Judgement(unusual, last, frozenset(beyond))
    return Judgement("none")


def _run_start(values: Sequence[float], mean: float) -> int:
    """Return where the last run on one side of the mean starts; a point on the mean breaks it."""
    start = len(values)
    side = _side(values[-1], mean)
    while start and side and _side(values[start - 1], mean) == side:
        start -= 1
    return start


def _side(value: float, mean: float) -> int:
    """Return 1 above the mean, -1 below, 0 on it (a sum of shares is not exact)."""
    return 0 if abs(value - mean) < _SAME else 1 if value > mean else -1


def _trend(values: Sequence[float]) -> Signal | None:
    steps = [b - a for a, b in pairwise(values)]
    if all(step > 0 for step in steps):
        return "risen"
    return "fallen" if all(step < 0 for step in steps) else None

"""How points came out of a share, as an accountant would write it."""

from __future__ import annotations

from fractions import Fraction

from hamlets.networks.payment.curves import Curve, Line
from hamlets.networks.payment.writing import number


def points_sum(
    curve: Curve, percent: Fraction | None, before: Fraction | None, points: Fraction
) -> str:
    """Return the sum that made points out of a share in per cent: by its height or its rise."""
    if percent is None:
        return "nobody to count"
    by_height = Curve(curve.height, direction=curve.direction).earned(percent)
    if curve.rise is not None and before is not None:
        risen = percent - before
        if curve.rise.earned(risen) > by_height:
            return f"rise from {number(before)} is {number(risen)}: " + _line(
                curve.rise, risen, points
            )
    return _line(curve.height, percent, points, curve.direction == "lower")


def _line(line: Line, percent: Fraction, points: Fraction, less_is_better: bool = False) -> str:
    here = number(percent)
    if line.lower == line.upper:
        there = percent <= line.upper if less_is_better else percent >= line.upper
        side = (
            ("is not above" if there else "is above")
            if less_is_better
            else ("is not below" if there else "is below")
        )
        return f"{here} {side} {number(line.upper)}: {number(points if there else Fraction())}"
    worse, better = ("above", "above") if line.falling else ("below", "below")
    part = line.earned(percent)
    if (percent > line.lower) if line.falling else (percent < line.lower):
        return f"{here} is {worse} {number(line.lower)}: 0"
    if part == 1:
        return f"{here} is not {better} {number(line.upper)}: {number(points)}"
    first = line.at_lower * points
    start = f"{number(first)} + " if first else ""
    top = f"({here} - {number(line.lower)}) / ({number(line.upper)} - {number(line.lower)})"
    return f"{start}{top} x {number(points - first)}"

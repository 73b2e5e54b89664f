"""How a share earns: all at a step, in a line between thresholds, or both.

All in per cent and as exact fractions: 79.96 does not pass 80.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

ONE, NOTHING = Fraction(1), Fraction()


@dataclass(frozen=True)
class Line:
    """Nothing below ``lower``; ``at_lower`` there, then in a line to all at ``upper``.

    ``lower`` = ``upper`` is a step. Where lower is better ``upper`` is the smaller number.
    """

    lower: Fraction
    upper: Fraction
    at_lower: Fraction = NOTHING

    @property
    def falling(self) -> bool:
        """Whether less earns more."""
        return self.upper < self.lower

    def earned(self, percent: Fraction) -> Fraction:
        """Return the part that is earned, 0 to 1."""
        if self.lower == self.upper:
            return ONE if percent >= self.lower else NOTHING
        along = (percent - self.lower) / (self.upper - self.lower)
        if along < 0:
            return NOTHING
        return self.at_lower + (1 - self.at_lower) * min(along, ONE)


@dataclass(frozen=True)
class Curve:
    """What a share earns by its height or, where there is one, by its rise: the better of both."""

    height: Line
    rise: Line | None = None
    """On the percentage points above the own mean of the two years before."""
    direction: Literal["higher", "lower"] = "higher"
    """Only a step needs telling; a line says it by its ends."""

    def earned(self, percent: Fraction | None, before: Fraction | None = None) -> Fraction:
        """Return the part that is earned, 0 to 1, by a share in per cent; None earns nothing.

        ``before`` is the own mean of two years in per cent, None where it is not known.
        """
        if percent is None:
            return NOTHING
        by_height = self._by_height(percent)
        if self.rise is None or before is None:
            return by_height
        return max(by_height, self.rise.earned(percent - before))

    def reaches(self, percent: Fraction | None) -> bool:
        """Return whether all is earned by the height of a share."""
        return percent is not None and self._by_height(percent) == 1

    def _by_height(self, percent: Fraction) -> Fraction:
        line = self.height
        if line.lower == line.upper and self.direction == "lower":
            return ONE if percent <= line.upper else NOTHING
        return line.earned(percent)


def step(target: Fraction, direction: Literal["higher", "lower"] = "higher") -> Curve:
    """Return the curve that earns all at the target and nothing below it."""
    return Curve(Line(target, target), direction=direction)

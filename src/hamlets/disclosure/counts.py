"""A count as a published form may show it: rounded, small, or left out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

SMALLEST = 8
"""The smallest number of people or contacts that may be published."""

_STEP = 5
_SLACK = 2
"""A rounded count lies this far or less from the true one."""


class Mark(StrEnum):
    """How a count is published."""

    shown = "shown"
    """Rounded to 5."""
    few = "few"
    """Written as "7 or fewer": 0 to 7, and nobody learns which."""
    hidden = "hidden"
    """Left out, and nothing is said about its size: it may be large or small."""


@dataclass(frozen=True)
class Published:
    """One published count. ``value`` is rounded, and there only where it is shown."""

    mark: Mark
    value: int | None = None

    @property
    def low(self) -> float:
        """Return the least that a reader knows the true count to be."""
        return 0 if self.value is None else max(SMALLEST, self.value - _SLACK)

    @property
    def high(self) -> float:
        """Return the most that a reader knows the true count to be."""
        if self.mark is Mark.few:
            return SMALLEST - 1
        return math.inf if self.value is None else self.value + _SLACK


FEW = Published(Mark.few)
HIDDEN = Published(Mark.hidden)


def round_to_5(count: int) -> int:
    """Return the multiple of 5 nearest to a count of 0 or more."""
    return (count + _SLACK) // _STEP * _STEP


def publish_count(count: int) -> Published:
    """Return one count that stands alone; ``protect`` is for those that add up."""
    if count < 0:
        raise ValueError("A count is not negative.")
    return FEW if count < SMALLEST else Published(Mark.shown, round_to_5(count))

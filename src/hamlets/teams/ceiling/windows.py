"""The three windows: in which days or half-days a request could have been booked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hamlets.continuity.calendar import core_days
from hamlets.continuity.columns import NEVER, Int32
from hamlets.continuity.rota import HALVES
from hamlets.teams.ceiling.requests import Requests
from hamlets.teams.inputs import Bools, Int64

WindowName = Literal["strict", "week", "policy"]
WINDOWS: tuple[WindowName, ...] = ("strict", "week", "policy")
WORKING_DAYS = 10
"""Working days after the request within which it is met, by the usual policy."""
WEEK_DAYS = 2
PARTS = HALVES + 1
"""Parts of a day: three half-days, and the contacts whose time is not known."""
_MARGIN = 60


@dataclass(frozen=True)
class Times:
    """The days a request could be met: keys are days, or day x PARTS + half for ``strict``."""

    first: Int64
    last: Int64
    """The last key, included."""
    origin: Int32
    """The day from which a wait is counted: of the request (policy), else of the contact."""
    held: Bools
    """Requests the window is not reported for: they keep their slots."""


@dataclass(frozen=True)
class WorkingDays:
    """Monday to Friday without the bank holidays of England, over some days."""

    days: Int32

    @staticmethod
    def between(first: int, last: int) -> WorkingDays:
        """Return the working days first..last and of two months on either side."""
        low, high = first - _MARGIN, last + _MARGIN
        return WorkingDays(np.arange(low, high + 1, dtype=np.int32)[core_days(low, high)])

    def after(self, day: Int32, count: int) -> Int32:
        """Return the working day so many working days after each day; itself for 0."""
        if count == 0:
            return day
        at = np.searchsorted(self.days, day, side="right") + count - 1
        return self.days[np.minimum(at, len(self.days) - 1)]

    def before(self, day: Int32, count: int) -> Int32:
        """Return the working day so many working days before each day; itself for 0."""
        if count == 0:
            return day
        at = np.searchsorted(self.days, day, side="left") - count
        return self.days[np.maximum(at, 0)]


def times_of(requests: Requests, window: WindowName, working_days: int = WORKING_DAYS) -> Times:
    """Return when each request could have been met under a window."""
    day = requests.day
    nobody = np.zeros(len(day), dtype=bool)
    if window == "strict":
        key = day.astype(np.int64) * PARTS + requests.half
        return Times(key, key, day, nobody)
    if len(day) == 0:
        return Times(day.astype(np.int64), day.astype(np.int64), day, nobody)
    calendar = WorkingDays.between(int(day.min()), int(day.max()) + 2 * working_days)
    if window == "week":
        first, last = calendar.before(day, WEEK_DAYS), calendar.after(day, WEEK_DAYS)
        return Times(first.astype(np.int64), last.astype(np.int64), day, nobody)
    held = requests.asked == NEVER
    # what was booked long before the period could only have been met before it
    asked = np.clip(requests.asked, int(day.min()) - _MARGIN - 1, day).astype(np.int32)
    last = np.where(requests.urgent, asked, calendar.after(asked, working_days))
    early = asked < int(day.min()) - _MARGIN
    last = np.where(early, asked, last)
    return Times(asked.astype(np.int64), last.astype(np.int64), asked, held)

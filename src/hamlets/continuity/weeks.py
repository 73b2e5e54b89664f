"""The usual week: how many GPs work in each half-day, and in how many weeks any does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import Window, core_days
from hamlets.continuity.columns import Int8, Int32
from hamlets.continuity.results import HALF_DAYS, WeekCell, WeekRow

WEEKS = 13
WORKING_DAYS = 5
COVERED_SHARE = (4, 5)
"""A weekday is covered when it was in at least so many (4 of 5) of the weeks."""


def last_weeks(window: Window) -> Int32:
    """Return the Mondays of the last 13 whole weeks of a window without a bank holiday."""
    monday = window.first + (-(window.first + 3)) % 7  # day 0 was a Thursday
    mondays = np.arange(monday, window.last - 5, 7, dtype=np.int32)
    if len(mondays) == 0:
        return mondays
    working = core_days(int(mondays[0]), int(mondays[-1]) + 6)
    per_week = working.reshape(-1, 7).sum(axis=1)
    return mondays[per_week == WORKING_DAYS][-WEEKS:]


@dataclass(frozen=True)
class Presence:
    """GPs at work by week, weekday and half-day."""

    counts: npt.NDArray[np.int64]
    """weeks x 7 x 3."""

    def cell(self, weekday: int, half: int) -> WeekCell:
        """Return one half-day; of two numbers equally common the lower is the usual one."""
        found = self.counts[:, weekday, half]
        usual = int(np.bincount(found).argmax()) if len(found) else 0
        return WeekCell(weekday, HALF_DAYS[half], usual, int((found > 0).sum()), len(found))

    def covered(self) -> tuple[bool, ...]:
        """Return Monday to Friday: whether a GP had a session in 80 in 100 of the weeks.

        Nothing where there are fewer weeks than it takes to say so.
        """
        weeks = len(self.counts)
        if weeks < WEEKS:
            return ()
        least, of = COVERED_SHARE
        days = (self.counts.sum(axis=2) > 0).sum(axis=0)[:WORKING_DAYS]
        return tuple(int(n) * of >= weeks * least for n in days.tolist())

    def shown(self) -> list[tuple[int, int]]:
        """Return the half-days to show: (weekday, half)."""
        always = {(weekday, half) for weekday in range(WORKING_DAYS) for half in (0, 1)}
        worked = np.argwhere(self.counts.sum(axis=0) > 0).tolist()
        return sorted(always | {(weekday, half) for weekday, half in worked})


def presence(mondays: Int32, day: Int32, half: Int8) -> Presence:
    """Return the counts of distinct GPs' half-days (one row of the rota each)."""
    counts = np.zeros((len(mondays), 7, len(HALF_DAYS)), dtype=np.int64)
    if len(mondays):
        week = np.searchsorted(mondays, day, side="right") - 1
        inside = (week >= 0) & (day - mondays[week] < 7)
        week = week[inside]
        np.add.at(counts, (week, (day[inside] - mondays[week]), half[inside]), 1)
    return Presence(counts)


def week_row(label: str, found: Presence, cells: list[tuple[int, int]]) -> WeekRow:
    """Return a row of the week with these half-days."""
    return WeekRow(label, tuple(found.cell(*cell) for cell in cells), found.covered())

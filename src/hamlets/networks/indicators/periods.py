"""The periods that indicators are counted for: whole months, one after another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from hamlets.errors import UsageError
from hamlets.networks.membership import month_end, months

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"(\d{4})/(\d{2})")
_MOST_MONTHS = 600
DEFAULT_MONTHS = 12


@dataclass(frozen=True)
class Period:
    """First and last day, both counted."""

    start: date
    end: date

    @property
    def months(self) -> int:
        """Return how many calendar months it spans."""
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    def by_month(self) -> list[Period]:
        """Return its months."""
        return [Period(first, month_end(first)) for first in months(self.start, self.end)]

    def window_start(self, window_months: int | None) -> date:
        """Return the first day that counts: so many months back, else the period's first."""
        return self.start if window_months is None else months_back(self.end, window_months)


def months_back(last: date, count: int) -> date:
    """Return the first day of the ``count`` months that end on ``last``."""
    after = last + timedelta(days=1)
    number = after.year * 12 + after.month - 1 - count
    year, month = divmod(number, 12)
    if year < 1:
        return date.min
    day = min(after.day, month_end(date(year, month + 1, 1)).day)
    return date(year, month + 1, day)


def read_period(text: str) -> Period:
    """Return the period that a text names: 2026-03, 2025-04..2026-03 or the year 2025/26.

    Raises UsageError for anything else.
    """
    if year := _YEAR.fullmatch(text):
        first = int(year[1])
        if 1 <= first < 9999 and (first + 1) % 100 == int(year[2]):
            return Period(date(first, 4, 1), date(first + 1, 3, 31))
    parts = text.replace(" ", "").split("..")
    start, end = _month(parts[0]), _month(parts[-1])
    if len(parts) > 2 or start is None or end is None:
        raise UsageError(
            f"{text!r} is not a period.",
            where="--period",
            hint="Write a month (2026-03), some (2025-04..2026-03) or a financial year (2025/26).",
        )
    period = Period(start, month_end(end))
    if end < start:
        raise UsageError(
            "The period ends before it begins.", where="--period", hint="Write the earlier first."
        )
    if period.months > _MOST_MONTHS:
        raise UsageError(
            f"A period has at most {_MOST_MONTHS} months.", where="--period", hint="Ask for fewer."
        )
    return period


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text)
    if found is None or not (1 <= int(found[1]) <= 9998 and 1 <= int(found[2]) <= 12):
        return None
    return date(int(found[1]), int(found[2]), 1)


def latest_year(last_day: date) -> Period:
    """Return the last 12 full months that a store covers."""
    this_month = last_day == month_end(last_day)
    end = last_day if this_month else last_day.replace(day=1) - timedelta(days=1)
    return Period(months_back(end, DEFAULT_MONTHS), end)

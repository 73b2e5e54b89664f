"""Days, months, ages and opening hours as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hamlets.continuity.columns import Int32

EPOCH = date(1970, 1, 1)
AGE_BANDS = ("0-4", "5-15", "16-44", "45-64", "65-74", "75-84", "85+")
AGE_LIMITS = (5, 16, 45, 65, 75, 85)
HOURS = ("core", "evening", "weekend", "unknown")
CORE_STARTS, CORE_ENDS = 8 * 3600, 18 * 3600 + 30 * 60


def day_number(day: date) -> int:
    """Return days since 1970."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(days=int(number))


def month_number(day: date) -> int:
    """Return months since year 0."""
    return day.year * 12 + day.month - 1


def month_start(month: int) -> date:
    """Return the first day of a month number."""
    return date(month // 12, month % 12 + 1, 1)


def month_label(month: int) -> str:
    """Return a month number as YYYY-MM."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or that month's last day."""
    month = month_number(day) - months
    if month < 12:
        return date(1, 1, 1)
    first, following = month_start(month), month_start(month + 1)
    return first + timedelta(days=min(day.day, (following - first).days) - 1)


@dataclass(frozen=True)
class Window:
    """Days first..last, both inclusive; ``month`` is set where it ends with that month."""

    first: int
    last: int
    month: int | None = None
    partial: bool = False


def months_of(first: int, last: int) -> tuple[int, Int32]:
    """Return the first month number and, for each day first..last, its month counted from there."""
    start = month_number(day_of(first))
    days = np.arange(first, last + 1).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12 - start
    return start, months.astype(np.int32)


def age_limits(birth: Int32) -> Int32:
    """Return the days on which each person enters the next age band (n x 6).

    ``birth`` is a day number; someone born on 29 February has a birthday on 1 March.
    """
    days = birth.astype("datetime64[D]")
    month = days.astype("datetime64[M]")
    in_month = (days - month.astype("datetime64[D]")).astype(np.int32)
    columns: list[Int32] = []
    for age in AGE_LIMITS:
        start = (month + np.timedelta64(12 * age, "M")).astype("datetime64[D]").astype(np.int32)
        columns.append(start + in_month)
    return np.stack(columns, axis=1).astype(np.int32)


def ages_on(birth: Int32, day: int) -> Int32:
    """Return each person's age in years on a day; -1 for one not yet born or without a birth day.

    Someone born on 29 February has a birthday on 1 March in other years.
    """
    born = birth.astype("datetime64[D]")
    today = np.datetime64(day, "D")
    born_month, this_month = born.astype("datetime64[M]"), today.astype("datetime64[M]")
    born_day = (born - born_month.astype("datetime64[D]")).astype(np.int64)
    months = (this_month - born_month).astype(np.int64)
    months -= born_day > (today - this_month.astype("datetime64[D]")).astype(np.int64)
    years = np.where(months >= 0, months // 12, -1)
    return np.where(birth >= day + 1, -1, years).astype(np.int32)


def core_days(first: int, last: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for each day first..last whether it is a working day of England."""
    import holidays

    days = np.arange(first, last + 1)
    weekday = (days + 3) % 7  # 1 January 1970 was a Thursday
    core = weekday < 5
    years = range(day_of(first).year, day_of(last).year + 1)
    for day in holidays.country_holidays("GB", subdiv="ENG", years=years):
        number = day_number(day)
        if first <= number <= last:
            core[number - first] = False
    return core

"""Days, months and hours as the definitions count them."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta

BANK_HOLIDAYS = {
    date.fromisoformat(day)
    for day in [
        "2022-01-03",
        "2022-04-15",
        "2022-04-18",
        "2022-05-02",
        "2022-06-02",
        "2022-06-03",
        "2022-08-29",
        "2022-09-19",
        "2022-12-26",
        "2022-12-27",
        "2023-01-02",
        "2023-04-07",
        "2023-04-10",
        "2023-05-01",
        "2023-05-08",
        "2023-05-29",
        "2023-08-28",
        "2023-12-25",
        "2023-12-26",
        "2024-01-01",
        "2024-03-29",
        "2024-04-01",
        "2024-05-06",
        "2024-05-27",
        "2024-08-26",
        "2024-12-25",
        "2024-12-26",
        "2025-01-01",
        "2025-04-18",
        "2025-04-21",
        "2025-05-05",
        "2025-05-26",
        "2025-08-25",
        "2025-12-25",
        "2025-12-26",
    ]
}
"""Bank holidays in England, as gov.uk lists them, for the years the tests use."""


def months_before(day: date, months: int) -> date:
    """Return the same day ``months`` calendar months earlier, or that month's last day."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_name(day: date) -> str:
    """Return the month of a day as ``2025-03``."""
    return f"{day.year:04d}-{day.month:02d}"


def last_of_month(day: date) -> date:
    """Return the last day of the month a day lies in."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def after_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return last_of_month(day) + timedelta(days=1)


def months_between(first: date, last: date) -> list[tuple[date, date]]:
    """Return the calendar months of a window as (first day, last day), cut at its ends."""
    months: list[tuple[date, date]] = []
    start = first
    while start <= last:
        end = min(last_of_month(start), last)
        months.append((start, end))
        start = end + timedelta(days=1)
    return months


def hours_of(start: datetime) -> str:
    """Return core (Monday to Friday 08:00 to 18:30), evening, or weekend (bank holidays too)."""
    if start.weekday() >= 5 or start.date() in BANK_HOLIDAYS:
        return "weekend"
    return "core" if time(8, 0) <= start.time() < time(18, 30) else "evening"


def age_on(birth_year: int, day: date) -> int:
    """Return the age in whole years of someone of whom only the birth year is known."""
    return day.year - birth_year - (0 if (day.month, day.day) >= (7, 1) else 1)


def age_band(age: int) -> str:
    """Return the age band of an age in years."""
    for last, band in ((4, "0-4"), (15, "5-15"), (44, "16-44"), (64, "45-64"), (74, "65-74")):
        if age <= last:
            return band
    return "75-84" if age <= 84 else "85+"


def n_band(n: int) -> str:
    """Return the band of a patient's number of contacts."""
    if n <= 2:
        return str(n)
    if n <= 4:
        return "3-4"
    return "5-9" if n <= 9 else "10+"

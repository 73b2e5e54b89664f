"""The periods of a report: full months, the year, the patients' window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hamlets.continuity.calendar import core_days, day_number, month_number, month_start
from hamlets.continuity.results import Period
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store

_YEAR = 12
_TREND = 24


@dataclass(frozen=True)
class Spans:
    """The periods of a report."""

    year: Period
    """The last 12 full months; all days where there are fewer."""
    patients: Period
    """The window of patient indices, ending with the year."""
    months: tuple[date, ...] = ()
    """First days of the trend's months: the last 24 full ones, or as many as there are."""
    earlier: Period | None = None
    """The 12 months before the year, where all of them are there."""

    @property
    def trend(self) -> Period | None:
        """Days of the trend's months."""
        return Period(self.months[0], _month_end(self.months[-1])) if self.months else None

    @property
    def last_two(self) -> Period | None:
        """Days of the last two full months."""
        enough = len(self.months) > 1
        return Period(self.months[-2], _month_end(self.months[-1])) if enough else None


def _month_end(start: date) -> date:
    return month_start(month_number(start) + 1) - timedelta(days=1)


def find_spans(store: Store, window_months: int) -> Spans:
    """Return the periods of a report; NothingToMeasureError without a contact."""
    first, last = contact_days(store)
    months = full_months(first, last)
    starts = tuple(month_start(month) for month in months[-_TREND:])
    if len(months) < _YEAR:
        days = Period(first, last)
        return Spans(days, days, starts)
    end = months[-1]

    def period(n: int, until: int) -> Period:
        start = max(months[0], until - n + 1)
        return Period(month_start(start), month_start(until + 1) - timedelta(days=1))

    return Spans(
        year=period(_YEAR, end),
        patients=period(window_months, end),
        months=starts,
        earlier=period(_YEAR, end - _YEAR) if len(months) >= 2 * _YEAR else None,
    )


def contact_days(store: Store) -> tuple[date, date]:
    """Return the first day with an appointment and the last with a contact that took place."""
    first, last = store.first_day, store.last_counted_day
    if first is None or last is None:
        raise NothingToMeasureError(
            "There is no contact in these records that took place.",
            where="appointments",
            hint="Load appointments with a status of arrived or attended.",
        )
    return first, last


def full_months(first: date, last: date) -> list[int]:
    """Return the month numbers whose working days all lie between the two days.

    So a month that ends on a Sunday is full with the contacts of its last Friday.
    """
    months = range(month_number(first), month_number(last) + 1)
    start, end = day_number(month_start(months[0])), day_number(month_start(months[-1] + 1)) - 1
    working = core_days(start, end)
    full: list[int] = []
    for month in months:
        low, high = day_number(month_start(month)), day_number(month_start(month + 1)) - 1
        before = working[low - start : max(low, day_number(first)) - start]
        after = working[min(high, day_number(last)) + 1 - start : high + 1 - start]
        if not before.any() and not after.any():
            full.append(month)
    return full

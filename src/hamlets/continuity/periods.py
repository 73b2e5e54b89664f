"""The periods of a report: full months, the year, the patients' window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from hamlets.continuity.calendar import (
    core_days,
    day_number,
    month_number,
    month_start,
    months_before,
)
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


def find_spans(store: Store, window_months: int, days: Period | None = None) -> Spans:
    """Return the periods of a report; NothingToMeasureError without a contact.

    ``days`` stand in for the last 12 full months, as far as the records reach.
    """
    first, last = contact_days(store)
    if days is not None:
        return _chosen(first, last, window_months, days)
    months = full_months(first, last)
    starts = tuple(month_start(month) for month in months[-_TREND:])
    if len(months) < _YEAR:
        whole = Period(first, last)
        return Spans(whole, whole, starts)
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


def _chosen(first: date, last: date, window_months: int, period: Period) -> Spans:
    """Return the periods of a report on chosen days of records from ``first`` to ``last``."""
    days = Period(max(period.first, first), min(period.last, last))
    if days.first > days.last:
        raise NothingToMeasureError(
            "The records have no contact on these days.",
            where=f"{period.first} to {period.last}",
            hint=f"Choose days from {first} to {last}.",
        )
    window = months_before(days.last + timedelta(days=1), window_months)
    months = full_months(first, days.last)
    before = _before(days)
    return Spans(
        year=days,
        patients=Period(max(first, window), days.last),
        months=tuple(month_start(month) for month in months[-_TREND:]),
        earlier=before if before.first >= first else None,
    )


def _whole_months(days: Period) -> int:
    """Return how many calendar months the days are, 0 where they are other days too."""
    start, end = month_number(days.first), month_number(days.last)
    whole = days == Period(month_start(start), month_start(end + 1) - timedelta(days=1))
    return end - start + 1 if whole else 0


def _before(days: Period) -> Period:
    """Return the days before, of the same length: as many months where they are whole ones."""
    last = days.first - timedelta(days=1)
    months = _whole_months(days)
    if months:
        return Period(month_start(month_number(days.first) - months), last)
    return Period(last - (days.last - days.first), last)


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

"""Counts of a scheme's indicators made from the records, by the definitions of indicators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from hamlets.errors import NothingToMeasureError, SourceError
from hamlets.networks.payment.counts import Count
from hamlets.networks.payment.pace import full_months

if TYPE_CHECKING:
    from hamlets.networks.indicators import Indicator
    from hamlets.networks.results.indicators import IndicatorResults
    from hamlets.records import Store

_WITH_SHARES = ("patients", "contacts", "published")


@dataclass(frozen=True)
class Measured:
    """Counts from the records, what counted them, and what is to be said of it."""

    counts: tuple[Count, ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def measured_counts(
    store: Store,
    indicators: Sequence[str],
    end: date | None,
    *,
    with_pace: bool = False,
    practices: Collection[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Measured:
    """Return the counts of those indicators that Hamlets defines, over 12 months to a day.

    ``with_pace`` adds the ends of the months that a pace is taken from, for indicators that look
    back over a window of their own. Nothing where none of them is defined or has figures.
    SourceError for an indicator that is no share: a rate per 1,000 or a mean.
    """
    from hamlets.networks.indicators import Period, measure_indicators, shipped
    from hamlets.networks.indicators.periods import DEFAULT_MONTHS, latest_year, months_back

    defined = [one for one in shipped() if one.id in indicators]
    for one in defined:
        if one.info.per != 100 or one.info.counted not in _WITH_SHARES:
            raise SourceError(
                f"{one.id} is no share of patients, so a scheme cannot pay for it.",
                where="indicator",
                hint="Choose an indicator in per cent.",
            )
    last = store.last_counted_day or store.last_day
    if not defined or last is None:
        return Measured()
    period = latest_year(last) if end is None else Period(months_back(end, DEFAULT_MONTHS), end)
    try:
        whole = measure_indicators(
            store, defined, period=period, practices=practices, progress=progress
        )
    except NothingToMeasureError:
        return Measured()
    found = _counts(whole, defined)
    days = full_months(period.end)
    looking_back = [one for one in defined if one.info.window_months is not None]
    if with_pace and looking_back and any(c.indicator_id in _ids(looking_back) for c in found):
        months = Period(days[0].replace(day=1), days[-1])
        by_month = measure_indicators(
            store, looking_back, period=months, by_month=True, practices=practices,
            progress=progress,
        )  # fmt: skip
        found += [c for c in _counts(by_month, looking_back) if c.period_end != period.end]
    return Measured(
        tuple(found),
        tuple((i.indicator_id, f"{i.indicator_id}, version {i.version}") for i in whole.indicators),
        whole.notes,
    )


def _ids(indicators: Sequence[Indicator]) -> set[str]:
    return {one.id for one in indicators}


def _counts(results: IndicatorResults, indicators: Sequence[Indicator]) -> list[Count]:
    wanted = _ids(indicators)
    return [
        Count(
            row.practice_id,
            row.indicator_id,
            Fraction(row.numerator),
            row.denominator,
            None
            if row.exclusions is None and row.exceptions is None
            else (row.exclusions or 0) + (row.exceptions or 0),
            row.period_start,
            row.period_end,
        )
        for row in results.rows
        if row.level == "practice"
        and row.group is None
        and row.practice_id is not None
        and row.indicator_id in wanted
        and row.numerator is not None
        and row.denominator is not None
    ]

"""Counts of a scheme's indicators made from the records, by the definitions of indicators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from hamlets.errors import NothingToMeasureError, SourceError
from hamlets.networks.payment.counts import Count
from hamlets.networks.payment.pace import full_months, months_left

if TYPE_CHECKING:
    from hamlets.networks.indicators import Indicator
    from hamlets.networks.results.indicators import IndicatorResults
    from hamlets.records import Store

_OTHERS = "Its patients are others each month, so there is no pace."
_WITH_SHARES = ("patients", "contacts", "published")


@dataclass(frozen=True)
class Measured:
    """Counts from the records, what counted them, and what is to be said of it."""

    counts: tuple[Count, ...] = ()
    definitions: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    no_pace: tuple[tuple[str, str], ...] = ()
    """Indicators that have no pace, each with why."""


def measured_counts(
    store: Store,
    indicators: Sequence[str],
    end: date | None,
    *,
    year_ends: date | None = None,
    practices: Collection[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Measured:
    """Return the counts of those indicators that Hamlets defines, over 12 months to a day.

    With ``year_ends``, for indicators that look back over a window of their own, the ends of the
    months that a pace is taken from are counted too, and how many are due to lapse by then.
    Nothing where none of them is defined or has figures. SourceError for an indicator that is
    no share: a rate per 1,000 or a mean.
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
    except NothingToMeasureError as error:
        return Measured(notes=(error.hint,) if error.hint else ())
    found = _counts(whole, defined)
    looking_back = [
        one
        for one in defined
        if one.info.window_months is not None
        and not follows_a_cohort(one)
        and any(c.indicator_id == one.id for c in found)
    ]
    if year_ends is not None and looking_back:

        def measure(some: Sequence[Indicator], over: Period, by_month: bool) -> list[Count]:
            results = measure_indicators(
                store, some, period=over, by_month=by_month, practices=practices, progress=progress
            )
            return _counts(results, some)

        days = full_months(period.end)
        months = Period(days[0].replace(day=1), days[-1])
        left = months_left(period.end, year_ends)
        stay = measure(_shorter(looking_back, left), period, False)
        found = _lapsing(found, stay, "due_to_lapse")
        history = measure(looking_back, months, True)
        stay = measure(_shorter(looking_back, 1), months, True)
        history = _lapsing(history, stay, "lapsing_next_month")
        found += [count for count in history if count.period_end != period.end]
    return Measured(
        tuple(found),
        tuple((i.indicator_id, f"{i.indicator_id}, version {i.version}") for i in whole.indicators),
        whole.notes,
        tuple((one.id, _OTHERS) for one in defined if follows_a_cohort(one)),
    )


def _shorter(indicators: Sequence[Indicator], months: int) -> list[Indicator]:
    """Return the indicators looking back over so many months less: who is left then will stay."""
    return [
        replace(
            one,
            info=replace(one.info, window_months=max((one.info.window_months or 0) - months, 0)),
        )
        for one in indicators
    ]


def _lapsing(counts: Sequence[Count], stay: Sequence[Count], name: str) -> list[Count]:
    """Return the counts with how many of those achieved will have lapsed."""
    staying = {(c.practice_id, c.indicator_id, c.period_end): c.numerator for c in stay}
    found: list[Count] = []
    for count in counts:
        left = staying.get((count.practice_id, count.indicator_id, count.period_end))
        lapsing = 0 if left is None else max(int(count.numerator - left), 0)
        found.append(replace(count, **{name: lapsing}))
    return found


def follows_a_cohort(indicator: Indicator) -> bool:
    """Return whether an indicator's patients are those of its window: each month has others."""
    return any(
        "$window_start" in sql or "$period_start" in sql
        for name, sql in indicator.populations.items()
        if name != "numerator"
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

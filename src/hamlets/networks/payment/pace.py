"""The pace of the last 3 full months, from counts that end with each of their months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from hamlets.networks.membership import month_end
from hamlets.networks.payment.chance import Pace
from hamlets.networks.payment.counts import Count, Counted

MONTHS = 3


def months_left(day: date, ends: date) -> int:
    """Return how many months end after a day and by the year's end."""
    whole = (ends.year - day.year) * 12 + ends.month - day.month
    whole += 1 if day < month_end(day) else 0
    whole -= 1 if ends < month_end(ends) else 0
    return max(whole, 0)


def year_end(day: date) -> date:
    """Return the next 31 March, which may be the day itself."""
    ends = date(day.year, 3, 31)
    return ends if day <= ends else date(day.year + 1, 3, 31)


def find_paces(counts: Sequence[Count], counted: Counted) -> tuple[dict[str, Pace], str]:
    """Return the pace of each practice, or none of them and why not, as a sentence.

    It takes counts that end on the last days of the last full month and of the three before.
    """
    days = full_months(counted.source.period_end)
    there: dict[tuple[str, date], Count] = {}
    wanted = {c.practice_id for c in counts if c.denominator}
    indicators = {c.indicator_id for c in counts}
    for name in indicators & set(counted.no_pace):
        return {}, counted.no_pace[name]
    for one in [*counted.history, *counted.counts]:
        day = one.period_end or counted.source.period_end
        if one.indicator_id in indicators and day in days:
            there[one.practice_id, day] = one
    found: dict[str, Pace] = {}
    for count in counts:
        if not count.denominator:
            continue
        if count.numerator.denominator != 1:
            return {}, "Only percentages were uploaded, not numbers of patients."
        months = [there.get((count.practice_id, day)) for day in days]
        known = [month for month in months if month is not None]
        if len(known) < len(days):
            return {}, f"It needs counts to the end of each of the last {MONTHS + 1} months."
        found[count.practice_id] = _pace(count, known)
    if not wanted:
        return {}, "There is nobody to count."
    return found, ""


def full_months(end: date) -> list[date]:
    """Return the ends of the last full month and of the three before, the earliest first."""
    day = end if end == month_end(end) else end.replace(day=1) - timedelta(days=1)
    found = [day]
    for _ in range(MONTHS):
        day = day.replace(day=1) - timedelta(days=1)
        found.append(day)
    return found[::-1]


def _pace(count: Count, months: Sequence[Count]) -> Pace:
    """Return the pace; who was to lapse and was achieved anew has come too."""
    came = at_risk = 0
    for before, now in pairwise(months):
        lapsing = before.lapsing_next_month
        at_risk += before.outstanding + lapsing
        came += max(int(now.numerator - before.numerator) + lapsing, 0)
    achieved = max(int(count.numerator) - count.due_to_lapse, 0)
    return Pace(
        achieved, count.denominator, count.denominator - achieved, min(came, at_risk), at_risk
    )

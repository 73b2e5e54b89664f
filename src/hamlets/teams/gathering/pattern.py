"""The usual fortnight: which half-days somebody works, and which they really worked.

The weeks are the last 12 whole ones without a bank holiday, as in "weekday covered"
(definitions, Continuity 23): a bank holiday is nobody's leave. Mornings and afternoons of
Monday to Friday only: what begins after 18:30 belongs to no half-day of the template.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Int32
from hamlets.continuity.weeks import WORKING_DAYS, last_weeks
from hamlets.teams.gathering.sessions import Stints
from hamlets.teams.inputs import HALF_DAYS, Bools, Int64

WEEKS = 12
A_WEEK = HALF_DAYS // 2
FIRST_MONDAY = 4
"""5 January 1970. A week at an even number of weeks from it is the first of the fortnight."""


@dataclass(frozen=True)
class Pattern:
    """Half-days by clinician."""

    usual: Bools
    """clinicians x HALF_DAYS."""
    worked: Bools
    """clinicians x the half-days of the weeks, in order of time."""


def find_pattern(stints: Stints, person: Int32, since: Int32) -> Pattern:
    """Return the pattern of some people who have been here since a day each.

    A half-day is usual where it was worked in more than half of the weeks in which the person
    was here. The two weeks of the fortnight differ only where the records alternate: the one
    would be worked and the other not, and their shares lie more than a half apart. So a few
    days of leave do not make a fortnight of a week.
    """
    mondays = last_weeks(Window(stints.first, stints.last))[-WEEKS:]
    worked = _worked(stints, person, mondays)
    here = mondays[None, :] >= since[:, None]
    odd = ((mondays - FIRST_MONDAY) // 7) % 2 == 1
    usual, n_all = _counts(worked, here)
    parts = [_counts(worked, here & week) for week in (~odd, odd)]
    (first, n_first), (second, n_second) = parts
    weekly = 2 * usual > n_all
    apart = 2 * np.abs(first * n_second - second * n_first) > n_first * n_second
    own = [2 * count > n for count, n in parts]
    alternates = apart & (own[0] != own[1]) & (n_first > 0) & (n_second > 0)
    fortnight = [np.where(alternates, mine, weekly) for mine in own]
    return Pattern(
        usual=np.concatenate(fortnight, axis=1).astype(np.bool_),
        worked=worked.reshape(len(person), len(mondays) * A_WEEK),
    )


def _worked(stints: Stints, person: Int32, mondays: Int32) -> Bools:
    """Return clinicians x weeks x half-days of the week: whether each was worked."""
    result = np.zeros((len(person), len(mondays), A_WEEK), dtype=np.bool_)
    who, day, half = stints.half_days(stints.bookable)
    order = np.argsort(person)
    if not len(mondays) or not len(person):
        return result
    row = np.minimum(np.searchsorted(person[order], who), len(person) - 1)
    week = np.searchsorted(mondays, day, side="right") - 1
    weekday = day - mondays[np.maximum(week, 0)]
    inside = (person[order][row] == who) & (week >= 0) & (weekday < WORKING_DAYS) & (half < 2)
    place = (2 * weekday + half)[inside]
    result[order[row[inside]], week[inside], place] = True
    return result


def _counts(worked: Bools, weeks: Bools) -> tuple[Int64, Int64]:
    """Return the half-days worked in some weeks of each person, and how many weeks these are."""
    counts = (worked & weeks[:, :, None]).sum(axis=1)
    return counts.astype(np.int64), weeks.sum(axis=1).astype(np.int64)[:, None]

"""Bookable clinical minutes a year of each person (definitions, Teams 2)."""

from __future__ import annotations

import numpy as np

from hamlets.teams.gathering.sessions import HALF_DAY_MINUTES, Stints, year_before
from hamlets.teams.gathering.staff import Colleague
from hamlets.teams.inputs import Float64

LEAST_DAYS = 28
"""Somebody in post for less tells nothing of a year yet: then the contract does."""
WEEKS_A_YEAR = 44
"""Weeks worked of a contract: 52 less six of leave, one of study and bank holidays."""


def yearly_minutes(stints: Stints, colleagues: tuple[Colleague, ...]) -> tuple[Float64, int]:
    """Return bookable minutes a year by colleague, and how many are from the contract alone.

    Minutes of the 12 months (or of the days that the rota covers) on days in post, to the 12
    months: who joined in summer is not half a person. Days on which somebody was here only as a
    registrar or trainee do not count.
    """
    year = stints.last - year_before(stints.last) + 1
    result = np.zeros(len(colleagues))
    by_contract = 0
    days = np.arange(stints.first, stints.last + 1)
    for row, one in enumerate(colleagues):
        in_post = np.zeros(len(days), dtype=np.bool_)
        for post in one.posts:
            if not post.supernumerary:
                in_post |= (days >= post.start) & (days < post.end)
        count = int(in_post.sum())
        mine = (stints.person == one.person) & (stints.day >= stints.first)
        counted = mine & in_post[np.maximum(stints.day - stints.first, 0)]
        if count >= min(LEAST_DAYS, len(days)):
            result[row] = stints.minutes[counted].sum() * year / count
        elif count and one.gp:
            result[row] = one.sessions_per_week * HALF_DAY_MINUTES * WEEKS_A_YEAR
            by_contract += 1
    return result, by_contract

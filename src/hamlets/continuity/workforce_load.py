"""How full the days were, and how often the named GP was there: loads, overlap, half-days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hamlets.continuity.columns import Int32
from hamlets.continuity.results import Load
from hamlets.continuity.rota import Rota
from hamlets.continuity.weeks import WEEKS, WORKING_DAYS
from hamlets.continuity.worked import NO_TIME, Cells, tally

FULL_DAY = 25
"""Contacts in a day above which a day counts as over-full."""


def day_load(person: Int32, day: Int32, count: npt.NDArray[np.int64]) -> Load:
    """Return the load of contacts counted by person and day (rows may repeat a day)."""
    per_day = np.sort(tally([person, day], count).count)
    size = len(per_day)
    if size == 0:
        return Load(0, None, None, None)
    nearest = -(-9 * size // 10) - 1
    return Load(
        clinician_days=size,
        median=float(np.median(per_day)),
        centile_90=float(per_day[nearest]),
        share_over_25=int((per_day > FULL_DAY).sum()) / size,
    )


def overlap(listed: Cells, rota: Rota) -> tuple[float | None, str | None]:
    """Return the share of contacts in half-days when the named GP had a session, or why none.

    ``listed`` has the columns of ``Worked.listed``. Contacts of patients without a named
    GP are in it too: nobody was there for them. Contacts without a time of day are not.
    """
    timed = listed.where(listed.keys[:, 4] != NO_TIME)
    total = int(timed.count.sum())
    if total == 0:
        return None, "no GP contact has a time of day" if len(listed.count) else "no GP contacts"
    named = timed.where(timed.keys[:, 1] >= 0)
    if not len(named.count):
        return None, "no patient has a named GP"
    if not len(rota.person):
        return None, "no sessions are known"
    there = rota.present(named.column(1), named.column(3), named.keys[:, 4].astype(np.int8))
    return int(named.count[there].sum()) / total, None


def own_gp_half_days(patients: Cells, rota: Rota, mondays: Int32) -> float | None:
    """Return the share of mornings and afternoons in which a patient's named GP is here.

    The mean over patients with a named GP, of the half-days of Monday to Friday in these
    weeks; None for fewer weeks than a usual week needs. ``patients`` has the columns of
    ``Worked.patients``, ``rota`` the sessions here.
    """
    named = patients.where(patients.keys[:, 1] >= 0)
    if len(mondays) < WEEKS or not len(named.count):
        return None
    week = np.searchsorted(mondays, rota.day, side="right") - 1
    inside = (week >= 0) & (rota.day - mondays[week] < WORKING_DAYS) & (rota.half < 2)
    worked = tally([rota.person[inside]])
    of_person = dict(zip(worked.keys[:, 0].tolist(), worked.count.tolist(), strict=True))
    pairs = zip(named.keys[:, 1].tolist(), named.count.tolist(), strict=True)
    there = sum(count * of_person.get(person, 0) for person, count in pairs)
    return there / (int(named.count.sum()) * len(mondays) * WORKING_DAYS * 2)

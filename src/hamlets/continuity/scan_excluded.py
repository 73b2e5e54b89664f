"""Rows that were not counted, by group and reason."""

from __future__ import annotations

import numpy as np

from hamlets.continuity.cohorts import COHORTS
from hamlets.continuity.columns import whole
from hamlets.continuity.dimensions import Codes, combine, distinct_codes
from hamlets.continuity.plan import CONTACT_GROUPS
from hamlets.continuity.select import REASONS
from hamlets.continuity.yields import View, constant, take


def add_excluded(view: View, by: tuple[str, ...]) -> None:
    """Count rows left out in the window by group: keys are the groups, one column a reason.

    A row left out belongs to the groups its patient has at the window's last
    day, and to its own attributes (month, mode, ...).
    """
    c, made = view.contacts, view.attributes
    if len(c.excluded_row) == 0:
        return
    days = whole(made.rows, "start_day")[c.excluded_row]
    cohorts: tuple[str | None, ...] = COHORTS if "cohort" in by else (None,)
    for cohort in cohorts:
        codes: list[Codes] = []
        for group in by:
            if group == "month" and view.month >= 0:
                codes.append(constant(view.month, len(days)))
            elif group in CONTACT_GROUPS:
                codes.append(made.of_excluded(group, days))
            elif cohort is not None and group == "cohort":
                codes.append(take(made.cohort_codes(cohort), c.excluded_patient))
            elif group in ("practice", "network", "borough"):
                codes.append(_home_or_here(view, group))
            else:
                codes.append(take(made.of_patients(group), c.excluded_patient))
        cells = combine(codes, len(days))
        inside = cells.values >= 0
        key = cells.values[inside].astype(np.int64) * len(REASONS) + c.excluded_why[inside]
        tally = np.bincount(key, minlength=cells.count * len(REASONS))
        tally = tally.reshape(cells.count, len(REASONS))
        used = np.flatnonzero(tally.any(axis=1))
        kind = "excluded" if view.month < 0 else "excluded_rolling"
        view.result.add(kind, by, cells.keys(used), tally[used].astype(np.int64))


def _home_or_here(view: View, group: str) -> Codes:
    """Return the practice of rows left out: the patient's, else the one they are kept with."""
    c, made = view.contacts, view.attributes
    home = c.home[c.excluded_patient]
    stored = made.patients.span.home(made.patients.keys)[c.excluded_patient]
    home = np.where(home >= 0, home, stored)
    codes = distinct_codes(home.astype(np.int32))
    values, shared = codes.values, codes.shared
    if group == "practice":
        return Codes(values, shared)
    table = view.context.places.network if group == "network" else view.context.places.borough
    return Codes(values, table[shared])

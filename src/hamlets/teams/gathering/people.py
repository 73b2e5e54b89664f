"""The practice's patients: named GP, preference, household, site, and whom they saw."""

from __future__ import annotations

from typing import Any

import numpy as np

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import ALWAYS, NEVER, Int32, days, texts, whole
from hamlets.continuity.named_standing import named_whoever
from hamlets.continuity.reference import Reference, text_rank
from hamlets.records import Store
from hamlets.teams.gathering.sessions import year_before
from hamlets.teams.gathering.visits import Registered, Visits
from hamlets.teams.inputs import Bools, Int64, Seen

PREFERENCE = "preference"
"""The source of a named GP whom the patient asked for."""
HALF_LIFE_DAYS = 365.0


def find_named(
    registered: Registered, reference: Reference, row_of: Int32, eligible: Bools, day: int
) -> tuple[Int32, Bools]:
    """Return each patient's eligible named GP (a clinician or -1), and who has an ineligible one.

    ``row_of`` is the clinician of each person code, -1 for people who are not at work here.
    """
    whoever = named_whoever(registered.patients, reference, day)[registered.position]
    named = np.append(row_of, np.int32(-1))[whoever]
    named[~np.append(eligible, False)[named]] = -1
    return named.astype(np.int32), (whoever >= 0) & (named < 0)


def find_locks(
    store: Store, registered: Registered, reference: Reference, row_of: Int32, day: int
) -> Int32:
    """Return the clinician whom each patient asked for, -1 without a recorded preference.

    A preference is a row of named GPs in force on the day with that source; of several the
    latest begun, then loaded, then with the highest id, as for named GPs.
    """
    result = np.full(registered.size, -1, dtype=np.int32)
    if not store.given("named_gps", "source"):
        return result
    patients = registered.patients
    rows, keys = patients.span.read(
        "named_gps", ["patient", "staff", "from_date", "to_date", "source", "loaded"]
    )
    asked = np.array(
        [(word or "").strip().casefold() == PREFERENCE for word in texts(rows, "source")],
        dtype=bool,
    )
    start, end = days(rows, "from_date", ALWAYS), days(rows, "to_date", NEVER)
    staff = whole(rows, "staff")
    held = np.flatnonzero(asked & (start <= day) & (day < end) & (staff >= 0))
    loaded, rank = whole(rows, "loaded"), reference.staff_rank[staff]
    held = held[np.lexsort((rank[held], loaded[held], start[held]))]
    whose = np.full(patients.size, -1, dtype=np.int32)
    whose[patients.positions(keys[held])] = row_of[reference.person_of_staff[staff[held]]]
    return whose[registered.position]


def number_households(registered: Registered) -> Int32:
    """Return a number for each household in the order of patients; who has none is alone."""
    numbers: dict[Any, int] = {}
    for place, household in enumerate(registered.column("household_id")):
        numbers.setdefault(("alone", place) if household is None else household, len(numbers))
    found = (
        numbers[("alone", place) if household is None else household]
        for place, household in enumerate(registered.column("household_id"))
    )
    return np.fromiter(found, dtype=np.int32, count=registered.size)


def find_sites(owner: Any, site: Int32, size: int, labels: list[str]) -> tuple[str | None, ...]:
    """Return the site of most rows of each owner, of equals the lowest id; None without any."""
    known = (owner >= 0) & (site >= 0)
    found: list[str | None] = [None] * size
    width = max(len(labels), 1)
    key, count = np.unique(
        owner[known].astype(np.int64) * width + text_rank(labels)[site[known]], return_counts=True
    )
    by_rank = sorted(labels, key=str.encode)
    order = np.lexsort((-key, count, key // width))  # the last one of an owner is the one
    for place in key[order].tolist():
        found[place // width] = by_rank[place % width]
    return tuple(found)


def find_seen(visits: Visits, size: int, row_of: Int32, gp: Bools, window: Window) -> Seen:
    """Return whom each patient saw (see ``Seen``): weights of 24 months, contacts of 12."""
    mine = visits.patient >= 0
    row = row_of[visits.person]
    is_gp = np.append(gp, False)[row]
    # GP contacts are a GP's who is at work, else nobody's; all contacts of the others are theirs.
    parts = [
        (mine & visits.gp, np.where(is_gp, row, -1)),
        (mine & (row >= 0) & ~is_gp, row),
    ]
    patient = np.concatenate([visits.patient[kept] for kept, _ in parts])
    clinician = np.concatenate([who[kept] for kept, who in parts]).astype(np.int64)
    day = np.concatenate([visits.day[kept] for kept, _ in parts])
    width = len(gp) + 1
    key, place = np.unique(patient * width + clinician + 1, return_inverse=True)
    weight = 0.5 ** ((window.last - day) / HALF_LIFE_DAYS)
    recent = day >= year_before(window.last)
    offset: Int64 = np.searchsorted(key, np.arange(size + 1) * width).astype(np.int64)
    return Seen(
        offset=offset,
        clinician=(key % width - 1).astype(np.int32),
        weight=np.bincount(place, weights=weight, minlength=len(key)).astype(np.float64),
        contacts=np.bincount(place, weights=recent, minlength=len(key)).astype(np.int32),
    )

"""Who was there: days worked, patients on each list, rows between two days.

What a report says beside a measure and no measure counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import day_number
from hamlets.continuity.columns import Int32, whole
from hamlets.continuity.frame import Patients, read_patients, registered_home
from hamlets.continuity.members import read_members
from hamlets.continuity.reference import Reference, build_reference
from hamlets.continuity.spans import Span
from hamlets.records import Store
from hamlets.records.tables import NOT_GIVEN, STATUSES

_TOOK_PLACE = (NOT_GIVEN, STATUSES.index("arrived"), STATUSES.index("attended"))


@dataclass(frozen=True)
class Presence:
    """Facts of some home practices over a period, by the name that measures give a person."""

    days_worked: dict[str, int]
    """Days on which the person had a contact at these practices that took place."""
    patients_on_list: dict[str, int]
    """Patients registered on the period's last day whose named GP is the person."""
    sessions_per_week: dict[str, float]
    """At these practices: sessions at a hub are none of theirs."""
    names: dict[str, str]
    rows_held: int
    rows_inside: int
    """Rows of appointments between the period's days, whatever their status."""
    patients_now: int


def read_presence(store: Store, homes: Iterable[int], first: date, last: date) -> Presence:
    """Return the facts of these home practices from ``first`` to ``last``, both included."""
    reference = build_reference(store)
    places = list(homes)
    low, high = day_number(first), day_number(last)
    worked: list[npt.NDArray[np.int64]] = []
    on_list = np.zeros(reference.people + 1, dtype=np.int64)
    held = inside = now = 0
    for home in places:
        span = Span(store, (home,))
        rows, keys = span.read(
            "appointments", ["patient", "staff", "practice", "start_day", "status"]
        )
        day, staff, status = (whole(rows, name) for name in ("start_day", "staff", "status"))
        at_home = np.isin(whole(rows, "practice"), places)
        within = (day >= low) & (day <= high)
        held += rows.num_rows
        inside += int(within.sum())
        seen = within & at_home & (staff >= 0) & np.isin(status, _TOOK_PLACE)
        person = reference.person_of_staff[staff[seen]].astype(np.int64)
        worked.append(np.unique(person * 1_000_000 + day[seen]))
        patients = read_patients(span, reference, np.unique(keys), ())
        here, counts = _on_lists(patients, reference, high)
        now += here
        on_list += counts
    days = np.unique(np.concatenate(worked)) if worked else np.empty(0, dtype=np.int64)
    by_person = np.bincount((days // 1_000_000).astype(np.int64), minlength=reference.people)
    labels = reference.person_labels
    sessions, names = _staff_facts(store, reference, high, places)
    return Presence(
        days_worked={labels[p]: int(by_person[p]) for p in np.flatnonzero(by_person).tolist()},
        patients_on_list={labels[p]: int(on_list[p]) for p in range(len(labels))},
        sessions_per_week=sessions,
        names=names,
        rows_held=held,
        rows_inside=inside,
        patients_now=now,
    )


def _on_lists(patients: Patients, reference: Reference, day: int) -> tuple[int, Int32]:
    """Return how many patients are here on a day, and how many of them each person has."""
    home = registered_home(patients, reference.place_rank, day, day)
    here = (home >= -1) & (patients.death_day > day)
    named = patients.named
    holds = (named.start <= day) & (day < named.end)
    owner = np.repeat(np.arange(patients.size), np.diff(named.offset))
    # Rows of a patient are in order of start, so the last one that holds is the one.
    latest = np.full(patients.size, -1, dtype=np.int64)
    latest[owner[holds]] = named.value[holds]
    counts = np.bincount(latest[here & (latest >= 0)], minlength=reference.people + 1)
    return int(here.sum()), counts.astype(np.int32)


def _staff_facts(
    store: Store, reference: Reference, day: int, places: list[int]
) -> tuple[dict[str, float], dict[str, str]]:
    """Return sessions a week on a day (summed over these practices) and names by person."""
    sessions: dict[str, float] = {}
    names: dict[str, str] = {}
    for place, members in read_members(store, reference, day).items():
        for person, member in members.items():
            label = reference.person_labels[person]
            if member.name:
                names[label] = member.name
            if place in places and member.here and member.sessions_per_week is not None:
                sessions[label] = sessions.get(label, 0.0) + member.sessions_per_week
    return sessions, names

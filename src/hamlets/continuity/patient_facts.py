"""What the store says of one patient, and who is named, buddy and team on a day.

The rules are the kernel's (:mod:`hamlets.continuity.ladder`), written out for one patient in
plain Python. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow.compute as pc

from hamlets.continuity.calendar import day_number
from hamlets.continuity.columns import ALWAYS, NEVER
from hamlets.continuity.reference import Dated, Reference
from hamlets.continuity.results.knowing import Naming
from hamlets.records import Store

_APPOINTMENTS = ["patient", "staff", "practice", "start_day", "start_second", "status", "mode",
                 "role"]  # fmt: skip
_PATIENTS = ["patient", "practice", "registered_from", "registered_to", "named_staff",
             "death_date"]  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """A dated row: first day, first day no longer, and what holds."""

    start: int
    end: int
    value: int

    def on(self, day: int) -> bool:
        """Return whether it holds on a day."""
        return self.start <= day < self.end


@dataclass(frozen=True)
class Facts:
    """What the store says of one patient."""

    registrations: tuple[Stretch, ...]
    named: tuple[Stretch, ...]
    """Persons, by start, then load: the last that covers a day is in force; below 0 nobody."""
    death: int
    rows: list[dict[str, Any]]
    """Appointments, in the store's order."""


def read_facts(store: Store, reference: Reference, home: int, patient: int) -> Facts:
    """Return what the store says of one patient of the practice ``home``."""
    row = next(iter(_rows(store, "patients", home, patient, _PATIENTS)), None)
    registered = [
        _stretch(r["from_date"], r["to_date"], r["practice"])
        for r in _rows(store, "registrations", home, patient,
                       ["patient", "practice", "from_date", "to_date"])
    ]  # fmt: skip
    if not registered and row is not None and row["practice"] >= 0:
        registered = [_stretch(row["registered_from"], row["registered_to"], row["practice"])]
    columns = ["patient", "staff", "from_date", "to_date", "loaded"]
    dated = _rows(store, "named_gps", home, patient, columns)
    rank = reference.staff_rank
    dated.sort(key=lambda r: (_from(r["from_date"]), r["loaded"], rank[r["staff"]]))
    named = [
        _stretch(r["from_date"], r["to_date"], person_of(reference, r["staff"])) for r in dated
    ]
    if not named and row is not None and row["named_staff"] >= 0:
        named = [Stretch(ALWAYS, NEVER, person_of(reference, row["named_staff"]))]
    return Facts(
        registrations=tuple(sorted(registered, key=lambda s: (s.start, s.end))),
        named=tuple(named),
        death=NEVER if row is None else _until(row["death_date"]),
        rows=_rows(store, "appointments", home, patient, _APPOINTMENTS),
    )


def _rows(
    store: Store, table: str, home: int, patient: int, columns: list[str]
) -> list[dict[str, Any]]:
    group = store.read_group(table, home, columns)
    compute: Any = pc
    return group.filter(compute.equal(group.column("patient"), patient)).to_pylist()


def _from(day: date | None) -> int:
    return ALWAYS if day is None else day_number(day)


def _until(day: date | None) -> int:
    return NEVER if day is None else day_number(day)


def _stretch(start: date | None, end: date | None, value: int) -> Stretch:
    return Stretch(_from(start), _until(end), value)


def person_of(reference: Reference, staff: int) -> int:
    """Return the person of a staff code; -1 for none."""
    return int(reference.person_of_staff[staff]) if staff >= 0 else -1


def rows_of(dated: Dated, code: int) -> list[Stretch]:
    """Return the dated rows of a code."""
    low, high = int(dated.offset[code]), int(dated.offset[code + 1])
    columns = (dated.start[low:high], dated.end[low:high], dated.value[low:high])
    return [Stretch(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


# ---- the named GP, the buddy, the team


@dataclass(frozen=True)
class Named:
    """Who is named on a day, and whether that holds."""

    naming: Naming
    person: int | None


def named_on(named: Sequence[Stretch], reference: Reference, day: int) -> Named:
    """Return the named GP on a day; see :func:`hamlets.continuity.ladder.named_on`."""
    in_force = [stretch.value for stretch in named if stretch.on(day)]
    if not in_force or in_force[-1] < 0:
        return Named("none", None)
    person = in_force[-1]
    if day >= int(reference.leaves[person]):
        return Named("left", person)
    rights = next((r for r in rows_of(reference.lists, person) if r.on(day)), None)
    return Named("not_gp" if rights is not None and not rights.value else "named", person)


def team_on(reference: Reference, person: int, day: int) -> int | None:
    """Return a person's team on a day: the one they lead, else the lowest code."""
    low = int(reference.teams.offset[person])
    found = [
        (-int(reference.team_lead[low + i]), stretch.value)
        for i, stretch in enumerate(rows_of(reference.teams, person))
        if stretch.on(day)
    ]
    return min(found)[1] if found else None


def buddies_on(reference: Reference, person: int, day: int) -> tuple[int, ...]:
    """Return a person's buddies on a day."""
    found = dict.fromkeys(s.value for s in rows_of(reference.buddies, person) if s.on(day))
    return tuple(buddy for buddy in found if 0 <= buddy != person)


def others_on(
    reference: Reference, team: int, own: int, buddies: tuple[int, ...], day: int
) -> tuple[int, ...]:
    """Return the team's members on a day who are neither the own GP nor a buddy."""
    teams = reference.teams
    rows = np.flatnonzero((teams.value == team) & (teams.start <= day) & (day < teams.end))
    people = (np.searchsorted(teams.offset, rows, side="right") - 1).tolist()
    return tuple(
        person
        for person in dict.fromkeys(people)
        if person != own and person not in buddies and day < int(reference.leaves[person])
    )

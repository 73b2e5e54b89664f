"""The contacts of a period by who gave them, where and in which half-day.

One pass over the store. Which rows count is the kernel's to say, as for every
measure; here clinicians of all roles are kept, so that the role can be asked later.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.attributes import named_and_team_at
from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Int8, Int32, whole
from hamlets.continuity.contacts import (
    Contacts,
    Rules,
    Workspace,
    make_rules,
    resolve_named,
    select_contacts,
)
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.frame import Patients, read_patients, registered_home
from hamlets.continuity.reference import GP_ROLES, Reference
from hamlets.continuity.rota import HALVES, Rota, given_rota, half_of, with_inferred
from hamlets.continuity.spans import Span, chosen_spans
from hamlets.records import Store
from hamlets.records.tables import ROLES

SPAN_ROWS = 250_000
COLUMNS = [
    "patient", "start_day", "start_second", "time_known", "staff", "practice", "status", "mode",
    "role",
]  # fmt: skip
GP_CODES = np.array([role in GP_ROLES for role in ROLES])
NO_TIME = HALVES
"""The half-day of a contact whose time of day is not known."""


@dataclass(frozen=True)
class Cells:
    """Counts by some codes: row i of ``keys`` (one column a code) has ``count[i]``."""

    keys: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]

    def column(self, index: int) -> Int32:
        """Return one of the codes."""
        return np.ascontiguousarray(self.keys[:, index], dtype=np.int32)

    def where(self, rows: npt.NDArray[np.bool_]) -> Cells:
        """Return some rows."""
        return Cells(self.keys[rows], self.count[rows])


@dataclass(frozen=True)
class Worked:
    """Counted contacts of a period, and the patients at its end."""

    given: Cells
    """By practice where it took place, person, role, day and half-day."""
    listed: Cells
    """GP contacts by the patient's practice, named GP (-1 none), their team, day, half-day."""
    patients: Cells
    """Living patients registered on the last day, by practice, named GP and team (-1 none)."""
    roles_known: bool

    def gp(self, role: Int32) -> npt.NDArray[np.bool_]:
        """Return which roles are a GP's; all where no role is known anywhere."""
        return GP_CODES[role] if self.roles_known else np.ones(len(role), dtype=bool)


def tally(columns: Sequence[Any], weights: Any = None) -> Cells:
    """Return counts by the codes of some columns (codes from -1 up, or days)."""
    size = len(columns[0])
    if size == 0:
        return Cells(np.empty((0, len(columns)), np.int64), np.empty(0, np.int64))
    lows = [int(c.min()) for c in columns]
    widths = [int(c.max()) - low + 1 for c, low in zip(columns, lows, strict=True)]
    packed = np.zeros(size, dtype=np.int64)
    for column, low, width in zip(columns, lows, widths, strict=True):
        packed = packed * width + (column.astype(np.int64) - low)
    if weights is None:
        found, count = np.unique(packed, return_counts=True)
    else:
        found, place = np.unique(packed, return_inverse=True)
        count = np.zeros(len(found), dtype=np.int64)
        np.add.at(count, place, weights)
    keys = np.empty((len(found), len(columns)), dtype=np.int64)
    for index in range(len(columns) - 1, -1, -1):
        found, keys[:, index] = np.divmod(found, widths[index])
        keys[:, index] += lows[index]
    return Cells(keys, count.astype(np.int64))


def _merged(parts: list[Cells], columns: int) -> Cells:
    keys = np.concatenate([np.empty((0, columns), np.int64), *(p.keys for p in parts)])
    count = np.concatenate([np.empty(0, np.int64), *(p.count for p in parts)])
    return tally([keys[:, i] for i in range(columns)], count)


def _count_given(
    contacts: Contacts, inside: npt.NDArray[np.bool_], half: Int8, roles: Int8
) -> Cells:
    return tally(
        [
            contacts.places[contacts.where[inside]],
            contacts.people[contacts.who[inside]],
            roles[inside],
            contacts.day[inside],
            half[inside],
        ]
    )


def _count_listed(contacts: Contacts, gp: npt.NDArray[np.bool_], half: Int8) -> Cells:
    patient = np.repeat(np.arange(len(contacts.home)), np.diff(contacts.offset))[gp]
    named = np.maximum(contacts.named[gp], -1)
    lists = np.append(contacts.lists, np.int32(-1))  # the last entry is for none
    return tally(
        [contacts.home[patient], lists[named], contacts.named_team[gp], contacts.day[gp], half[gp]]
    )


def _count_patients(
    patients: Patients, contacts: Contacts, reference: Reference, last: int
) -> Cells:
    """Return patients by practice, named GP and team on the last day."""
    home = registered_home(patients, reference.place_rank, last, last)
    # nothing is known of the registration: where most contacts were
    home = np.where(home == -1, contacts.home, home)
    named, team = named_and_team_at(patients, reference, last, teams=True)
    here = (home >= 0) & (patients.death_day > last)
    return tally([home[here], np.maximum(named, -1)[here], team[here]])


def _work_span(
    store: Store,
    practices: tuple[int, ...],
    reference: Reference,
    rules: Rules,
    window: Window,
    work: Workspace,
) -> tuple[Cells, Cells, Cells]:
    """Return the counts of a few home practices."""
    span = Span(store, practices)
    rows, keys = span.read("appointments", COLUMNS)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    patients = read_patients(span, reference, keys[starts], ())
    low, high = patients.runs(keys, starts)
    contacts = select_contacts(
        rows, low, high, patients, reference, rules, window, work, True,
        np.zeros(patients.size, dtype=np.uint8),
    )  # fmt: skip
    resolve_named(contacts, patients.named, reference, work)
    half = half_of(whole(rows, "start_second")[contacts.row])
    known = np.asarray(rows.column("time_known").to_numpy(zero_copy_only=False)).astype(bool)
    half[~known[contacts.row]] = NO_TIME
    inside = contacts.day >= window.first
    gp = inside & GP_CODES[contacts.role] if reference.roles_known else inside
    return (
        _count_given(contacts, inside, half, contacts.role),
        _count_listed(contacts, gp, half),
        _count_patients(patients, contacts, reference, window.last),
    )


def read_worked(
    store: Store,
    reference: Reference,
    window: Window,
    threads: int | None = None,
    homes: frozenset[int] | None = None,
) -> Worked:
    """Return the contacts of a window by who gave them, and the patients on its last day.

    With ``homes`` only patients stored under these home practices are read (``touching``).
    """
    rules = make_rules(Conventions(roles="any"), reference.roles_known)
    mine = local()

    def one(practices: tuple[int, ...]) -> tuple[Cells, Cells, Cells]:
        if not hasattr(mine, "work"):
            mine.work = Workspace(reference.people, len(reference.practice_labels))
        return _work_span(store, practices, reference, rules, window, mine.work)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        parts = list(pool.map(one, chosen_spans(store, SPAN_ROWS, homes)))
    return Worked(
        given=_merged([p[0] for p in parts], 5),
        listed=_merged([p[1] for p in parts], 5),
        patients=_merged([p[2] for p in parts], 3),
        roles_known=reference.roles_known,
    )


def read_rota(store: Store, reference: Reference, window: Window, worked: Worked) -> Rota:
    """Return the rota of a window; inferred from counted contacts where none was loaded."""
    given = given_rota(store, reference, window.first, window.last)
    cells = worked.given
    half = cells.keys[:, 4].astype(np.int8)
    return with_inferred(given, cells.column(0), cells.column(1), cells.column(3), half)

"""Slots of GPs that nobody used: what could have been booked beside the recorded contacts."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Int8, Int32, one_chunk, whole
from hamlets.continuity.free_times import FREE_WORDS, NOT_FOR_PATIENTS
from hamlets.continuity.reference import GP_ROLES, Reference
from hamlets.continuity.rota import half_of
from hamlets.records import Store
from hamlets.records.tables import ROLES
from hamlets.teams.ceiling.requests import IN_PERSON, PASSING, REMOTE, SECONDS, UNKNOWN, VISIT
from hamlets.teams.inputs import Bools

ANY_MODE = 4
"""Group of a slot whose type says nothing of the way of contact: any but a visit."""
SERVES = {
    IN_PERSON: (IN_PERSON, UNKNOWN),
    REMOTE: (REMOTE, UNKNOWN),
    VISIT: (VISIT,),
    ANY_MODE: (IN_PERSON, REMOTE, UNKNOWN),
}
"""Mode groups of contacts that each group of slots can take."""
_TYPES = (
    (re.compile(r"visit|care home|nursing home"), VISIT),
    (re.compile(r"phone|telecon|video|online|remote|e-?consult|digital|call ?back"), REMOTE),
    (re.compile(r"face|f2f|in person"), IN_PERSON),
)
LONGEST = 240
"""Minutes; what is longer is a session or a mistake, not a slot."""


@dataclass(frozen=True)
class FreeSlots:
    """Unused bookable slots of GPs: arrays of one length."""

    place: Int32
    person: Int32
    passing: Bools
    """The GP was a locum or registrar that day: no one's own GP."""
    day: Int32
    half: Int8
    hour: Int8
    group: Int8
    minutes: Int32
    kind: Int32
    """Position in ``SlotTable.kinds``."""

    @property
    def size(self) -> int:
        """Number of slots."""
        return len(self.day)

    def only(self, rows: Any) -> FreeSlots:
        """Return some rows."""
        return FreeSlots(*(getattr(self, f.name)[rows] for f in fields(self)))


@dataclass(frozen=True)
class SlotTable:
    """Free slots of a period, ordered by place, person and time, and the words of their types."""

    slots: FreeSlots
    kinds: tuple[str, ...]
    places: frozenset[int]
    """Practices that have rows of slots in the period, free or not."""

    def at(self, place: int) -> FreeSlots:
        """Return the slots of one practice."""
        low, high = np.searchsorted(self.slots.place, [place, place + 1])
        return self.slots.only(slice(int(low), int(high)))


def mode_group(slot_type: str | None) -> int:
    """Return the mode group of a slot by its type, -1 for a slot that is not for patients."""
    words = (slot_type or "").casefold()
    if NOT_FOR_PATIENTS.search(words):
        return -1
    return next((group for pattern, group in _TYPES if pattern.search(words)), ANY_MODE)


def _coded(table: Any, name: str) -> tuple[Int32, list[str | None]]:
    """Return the words of a text column once each, and each row's position among them."""
    if name not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.int32), [None]
    encoded: Any = one_chunk(table.column(name).dictionary_encode("encode"))
    if table.num_rows == 0:
        return np.zeros(0, dtype=np.int32), [None]
    words: list[str | None] = encoded.dictionary.to_pylist()
    return np.ascontiguousarray(encoded.indices.to_numpy(), dtype=np.int32), words


def roles_on(reference: Reference, staff: Int32, day: Int32) -> Int8:
    """Return each staff code's role on a day by the dated staff rows, 0 where not known.

    The latest start wins, then the higher code, as for contacts.
    """
    r = reference.roles
    found = np.zeros(len(staff), dtype=np.int8)
    order = np.argsort(staff, kind="stable")
    ends = np.searchsorted(staff[order], np.arange(len(r.offset)))
    for code in np.unique(staff).tolist():
        mine = order[ends[code] : ends[code + 1]]
        rows = np.arange(int(r.offset[code]), int(r.offset[code + 1]))
        for row in rows[np.lexsort((r.value[rows], r.start[rows]))].tolist():
            inside = (r.start[row] <= day[mine]) & (day[mine] < r.end[row])
            found[mine[inside]] = reference.role_codes[row]
    return found


def read_free_slots(store: Store, reference: Reference, window: Window) -> SlotTable:
    """Return the free slots of GPs, days first..last of a window."""
    table = store.shared(
        "slots", ["staff", "practice", "start_time", "end_time", "status", "slot_type"]
    )
    staff, place = whole(table, "staff"), whole(table, "practice")
    start, end = (whole(table, name, np.int64) for name in ("start_time", "end_time"))
    day = (start // SECONDS).astype(np.int32)
    inside = (day >= window.first) & (day <= window.last) & (place >= 0)
    places = frozenset(np.unique(place[inside]).tolist())
    status, statuses = _coded(table, "status")
    free = np.array([(word or "").strip().casefold() in FREE_WORDS for word in statuses] or [False])
    kind, kinds = _coded(table, "slot_type")
    groups = np.array([mode_group(word) for word in kinds] or [ANY_MODE], dtype=np.int8)
    minutes = (end - start) // 60
    keep = inside & (staff >= 0) & (minutes > 0) & (minutes <= LONGEST)
    keep[keep] = free[status[keep]] & (groups[kind[keep]] >= 0)
    rows = np.flatnonzero(keep)
    role = roles_on(reference, staff[rows], day[rows])
    if reference.roles_known:
        gp = np.array([word in GP_ROLES for word in ROLES])[role]
        rows, role = rows[gp], role[gp]
    person = reference.person_of_staff[staff[rows]] if len(rows) else staff[rows]
    order = np.lexsort((start[rows], person, place[rows]))
    rows, role, person = rows[order], role[order], person[order]
    second = (start[rows] % SECONDS).astype(np.int32)
    return SlotTable(
        slots=FreeSlots(
            place=place[rows],
            person=person,
            passing=np.isin(role, PASSING),
            day=day[rows],
            half=half_of(second),
            hour=(second // 3600).astype(np.int8),
            group=groups[kind[rows]],
            minutes=minutes[rows].astype(np.int32),
            kind=kind[rows],
        ),
        kinds=tuple(word or "not said" for word in kinds) or ("not said",),
        places=places,
    )

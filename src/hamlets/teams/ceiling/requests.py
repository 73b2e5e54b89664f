"""The requests of each practice: its patients' counted GP contacts, as ``measure`` counts them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from threading import local
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.continuity import ladder
from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import NEVER, Int8, Int32, whole
from hamlets.continuity.contacts import (
    Contacts,
    Rules,
    Workspace,
    make_rules,
    resolve_named,
    select_contacts,
)
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.frame import read_patients
from hamlets.continuity.reference import Reference
from hamlets.continuity.rota import HALVES, half_of
from hamlets.continuity.spans import Span, chosen_spans
from hamlets.records import Store
from hamlets.records.tables import MODES, URGENCIES
from hamlets.teams.inputs import Bools

pc: Any = compute

SPAN_ROWS = 250_000
COLUMNS = [
    "patient", "start_day", "start_second", "time_known", "staff", "practice", "status", "mode",
    "role", "urgency", "booked_time", "duration_minutes",
]  # fmt: skip
IN_PERSON, REMOTE, VISIT, UNKNOWN = range(4)
"""Mode groups: a contact can take the place of another of its own group only."""
_OF_MODE = {
    "face_to_face": IN_PERSON, "group": IN_PERSON, "telephone": REMOTE, "video": REMOTE,
    "online": REMOTE, "home_visit": VISIT, "care_home": VISIT,
}  # fmt: skip
MODE_GROUPS = np.array([UNKNOWN, *(_OF_MODE.get(m, UNKNOWN) for m in MODES)], dtype=np.int8)
"""Mode group by mode code + 1."""
PASSING = (ladder.GP_LOCUM, ladder.GP_REGISTRAR)
"""Roles whose slots are nobody's own."""
SAME_DAY = URGENCIES.index("same_day")
SECONDS = 86_400


@dataclass(frozen=True)
class Requests:
    """Counted GP contacts of patients who belong to a practice: arrays of one length."""

    practice: Int32
    """The patient's practice."""
    patient: Int32
    """Whose it is (the store's patient code)."""
    list: Int32
    """The named GP on the day (person code), -1 without one."""
    team: Int32
    """The named GP's team on the day, -1 without one."""
    person: Int32
    """Who was seen."""
    passing: Bools
    """The one seen was a locum or registrar that day."""
    day: Int32
    half: Int8
    """Half-day (``rota.half_of``); HALVES where the time of day is not known."""
    group: Int8
    need: Int32
    """Minutes it took, 0 where not known."""
    asked: Int32
    """Day it was booked, NEVER where not known."""
    urgent: Bools
    own: Bools
    in_team: Bools

    @property
    def size(self) -> int:
        """Number of requests."""
        return len(self.day)

    def only(self, rows: Any) -> Requests:
        """Return some rows, in the order asked for."""
        return Requests(*(getattr(self, f.name)[rows] for f in fields(self)))


def _joined(parts: Iterable[Requests]) -> Requests:
    kept = list(parts)
    return Requests(*(np.concatenate([getattr(p, f.name) for p in kept]) for f in fields(Requests)))


def _asked(rows: pa.Table, at: Int32) -> Int32:
    """Return the day each row was booked, NEVER where that is not known."""
    seconds = pc.fill_null(rows.column("booked_time").cast(pa.int64()), NEVER * SECONDS)
    return (whole(pa.table({"booked": seconds}), "booked", np.int64)[at] // SECONDS).astype(
        np.int32
    )


def _minutes(rows: pa.Table, at: Int32) -> Int32:
    """Return the whole minutes each row took, rounded up; 0 where not known."""
    column = pc.fill_null(rows.column("duration_minutes").cast(pa.float64()), 0.0)
    taken = whole(pa.table({"minutes": column}), "minutes", np.float64)[at]
    return np.ceil(np.clip(np.nan_to_num(taken), 0, 1440)).astype(np.int32)


def _requests(rows: pa.Table, contacts: Contacts, codes: Int32, first: int) -> Requests:
    """Return the counted contacts of a span from the first day on, as arrays of their own.

    ``codes`` are the patients' codes by position.
    """
    owner = np.repeat(np.arange(len(contacts.home)), np.diff(contacts.offset))
    keep = np.flatnonzero((contacts.day >= first) & (contacts.home[owner] >= 0))
    row = contacts.row[keep]
    half = half_of(whole(rows, "start_second")[row])
    known = np.asarray(rows.column("time_known").to_numpy(zero_copy_only=False)).astype(bool)
    half[~known[row]] = HALVES
    lists = np.append(contacts.lists, np.int32(-1))  # the last entry is for none
    flags, role = contacts.flags[keep], contacts.role[keep]
    return Requests(
        practice=contacts.home[owner[keep]].astype(np.int32),
        patient=codes[owner[keep]],
        list=lists[np.maximum(contacts.named[keep], -1)],
        team=contacts.named_team[keep].copy(),
        person=contacts.people[contacts.who[keep]],
        passing=np.isin(role, PASSING),
        day=contacts.day[keep],
        half=half,
        group=MODE_GROUPS[whole(rows, "mode", np.int8)[row] + 1],
        need=_minutes(rows, row),
        asked=_asked(rows, row),
        urgent=whole(rows, "urgency", np.int8)[row] == SAME_DAY,
        own=(flags & ladder.OWN) > 0,
        in_team=(flags & ladder.IN_TEAM) > 0,
    )


def _read_span(
    store: Store, practices: tuple[int, ...], reference: Reference, rules: Rules, window: Window,
    work: Workspace,
) -> Requests:  # fmt: skip
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
    return _requests(rows, contacts, patients.codes, window.first)


def read_requests(
    store: Store,
    reference: Reference,
    window: Window,
    threads: int | None = None,
    homes: frozenset[int] | None = None,
) -> dict[int, Requests]:
    """Return the requests of each practice by its code.

    With ``homes`` only patients stored under these home practices are read.
    """
    rules = make_rules(Conventions(), reference.roles_known)
    mine = local()

    def one(practices: tuple[int, ...]) -> Requests:
        if not hasattr(mine, "work"):
            mine.work = Workspace(reference.people, len(reference.practice_labels))
        return _read_span(store, practices, reference, rules, window, mine.work)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        parts = list(pool.map(one, chosen_spans(store, SPAN_ROWS, homes)))
    if not parts:
        return {}
    found = _joined(parts)
    order = np.argsort(found.practice, kind="stable")
    codes, starts = np.unique(found.practice[order], return_index=True)
    rows = np.split(order, starts[1:])
    return {code: found.only(mine) for code, mine in zip(codes.tolist(), rows, strict=True)}

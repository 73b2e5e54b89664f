"""The registered patients of some home practices on one day, and how their named GP stands."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import ALWAYS, Int32, texts
from hamlets.continuity.compiled import compiled, i4, i4_, integer, types
from hamlets.continuity.contacts import Rules, Workspace, select_contacts
from hamlets.continuity.frame import Patients, read_patients, registered_home
from hamlets.continuity.named_standing import Flags, named_whoever
from hamlets.continuity.reference import Reference
from hamlets.continuity.spans import Span
from hamlets.records import Store

DUTY_DAYS = 21
"""Days within which a newly registered patient is to be told of a named GP (SI 2015/196)."""
LOOK_BACK_DAYS = 90
NEW_DAYS = 365
"""A registration is new for a year: later nobody can put its beginning right."""
_COLUMNS = ["patient", "start_day", "staff", "practice", "status", "mode", "role", "start_second"]


@dataclass(frozen=True)
class Registered:
    """Arrays by registered patient; ``seen`` holds their GP contacts by person."""

    patient: Int32
    practice: Int32
    named: Int32
    """Person named on the day, -1 for nobody."""
    since: Int32
    """First day of the present naming, ALWAYS where it has none."""
    before: Int32
    """Person named before that, -1 for nobody."""
    registered: Int32
    """First day of the registration, ALWAYS where it is not known."""
    named_early: Flags
    """Somebody was named in the first 21 days of the registration."""
    undated: Flags
    """The named GP has no dates: the extract's is taken for all days."""
    contacts: Int32
    household: npt.NDArray[Any]
    """Text, None where it is not known."""

    @property
    def size(self) -> int:
        return len(self.patient)


@dataclass(frozen=True)
class Seen:
    """GP contacts of 24 months by patient (a position in Registered) and person."""

    patient: npt.NDArray[np.int64]
    person: Int32
    contacts: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    """Ascends with the time of a patient's last contact with the person."""


@dataclass(frozen=True)
class SpanFound:
    """What some home practices hold."""

    patients: Registered
    seen: Seen
    strangers: Int32
    """The practice of each person who was seen and is registered nowhere, as far as is known."""


@compiled(types.void, i4, i4, i4, i4, integer, i4, i4_, i4_)
def naming_history(
    offset: Any, start: Any, end: Any, person: Any, day: int, named: Any, since: Any, before: Any
) -> None:
    """Write since when each patient's person has been named without a break, and who was before.

    What is in force changes only where a row begins or ends, so the walk goes
    back from one such day to the one before.
    """
    for p in range(named.size):
        since[p] = -(2**30)
        before[p] = -1
        if named[p] < 0:
            continue
        t = day
        running = True
        while True:
            edge = -(2**30)
            for row in range(offset[p], offset[p + 1]):
                if start[row] <= t and start[row] > edge:
                    edge = start[row]
                if end[row] <= t and end[row] > edge:
                    edge = end[row]
            if edge == -(2**30):
                break
            t = edge - 1
            found = -1
            for row in range(offset[p], offset[p + 1]):
                if start[row] <= t < end[row]:
                    found = person[row]
            if running and found != named[p]:
                since[p] = edge
                running = False
            if not running and found >= 0:
                before[p] = found
                break


def read_span(
    store: Store,
    practices: tuple[int, ...],
    reference: Reference,
    rules: Rules,
    window: Window,
    work: Workspace,
    only: int | None,
) -> SpanFound | None:
    """Return the patients registered on the window's last day; None where nobody is.

    ``only`` is a practice code: then other practices' patients are left out.
    """
    span, day = Span(store, practices), window.last
    nobody = np.empty(0, dtype=np.int64)
    if only is not None and only not in practices:
        # Someone registered elsewhere now may have been here on the day: look before reading on.
        early = read_patients(span, reference, nobody, (), need_named=False)
        home = registered_home(early, reference.place_rank, day, day)
        if not (home == only).any():
            return None
    rows, keys = span.read("appointments", _COLUMNS)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    patients = read_patients(span, reference, keys[starts], ("household_id",))
    low, high = patients.runs(keys, starts)
    contacts = select_contacts(
        rows, low, high, patients, reference, rules, window, work, rules.filter_roles,
        np.zeros(patients.size, dtype=np.uint8),
    )  # fmt: skip
    home = registered_home(patients, reference.place_rank, day, day)
    n = contacts.high - contacts.low
    here = (home >= 0) & (patients.death_day > day)
    lost = (home == -1) & (n > 0)
    strangers = contacts.home[lost]
    if only is not None:
        here &= home == only
        strangers = strangers[strangers == only]
    kept = np.flatnonzero(here)
    # The contacts of a patient who is registered on the day are all of that practice's patient.
    index = np.repeat(np.arange(patients.size), n)
    inside = np.arange(len(index)) - np.repeat(np.cumsum(n) - n, n) + np.repeat(contacts.low, n)
    taken = here[index]
    position = np.cumsum(here) - 1
    who = contacts.people[contacts.who[inside[taken]]] if len(index) else contacts.people[:0]
    return SpanFound(
        _registered(patients, reference, day, kept, home, n.astype(np.int32)),
        _by_person(position[index[taken]], who, reference.people),
        strangers,
    )


def _by_person(patient: npt.NDArray[np.int64], person: Int32, people: int) -> Seen:
    """Add contacts, given in order of patient and time, up by patient and person."""
    key = patient * max(people, 1) + person
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    ends = np.append(first[1:], len(ordered))
    distinct = ordered[first]
    return Seen(
        distinct // max(people, 1),
        (distinct % max(people, 1)).astype(np.int32),
        ends - first,
        order[ends - 1] if len(ends) and len(order) else np.empty(0, dtype=np.int64),
    )


def _registered(
    patients: Patients,
    reference: Reference,
    day: int,
    kept: npt.NDArray[np.int64],
    home: Int32,
    contacts: Int32,
) -> Registered:
    named = named_whoever(patients, reference, day)
    dated = patients.named
    since, before = np.empty_like(named), np.empty_like(named)
    naming_history(dated.offset, dated.start, dated.end, dated.value, day, named, since, before)
    began = _registered_since(patients, home, day)
    owner = np.repeat(np.arange(patients.size), np.diff(dated.offset))
    on_time = (dated.start <= began[owner] + DUTY_DAYS) & (dated.end > began[owner])
    early = np.zeros(patients.size, dtype=bool)
    early[owner[on_time & (dated.value >= 0)]] = True
    undated = np.zeros(patients.size, dtype=bool)
    undated[owner[dated.start == ALWAYS]] = True
    household = np.full(patients.size, None, dtype=object)
    has = patients.row >= 0
    household[has] = np.array([*texts(patients.table, "household_id"), None], dtype=object)[
        patients.row[has]
    ]
    return Registered(
        patients.codes[kept],
        home[kept],
        named[kept],
        since[kept],
        before[kept],
        began[kept],
        early[kept],
        undated[kept],
        contacts[kept],
        household[kept],
    )


def _registered_since(patients: Patients, home: Int32, day: int) -> Int32:
    """Return the first day of the registration that is in force on the day."""
    spells = patients.registrations
    owner = np.repeat(np.arange(patients.size), np.diff(spells.offset))
    holds = (spells.start <= day) & (day < spells.end) & (spells.value == home[owner])
    began = np.full(patients.size, ALWAYS, dtype=np.int32)
    np.maximum.at(began, owner[holds], spells.start[holds])
    return began


def join(found: list[SpanFound]) -> tuple[Registered, Seen, Int32]:
    """Return several spans as one."""
    columns = {
        f.name: np.concatenate([getattr(s.patients, f.name) for s in found])
        for f in fields(Registered)
    }
    shift = np.cumsum([0, *(s.patients.size for s in found)])
    seen = Seen(
        np.concatenate([s.seen.patient + int(n) for s, n in zip(found, shift, strict=False)]),
        np.concatenate([s.seen.person for s in found]),
        np.concatenate([s.seen.contacts for s in found]),
        np.concatenate([s.seen.last for s in found]),
    )
    return Registered(**columns), seen, np.concatenate([s.strangers for s in found])

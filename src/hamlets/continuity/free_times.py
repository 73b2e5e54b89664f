"""Free times in the appointment book from now on, as the extract says: who could be booked.

An extract is a picture of the book at one moment. Whoever shows these times must know that it
is a fresh one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pyarrow.compute as compute

from hamlets.continuity.calendar import day_number, day_of
from hamlets.continuity.columns import texts, whole
from hamlets.continuity.reference import Reference
from hamlets.continuity.results.knowing import FreeTime
from hamlets.records import Store

pc: Any = compute

FREE_WORDS = frozenset({"free", "available", "unused", "unbooked", "open"})
"""What sources call a slot that can be booked."""
NOT_FOR_PATIENTS = re.compile(
    r"\b(admin|break|lunch|meeting|teaching|training|tutorial|debrief|blocked?|embargo(ed)?|"
    r"paperwork|group)\b"
)
_KEPT = re.compile(r"\bsame[ -]?day|on[ -]the[ -]day|urgent|emergenc|duty\b")
_AHEAD_DAYS = 28
_DAY, _MINUTE = 86_400, 60


FreeTimes = dict[tuple[int, int], list[tuple[int, int]]]
"""By practice and person: day and minute of the day, in order."""


def free_times(store: Store, reference: Reference, today: date) -> FreeTimes:
    """Return the free slots of the next four weeks for patients; today's from its beginning.

    What is kept for urgent needs is left out: it is not offered to those who can wait.
    """
    columns = ["staff", "practice", "start_time", "status", "slot_type"]
    table = store.shared("slots", columns)
    low = day_number(today) * _DAY
    start = table.column("start_time").cast("int64")
    inside = pc.and_(pc.greater_equal(start, low), pc.less(start, low + _AHEAD_DAYS * _DAY))
    table = table.filter(inside)
    rows = zip(
        whole(table, "practice").tolist(),
        whole(table, "staff").tolist(),
        whole(table, "start_time", np.int64).tolist(),
        texts(table, "status"),
        texts(table, "slot_type"),
        strict=True,
    )
    found: FreeTimes = defaultdict(list)
    for place, staff, at, status, kind in rows:
        words = (kind or "").casefold()
        free = (status or "").strip().casefold() in FREE_WORDS
        if staff < 0 or not free or NOT_FOR_PATIENTS.search(words) or _KEPT.search(words):
            continue
        person = int(reference.person_of_staff[staff])
        found[place, person].append((at // _DAY, at % _DAY // _MINUTE))
    for slots in found.values():
        slots.sort()
    return dict(found)


def first_free(
    times: FreeTimes, home: int, person: int, today: date, minute: int
) -> FreeTime | None:
    """Return somebody's first free time after a minute of today."""
    now = day_number(today), minute
    found = next((slot for slot in times.get((home, person), ()) if slot > now), None)
    return None if found is None else FreeTime(day_of(found[0]), found[1])


def soonest(
    times: FreeTimes, home: int, people: Iterable[int], today: date, minute: int
) -> tuple[int, FreeTime] | None:
    """Return who of some people has the first free time, and when; earlier ones win a tie."""
    found = [
        (time.day, time.minute, at, person)
        for at, person in enumerate(people)
        if (time := first_free(times, home, person, today, minute)) is not None
    ]
    if not found:
        return None
    day, at, _, person = min(found)
    return person, FreeTime(day, at)

"""What ceilings are worked out from: requests and slots of some days, read once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import NEVER
from hamlets.continuity.reference import Dated, Reference, build_reference
from hamlets.continuity.touching import homes_touching
from hamlets.errors import UsageError
from hamlets.records import Store
from hamlets.teams.ceiling.book import make_book
from hamlets.teams.ceiling.requests import Requests, read_requests
from hamlets.teams.ceiling.slots import FreeSlots, SlotTable, read_free_slots
from hamlets.teams.ceiling.sums import Sums, sums_of_held, sums_of_moved
from hamlets.teams.ceiling.windows import WINDOWS, WORKING_DAYS, WindowName, times_of

T = TypeVar("T")

BOOKED_ENOUGH = 0.9
"""Share of requests with a day of booking from which on the policy window says something."""


def read_windows(word: str) -> tuple[WindowName, ...]:
    """Return the windows of an option; raises UsageError for another word."""
    return WINDOWS if word == "all" else (read_window(word, "strict, week, policy or all"),)


def read_window(word: str, choices: str = "strict, week or policy") -> WindowName:
    """Return one window by its word; raises UsageError for another word."""
    for name in WINDOWS:
        if name == word:
            return name
    raise UsageError(
        f"A window {word!r} is not known.", where="--window", hint=f"Choose {choices}."
    )


@dataclass(frozen=True)
class Records:
    """Requests and free slots of some days, by practice."""

    reference: Reference
    days: Window
    requests: dict[int, Requests]
    slots: SlotTable
    place: int | None = None
    """The only practice that was read."""
    homes: frozenset[int] | None = None
    """The home practices that were read for it."""

    def low(self, place: int) -> bool:
        """Return whether the free slots of a practice are not known."""
        return place not in self.slots.places

    def booked(self, places: Sequence[int]) -> float:
        """Return the share of requests with a named GP whose day of booking is known."""
        asked = [r.asked[r.list >= 0] for r in (self.requests[place] for place in places)]
        total = sum(len(days) for days in asked)
        return sum(int((days != NEVER).sum()) for days in asked) / total if total else 0.0

    def between(self, days: Window) -> Records:
        """Return the requests and slots of some of the days."""
        free = self.slots.slots
        return replace(
            self,
            days=days,
            requests={
                place: found.only((found.day >= days.first) & (found.day <= days.last))
                for place, found in self.requests.items()
            },
            slots=replace(
                self.slots, slots=free.only((free.day >= days.first) & (free.day <= days.last))
            ),
        )

    def attain(
        self, place: int, window: WindowName, working_days: int = WORKING_DAYS
    ) -> tuple[Sums, int]:
        """Return what the rota allowed for all requests of a practice with a named GP.

        Those that the window is not reported for keep their slots; their number is given too.
        """
        teams = self.reference.teams
        return attain_all(
            self.requests[place], self.slots.at(place), window, working_days, teams
        )  # fmt: skip


def attain_all(
    requests: Requests, free: FreeSlots, window: WindowName, working_days: int, teams: Dated
) -> tuple[Sums, int]:
    """Return what the rota allowed, with those that keep their slots, and how many these are."""
    times = times_of(requests, window, working_days)
    moved = sums_of_moved(make_book(requests, free, times, window, teams))
    held = sums_of_held(requests.only(np.flatnonzero(times.held)))
    return moved.joined(held), int(held.count.sum())


def read_records(
    store: Store,
    days: Window,
    place: int | None = None,
    threads: int | None = None,
) -> Records:
    """Return the requests and free slots of some days; of one practice where ``place`` is given."""
    reference = build_reference(store)
    homes = None if place is None else homes_touching(store, place)
    slots = read_free_slots(store, reference, days)
    return _with_requests(Records(reference, days, {}, slots, place, homes), store, threads)


def read_part(found: Records, store: Store, days: Window, threads: int | None = None) -> Records:
    """Return the records of some of the days as if these alone had been asked for.

    Someone who was never registered may then count for another practice (Continuity 6).
    """
    return _with_requests(found.between(days), store, threads)


def _with_requests(records: Records, store: Store, threads: int | None) -> Records:
    found = read_requests(store, records.reference, records.days, threads, records.homes)
    if records.place is not None:
        found = {place: each for place, each in found.items() if place == records.place}
    return replace(records, requests=found)


def for_each(places: Sequence[int], work: Callable[[int], T], threads: int | None) -> list[T]:
    """Return the work on every practice, in their order; several at a time."""
    count = min(threads or os.cpu_count() or 1, len(places))
    if count <= 1:
        return [work(place) for place in places]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, places))

"""Who holds a list, and where: needed before own patients of a GP can be counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Int32
from hamlets.continuity.compiled import compiled, i4, i4_, integer, types, u1, u1_
from hamlets.continuity.frame import Patients, read_patients, registered_home
from hamlets.continuity.ladder import named_on
from hamlets.continuity.reference import Reference
from hamlets.continuity.select import COUNTED, NOT_IN_WINDOW, registered
from hamlets.continuity.spans import Span, chosen_spans


@compiled(
    types.void,
    i4, i4, i4, i4,
    i4, i4, i4, i4,
    i4, i4, i4, u1, i4,
    i4, i4, integer, integer, i4_, i4_,
)  # fmt: skip
def count_listed(
    named_offset: Any, named_from: Any, named_to: Any, named_person: Any,
    registration_offset: Any, registration_from: Any, registration_to: Any,
    registration_place: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any,
    home: Any, death_day: Any, first: int, last: int, counted_for: Any, patients_of: Any,
) -> None:  # fmt: skip
    """Count for each person the patients who had them as named GP on a day in the window.

    The named GP changes only on the first day of some dated row or the day after
    its end, so only these days are looked at. ``counted_for`` comes filled with -1.
    """
    for p in range(home.size):
        low, high = named_offset[p], named_offset[p + 1]
        if low == high or home[p] == NOT_IN_WINDOW:
            continue
        regs_low, regs_high = registration_offset[p], registration_offset[p + 1]
        for source in range(4):
            if source == 0:
                begin, end = 0, 1
            elif source == 1:
                begin, end = low, high
            elif source == 2:
                begin, end = regs_low, regs_high
            else:
                begin, end = 0, 0
                for row in range(low, high):
                    d = named_person[row]
                    if d >= 0:
                        end = max(end, list_offset[d + 1] - list_offset[d])
            for k in range(begin, end):
                for edge in range(2 if source in (1, 2) else 1):
                    for row in range(low, high if source == 3 else low + 1):
                        if source == 0:
                            day = first
                        elif source == 1:
                            day = named_from[k] if edge == 0 else named_to[k]
                        elif source == 2:
                            day = registration_from[k] if edge == 0 else registration_to[k]
                        else:
                            d = named_person[row]
                            if d < 0 or k >= list_offset[d + 1] - list_offset[d]:
                                continue
                            day = list_from[list_offset[d] + k]
                        if day < first or day > last or day > death_day[p]:
                            continue
                        if home[p] >= 0 and registered(
                            regs_low, regs_high, registration_from, registration_to,
                            registration_place, home[p], day,
                        ) != COUNTED:  # fmt: skip
                            continue
                        who = named_on(
                            low, high, named_from, named_to, named_person,
                            list_offset, list_from, list_to, list_may, leaves, day,
                        )  # fmt: skip
                        if who >= 0 and counted_for[who] != p:
                            counted_for[who] = p
                            patients_of[who] += 1


@compiled(
    types.void,
    i4, i4, i4, i4, i4,
    i4, i4, i4, i4,
    i4, u1, i4,
    i4, i4, integer, integer, u1_, i4_,
)  # fmt: skip
def count_steady(
    named_offset: Any, named_from: Any, named_to: Any, named_person: Any, local: Any,
    registration_offset: Any, registration_from: Any, registration_to: Any,
    registration_place: Any,
    list_offset: Any, list_may: Any, leaves: Any,
    death_day: Any, base: Any, first: int, last: int, left: Any, tally: Any,
) -> None:  # fmt: skip
    """Count patients by practice and list where one stretch of days says it all.

    One named GP, at most one registration, a GP who may hold a list throughout.
    ``left`` is set to 1 for patients who need the longer way. ``local`` is the
    position of the named GP of each row among the people of this group, and
    ``base`` where each patient's practice begins in ``tally``.
    """
    for p in range(left.size):
        low, high = named_offset[p], named_offset[p + 1]
        left[p] = 0
        if low == high:
            continue
        regs = registration_offset[p + 1] - registration_offset[p]
        d = named_person[low]
        if high - low > 1 or regs > 1 or d < 0:
            left[p] = 1
            continue
        rights = list_offset[d + 1] - list_offset[d]
        if rights > 1 or (rights == 1 and not list_may[list_offset[d]]):
            left[p] = 1
            continue
        start = named_from[low]
        end = min(named_to[low], leaves[d])
        if regs == 1:
            start = max(start, registration_from[registration_offset[p]])
            end = min(end, registration_to[registration_offset[p]])
        if start < end and start <= last and end > first and start <= death_day[p] >= first:
            tally[base[p] + local[low]] += 1


LIST_SPAN_ROWS = 2_000_000


@dataclass(frozen=True)
class ListHolders:
    """Patients by (practice code, person code) of everyone who holds a list."""

    practice: Int32
    person: Int32
    patients: Int32

    def main(self, people: int, rank: Int32) -> Int32:
        """Return each person's practice with most listed patients, -1 for none (ties: lowe"""
        result = np.full(people, -1, dtype=np.int32)
        order = np.lexsort((rank[self.practice], -self.patients, self.person))
        person, first = np.unique(self.person[order], return_index=True)
        result[person] = self.practice[order][first]
        return result

    def holds(self, practices: Int32, people: Int32) -> npt.NDArray[np.uint8]:
        """Return for some practices and people whether the person holds a list there."""
        held = set(zip(self.practice.tolist(), self.person.tolist(), strict=True))
        return np.array(
            [[(p, d) in held for d in people.tolist()] for p in practices.tolist()], dtype=np.uint8
        ).reshape(len(practices), len(people))


def find_list_holders(
    store: Any,
    reference: Reference,
    window: Window,
    smallest: int,
    homes: Collection[int] | None = None,
) -> ListHolders:
    """Return everyone who is named GP of ``smallest`` living patients or more in the window.

    Only patients stored under ``homes`` are looked at, where they are given.
    """
    found: dict[tuple[int, int], int] = {}
    none = np.empty(0, dtype=np.int64)
    for practices in chosen_spans(store, LIST_SPAN_ROWS, homes):
        patients = read_patients(Span(store, practices), reference, none, ())
        if len(patients.named.value):
            _add_lists(patients, reference, window, found)
    kept = [(p, d, k) for (p, d), k in sorted(found.items()) if k >= smallest]
    table = np.array(kept, dtype=np.int32).reshape(-1, 3)
    return ListHolders(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy())


def _add_lists(
    patients: Patients,
    reference: Reference,
    window: Window,
    found: dict[tuple[int, int], int],
) -> None:
    """Add the lists of one home practice to ``found``."""
    n, g, r = patients.named, patients.registrations, reference.lists
    people, local = np.unique(n.value, return_inverse=True)
    # a patient with one registration belongs to its practice; without any, where stored
    home = patients.span.home(patients.keys)
    once = np.diff(g.offset) == 1
    home[once] = g.value[g.offset[:-1][once]]
    places, place = np.unique(home, return_inverse=True)
    left = np.zeros(patients.size, dtype=np.uint8)
    tally = np.zeros(len(places) * len(people), dtype=np.int32)
    count_steady(
        n.offset, n.start, n.end, n.value, local.astype(np.int32),
        g.offset, g.start, g.end, g.value, r.offset, reference.list_may, reference.leaves,
        patients.death_day, (place * len(people)).astype(np.int32), window.first, window.last,
        left, tally,
    )  # fmt: skip
    for column in np.flatnonzero(tally).tolist():
        at, who = divmod(column, len(people))
        key = int(places[at]), int(people[who])
        found[key] = found.get(key, 0) + int(tally[column])
    if left.any():
        _add_changing(patients, reference, window, left, found)


def _add_changing(
    patients: Patients,
    reference: Reference,
    window: Window,
    left: npt.NDArray[np.uint8],
    found: dict[tuple[int, int], int],
) -> None:
    """Add patients whose named GP or practice changes, by looking at every day of change."""
    n, g, r = patients.named, patients.registrations, reference.lists
    home = registered_home(patients, reference.place_rank, window.first, window.last)
    home[left == 0] = NOT_IN_WINDOW
    places = np.where(home == -1, patients.span.home(patients.keys), home)
    for place in np.unique(places[home > NOT_IN_WINDOW]).tolist():
        here = np.where(places == place, home, NOT_IN_WINDOW).astype(np.int32)
        counted_for = np.full(max(reference.people, 1), -1, dtype=np.int32)
        tally = np.zeros(max(reference.people, 1), dtype=np.int32)
        count_listed(
            n.offset, n.start, n.end, n.value, g.offset, g.start, g.end, g.value,
            r.offset, r.start, r.end, reference.list_may, reference.leaves,
            here, patients.death_day, window.first, window.last, counted_for, tally,
        )  # fmt: skip
        for person in np.flatnonzero(tally).tolist():
            found[place, person] = found.get((place, person), 0) + int(tally[person])

"""Booking policies: which free slot a request is given.

A policy is a function of a request (who, for which group of clinicians, how urgent,
asked when, not before which day) and of the slots that are free now. It returns a slot
or -1 and changes nothing. The same functions serve the simulated book and whoever else
asks for a slot. Days are counted from the first day of the book.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hamlets.booking.simulation.slots import GROUPS, first_free, slots_type
from hamlets.continuity.compiled import boolean, compiled, i4_, integer, numba, types

EARLIEST_ANY, OWN_FIRST, MIXED = range(3)
POLICY_CODES = {"earliest_any": EARLIEST_ANY, "own_first": OWN_FIRST, None: MIXED}

NOTICE_MINUTES = 5
"""The least time between asking and being seen."""
KEPT_UNTIL_MINUTE = 14 * 60
"""From this minute slots kept for the day, and not used, are open to all."""
ASKS_FOR_OWN = 0.7
"""Of patients who ask for somebody: share who mean the own GP, not the GP seen last."""


class Ask(NamedTuple):
    """One request. Days from the book's first day; both ends included."""

    group: int
    urgent: bool
    day: int
    minute: int
    not_before: int
    until: int
    wanted: int
    """The clinician looked for first, or -1."""
    wanted_until: int
    """Last day on which it is worth waiting for that clinician."""
    covered: bool
    """Whether the buddy, then the team, of that clinician is looked for before anyone else."""


ask_type = types.NamedTuple([types.int64, types.boolean] + [types.int64] * 6 + [types.boolean], Ask)

STAND_IN = np.dtype(
    [("staff", np.int32), ("from_day", np.int32), ("to_day", np.int32), ("buddy", np.int8)],
    align=True,
)
"""Who stands in for a clinician, on days from_day <= day < to_day; buddy 1, or of the team 0."""


class StandIns(NamedTuple):
    """Who stands in for whom: rows of clinician c are first[c]:first[c + 1]."""

    first: Any
    row: Any
    """Of dtype STAND_IN, a clinician's in the order of ``staff``."""


stand_ins_type = types.NamedTuple([i4_, types.Array(numba.from_dtype(STAND_IN), 1, "C")], StandIns)


@compiled(ask_type, integer, boolean, integer, integer, integer, integer, integer, integer, boolean)
def new_ask(
    group: int, urgent: bool, day: int, minute: int,
    not_before: int, until: int, wanted: int, wanted_until: int, covered: bool,
) -> Any:  # fmt: skip
    """Return an Ask of 64-bit numbers, whatever the widths of the columns they come from."""
    return Ask(group, urgent, day, minute, not_before, until, wanted, wanted_until, covered)


@compiled(boolean, ask_type, integer)
def may_use_kept(ask: Any, day: int) -> bool:
    """Return whether slots kept for the day are open to this request."""
    return day == ask.day and (ask.urgent or ask.minute >= KEPT_UNTIL_MINUTE)


@compiled(types.int64, ask_type, integer)
def earliest_minute(ask: Any, day: int) -> int:
    """Return the first minute of a day that the patient can come."""
    return ask.minute + NOTICE_MINUTES if day == ask.day else 0


@compiled(types.int64, slots_type, ask_type, integer, integer)
def earliest_with(slots: Any, ask: Any, staff: int, last: int) -> int:
    """Return the first slot with one clinician up to day ``last``; -1: none."""
    for day in range(ask.not_before, min(last, slots.days - 1) + 1):
        cell = day * slots.clinicians + staff
        minute, with_kept = earliest_minute(ask, day), may_use_kept(ask, day)
        slot = first_free(slots.slot, slots.cell, cell, minute, with_kept)
        if slot >= 0:
            return slot
    return -1


@compiled(types.int64, slots_type, ask_type, integer)
def _earliest_on(slots: Any, ask: Any, day: int) -> int:
    minute, with_kept = earliest_minute(ask, day), may_use_kept(ask, day)
    slot, cells, member = slots.slot, slots.cell, slots.member
    best, best_minute, best_room = -1, 0, 0
    for row in range(member[ask.group], member[ask.group + 1]):
        cell = day * slots.clinicians + member[row]
        first = first_free(slot, cells, cell, minute, with_kept)
        if first < 0:
            continue
        room = cells[cell].open_left + (cells[cell].kept_left if with_kept else 0)
        start = slot[first].minute
        if best < 0 or start < best_minute or (start == best_minute and room > best_room):
            best, best_minute, best_room = first, start, room
    return best


@compiled(types.int64, slots_type, ask_type)
def earliest_any(slots: Any, ask: Any) -> int:
    """Return the first slot with anyone of the group; of equals, with whom there is most room."""
    for day in range(ask.not_before, min(ask.until, slots.days - 1) + 1):
        if slots.room[day * GROUPS + ask.group] > 0 or may_use_kept(ask, day):
            slot = _earliest_on(slots, ask, day)
            if slot >= 0:
                return slot
    return -1


@compiled(types.int64, slots_type, ask_type, integer)
def _room_of(slots: Any, ask: Any, slot: int) -> int:
    """Return how many slots the clinician of a slot still has free that day for a request."""
    this = slots.slot[slot]
    cell = slots.cell[this.day * slots.clinicians + this.staff]
    return cell.open_left + (cell.kept_left if may_use_kept(ask, this.day) else 0)


@compiled(types.int64, slots_type, ask_type, stand_ins_type, integer, integer)
def earliest_in_place(slots: Any, ask: Any, stand_ins: Any, buddy: int, last: int) -> int:
    """Return the first slot up to day ``last`` with who stands in for the clinician wanted.

    Buddies if ``buddy`` is 1, else the team, as they are on the day of asking; of equals,
    with whom there is most room. -1: none.
    """
    slot = slots.slot
    best, best_at, best_room = -1, 0, 0
    for row in range(stand_ins.first[ask.wanted], stand_ins.first[ask.wanted + 1]):
        this = stand_ins.row[row]
        if this.buddy != buddy or not this.from_day <= ask.day < this.to_day:
            continue
        found = earliest_with(slots, ask, this.staff, last)
        if found < 0:
            continue
        at, room = slot[found].day * 1440 + slot[found].minute, _room_of(slots, ask, found)
        if best < 0 or at < best_at or (at == best_at and room > best_room):
            best, best_at, best_room = found, at, room
    return best


@compiled(types.int64, slots_type, ask_type, stand_ins_type)
def own_first(slots: Any, ask: Any, stand_ins: Any) -> int:
    """Return the first slot with the clinician wanted, within the wait; else with anyone.

    If the request is ``covered``, the buddy and then the team are looked for in between,
    within the same wait. An urgent request waits for nobody: all of them are asked for
    the day only.
    """
    if ask.wanted >= 0:
        last = ask.day if ask.urgent else min(ask.wanted_until, ask.until)
        slot = earliest_with(slots, ask, ask.wanted, last)
        if slot < 0 and ask.covered:
            slot = earliest_in_place(slots, ask, stand_ins, 1, last)
            if slot < 0:
                slot = earliest_in_place(slots, ask, stand_ins, 0, last)
        if slot >= 0:
            return slot
    return earliest_any(slots, ask)


@compiled(types.int64, slots_type, ask_type, i4_, integer)
def least_met(slots: Any, ask: Any, met: Any, offset: int) -> int:
    """Return the first slot with a clinician of the group whom the patient has met least.

    ``met[offset + clinician]`` counts meetings. This plants a known truth in invented
    data; nobody books like it.
    """
    best, best_met = -1, 0
    for row in range(slots.member[ask.group], slots.member[ask.group + 1]):
        staff = slots.member[row]
        times = met[offset + staff]
        if best >= 0 and times > best_met:
            continue
        slot = earliest_with(slots, ask, staff, ask.until)
        if slot >= 0 and (best < 0 or times < best_met or slot < best):
            best, best_met = slot, times
    return best


@compiled(types.float64, integer)
def desk_effort(age: int) -> float:
    """Return how much harder than usual a desk tries for the own GP of somebody of this age."""
    return 2.0 if age >= 75 else (1.7 if age >= 65 else (1.0 if age < 45 else 1.25))


@compiled(types.boolean, integer, types.float64, types.float64, integer)
def desk_tries(policy: int, share: float, luck: float, age: int) -> bool:
    """Return whether the desk looks for the own GP unasked (and then for who stands in).

    With ``own_first`` always; in the mixed habits of a practice in a ``share`` of requests,
    more often for the old: ``luck`` is even between 0 and 1.
    """
    return policy == OWN_FIRST or (policy == MIXED and luck < share * desk_effort(age))


@compiled(types.int64, integer, integer, integer, boolean, boolean, boolean)
def whom_to_ask_for(
    policy: int, own: int, seen_last: int, tries: bool, patient_asks: bool, for_own: bool
) -> int:
    """Return the clinician to look for first, -1 for none.

    The own GP if the desk ``tries``. Else, in the mixed habits of a practice, whom the
    patient asks for, the own GP or the one seen last; ``for_own`` says which.
    """
    if tries:
        return own
    if policy == MIXED and patient_asks:
        return own if own >= 0 and (for_own or seen_last < 0) else seen_last
    return -1

"""The state of an appointment book: which slots are free, by clinician and day.

Slots lie in the order (day, clinician, minute): those of one clinician on one day
are a *cell*. A slot is open or *kept*, that is reserved for requests of the same day.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.world import Clinicians, Rota
from hamlets.continuity.compiled import boolean, compiled, i4_, integer, numba, types, void
from hamlets.records.tables import ROLES

GP, NURSE, ASSISTANT, PHARMACIST, ADVANCED, ALLIED, HUB_GP, HUB_OTHER = range(8)
"""Groups of clinicians that a request can be for; a hub's staff stand apart."""
GROUPS = 8

_GROUP_OF_ROLE = {
    "gp": GP,
    "gp_partner": GP,
    "gp_salaried": GP,
    "gp_locum": GP,
    "gp_registrar": GP,
    "nurse": NURSE,
    "healthcare_assistant": ASSISTANT,
    "pharmacist": PHARMACIST,
    "advanced_practitioner": ADVANCED,
    "physician_associate": ADVANCED,
    "paramedic": ADVANCED,
}


SLOT = np.dtype(
    [
        ("day", np.int32),
        ("staff", np.int32),
        ("minute", np.int16),
        ("length", np.int16),
        ("site", np.int8),
        ("group", np.int8),
        ("kept", np.int8),
        ("taken", np.int8),
    ],
    align=True,
)
"""A slot; ``day`` counts from the first day of the book, ``group`` is its clinician's."""
CELL = np.dtype(
    [(name, np.int32) for name in ("start", "open_left", "kept_left", "sessions", "extras")]
)
"""A clinician's day: its first slot, free slots, sessions, contacts beyond the slots."""


_KEPT = {GP: 1.0, NURSE: 0.6, ASSISTANT: 0.4, PHARMACIST: 0.8, ADVANCED: 1.3}
"""What each group keeps for the day, beside the GPs' share."""


class Slots(NamedTuple):
    """The book. Few arrays of records: a compiled call counts references to each array."""

    days: int
    clinicians: int
    slot: Any
    """Of dtype SLOT, in the order (day, clinician, minute)."""
    cell: Any
    """Of dtype CELL, at day x clinicians + clinician, and one more that holds the end."""
    room: Any
    """Free open slots at day x GROUPS + group: full days are passed over at once."""
    member: Any
    """Clinicians by group: those of g are member[member[g]:member[g + 1]]."""


slot_type = numba.from_dtype(SLOT)
slots_type = types.NamedTuple(
    [
        types.int64,
        types.int64,
        types.Array(slot_type, 1, "C"),
        types.Array(numba.from_dtype(CELL), 1, "C"),
        i4_,
        i4_,
    ],
    Slots,
)


def groups_of(clinicians: Clinicians) -> npt.NDArray[np.int8]:
    """Return the group of each clinician."""
    table = np.array([_GROUP_OF_ROLE.get(role, ALLIED) for role in ROLES], np.int8)
    group = table[clinicians.role]
    return np.where(clinicians.hub, np.where(group == GP, HUB_GP, HUB_OTHER), group).astype(np.int8)


def open_book(
    clinicians: Clinicians, rota: Rota, first_day: int, days: int, same_day_share: float
) -> Slots:
    """Return the book of a rota with every slot free.

    ``same_day_share`` of the slots of the practice's GPs is kept for the day, of others
    as much as ``_KEPT`` says, spread evenly over each session.
    """
    size, group = clinicians.size, groups_of(clinicians)
    inside = (rota.day >= first_day) & (rota.day < first_day + days)
    count = np.where(inside, rota.slots, 0).astype(np.int64)
    session = np.repeat(np.arange(len(count)), count)
    number = np.arange(len(session)) - np.repeat(np.cumsum(count) - count, count)
    minute = rota.start_minute[session] + number * rota.slot_minutes[session]
    place = (rota.day[session].astype(np.int64) - first_day) * size + rota.staff[session]
    order = np.argsort(place * 1440 + minute, kind="stable")
    session, place = session[order], place[order]
    kept_share = np.array([min(_KEPT.get(g, 0.0) * same_day_share, 1.0) for g in range(GROUPS)])
    share = kept_share[group[rota.staff[session]]]
    # Counted through the whole book, so that short sessions do not all round the same way.
    nth = np.arange(len(session))
    kept = np.floor((nth + 1) * share) > np.floor(nth * share)
    slot = np.zeros(len(session), SLOT)
    slot["day"], slot["staff"] = place // max(size, 1), rota.staff[session]
    slot["minute"], slot["length"] = minute[order], rota.slot_minutes[session]
    slot["site"], slot["group"] = rota.site[session], group[rota.staff[session]]
    slot["kept"] = kept
    cell = np.zeros(days * size + 1, CELL)
    cell["start"][1:] = np.cumsum(np.bincount(place, minlength=days * size))
    cell["kept_left"][:-1] = np.bincount(place[kept], minlength=days * size)
    cell["open_left"][:-1] = np.bincount(place[~kept], minlength=days * size)
    worked = (rota.day[inside].astype(np.int64) - first_day) * size + rota.staff[inside]
    cell["sessions"][:-1] = np.bincount(worked, minlength=days * size)
    at = slot["day"][~kept] * GROUPS + slot["group"][~kept]
    member = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[member], np.arange(GROUPS + 1)) + GROUPS + 1
    return Slots(
        days=days,
        clinicians=size,
        slot=slot,
        cell=cell,
        room=np.bincount(at, minlength=days * GROUPS).astype(np.int32),
        member=np.concatenate((bounds, member)).astype(np.int32),
    )


def at_home(slots: Slots) -> npt.NDArray[np.bool_]:
    """Return by day whether anyone of the practice itself works, the hub apart."""
    home = slots.member[slots.member[GP] : slots.member[HUB_GP]]
    sessions = slots.cell["sessions"][:-1].reshape(slots.days, slots.clinicians)
    return sessions[:, home].sum(axis=1) > 0


_slot_array, _cell_array = slots_type.types[2], slots_type.types[3]


@compiled(types.int64, _slot_array, _cell_array, integer, integer, boolean)
def first_free(slot: Any, cell: Any, at: int, minute: int, with_kept: bool) -> int:
    """Return the first free slot of cell ``at`` that starts at ``minute`` or later; -1: none."""
    left = cell[at].open_left
    if with_kept:
        left += cell[at].kept_left
    if left == 0:
        return -1
    for row in range(cell[at].start, cell[at + 1].start):
        this = slot[row]
        if this.taken == 0 and this.minute >= minute and (with_kept or this.kept == 0):
            return row
    return -1


@compiled(void, slots_type, integer, integer)
def _count(slots: Any, row: int, change: int) -> None:
    this = slots.slot[row]
    cell = slots.cell[this.day * slots.clinicians + this.staff]
    if this.kept != 0:
        cell.kept_left += change
    else:
        cell.open_left += change
        slots.room[this.day * GROUPS + this.group] += change


@compiled(void, slots_type, integer)
def take(slots: Any, row: int) -> None:
    """Give a free slot away."""
    slots.slot[row].taken = 1
    _count(slots, row, -1)


@compiled(void, slots_type, integer)
def release(slots: Any, row: int) -> None:
    """Make a taken slot free again, open or kept as it was."""
    slots.slot[row].taken = 0
    _count(slots, row, 1)

"""Each patient's home practice: the group in which all of the patient's rows lie.

It is worked out anew at every load from all rows, so that it does not depend
on the order in which they came: the practice of the registration on the last
day with a contact, else the practice of the last contact, else the practice in
the patients table, else none. It decides where rows lie, not what is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.store.contacts import took_place
from hamlets.records.store.schema import NO_CODE

pc: Any = compute

Codes = npt.NDArray[np.int32]
Rows = Callable[[str, list[str]], Iterator[Any]]
"""(table, stored columns) -> the rows of the new version, part by part."""

OPEN_DAY = 2**31 - 1
"""The last day, where the store has no contact: only open registrations hold."""
_DAYS_BEFORE_1970 = 719_163
_ALWAYS = 2**22 - 1
_U = np.uint64


def home_practices(rows: Rows, size: int, practices: list[str], last_contact: int) -> Codes:
    """Return the home practice code of each of ``size`` patient codes.

    ``practices`` are the practice ids by code; ``last_contact`` the day number
    of the last contact that took place.
    """
    order = sorted(range(len(practices)), key=lambda code: practices[code].encode())
    by_rank = np.array([*order, NO_CODE], np.int32)
    rank = np.empty(len(practices), np.int64)
    rank[order] = np.arange(len(practices))

    home = np.full(size, NO_CODE, np.int32)
    registered, has_rows = _registered(rows, size, rank, by_rank, last_contact)
    listed, listed_now = _listed(rows, size, rank, last_contact)
    np.copyto(home, registered)
    fallback = (home == NO_CODE) & listed_now & ~has_rows
    home[fallback] = listed[fallback]
    if (home == NO_CODE).any():
        seen = _last_seen(rows, size, rank, by_rank)
        np.copyto(home, seen, where=home == NO_CODE)
        np.copyto(home, listed, where=home == NO_CODE)
    return home


def holding_practices(
    rows: Rows, size: int, practices: list[str], last_contact: int
) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Return the practice that each patient is now with, and whom only contacts tell it of.

    A patient whose registrations have all ended is with none. One of whom nothing is said is
    with the practice of the last contact. Arguments as for ``home_practices``.
    """
    order = sorted(range(len(practices)), key=lambda code: practices[code].encode())
    by_rank = np.array([*order, NO_CODE], np.int32)
    rank = np.empty(len(practices), np.int64)
    rank[order] = np.arange(len(practices))

    found, has_rows = _registered(rows, size, rank, by_rank, last_contact)
    listed, listed_now = _listed(rows, size, rank, last_contact)
    by_list = (found == NO_CODE) & listed_now & ~has_rows
    found[by_list] = listed[by_list]
    by_contacts = (found == NO_CODE) & ~has_rows & (listed == NO_CODE)
    if by_contacts.any():
        seen = _last_seen(rows, size, rank, by_rank)
        found[by_contacts] = seen[by_contacts]
    return found, by_contacts


def _days(column: Any, otherwise: int) -> npt.NDArray[np.int64]:
    days = column.cast(pa.int32()).cast(pa.int64()).fill_null(otherwise - _DAYS_BEFORE_1970)
    return np.clip(days.to_numpy() + _DAYS_BEFORE_1970, 0, _ALWAYS)


def _registered(
    rows: Rows, size: int, rank: npt.NDArray[np.int64], by_rank: Codes, last_contact: int
) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Return the practice registered with on the last day, and who has any registration.

    Overlaps: the one that started last, then ended last, then the highest id.
    """
    best = np.zeros(size, np.uint64)
    has_rows = np.zeros(size, np.bool_)
    day = min(last_contact + _DAYS_BEFORE_1970, _ALWAYS - 1)
    for part in rows("registrations", ["patient", "practice", "from_date", "to_date"]):
        patient = part.column("patient").to_numpy()
        has_rows[patient] = True
        start, end = _days(part.column("from_date"), 0), _days(part.column("to_date"), _ALWAYS)
        practice = part.column("practice").to_numpy()
        holds = (start <= day) & (end > day) & (practice >= 0)
        # One number that orders as (start, end, practice id) and is never zero.
        order = (
            (start[holds].astype(_U) << _U(42))
            | (end[holds].astype(_U) << _U(20))
            | rank[practice[holds]].astype(_U)
        )
        np.maximum.at(best, patient[holds], order)
    place = np.where(best > 0, (best & _U(2**20 - 1)).astype(np.int64), -1)
    return by_rank[place], has_rows


def _listed(
    rows: Rows, size: int, rank: npt.NDArray[np.int64], last_contact: int
) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Return the practice in the patients table, and for whom it holds on the last day."""
    listed = np.full(size, NO_CODE, np.int32)
    now = np.zeros(size, np.bool_)
    day = min(last_contact + _DAYS_BEFORE_1970, _ALWAYS - 1)
    columns = ["patient", "practice", "registered_from", "registered_to"]
    for part in rows("patients", columns):
        patient = part.column("patient").to_numpy()
        listed[patient] = part.column("practice").to_numpy()
        start = _days(part.column("registered_from"), 0)
        end = _days(part.column("registered_to"), _ALWAYS)
        now[patient] = (start <= day) & (end > day)
    return listed, now


def _last_seen(rows: Rows, size: int, rank: npt.NDArray[np.int64], by_rank: Codes) -> Codes:
    """Return the practice of the last contact; of the last appointment where none took place."""
    best = np.zeros(size, np.uint64)
    columns = ["patient", "practice", "start_day", "start_second", "status"]
    for part in rows("appointments", columns):
        patient = part.column("patient").to_numpy()
        practice = part.column("practice").to_numpy()
        known = practice >= 0
        met = took_place(part.column("status").to_numpy())
        order = (
            (met.astype(_U) << _U(63))
            | (_days(part.column("start_day"), 0).astype(_U) << _U(41))
            | (part.column("start_second").to_numpy().astype(_U) << _U(24))
            | rank[np.maximum(practice, 0)].astype(_U)
        )
        np.maximum.at(best, patient[known], order[known])
    place = np.where(best > 0, (best & _U(2**24 - 1)).astype(np.int64), -1)
    return by_rank[place]

"""The order of rows inside a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.store.comparing import as_integers, ranks, text_ranks
from hamlets.records.store.schema import stored_key

Order = npt.NDArray[np.int64]

_DAYS_BEFORE_1970 = 719_163
_U = np.uint64


@dataclass(frozen=True)
class Names:
    """What the order needs to know beside the rows: places in the order of names."""

    staff: npt.NDArray[np.int64]
    """Place of each staff code in the order of staff ids; the last is for no staff."""
    source: npt.NDArray[np.int64]


def ordering_names(staff: list[str], sources: list[str]) -> Names:
    """Return the places of staff ids and source names in UTF-8 order."""
    staff_rank = np.append(text_ranks(pa.array(staff, pa.string()))[: len(staff)], np.int64(-1))
    return Names(staff_rank, text_ranks(pa.array(sources, pa.string())))


def in_order(table: str, rows: Any, names: Names) -> Any:
    """Return a group's rows in the store's order."""
    if rows.num_rows < 2:
        return rows
    if table == "appointments":
        order = _by_time(rows, names)
    else:
        columns = [ranks(rows.column(name)) for name in stored_key(table)]
        order = np.lexsort(columns[::-1])
    if (order[1:] > order[:-1]).all():
        return rows
    return rows.take(pa.array(order))


def _by_time(rows: Any, names: Names) -> Order:
    """Order by patient, day, minute; of equal ones by appointment id, staff id, source.

    The first three fit into one integer. Ties are few, so only they are
    compared as text.
    """
    patient = rows.column("patient").to_numpy().astype(_U)
    day = (as_integers(rows.column("start_day")) + _DAYS_BEFORE_1970).astype(_U)
    minute = (rows.column("start_second").to_numpy() // 60).astype(_U)
    when = (patient << _U(33)) | (day << _U(11)) | minute
    # Stored rows and new ones are two sorted runs: this sort merges those in one pass.
    order = np.argsort(when, kind="stable")
    sorted_ = when[order]
    tie = sorted_[1:] == sorted_[:-1]
    if tie.any():
        member = np.zeros(order.size, np.bool_)
        member[:-1] |= tie
        member[1:] |= tie
        slots = np.flatnonzero(member)
        tied = order[slots]
        order[slots] = tied[_by_text(rows.take(pa.array(tied)), sorted_[slots], names)]
    return order


def _by_text(rows: Any, when: npt.NDArray[np.uint64], names: Names) -> Order:
    return np.lexsort(
        (
            names.source[rows.column("source").to_numpy()],
            names.staff[rows.column("staff").to_numpy()],
            text_ranks(rows.column("appointment_id")),
            when,
        )
    )

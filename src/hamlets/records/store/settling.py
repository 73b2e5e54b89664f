"""Staged rows made final: one code a person, an id for every appointment, keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.store.comparing import row_keys
from hamlets.records.store.encoding import ID_HIGH, ID_LOW
from hamlets.records.store.hashing import combine, hash_integers, hex_texts
from hamlets.records.store.staging import StagedTable

U64 = npt.NDArray[np.uint64]


def settle(staged: StagedTable, remap: npt.NDArray[np.int32] | None) -> None:
    """Give staged rows their last form and set ``staged.key``.

    ``remap`` is the person's code by patient code, where people were merged.
    """
    ordinals = _Ordinals(staged)
    keys: list[npt.NDArray[np.int64]] = []
    for index, (_, rows) in enumerate(staged.batches()):
        changed = False
        if remap is not None and "patient" in rows.column_names:
            rows = _set(rows, "patient", pa.array(remap[rows.column("patient").to_numpy()]))
            changed = True
        if ID_HIGH in rows.column_names:
            rows = _with_ids(rows, ordinals.next(rows))
            changed = True
        key = row_keys(staged.name, rows)
        if staged.name == "appointments":
            rows = _set(rows, "key", pa.array(key))
            changed = True
        if changed:
            staged.replace(index, rows)
        keys.append(key)
    staged.key = np.concatenate(keys) if keys else np.zeros(0, np.int64)


def _set(rows: Any, name: str, values: Any) -> Any:
    return rows.set_column(rows.column_names.index(name), rows.schema.field(name), values)


def _with_ids(rows: Any, ordinals: npt.NDArray[np.int64]) -> Any:
    """Fill missing appointment ids with the hash of the row and its ordinal."""
    words = hash_integers(ordinals)
    high, low = (combine(rows.column(n).to_numpy(), words) for n in (ID_HIGH, ID_LOW))
    rows = rows.drop_columns([ID_HIGH, ID_LOW])
    column = rows.column("appointment_id").combine_chunks()
    missing = column.is_null()
    made = hex_texts(high, low)
    filled = made if column.null_count == len(column) else _choose(missing, made, column)
    return _set(rows, "appointment_id", filled)


def _choose(missing: Any, made: Any, given: Any) -> Any:
    import pyarrow.compute as pc

    return pc.if_else(missing, made, given)  # type: ignore[attr-defined]


class _Ordinals:
    """Counts equal rows of the load: the second of two gets 1, and so on."""

    def __init__(self, staged: StagedTable) -> None:
        self._at = 0
        hashes = [
            (rows.column(ID_HIGH).to_numpy(), rows.column(ID_LOW).to_numpy())
            for rows in _without_ids(staged)
        ]
        if not hashes:
            return
        high = np.concatenate([word for word, _ in hashes])
        low = np.concatenate([word for _, word in hashes])
        self._ordinals = _ordinals(high, low)

    def next(self, rows: Any) -> npt.NDArray[np.int64]:
        """Return the ordinals of the next batch that lacks ids."""
        found = self._ordinals[self._at : self._at + rows.num_rows]
        self._at += rows.num_rows
        return found


def _without_ids(staged: StagedTable) -> Iterator[Any]:
    for _, rows in staged.batches():
        if ID_HIGH in rows.column_names:
            yield rows


def _ordinals(high: U64, low: U64) -> npt.NDArray[np.int64]:
    order = np.lexsort((np.arange(high.size), low, high)) if _repeats(high) else None
    if order is None:
        return np.zeros(high.size, np.int64)
    high, low = high[order], low[order]
    first = np.ones(order.size, np.bool_)
    first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    place = np.arange(order.size)
    start = np.maximum.accumulate(np.where(first, place, 0))
    found = np.empty(order.size, np.int64)
    found[order] = place - start
    return found


def _repeats(values: U64) -> bool:
    ordered = np.sort(values)
    return bool((ordered[1:] == ordered[:-1]).any())

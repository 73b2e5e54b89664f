"""Rows that a source says are deleted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.store.comparing import row_keys
from hamlets.records.store.dictionaries import NO_SOURCE
from hamlets.records.store.encoding import Encoder
from hamlets.records.store.files import read_file
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import FileEntry
from hamlets.records.store.matching import Drops, Mask, Tally
from hamlets.records.store.schema import stored_columns, stored_key
from hamlets.records.store.staging import StagedTable

pc: Any = compute

DELETABLE = ("appointments", "patients", "staff", "practices", "networks", "sites", "teams",
             "slots")  # fmt: skip
"""Tables whose rows go by an id of their own, the first column of their key."""


def deleted_values(table: str, ids: list[str], encoder: Encoder) -> Any:
    """Return the stored values of deleted ids, as an array of the table's id column.

    For appointments these are the keys. Ids that the store does not know are left out.
    """
    if table == "appointments":
        source = np.full(len(ids), encoder.source, np.int16)
        return pa.array(row_keys(table, pa.table({"source": source, "appointment_id": ids})))
    name = stored_key(table)[0]
    column = next(c for c in stored_columns(table, encoder.identifiable) if c.name == name)
    if column.code is None:
        scoped = table in ("teams", "slots")
        return pa.array([encoder.scoped(i) if scoped else i for i in ids], pa.string())
    if column.code == "patient":
        codes = encoder.patients.known(ids, encoder.source_name)
    else:
        source = NO_SOURCE if column.code == "practice" else encoder.source
        codes = [c for i in ids if (c := encoder.codes[column.code].known(source, i)) is not None]
    return pa.array(codes, pa.int32())


def delete(
    layout: Layout,
    entries: list[FileEntry],
    staged: StagedTable,
    drops: Drops,
    tally: Tally,
    ids: list[str],
    encoder: Encoder,
    only: int | None = None,
) -> bool:
    """Leave deleted rows out, those that the store holds and those of the load itself.

    ``only`` is a practice's code: rows of others stay. Returns whether any stayed for that.
    """
    values = deleted_values(staged.name, ids, encoder)
    stayed = False
    if len(values) == 0:
        return stayed
    for entry in entries:
        columns = _columns(staged.name)
        if only is not None:
            columns += ["practice"] if staged.name != "networks" else []
        rows = read_file(layout, entry, columns)
        gone = _is_deleted(staged.name, rows, values, ids, encoder)
        if only is not None:
            own = _of_practice(rows, only)
            stayed |= bool((gone & ~own).any())
            gone &= own
        already = drops.mask(entry)
        if already is not None:
            gone &= ~already
        tally.deleted += int(gone.sum())
        drops.add(entry, np.flatnonzero(gone))
    for start, rows in staged.batches():
        gone = _is_deleted(staged.name, rows, values, ids, encoder)
        if only is not None:  # rows that the store had, placed anew, may be another's
            gone &= _of_practice(rows, only)
        span = staged.keep[start : start + rows.num_rows]
        gone &= span
        tally.withdrawn += int(gone[max(0, staged.restaged - start) :].sum())
        span[gone] = False
    return stayed


def _of_practice(rows: Any, practice: int) -> Mask:
    if "practice" not in rows.column_names:  # of no one practice
        return np.zeros(rows.num_rows, np.bool_)
    return rows.column("practice").to_numpy() == practice


def _columns(table: str) -> list[str]:
    if table == "appointments":
        return ["key", "source", "appointment_id"]
    return [stored_key(table)[0]]


def _is_deleted(table: str, rows: Any, values: Any, ids: list[str], encoder: Encoder) -> Mask:
    column = rows.column("key" if table == "appointments" else stored_key(table)[0])
    found = pc.is_in(column, value_set=values).to_numpy()
    if table == "appointments" and found.any():
        # A key is a hash: the id itself decides.
        same = pc.is_in(rows.column("appointment_id"), value_set=pa.array(ids, pa.string()))
        found &= same.to_numpy() & (rows.column("source").to_numpy() == encoder.source)
    return found.copy()

"""Which rows are the same row, and which say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.store.hashing import combine, hash_integers, hash_texts
from hamlets.records.store.schema import stored_key

pc: Any = compute

Mask = npt.NDArray[np.bool_]
_NULL = np.iinfo(np.int64).min


def as_integers(column: Any) -> npt.NDArray[np.int64]:
    """Return a column of numbers, dates, times or booleans as integers; null comes first."""
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    column = column.cast(pa.int64())
    if column.null_count:
        column = column.fill_null(int(_NULL))
    return column.to_numpy()


def text_ranks(column: Any) -> npt.NDArray[np.int64]:
    """Return each text's place in the order of UTF-8 bytes; null comes first."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    encoded = column.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order) + 1, np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = _NULL
    return rank[encoded.indices.fill_null(-1).to_numpy()]


def ranks(column: Any) -> npt.NDArray[np.int64]:
    """Return integers in the order of a column's values."""
    return text_ranks(column) if pa.types.is_string(column.type) else as_integers(column)


def row_keys(table: str, rows: Any) -> npt.NDArray[np.int64]:
    """Return a hash of the columns that tell a table's rows apart."""
    found: Any = None
    for name in stored_key(table):
        column = rows.column(name)
        is_text = pa.types.is_string(column.type)
        hashed = hash_texts(column) if is_text else hash_integers(as_integers(column))
        found = hashed if found is None else combine(found, hashed)
    return found.view(np.int64)


def rows_equal(first: Any, second: Any, columns: list[str]) -> Mask:
    """Return which rows of two tables agree in these columns; null equals null."""
    same = np.ones(first.num_rows, np.bool_)
    for name in columns:
        a, b = first.column(name), second.column(name)
        agree = pc.equal(a, b).fill_null(False)
        if a.null_count and b.null_count:
            agree = pc.or_(agree, pc.and_(pc.is_null(a), pc.is_null(b)))
        same &= agree.to_numpy()
    return same


def exact_groups(rows: Any, columns: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return a number per row that two rows share when they agree in all these columns."""
    found = np.zeros(rows.num_rows, np.int64)
    for name in columns:
        _, codes = np.unique(ranks(rows.column(name)), return_inverse=True)
        wide = found * np.int64(codes.max(initial=0) + 1) + codes
        _, found = np.unique(wide, return_inverse=True)
    return found

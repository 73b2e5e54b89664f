"""Arrow columns as numpy arrays in the shapes the kernel takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Open ends of dated rows, in days since 1970; far from overflow when compared or subtracted.
ALWAYS = -(2**30)
NEVER = 2**30

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int8 = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


def one_chunk(column: Any) -> Any:
    """Return a chunked column as one Arrow array."""
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


def whole(table: pa.Table, name: str, dtype: Any = np.int32) -> npt.NDArray[Any]:
    """Return a column without nulls as a contiguous array; zero-copy where types agree."""
    array = one_chunk(table.column(name))
    if isinstance(array, pa.ChunkedArray):  # no chunks at all
        return np.empty(0, dtype=dtype)
    if pa.types.is_date32(array.type):
        array = array.cast(pa.int32())
    values = array.to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(values, dtype=dtype)


def days(table: pa.Table, name: str, blank: int) -> Int32:
    """Return a date column as days since 1970, ``blank`` where it is null or absent."""
    if name not in table.column_names:
        return np.full(table.num_rows, blank, dtype=np.int32)
    column: Any = table.column(name).cast(pa.int32())
    return whole(pa.table({name: pc.fill_null(column, blank)}), name)


def texts(table: pa.Table, name: str) -> list[str | None]:
    """Return a text column as a list, None where it is null or absent."""
    if name not in table.column_names:
        return [None] * table.num_rows
    return table.column(name).to_pylist()


def offsets(groups: Int32, size: int) -> Int32:
    """Return where each of ``size`` groups begins in sorted group numbers (length size + 1)."""
    return np.searchsorted(groups, np.arange(size + 1)).astype(np.int32)

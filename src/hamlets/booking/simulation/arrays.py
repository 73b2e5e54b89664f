"""Arrow columns of the canonical tables from plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.booking.simulation.world import OPEN

Ints = npt.NDArray[np.int64]


def chosen(words: Sequence[str], positions: npt.NDArray[Any]) -> pa.DictionaryArray:
    """Return the word at each position; null below 0."""
    index = np.asarray(positions, np.int32)
    distinct = list(dict.fromkeys(words))
    if len(distinct) < len(words):
        # a word twice in a dictionary leaves bytes unset in the Parquet file
        place = np.array([distinct.index(word) for word in words], np.int32)
        index, words = np.where(index < 0, index, place[index]), distinct
    return pa.DictionaryArray.from_arrays(
        pa.array(index, pa.int32(), mask=index < 0), pa.array(list(words), pa.string())
    )


def numbered(prefix: str, numbers: npt.NDArray[Any], digits: int) -> pa.StringArray:
    """Return the prefix and each number with leading zeros, all of one width."""
    count = numbers.size
    head = np.frombuffer(prefix.encode(), np.uint8)
    width = head.size + digits
    text = np.empty((count, width), np.uint8)
    text[:, : head.size] = head
    rest = numbers.astype(np.int64)
    for place in range(width - 1, head.size - 1, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ord("0")
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def day_column(days: npt.NDArray[Any]) -> pa.Array:
    """Return dates; OPEN is null."""
    values = np.asarray(days, np.int32)
    return pa.array(values, pa.int32(), mask=values == OPEN).cast(pa.date32())


def time_column(days: npt.NDArray[Any], minutes: npt.NDArray[Any]) -> pa.Array:
    """Return times to the minute."""
    seconds = days.astype(np.int64) * 86_400 + minutes.astype(np.int64) * 60
    return pa.array(seconds, pa.int64()).cast(pa.timestamp("s"))


def value_column(values: npt.NDArray[Any]) -> pa.DictionaryArray:
    """Return numbers as text with at most one decimal; NaN is null."""
    known = ~np.isnan(values)
    tenths = np.where(known, np.round(np.where(known, values, 0).astype(np.float64) * 10), 0)
    distinct, index = np.unique(tenths.astype(np.int64), return_inverse=True)
    words = [f"{t // 10}" if t % 10 == 0 else f"{t / 10:.1f}" for t in distinct.tolist()]
    return chosen(words, np.where(known, index, -1))

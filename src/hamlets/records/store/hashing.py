"""Stable 64-bit hashes of whole columns.

They index rows; equality is always checked on the values themselves. The
functions are part of the store's format: appointments keep their ``key``, and
appointment ids made here must come out the same in every later load.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

U64 = npt.NDArray[np.uint64]

_A = np.uint64(0x9E3779B97F4A7C15)
_B = np.uint64(0xBF58476D1CE4E5B9)
_C = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31 = np.uint64(30), np.uint64(27), np.uint64(31)
_TAIL = np.array([(1 << (8 * n)) - 1 for n in range(8)], dtype=np.uint64)
_NULL = np.uint64(0xD6E8FEB86659FD93)


def mix(values: U64) -> U64:
    """Return each value scrambled (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        x = values + _A
        x ^= x >> _S30
        x *= _B
        x ^= x >> _S27
        x *= _C
        x ^= x >> _S31
    return x


def combine(first: U64, second: U64) -> U64:
    """Return a hash of two hashes that minds their order."""
    with np.errstate(over="ignore"):
        return mix(first * _C ^ second)


def hash_integers(values: npt.NDArray[Any], seed: int = 0) -> U64:
    """Return a hash of each integer."""
    with np.errstate(over="ignore"):
        return mix(values.astype(np.int64).view(np.uint64) ^ mix(np.array([seed], np.uint64)))


def hash_texts(column: Any, seed: int = 0) -> U64:
    """Return a hash of each text of an Arrow string column; nulls have one of their own."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [_hash_chunk(chunk, seed) for chunk in chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _hash_chunk(chunk: Any, seed: int) -> U64:
    _, offsets_buffer, data = chunk.buffers()
    n = len(chunk)
    offsets = np.frombuffer(offsets_buffer, np.int32)[chunk.offset : chunk.offset + n + 1]
    starts = offsets[:-1].astype(np.int64)
    lengths = np.diff(offsets).astype(np.int64)
    low, high = int(offsets[0]), int(offsets[-1])
    # Eight spare bytes, so that the last word of the last text can be read whole.
    padded = np.zeros(high - low + 8, np.uint8)
    if high > low:
        padded[:-8] = np.frombuffer(data, np.uint8)[low:high]
    words = np.ndarray(high - low + 1, "<u8", padded.data, strides=(1,))
    found = mix(lengths.view(np.uint64) ^ mix(np.array([seed], np.uint64)))
    starts -= low
    rows: Any = slice(None)
    for k in range(0, int(lengths.max(initial=0)), 8):
        left = lengths - k
        if int(left.min()) <= 0:
            rows = np.flatnonzero(left > 0)
        found[rows] = _add_word(found[rows], words, starts[rows] + k, left[rows])
    if chunk.null_count:
        found[chunk.is_null().to_numpy(zero_copy_only=False)] = _NULL
    return found


def _add_word(
    found: U64, words: U64, at: npt.NDArray[np.int64], left: npt.NDArray[np.int64]
) -> U64:
    word = words[np.minimum(at, words.size - 1)]
    short = left < 8
    if short.any():
        word[short] &= _TAIL[np.maximum(left[short], 0)]
    return combine(found, word)


_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


def hex_texts(*words: U64) -> Any:
    """Return an Arrow string array: each row's words as hexadecimal, 16 digits a word."""
    n = len(words[0])
    data = np.stack(words, axis=1).astype(">u8").view(np.uint8).reshape(n, -1)
    digits = np.empty((n, data.shape[1] * 2), np.uint8)
    digits[:, 0::2] = _HEX[data >> 4]
    digits[:, 1::2] = _HEX[data & 15]
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(digits.shape[1])
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(digits))

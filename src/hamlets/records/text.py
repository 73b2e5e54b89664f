"""Text cells: trimming, blanks, bytes, and what class of value a cell holds.

Refusals name the class of a value, never the value: it may identify someone.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

_NUMBER = re.compile(r"[+-]?\d[\d ,]*(\.\d*)?")
_DATE_LIKE = re.compile(r"\d{1,4}[-/. ][A-Za-z0-9]{1,9}[-/. ]\d{1,4}.*")
_LONG = 200


def value_class(text: str | None) -> str:
    """Return the class of a value: blank, number, date-like, text or long text."""
    if text is None or not text.strip():
        return "blank"
    if len(text) > _LONG:
        return "long text"
    if _NUMBER.fullmatch(text):
        return "number"
    return "date-like" if _DATE_LIKE.fullmatch(text) else "text"


def safe_word(text: str) -> str:
    """Return a word that may be shown to users, or its class in brackets.

    A column mapped by mistake may hold names or numbers of patients, so words
    with many digits or much text are not shown.
    """
    if len(text) > 60 or sum(c.isdigit() for c in text) > 5 or "@" in text:
        return f"({value_class(text)})"
    return "".join(c if c.isprintable() else "?" for c in text)


def as_text(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column of any type as one trimmed string array, blanks as null."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_floating(array.type):
        array = _whole_numbers_as_integers(array)
    if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        array = _decode(array)
    if array.type != pa.string():
        array = array.cast(pa.string())
    return _blank_to_null(_trim(array))


def _whole_numbers_as_integers(array: pa.Array) -> pa.Array:
    """Return 12.0 as "12": spreadsheets and data frames turn codes into floats."""
    array = pc.if_else(pc.is_nan(array), None, array)
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        return array


def _decode(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array(
            [None if v is None else v.decode("utf-8", "replace") for v in array.to_pylist()],
            pa.string(),
        )


def as_mask(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Return a boolean array without nulls as numpy (Arrow's own way imports pandas)."""
    return array.cast(pa.uint8()).to_numpy().view(np.bool_)


def text_bytes(
    array: pa.Array,
) -> tuple[
    npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]
]:
    """Return (bytes, start of each cell, length of each cell, which are not null)."""
    _, offset_buffer, data_buffer = array.buffers()
    size = len(array)
    valid = as_mask(pc.is_valid(array))
    if size == 0 or offset_buffer is None:
        none = np.zeros(size, dtype=np.int64)
        return np.zeros(0, dtype=np.uint8), none, none, valid
    offsets = np.frombuffer(offset_buffer, np.int32)[array.offset : array.offset + size + 1]
    starts = offsets[:-1].astype(np.int64)
    lengths = np.diff(offsets).astype(np.int64)
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer else np.zeros(0, dtype=np.uint8)
    return data, starts, lengths, valid


def text_lengths(array: pa.Array) -> npt.NDArray[np.int64]:
    """Return the bytes of each cell; 0 where null."""
    _, _, lengths, valid = text_bytes(array)
    return np.where(valid, lengths, 0)


def _trim(array: pa.Array) -> pa.Array:
    """Trim only where a first or last byte may be a space: most columns have none."""
    data, starts, lengths, _ = text_bytes(array)
    filled = lengths > 0
    if not len(data) or not filled.any():
        return array
    first = data[starts[filled]]
    last = data[starts[filled] + lengths[filled] - 1]
    edges = (first <= 32) | (first >= 128) | (last <= 32) | (last >= 128)
    if not edges.any():
        return array
    return pc.utf8_trim(pc.utf8_trim_whitespace(array), characters="\ufeff\u200b\u00a0 \t\r\n")


def _blank_to_null(array: pa.Array) -> pa.Array:
    _, _, lengths, valid = text_bytes(array)
    blank = valid & (lengths == 0)
    if not blank.any():
        return array
    return pc.if_else(pa.array(~blank), array, pa.scalar(None, pa.string()))


def rows_with_byte(array: pa.Array, byte: int) -> npt.NDArray[np.bool_]:
    """Return which cells hold this byte."""
    data, starts, lengths, _ = text_bytes(array)
    where = np.flatnonzero(data == byte)
    if not len(where):
        return np.zeros(len(array), dtype=bool)
    before = np.searchsorted(where, starts)
    return np.searchsorted(where, starts + lengths) > before

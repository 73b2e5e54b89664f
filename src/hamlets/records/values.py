"""Words, numbers and yes/no in text columns -> codes and typed Arrow arrays.

Each distinct value is looked at once: columns of these kinds have few.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.text import value_class

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_YES = frozenset({"true", "t", "1", "1.0", "yes", "y"})
_NO = frozenset({"false", "f", "0", "0.0", "no", "n"})
_WHOLE = 2**31


@dataclass(frozen=True)
class Read:
    """A typed array; what could not be read, with counts; and in which rows."""

    array: pa.Array
    unread: Counter[str]
    faulty: npt.NDArray[np.bool_]


def _by_distinct(
    text: pa.Array, read: Callable[[str], object | None], name: Callable[[str], str]
) -> tuple[list[object | None], npt.NDArray[np.int64], Counter[str]]:
    """Return each distinct value's reading, each row's position in it (-1 = blank), misses."""
    encoded = text.dictionary_encode()
    distinct: list[str] = encoded.dictionary.to_pylist()
    readings = [read(value) for value in distinct]
    positions = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    unread: Counter[str] = Counter()
    missing = [i for i, reading in enumerate(readings) if reading is None]
    if missing:
        counts = np.bincount(positions[positions >= 0], minlength=len(distinct))
        for i in missing:
            unread[name(distinct[i])] += int(counts[i])
    return readings, positions, unread


def read_codes(text: pa.Array, words: Mapping[str, str], vocabulary: Sequence[str]) -> Read:
    """Return int8 codes of a vocabulary: the source's words first, then our own.

    A blank is 0; so is a word without a meaning, which is counted as unread.
    """
    code_of = {word: code for code, word in enumerate(vocabulary)}
    code_of.update({word: code_of[ours] for word, ours in words.items() if ours in code_of})

    def read(value: str) -> int | None:
        low = value.strip().lower()
        return code_of.get(low, code_of.get(re.sub(r"[\s-]+", "_", low)))

    readings, positions, unread = _by_distinct(text, read, lambda value: value)
    codes = np.array([*(r or 0 for r in readings), 0], dtype=np.int8)
    faulty = np.array([*(r is None for r in readings), False], dtype=bool)
    return Read(pa.array(codes[positions]), unread, faulty[positions])


def map_words(text: pa.Array, words: Mapping[str, str]) -> pa.Array:
    """Return the text with the source's words replaced; others stay as they are."""
    encoded = text.dictionary_encode()
    replaced = [words.get(v.strip().lower(), v) for v in encoded.dictionary.to_pylist()]
    return pa.array(replaced, pa.string()).take(encoded.indices)


def read_booleans(text: pa.Array) -> Read:
    """Return true and false; anything but yes, no, y, n, 1, 0, true, false is unread."""

    def read(value: str) -> bool | None:
        low = value.lower()
        return True if low in _YES else False if low in _NO else None

    readings, positions, unread = _by_distinct(text, read, _class_name)
    return _typed(readings, positions, unread, pa.bool_())


def read_numbers(
    text: pa.Array, *, whole: bool, low: float | None = None, high: float | None = None
) -> Read:
    """Return float64, or int32 where ``whole``; other text and what is out of range is unread."""

    def read(value: str) -> float | int | None:
        if _NUMBER.fullmatch(value) is None:
            return None
        number = float(value)
        if not math.isfinite(number) or (low is not None and number < low):
            return None
        if high is not None and number > high:
            return None
        if whole:
            return int(number) if number == int(number) and abs(number) < _WHOLE else None
        return number

    readings, positions, unread = _by_distinct(text, read, _class_name)
    return _typed(readings, positions, unread, pa.int32() if whole else pa.float64())


def _typed(
    readings: list[object | None],
    positions: npt.NDArray[np.int64],
    unread: Counter[str],
    kind: pa.DataType,
) -> Read:
    rows = pa.array([*readings, None], kind).take(pa.array(positions % (len(readings) + 1)))
    faulty = np.array([*(r is None for r in readings), False], dtype=bool)
    return Read(rows, unread, faulty[positions])


def _class_name(value: str) -> str:
    """Name a value that may not be shown by its class."""
    return f"({value_class(value)})"

"""Groups as whole numbers: local codes inside one home practice, shared codes between them."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hamlets.continuity.columns import Int32, Int64
from hamlets.errors import UsageError


@dataclass(frozen=True)
class Codes:
    """A group's local codes for patients or contacts.

    ``shared[local]`` is the code that means the same in every home practice.
    A local code below 0 is in no group.
    """

    values: Int32
    shared: Int32

    @property
    def size(self) -> int:
        return max(len(self.shared), 1)


def distinct_codes(values: Int32) -> Codes:
    """Return local codes for shared codes, in ascending order; below 0 stays outside."""
    top = int(values.max(initial=-1))
    used = np.zeros(top + 2, dtype=np.bool_)
    used[np.maximum(values, -1)] = True  # -1 is the last entry: outside
    used[-1] = False
    shared = np.flatnonzero(used).astype(np.int32)
    local = np.full(top + 2, -1, dtype=np.int32)
    local[shared] = np.arange(len(shared), dtype=np.int32)
    found = local[np.maximum(values, -1)]
    return Codes(found, shared if len(shared) else np.array([-1], dtype=np.int32))


@dataclass
class Labels:
    """Labels of text groups by shared code; safe to use from several threads."""

    _codes: dict[str, dict[str, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def codes(self, group: str, labels: Sequence[str]) -> Int32:
        """Return the shared code of each label, making new ones as needed."""
        with self._lock:
            known = self._codes.setdefault(group, {})
            return np.array([known.setdefault(w, len(known)) for w in labels], dtype=np.int32)

    def labels(self, group: str) -> list[str]:
        """Return the labels of a group by shared code."""
        return list(self._codes.get(group, {}))


LARGEST = 1 << 20
"""Groups beyond which only the combinations that occur get a cell."""


@dataclass(frozen=True)
class Cells:
    """A code over several groups together: ``values`` per patient or contact, -1 for none."""

    values: Int32
    sizes: tuple[int, ...]
    shared: tuple[Int32, ...]
    occurring: Int64 | None = None
    """Mixed-radix code of each cell, where only occurring combinations are cells."""

    @property
    def count(self) -> int:
        if self.occurring is not None:
            return max(len(self.occurring), 1)
        return math.prod(self.sizes)

    def keys(self, cells: Int64) -> Int64:
        """Return the shared codes of some cells, one row a cell, one column a group."""
        result = np.empty((len(cells), len(self.sizes)), dtype=np.int64)
        rest = cells if self.occurring is None else self.occurring[cells]
        for column in range(len(self.sizes) - 1, -1, -1):
            rest, local = np.divmod(rest, self.sizes[column])
            result[:, column] = self.shared[column][local]
        return result


def _mixed(groups: Sequence[Codes], length: int) -> Int64:
    """Return the mixed-radix code of several groups, -1 where any is below 0."""
    values = np.zeros(length, dtype=np.int64)
    outside: npt.NDArray[np.bool_] | None = None
    for codes in groups:
        values *= codes.size
        values += codes.values
        if length and codes.values.min() < 0:
            below = codes.values < 0
            outside = below if outside is None else outside | below
    if outside is not None:
        values[outside] = -1
    return values


def combine_each(sets: Sequence[Sequence[Codes]], length: int) -> list[Cells]:
    """Return cells of one layout for several sets of the same groups (one set a cohort).

    Raises UsageError where the groups have more combinations than can be numbered.
    """
    first = sets[0]
    sizes = tuple(c.size for c in first)
    shared = tuple(c.shared for c in first)
    if math.prod(sizes) >= 2**62:
        raise UsageError(
            "These are too many groups at once.", where="--by", hint="Name fewer groups."
        )
    mixed = [_mixed(groups, length) for groups in sets]
    if math.prod(sizes) <= LARGEST:
        return [Cells(m.astype(np.int32), sizes, shared) for m in mixed]
    occurring = np.unique(np.concatenate([m[m >= 0] for m in mixed]))
    cells: list[Cells] = []
    for m in mixed:
        values = np.searchsorted(occurring, m).astype(np.int32)
        values[m < 0] = -1
        cells.append(Cells(values, sizes, shared, occurring))
    return cells


def combine(groups: Sequence[Codes], length: int) -> Cells:
    """Return the cells of several groups together; -1 where any group is below 0."""
    return combine_each([groups], length)[0]


def sum_rows(keys: Int64, values: Int64) -> tuple[Int64, Int64]:
    """Return the distinct rows of ``keys``, sorted, and the sums of ``values`` over each."""
    if len(keys) == 0:
        return keys, values
    if keys.shape[1] == 0:
        return keys[:1], values.sum(axis=0, keepdims=True)
    order = np.lexsort(keys.T[::-1])
    keys, values = keys[order], values[order]
    new = np.empty(len(keys), dtype=bool)
    new[0] = True
    np.any(keys[1:] != keys[:-1], axis=1, out=new[1:])
    starts = np.flatnonzero(new)
    return keys[starts], np.add.reduceat(values, starts, axis=0)


def find_rows(keys: Int64, wanted: Int64) -> Int64:
    """Return the row of ``keys`` (distinct) that equals each row of ``wanted``, -1 where none."""
    if len(keys) == 0 or len(wanted) == 0:
        return np.full(len(wanted), -1, dtype=np.int64)
    if keys.shape[1] == 0:
        return np.zeros(len(wanted), dtype=np.int64)
    low = np.minimum(keys.min(axis=0), wanted.min(axis=0))
    sizes = np.maximum(keys.max(axis=0), wanted.max(axis=0)) - low + 1
    if math.prod(int(size) for size in sizes) >= 2**62:
        index = {tuple(row): i for i, row in enumerate(keys.tolist())}
        found = [index.get(tuple(row), -1) for row in wanted.tolist()]
        return np.array(found, dtype=np.int64)

    def coded(rows: Int64) -> Int64:
        code = np.zeros(len(rows), dtype=np.int64)
        for column in range(rows.shape[1]):
            code = code * sizes[column] + (rows[:, column] - low[column])
        return code

    ours, theirs = coded(keys), coded(wanted)
    order = np.argsort(ours)
    at = order[np.minimum(np.searchsorted(ours, theirs, sorter=order), len(ours) - 1)]
    return np.where(ours[at] == theirs, at, -1)


def distinct_rows(keys: Int64) -> tuple[Int64, Int64]:
    """Return the distinct rows and, for each row, which of them it is."""
    if len(keys) == 0:
        return keys, np.empty(0, dtype=np.int64)
    if keys.shape[1] == 0:
        return keys[:1], np.zeros(len(keys), dtype=np.int64)
    distinct, back = np.unique(keys, axis=0, return_inverse=True)
    return distinct, back.reshape(-1)


def total_by(groups: int, place: Int64, values: np.ndarray) -> np.ndarray:
    """Return the sum of values by group, in the order of the rows."""
    result = np.zeros(groups, dtype=values.dtype)
    np.add.at(result, place, values)
    return result


def practice_of_lists(
    by: tuple[str, ...], place: Int64, home: Int64, weight: Int64, groups: int
) -> Int64:
    """Return the practice of each row by list: the one with most weight; -1 without lists."""
    result = np.full(groups, -1, dtype=np.int64)
    if "list" not in by:
        return result
    keys, sums = sum_rows(np.stack([place, home], axis=1), weight[:, None])
    best = np.full(groups, -1, dtype=np.int64)
    for (group, practice), total in zip(keys.tolist(), sums[:, 0].tolist(), strict=True):
        if total > best[group]:
            best[group], result[group] = total, practice
    return result

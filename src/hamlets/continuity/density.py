"""Care density (Pollack 2013): how many patients a patient's clinicians share.

A second pass over the patients' distinct clinicians, within the scope of one
command; compare only within one scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hamlets.continuity.compiled import compiled, f8_, i4, i8, i8_, integer, types
from hamlets.continuity.dimensions import Int64
from hamlets.continuity.estimates import Floats
from hamlets.continuity.yields import PatientRows

ALL_LIMIT_ROWS = 10_000_000
"""Above this many rows care density is not part of ``--measures all``."""


@compiled(types.int64, i4, i4, integer, i8_)
def pairs_of(offset: Any, people: Any, size: int, result: Any) -> int:
    """Write every pair of each patient's clinicians as ``a * size + b``, a < b; return how many."""
    n = 0
    for p in range(offset.size - 1):
        for i in range(offset[p], offset[p + 1]):
            for j in range(i + 1, offset[p + 1]):
                a = np.int64(min(people[i], people[j]))
                result[n] = a * size + max(people[i], people[j])
                n += 1
    return n


@compiled(types.void, i4, i4, integer, i8, i8, f8_)
def mean_shared(
    offset: Any, people: Any, size: int, pairs: Any, shared: Any, result: Any
) -> None:
    """Write each patient's mean number of shared patients over pairs; NaN under 2 clinicians."""
    for p in range(offset.size - 1):
        m = offset[p + 1] - offset[p]
        if m < 2:
            result[p] = np.nan
            continue
        total = np.int64(0)
        for i in range(offset[p], offset[p + 1]):
            for j in range(i + 1, offset[p + 1]):
                a = np.int64(min(people[i], people[j]))
                key = a * size + max(people[i], people[j])
                total += shared[np.searchsorted(pairs, key)]
        result[p] = total / (m * (m - 1) / 2.0)


def _pairs(rows: PatientRows, size: int) -> Int64:
    m = np.diff(rows.offset).astype(np.int64)
    result = np.empty(max(int((m * (m - 1) // 2).sum()), 1), dtype=np.int64)
    return result[: pairs_of(rows.offset, rows.people, size, result)]


def care_density(patients: Sequence[PatientRows], people: int) -> list[Floats]:
    """Return each patient's care density, in the order of the rows; NaN under 2 clinicians."""
    size = max(people, 1)
    pairs = np.empty(0, dtype=np.int64)
    shared = np.empty(0, dtype=np.int64)
    for rows in patients:
        mine, counts = np.unique(_pairs(rows, size), return_counts=True)
        joined = np.concatenate([pairs, mine])
        weight = np.concatenate([shared, counts])
        pairs, place = np.unique(joined, return_inverse=True)
        shared = np.bincount(place, weights=weight, minlength=len(pairs)).astype(np.int64)
    result: list[Floats] = []
    for rows in patients:
        value = np.empty(len(rows.patients))
        mean_shared(rows.offset, rows.people, size, pairs, shared, value)
        result.append(value)
    return result



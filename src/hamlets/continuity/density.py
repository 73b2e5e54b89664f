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
from hamlets.continuity.yields import SharedCare

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


@compiled(types.void, i4, i4, integer, i8, i8, i8, f8_)
def mean_shared(
    offset: Any, people: Any, size: int, scope: Any, pairs: Any, shared: Any, result: Any
) -> None:  # fmt: skip
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
                key = scope[p] + a * size + max(people[i], people[j])
                total += shared[np.searchsorted(pairs, key)]
        result[p] = total / (m * (m - 1) / 2.0)


def _scoped(care: Sequence[SharedCare], scopes: Int64) -> tuple[list[Int64], int]:
    """Return the pair keys of each part, apart by scope, and what a scope adds to a key."""
    size = max((int(c.people.max(initial=0)) for c in care), default=0) + 1
    parts: list[Int64] = []
    for c in care:
        m = np.diff(c.offset).astype(np.int64)
        pairs = m * (m - 1) // 2
        keys = np.empty(max(int(pairs.sum()), 1), dtype=np.int64)
        keys = keys[: pairs_of(c.offset, c.people, size, keys)]
        scope = np.searchsorted(scopes, c.scope)
        parts.append(np.repeat(scope, pairs) * (size * size) + keys)
    return parts, size


def care_density(care: Sequence[SharedCare]) -> list[Floats]:
    """Return the care density of every row; NaN under 2 clinicians."""
    scopes = np.unique(np.concatenate([c.scope for c in care])) if care else np.empty(0, np.int64)
    parts, size = _scoped(care, scopes)
    pairs, shared = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    for keys in parts:
        mine, counts = np.unique(keys, return_counts=True)
        weight = np.concatenate([shared, counts])
        pairs, place = np.unique(np.concatenate([pairs, mine]), return_inverse=True)
        shared = np.bincount(place, weights=weight, minlength=len(pairs)).astype(np.int64)
    result: list[Floats] = []
    for c in care:
        value = np.empty(len(c.scope))
        scope = np.searchsorted(scopes, c.scope) * (size * size)
        mean_shared(c.offset, c.people, size, scope, pairs, shared, value)
        result.append(value)
    return result

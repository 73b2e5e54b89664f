"""The patient ids of one load and what they stand for, looked up by the column."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.store.hashing import hash_texts

pc: Any = compute

Codes = npt.NDArray[np.int32]
Digests = npt.NDArray[np.uint64]


class SeenIds:
    """Ids with their codes and digests, in the order of their hashes."""

    def __init__(self) -> None:
        self._hash = np.zeros(0, np.uint64)
        self._ids: Any = pa.array([], pa.string())
        self._codes = np.zeros(0, np.int32)
        self._digests = np.zeros((0, 2), np.uint64)

    def find(self, ids: Any) -> tuple[Codes, Digests]:
        """Return codes (-1 = not seen) and digests, as rows of two integers."""
        codes = np.full(len(ids), -1, np.int32)
        digests = np.zeros((len(ids), 2), np.uint64)
        if not self._hash.size or not len(ids):
            return codes, digests
        wanted = hash_texts(ids)
        at = np.minimum(np.searchsorted(self._hash, wanted), self._hash.size - 1)
        rows = np.flatnonzero(self._hash[at] == wanted)
        # Of two ids with one hash only the first is found; the other is looked up each time.
        same = pc.equal(ids.take(pa.array(rows)), self._ids.take(pa.array(at[rows])))
        rows = rows[same.to_numpy(zero_copy_only=False)]
        codes[rows] = self._codes[at[rows]]
        digests[rows] = self._digests[at[rows]]
        return codes, digests

    def add(self, ids: Any, codes: Codes, digests: Digests) -> None:
        """Remember ids that were not seen before."""
        joined = np.concatenate([self._hash, hash_texts(ids)])
        order = np.argsort(joined, kind="stable")
        self._hash = joined[order]
        self._ids = pa.concat_arrays([self._ids, ids]).take(pa.array(order))
        self._codes = np.concatenate([self._codes, codes])[order]
        self._digests = np.concatenate([self._digests, digests])[order]

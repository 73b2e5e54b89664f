"""Subset-row cuts: what no whole-number partition does though the relaxation may.

Of the sets that hold two or three of any three items, a partition has at most one.
Jepsen, Petersen, Spoorendonk & Pisinger, Operations Research 2008;56:497.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Int16 = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

_EACH_ROUND = 40
_VIOLATED = 1e-4


class Cuts:
    """Cuts found so far for some sets (rows of ``members``, filled up with -1)."""

    def __init__(self, members: Int16, items: int) -> None:
        self.items = items
        self.holds = np.zeros((len(members), items + 1), dtype=np.int8)
        np.put_along_axis(self.holds, members.astype(np.int64), 1, axis=1)
        self.triples: list[tuple[int, int, int]] = []

    def matrix(self, rows: Int64) -> Any:
        """Return the cuts (each at most 1) over some of the sets."""
        from scipy.sparse import csc_array

        if not self.triples:
            return csc_array((0, len(rows)))
        some = self.holds[rows]
        lines = [some[:, triple].sum(axis=1) >= 2 for triple in map(list, self.triples)]
        return csc_array(np.array(lines, dtype=np.float64))

    def separate(self, rows: Int64, x: Float64) -> bool:
        """Add the cuts that a relaxed solution breaks most; False where it breaks none."""
        used = x > 1e-9
        some, part = self.holds[rows[used]][:, : self.items].astype(np.float64), x[used]
        pair = (some * part[:, None]).T @ some
        np.fill_diagonal(pair, 0.0)
        triple = np.einsum("s,si,sj,sk->ijk", part, some, some, some, optimize=True)
        left = pair[:, :, None] + pair[:, None, :] + pair[None, :, :] - 2 * triple
        first, second, third = np.nonzero(left > 1.0 + _VIOLATED)
        ordered = (first < second) & (second < third)
        first, second, third = first[ordered], second[ordered], third[ordered]
        order = np.argsort(-left[first, second, third], kind="stable")[:_EACH_ROUND]
        found = [
            (int(a), int(b), int(c))
            for a, b, c in zip(first[order], second[order], third[order], strict=True)
        ]
        known = set(self.triples)
        new = [triple for triple in found if triple not in known]
        self.triples += new
        return bool(new)

"""Expected counts by practice: shares of supply at each level, and what chance gives."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hamlets.continuity.chance import expected_counts
from hamlets.continuity.dimensions import Int64
from hamlets.continuity.estimates import Floats
from hamlets.continuity.teammap import TeamMap
from hamlets.continuity.yields import Piece

ParentKey = tuple[int, ...]


@dataclass(frozen=True)
class Shares:
    """Counted contacts by parent (practice and what else it is split by) and code."""

    piece: Piece
    _starts: dict[ParentKey, tuple[int, int]]

    @staticmethod
    def of(piece: Piece) -> Shares:
        """Index sums whose last key column is the code and the others the parent."""
        parents = piece.keys[:, :-1]
        starts: dict[ParentKey, tuple[int, int]] = {}
        if len(parents):
            change = np.flatnonzero(np.any(parents[1:] != parents[:-1], axis=1)) + 1
            edges = [0, *change.tolist(), len(parents)]
            for low, high in itertools.pairwise(edges):
                starts[tuple(parents[low].tolist())] = (low, high)
        return Shares(piece, starts)

    def codes(self, parent: ParentKey) -> tuple[Int64, Int64]:
        """Return the codes under a parent and their counts."""
        low, high = self._starts.get(parent, (0, 0))
        return self.piece.keys[low:high, -1], self.piece.values[low:high, 0]

    def of_rows(self, parents: Int64, codes: Int64) -> Floats:
        """Return each row's share: of its code under its parent, 0 where it has none."""
        result = np.zeros(len(codes))
        if len(codes) == 0:
            return result
        joint = np.hstack([parents, codes[:, None]])
        order = np.lexsort(joint.T[::-1])
        change = np.flatnonzero(np.any(parents[order][1:] != parents[order][:-1], axis=1)) + 1
        for block in np.split(order, change):
            known, counts = self.codes(tuple(parents[block[0]].tolist()))
            if len(known) == 0:
                continue
            at = np.minimum(np.searchsorted(known, codes[block]), len(known) - 1)
            found = known[at] == codes[block]
            result[block] = np.where(found, counts[at], 0) / counts.sum()
        return result

    def counts(self, parent: ParentKey) -> dict[int, int]:
        """Return each code's contacts under a parent."""
        codes, counts = self.codes(parent)
        return dict(zip(codes.tolist(), counts.tolist(), strict=True))


def team_counts(people: Int64, counts: Int64, teams: TeamMap, patient_team: int) -> Int64:
    """Return contacts by team under the map of patients of one team; lone clinicians apart."""
    merged: dict[int, int] = {}
    for person, count in zip(people.tolist(), counts.tolist(), strict=True):
        team = teams.mapped(person, patient_team)
        code = team if team >= 0 else teams.count + person
        merged[code] = merged.get(code, 0) + count
    return np.array(list(merged.values()), dtype=np.int64)


def as_shares(counts: Int64) -> Floats:
    """Return positive shares that sum to 1, largest first: the same for the same counts."""
    ordered = np.sort(counts[counts > 0])[::-1].astype(np.float64)
    return ordered / ordered.sum()


def counts_at(
    level: str,
    parent: ParentKey,
    patient_team: int,
    people: Shares,
    places: Shares,
    teams: TeamMap,
) -> Int64:
    """Return contacts by clinician, team or place under a parent."""
    if level == "practice":
        return places.codes(parent)[1]
    codes, counts = people.codes(parent)
    if level == "team":
        return team_counts(codes, counts, teams, patient_team)
    return counts


@dataclass
class Expected:
    """Expected counts by parent, class and n at one level; each is worked out once."""

    counts: Callable[[ParentKey, int], Int64]
    """Contacts by clinician, team or place under a parent, for patients of a class."""
    most: bool
    entropy: bool
    _known: dict[ParentKey, tuple[npt.NDArray[np.bool_], Floats]] = field(default_factory=dict)

    def of_rows(self, parents: Int64, classes: Int64, sizes: Int64, threads: int) -> Floats:
        """Return the expected counts (rows x 5) of rows with a parent, a class and an n."""
        result = np.zeros((len(sizes), 5))
        if len(sizes) == 0:
            return result
        joint = np.hstack([parents, classes[:, None]])
        order = np.lexsort(joint.T[::-1])
        change = np.flatnonzero(np.any(joint[order][1:] != joint[order][:-1], axis=1)) + 1
        blocks = np.split(order, change)

        def work(block: Int64) -> None:
            result[block] = self._of_sizes(tuple(joint[block[0]].tolist()), sizes[block])

        if threads > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(work, blocks, chunksize=8))
        else:
            for block in blocks:
                work(block)
        return result

    def _of_sizes(self, key: ParentKey, sizes: Int64) -> Floats:
        top = int(sizes.max()) + 1
        have, table = self._known.get(key, (np.zeros(0, np.bool_), np.zeros((0, 5))))
        if len(have) < top:
            have = np.concatenate([have, np.zeros(top - len(have), np.bool_)])
            table = np.concatenate([table, np.zeros((top - len(table), 5))])
        wanted = np.zeros(len(have), np.bool_)
        wanted[sizes] = True
        missing = np.flatnonzero(wanted & ~have)
        if len(missing):
            shares = as_shares(self.counts(key[:-1], key[-1]))
            table[missing] = expected_counts(shares, missing, most=self.most, entropy=self.entropy)
            have[missing] = True
            self._known[key] = (have, table)
        return table[sizes]

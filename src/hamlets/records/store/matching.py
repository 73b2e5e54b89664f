"""The latest row wins: within a load, and against what the store holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.store.comparing import exact_groups, row_keys, rows_equal
from hamlets.records.store.files import read_file
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import FileEntry
from hamlets.records.store.schema import stored_key, stored_schema
from hamlets.records.store.staging import StagedTable

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


@dataclass
class Tally:
    """What became of one table's rows."""

    repeated: int = 0
    """Rows of the load that a later row of it stands for."""
    repeated_otherwise: int = 0
    """Those of them that said something else than the later row."""
    unchanged: int = 0
    """Rows that the store already had, word for word."""
    replaced: int = 0
    """Rows that took the place of a stored row."""
    withdrawn: int = 0
    """Rows of the load that its source also says are deleted."""
    deleted: int = 0
    """Stored rows that the source says are deleted."""

    @property
    def collapsed(self) -> int:
        return self.repeated + self.unchanged + self.withdrawn


@dataclass
class Drops:
    """Which rows of stored files are not taken into the new version."""

    masks: dict[str, Mask] = field(default_factory=dict[str, Mask])
    only: int | None = None
    """The code of the one practice whose rows may be replaced; None where there is no such."""

    def check(self, table: str, stored: Any) -> None:
        """Stop where a row of another practice would be replaced: it was to be refused before."""
        # a patient whom nobody holds any more may come to this practice
        if self.only is None or table == "patients" or "practice" not in stored.column_names:
            return
        if (stored.column("practice").to_numpy() != self.only).any():
            raise AssertionError(f"{table}: a row of another practice would be replaced")

    def add(self, entry: FileEntry, rows: Positions) -> None:
        if rows.size:
            mask = self.masks.setdefault(entry.path, np.zeros(entry.rows, np.bool_))
            mask[rows] = True

    def mask(self, entry: FileEntry) -> Mask | None:
        return self.masks.get(entry.path)


def content_columns(table: str, identifiable: bool) -> list[str]:
    """Return the stored columns that may differ between two rows of one key."""
    fixed = {*stored_key(table), "key", "loaded"}
    return [name for name in stored_schema(table, identifiable).names if name not in fixed]


def keep_latest(staged: StagedTable, tally: Tally, identifiable: bool) -> None:
    """Of rows with one key keep the last read. Sets ``staged.keep``."""
    staged.keep = np.ones(len(staged), np.bool_)
    positions = _repeated_keys(staged.key)
    if not positions.size:
        return
    rows = staged.take(positions)
    groups = exact_groups(rows, stored_key(staged.name))
    index = np.arange(positions.size)
    last = np.zeros(positions.size, np.int64)
    np.maximum.at(last, groups, index)
    losers = index[last[groups] != index]
    if not losers.size:
        return
    winners = last[groups[losers]]
    same = rows_equal(
        rows.take(pa.array(losers)),
        rows.take(pa.array(winners)),
        content_columns(staged.name, identifiable),
    )
    staged.keep[positions[losers]] = False
    stored = positions[losers] < staged.restaged
    tally.repeated += int((~stored).sum())
    tally.repeated_otherwise += int((~stored & ~same).sum())
    _compare_restaged(staged, tally, positions, losers[stored], winners[stored], same[stored])


def _repeated_keys(key: npt.NDArray[np.int64]) -> Positions:
    """Return the ascending positions of keys that occur more than once."""
    order = np.argsort(key, kind="stable")
    equal = key[order[1:]] == key[order[:-1]]
    if not equal.any():
        return np.zeros(0, np.int64)
    member = np.zeros(key.size, np.bool_)
    member[:-1] |= equal
    member[1:] |= equal
    return np.sort(order[member])


def _compare_restaged(
    staged: StagedTable,
    tally: Tally,
    positions: Positions,
    losers: Positions,
    winners: Positions,
    same: Mask,
) -> None:
    """A row of the extract that says what a restaged row says is no new row."""
    # Several restaged rows of one key: the newest speaks for the store.
    _, newest = np.unique(winners[::-1], return_index=True)
    newest = winners.size - 1 - newest
    from_extract = positions[winners[newest]] >= staged.restaged
    unchanged = newest[same[newest] & from_extract]
    staged.keep[positions[losers[unchanged]]] = True
    staged.keep[positions[winners[unchanged]]] = False
    tally.unchanged += int(unchanged.size)
    tally.replaced += int((~same[newest] & from_extract).sum())


class KeyIndex:
    """Finds the rows of a load by key."""

    def __init__(self, key: npt.NDArray[np.int64], positions: Positions) -> None:
        order = np.argsort(key)
        self._key = key[order]
        self._positions = positions[order]
        bits = max(10, int(key.size * 16).bit_length())
        self._mask = np.int64((1 << min(bits, 30)) - 1)
        # One look into a small table rules most stored rows out.
        self._seen = np.zeros(int(self._mask) + 1, np.bool_)
        self._seen[key & self._mask] = True

    def candidates(self, key: npt.NDArray[np.int64]) -> list[tuple[Positions, Positions]]:
        """Return rounds of (rows of ``key``, positions in the load) whose keys agree.

        A second round is only needed where two rows of the load share a hash.
        """
        rows = np.flatnonzero(self._seen[key & self._mask])
        at = np.searchsorted(self._key, key[rows])
        found: list[tuple[Positions, Positions]] = []
        while True:
            inside = at < self._key.size
            rows, at = rows[inside], at[inside]
            hit = self._key[at] == key[rows]
            rows, at = rows[hit], at[hit]
            if not rows.size:
                return found
            found.append((rows, self._positions[at]))
            at = at + 1


def match_stored(
    layout: Layout,
    entries: list[FileEntry],
    staged: StagedTable,
    drops: Drops,
    tally: Tally,
    identifiable: bool,
) -> None:
    """Drop stored rows that the load replaces, and rows of the load that say nothing new."""
    fresh = np.flatnonzero(staged.keep)
    fresh = fresh[fresh >= staged.restaged]
    if not fresh.size or not entries:
        return
    index = KeyIndex(staged.key[fresh], fresh)
    for entry in entries:
        if staged.name == "appointments":
            key = read_file(layout, entry, ["key"]).column("key").to_numpy()
        else:
            key = row_keys(staged.name, read_file(layout, entry, list(stored_key(staged.name))))
        for rows, positions in index.candidates(key):
            gone = drops.mask(entry)
            if gone is not None:
                rows, positions = rows[~gone[rows]], positions[~gone[rows]]
            if rows.size:
                _settle(layout, entry, staged, drops, tally, identifiable, rows, positions)


def _settle(
    layout: Layout,
    entry: FileEntry,
    staged: StagedTable,
    drops: Drops,
    tally: Tally,
    identifiable: bool,
    rows: Positions,
    positions: Positions,
) -> None:
    order = np.argsort(positions)
    rows, positions = rows[order], positions[order]
    stored = read_file(layout, entry).take(pa.array(rows))
    new = staged.take(positions)
    same_row = rows_equal(stored, new, list(stored_key(staged.name)))
    same = rows_equal(stored, new, content_columns(staged.name, identifiable))
    staged.keep[positions[same_row & same]] = False
    replaced = same_row & ~same
    drops.check(staged.name, stored.filter(pa.array(replaced)))
    drops.add(entry, rows[replaced])
    tally.unchanged += int((same_row & same).sum())
    tally.replaced += int(replaced.sum())

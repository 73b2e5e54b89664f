"""Rows of a load before they have their place: in memory while few, else on disk.

Spilled rows are Arrow files in the store's ``tmp`` folder, mapped when read,
so that a load of any size needs the same memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MEMORY_LIMIT = 512 * 2**20
"""Bytes of staged rows kept in memory."""


class Staging:
    """Keeps Arrow tables until they are asked for again."""

    def __init__(self, folder: Path, memory_limit: int = MEMORY_LIMIT) -> None:
        self._folder = folder
        self._limit = memory_limit
        self._used = 0
        self._files = 0

    def hold(self, rows: Any) -> Held:
        """Keep a table; it is read again with ``Held.rows``."""
        if self._used + rows.nbytes <= self._limit:
            self._used += rows.nbytes
            return Held(rows.num_rows, rows, None)
        self._files += 1
        path = self._folder / f"staged-{self._files:06d}.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
        return Held(rows.num_rows, None, path)

    def release(self, held: Held) -> None:
        """Forget a table that is not needed again."""
        if held.table is not None:
            self._used -= held.table.nbytes
            held.table = None
        elif held.path is not None:
            held.path.unlink(missing_ok=True)


@dataclass
class Held:
    """One staged table, in memory or in a file."""

    num_rows: int
    table: Any
    path: Path | None

    def rows(self) -> Any:
        if self.table is not None:
            return self.table
        with pa.memory_map(str(self.path)) as source:
            return pa.ipc.open_file(source).read_all()


@dataclass
class StagedTable:
    """The staged rows of one canonical table, in reading order.

    The first ``restaged`` rows were in the store already and are placed anew;
    the rest come from the extract. ``key`` and ``keep`` have one value a row
    once the rows are settled.
    """

    name: str
    staging: Staging
    held: list[Held] = field(default_factory=list[Held])
    restaged: int = 0
    key: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    keep: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def __len__(self) -> int:
        return sum(h.num_rows for h in self.held)

    def append(self, rows: Any) -> None:
        if rows.num_rows:
            self.held.append(self.staging.hold(rows))

    def restage(self, rows: Any) -> None:
        """Put rows that the store had before all rows of the extract."""
        if rows.num_rows:
            self.held.insert(0, self.staging.hold(rows))
            self.restaged += rows.num_rows

    def replace(self, index: int, rows: Any) -> None:
        self.staging.release(self.held[index])
        self.held[index] = self.staging.hold(rows)

    def batches(self) -> Iterator[tuple[int, Any]]:
        """Yield (position of its first row, rows) of each batch."""
        start = 0
        for held in self.held:
            yield start, held.rows()
            start += held.num_rows

    def take(self, positions: npt.NDArray[np.int64], columns: list[str] | None = None) -> Any:
        """Return the rows at ascending positions."""
        parts: list[Any] = []
        for start, rows in self.batches():
            low, high = np.searchsorted(positions, [start, start + rows.num_rows])
            chosen = rows if columns is None else rows.select(columns)
            parts.append(chosen.take(pa.array(positions[low:high] - start)))
        return pa.concat_tables(parts, promote_options="permissive").combine_chunks()

    def kept(self, columns: list[str] | None = None, *, release: bool = False) -> Iterator[Any]:
        """Yield the rows that are kept, batch by batch; ``release``: for the last time."""
        start = 0
        for held in self.held:
            rows = held.rows() if columns is None else held.rows().select(columns)
            mask = self.keep[start : start + held.num_rows]
            start += held.num_rows
            if release:
                self.staging.release(held)
            yield rows if mask.all() else rows.filter(pa.array(mask))

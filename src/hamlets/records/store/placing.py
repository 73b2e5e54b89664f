"""Writes the files of a new version: each row goes to its patient's home group.

Only files that lose or gain a row are written again. A file is written group
by group, so that memory holds one practice, not one country.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.store.files import FileWriter, in_seconds, open_parquet, read_file
from hamlets.records.store.layout import Layout, cluster_of
from hamlets.records.store.manifest import FileEntry, FileSet
from hamlets.records.store.matching import Drops, Mask
from hamlets.records.store.ordering import Names, in_order
from hamlets.records.store.schema import stored_schema
from hamlets.records.store.staging import Held, StagedTable, Staging

Codes = npt.NDArray[np.int32]


@dataclass
class _Part:
    """Rows of one cluster, sorted by home practice, and where each practice's lie."""

    held: Held
    spans: dict[int, tuple[int, int]]

    def rows(self, practice: int) -> Any:
        low, high = self.spans[practice]
        return self.held.rows().slice(low, high - low)


@dataclass
class Arrivals:
    """Rows on their way to a home practice, by cluster."""

    staging: Staging
    parts: dict[int, list[_Part]] = field(default_factory=lambda: defaultdict(list[_Part]))

    def add(self, rows: Any, home: Codes) -> None:
        """Sort rows by home practice and keep each cluster's part."""
        if rows.num_rows == 0:
            return
        practices, place = np.unique(home, return_inverse=True)
        if practices.size > 1:
            # Small integers sort in linear time.
            small = place.astype(np.uint16) if practices.size < 2**16 else place
            rows = rows.take(pa.array(np.argsort(small, kind="stable")))
        ends = np.cumsum(np.bincount(place, minlength=practices.size))
        clusters = np.array([cluster_of(p) for p in practices.tolist()])
        for cluster in np.unique(clusters).tolist():
            members = np.flatnonzero(clusters == cluster)
            low = int(ends[members[0] - 1]) if members[0] else 0
            spans: dict[int, tuple[int, int]] = {}
            start = 0
            for member in members.tolist():
                end = int(ends[member]) - low
                spans[int(practices[member])] = (start, end)
                start = end
            self.parts[cluster].append(_Part(self.staging.hold(rows.slice(low, start)), spans))


@dataclass
class Placing:
    """Places the rows of the tables that are clustered by patient."""

    layout: Layout
    writer: FileWriter
    staging: Staging
    home: Codes
    names: Names
    identifiable: bool

    def place(self, staged: StagedTable, before: FileSet, drops: Drops) -> FileSet:
        """Return the files of the table in the new version."""
        arrivals = Arrivals(self.staging)
        for rows in staged.kept(release=True):
            arrivals.add(rows, self.home[rows.column("patient").to_numpy()])
        stays: dict[int, tuple[FileEntry, Mask | None]] = {}
        for entry in before.files:
            stays[entry.cluster or 0] = (entry, self._staying(entry, drops, arrivals))
        found: list[FileEntry] = []
        for cluster in sorted({*stays, *arrivals.parts}):
            entry, stay = stays.get(cluster, (None, None))
            coming = arrivals.parts.get(cluster, [])
            if entry is not None and stay is None and not coming:
                found.append(entry)
                continue
            written = self.writer.write(
                staged.name,
                "none" if cluster < 0 else f"c{cluster:04d}",
                stored_schema(staged.name, self.identifiable),
                self._groups(staged.name, entry, stay, coming),
                cluster,
            )
            if written is not None:
                found.append(written)
            for part in coming:
                self.staging.release(part.held)
        return FileSet(tuple(found))

    def _staying(self, entry: FileEntry, drops: Drops, arrivals: Arrivals) -> Mask | None:
        """Return which rows stay in their group, None for all; send the movers off."""
        dropped = drops.mask(entry)
        patient = read_file(self.layout, entry, ["patient"]).column("patient").to_numpy()
        here = np.repeat(
            np.array([p for p, _ in entry.groups], np.int32), [n for _, n in entry.groups]
        )
        home = self.home[patient]
        stay = home == here
        if dropped is not None:
            moving = ~stay & ~dropped
            stay &= ~dropped
        else:
            moving = ~stay
        if stay.all():
            return None
        if moving.any():
            self._send(entry, moving, home, arrivals)
        return stay

    def _send(self, entry: FileEntry, moving: Mask, home: Codes, arrivals: Arrivals) -> None:
        start = 0
        with open_parquet(self.layout, entry) as parquet:
            for index, (_, rows) in enumerate(entry.groups):
                mask = moving[start : start + rows]
                if mask.any():
                    part = in_seconds(parquet.read_row_group(index)).filter(pa.array(mask))
                    arrivals.add(part, home[start : start + rows][mask])
                start += rows

    def _groups(
        self,
        table: str,
        entry: FileEntry | None,
        stay: Mask | None,
        coming: list[_Part],
    ) -> Iterator[tuple[int, Any]]:
        """Yield (home practice, rows in order) of one file, ascending."""
        spans: dict[int, tuple[int, int, int]] = {}
        start = 0
        for index, (practice, rows) in enumerate(entry.groups if entry is not None else ()):
            spans[practice] = (index, start, start + rows)
            start += rows
        schema = stored_schema(table, self.identifiable)
        for practice in sorted({*spans, *(p for part in coming for p in part.spans)}):
            parts: list[Any] = []
            if entry is not None and practice in spans:
                index, low, high = spans[practice]
                with open_parquet(self.layout, entry) as parquet:
                    rows = parquet.read_row_group(index)
                if stay is not None:
                    rows = rows.filter(pa.array(stay[low:high]))
                parts.append(rows.cast(schema))
            parts += [
                part.rows(practice).select(schema.names)
                for part in coming
                if practice in part.spans
            ]
            rows = pa.concat_tables(parts).combine_chunks()
            yield practice, in_order(table, rows, self.names)


def place_shared(
    layout: Layout,
    writer: FileWriter,
    staged: StagedTable,
    before: FileSet,
    drops: Drops,
    names: Names,
    identifiable: bool,
) -> FileSet:
    """Return the one file of a table that is not clustered by patient."""
    dropped = [drops.mask(entry) for entry in before.files]
    new = list(staged.kept())
    if not any(rows.num_rows for rows in new) and all(mask is None for mask in dropped):
        return before
    schema = stored_schema(staged.name, identifiable)
    parts = [rows.select(schema.names).cast(schema) for rows in new]
    for entry, mask in zip(before.files, dropped, strict=True):
        rows = read_file(layout, entry).cast(schema)
        parts.append(rows if mask is None else rows.filter(pa.array(~mask)))
    rows = pa.concat_tables(parts).combine_chunks()
    ordered = in_order(staged.name, rows, names)
    entry = writer.write(staged.name, staged.name, schema, [(None, ordered)])
    return FileSet(() if entry is None else (entry,))

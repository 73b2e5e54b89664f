"""Reads a source with one reader, for the tests: its rows by table, and its notes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hamlets.records.batches import RawBatch, Reader, ReaderNotes
from hamlets.records.sources import open_source

Resource = dict[str, Any]


@dataclass
class Reading:
    """What a reader gave. Rows lack the columns that were blank throughout."""

    rows: dict[str, list[dict[str, str | None]]]
    lines: dict[str, list[int]]
    batches: list[RawBatch]
    notes: ReaderNotes
    told: dict[str, int] = field(default_factory=dict)

    def only(self, table: str) -> dict[str, str | None]:
        """Return the table's one row."""
        (row,) = self.rows[table]
        return row

    def reasons(self) -> list[tuple[str, int, str]]:
        """Return (table, line, kind) of each refusal."""
        return [(r.table, r.line, r.kind) for r in self.notes.refusals]


def read(reader: Reader, *paths: Path) -> Reading:
    """Return everything the reader makes of these files."""
    notes = ReaderNotes()
    rows: defaultdict[str, list[dict[str, str | None]]] = defaultdict(list)
    lines: defaultdict[str, list[int]] = defaultdict(list)
    told: defaultdict[str, int] = defaultdict(int)

    def tell(file: str, count: int) -> None:
        told[file] += count

    with open_source(paths) as source:
        batches = list(reader.read(source, notes, tell))
    for batch in batches:
        assert len(batch.lines) == batch.columns.num_rows > 0
        rows[batch.table] += batch.columns.to_pylist()
        lines[batch.table] += batch.lines.tolist()
    return Reading(rows, lines, batches, notes, told)


def write_ndjson(path: Path, resources: Iterable[Resource | str]) -> Path:
    """Write resources, or lines as they are, one a line."""
    lines = (r if isinstance(r, str) else json.dumps(r) for r in resources)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_resources(folder: Path, resources: Sequence[Resource]) -> Path:
    """Write resources into a file for each type, as bulk exports do; return the folder."""
    folder.mkdir(exist_ok=True)
    for kind in dict.fromkeys(r["resourceType"] for r in resources):
        write_ndjson(folder / f"{kind}.ndjson", [r for r in resources if r["resourceType"] == kind])
    return folder

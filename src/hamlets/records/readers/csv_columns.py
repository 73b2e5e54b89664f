"""Which columns of a file are which columns of a canonical table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as compute

from hamlets.errors import SourceError
from hamlets.records.conform import EMPLOYER
from hamlets.records.mapping import TableMapping
from hamlets.records.readers.csv_text import shown_columns
from hamlets.records.tables import Table
from hamlets.records.text import as_text

pc: Any = compute  # its functions are made at run time, out of sight of type checkers


@dataclass(frozen=True)
class Chosen:
    """Canonical column -> positions in the file; constants; what is left out."""

    positions: dict[str, list[int]]
    constants: dict[str, str]
    unknown: list[str]

    def table(
        self, columns: Sequence[pa.Array] | Mapping[int, pa.ChunkedArray], rows: int
    ) -> pa.Table:
        """Return the chosen columns under their canonical names."""
        arrays: dict[str, Any] = {}
        for name, positions in self.positions.items():
            if len(positions) == 1:
                arrays[name] = columns[positions[0]]
            else:
                parts = [as_text(columns[p]) for p in positions]
                arrays[name] = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
        for name, value in self.constants.items():
            arrays[name] = pa.repeat(pa.scalar(value, pa.string()), rows)
        return pa.table(arrays)


def missing_columns(
    table: Table,
    header: Sequence[str],
    mapping: TableMapping,
    filled: Collection[str] = (),
) -> list[str]:
    """Return the required columns that neither the file nor the mapping gives.

    ``filled`` are columns that are filled in later.
    """
    low = {name.strip().lower() for name in header}
    given = low | set(mapping.constants) | set(mapping.columns) | set(filled)
    return [
        name
        for name in table.required
        if name not in given and EMPLOYER.get((table.name, name)) not in given
    ]


def choose_columns(
    table: Table,
    header: Sequence[str],
    mapping: TableMapping,
    file: str,
    filled: Collection[str] = (),
) -> Chosen:
    """Return which columns are taken; SourceError where a required one is missing."""
    positions: dict[str, list[int]] = {}
    for name, sources in mapping.columns.items():
        positions[name] = [_find(source, header, table, file) for source in sources]
    used = {i for found in positions.values() for i in found}
    low = [name.strip().lower() for name in header]
    counts = Counter(low)
    for i, name in enumerate(low):
        if name not in table.names or name in positions or name in mapping.constants:
            continue
        if counts[name] > 1:
            raise SourceError(
                f'Two columns are called "{name}".',
                where=f"{file}, line 1",
                hint="Rename or remove the one that is not meant.",
            )
        positions[name] = [i]
        used.add(i)
    missing = missing_columns(table, header, mapping, filled)
    if missing:
        raise SourceError(
            f"Required columns of the table {table.name} are missing: {', '.join(missing)}.",
            where=f"{file}, which has: {shown_columns(header)}",
            hint="Rename the columns, or say which they are in a file given with --mapping.",
        )
    unknown = [name or "(no name)" for i, name in enumerate(header) if i not in used]
    if unknown and shown_columns(unknown).startswith("the first line"):
        unknown = ["(a value)" for _ in unknown]
    return Chosen(positions, dict(mapping.constants), unknown)


def _find(source: str, header: Sequence[str], table: Table, file: str) -> int:
    """Return where the source column is: by its exact name, then in any case."""
    exact = [i for i, name in enumerate(header) if name == source.strip()]
    found = exact or [
        i for i, name in enumerate(header) if name.strip().lower() == source.strip().lower()
    ]
    if len(found) == 1:
        return found[0]
    what = "Two columns are called" if found else "There is no column called"
    raise SourceError(
        f'{what} "{source}", which the mapping file names for the table {table.name}.',
        where=f"{file}, which has: {shown_columns(header)}",
        hint="Mend the name in the mapping file, or the header of the file.",
    )

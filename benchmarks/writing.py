"""Tables written piece by piece to Parquet or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq


class TableWriter:
    """One file of one table; nothing is kept in memory between pieces."""

    def __init__(self, folder: Path, name: str, kind: str) -> None:
        self._path = folder / f"{name}.{kind}"
        self._kind = kind
        self._writer: Any = None

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        if self._writer is None:
            make = pq.ParquetWriter if self._kind == "parquet" else pacsv.CSVWriter
            self._writer = make(str(self._path), table.schema)
        self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()

    @classmethod
    def once(cls, folder: Path, name: str, kind: str, table: pa.Table) -> None:
        """Write a whole table."""
        writer = cls(folder, name, kind)
        writer.write(table)
        writer.close()

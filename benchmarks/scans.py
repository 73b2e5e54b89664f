"""The raw scan: reading the columns that a question reads, and nothing more.

Which columns these are is not written down here but seen: Hamlets answers the question once
while a note is taken of every column asked of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import stored

Columns = dict[str, list[str]]
"""Columns read by clustered table."""


def columns_read(store: Path, answer: Callable[[Path], Any]) -> Columns:
    """Return the columns that answering a question reads of the clustered tables."""
    from hamlets.records import Store

    seen: dict[str, set[str]] = {}
    read_span = Store.read_span

    def noting(self: Store, table: str, practices: Sequence[int], columns: list[str]) -> Any:
        if any(self.group_rows(table, practice) for practice in practices):
            seen.setdefault(table, set()).update(columns)
        return read_span(self, table, practices, columns)

    # stands in while the question is answered once, and is put back below
    Store.read_span = noting  # type: ignore[method-assign]
    try:
        answer(store)
    finally:
        Store.read_span = read_span  # type: ignore[method-assign]
    if "appointments" not in seen:
        # Else every engine would be compared with a scan of nothing.
        raise RuntimeError("No column was seen being read: Store.read_span is not what reads.")
    return {table: sorted(names) for table, names in sorted(seen.items())}


def scan_pyarrow(store: Path, columns: Columns) -> int:
    """Decode every row group, one file a thread at a time, and return the rows read."""
    import pyarrow.parquet as pq

    def one(task: tuple[Path, list[str]]) -> int:
        path, names = task
        with pq.ParquetFile(path) as file:
            return sum(
                file.read_row_group(i, columns=names, use_threads=False).num_rows
                for i in range(file.num_row_groups)
            )

    tasks = [
        (path, names) for table, names in columns.items() for path in stored.files(store, table)
    ]
    with ThreadPoolExecutor(stored.cores()) as pool:
        return sum(pool.map(one, tasks))


def scan_duckdb(store: Path, columns: Columns) -> list[Any]:
    """Sum every column of every file by DuckDB and return the sums."""
    import duckdb

    sums: list[Any] = []
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {stored.cores()}")
        for table, names in columns.items():
            paths = "[" + ", ".join(f"'{path}'" for path in stored.files(store, table)) + "]"
            described = connection.execute(f"DESCRIBE FROM read_parquet({paths})").fetchall()
            kinds = {row[0]: row[1] for row in described}
            each = ", ".join(f"sum({_number(name, kinds[name])})" for name in names)
            sums += connection.execute(f"SELECT {each} FROM read_parquet({paths})").fetchall()
    return sums


def _number(name: str, kind: str) -> str:
    """Return an expression that makes a number of a value and cannot be had from statistics."""
    if kind == "DATE":
        return f"{name} - DATE '1970-01-01'"
    if kind == "VARCHAR":
        return f"strlen({name})"
    if kind == "BOOLEAN":
        return f"CAST({name} AS INTEGER)"
    if kind.startswith("TIMESTAMP"):
        return f"epoch({name})"
    return name


SCANS: dict[str, Callable[[Path, Columns], Any]] = {
    "scan-pyarrow": scan_pyarrow,
    "scan-duckdb": scan_duckdb,
}

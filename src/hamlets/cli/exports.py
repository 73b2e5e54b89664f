"""Results for programs: JSON, CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def conventions(table: pa.Table) -> dict[str, Any]:
    """Return the conventions a result was measured with."""
    metadata = table.schema.metadata or {}
    return json.loads(metadata.get(b"hamlets", b"{}"))


def notes(table: pa.Table) -> list[str]:
    """Return what must be read beside the numbers, as sentences."""
    return list(conventions(table).get("notes", []))


def _json_bytes(table: pa.Table) -> bytes:
    import orjson

    return orjson.dumps(table.to_pylist(), option=orjson.OPT_APPEND_NEWLINE)


def _cell(value: Any) -> Any:
    """Return a CSV cell; text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _csv_text(table: pa.Table) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    columns = [column.to_pylist() for column in table.columns]
    for row in zip(*columns, strict=True):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def print_json(table: pa.Table) -> None:
    """Print the rows as one JSON list: full precision, null where undefined."""
    sys.stdout.flush()
    sys.stdout.buffer.write(_json_bytes(table))
    sys.stdout.buffer.flush()


def print_csv(table: pa.Table) -> None:
    """Print the rows as CSV with a header."""
    print(_csv_text(table), end="")


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(
            "The folder for this file does not exist.",
            where=str(path),
            hint="Make the folder first, or choose another place.",
        )
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def _write_parquet(table: pa.Table, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    replace_file(path, sink.getvalue().to_pybytes())


def writer_for(path: Path) -> Callable[[pa.Table, Path], None]:
    """Return the function that writes a result to a file of this name."""
    writers: dict[str, Callable[[Any, Path], None]] = {
        ".csv": lambda table, to: replace_file(to, _csv_text(table).encode()),
        ".json": lambda table, to: replace_file(to, _json_bytes(table)),
        ".parquet": _write_parquet,
    }
    if path.suffix.lower() not in writers:
        raise UsageError(
            "Results are written as .csv, .json or .parquet.",
            where=str(path),
            hint="End the file's name with one of these.",
        )
    return writers[path.suffix.lower()]

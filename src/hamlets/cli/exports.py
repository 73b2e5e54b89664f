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

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula, also in the wide forms of East Asian keyboards."""


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


def flat(table: pa.Table) -> pa.Table:
    """Return a table with one column for each field of its columns that have fields."""
    plain = table.flatten()
    return plain.rename_columns([name.replace(".", "_") for name in plain.column_names])


def csv_bytes(table: pa.Table) -> bytes:
    """Return the rows as CSV with a header, in UTF-8."""
    return _csv_text(table).encode()


def print_bytes(content: bytes) -> None:
    """Print bytes as they are, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def print_json(table: pa.Table) -> None:
    """Print the rows as one JSON list: full precision, null where undefined."""
    print_bytes(_json_bytes(table))


def print_csv(table: pa.Table) -> None:
    """Print the rows as CSV with a header, in UTF-8 whatever the terminal's encoding."""
    print_bytes(csv_bytes(table))


def check_place(path: Path) -> None:
    """Raise UsageError where a file cannot be written: better before the work than after it."""
    if not path.resolve().parent.is_dir():
        raise UsageError(
            "The folder for this file does not exist.",
            where=str(path),
            hint="Make the folder first, or choose another place.",
        )
    if path.is_dir():
        raise UsageError(
            "This is a folder, not a file.", where=str(path), hint="Add the name of a file to it."
        )
    if path.exists() and not path.is_file():
        # a device, which a new file must not take the place of
        raise UsageError("This is not a file.", where=str(path), hint="Choose another place.")
    if not os.access(path.resolve().parent, os.W_OK):
        raise _unwritable(path, "permission denied")


def _unwritable(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"This file cannot be written: {reason}.",
        where=str(path),
        hint="Choose a folder that you may write to, on a disk with room.",
    )


def replace_file(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all; UsageError where that cannot be.

    A ``private`` file may be read by its owner only.
    """
    check_place(path)
    path = path.resolve()  # a link stays a link
    try:
        _replace(path, content, private)
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise _unwritable(path, reason) from error


def _replace(path: Path, content: bytes, private: bool) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".hamlets-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if not private:  # mkstemp's own mode is 0600
            mask = os.umask(0)
            os.umask(mask)
            Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_private_csv(table: pa.Table, path: Path) -> None:
    """Write a CSV that only its owner may read."""
    replace_file(path, csv_bytes(table), private=True)


def _write_parquet(table: pa.Table, path: Path, private: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    replace_file(path, sink.getvalue().to_pybytes(), private=private)


def writer_for(path: Path, *, private: bool = False) -> Callable[[pa.Table, Path], None]:
    """Return the function that writes a result to a file of this name.

    A ``private`` file may be read by its owner only.
    """
    writers: dict[str, Callable[[Any, Path], None]] = {
        ".csv": lambda table, to: replace_file(to, csv_bytes(table), private=private),
        ".json": lambda table, to: replace_file(to, _json_bytes(table), private=private),
        ".parquet": lambda table, to: _write_parquet(table, to, private),
    }
    if path.suffix.lower() not in writers:
        raise UsageError(
            "Results are written as .csv, .json or .parquet.",
            where=str(path),
            hint="End the file's name with one of these.",
        )
    check_place(path)
    return writers[path.suffix.lower()]

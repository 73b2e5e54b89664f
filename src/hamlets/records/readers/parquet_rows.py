"""Rows of a Parquet file, in batches, read so that a hostile one stays small."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as pq

from hamlets.errors import SourceError
from hamlets.records.sources import Member
from hamlets.records.text import text_lengths

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

MAGIC = b"PAR1"
BATCH_ROWS = 131_072
_MAX_CELL = 2**20
_MAX_BATCH_BYTES = 512 * 2**20
_ROWS_PER_BYTE = 20
"""No table of people and days packs tighter: beyond this the file is a bomb."""
_SMALL_ROWS = 10**6
_FAULTS = (pa.ArrowException, OSError, MemoryError, ValueError, OverflowError)


def is_parquet(member: Member) -> bool:
    """Return whether the file begins as Parquet does."""
    return member.head(4) == MAGIC


def parquet_columns(member: Member) -> list[str]:
    """Return the column names."""
    with _opened(member) as file:
        return list(file.schema_arrow.names)


def read_parquet(member: Member, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield these columns batch by batch: text as strings, typed columns as they are."""
    with _opened(member) as file:
        _check(member, file, columns)
        done = 0
        for record in file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns)):
            table = pa.Table.from_batches([record])
            done += table.num_rows
            yield _plain(table, member.name)
        if done != file.metadata.num_rows:
            raise _damaged(member.name)


@contextmanager
def _opened(member: Member) -> Generator[pq.ParquetFile]:
    stream = member.open_seekable()
    try:
        # Text is read as dictionaries: one long word repeated a million times
        # is then seen for what it is before it is spelt out.
        schema = pq.read_schema(stream)
        texts = [f.name for f in schema if _is_text(f.type)]
        stream.seek(0)
        yield pq.ParquetFile(stream, read_dictionary=texts, page_checksum_verification=True)
    except _FAULTS as error:
        raise _damaged(member.name) from error
    finally:
        stream.close()


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind)


def _check(member: Member, file: pq.ParquetFile, columns: Sequence[str]) -> None:
    rows = file.metadata.num_rows
    if rows > _SMALL_ROWS and rows > _ROWS_PER_BYTE * member.size:
        raise _bomb(member.name)
    for name in columns:
        kind = file.schema_arrow.field(name).type
        if pa.types.is_nested(kind):
            raise SourceError(
                "A column holds lists or records where one value is expected.",
                where=f"{member.name}, column {name}",
                hint="Export it as text, or leave it out.",
            )


def _plain(table: pa.Table, name: str) -> pa.Table:
    """Return the table without dictionaries; SourceError where they spell out too much."""
    spelt = 0
    for index, field in enumerate(table.schema):
        if not pa.types.is_dictionary(field.type):
            continue
        arrays: list[pa.Array] = []
        for chunk in table.column(index).chunks:
            words = chunk.dictionary.cast(pa.string())
            lengths = text_lengths(words)
            if lengths.size and int(lengths.max()) > _MAX_CELL:
                raise _bomb(name)
            positions = pc.fill_null(chunk.indices, 0).to_numpy(zero_copy_only=False)
            spelt += int(lengths[positions].sum()) if lengths.size else 0
            if spelt > _MAX_BATCH_BYTES:
                raise _bomb(name)
            arrays.append(words.take(chunk.indices))
        column = pa.chunked_array(arrays, pa.string())
        table = table.set_column(index, field.name, column)
    return table


def row_numbers(start: int, rows: int) -> npt.NDArray[np.int64]:
    """Return the numbers of rows, the first row of the file being 1."""
    return np.arange(start, start + rows, dtype=np.int64)


def _damaged(name: str) -> SourceError:
    return SourceError(
        "This Parquet file is damaged or was cut short.",
        where=name,
        hint="Copy or export it again, and check that the copy finished.",
    )


def _bomb(name: str) -> SourceError:
    return SourceError(
        "This Parquet file unpacks to far more than a table would.",
        where=name,
        hint="Check what is in it, and export it again.",
    )

"""Damaged, hostile and misplaced files: a sentence, or rows; never a traceback."""

from __future__ import annotations

import gzip
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hamlets.errors import HamletsError, SourceError
from hamlets.records.batches import ReaderNotes
from hamlets.records.conform import conform
from hamlets.records.readers import choose_reader
from hamlets.records.sources import open_source

HEADER = "patient_id,staff_id,practice_id,start_time\n"
END = datetime(2024, 7, 1)


def load(path: Path) -> tuple[int, list[tuple[int, str, str]]]:
    """Return rows kept, and (line, column, reason) of those refused."""
    notes, kept = ReaderNotes(), 0
    refused = list[tuple[int, str, str]]()
    with open_source([path]) as source:
        reader, _ = choose_reader(source, "csv")
        for batch in reader.read(source, notes, lambda _file, _rows: None):
            done = conform(batch, extract_end=END)
            kept += done.rows.num_rows
            refused += [(r.line, r.column, r.reason) for r in done.refusals]
    refused += [(r.line, r.column, r.reason) for r in notes.refusals]
    return kept, sorted(refused)


def refused_in_a_sentence(path: Path, seconds: float = 2.0) -> HamletsError:
    started = time.monotonic()
    with pytest.raises(SourceError) as caught:
        load(path)
    assert time.monotonic() - started < seconds
    assert caught.value.exit_code == 3
    assert caught.value.message.endswith(".") and caught.value.where and caught.value.hint
    return caught.value


def rows(count: int, seed: int = 1) -> Iterator[str]:
    dice = random.Random(seed)
    for _ in range(count):
        day = f"2024-0{dice.randint(1, 6)}-{dice.randint(10, 28)}T09:{dice.randint(10, 59)}"
        yield f"p{dice.randrange(10**6)},s{dice.randrange(50)},Y{dice.randrange(9)},{day}\n"


def table_text(count: int) -> bytes:
    return (HEADER + "".join(rows(count))).encode()


def damaged(whole: bytes, doses: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield copies cut short, and copies with one bit flipped, at many places."""
    dice = random.Random(seed)
    for i in range(doses):
        cut = len(whole) * i // doses
        yield f"cut at {cut}", whole[:cut]
        place, bit = dice.randrange(len(whole)), dice.randrange(8)
        flipped = bytearray(whole)
        flipped[place] ^= 1 << bit
        yield f"bit {bit} of byte {place}", bytes(flipped)


def load_or_sentence(path: Path, expected_rows: int) -> bool:
    """Return whether it was refused; rows that are read must be no more than there were."""
    try:
        kept, refused = load(path)
    except SourceError as error:
        assert error.message.endswith(".") and error.where, error.as_dict()
        return True
    assert kept + len(refused) <= expected_rows
    return False


def test_damaged_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(table_text(4000), mtime=0)
    path = tmp_path / "appointments.csv.gz"
    for what, data in damaged(whole, 40, 1):
        path.write_bytes(data)
        # Ten bytes of head may change without a loss: name, time, system.
        harmless = what.startswith("bit") and int(what.split()[-1]) < 10
        assert load_or_sentence(path, 4000) or harmless, what


def test_damaged_zip(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("appointments.csv", table_text(2000))
        archive.writestr("staff.csv", "staff_id,practice_id\ns1,Y1\n")
    for _what, data in damaged(path.read_bytes(), 40, 2):
        path.write_bytes(data)
        load_or_sentence(path, 2001)


@pytest.mark.parametrize("compression", ["snappy", "none", "zstd"])
def test_damaged_parquet(tmp_path: Path, compression: str) -> None:
    cells = [line.strip().split(",") for line in rows(4000)]
    table = pa.table(dict(zip(HEADER.strip().split(","), zip(*cells, strict=True), strict=True)))
    path = tmp_path / "appointments.parquet"
    pq.write_table(
        table, path, compression=compression, row_group_size=1000, write_page_checksum=True
    )
    whole = path.read_bytes()
    refused = 0
    for _what, data in damaged(whole, 40, 3):
        path.write_bytes(data)
        refused += load_or_sentence(path, 4000)
    assert refused >= 70  # some bits are of statistics and of padding that nobody reads


def test_parquet_that_is_only_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "appointments.parquet"
    for data in (b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1"):
        path.write_bytes(data)
        assert "Parquet file is damaged" in refused_in_a_sentence(path).message


def test_parquet_with_huge_declared_length(tmp_path: Path) -> None:
    path = tmp_path / "appointments.parquet"
    path.write_bytes(b"PAR1" + b"\x15\x00" * 50 + struct.pack("<I", 2**31 - 1) + b"PAR1")
    refused_in_a_sentence(path)


def test_parquet_of_endless_rows(tmp_path: Path) -> None:
    """Runs of one value: some kilobytes that say twenty million rows."""
    path = tmp_path / "appointments.parquet"
    indices = pa.repeat(pa.scalar(0, pa.int8()), 2_000_000)
    word = pa.DictionaryArray.from_arrays(indices, pa.array(["x"]))
    table = pa.table(dict.fromkeys(HEADER.strip().split(","), word))
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(10):
            writer.write_table(table)
    assert path.stat().st_size < 250_000
    assert "far more than a table" in refused_in_a_sentence(path).message


def test_parquet_of_one_endless_word(tmp_path: Path) -> None:
    path = tmp_path / "appointments.parquet"
    indices = pa.repeat(pa.scalar(0, pa.int32()), 100_000)
    word = pa.DictionaryArray.from_arrays(indices, pa.array(["x" * 5_000_000]))
    table = pa.table(dict.fromkeys(HEADER.strip().split(","), word))
    pq.write_table(table, path, compression="zstd")
    assert "far more than a table" in refused_in_a_sentence(path, 5).message


def bomb(size: int) -> bytes:
    """Return the gzip form of so many bytes of good rows, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"p1,s1,Y1,2024-01-05T09:00:00\n" * (2**20 // 29)
    parts = [packer.compress(block) for _ in range(size // 2**20)]
    return b"".join([*parts, packer.flush()])


def test_gzip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv.gz"
    # Members may follow one another in gzip: 40 times 100 MB is 4 GB.
    path.write_bytes(gzip.compress(HEADER.encode()) + bomb(100 * 2**20) * 40)
    assert "far more than a table" in refused_in_a_sentence(path).message


def test_zip_bomb_by_its_declared_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("appointments.csv", "w", force_zip64=True) as stream,
    ):
        for _ in range(300):
            stream.write(b"0" * 2**20)
    assert "far more than a table" in refused_in_a_sentence(path).message


def test_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("appointments.csv", HEADER.encode() + b"0" * 200 * 2**20)
    whole = bytearray(path.read_bytes())
    directory = whole.rindex(b"PK\x01\x02")
    struct.pack_into("<I", whole, directory + 24, 5000)
    path.write_bytes(bytes(whole))
    refused_in_a_sentence(path)


def test_zip_whose_entries_overlap(tmp_path: Path) -> None:
    """Many directory entries for one packed body: each alone looks modest."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("appointments.csv", b"0" * 10 * 2**20)
        (entry,) = archive.filelist
        archive.filelist.extend([entry] * 60)
    assert "far more than a table" in refused_in_a_sentence(path).message


def test_gzip_in_zip_counts_from_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("appointments.csv.gz", bomb(200 * 2**20))
    assert "far more than a table" in refused_in_a_sentence(path).message


def test_million_columns(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    path.write_text(",".join(f"c{i}" for i in range(1_000_000)) + "\n")
    assert refused_in_a_sentence(path).message == "The first line is too long to be a header."
    path.write_text(HEADER.strip() + "," * 100_000 + "\n")
    assert "100,004 columns" in refused_in_a_sentence(path).message


def test_ten_megabyte_cell(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    good, bad = "p1,s1,Y1,2024-01-05\n", "x" * 10_000_000 + ",s1,Y1,2024-01-05\n"
    path.write_text(HEADER + good + bad + good)
    assert load(path) == (2, [(3, "patient_id", "longer than 512 bytes")])


def test_cell_without_end(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    with path.open("w") as stream:
        stream.write(HEADER + 'p1,s1,Y1,2024-01-05\np1,"')
        for _ in range(40):
            stream.write("0123456\n" * 2**17)
    error = refused_in_a_sentence(path)
    assert "longer than 16 MB" in error.message
    assert error.where == "appointments.csv, after line 2" or "line 1" in (error.where or "")


def test_nul_bytes(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    path.write_text(HEADER + "p\0,s1,Y1,2024-01-05\np1,s1,Y1,2024-01-05\n")
    assert load(path) == (1, [(2, "patient_id", "holds a NUL byte")])
    path.write_bytes(b"\0" * 100_000)
    refused_in_a_sentence(path)


def test_mixed_line_ends_and_mark(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    row = b"p1,s1,Y1,2024-01-05"
    path.write_bytes(b"\xef\xbb\xbf" + HEADER.encode() + row + b"\r\n" + row + b"\n" + row)
    assert load(path) == (3, [])


def test_dates_that_are_not(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    dates = ["2024-02-31", "2199-01-01", "31/01/2024", "", "2024-01-05"]
    path.write_text(HEADER + "".join(f"p1,s1,Y1,{d}\n" for d in dates))
    kept, refused = load(path)
    assert kept == 1
    assert [(line, column) for line, column, _ in refused] == [
        (line, "start_time") for line in (2, 3, 4, 5)
    ]
    assert "31 February" in refused[0][2]


def test_noise(tmp_path: Path) -> None:
    dice = random.Random(4)
    path = tmp_path / "appointments.csv"
    for _ in range(40):
        noise = dice.randbytes(dice.randrange(2000))
        path.write_bytes(noise)
        load_or_sentence(path, 0)
        path.write_bytes(HEADER.encode() + noise)
        load_or_sentence(path, 2000)


def test_no_error_shows_a_value(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    secret = "9990001234"
    for text in (
        HEADER + f'{secret},"s1,Y1,2024\n{secret},s1,Y1,2024-01-05\n',
        f"{secret},Ms Example,1\n{secret},2\n",
        f"patient_id,{secret}\n1,2\n",
    ):
        path.write_text(text)
        with pytest.raises(SourceError) as caught:
            load(path)
        assert secret not in str(caught.value.as_dict())
        assert "Example" not in str(caught.value.as_dict())

"""The csv profile: names, headers, encodings, delimiters, line numbers, Parquet."""

from __future__ import annotations

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hamlets.errors import SourceError, UsageError
from hamlets.records.batches import RawBatch, ReaderNotes
from hamlets.records.conform import conform
from hamlets.records.mapping import read_mapping
from hamlets.records.readers import READERS, choose_reader
from hamlets.records.readers.csv_tables import CsvReader
from hamlets.records.sources import open_source

HEADER = "patient_id,staff_id,practice_id,start_time"
ROW = "p1,s1,Y1,2024-01-05T09:00"


class Outcome:
    """What reading some files gave."""

    def __init__(self, *paths: Path, mapping: Path | None = None) -> None:
        self.notes = ReaderNotes()
        self.batches: list[RawBatch] = []
        self.progress = 0
        reader = CsvReader(read_mapping(mapping) if mapping else None)
        with open_source(paths) as source:
            for batch in reader.read(source, self.notes, self._count):
                self.batches.append(batch)

    def _count(self, _file: str, rows: int) -> None:
        self.progress += rows

    def rows(self, table: str = "appointments") -> list[dict[str, Any]]:
        return [
            {"line": line} | row
            for b in self.batches
            if b.table == table
            for line, row in zip(b.lines.tolist(), b.columns.to_pylist(), strict=True)
        ]

    def lines(self) -> list[int]:
        return [row["line"] for row in self.rows()]

    def refused(self) -> list[tuple[int, str]]:
        return [(r.line, r.reason) for r in self.notes.refusals]


def write(path: Path, *lines: str, end: str = "\n", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def error_of(*paths: Path, mapping: Path | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        Outcome(*paths, mapping=mapping)
    assert caught.value.where and caught.value.hint
    return caught.value


def test_folder_of_tables_dimensions_first(tmp_path: Path) -> None:
    write(tmp_path / "appointments.csv", HEADER, ROW)
    write(tmp_path / "patients.csv", "patient_id,practice_id", "p1,Y1")
    (tmp_path / "staff.csv.gz").write_bytes(gzip.compress(b"staff_id,practice_id\ns1,Y1\n"))
    outcome = Outcome(tmp_path)
    assert [b.table for b in outcome.batches] == ["staff", "patients", "appointments"]
    assert outcome.rows() == [
        {"line": 2, "patient_id": "p1", "staff_id": "s1", "practice_id": "Y1",
         "start_time": "2024-01-05T09:00"}
    ]  # fmt: skip
    assert outcome.progress == 3
    assert outcome.notes.warnings == []


def test_several_files_of_one_table(tmp_path: Path) -> None:
    for month in ("2024-01", "2024-02"):
        write(tmp_path / f"appointments-{month}.csv", HEADER, ROW)
    assert len(Outcome(tmp_path).rows()) == 2
    assert {b.file for b in Outcome(tmp_path).batches} == {
        "appointments-2024-01.csv",
        "appointments-2024-02.csv",
    }


def test_single_file_of_any_name_is_taken_as_appointments(tmp_path: Path) -> None:
    outcome = Outcome(write(tmp_path / "extract (3).csv", HEADER, ROW))
    assert len(outcome.rows()) == 1
    assert "taken as the table appointments" in outcome.notes.warnings[0]


def test_files_that_are_no_tables_are_named(tmp_path: Path) -> None:
    write(tmp_path / "appointments.csv", HEADER, ROW)
    write(tmp_path / "notes.csv", "a,b", "1,2")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    warnings = Outcome(tmp_path).notes.warnings
    assert warnings == [
        "notes.csv was left out: it is not named after a table.",
        "logo.png was left out: it is a picture.",
    ]


def test_headers_in_any_case_and_unknown_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "appointments.csv", " Patient_ID,Note,STAFF_ID,practice_id,Start_Time,",
                 "p1,hello,s1,Y1,2024-01-05,")  # fmt: skip
    outcome = Outcome(path)
    assert outcome.rows()[0]["patient_id"] == "p1"
    assert outcome.notes.unknown_columns == {"appointments.csv": ["Note", "(no name)"]}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    rows = ["p1,Łukasz,Y1,2024-01-05"] * 3000
    path = write(tmp_path / "appointments.csv", HEADER, *rows, end=end, encoding=encoding)
    outcome = Outcome(path)
    assert outcome.notes.refusals == []
    assert {r["staff_id"] for r in outcome.rows()} == {"Łukasz"}
    assert outcome.lines() == list(range(2, 3002))
    warned = any("UTF-" in w for w in outcome.notes.warnings)
    assert warned == (not encoding.startswith("utf-8"))


def test_utf_16_with_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    path.write_bytes(b"\xfe\xff" + f"{HEADER}\n{ROW}\n".encode("utf-16-be"))
    assert len(Outcome(path).rows()) == 1


@pytest.mark.parametrize(
    ("delimiter", "word"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar"), (",", None)]
)
def test_delimiters(tmp_path: Path, delimiter: str, word: str | None) -> None:
    lines = (HEADER.replace(",", delimiter), ROW.replace(",", delimiter))
    outcome = Outcome(write(tmp_path / "appointments.csv", *lines))
    assert outcome.rows()[0]["practice_id"] == "Y1"
    assert [w for w in outcome.notes.warnings if "divided" in w] == (
        [f"appointments.csv is divided by {word}, not by comma."] if word else []
    )


def test_excel_separator_line(tmp_path: Path) -> None:
    path = write(tmp_path / "appointments.csv", "sep=;", HEADER.replace(",", ";"),
                 ROW.replace(",", ";"))  # fmt: skip
    assert Outcome(path).lines() == [3]


def test_wrong_delimiter_names_what_was_found(tmp_path: Path) -> None:
    error = error_of(write(tmp_path / "appointments.csv", HEADER.replace(",", "~")))
    assert "patient_id, staff_id, practice_id, start_time" in error.message
    assert "patient_id~staff_id" in (error.where or "")
    assert "--mapping" in (error.hint or "")


def test_missing_columns(tmp_path: Path) -> None:
    error = error_of(write(tmp_path / "appointments.csv", "patient_id,staff_id,when", "p,s,1"))
    assert error.message == (
        "Required columns of the table appointments are missing: practice_id, start_time."
    )
    assert error.where == "appointments.csv, which has: patient_id, staff_id, when"


def test_first_row_of_data_is_not_shown_as_a_header(tmp_path: Path) -> None:
    path = write(tmp_path / "appointments.csv", "999 000 1234,Ms Example,2024-01-05T10:00")
    error = error_of(path)
    assert "looks like data" in (error.where or "")
    assert "Example" not in str(error.as_dict()) and "999" not in str(error.as_dict())


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    error = error_of(write(tmp_path / "appointments.csv", HEADER + ",Status,status", ROW + ",a,b"))
    assert error.message == 'Two columns are called "status".'
    fine = write(tmp_path / "b" / "appointments.csv", HEADER + ",x,x", ROW + ",a,b")
    assert Outcome(fine).notes.unknown_columns == {"appointments.csv": ["x", "x"]}


def test_header_only_and_empty(tmp_path: Path) -> None:
    outcome = Outcome(write(tmp_path / "appointments.csv", HEADER))
    assert outcome.rows() == []
    assert outcome.notes.warnings == ["appointments.csv has a header and no rows."]
    (tmp_path / "no" / "appointments.csv").parent.mkdir()
    (tmp_path / "no" / "appointments.csv").touch()
    write(tmp_path / "no" / "patients.csv", "patient_id,practice_id")
    assert error_of(tmp_path / "no").message == "This file is empty."
    assert error_of(write(tmp_path / "blank.csv", "", "")).message.startswith("No file here")


def test_rows_of_the_wrong_length_have_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "appointments.csv",
        HEADER, ROW, "p1,s1", "", ROW, ",,,", ROW + ",extra", "one", ROW, "last,row",
    )  # fmt: skip
    outcome = Outcome(path)
    assert outcome.lines() == [2, 5, 9]
    assert outcome.refused() == [
        (3, "has 2 cells, where the header has 4"),
        (7, "has 5 cells, where the header has 4"),
        (8, "has 1 cells, where the header has 4"),
        (10, "has 2 cells, where the header has 4"),
    ]
    assert outcome.progress == 7


def test_line_breaks_in_quotation_marks_keep_line_numbers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "appointments.csv",
        HEADER + ',"a\nnote"',
        ROW + ',"two\nlines"',  # lines 3 and 4
        ROW + ",one",  # 5
        'bad,"row\n\nof three"',  # 6 to 8
        ROW + ',"x\r\ny"',  # 9 and 10
        ROW + ",z",  # 11
    )
    outcome = Outcome(path)
    assert outcome.lines() == [3, 5, 9, 11]
    assert [line for line, _ in outcome.refused()] == [6]


def test_line_numbers_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hamlets.records.readers.csv_rows.BLOCK_BYTES", 1 << 12)
    lines, kept, bad = [HEADER + ",category"], list[int](), list[int]()
    number = 2
    for i in range(3000):
        if i % 7 == 0:
            lines.append("short,row")
            bad.append(number)
            number += 1
        elif i % 5 == 0:
            lines.append(ROW + ',"a\nb\nc"')
            kept.append(number)
            number += 3
        elif i % 11 == 0:
            lines.append("")
            number += 1
        else:
            lines.append(ROW + ",é")
            kept.append(number)
            number += 1
    outcome = Outcome(write(tmp_path / "appointments.csv", *lines))
    assert len(outcome.batches) > 10
    assert outcome.lines() == kept
    assert [line for line, _ in outcome.refused()] == bad


def test_rows_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "appointments.csv"
    path.write_bytes(
        f"{HEADER}\n{ROW}\n".encode() + b"p\xe9,s1,Y1,2024-01-05\n" + b"\xff\xfe\n" + ROW.encode()
    )
    outcome = Outcome(path)
    assert outcome.lines() == [2, 5]
    (first, second) = sorted(outcome.notes.refusals, key=lambda r: r.line)
    assert (first.line, first.column, first.reason) == (3, "patient_id", "is not UTF-8 text")
    assert second.line == 4


def test_quotation_mark_never_closed(tmp_path: Path) -> None:
    for i, tail in enumerate(['p1,"s1,Y1,2024-01-05\n' + ROW + "\n", 'p1,s1,Y1,"20\n24']):
        path = tmp_path / str(i) / "appointments.csv"
        path.parent.mkdir()
        path.write_text(f"{HEADER}\n{ROW}\n{tail}")
        assert error_of(path).message == "A quotation mark is opened and never closed."


def test_parquet_tables(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Patient_ID": [1, 2],
            "staff_id": ["s1", None],
            "practice_id": pa.array(["Y1", "Y1"]).dictionary_encode(),
            "start_time": pa.array([datetime(2024, 1, 5, 9)] * 2, pa.timestamp("ms", "UTC")),
            "extra": [[1], [2]],
        }
    )
    pq.write_table(table, tmp_path / "appointments.parquet", row_group_size=1)
    outcome = Outcome(tmp_path)
    assert outcome.lines() == [1, 2]
    assert outcome.notes.unknown_columns == {"appointments.parquet": ["extra"]}
    rows = [
        row
        for batch in outcome.batches
        for row in conform(batch, extract_end=datetime(2024, 2, 1)).rows.to_pylist()
    ]
    assert [r["patient_id"] for r in rows] == ["1", "2"]
    assert [r["staff_id"] for r in rows] == ["s1", None]
    assert rows[0]["start_time"] == datetime(2024, 1, 5, 9)


def test_parquet_with_lists_in_a_needed_column(tmp_path: Path) -> None:
    table = pa.table({n: [["x"]] for n in HEADER.split(",")})
    pq.write_table(table, tmp_path / "appointments.parquet")
    assert "lists or records" in error_of(tmp_path).message


def test_choice_of_reader(tmp_path: Path) -> None:
    path = write(tmp_path / "appointments.csv", HEADER, ROW)
    with open_source([path]) as source:
        reader, why = choose_reader(source)
        assert (reader.name, why) == (
            "csv",
            "appointments.csv has the columns of the table appointments",
        )
        assert choose_reader(source, "csv")[1] == "it was asked for"
        with pytest.raises(UsageError) as caught:
            choose_reader(source, "emis")
        assert all(name in (caught.value.hint or "") for name in READERS)


def test_nothing_recognised(tmp_path: Path) -> None:
    write(tmp_path / "stuff.csv", "a,b", "1,2")
    with open_source([tmp_path]) as source, pytest.raises(SourceError) as caught:
        choose_reader(source)
    assert caught.value.where == "stuff.csv"
    assert "appointments.csv" in (caught.value.hint or "")


def test_named_table_without_its_columns_gets_the_better_message(tmp_path: Path) -> None:
    write(tmp_path / "appointments.csv", "who,when", "1,2")
    with open_source([tmp_path]) as source:
        reader, _ = choose_reader(source)
    assert reader.name == "csv"
    assert "missing" in error_of(tmp_path).message

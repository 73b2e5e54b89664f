"""Mapping files: any CSV under other names, words and forms of dates."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from hamlets.errors import SourceError, UsageError
from hamlets.records.batches import ReaderNotes
from hamlets.records.conform import conform
from hamlets.records.mapping import read_mapping
from hamlets.records.readers import choose_reader
from hamlets.records.readers.csv_tables import CsvReader
from hamlets.records.sources import open_source
from hamlets.records.tables import STATUSES

GOOD = r"""
[appointments]
file = "Appts*.csv"
delimiter = ";"
date_format = "%d/%m/%Y %H:%M"

[appointments.columns]
patient_id = "NHS Number"
staff_id = "Seen by"
start_time = ["Appointment Date", "Appointment Time"]
booked_time = "Booked"
status = "Current Slot Status"

[appointments.date_formats]
booked_time = "%d-%b-%Y"

[appointments.values.status]
"Seen" = "attended"

[appointments.constants]
practice_id = "Y00001"

[staff]
[staff.columns]
staff_id = "code"
"""
SOURCE = (
    "NHS Number;Seen by;Appointment Date;Appointment Time;Booked;Current Slot Status;Mode;Other\n"
    "p1;Dr Example-Ash;05/01/2024;09:10;01-Jan-2024;SEEN;telephone;x\n"
    "p2;Dr Example-Ash;31/02/2024;09:10;;Seen;telephone;x\n"
)


def write(folder: Path, text: str, name: str = "map.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def error_of(folder: Path, text: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_mapping(write(folder, text))
    assert caught.value.where and caught.value.where.startswith("map.toml")
    assert caught.value.hint
    return caught.value


def test_any_csv_through_a_mapping(tmp_path: Path) -> None:
    write(tmp_path, SOURCE, "Appts 2024.csv")
    write(tmp_path, "code,practice_id\ns1,Y00001\n", "staff.csv")
    (tmp_path / "map").mkdir()
    mapping = read_mapping(write(tmp_path / "map", GOOD))
    notes = ReaderNotes()
    with open_source([tmp_path / "Appts 2024.csv", tmp_path / "staff.csv"]) as source:
        reader, why = choose_reader(source, "auto", mapping)
        batches = list(reader.read(source, notes, lambda _f, _n: None))
    assert why == "the mapping file map.toml is for it"
    assert [b.table for b in batches] == ["staff", "appointments"]
    assert notes.unknown_columns == {"Appts 2024.csv": ["Other"]}
    assert notes.warnings == []
    done = conform(batches[1], extract_end=datetime(2024, 2, 1))
    (row,) = done.rows.to_pylist()
    assert row["patient_id"] == "p1" and row["practice_id"] == "Y00001"
    assert row["start_time"] == datetime(2024, 1, 5, 9, 10)
    assert row["booked_time"] == datetime(2024, 1, 1)
    assert row["status"] == STATUSES.index("attended")
    assert row["mode"] == 2
    (refusal,) = done.refusals
    assert (refusal.line, refusal.column) == (3, "start_time")
    assert refusal.reason == "there is no such day (as 31 February)"


def test_single_file_for_the_only_table(tmp_path: Path) -> None:
    text = GOOD.replace('file = "Appts*.csv"', "").partition("[staff]")[0]
    mapping = read_mapping(write(tmp_path, text))
    with open_source([write(tmp_path, SOURCE, "anything.txt")]) as source:
        (batch,) = CsvReader(mapping).read(source, ReaderNotes(), lambda _f, _n: None)
    assert batch.columns.num_rows == 2


@pytest.mark.parametrize(
    ("text", "message", "where", "hint"),
    [
        ("[appointment]", 'a table "appointment"', "", "appointments"),
        ("", "maps no table", "", "[appointments]"),
        ("[appointments", "cannot be read as TOML", "", "Mend this"),
        ("[appointments]\nfiles = 1", "not right", "[appointments.files]", "no such entry"),
        ("[appointments]\ndelimiter = '-'", "not right", "[appointments]", "delimiter must be"),
        ("[appointments]\ndate_format = 'dd/mm'", "not right", "[appointments]", "strptime"),
        ("[appointments.columns]\nwhen = 'x'", 'no column "when"', "columns]", "start_time"),
        ("[appointments.columns]\nstatus = 3", "not right", "columns.status", "Mend"),
        ("[appointments.columns]\nstatus = []", "not right", "[appointments]", "empty list"),
        ("[appointments.constants]\nx = 'x'", 'no column "x"', "constants]", "practice_id"),
        ("[appointments.date_formats]\nstatus = '%d/%m/%Y'", "holds no date", "formats]", "Leave"),
        ("[appointments.values.status]\nx = 'gone'", "not a word", "values.status]", "attended"),
        (
            "[appointments.columns]\nstatus='a'\n[appointments.constants]\nstatus='b'",
            "not right",
            "[appointments]",
            "both a column and a constant",
        ),
        ("appointments = 1", "not right", "[appointments]", "Mend"),
    ],
)
def test_faults_name_the_place_and_what_to_do(
    tmp_path: Path, text: str, message: str, where: str, hint: str
) -> None:
    error = error_of(tmp_path, text)
    assert message in error.message
    assert where in (error.where or "")
    assert hint in (error.hint or "")


def test_missing_folder_binary(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such mapping file"):
        read_mapping(tmp_path / "none.toml")
    with pytest.raises(SourceError, match="cannot be read"):
        read_mapping(tmp_path)
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="cannot be read"):
        read_mapping(tmp_path / "b.toml")


def test_column_that_the_file_lacks(tmp_path: Path) -> None:
    mapping = read_mapping(write(tmp_path, GOOD.replace("Seen by", "Clinician")))
    write(tmp_path, SOURCE, "Appts.csv")
    with open_source([tmp_path / "Appts.csv"]) as source, pytest.raises(SourceError) as caught:
        list(CsvReader(mapping).read(source, ReaderNotes(), lambda _f, _n: None))
    # the staff table comes first, and there is no file for it
    assert caught.value.message == "No file is there for the table staff."
    mapping = read_mapping(
        write(tmp_path, GOOD.partition("[staff]")[0].replace("Seen by", "Clinician"))
    )
    with open_source([tmp_path / "Appts.csv"]) as source, pytest.raises(SourceError) as caught:
        list(CsvReader(mapping).read(source, ReaderNotes(), lambda _f, _n: None))
    assert 'no column called "Clinician"' in caught.value.message
    assert "Seen by" in (caught.value.where or "")


def test_mapping_with_another_profile(tmp_path: Path) -> None:
    mapping = read_mapping(write(tmp_path, GOOD))
    with open_source([tmp_path]) as source, pytest.raises(UsageError):
        choose_reader(source, "fhir", mapping)

"""Rows that a source says are deleted leave the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hamlets.records import LoadReport, load, loading, open_store
from hamlets.records.batches import ProgressCallback, RawBatch, ReaderNotes
from hamlets.records.readers.csv_tables import CsvReader
from hamlets.records.sources import Source
from hamlets.records.store.maintenance import verify
from tests.oracles.stores import write_csv


def contact(number: int, patient: str) -> dict[str, Any]:
    return {
        "patient_id": patient,
        "staff_id": "s1",
        "practice_id": "G00001",
        "start_time": datetime(2024, 1, number, 9),
        "appointment_id": f"a{number}",
        "status": "attended",
    }


class Deleting(CsvReader):
    """The CSV reader, for a source that names deleted rows too."""

    deletions: dict[str, list[str]]

    def read(
        self, source: Source, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        yield from super().read(source, notes, progress)
        notes.deletions.update(self.deletions)


@pytest.fixture
def load_deleting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(deletions: dict[str, list[str]], **tables: Any) -> LoadReport:
        reader = Deleting(None)
        reader.deletions = deletions
        monkeypatch.setattr(loading, "choose_reader", lambda *_arguments: (reader, "a test"))
        source = write_csv(tables, tmp_path / f"extract-{len(list(tmp_path.glob('*')))}")
        return load(source, tmp_path / "store")

    return run


def ids(path: Path) -> list[str]:
    with open_store(path) as store:
        return sorted(store.table("appointments")["appointment_id"].to_pylist())


def test_deleted_appointments_leave(tmp_path: Path, load_deleting: Any) -> None:
    load_deleting({}, appointments=[contact(n, f"p{n}") for n in range(1, 5)])
    report = load_deleting({"appointments": ["a2", "a9"]}, appointments=[contact(5, "p5")])
    assert report.rows_deleted == {"appointments": 1}
    assert ids(tmp_path / "store") == ["a1", "a3", "a4", "a5"]
    assert verify(tmp_path / "store").sound


def test_a_row_that_comes_and_goes_in_one_load_is_collapsed(
    tmp_path: Path, load_deleting: Any
) -> None:
    report = load_deleting(
        {"appointments": ["a2"]}, appointments=[contact(1, "p"), contact(2, "p")]
    )
    assert report.rows_collapsed == {"appointments": 1}
    assert report.rows_kept == {"appointments": 1}
    assert ids(tmp_path / "store") == ["a1"]


def test_the_same_id_of_another_source_stays(tmp_path: Path, load_deleting: Any) -> None:
    load(write_csv({"appointments": [contact(1, "p")]}, tmp_path / "hub"), tmp_path / "store",
         source_name="hub")  # fmt: skip
    load_deleting({"appointments": ["a1"]}, appointments=[contact(2, "p")])
    assert ids(tmp_path / "store") == ["a1", "a2"]


def test_deleted_people_and_staff(tmp_path: Path, load_deleting: Any) -> None:
    patients = [{"patient_id": p, "practice_id": "G00001"} for p in ("p1", "p2")]
    staff = [{"staff_id": s, "practice_id": "G00001"} for s in ("s1", "s2")]
    load_deleting({}, appointments=[contact(1, "p1")], patients=patients, staff=staff)
    report = load_deleting(
        {"patients": ["p2", "nobody"], "staff": ["s2"], "conditions": ["c1"]},
        appointments=[contact(1, "p1")],
    )
    assert report.rows_deleted == {"patients": 1, "staff": 1}
    assert any("1 deletions from table conditions were passed over" in w for w in report.warnings)
    with open_store(tmp_path / "store") as store:
        assert store.table("patients").num_rows == 1
        assert store.table("staff")["staff_id"].to_pylist() == ["s1"]


def test_deleting_everything_leaves_an_empty_table(tmp_path: Path, load_deleting: Any) -> None:
    load_deleting({}, appointments=[contact(1, "p1")])
    load_deleting({"appointments": ["a1"]}, staff=[{"staff_id": "s1", "practice_id": "G00001"}])
    with open_store(tmp_path / "store") as store:
        assert store.table("appointments").num_rows == 0
        assert store.first_day is None
        assert store.group_practices() == []
    assert verify(tmp_path / "store").sound

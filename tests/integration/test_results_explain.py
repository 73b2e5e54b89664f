"""What a result leaves out or cannot give is said, not silent."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

import hamlets
from tests.conftest import MakeStore


def contact(patient: str, day: int, staff: str = "ASH") -> dict[str, str]:
    return {
        "patient_id": patient,
        "staff_id": staff,
        "practice_id": "G99001",
        "start_time": f"2025-01-{day:02d}T09:00:00",
    }


TABLES = {
    "appointments": [contact("old", 6), contact("old", 7, "BIRCH"), contact("young", 8)],
    "patients": [
        {"patient_id": "old", "practice_id": "G99001", "birth_year": "1955"},
        {"patient_id": "young", "practice_id": "G99001", "birth_year": "1999"},
    ],
}


def measured(make_store: MakeStore, **asked: Any) -> pa.Table:
    with hamlets.open_store(make_store(TABLES)) as store:
        return hamlets.continuity.measure(store, **asked)


def notes(table: pa.Table) -> list[str]:
    return json.loads(table.schema.metadata[b"hamlets"])["notes"]


def test_patients_of_other_ages_have_a_line(make_store: MakeStore) -> None:
    table = measured(make_store, measures=["clinicians"], preset="barker-2017")
    row = table.to_pylist()[0]
    assert (row["n_contacts"], row["excluded_age"]) == (2, 1)


def test_groups_that_nobody_belongs_to(make_store: MakeStore) -> None:
    table = measured(make_store, measures=["slicc"], by=["list"])
    assert table.num_rows == 0
    assert any("no row" in note for note in notes(table))


def test_measures_that_single_patients_do_not_have(make_store: MakeStore) -> None:
    table = measured(make_store, measures=["upc", "slicc"], by="patient")
    assert "slicc" not in table.column_names
    assert any("slicc" in note for note in notes(table))


def test_why_there_is_no_corrected_value(make_store: MakeStore) -> None:
    table = measured(make_store, measures=["clinicians"], by=["n_band"])
    alone = next(row for row in table.to_pylist() if row["n_band"] == "1")
    assert alone["value"] == 1.0
    assert alone["corrected"] is None
    assert alone["reason"]

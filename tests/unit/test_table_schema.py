"""The published Table Schema says what the readers read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from hamlets.records.table_schema import data_package, descriptor_text
from hamlets.records.tables import TABLES

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "datapackage.json"


def test_published_descriptor_is_up_to_date() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == descriptor_text(), (
        "run python -m hamlets.records.table_schema > docs/reference/datapackage.json"
    )


def test_every_table_and_column_is_described() -> None:
    resources = {r["path"]: r for r in json.loads(descriptor_text())["resources"]}
    assert set(resources) == {f"{name}.csv" for name in TABLES}
    for name, table in TABLES.items():
        fields = resources[f"{name}.csv"]["schema"]["fields"]
        assert [f["name"] for f in fields] == list(table.names)
        assert all(f["description"] for f in fields)


def test_descriptor_says_what_must_not_be_blank() -> None:
    appointments = next(r for r in data_package()["resources"] if r["path"] == "appointments.csv")
    fields = {f["name"]: f for f in appointments["schema"]["fields"]}
    assert fields["patient_id"]["constraints"]["required"] is True
    assert fields["staff_id"]["constraints"]["required"] is False
    assert "did_not_attend" in fields["status"]["constraints"]["enum"]
    header = io.StringIO()
    csv.writer(header).writerow(fields)
    assert header.getvalue().startswith("patient_id,staff_id,practice_id,start_time")

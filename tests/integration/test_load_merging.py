"""Loading into a store that has data: what adds, what replaces, what changes nothing."""

from __future__ import annotations

import json
import os
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import RefusedRowsError, SourceError, StoreError
from hamlets.records import LoadReport, load, open_store
from hamlets.records.store import staging, writing
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import current_manifest
from tests.oracles.stores import write_csv

Row = dict[str, Any]


def contacts(count: int, seed: int = 1, practices: int = 80, **more: Any) -> list[Row]:
    dice = random.Random(seed)
    rows: list[Row] = []
    for number in range(count):
        practice = dice.randrange(practices)
        start = datetime(2024, 1, 1, 8) + timedelta(minutes=10 * dice.randrange(9000))
        rows.append(
            {
                "patient_id": f"p{practice}-{dice.randrange(6)}",
                "staff_id": f"s{practice}-{dice.randrange(3)}",
                "practice_id": f"G{practice:05d}",
                "start_time": start,
                "appointment_id": f"a{seed}-{number}",
                "status": dice.choice(["attended", "did_not_attend"]),
                "mode": "telephone",
                **more,
            }
        )
    return rows


def load_rows(
    folder: Path, *loads: list[Row] | dict[str, list[Row]], **options: Any
) -> list[LoadReport]:
    reports: list[LoadReport] = []
    for number, rows in enumerate(loads):
        tables = rows if isinstance(rows, dict) else {"appointments": rows}
        source = write_csv(tables, folder / f"extract-{number}-{len(list(folder.glob('*')))}")
        reports.append(load(source, folder / "store", **options))
    return reports


def rows_of(store: Path, table: str = "appointments") -> list[Row]:
    with open_store(store) as opened:
        return opened.table(table).to_pylist()


def served(store: Path) -> dict[str, bytes]:
    """Return the parts of a store that are its content."""
    paths = [store / "CURRENT", *store.glob("files/*/*"), *store.glob("versions/*.json")]
    return {str(p.relative_to(store)): p.read_bytes() for p in paths}


def test_same_loads_give_same_bytes(tmp_path: Path) -> None:
    first, second = contacts(300), contacts(300, seed=2)
    for name in ("a", "b"):
        load_rows(tmp_path / name, first, second)
    assert served(tmp_path / "a/store") == served(tmp_path / "b/store")


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    rows = contacts(200)
    load_rows(tmp_path, rows)
    before = served(tmp_path / "store")
    (report,) = load_rows(tmp_path, rows)
    assert (report.changed, report.store_version) == (False, 1)
    assert report.rows_collapsed == {"appointments": 200}
    assert served(tmp_path / "store") == before


def test_rows_without_ids_change_nothing_the_second_time(tmp_path: Path) -> None:
    rows = [{k: v for k, v in r.items() if k != "appointment_id"} for r in contacts(200)]
    rows += rows[:5]  # the same patient, clinician and minute twice: two contacts
    (first,) = load_rows(tmp_path, rows)
    assert first.rows_new == {"appointments": 205}
    random.Random(5).shuffle(rows)
    (second,) = load_rows(tmp_path, rows)
    assert not second.changed
    ids = [r["appointment_id"] for r in rows_of(tmp_path / "store")]
    assert len(set(ids)) == 205 and {len(i) for i in ids} == {32}


def test_some_rows_without_ids(tmp_path: Path) -> None:
    rows = contacts(40)
    for row in rows[::2]:
        row["appointment_id"] = None
    load_rows(tmp_path, rows)
    ids = [r["appointment_id"] for r in rows_of(tmp_path / "store")]
    assert sum(i.startswith("a1-") for i in ids) == 20
    assert not load_rows(tmp_path, rows)[0].changed


def test_a_corrected_row_leaves_its_old_group(tmp_path: Path) -> None:
    rows = contacts(400)
    corrected = {**rows[7], "patient_id": "p79-1", "practice_id": "G00079",
                 "start_time": datetime(2024, 3, 30, 9)}  # fmt: skip
    load_rows(tmp_path, rows)
    (report,) = load_rows(tmp_path, [corrected])
    assert report.rows_replaced == {"appointments": 1}
    found = [r for r in rows_of(tmp_path / "store") if r["appointment_id"] == "a1-7"]
    assert [(r["practice_id"], r["start_time"]) for r in found] == [
        ("G00079", datetime(2024, 3, 30, 9))
    ]
    assert len(rows_of(tmp_path / "store")) == 400


def test_untouched_files_are_shared(tmp_path: Path) -> None:
    rows = contacts(400)
    load_rows(tmp_path, rows)
    layout = Layout(tmp_path / "store")
    before = current_manifest(layout)
    load_rows(tmp_path, [{**rows[0], "status": "cancelled"}])
    after = current_manifest(layout)
    assert before is not None and after is not None
    old = {f.path for f in before.tables["appointments"].files}
    new = {f.path for f in after.tables["appointments"].files}
    assert len(old) == 3 and len(old & new) == 2


def test_a_repeat_with_other_content_is_said(tmp_path: Path) -> None:
    (row,) = contacts(1)
    later = {**row, "status": "cancelled"}
    (report,) = load_rows(tmp_path, [row, row, later])
    assert report.rows_collapsed == {"appointments": 2}
    assert any("2 rows of appointments repeat" in w for w in report.warnings)
    assert [r["status"] for r in rows_of(tmp_path / "store")] == ["cancelled"]


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    rows = contacts(100)
    load_rows(tmp_path, rows[:50])
    rows[60]["start_time"] = "31/02/2024"
    (report,) = load_rows(tmp_path, rows + rows[:3])
    assert report.rows_read == {"appointments": 103}
    assert report.rows_refused == {"appointments": 1}
    assert report.rows_collapsed == {"appointments": 53}
    assert report.rows_kept == {"appointments": 49}
    assert report.quarantine is not None
    listed = (Path(report.quarantine) / "appointments.csv").read_text()
    assert "31/02" not in listed and len(listed.splitlines()) == 2
    json.dumps(report.as_dict())


def test_too_many_refused_rows_change_nothing(tmp_path: Path) -> None:
    load_rows(tmp_path, contacts(20))
    before = served(tmp_path / "store")
    bad = contacts(20, seed=2)
    for row in bad[:2]:
        row["start_time"] = "soon"
    with pytest.raises(RefusedRowsError) as caught:
        load_rows(tmp_path, bad)
    assert "2 of 20 rows were refused (10.0 %); the limit is 5 %" in caught.value.message
    assert caught.value.where is not None
    assert (Path(caught.value.where) / "appointments.csv").exists()
    assert served(tmp_path / "store") == before
    (report,) = load_rows(tmp_path, bad, refuse_limit=10.0)
    assert report.rows_kept == {"appointments": 18}


def test_refused_appointments_do_not_hide_behind_other_tables(tmp_path: Path) -> None:
    rows = contacts(10)
    rows[0]["start_time"] = "soon"
    staff = [{"staff_id": f"s{n}", "practice_id": "G00001"} for n in range(500)]
    with pytest.raises(RefusedRowsError):
        load_rows(tmp_path, {"appointments": rows, "staff": staff})


def test_a_header_without_rows_is_an_unreadable_source(tmp_path: Path) -> None:
    folder = tmp_path / "extract"
    folder.mkdir()
    (folder / "appointments.csv").write_text("patient_id,staff_id,practice_id,start_time\n")
    with pytest.raises(SourceError):
        load(folder, tmp_path / "store")
    assert not (tmp_path / "store" / "CURRENT").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match="not a record store"):
        load_rows(tmp_path, contacts(3))
    assert [p.name for p in (tmp_path / "store").iterdir()] == ["letter.txt"]


def test_a_registration_that_ends_moves_the_patient(tmp_path: Path) -> None:
    """Nothing of p is loaded again: only the last day of the data moves on."""
    old = {"patient_id": "p", "practice_id": "A", "from_date": date(2020, 1, 1),
           "to_date": date(2024, 2, 1)}  # fmt: skip
    new = {**old, "practice_id": "B", "from_date": date(2024, 2, 1), "to_date": None}

    def contact(patient: str, day: date) -> Row:
        return {"patient_id": patient, "staff_id": "s", "practice_id": "A",
                "start_time": datetime(day.year, day.month, day.day, 9), "appointment_id":
                f"{patient}{day}", "status": "attended"}  # fmt: skip

    load_rows(
        tmp_path,
        {"appointments": [contact("p", date(2024, 1, 5))], "registrations": [old, new]},
    )
    assert home(tmp_path / "store", "appointments") == {"A"}
    load_rows(tmp_path, [contact("q", date(2024, 3, 1))])
    assert home(tmp_path / "store", "registrations") == {"B"}
    assert home(tmp_path / "store", "appointments") == {"A", "B"}


def home(path: Path, table: str) -> set[str]:
    with open_store(path) as store:
        return {
            store.labels("practice")[g]
            for g in store.group_practices()
            if store.group_rows(table, g)
        }


def test_given_columns(tmp_path: Path) -> None:
    load_rows(tmp_path, contacts(5))
    with open_store(tmp_path / "store") as store:
        assert store.given("appointments", "status")
        assert not store.given("appointments", "urgency")
        assert not store.given("patients", "sex")
        rows = store.read_group("appointments", store.group_practices()[0], ["urgency", "site"])
        assert set(rows["urgency"].to_pylist()) == {-1} == set(rows["site"].to_pylist())
    load_rows(tmp_path, contacts(5, seed=2, urgency="routine"))
    with open_store(tmp_path / "store") as store:
        assert store.given("appointments", "urgency")


def test_days_of_the_store(tmp_path: Path) -> None:
    rows = contacts(50)
    load_rows(tmp_path, rows)
    days = [r["start_time"].date() for r in rows]
    with open_store(tmp_path / "store") as store:
        assert (store.first_day, store.last_day) == (min(days), max(days))


def test_spilled_rows_give_the_same_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every staged table goes through a file when memory is short."""
    rows, more = contacts(300), contacts(300, seed=2)
    for row in rows:
        row["appointment_id"] = None
    load_rows(tmp_path / "memory", rows, more)
    spilled: list[str] = []
    hold = staging.Staging.hold

    def spy(self: staging.Staging, table: Any) -> staging.Held:
        held = hold(self, table)
        spilled.append(str(held.path))
        return held

    monkeypatch.setattr(staging.Staging, "hold", spy)
    monkeypatch.setattr(
        writing, "Staging", lambda folder, _limit: staging.Staging(folder, memory_limit=0)
    )
    load_rows(tmp_path / "disk", rows, more)
    assert spilled and "None" not in spilled
    assert served(tmp_path / "memory/store") == served(tmp_path / "disk/store")
    assert not (tmp_path / "disk/store/tmp").exists()


def test_a_store_on_a_read_only_disk_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError, match="cannot be written"):
        load_rows(tmp_path, contacts(3))
    with pytest.raises(StoreError, match="no record store"):
        open_store(tmp_path / "store")

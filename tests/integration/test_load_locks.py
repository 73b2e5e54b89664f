"""One writer at a time, and readers that keep the version they opened."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from hamlets.errors import StoreBusyError, StoreDamagedError, StoreError, StoreNewerError
from hamlets.records import LoadReport, load, open_store
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import writer_lock
from hamlets.records.store.maintenance import (
    info,
    migrate,
    prune,
    restore,
    verify,
    versions,
)
from hamlets.records.store.manifest import FileSet, read_manifest, write_manifest
from tests.oracles.stores import write_csv


def extract(folder: Path, day: int) -> Path:
    row = {
        "patient_id": f"p{day}",
        "staff_id": "s",
        "practice_id": f"G{day * 40:05d}",
        "start_time": datetime(2024, 1, day, 9),
        "appointment_id": f"a{day}",
    }
    return write_csv({"appointments": [row]}, folder / f"extract-{day}")


def loaded(folder: Path, *days: int, keep_versions: int = 12) -> Path:
    for day in days:
        load(extract(folder, day), folder / "store", keep_versions=keep_versions)
    return folder / "store"


def test_the_second_writer_is_told_who_and_since_when(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    source = extract(tmp_path, 2)
    with writer_lock(Layout(store), 0):
        held = json.loads((store / "lock").read_text())
        with pytest.raises(StoreBusyError) as caught:
            load(source, store, wait_seconds=0)
    assert held["who"] in caught.value.message and held["since"] in caught.value.message
    assert caught.value.exit_code == 5
    assert load(source, store, wait_seconds=0).store_version == 2


def test_the_second_writer_waits(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    source = extract(tmp_path, 2)
    reports: list[LoadReport] = []
    waiting = threading.Thread(target=lambda: reports.append(load(source, store, wait_seconds=30)))
    with writer_lock(Layout(store), 0):
        waiting.start()
        time.sleep(0.3)
        assert not reports
    waiting.join(timeout=30)
    assert reports[0].store_version == 2


def test_a_lock_left_by_a_dead_process_does_not_hold(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    (store / "lock").write_text('{"who": "somebody gone", "since": "long ago"}')
    assert load(extract(tmp_path, 2), store, wait_seconds=0).store_version == 2


def test_a_reader_keeps_its_version(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    with open_store(store) as reading:
        loaded(tmp_path, 2, 3, keep_versions=1)
        assert prune(store, keep=1).in_use == [1]
        assert reading.table("appointments").num_rows == 1
        assert [v["version"] for v in versions(store)] == [1, 3]
    assert prune(store, keep=1).removed_versions == [1]
    assert [v["version"] for v in versions(store)] == [3]
    assert verify(store).sound


def test_old_versions_go_with_their_files(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1, 2, 3, 4, keep_versions=2)
    assert [v["version"] for v in versions(store)] == [3, 4]
    with open_store(store, 3) as three, open_store(store) as four:
        needed = {e.path for s in (three, four) for _, e in s.manifest.entries()}
    assert {p.relative_to(store).as_posix() for p in store.glob("files/*/*")} == needed


def test_restore_makes_a_new_version(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1, 2)
    entry = restore(store, 1)
    assert (entry["version"], entry["what"], entry["current"]) == (3, "restore 1", True)
    with open_store(store, 1) as one, open_store(store) as three:
        assert one.content_id == three.content_id
        assert three.table("appointments").num_rows == 1
    load(extract(tmp_path, 2), store)
    with open_store(store, 2) as two, open_store(store) as four:
        assert four.table("appointments").equals(two.table("appointments"))
    with pytest.raises(StoreError, match="no version 9"):
        restore(store, 9)


def test_versions_say_what_and_when(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1, 2)
    first, second = versions(store)
    assert (first["rows"], second["rows"]) == ({"appointments": 1}, {"appointments": 2})
    assert first["what"] == "load" and datetime.fromisoformat(first["when"])
    (store / "versions/history.jsonl").write_text('{"version": 1, "wh')
    assert [v["when"] for v in versions(store)] == [None, None]


def test_a_missing_store_or_version(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no record store"):
        open_store(tmp_path / "nowhere")
    store = loaded(tmp_path, 1)
    for version in (0, 2, -1):
        with pytest.raises(StoreError, match="has no version"):
            open_store(store, version)


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    for path in (store / "store.json", store / "versions/000001.json"):
        before = path.read_text()
        path.write_text(before.replace('"format_version": 1', '"format_version": 2'))
        for use in (open_store, verify, lambda p: load(extract(tmp_path, 2), p)):
            with pytest.raises(StoreNewerError, match="format 2"):
                use(store)
        path.write_text(before)
    assert verify(store).sound


@pytest.mark.parametrize("broken", [b"", b"x\n", b"7\n", b"\xff"])
def test_a_broken_current_is_named(tmp_path: Path, broken: bytes) -> None:
    store = loaded(tmp_path, 1)
    (store / "CURRENT").write_bytes(broken)
    with pytest.raises(StoreDamagedError) as caught:
        open_store(store)
    assert caught.value.where in ("CURRENT", "versions/000007.json")


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"format_version": 1}', b"null"])
def test_a_broken_manifest_is_named(tmp_path: Path, broken: bytes) -> None:
    store = loaded(tmp_path, 1)
    (store / "versions/000001.json").write_bytes(broken)
    with pytest.raises(StoreDamagedError) as caught:
        open_store(store)
    assert caught.value.where == "versions/000001.json"


def test_a_manifest_that_was_edited_is_noticed(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    path = store / "versions/000001.json"
    path.write_text(path.read_text().replace('"given"', '"given" ').replace("status", "statuS"))
    path.write_text(path.read_text().replace('"start_time"', '"mode"'))
    with pytest.raises(StoreDamagedError):
        open_store(store)


def test_every_damaged_file_is_found_and_named(tmp_path: Path) -> None:
    """One bit of one byte, anywhere in any file; or the file gone, or cut short."""
    store = loaded(tmp_path, 1, 2)
    for path in sorted(store.glob("files/*/*")):
        whole = path.read_bytes()
        name = path.relative_to(store).as_posix()
        middle = len(whole) // 2
        for broken in (
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            whole[:-9],
            b"",
        ):
            path.write_bytes(broken)
            assert any(p.startswith(name) for p in verify(store).problems)
        path.unlink()
        assert any(p.startswith(f"{name}: is missing") for p in verify(store).problems)
        path.write_bytes(whole)
    assert verify(store).sound


def test_a_patient_in_two_groups_is_found(tmp_path: Path) -> None:
    store = tmp_path / "store"
    rows = [
        {"patient_id": p, "practice_id": p.upper(), "from_date": date(2020, 1, 1)} for p in "ab"
    ]
    contacts = [
        {"patient_id": p, "staff_id": "s", "practice_id": "A", "start_time": datetime(2024, 1, 1)}
        for p in "ab"
    ]
    load(write_csv({"registrations": rows, "appointments": contacts}, tmp_path / "extract"), store)
    manifest = read_manifest(Layout(store), 1)
    (entry,) = manifest.tables["registrations"].files
    swapped = replace(entry, groups=((1, 1), (0, 1)))
    tables = {**manifest.tables, "registrations": FileSet((swapped,))}
    write_manifest(Layout(store), replace(manifest, tables=tables))
    assert verify(store).problems == [f"{appointments(store)}: 2 patients have rows in two groups"]


def appointments(store: Path) -> str:
    (path,) = store.glob("files/appointments/*")
    return path.relative_to(store).as_posix()


def test_info(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1, 2)
    found = info(store)
    with open_store(store) as opened:
        assert (found["version"], found["content_id"]) == (2, opened.content_id)
    assert found["tables"] == {"appointments": 2}
    assert (found["first_day"], found["last_day"]) == ("2024-01-01", "2024-01-02")
    assert (found["format_version"], found["identifiable"]) == (1, False)
    assert len(found["store_id"]) == 32
    assert [entry["rows_read"] for entry in found["loads"]] == [{"appointments": 1}] * 2
    assert migrate(store)["changed"] is False


def test_reading_a_damaged_file_names_it(tmp_path: Path) -> None:
    store = loaded(tmp_path, 1)
    (path,) = store.glob("files/appointments/*")
    path.write_bytes(path.read_bytes()[:-5])
    with open_store(store) as opened:
        (group,) = opened.group_practices()
        with pytest.raises(StoreDamagedError) as caught:
            opened.read_group("appointments", group, ["patient"])
    assert caught.value.where == path.relative_to(store).as_posix()
    path.unlink()
    with open_store(store) as opened, pytest.raises(StoreDamagedError):
        opened.table("appointments")
    with pytest.raises(StoreDamagedError):
        load(extract(tmp_path, 2), store)

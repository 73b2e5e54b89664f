"""What the decision records say of the store, tried on small loads."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from hamlets.errors import StoreError
from hamlets.records import load, open_store
from hamlets.records.store.maintenance import verify
from hamlets.records.tables import NOT_GIVEN, STATUSES

NHS = "9990000018"  # of the range that is never given to a person
HEADER = "appointment_id,patient_id,staff_id,practice_id,start_time"


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "account" / "pseudonym.key"
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(path))
    return path


def extract(folder: Path, **tables: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def checksums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def all_words(store: Path) -> str:
    """Return everything a store holds as one text, the data files unpacked."""
    words = [
        path.read_text(encoding="utf-8", errors="replace") + path.name
        for path in store.rglob("*")
        if path.is_file() and path.suffix != ".parquet"
    ]
    for path in store.rglob("*.parquet"):
        words.append(path.name + str(pq.read_metadata(path).metadata))
        words.append(json.dumps(pq.read_table(path).to_pylist(), default=str))
    return "\n".join(words)


def test_files_never_change_and_versions_share_them(tmp_path: Path) -> None:
    store = tmp_path / "store"
    one = extract(
        tmp_path / "one",
        appointments=f"{HEADER}\n1,P1,ASH,Y00001,2025-05-05 09:00\n",
        staff="staff_id,practice_id,role\nASH,Y00001,gp_partner\n",
    )
    two = extract(tmp_path / "two", appointments=f"{HEADER}\n2,P1,ASH,Y00001,2025-06-02 09:00\n")
    load([one], store)
    before = checksums(store)
    manifest = (store / "versions" / "000001.json").read_bytes()
    load([two], store)
    after = checksums(store)
    assert {name: after[name] for name in before} == before
    assert (store / "versions" / "000001.json").read_bytes() == manifest
    assert (store / "CURRENT").read_text().strip() == "2"
    files = [
        {f["path"] for f in json.loads(path.read_text())["tables"]["staff"]["files"]}
        for path in sorted((store / "versions").glob("*.json"))
    ]
    assert files[0] == files[1]
    assert files[0]


def test_the_same_loads_give_the_same_bytes(tmp_path: Path) -> None:
    one = extract(tmp_path / "one", appointments=f"{HEADER}\n1,P1,ASH,Y00001,2025-05-05 09:00\n")
    two = extract(tmp_path / "two", appointments=f"{HEADER}\n2,P2,ASH,Y00001,2025-06-02 09:00\n")
    for name in ("first", "second"):
        load([one], tmp_path / name)
        load([two], tmp_path / name)
    assert checksums(tmp_path / "first") == checksums(tmp_path / "second")
    manifests = [
        (tmp_path / name / "versions" / "000002.json").read_bytes() for name in ("first", "second")
    ]
    assert manifests[0] == manifests[1]


@pytest.fixture
def with_a_person(tmp_path: Path) -> Path:
    return extract(
        tmp_path / "person",
        appointments=f"{HEADER}\n1,P-4711,ASH,Y00001,2025-05-05 09:00\n",
        patients=(
            "patient_id,practice_id,nhs_number,name,birth_date\n"
            f"P-4711,Y00001,{NHS},Ms Example-Elm,1931-02-21\n"
        ),
    )


def test_by_default_nothing_in_the_store_names_a_patient(
    tmp_path: Path, with_a_person: Path, key_file: Path
) -> None:
    store = tmp_path / "store"
    report = load([with_a_person], store)
    assert report.rows_kept["patients"] == 1
    found = all_words(store)
    for identifier in (NHS, "P-4711", "Example-Elm", "1931-02-21"):
        assert identifier not in found
    assert "1931" in found
    assert key_file.read_bytes().hex() not in found
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_identifiable_is_chosen_and_recorded(tmp_path: Path, with_a_person: Path) -> None:
    store = tmp_path / "store"
    load([with_a_person], store, identifiable=True)
    assert NHS in all_words(store)
    with open_store(store) as opened:
        assert opened.identifiable


def test_another_key_stops_the_load(
    tmp_path: Path, with_a_person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    load([with_a_person], store)
    before = checksums(store)
    other = extract(tmp_path / "other", appointments=f"{HEADER}\n2,P9,ASH,Y00001,2025-06-02\n")
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(tmp_path / "another.key"))
    with pytest.raises(StoreError):
        load([other], store)
    (tmp_path / "another.key").write_bytes(b"0" * 64)
    with pytest.raises(StoreError):
        load([other], store)
    assert checksums(store) == before
    assert (store / "CURRENT").read_text().strip() == "1"


def test_not_given_is_remembered_for_each_row(tmp_path: Path) -> None:
    store = tmp_path / "store"
    load(
        [extract(tmp_path / "a", appointments=f"{HEADER}\n1,P1,ASH,Y00001,2025-05-05 09:00\n")],
        store,
    )
    load(
        [
            extract(
                tmp_path / "b",
                appointments=(
                    f"{HEADER},status\n"
                    "2,P1,ASH,Y00001,2025-06-02 09:00,\n"
                    "3,P1,ASH,Y00001,2025-06-03 09:00,attended\n"
                ),
            )
        ],
        store,
    )
    with open_store(store) as opened:
        (practice,) = opened.group_practices()
        rows = opened.read_group("appointments", practice, ["appointment_id", "status"])
    found = dict(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    attended = STATUSES.index("attended")
    assert found == {"1": NOT_GIVEN, "2": STATUSES.index("unknown"), "3": attended}


def test_a_file_that_changed_is_found(tmp_path: Path) -> None:
    store = tmp_path / "store"
    one = extract(tmp_path / "one", appointments=f"{HEADER}\n1,P1,ASH,Y00001,2025-05-05 09:00\n")
    load([one], store)
    assert verify(store).sound
    changed = next((store / "files" / "appointments").glob("*.parquet"))
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.chmod(0o600)
    changed.write_bytes(content)
    problems = verify(store).problems
    assert len(problems) == 1
    assert changed.name in problems[0]
    changed.unlink()
    assert changed.name in verify(store).problems[0]

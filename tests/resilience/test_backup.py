"""A backup holds everything, is whole or not there, and restores to the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hamlets.records.store.maintenance import verify

SCRIPT = Path(__file__).parents[2] / "deploy/backup.sh"
TABLES = {
    "practices": [{"practice_id": "P1"}],
    "staff": [{"staff_id": "G1", "practice_id": "P1", "role": "gp_partner"}],
    "patients": [{"patient_id": "1", "practice_id": "P1"}],
    "appointments": [
        {"patient_id": "1", "staff_id": "G1", "start_time": "2026-01-05T09:00", "practice_id": "P1"}
    ],
}


@pytest.fixture
def data(tmp_path: Path, make_store: Callable[..., Path]) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(make_store(TABLES), folder / "store")
    (folder / "key").mkdir()
    (folder / "key/pseudonym.key").write_text("00" * 32)
    (folder / "workspace").mkdir()
    (folder / "workspace/secret-key").write_text("secret")
    with sqlite3.connect(folder / "workspace/workspace.sqlite3") as database:
        database.execute("CREATE TABLE t (n)")
        database.execute("INSERT INTO t VALUES (1)")
    return folder


def run(data: Path, backups: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPT)],
        env={
            **os.environ,
            "HAMLETS_DATA": str(data),
            "HAMLETS_BACKUPS": str(backups),
            "HAMLETS_DATABASE_URL": "",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_what_is_restored_is_what_was_there(data: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    assert run(data, backups).returncode == 0
    (made,) = backups.iterdir()
    restored = tmp_path / "restored"
    shutil.copytree(made, restored)
    assert sums(restored / "store") == sums(data / "store")
    assert sums(restored / "key") == sums(data / "key")
    verify(restored / "store")
    with sqlite3.connect(restored / "workspace/workspace.sqlite3") as database:
        assert database.execute("SELECT n FROM t").fetchall() == [(1,)]
    assert subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=made).returncode == 0
    assert made.stat().st_mode & 0o077 == 0


def test_a_second_backup_shares_the_files_that_did_not_change(data: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    run(data, backups)
    (first,) = backups.iterdir()
    first.rename(backups / "2000-01-01T000000")
    gone = next((data / "store/files").rglob("*.parquet"))
    shutil.move(gone, data / "moved")
    run(data, backups)
    older, newer = sorted(backups.iterdir())
    pairs = [
        (older / "store" / p, newer / "store" / p) for p in sums(newer / "store") if "files/" in p
    ]
    assert pairs
    assert all(a.stat().st_ino == b.stat().st_ino for a, b in pairs)
    relative = gone.relative_to(data)
    assert (older / relative).exists()
    assert not (newer / relative).exists()


def test_a_backup_that_cannot_end_is_never_taken_for_one(data: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    (data / "workspace/workspace.sqlite3").write_bytes(b"not a database" * 100)
    assert run(data, backups).returncode != 0
    assert [path.name for path in backups.iterdir() if not path.name.startswith(".")] == []


def test_fourteen_are_kept(data: Path, tmp_path: Path) -> None:
    backups = tmp_path / "backups"
    for day in range(10, 28):
        (backups / f"2020-01-{day}T023000").mkdir(parents=True)
    assert run(data, backups).returncode == 0
    kept = sorted(path.name for path in backups.iterdir())
    assert len(kept) == 14
    assert kept[0] == "2020-01-15T023000"

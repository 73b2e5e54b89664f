"""A load that is killed, interrupted or runs out of disk: the old version stands.

Each load runs in a process of its own, over a store that has a version.
"""

from __future__ import annotations

import copy
import random
import shutil
import signal
import time
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from hamlets.records import load, open_store
from hamlets.records.store.maintenance import verify
from hamlets.records.store.writing import STAGES
from tests.oracles.stores import write_csv
from tests.resilience import disturbed

Row = dict[str, Any]


def rows(count: int, seed: int) -> list[Row]:
    dice = random.Random(seed)
    return [
        {
            "patient_id": f"p{dice.randrange(300)}",
            "staff_id": f"s{dice.randrange(20)}",
            "practice_id": f"G{dice.randrange(70):05d}",
            "start_time": datetime(2024, 1, 1, 8) + timedelta(minutes=5 * dice.randrange(30000)),
            "appointment_id": f"a{dice.randrange(10 * count)}",
            "status": "attended",
            "category": dice.choice(["routine", "urgent"]) * 3,
        }
        for _ in range(count)
    ]


class Trial:
    """A store with one version, and a second extract to load into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.said = folder.with_name("said.txt")
        self.first = write_csv({"appointments": rows(800, 1)}, folder / "first")
        self.second = write_csv({"appointments": rows(4000, 2)}, folder / "second")
        load(self.first, self.store, profile="csv")

    def copy(self, folder: Path) -> Trial:
        """Return the same trial in another folder."""
        shutil.copytree(self.folder, folder)
        found = copy.copy(self)
        found.folder, found.store = folder, folder / "store"
        found.said = folder.with_name("said.txt")
        return found

    def start(self, how: str = "", where: str = "") -> ForkServerProcess:
        return disturbed.start(self.second, self.store, self.said, how, where)

    def run(self, how: str, where: str) -> tuple[int | None, str]:
        """Return the exit code of a disturbed load and what it said."""
        process = self.start(how, where)
        process.join(timeout=60)
        return process.exitcode, self.said.read_text()

    def served(self) -> dict[str, bytes]:
        """Return what the current version consists of."""
        with open_store(self.store) as store:
            paths = [self.store / entry.path for _, entry in store.manifest.entries()]
            paths += [self.store / "CURRENT", self.store / f"versions/{store.version:06d}.json"]
            return {str(p.relative_to(self.store)): p.read_bytes() for p in paths}

    def all_files(self) -> set[str]:
        ignored = {"lock", "versions/history.jsonl", "store.json"}
        found = {str(p.relative_to(self.store)) for p in self.store.rglob("*") if p.is_file()}
        return found - ignored


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The trial that the others are copies of."""
    return Trial(tmp_path_factory.mktemp("pattern") / "trial")


@pytest.fixture
def trial(pattern: Trial, tmp_path: Path) -> Trial:
    return pattern.copy(tmp_path / "trial")


@pytest.fixture(scope="module")
def wanted(pattern: Trial, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the store holds after both loads, undisturbed."""
    undisturbed = pattern.copy(tmp_path_factory.mktemp("undisturbed") / "trial")
    load(undisturbed.second, undisturbed.store, profile="csv")
    return undisturbed.served()


SERVED_AFTER = STAGES.index("switching")


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_a_stage(trial: Trial, wanted: dict[str, bytes], stage: str) -> None:
    before = trial.served()
    code, said = trial.run("kill", stage)
    assert code == -signal.SIGKILL
    assert said.split()[-1] == stage
    late = STAGES.index(stage) > SERVED_AFTER
    assert trial.served() == (wanted if late else before)
    assert verify(trial.store).problems == []
    load(trial.second, trial.store, profile="csv")
    assert trial.served() == wanted
    assert trial.all_files() == set(wanted) | set(before)


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_a_random_moment(trial: Trial, wanted: dict[str, bytes], seed: int) -> None:
    before = trial.served()
    process = trial.start()
    while not trial.said.read_text():
        time.sleep(0.001)
    # It is reading: from here on it takes about a tenth of a second.
    time.sleep(random.Random(seed).uniform(0, 0.2))
    process.kill()
    process.join(timeout=60)
    assert trial.served() in (before, wanted)
    assert verify(trial.store).problems == []
    load(trial.second, trial.store, profile="csv")
    assert trial.served() == wanted
    assert trial.all_files() == set(wanted) | set(before)


def test_a_first_load_killed_before_its_end_leaves_no_store(trial: Trial, tmp_path: Path) -> None:
    undisturbed = trial.served()
    trial.store = tmp_path / "new"
    trial.second = trial.first
    for stage in ("writing", "manifest", "switching"):
        assert trial.run("kill", stage)[0] == -signal.SIGKILL
        assert not (trial.store / "CURRENT").exists()
    load(trial.first, trial.store, profile="csv")
    assert trial.served() == undisturbed


@pytest.mark.parametrize("stage", STAGES)
def test_interrupted_at_a_stage(trial: Trial, wanted: dict[str, bytes], stage: str) -> None:
    before = trial.served()
    files = trial.all_files()
    code, _ = trial.run("interrupt", stage)
    assert code == 130
    late = STAGES.index(stage) > SERVED_AFTER
    assert trial.served() == (wanted if late else before)
    assert trial.all_files() == (files | set(wanted) if late else files)
    assert not (trial.store / "tmp").exists()


@pytest.mark.parametrize("stage", ["matching", "writing", "publishing", "manifest"])
def test_disk_full(trial: Trial, wanted: dict[str, bytes], stage: str) -> None:
    """Beyond 4 kB a file cannot grow: the same error as a full disk, in every writer."""
    before = trial.served()
    files = trial.all_files()
    code, said = trial.run("full", stage)
    assert code == 5
    assert "no room left" in said
    assert trial.served() == before
    assert trial.all_files() == files
    assert not (trial.store / "tmp").exists()
    load(trial.second, trial.store, profile="csv")
    assert trial.served() == wanted

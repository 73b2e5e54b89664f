"""A load that is told to stop: heard until its last step, and then not any more."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from hamlets.web.jobs.progress import Progress
from hamlets.web.uploads import files
from hamlets.web.work import loading
from tests.fixtures.data_site import appointments, keep_apart


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Send a file; return the question of its load."""
    keep_apart(tmp_path, monkeypatch)
    folder, stored = files.new_folder(), files.new_name()
    files.path_of(folder, stored).write_text(appointments())
    return {
        "folder": folder,
        "files": [{"stored": stored, "name": "appointments.csv"}],
        "choice": {},
        "identifiable": False,
        "rows": 40,
        "anyway": False,
    }


class Stopping(Progress):
    """Sends the wish to stop when a stage begins."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at = at
        self.seen: list[str] = []

    def stage(self, words: str, total: int | None = None) -> None:
        self.seen.append(words)
        if words == self.at and self.seen.count(words) == 1:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(autouse=True)
def listening() -> Any:
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("at", ["Reading rows", "Looking for repeats", "Writing the new version"])
def test_before_the_last_step_nothing_is_changed(
    tmp_path: Path, sent: dict[str, Any], at: str
) -> None:
    store = tmp_path / "store"
    with pytest.raises(KeyboardInterrupt):
        loading.load(store, "EX001", Stopping(at), **sent)
    assert not (store / "CURRENT").exists()
    assert not (store / "tmp").exists()
    # and it can be run again
    assert loading.load(store, "EX001", Progress(), **sent)["store_version"] == 1


def test_in_the_last_step_it_is_too_late(tmp_path: Path, sent: dict[str, Any]) -> None:
    """What is said of it is then true: the rows are in."""
    progress = Stopping("Putting the new version in place")
    made = loading.load(tmp_path / "store", "EX001", progress, **sent)
    assert made["store_version"] == 1
    assert (tmp_path / "store" / "CURRENT").read_text() == "1\n"
    assert progress.seen[:2] == ["Reading rows", "Looking for repeats"]

"""Keeping, adopting and taking back a plan, killed or out of disk: all of it or nothing."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import HamletsError
from hamlets.records import open_store
from hamlets.records.store.maintenance import verify
from hamlets.teams.model import TeamModel
from hamlets.teams.plans.adopting import adopt, withdraw
from hamlets.teams.plans.storing import STAGES, list_plans, read_plan, save_plan
from tests.oracles.plans import keep, random_plan, records
from tests.oracles.stores import build_store
from tests.resilience import disturbed

START, TODAY = date(2024, 7, 1), date(2024, 6, 20)
VERSION_STAGES = ("writing", "publishing", "manifest", "switching")


def act(what: str, store: Path, stage: Callable[[str], None]) -> object:
    if what == "save":
        inputs, arrangement, plan = random_plan(1)
        # Small tables: a full disk is met in the document, which grows beyond 4 kB.
        plan = replace(plan, notes=("A note. " * 400,))
        return save_plan(store, plan, arrangement, inputs, TeamModel(), stage=stage)
    if what == "adopt":
        return adopt(store, "EX001-1", START, today=TODAY, stage=stage)
    return withdraw(store, "EX001-1", today=TODAY, stage=stage)


def run(what: str, store: Path, how: str, where: str) -> None:
    """Do it in a process of its own; end with the exit code of the command line."""
    os.fsync = lambda _handle: None

    def stage(name: str) -> None:
        if name == where:
            disturbed.disturb(how)

    try:
        act(what, store, stage)
    except HamletsError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        os._exit(error.exit_code)
    except KeyboardInterrupt:
        os._exit(130)


def disturb(what: str, store: Path, how: str, where: str) -> int | None:
    process = disturbed.context().Process(target=run, args=(what, store, how, where))
    process.start()
    process.join(timeout=60)
    return process.exitcode


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = build_store(tmp_path_factory.mktemp("killed"), records())
    keep(store)
    return store


@pytest.fixture
def store(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pattern, tmp_path / "store"))


def files(store: Path) -> set[str]:
    ignored = {"lock", "plans/lock", "versions/history.jsonl"}
    found = {str(p.relative_to(store)) for p in store.rglob("*") if p.is_file()}
    return found - ignored


def content(store: Path) -> tuple[int, dict[str, Any]]:
    with open_store(store) as opened:
        return opened.version, opened.manifest.tables


@pytest.mark.parametrize(
    ("how", "stage"), [*(("kill", each) for each in STAGES), ("interrupt", "document")]
)
def test_a_plan_killed_while_it_is_kept_is_never_seen(store: Path, how: str, stage: str) -> None:
    before = files(store)
    code = disturb("save", store, how, stage)
    assert code == (-signal.SIGKILL if how == "kill" else 130)
    assert [plan.plan_id for plan in list_plans(store)] == ["EX001-1"]
    assert verify(store).problems == []
    if how == "interrupt":
        assert files(store) == before
    assert act("save", store, lambda _stage: None) == store / "plans" / "EX001-2"
    assert not [name for name in files(store) if ".new-" in name]


def test_no_room_for_a_plan(store: Path) -> None:
    before = files(store)
    assert disturb("save", store, "full", "tables") == 5
    assert files(store) == before


@pytest.mark.parametrize(
    ("how", "stage"), [*(("kill", each) for each in VERSION_STAGES), ("interrupt", "manifest")]
)
def test_adopting_killed_at_a_stage(store: Path, how: str, stage: str) -> None:
    before = content(store)
    code = disturb("adopt", store, how, stage)
    assert code == (-signal.SIGKILL if how == "kill" else 130)
    assert content(store) == before
    assert read_plan(store, "EX001-1").plan.state == "draft"
    assert verify(store).problems == []
    adopt(store, "EX001-1", START, today=TODAY)
    assert read_plan(store, "EX001-1").plan.state == "adopted"
    assert content(store)[0] == before[0] + 1
    assert verify(store).problems == []


@pytest.mark.parametrize("stage", VERSION_STAGES[1:3])
def test_taking_back_killed_at_a_stage(store: Path, stage: str) -> None:
    adopt(store, "EX001-1", START, today=TODAY)
    before = content(store)
    assert disturb("withdraw", store, "kill", stage) == -signal.SIGKILL
    assert content(store) == before
    assert read_plan(store, "EX001-1").plan.state == "adopted"
    withdraw(store, "EX001-1", today=TODAY)
    assert read_plan(store, "EX001-1").plan.state == "draft"


def test_killed_before_the_plan_is_told_the_version_counts(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new version is served, and the process dies before it writes into the plan's file."""
    from hamlets.teams.plans import adopting

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(adopting, "note_change", die)
    with pytest.raises(KeyboardInterrupt):
        adopt(store, "EX001-1", START, today=TODAY)
    monkeypatch.undo()
    stored = read_plan(store, "EX001-1")
    assert (stored.plan.state, stored.plan.adopted_from) == ("adopted", START)
    assert [each.state for each in stored.history] == ["draft"]
    withdraw(store, "EX001-1", today=TODAY)
    assert read_plan(store, "EX001-1").plan.state == "draft"


def test_no_room_to_adopt(store: Path) -> None:
    before, left = content(store), files(store)
    assert disturb("adopt", store, "full", "manifest") == 5
    assert (content(store), files(store)) == (before, left)
    assert read_plan(store, "EX001-1").plan.state == "draft"

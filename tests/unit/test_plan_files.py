"""Plans as files: kept whole, read as they were written, and never written over."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hamlets.errors import StoreBusyError, StoreDamagedError, StoreError, UnknownPlaceError
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import plans_lock, writer_lock
from hamlets.records.store.maintenance import prune, restore, verify
from hamlets.records.store.plan_folders import is_plan_id
from hamlets.teams.model import TeamModel
from hamlets.teams.plans.contents import UNCHANGED
from hamlets.teams.plans.ids import slug
from hamlets.teams.plans.storing import list_plans, next_plan_id, propose, read_plan, save_plan
from hamlets.teams.results import RuleWords
from tests.oracles.plans import EXPLANATIONS, keep, random_plan, records
from tests.oracles.stores import build_store


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("plans"), records())


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "store"))


def test_what_is_read_is_what_was_kept(store: Path) -> None:
    inputs, arrangement, plan = random_plan(3, locked_share=0.05)
    model = TeamModel(roles={"nurse": 1}, cannot_link=(("S001", "S002"),), team_sessions=(4, 40))
    folder = save_plan(store, plan, arrangement, inputs, model, EXPLANATIONS)
    stored = read_plan(store, folder.name)
    teams = tuple(replace(team, team_id=f"{folder.name}-{team.team_id}") for team in plan.teams)
    assert stored.plan == replace(plan, plan_id=folder.name, number=1, teams=teams)
    assert (stored.model, stored.explanations) == (model, EXPLANATIONS)
    assert [change.state for change in stored.history] == ["draft"]
    rows = stored.allocations.to_pylist()
    assert len(rows) == plan.n_patients
    staff = inputs.clinicians.staff_id
    for row in rows:
        place = inputs.people.patient_id.index(row["patient_id"])
        old, new = inputs.people.named[place], arrangement.named[place]
        assert row["old_named_staff_id"] == (staff[old] if old >= 0 else None)
        assert row["new_named_staff_id"] == staff[new]
        assert row["team_id"] == teams[arrangement.team[place]].team_id
        assert row["changed"] == (old >= 0 and old != new)
        assert row["forced"] == (old < 0 and bool(inputs.people.named_gone[place]))
        assert row["first"] == (old < 0 and not inputs.people.named_gone[place])
        assert (row["reason"] == UNCHANGED) == (old == new)
    assert sum(row["changed"] for row in rows) == plan.moved
    for team in teams:
        people = [each for each in stored.members if each.team_id == team.team_id]
        assert {each.staff_id for each in people} == {*team.members, *team.shared}
        assert [each.staff_id for each in people if each.lead] == [team.lead]
        assert {each.staff_id for each in people if each.shared} == set(team.shared)


def test_rules_that_conflict_are_kept_too(store: Path) -> None:
    inputs, arrangement, plan = random_plan()
    rule = RuleWords("cover:3", 'Dr "Example" \\ Ünïcode\n[x]', 1.5, "A GP on Wednesdays.")
    plan = replace(plan, status="infeasible", conflict=(rule,), given_up=(rule, rule))
    folder = save_plan(store, plan, arrangement, inputs, TeamModel())
    assert read_plan(store, folder.name).plan.given_up == (rule, rule)


def test_numbers_go_up_and_nothing_is_written_over(store: Path) -> None:
    inputs, arrangement, plan = random_plan()
    plan = replace(plan, plan_id=next_plan_id(store, plan.practice_id))
    first = save_plan(store, plan, arrangement, inputs, TeamModel())
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    again = save_plan(store, plan, arrangement, inputs, TeamModel())
    assert (first.name, again.name) == ("EX001-1", "EX001-2")
    assert {path.name: path.read_bytes() for path in first.iterdir()} == before
    assert next_plan_id(store, "ex001") == "ex001-3"
    assert next_plan_id(store, "EX002") == "EX002-1"
    shutil.rmtree(first)
    assert next_plan_id(store, "EX001") == "EX001-3"


@pytest.mark.parametrize(
    ("practice", "wanted"),
    [
        ("EX001", "EX001"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "practice"),
        ("", "practice"),
        ("a/b\\c:d", "a-b-c-d"),
        ("Überpraxis №1", "Uberpraxis-No1"),
        ("x" * 300, "x" * 40),
        ("-" * 60 + "a", "a"),
        ("診療所", "practice"),
    ],
)
def test_any_practice_code_gives_a_safe_name(practice: str, wanted: str) -> None:
    assert slug(practice) == wanted
    assert is_plan_id(f"{wanted}-1")


@pytest.mark.parametrize(
    "name", ["../EX001-1", "EX001-1/..", "/etc-1", ".new-1", "EX001", "", "EX001-0", "EX\n-1", "-1"]
)
def test_what_is_no_plan_is_not_found_whatever_it_looks_like(store: Path, name: str) -> None:
    with pytest.raises(UnknownPlaceError, match="There is no plan"):
        read_plan(store, name)


def test_plans_are_listed_by_practice(store: Path) -> None:
    ids = [keep(store) for _ in range(11)]
    assert [plan.plan_id for plan in list_plans(store)] == ids == sorted(ids, key=len)
    assert len(list_plans(store, "EX001")) == 11
    assert list_plans(store, "EX002") == ()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "value changed": lambda f: edit(f / "plan.toml", "value = 900.5", "value = 990.5"),
    "not TOML": lambda f: (f / "plan.toml").write_text("plan = ["),
    "not text": lambda f: (f / "plan.toml").write_bytes(b"\xff\xfe\x00"),
    "deep": lambda f: (f / "plan.toml").write_text("a = " + "[" * 5000),
    "empty": lambda f: (f / "plan.toml").write_text(""),
    "gone": lambda f: (f / "plan.toml").unlink(),
    "cut short": lambda f: os.truncate(f / "plan.toml", 600),
    "table changed": lambda f: (f / "allocations.parquet").write_bytes(b"PAR1"),
    "table gone": lambda f: (f / "teams.parquet").unlink(),
    "folder of another": lambda f: shutil.copytree(f, f.with_name("EX001-7")),
}


@pytest.mark.parametrize("damage", sorted(DAMAGE))
def test_damage_is_a_sentence_and_seen_by_verify(store: Path, damage: str) -> None:
    plan_id = keep(store)
    folder = store / "plans" / plan_id
    assert verify(store).sound
    DAMAGE[damage](folder)
    if damage == "folder of another":
        plan_id = "EX001-7"
    with pytest.raises(StoreDamagedError) as caught:
        read_plan(store, plan_id)
    assert caught.value.exit_code == 5
    assert plan_id in str(caught.value.message)
    assert caught.value.hint
    assert verify(store).sound == (damage == "folder of another")


def test_spaces_and_comments_do_no_harm(store: Path) -> None:
    plan_id = keep(store)
    path = store / "plans" / plan_id / "plan.toml"
    path.write_text("# for the partners' meeting\n" + path.read_text().replace(" = ", "  =  "))
    assert read_plan(store, plan_id).plan.plan_id == plan_id


def test_one_damaged_plan_hides_no_other(store: Path) -> None:
    first, second = keep(store), keep(store)
    (store / "plans" / first / "plan.toml").unlink()
    problems: list[str] = []
    assert [plan.plan_id for plan in list_plans(store, problems=problems)] == [second]
    assert problems == [first]
    with pytest.raises(StoreDamagedError):
        list_plans(store)


def test_proposing_is_kept_with_who_and_when(store: Path) -> None:
    plan_id = keep(store)
    assert propose(store, plan_id, "Example Manager", when="2024-06-03T10:00:00").state == (
        "proposed"
    )
    propose(store, plan_id, "Somebody Else")
    history = read_plan(store, plan_id).history
    assert [(each.state, each.who) for each in history] == [
        ("draft", "Example Manager"),
        ("proposed", "Example Manager"),
    ]
    assert history[1].when == "2024-06-03T10:00:00"
    data = tomllib.loads((store / "plans" / plan_id / "plan.toml").read_text())
    assert "state" not in data["plan"]


def test_plans_are_outside_the_versions(store: Path, tmp_path: Path) -> None:
    plan_id = keep(store)
    restore(store, 1)
    prune(store, keep=1)
    assert read_plan(store, plan_id).plan.plan_id == plan_id
    copied = shutil.copytree(store, tmp_path / "copy")
    assert read_plan(copied, plan_id).plan.plan_id == plan_id
    assert verify(copied).sound


def test_a_plan_can_be_kept_while_an_extract_is_loaded(store: Path) -> None:
    with writer_lock(Layout(store), 0):
        assert keep(store) == "EX001-1"


def test_two_who_write_plans_wait_for_each_other(store: Path) -> None:
    inputs, arrangement, plan = random_plan()
    with plans_lock(Layout(store), 0), pytest.raises(StoreBusyError, match="plans are being"):
        save_plan(store, plan, arrangement, inputs, TeamModel(), wait_seconds=0)


def test_without_a_store_there_is_no_plan(tmp_path: Path) -> None:
    inputs, arrangement, plan = random_plan()
    for act in (
        lambda: save_plan(tmp_path / "none", plan, arrangement, inputs, TeamModel()),
        lambda: read_plan(tmp_path / "none", "EX001-1"),
        lambda: list_plans(tmp_path / "none"),
        lambda: next_plan_id(tmp_path / "none", "EX001"),
    ):
        with pytest.raises(StoreError, match="no record store"):
            act()
    assert not (tmp_path / "none").exists()


def test_a_store_without_plans_lists_none(store: Path) -> None:
    assert list_plans(store) == ()

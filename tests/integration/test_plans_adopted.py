"""Adopting a plan: measures follow from its day, and going back takes it back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import StoreBusyError, UnknownPlaceError, UsageError
from hamlets.records import open_store
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import writer_lock
from hamlets.records.store.maintenance import restore, verify
from hamlets.teams.model import TeamModel
from hamlets.teams.plans.adopting import adopt, withdraw
from hamlets.teams.plans.storing import list_plans, read_plan, save_plan
from hamlets.teams.results import RuleWords
from tests.oracles.plans import FIRST, LAST, arranged, inputs_of, joined, keep, records, shown
from tests.oracles.stores import build_store, write_csv

START = date(2024, 4, 1)
"""In the middle of the records, so that measures can be asked before and after."""
BEFORE = date(2024, 1, 1)
AHEAD = date(2024, 7, 1)
EXPECTED_MOVES = 6
"""Of 24 patients those of A2, whom A1 has always seen."""


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    other = records(practice_id="EX002")
    return {
        dated: build_store(
            tmp_path_factory.mktemp("adopting"), joined(records(dated=dated), {**other, **(
                {} if dated else {"named_gps": []})})
        )
        for dated in (True, False)
    }  # fmt: skip


@pytest.fixture
def store(patterns: dict[bool, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(patterns[True], tmp_path / "store"))


@pytest.fixture
def undated(patterns: dict[bool, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(patterns[False], tmp_path / "undated"))


def rows(store: Path, table: str) -> list[dict[str, Any]]:
    with open_store(store) as opened:
        return opened.table(table).to_pylist()


def seen(store: Path, level: str, first: date, last: date) -> dict[str, float]:
    """Return slicc of the practice at a level between two days, and of each list or team."""
    from hamlets.continuity import measure

    with open_store(store) as opened:
        table = measure(
            opened, measures="slicc", level=level, by=("practice", "list"), roles="any",
            date_from=first, date_to=last,
        )  # fmt: skip
        mine = [row for row in table.to_pylist() if row["practice"] == "EX001"]
        return {row["list"]: row["value"] for row in mine}


def test_team_measures_follow_from_the_day_on(store: Path) -> None:
    plan_id = keep(store)
    before = seen(store, "team", FIRST, START - timedelta(days=1))
    assert set(before) == {"A1", "A2", "A3", "A4"}
    adopt(store, plan_id, START)
    assert seen(store, "team", FIRST, START - timedelta(days=1)) == before
    after = seen(store, "clinician", START, LAST)
    # A2's patients are A1's now, and A1 has always seen them.
    assert set(after) == {"A1", "A3", "A4"}
    assert after["A1"] > 0.8
    members = rows(store, "team_members")
    assert {(m["staff_id"], m["team_id"]) for m in members if m["to_date"] is None} >= {
        (each.staff_id, each.team_id) for each in read_plan(store, plan_id).members
    }
    # The nurse is in team Blue (A1, A3), in no team before: contacts with her count for it.
    team = seen(store, "team", START, LAST)
    assert (team["A1"], team["A3"]) == (1.0, 1.0)
    assert team["A4"] < 1.0
    assert before["A3"] < 1.0


def test_only_rows_of_the_practice_change(store: Path) -> None:
    plan_id = keep(store)
    other = {
        table: [row for row in rows(store, table) if "EX002" in str(row)]
        for table in ("teams", "team_members")
    }
    with open_store(store) as opened:
        before = opened.manifest
    found = adopt(store, plan_id, AHEAD)
    assert (found.named_changed, found.named_first, found.version) == (EXPECTED_MOVES, 0, 2)
    assert (found.teams, found.members, found.closed) == (2, 5, 4)
    with open_store(store) as opened:
        after = opened.manifest
        assert opened.version == 2
    assert {
        name for name in before.tables if before.tables[name] != after.tables[name]
    } == {"teams", "team_members", "named_gps"}  # fmt: skip
    for table, kept in other.items():
        assert [row for row in rows(store, table) if "EX002" in str(row)] == kept
    named = [row for row in rows(store, "named_gps") if row["source"] == f"plan:{plan_id}"]
    assert len(named) == EXPECTED_MOVES
    assert {(row["staff_id"], row["from_date"], row["to_date"]) for row in named} == {
        ("A1", AHEAD, None)
    }
    leads = {m["staff_id"] for m in rows(store, "team_members") if m["lead"] and not m["to_date"]}
    assert {"A1", "A2"} <= leads
    closed = [m for m in rows(store, "team_members") if m["team_id"] in ("T1", "T2")]
    assert {m["to_date"] for m in closed} == {AHEAD}
    assert verify(store).problems == []


def test_the_current_named_gp_stays_for_the_days_before(undated: Path) -> None:
    before = seen(undated, "clinician", FIRST, START - timedelta(days=1))
    adopt(undated, keep(undated), START)
    named = rows(undated, "named_gps")
    assert len(named) == 2 * EXPECTED_MOVES
    assert seen(undated, "clinician", FIRST, START - timedelta(days=1)) == before
    assert set(seen(undated, "clinician", START, LAST)) == {"A1", "A3", "A4"}


def test_trying_writes_nothing(store: Path) -> None:
    plan_id = keep(store)
    files = {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()}
    with writer_lock(Layout(store), 0):
        tried = adopt(store, plan_id, AHEAD, dry_run=True)
    assert (tried.version, tried.named_changed) == (None, EXPECTED_MOVES)
    left = {path: path.stat().st_mtime_ns for path in store.rglob("*") if path.is_file()}
    del files[store / "lock"], left[store / "lock"]
    assert left == files
    assert replace(adopt(store, plan_id, AHEAD), version=None) == tried


def test_who_and_when_is_kept(store: Path) -> None:
    plan_id = keep(store)
    adopt(store, plan_id, AHEAD, "Dr Example-Ash")
    stored = read_plan(store, plan_id)
    change = stored.history[-1]
    assert (change.state, change.who, change.from_date, change.store_version) == (
        "adopted", "Dr Example-Ash", AHEAD, 2,
    )  # fmt: skip
    assert (stored.plan.state, stored.plan.adopted_from) == ("adopted", AHEAD)
    assert list_plans(store)[0].state == "adopted"


def test_twice_is_refused(store: Path) -> None:
    plan_id = keep(store)
    adopt(store, plan_id, AHEAD)
    with pytest.raises(UsageError, match="adopted already"):
        adopt(store, plan_id, AHEAD)


def test_a_later_plan_follows_an_earlier_one(store: Path) -> None:
    first, second = keep(store), keep(store)
    adopt(store, first, START)
    found = adopt(store, second, AHEAD)
    assert found.superseded == first
    assert found.named_changed == 0  # compared with what the first plan had named
    standing = read_plan(store, first).standing
    assert (standing.state, standing.until, standing.followed_by) == ("superseded", AHEAD, second)
    assert read_plan(store, second).plan.state == "adopted"
    open_ = {m["team_id"] for m in rows(store, "team_members") if m["to_date"] is None}
    assert {each for each in open_ if each.startswith("EX001")} == {
        team.team_id for team in read_plan(store, second).plan.teams
    }
    third = keep(store)
    with pytest.raises(UsageError, match=f"{second} holds from"):
        adopt(store, third, START)
    withdraw(store, second, today=START)
    assert read_plan(store, first).plan.state == "adopted"
    with pytest.raises(UsageError, match="not adopted"):
        withdraw(store, second, today=START)
    adopt(store, third, AHEAD)
    with pytest.raises(UsageError, match=f"{third} follows"):
        withdraw(store, first, today=BEFORE)


def test_taken_back_before_its_day_everything_is_as_it_was(store: Path, undated: Path) -> None:
    for path in (store, undated):
        with open_store(path) as opened:
            before = opened.manifest.tables
        plan_id = keep(path)
        adopt(path, plan_id, AHEAD)
        withdraw(path, plan_id, "Dr Example-Ash", today=AHEAD - timedelta(days=1))
        with open_store(path) as opened:
            assert opened.manifest.tables == before
            assert opened.manifest.adoptions == ()
        stored = read_plan(path, plan_id)
        assert stored.plan.state == "draft"
        assert not stored.standing.undone
        assert [each.state for each in stored.history] == ["draft", "adopted", "withdrawn"]
        adopt(path, plan_id, AHEAD)
        assert read_plan(path, plan_id).plan.state == "adopted"


def test_on_its_day_it_cannot_be_taken_back(store: Path) -> None:
    plan_id = keep(store)
    adopt(store, plan_id, AHEAD)
    with pytest.raises(UsageError, match="has begun"):
        withdraw(store, plan_id, today=AHEAD)


def test_going_back_to_an_earlier_version_takes_it_back(store: Path) -> None:
    plan_id = keep(store)
    adopt(store, plan_id, AHEAD)
    restore(store, 1)
    stored = read_plan(store, plan_id)
    assert (stored.plan.state, stored.plan.adopted_from) == ("draft", None)
    assert stored.standing.undone
    restore(store, 2)
    assert read_plan(store, plan_id).plan.state == "adopted"


def test_patients_and_gps_who_have_gone_are_passed_over(store: Path, tmp_path: Path) -> None:
    from hamlets.records import load

    plan_id = keep(store)
    world = records()
    patients = [row for row in world["patients"] if row["patient_id"] in ("P001", "P005")]
    change = {
        "appointments": world["appointments"][:1],
        "patients": [{**row, "registered_to": date(2024, 6, 1)} for row in patients[:1]],
        "staff": [{**world["staff"][2], "end_date": date(2024, 6, 30)}],
        "events": [],
    }
    change["patients"].append({**patients[1], "death_date": date(2024, 5, 1)})
    load(write_csv(change, tmp_path / "change"), store, source_name="extract")
    found = adopt(store, plan_id, AHEAD)
    assert (found.patients_left, found.patients_without_gp) == (2, 6)
    assert (found.named_changed, found.staff_gone, found.members) == (4, ("A3",), 4)
    assert found.names_gone == ("Dr Example-A3",)
    assert any("version 1" in note for note in found.notes)
    assert "A3" not in {
        row["staff_id"] for row in rows(store, "team_members") if row["to_date"] is None
    }


def test_who_works_for_several_teams_is_counted_once(store: Path) -> None:
    with open_store(store) as opened:
        inputs = inputs_of(opened)
    nurse = inputs.clinicians.staff_id.index("N1")
    every = replace(arranged(inputs), shared=(nurse,), others=((), ()))
    plan = shown(inputs, every)
    plan_id = save_plan(store, plan, every, inputs, TeamModel()).name
    assert sum(each.staff_id == "N1" for each in read_plan(store, plan_id).members) == 2
    found = adopt(store, plan_id, AHEAD, today=START)
    assert (found.teams, found.members) == (2, 5)
    assert withdraw(store, plan_id, today=START).members == 5


def test_a_plan_that_gives_up_rules_needs_force(store: Path) -> None:
    rule = RuleWords("cover:3", "Wednesday", 1, "A GP of every team on Wednesdays.")
    plan_id = keep(store, status="infeasible", given_up=(rule,))
    with pytest.raises(UsageError, match="do not keep all rules") as caught:
        adopt(store, plan_id, AHEAD)
    assert rule.sentence in str(caught.value.hint)
    found = adopt(store, plan_id, AHEAD, force=True)
    assert any(rule.sentence in note for note in found.notes)


@pytest.mark.parametrize(
    ("day", "today", "words"),
    [
        (date(2019, 1, 1), date(2024, 6, 30), "records begin on"),
        (date(2203, 7, 1), date(2024, 6, 30), "two years ahead"),
    ],
)
def test_days_that_cannot_be(store: Path, day: date, today: date, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        adopt(store, keep(store), day, today=today)
    with open_store(store) as opened:
        assert opened.version == 1


def test_a_day_that_is_past_is_said(store: Path) -> None:
    found = adopt(store, keep(store), START, today=AHEAD)
    assert any("past" in note for note in found.notes)


def test_adopted_from_an_earlier_day_it_stands_before_what_it_was_made_in_knowledge_of(
    tmp_path: Path,
) -> None:
    tables = records()
    # Patient P000 was given A4 in May, and another in June, after the plan was made.
    given = [("P000", date(2024, 5, 1)), ("P002", date(2024, 5, 2)), ("P004", date(2024, 6, 20))]
    tables["named_gps"] += [
        {"patient_id": who, "staff_id": "A4", "from_date": day} for who, day in given
    ]
    store = build_store(tmp_path / "own", tables)
    with open_store(store) as opened:
        inputs = inputs_of(opened)
    arrangement = arranged(inputs)
    made = replace(shown(inputs, arrangement), day=date(2024, 6, 3), plan_id="")
    plan_id = save_plan(store, made, arrangement, inputs, TeamModel()).name
    planned = {
        row["patient_id"]: row["new_named_staff_id"]
        for row in read_plan(store, plan_id).allocations.to_pylist()
    }
    adopt(store, plan_id, START)
    found: dict[str, str] = {}
    order = sorted(  # of two of one day the plan's was loaded last
        rows(store, "named_gps"), key=lambda row: (row["from_date"], row["source"] is not None)
    )
    for row in order:
        if row["from_date"] <= date(2024, 6, 3) and row["to_date"] is None:
            found[row["patient_id"]] = row["staff_id"]
    assert set(planned.values()) == {"A1", "A3", "A4"}
    assert found == planned
    # What was recorded after the plan was made holds from its own day.
    assert [row["staff_id"] for row in order if row["from_date"] > date(2024, 6, 3)] == ["A4"]


def test_pairs_of_gps_become_buddies(store: Path) -> None:
    plan_id = keep(store, approach="buddies")
    adopt(store, plan_id, AHEAD)
    pairs = {(row["staff_id"], row["buddy_staff_id"]) for row in rows(store, "buddies")}
    assert pairs == {("A1", "A3"), ("A3", "A1"), ("A2", "A4"), ("A4", "A2")}
    after = keep(store)
    adopt(store, after, AHEAD + timedelta(days=30))
    assert {row["to_date"] for row in rows(store, "buddies")} == {AHEAD + timedelta(days=30)}
    withdraw(store, after, today=AHEAD)
    assert {row["to_date"] for row in rows(store, "buddies")} == {None}
    withdraw(store, plan_id, today=BEFORE)
    assert rows(store, "buddies") == []


def test_a_cohort_plan_leaves_everybody_else_alone(store: Path) -> None:
    with open_store(store) as opened:
        inputs = inputs_of(opened)
    whole = arranged(inputs)
    chosen = [place for place in range(inputs.people.size) if place % 8 == 1]
    team, named = whole.team * 0 - 1, inputs.people.named.copy()
    team[chosen], named[chosen] = 0, 0
    arrangement = replace(
        whole, teams=((0, 2),), others=((),), leads=(0,), team=team, named=named
    )  # fmt: skip
    plan = shown(inputs, arrangement, approach="cohort", content_id="x")
    model = TeamModel(approach="cohort", cohort="frequent_attender")
    plan_id = save_plan(store, plan, arrangement, inputs, model).name
    found = adopt(store, plan_id, AHEAD)
    assert found.named_changed == len(chosen) == 3
    open_ = {(m["team_id"], m["staff_id"]) for m in rows(store, "team_members") if not m["to_date"]}
    assert {pair for pair in open_ if pair[0] in ("T1", "T2")} == {("T1", "A2"), ("T2", "A4")}


def test_another_writer_is_waited_for(store: Path) -> None:
    plan_id = keep(store)
    with writer_lock(Layout(store), 0), pytest.raises(StoreBusyError):
        adopt(store, plan_id, AHEAD, wait_seconds=0)
    assert read_plan(store, plan_id).plan.state == "draft"


def test_a_plan_of_another_store_is_not_adopted(store: Path, tmp_path: Path) -> None:
    keep(store, "EX002")
    elsewhere = build_store(tmp_path / "other", records())
    shutil.copytree(store / "plans", elsewhere / "plans")
    with pytest.raises(UnknownPlaceError, match="no practice EX002"):
        adopt(elsewhere, "EX002-1", AHEAD)


def test_no_key_is_needed(store: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(tmp_path / "nowhere" / "key"))
    plan_id = keep(store)
    adopt(store, plan_id, AHEAD)
    assert read_plan(store, plan_id).plan.state == "adopted"
    assert not (tmp_path / "nowhere").exists()

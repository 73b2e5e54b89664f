"""Loads into a store that follows a plan: old news does not undo it, later news holds."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from hamlets.records import LoadReport, load, open_store
from hamlets.records.store.maintenance import verify
from hamlets.teams.plans.adopting import adopt
from tests.oracles.plans import keep, records
from tests.oracles.stores import build_store, known_as, write_csv

START = date(2024, 6, 3)
DAY = datetime(2024, 6, 20, 18, 0)
"""When the later extracts are made: after the plan's first day."""


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    found: dict[bool, Path] = {}
    for dated in (True, False):
        found[dated] = build_store(tmp_path_factory.mktemp("loads"), records(dated=dated))
        adopt(found[dated], keep(found[dated]), START)
    return found


@pytest.fixture
def dated(patterns: dict[bool, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(patterns[True], tmp_path / "dated"))


@pytest.fixture
def current(patterns: dict[bool, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(patterns[False], tmp_path / "current"))


def again(store: Path, tables: dict[str, Any], end: datetime | None = DAY) -> LoadReport:
    if end is not None:
        happened = [row for row in tables["appointments"] if row["start_time"] <= end]
        tables = {**tables, "appointments": happened}
    folder = write_csv(tables, store.with_name(f"extract-{len(list(store.parent.iterdir()))}"))
    return load(folder, store, source_name="extract", extract_end=end, refuse_limit=0)


def named_on(store: Path, patient: str, day: date) -> str | None:
    """Return the named GP of a source's patient on a day, by the definition alone."""
    (known,) = [k for k, name in known_as(store, records()).items() if name == patient]
    with open_store(store) as opened:
        rows = opened.table("named_gps").to_pylist()
        for home in opened.group_practices():
            loaded = opened.read_group("named_gps", home, ["loaded"]).column("loaded").to_pylist()
            assert len(loaded) == len(rows)
            for row, version in zip(rows, loaded, strict=True):
                row["loaded"] = version
        people = opened.table("patients").to_pylist()
    dated = [row for row in rows if row["patient_id"] == known]
    if not dated:
        return next(row["named_staff_id"] for row in people if row["patient_id"] == known)
    held = [
        (row["from_date"] or date.min, row["loaded"], row["staff_id"])
        for row in dated
        if (row["from_date"] or date.min) <= day < (row["to_date"] or date.max)
    ]
    return max(held)[2] if held else None


def conflict(report: LoadReport) -> dict[str, Any]:
    (found,) = report.plan_conflicts
    assert (found["plan"], found["practice"]) == ("EX001-1", "EX001")
    return {k: v for k, v in found.items() if k not in ("plan", "practice") and v}


def test_the_same_extract_again_changes_nothing(dated: Path, current: Path) -> None:
    for store, kind in ((dated, True), (current, False)):
        with open_store(store) as opened:
            before = opened.content_id
        report = again(store, records(dated=kind), None)
        assert not report.changed
        assert conflict(report) == {"named_held": 6, "members_held": 4}
        with open_store(store) as opened:
            assert opened.content_id == before
        assert named_on(store, "P001", START) == "A1"
        assert any("the plan's stays" in each for each in report.warnings)


def test_a_later_dated_change_holds(dated: Path) -> None:
    world = records()
    world["named_gps"] += [
        {"patient_id": "P001", "staff_id": "A3", "from_date": date(2024, 6, 10)},
        {"patient_id": "P005", "staff_id": "A4", "from_date": START},
        {"patient_id": "P009", "staff_id": "A3", "from_date": date(2024, 5, 10)},
        {"patient_id": "P013", "staff_id": "A1", "from_date": date(2024, 6, 5)},
    ]
    report = again(dated, world)
    assert conflict(report) == {"named_changed": 2, "named_held": 3, "members_held": 4}
    assert named_on(dated, "P001", date(2024, 6, 9)) == "A1"
    assert named_on(dated, "P001", date(2024, 6, 10)) == "A3"
    assert named_on(dated, "P005", START) == "A4"
    assert named_on(dated, "P009", date(2024, 6, 2)) == "A3"
    assert named_on(dated, "P009", START) == "A1"
    assert named_on(dated, "P013", DAY.date()) == "A1"


def with_current(**named: str) -> dict[str, Any]:
    """Return the extract of current named GPs with some patients' changed."""
    world = records(dated=False)
    for row in world["patients"]:
        row["named_staff_id"] = named.get(row["patient_id"], row["named_staff_id"])
    return world


def test_a_current_named_gp_that_changed_holds_from_the_extract_on(current: Path) -> None:
    report = again(current, with_current(P001="A3"))
    assert conflict(report) == {"named_changed": 1, "named_held": 5, "members_held": 4}
    assert report.rows_kept["patients"] == 1
    assert named_on(current, "P001", date(2024, 3, 1)) == "A2"
    assert named_on(current, "P001", date(2024, 6, 19)) == "A1"
    assert named_on(current, "P001", DAY.date()) == "A3"
    assert verify(current).problems == []
    # The same extract again is no news; the next change is.
    assert not again(current, with_current(P001="A3")).changed
    again(current, with_current(P001="A1"), datetime(2024, 6, 25, 9, 0))
    assert named_on(current, "P001", date(2024, 6, 24)) == "A3"
    assert named_on(current, "P001", date(2024, 6, 25)) == "A1"


def test_a_system_that_caught_up_is_no_conflict(current: Path) -> None:
    moved = {f"P{number:03}": "A1" for number in (1, 5, 9, 13, 17, 21)}
    report = again(current, with_current(**moved))
    assert conflict(report) == {"members_held": 4}
    assert named_on(current, "P001", date(2024, 3, 1)) == "A2"
    assert named_on(current, "P001", DAY.date()) == "A1"
    with open_store(current) as opened:
        assert opened.manifest.tables["named_gps"].rows == 12


def test_a_change_before_the_plan_begins_holds_until_then(current: Path) -> None:
    report = again(current, with_current(P001="A3"), datetime(2024, 5, 20, 9, 0))
    assert conflict(report)["named_held"] == 6
    assert named_on(current, "P001", date(2024, 5, 19)) == "A2"
    assert named_on(current, "P001", date(2024, 5, 20)) == "A3"
    assert named_on(current, "P001", START) == "A1"


def test_patients_of_no_plan_are_as_they_were(current: Path) -> None:
    again(current, with_current(P002="A4"))
    assert named_on(current, "P002", date(2024, 1, 8)) == "A4"


def test_a_blank_is_no_change(current: Path) -> None:
    world = records(dated=False)
    for row in world["patients"]:
        del row["named_staff_id"]
        row["sex"] = "male"
    report = again(current, world)
    assert report.changed
    assert conflict(report) == {"members_held": 4}
    assert named_on(current, "P001", DAY.date()) == "A1"


def test_the_day_of_an_extract_is_that_of_its_last_contact(current: Path) -> None:
    again(current, with_current(P001="A3"), None)
    last = max(row["start_time"].date() for row in records()["appointments"])
    assert last == date(2024, 6, 28)
    assert named_on(current, "P001", date(2024, 6, 27)) == "A1"
    assert named_on(current, "P001", last) == "A3"


def test_teams_that_begin_later_stand_beside_the_plan(dated: Path) -> None:
    world = records()
    world["team_members"].append(
        {"team_id": "T1", "staff_id": "A4", "from_date": date(2024, 6, 17), "lead": False}
    )
    report = again(dated, world)
    assert conflict(report) == {"named_held": 6, "members_held": 4, "members_later": 1}
    with open_store(dated) as opened:
        open_ = {
            (row["team_id"], row["staff_id"])
            for row in opened.table("team_members").to_pylist()
            if row["to_date"] is None
        }
    assert {pair for pair in open_ if not pair[0].startswith("EX001")} == {("T1", "A4")}


def test_another_practice_is_not_looked_at(dated: Path) -> None:
    report = again(dated, records(practice_id="EX002"))
    assert report.plan_conflicts == []
    assert report.rows_kept["team_members"] == 4

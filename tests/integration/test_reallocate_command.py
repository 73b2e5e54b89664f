"""`hamlets teams reallocate`: who leaves, joins, is away or works other sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hamlets.records import open_store
from hamlets.teams.gathering import gather
from hamlets.teams.plans.storing import read_plan
from tests.inside import hamlets, refused
from tests.oracles.villages import Village
from tests.program import Ran

PLACES = (
    Village(place="TEAMS", teams=2, locks=6),
    Village(place="LISTS", gps=4, patients=80),
    Village(place="ALONE", gps=1, patients=20),
    Village(place="SINGLES", gps=3, patients=60, teams=3),
    Village(place="NONAMES", gps=3, patients=40, named=False),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return PLACES[0].store(tmp_path_factory.mktemp("leaver"), *PLACES[1:])


def reallocate(store: Path, place: str, *more: object) -> Ran:
    return hamlets("teams", "reallocate", "--store", store, "--practice", place, *more)


def as_json(store: Path, place: str, *more: object) -> dict[str, Any]:
    ran = reallocate(store, place, *more, "--format", "json")
    assert ran.code == 0, ran
    return ran.json


@pytest.mark.parametrize("place", ["TEAMS", "LISTS", "SINGLES"])
def test_everybody_of_the_leaver_has_another_gp(store: Path, place: str) -> None:
    leaver = f"{place}-D1"
    with open_store(store) as opened:
        inputs = gather(opened, place)
    staff, people = inputs.clinicians, inputs.people
    who = staff.staff_id.index(leaver)
    found = as_json(store, place, "--leaver", leaver, "--date", "2030-06-30")
    assert (found["leaver"], found["date"]) == (leaver, "2030-06-30")
    assert found["approach"] == "reallocation"
    assert found["patients"] == int((people.named == who).sum()) > 0
    assert found["patients"] == found["stay_in_team"] + found["leave_team"]
    if place == "SINGLES":
        assert found["stay_in_team"] == 0
        assert len(found["teams"]) == 2
    assert found["value"] <= found["bound"]
    kept = read_plan(store, found["plan_id"])
    rows = {row["patient_id"]: row for row in kept.allocations.to_pylist()}
    others = 0
    for row, patient in enumerate(people.patient_id):
        new = rows[patient]["new_named_staff_id"]
        assert new in {name for name in staff.staff_id if name != leaver}
        if people.named[row] != who:
            others += new != staff.staff_id[people.named[row]]
        asked = int(people.locked[row])
        if asked >= 0 and asked != who:
            assert new == staff.staff_id[asked] or people.named[row] != who
    assert others == found["others_moved"] <= found["budget"]
    for team in found["teams"]:
        assert leaver not in team["members"]


def test_a_plan_of_lists_alone_is_adopted_and_exported(store: Path, tmp_path: Path) -> None:
    """Without teams there are none afterwards either: the named GPs change and nothing else."""
    place = Village(place="ADOPT", gps=4, patients=60)
    mine = place.store(tmp_path / "own")
    found = as_json(mine, "ADOPT", "--leaver", "ADOPT-D2")
    assert found["teams"] == []
    refused(2, "teams", "adopt", found["plan_id"], "--store", mine, "--from", "2019-01-01")
    ran = hamlets(
        "teams", "adopt", found["plan_id"], "--store", mine, "--from", "2025-08-04", "--format",
        "json",
    )  # fmt: skip
    assert ran.code == 0, ran
    assert ran.json["named_changed"] == found["patients"] + found["others_moved"]
    assert (ran.json["teams"], ran.json["closed"]) == (0, 0)
    to = tmp_path / "files"
    assert hamlets("teams", "export", found["plan_id"], "--store", mine, "--to", to).code == 0
    lines = (to / "named-gps.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) - 1 == found["patients"] + found["others_moved"]


def test_a_plan_with_teams_is_adopted_and_one_starts_from_it(tmp_path: Path) -> None:
    mine = Village(place="NEXT", teams=2).store(tmp_path / "own")
    one = as_json(mine, "NEXT", "--leaver", "NEXT-D1")
    two = as_json(mine, "NEXT", "--leaver", "NEXT-D2", "--plan", one["plan_id"])
    assert {name for team in two["teams"] for name in team["members"]}.isdisjoint({"NEXT-D2"})
    gps = {
        row["new_named_staff_id"] for row in read_plan(mine, two["plan_id"]).allocations.to_pylist()
    }
    assert "NEXT-D2" not in gps
    assert two["patients"] > 0
    adopted = hamlets("teams", "adopt", one["plan_id"], "--store", mine, "--from", "2025-08-04")
    assert adopted.code == 0, adopted
    shown = hamlets("teams", "show", one["plan_id"], "--store", mine)
    assert "Dr Example-NEXT-D1 leaves on" in shown.out
    assert (
        hamlets("teams", "export", one["plan_id"], "--store", mine, "--to", tmp_path / "f").code
        == 0
    )


def test_what_is_said_of_a_leaver(store: Path) -> None:
    text = reallocate(store, "TEAMS", "--leaver", "TEAMS-D1", "--date", "2025-12-31").out
    for words in (
        "Dr Example-TEAMS-D1 leaves on 31 December 2025. ", " can stay in the team, ",
        "They go to ", "Past contacts kept with the own GP: ", "leads Old 0. Who could: ",
        "hamlets teams export TEAMS-",
    ):  # fmt: skip
        assert words in text
    assert "TEAMS-P0" not in text
    ended = reallocate(store, "SINGLES", "--leaver", "SINGLES-D1").out
    assert "is the only GP of Old 0 who may hold a list, so the team ends" in ended


def test_a_band_that_cannot_be_kept_ends_as_a_design_does(store: Path) -> None:
    more = ("--sessions", "TEAMS-D1=1", "--budget", "0", "--band", "0.1")
    ran = reallocate(store, "TEAMS", *more)
    assert ran.code == 7, ran
    assert "The plan shown is the nearest found. It does not keep: " in ran.err
    assert "within 0.1 in 100 means from 99.9 to 100.1." in ran.out
    assert hamlets("teams", "list", "--store", store, "--practice", "TEAMS").out.count("TEAMS-")


def test_who_must_have_a_new_gp_is_said_beside_those_who_move(store: Path) -> None:
    ran = reallocate(store, "TEAMS", "--leaver", "TEAMS-D1", "--band", "30")
    found = as_json(store, "TEAMS", "--leaver", "TEAMS-D1", "--band", "30")
    assert found["patients"] == found["forced"] > 0
    words = f" get a different named GP, besides the {found['forced']:,} who need a new one."
    assert words in ran.out
    assert "within 30 in 100 means from 70 to 130." in ran.out


def test_the_band_is_that_of_the_plan_in_force(tmp_path: Path) -> None:
    mine = Village(place="BAND", teams=2).store(tmp_path / "own")
    model = tmp_path / "model.toml"
    model.write_text("band_percent = 17.5\nlist_band_percent = 40\n", encoding="utf-8")
    hamlets("teams", "design", "--store", mine, "--practice", "BAND", "--model", model,
            "--no-compare", "--no-backtest")  # fmt: skip
    assert as_json(mine, "BAND", "--leaver", "BAND-D1", "--band", "60")["band_percent"] == 60
    adopted = hamlets("teams", "adopt", "BAND-1", "--store", mine, "--from", "2025-06-02",
                      "--force")  # fmt: skip
    assert adopted.code == 0, adopted
    found = reallocate(mine, "BAND", "--leaver", "BAND-D1", "--format", "json").json
    assert found["band_percent"] == 17.5


def test_a_leave_names_who_looks_after_the_list(store: Path) -> None:
    more = ("--leave", "TEAMS-D3", "--date", "2025-09-01", "--until", "2026-02-27")
    text = reallocate(store, "TEAMS", *more).out
    assert "is away from 1 September 2025 until 27 February 2026." in text
    assert "Until then their patients are looked after by" in text
    found = as_json(store, "TEAMS", *more)
    assert any("TEAMS-D3" in team["members"] for team in found["teams"])
    assert found["until"] == "2026-02-27"


def test_fewer_sessions_make_a_shorter_list(store: Path) -> None:
    found = as_json(store, "LISTS", "--sessions", "LISTS-D1=2", "--budget", "40")
    assert 0 < found["others_moved"] <= found["budget"]
    # Not every choice of others was looked at, so nothing is proved.
    assert found["bound"] is None
    assert found["gap"] is None
    rows = read_plan(store, found["plan_id"]).allocations.to_pylist()
    was = sum(row["old_named_staff_id"] == "LISTS-D1" for row in rows)
    now = sum(row["new_named_staff_id"] == "LISTS-D1" for row in rows)
    assert now < was
    none = as_json(store, "LISTS", "--sessions", "LISTS-D1=2", "--budget", "0")
    assert none["others_moved"] == 0


def test_a_joiner_takes_those_without_a_gp(store: Path) -> None:
    found = as_json(store, "NONAMES", "--joiner", "NONAMES-D2")
    assert found["others_moved"] == 0
    rows = read_plan(store, found["plan_id"]).allocations.to_pylist()
    assert len(rows) == 40
    sizes = np.unique([row["new_named_staff_id"] for row in rows], return_counts=True)[1]
    assert len(sizes) == 3


@pytest.mark.parametrize(
    ("code", "place", "more", "words"),
    [
        (8, "TEAMS", ("--leaver", "X"), 'No GP "X" works at TEAMS'),
        (8, "TEAMS", ("--leaver", "N1"), "The GPs there are: TEAMS-D1"),
        (8, "NOWHERE", ("--leaver", "X"), "NOWHERE"),
        (8, "TEAMS", ("--joiner", "TEAMS-D9"), "must be on the staff list"),
        (7, "ALONE", ("--leaver", "ALONE-D1"), "is the only GP of the practice"),
        (2, "TEAMS", ("--leaver", "TEAMS-D1", "--date", "2020-01-01"), "This day is past"),
        (2, "TEAMS", (), "Say one change"),
        (2, "TEAMS", ("--leaver", "TEAMS-D1", "--joiner", "TEAMS-D2"), "Say one change"),
        (2, "TEAMS", ("--leave", "TEAMS-D1"), "A leave has a last day"),
        (2, "TEAMS", ("--leaver", "TEAMS-D1", "--team", "Old 1"), "--team goes with --joiner"),
        (2, "TEAMS", ("--sessions", "TEAMS-D1"), "Sessions are written as STAFF=N"),
        (2, "TEAMS", ("--sessions", "TEAMS-D1=many"), "Sessions are written as STAFF=N"),
        (
            2,
            "TEAMS",
            ("--leave", "TEAMS-D1", "--date", "2025-09-01", "--until", "2025-08-30"),
            "The leave ends before it begins",
        ),
        (8, "TEAMS", ("--leaver", "TEAMS-D1", "--plan", "TEAMS-999"), "There is no plan"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    store: Path, code: int, place: str, more: tuple[str, ...], words: str
) -> None:
    ran = refused(code, "teams", "reallocate", "--store", store, "--practice", place, *more)
    assert words in ran.err


def test_a_practice_must_be_named(store: Path) -> None:
    refused(2, "teams", "reallocate", "--store", store, "--leaver", "TEAMS-D1")

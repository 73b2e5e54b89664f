"""``hamlets report --publish`` and ``hamlets measure --publish``: what they give and refuse."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.inside import hamlets as run
from tests.inside import refused
from tests.oracles.stores import build_store
from tests.oracles.worlds import World, gp_rows

PRACTICE = "G99001"
NAMES = ("Dr Example-Ash", "Dr Example-Birch", "Dr Example-Cedar")
VIEWS = "all; practice; month; age_band; sex; ethnicity; imd_quintile; language"


def world_of(patients: int, gps: int = 3, contacts: int = 5) -> World:
    """Return a practice whose patients see each GP by turns, and mostly their own."""
    staff = gp_rows((f"gp{i}" for i in range(gps)), PRACTICE)
    for row, name in zip(staff, NAMES, strict=False):
        row["name"] = name
    world: World = {"staff": staff, "patients": [], "appointments": []}
    for i in range(patients):
        world["patients"].append(
            {
                "patient_id": f"patient-{i}",
                "practice_id": PRACTICE,
                "birth_year": 1930 + i % 90,
                "sex": "male" if i % 9 == 0 else "female",
                "named_staff_id": f"gp{i % gps}",
            }
        )
        for j in range(contacts):
            gp = i if (i + j) % 5 < 3 else i + j
            day = datetime(2024, 1, 8, 9) + timedelta(days=(i * 7 + j * 61) % 360, minutes=j)
            world["appointments"].append(
                {
                    "patient_id": f"patient-{i}",
                    "staff_id": f"gp{gp % gps}",
                    "practice_id": PRACTICE,
                    "start_time": day,
                    "appointment_id": f"a{i}-{j}",
                    "status": "attended",
                }
            )
    return world


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("good"), world_of(150))


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """Return a store that nothing was published of yet."""
    return Path(shutil.copytree(loaded, tmp_path / "store"))


def kept(store: Path) -> list[Path]:
    return sorted((store / "published").glob("*.json")) if (store / "published").exists() else []


def test_a_report_for_sharing(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "for-sharing.html"
    ran = run("report", "--store", store, "--publish", "--output", page)
    assert ran.code == 0, ran.err
    html = page.read_text(encoding="utf-8")
    assert "Made for sharing. Small numbers are left out." in html
    for name in (*NAMES, "gp0", "patient-"):
        assert name not in html
    assert re.findall(r"card-foot\">(\d+) contacts", html)[0] == "750"
    (ledger,) = kept(store)
    found = json.loads(ledger.read_text(encoding="utf-8"))
    assert found["what"] == "report of all"
    (entry,) = found["published"]
    assert {mark for mark, _ in entry["counts"].values()} <= {"shown", "few", "hidden"}
    for mark, value in entry["counts"].values():
        assert (value is None) == (mark != "shown")
        assert value is None or (value % 5 == 0 and value >= 10)
    # A second time nothing changes, neither on the page nor in what is remembered.
    again = tmp_path / "again.html"
    assert run("report", "--store", store, "--publish", "--output", again).code == 0
    assert again.read_bytes() == page.read_bytes()
    assert json.loads(kept(store)[0].read_text(encoding="utf-8")) == found


def test_a_table_for_sharing(store: Path, tmp_path: Path) -> None:
    table = tmp_path / "by-sex.csv"
    ran = run("measure", "--store", store, "--publish", "--by", "sex", "--output", table)
    assert ran.code == 0, ran.err
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    by_sex = {row["sex"]: row for row in rows if row["measure"] == "slicc"}
    # 17 men and 133 women with five contacts each.
    assert by_sex["male"]["n_patients"] == "15"
    assert by_sex["female"]["n_contacts"] == "665"
    assert 0 < float(by_sex["female"]["value"]) < 1
    for row in rows:
        for name in ("n_patients", "n_contacts"):
            assert not row[name] or (int(row[name]) % 5 == 0 and int(row[name]) >= 10)
    (ledger,) = kept(store)
    assert json.loads(ledger.read_text(encoding="utf-8"))["what"] == "measures"


def test_asking_for_less_publishes_the_same_numbers(store: Path) -> None:
    whole = run("measure", "--store", store, "--publish", "--by", "age_band", "--format", "json")
    part = run(
        "measure", "--store", store, "--publish", "--by", "age_band", "--measures", "slicc",
        "--format", "json",
    )  # fmt: skip
    assert part.json == [row for row in whole.json if row["measure"] == "slicc"]


@pytest.mark.parametrize(
    "by", ["list", "practice,list", "site", "practice,month", "month,sex", "mode", "patient"]
)
def test_groupings_that_nobody_registered(store: Path, by: str) -> None:
    ran = refused(2, "measure", "--store", store, "--publish", "--by", by)
    assert VIEWS in " ".join(ran.err.split())
    assert kept(store) == []


@pytest.mark.parametrize(
    "option",
    [
        ("--from", "2024-02-01"),
        ("--to", "2024-06-30"),
        ("--roles", "gp"),
        ("--window-months", "6"),
        ("--min-contacts", "3"),
        ("--min-list", "2"),
        ("--one-a-day",),
        ("--preset", "hull-2022"),
    ],
)
def test_rules_of_ones_own(store: Path, option: Sequence[str]) -> None:
    ran = refused(2, "measure", "--store", store, "--publish", *option)
    assert option[0] in ran.err
    assert kept(store) == []


def test_measures_that_a_view_does_not_have(store: Path) -> None:
    ran = refused(2, "measure", "--store", store, "--publish", "--by", "month", "--measures", "upc")
    assert "upc" in ran.err
    refused(2, "measure", "--store", store, "--publish", "--measures", "care_density")
    assert kept(store) == []


@pytest.mark.parametrize(
    ("patients", "gps", "said"), [(7, 3, "fewer than 8 patients"), (60, 1, "one clinician")]
)
def test_places_of_which_nothing_may_be_said(
    patients: int, gps: int, said: str, tmp_path: Path
) -> None:
    store = build_store(tmp_path, world_of(patients, gps))
    page = tmp_path / "page.html"
    for command in (("report", "--output", page), ("measure", "--by", "all")):
        ran = refused(6, *command, "--store", store, "--publish")
        assert said in " ".join(ran.err.split())
    assert not page.exists()
    assert kept(store) == []


@pytest.mark.parametrize("command", ["report", "measure"])
def test_without_what_was_published_before_nothing_is(
    command: str, store: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    where = ("--output", page) if command == "report" else ()
    words = (command, "--store", store, "--publish", *where)
    assert run(*words).code == 0
    (ledger,) = kept(store)
    ledger.write_text("{", encoding="utf-8")
    page.unlink(missing_ok=True)
    ran = run(*words)
    assert ran.code not in (0, 70)
    assert f"published/{ledger.name}" in ran.err
    assert ran.out == ""
    assert not page.exists()
    assert ledger.read_text(encoding="utf-8") == "{"

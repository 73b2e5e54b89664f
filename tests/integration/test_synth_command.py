"""``hamlets synth``: what it writes and loads, what it refuses, and what must hold in it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hamlets.records import Store, open_store
from hamlets.records.tables import TABLES
from tests.inside import hamlets
from tests.program import FIXTURES, Ran

FIRST, LAST = date(2026, 4, 1), date(2026, 9, 30)
SMALL = ("--practices", 3, "--patients", 900, "--months", 6, "--end", LAST)


def synth(*words: object) -> Ran:
    return hamlets("synth", *words)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with a small borough; nothing may write to it."""
    where = tmp_path_factory.mktemp("synth") / "store"
    ran = synth("--store", where, *SMALL)
    assert ran.code == 0, ran.err
    return where


@pytest.fixture(scope="module")
def store(path: Path) -> Any:
    with open_store(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def tables(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {name: store.table(name).to_pylist() for name in TABLES}


def folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def test_it_says_what_was_made(tmp_path: Path) -> None:
    ran = synth("--store", tmp_path / "s", "--practices", 1, "--patients", 50, "--months", 2)
    assert ran.code == 0, ran.err
    assert "1 practice with 50 registered patients" in ran.out
    for word in ("staff", "appointments", "Store version 1", "seconds"):
        assert word in ran.out
    assert "Simulating the practices ..." in ran.err


def test_programs_get_one_json_object(path: Path) -> None:
    ran = synth("--store", path, *SMALL, "--format", "json")
    assert ran.code == 0
    assert ran.err == ""
    assert ran.json["patients"] == 900
    assert ran.json["changed"] is False
    assert ran.json["rows"]["appointments"] > 1_000
    refused = synth("--store", path, *SMALL, "--seed", 2, "--format", "json")
    assert refused.error["exit_code"] == 2


def test_every_table_has_rows_and_nothing_was_refused(
    store: Store, tables: dict[str, list[dict[str, Any]]]
) -> None:
    made_elsewhere = {"indicator_counts", "teams", "team_members", "buddies"}
    assert {name for name, rows in tables.items() if not rows} <= made_elsewhere
    for load in store.manifest.loads:
        assert sum(load["rows_refused"].values()) == 0
        assert load["source"] == "invented"
    assert store.invented
    assert store.last_counted_day is not None
    assert LAST - timedelta(days=4) <= store.last_counted_day <= LAST


def test_patients_on_the_last_day_are_those_asked_for(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    open_rows = [r for r in tables["registrations"] if r["to_date"] is None]
    assert sum(r["from_date"] <= LAST for r in open_rows) == len(open_rows) == 900
    sizes = defaultdict[str, int](int)
    for row in open_rows:
        sizes[row["practice_id"]] += 1
    said = {r["practice_id"]: r["list_size"] for r in tables["practices"] if r["list_size"]}
    assert dict(sizes) == said


def test_contacts_lie_inside_registration_life_and_employment(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    homes = {r["patient_id"]: r for r in tables["registrations"]}
    people = {r["patient_id"]: r for r in tables["patients"]}
    staff = {r["staff_id"]: r for r in tables["staff"]}
    assert len(homes) == len(people) == len(tables["registrations"])
    for row in tables["appointments"]:
        day = row["start_time"].date()
        home, who = homes[row["patient_id"]], staff[row["staff_id"]]
        assert home["from_date"] <= day
        assert home["to_date"] is None or day < home["to_date"]
        dead = people[row["patient_id"]]["death_date"]
        assert dead is None or day < dead
        assert who["start_date"] <= day
        assert who["end_date"] is None or day < who["end_date"]
        assert who["practice_id"] == row["practice_id"]
        assert row["booked_time"] <= row["start_time"]
        assert day >= FIRST
        assert (row["status"] == "booked") == (day > LAST) or row["status"] == "cancelled"


def test_contacts_and_free_slots_lie_in_the_rota_and_not_in_one_another(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    sessions = defaultdict[tuple[str, date], list[Any]](list)
    for row in tables["sessions"]:
        sessions[row["staff_id"], row["start_time"].date()].append(row)
    taken = defaultdict[tuple[str, Any], list[str]](list)
    for row in tables["appointments"]:
        if row["status"] == "cancelled":
            continue
        start = row["start_time"]
        here = sessions[row["staff_id"], start.date()]
        assert any(s["start_time"] <= start < s["end_time"] for s in here)
        # urgent requests may be seen besides, at the end of a session
        taken[row["staff_id"], start].append(row["urgency"])
    for urgencies in taken.values():
        assert len(urgencies) == 1 or "same_day" in urgencies
    assert sum(len(u) > 1 for u in taken.values()) < 0.1 * len(taken)
    used = set(taken)
    for row in tables["slots"]:
        start = row["start_time"]
        here = sessions[row["staff_id"], start.date()]
        assert any(s["start_time"] <= start and row["end_time"] <= s["end_time"] for s in here)
        assert (row["staff_id"], start) not in used
        assert row["status"] == "free"
        used.add((row["staff_id"], start))


def test_there_are_free_and_booked_slots_in_the_weeks_ahead(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    assert any(r["start_time"].date() > LAST + timedelta(days=14) for r in tables["slots"])
    assert any(r["start_time"].date() > LAST for r in tables["appointments"])
    assert any(r["start_time"].date() > LAST + timedelta(days=28) for r in tables["sessions"])
    assert any(r["start_time"].date() < LAST for r in tables["slots"])


def test_named_gps_are_staff_and_begin_inside_their_employment(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    staff = {r["staff_id"]: r for r in tables["staff"]}
    homes = {r["patient_id"]: r for r in tables["registrations"]}
    for row in tables["named_gps"]:
        who = staff[row["staff_id"]]
        assert who["role"].startswith("gp")
        assert who["start_date"] <= row["from_date"]
        assert who["end_date"] is None or row["from_date"] < who["end_date"]
        assert row["from_date"] >= homes[row["patient_id"]]["from_date"]
        assert row["from_date"] <= LAST


def test_events_conditions_and_entries_are_of_days_that_have_happened(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    people = {r["patient_id"]: r for r in tables["patients"]}
    for name, column in (
        ("events", "event_date"),
        ("conditions", "from_date"),
        ("observations", "date"),
    ):
        for row in tables[name]:
            assert row[column] <= LAST
            dead = people[row["patient_id"]]["death_date"]
            assert dead is None or row[column] <= dead
    cancers = {r["patient_id"]: r["event_date"] for r in tables["events"]
               if r["event_type"] == "cancer_diagnosis"}  # fmt: skip
    registers = {r["patient_id"]: r["from_date"] for r in tables["conditions"]
                 if r["register"] == "cancer"}  # fmt: skip
    for who, day in cancers.items():
        assert registers[who] <= day


def test_places_hang_together(tables: dict[str, list[dict[str, Any]]]) -> None:
    networks = {r["network_id"]: r for r in tables["networks"]}
    practices = {r["practice_id"] for r in tables["practices"]}
    sites = {r["site_id"] for r in tables["sites"]}
    assert networks["EX-BOROUGH"]["name"] == "Example Borough"
    assert all(r["parent_id"] in {None, "EX-BOROUGH"} for r in networks.values())
    assert {r["network_id"] for r in tables["practices"]} <= set(networks)
    assert {r["practice_id"] for r in tables["network_members"]} <= practices
    assert {r["practice_id"] for r in tables["staff"]} <= practices
    for name in ("appointments", "sessions", "slots"):
        assert {r["site_id"] for r in tables[name]} <= sites


def test_the_same_seed_again_changes_nothing(path: Path) -> None:
    with open_store(path) as opened:
        before = (opened.version, opened.content_id)
    ran = synth("--store", path, *SMALL)
    assert ran.code == 0
    assert "nothing was changed" in ran.out
    with open_store(path) as opened:
        assert (opened.version, opened.content_id) == before


@pytest.mark.parametrize("other", [("--seed", 2), ("--policy", "own_first"), ("--identifiable",)])
def test_other_options_want_another_store(path: Path, other: tuple[object, ...]) -> None:
    ran = synth("--store", path, *SMALL, *other)
    assert ran.code == 2
    assert "other options" in ran.err


def test_threads_change_no_byte(path: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert synth("--output", one, *SMALL, "--threads", 1).code == 0
    assert synth("--output", two, *SMALL, "--threads", 2).code == 0
    assert folder_hash(one) == folder_hash(two)
    with open_store(path) as opened:
        first = opened.content_id
    assert synth("--store", tmp_path / "s", *SMALL, "--threads", 1).code == 0
    with open_store(tmp_path / "s") as opened:
        assert opened.content_id == first


def test_a_folder_of_files_can_be_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    ran = synth("--output", folder, "--practices", 2, "--patients", 80, "--months", 1)
    assert ran.code == 0
    names = {f.name.split("-")[0] for f in folder.iterdir()}
    assert {"appointments", "patients", "staff", "sessions"} <= names
    columns = set(pq.read_schema(next(folder.glob("appointments-*"))).names)
    assert columns <= set(TABLES["appointments"].names)
    assert hamlets("load", folder, "--store", tmp_path / "s").code == 0


def test_policies_make_a_difference(tmp_path: Path) -> None:
    share: dict[str, float] = {}
    for policy in ("earliest_any", "own_first"):
        where = tmp_path / policy
        words = ("--practices", 1, "--patients", 4_000, "--months", 4, "--policy", policy)
        assert synth("--store", where, *words).code == 0
        measured = hamlets("measure", "--store", where, "--measures", "slicc", "--format", "json")
        share[policy] = measured.json[0]["value"]
    assert share["own_first"] > share["earliest_any"] + 0.1


def test_invented_data_is_not_mixed_with_other_data(tmp_path: Path, path: Path) -> None:
    real = tmp_path / "real"
    assert hamlets("load", FIXTURES / "golden-practice", "--store", real).code == 0
    ran = synth("--store", real, *SMALL)
    assert ran.code == 2
    assert "not invented" in ran.err
    ran = hamlets("load", FIXTURES / "golden-practice", "--store", path)
    assert ran.code == 2
    assert "invented data" in ran.err
    with open_store(real) as opened:
        assert not opened.invented


def test_the_report_says_that_all_of_it_is_invented(path: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert hamlets("report", "--store", path, "--output", page).code == 0
    assert "Invented data" in page.read_text()


def test_the_pack_says_that_all_of_it_is_invented(path: Path, tmp_path: Path) -> None:
    page, mail, group = (tmp_path / name for name in ("p.html", "m.txt", "g.txt"))
    ran = hamlets(
        "pack", "--store", path, "--practice", "EX001", "--month", "2026-08", "--output", page,
        "--email", mail, "--patient-group", group,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    for file in (page, mail, group):
        assert "Invented data. No real patient" in file.read_text(encoding="utf-8")
    written = page.read_text(encoding="utf-8")
    # loaded after the month, so the load is no change of the month
    assert "Data loaded, version" not in written
    # the records begin in April: no period of the page does so earlier
    assert "1 April 2026 to 31 August 2026" in written
    assert "2024 to 31 August 2026" not in written
    # 13 weeks: 31 August is a bank holiday
    assert "of a usual week, Practice A, 1 June 2026 to 30 August 2026" in written


@pytest.mark.parametrize("command", [("named-gp",), ("pack", "--month", "2026-08")])
def test_a_hub_has_no_patients_of_its_own(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = hamlets(*command, "--store", path, "--practice", "EX-H01")
    assert ran.code in (6, 8)
    assert ran.out == ""
    assert "No patients" in ran.err
    assert "'EX-H01'" in ran.err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ("--practices", 0),
        ("--practices", 10, "--patients", 9),
        ("--patients", -5),
        ("--months", 0),
        ("--seed", -1),
        ("--policy", "luck"),
        ("--end", "2999-01-31"),
        ("--end", "yesterday"),
        ("--plant-cancer", "EX999", "--practices", 2, "--patients", 100),
        ("--threads", 0),
        ("--practices", "many"),
        ("--output", "somewhere", "--store", "elsewhere"),
        ("--output", "no-such-folder/files"),
    ],
)
def test_wrong_options_get_a_sentence(
    words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    placed = "--store" in words or "--output" in words
    where = () if placed else ("--store", tmp_path / "never")
    ran = hamlets("synth", *where, *words)
    assert ran.code == 2, ran.err
    assert ran.err.startswith("hamlets: ")
    assert not any(tmp_path.iterdir())


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for option in ("--output", "--store"):
        ran = synth(option, tmp_path, *SMALL)
        assert ran.code in (2, 5), ran.err
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


def test_tables_are_plain_text_and_days(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    assert synth("--output", folder, "--practices", 1, "--patients", 60, "--months", 1).code == 0
    for file in folder.iterdir():
        for field in pq.read_schema(file):
            assert not pa.types.is_nested(field.type)

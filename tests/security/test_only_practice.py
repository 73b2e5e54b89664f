"""A practice that loads for itself cannot touch what others have in the store.

Each attack is an extract that a manager of practice A could make up. Whatever it says, what
the store holds of practice B is, row for row, what it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import RefusedRowsError, UsageError
from hamlets.records import LoadReport, load, loading, open_store
from hamlets.records.batches import ProgressCallback, RawBatch, ReaderNotes
from hamlets.records.mapping import make_mapping
from hamlets.records.readers.csv_tables import CsvReader
from hamlets.records.sources import NamedFile, Source
from hamlets.records.store.maintenance import verify
from tests.oracles.stores import Tables, write_csv

A, B = "EX001", "EX002"
END = datetime(2031, 2, 1)
NUMBER = "9990000018"
"""The NHS number of B's patient b2 (of the range that is given to nobody)."""
EVERY_TABLE = (
    "appointments", "patients", "registrations", "named_gps", "staff", "teams", "team_members",
    "buddies", "sessions", "slots", "sites", "practices", "networks", "network_members", "events",
    "conditions", "observations", "indicator_counts",
)  # fmt: skip


def contact(who: str, staff: str, practice: str, day: int, **more: Any) -> dict[str, Any]:
    return {
        "patient_id": who,
        "staff_id": staff,
        "practice_id": practice,
        "start_time": datetime(2031, 1, day, 9),
        "status": "attended",
        **more,
    }


def practice(code: str, letter: str) -> dict[str, list[dict[str, Any]]]:
    """Return an extract with every table, of one practice whose ids begin with a letter."""
    one, two, gp = f"{letter}1", f"{letter}2", f"{letter}-gp"
    first, end = date(2030, 1, 1), datetime(2031, 1, 6, 12)
    number = NUMBER if letter == "b" else "9990000026"
    session = {"staff_id": gp, "practice_id": code, "start_time": datetime(2031, 1, 6, 8)}
    return {
        "practices": [{"practice_id": code, "name": f"Practice {letter}", "network_id": "N1"}],
        "networks": [{"network_id": "N1", "name": "Network 1"}],
        "network_members": [{"network_id": "N1", "practice_id": code, "from_date": first}],
        "sites": [{"site_id": f"{letter}-site", "practice_id": code, "name": "Example House"}],
        "staff": [
            {"staff_id": gp, "practice_id": code, "person_id": f"{letter}-person",
             "name": f"Dr Example-{letter}", "role": "gp"},
        ],
        "teams": [{"team_id": f"{letter}-team", "practice_id": code, "name": "Blue"}],
        "team_members": [{"team_id": f"{letter}-team", "staff_id": gp, "from_date": first}],
        "buddies": [{"staff_id": gp, "buddy_staff_id": f"{letter}-gp2", "from_date": first}],
        "patients": [
            {"patient_id": one, "practice_id": code, "named_staff_id": gp, "birth_year": 1950},
            {"patient_id": two, "practice_id": code, "nhs_number": number, "birth_year": 1960},
        ],
        "registrations": [
            {"patient_id": one, "practice_id": code, "from_date": first},
            {"patient_id": two, "practice_id": code, "from_date": first},
        ],
        "named_gps": [{"patient_id": one, "staff_id": gp, "from_date": first}],
        "appointments": [
            contact(one, gp, code, 6, appointment_id=f"{letter}-a1"),
            contact(two, gp, code, 7, appointment_id=f"{letter}-a2"),
        ],
        "conditions": [{"patient_id": one, "code": "C1", "from_date": first}],
        "events": [{"patient_id": one, "event_type": "death", "event_date": date(2031, 1, 8)}],
        "observations": [{"patient_id": one, "code": "O1", "date": first, "value": "1"}],
        "sessions": [{**session, "end_time": end}],
        "slots": [{"slot_id": f"{letter}-slot", **session, "end_time": end}],
        "indicator_counts": [
            {"practice_id": code, "indicator_id": "I1", "period_start": first,
             "period_end": date(2030, 12, 31), "numerator": 1, "denominator": 2},
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store of two practices, loaded by somebody who may."""
    folder = tmp_path_factory.mktemp("two")
    for letter, code in (("a", A), ("b", B)):
        source = write_csv(practice(code, letter), folder / code)
        load(source, folder / "store", extract_end=END)
    return folder / "store"


@pytest.fixture
def store(given: Path, tmp_path: Path) -> Path:
    """Copy the store, so that each attack finds it as it was."""
    return shutil.copytree(given, tmp_path / "store")


def held(store: Path) -> dict[str, Any]:
    """Return all that the store holds, and where each patient is at home."""
    with open_store(store) as opened:
        tables = {name: opened.table(name).to_pylist() for name in EVERY_TABLE}
        labels, people = opened.labels("practice"), opened.labels("patient")
        homes = {
            people[code]: labels[home] if home >= 0 else ""
            for home in opened.group_practices()
            for table in ("appointments", "patients", "registrations")
            for code in opened.read_group(table, home, ["patient"])["patient"].to_pylist()
        }
    return {**tables, "homes": homes}


def attack(store: Path, tmp_path: Path, **tables: Any) -> LoadReport:
    limit: float = tables.pop("limit", 100)
    source = write_csv(tables, tmp_path / f"attack-{len(list(tmp_path.glob('attack-*')))}")
    return load(source, store, only_practice=A, refuse_limit=limit, extract_end=END)


OWN = contact("a1", "a-gp", A, 20, appointment_id="a-new")
"""A row that A may load, so that the load has something to do."""


def without_own(found: dict[str, Any]) -> dict[str, Any]:
    rows = [row for row in found["appointments"] if row["appointment_id"] != "a-new"]
    return {**found, "appointments": rows}


def changed_copy() -> Tables:
    """Return B's whole extract with other content under the same ids."""
    tables = practice(B, "b")
    for name, column, value in (
        ("appointments", "status", "cancelled"), ("patients", "birth_year", 1900),
        ("staff", "role", "nurse"), ("teams", "name", "Stolen"), ("sites", "name", "Stolen"),
        ("practices", "name", "Stolen"), ("networks", "name", "Stolen"),
        ("sessions", "slots", 99), ("slots", "status", "stolen"), ("events", "code", "stolen"),
        ("conditions", "register", "stolen"), ("observations", "unit", "stolen"),
        ("indicator_counts", "numerator", 99), ("named_gps", "to_date", date(2030, 2, 1)),
        ("registrations", "to_date", date(2030, 2, 1)), ("buddies", "to_date", date(2030, 2, 1)),
        ("team_members", "to_date", date(2030, 2, 1)),
    ):  # fmt: skip
        for row in tables[name]:
            row[column] = value
    return tables


def test_the_extract_of_another_practice_changes_nothing(store: Path, tmp_path: Path) -> None:
    before = held(store)
    report = attack(store, tmp_path, **changed_copy())
    assert not report.changed
    assert report.rows_kept == dict.fromkeys(report.rows_read, 0)
    assert report.rows_refused == report.rows_read
    assert held(store) == before


def test_nor_with_its_own_code_in_every_row(store: Path, tmp_path: Path) -> None:
    """The rows say that they are A's; the ids are B's."""
    before = held(store)
    tables = {
        name: [{**row, **({"practice_id": A} if "practice_id" in row else {})} for row in rows]
        for name, rows in changed_copy().items()
        # what A may say of itself has tests of its own
        if name not in ("appointments", "practices", "sessions", "indicator_counts")
    }
    # ids of B's rows, and contacts with B's patients that have B's ids
    tables["appointments"] = [{**row, "practice_id": A} for row in changed_copy()["appointments"]]
    report = attack(store, tmp_path, **tables)
    assert report.rows_kept == dict.fromkeys(report.rows_read, 0)
    assert held(store) == before
    reasons = {key.partition(": ")[2] for key in report.refusals_by_reason}
    assert reasons == {"not for this practice to change", "only an administrator loads this table"}


def test_nor_without_a_practice_column(store: Path, tmp_path: Path) -> None:
    before = held(store)
    tables = {
        name: [{k: v for k, v in row.items() if k != "practice_id"} for row in rows]
        for name, rows in changed_copy().items()
        if name not in ("practices", "sessions", "indicator_counts", "network_members")
    }
    attack(store, tmp_path, **tables)
    assert held(store) == before


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("patients", {"patient_id": "b1", "practice_id": A, "named_staff_id": "a-gp"}),
        ("patients", {"patient_id": "new", "practice_id": A, "nhs_number": NUMBER}),
        ("patients", {"patient_id": "new", "practice_id": A, "nhs_number": "999 000 0018"}),
        ("patients", {"patient_id": "a1", "practice_id": A, "nhs_number": NUMBER}),
        ("patients", {"patient_id": NUMBER, "practice_id": A}),
        ("registrations", {"patient_id": "b1", "practice_id": A, "from_date": date(2031, 1, 9)}),
        ("registrations", {"patient_id": NUMBER, "practice_id": A, "from_date": date(2031, 1, 9)}),
        ("named_gps", {"patient_id": "b1", "staff_id": "a-gp", "from_date": date(2031, 1, 9)}),
        ("staff", {"staff_id": "b-gp", "practice_id": A, "role": "nurse"}),
        ("staff", {"staff_id": "b-gp", "practice_id": "", "network_id": "N1", "role": "nurse"}),
        ("staff", {"staff_id": "a-gp", "practice_id": A, "person_id": "b-person"}),
        ("team_members", {"team_id": "b-team", "staff_id": "a-gp", "from_date": ""}),
        ("team_members", {"team_id": "a-team", "staff_id": "b-gp", "from_date": ""}),
        ("buddies", {"staff_id": "a-gp", "buddy_staff_id": "b-gp", "from_date": ""}),
        ("appointments", contact("a1", "a-gp", A, 9, appointment_id="b-a1")),
        ("network_members", {"network_id": "N2", "practice_id": A, "from_date": date(2031, 1, 1)}),
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(map(str, part.values()))[:40],
)
def test_a_single_row_takes_nothing_over(
    store: Path, tmp_path: Path, table: str, row: dict[str, Any]
) -> None:
    before = held(store)
    tables = {"appointments": [OWN], table: [row] if table != "appointments" else [OWN, row]}
    report = attack(store, tmp_path, **tables)
    assert sum(report.rows_refused.values()) == 1
    assert report.rows_kept["appointments"] == 1  # A's own row came in
    assert without_own(held(store)) == before
    assert verify(store).sound


def test_a_practice_keeps_its_network(store: Path, tmp_path: Path) -> None:
    own = {"practice_id": A, "name": "Practice A anew", "network_id": "N2"}
    attack(store, tmp_path, practices=[own], appointments=[OWN])
    found = {row["practice_id"]: row for row in held(store)["practices"]}
    assert (found[A]["name"], found[A]["network_id"]) == ("Practice A anew", "N1")
    assert found[B]["name"] == "Practice b"


def test_contacts_with_patients_of_others_do_not_move_them(store: Path, tmp_path: Path) -> None:
    """A hub's contacts come in; the patient stays where they are registered."""
    before = held(store)
    report = attack(store, tmp_path, appointments=[contact("b1", "a-gp", A, 25)])
    assert report.rows_kept == {"appointments": 1}
    assert held(store)["homes"] == before["homes"]


def test_nor_in_a_store_that_knows_contacts_alone(tmp_path: Path) -> None:
    """There the last contact says whose patient somebody is, so that none may come."""
    rows = [contact("a1", "a-gp", A, 6), contact("b1", "b-gp", B, 6)]
    source = write_csv({"appointments": rows}, tmp_path / "given")
    load(source, tmp_path / "store", extract_end=END)
    before = held(tmp_path / "store")
    stolen = [contact("b1", "a-gp", A, 25), OWN]
    report = attack(tmp_path / "store", tmp_path, appointments=stolen)
    assert report.rows_refused == {"appointments": 1}
    assert without_own(held(tmp_path / "store")) == before
    member = {"staff_id": "b-gp", "practice_id": A, "role": "nurse"}
    report = attack(tmp_path / "store", tmp_path, staff=[member])
    assert report.rows_refused == {"staff": 1}


def test_a_patient_who_left_may_come(store: Path, tmp_path: Path) -> None:
    """Once the other practice says that the registration ended, and not before."""
    tables = practice(B, "b")
    for row in tables["registrations"]:
        row["to_date"] = date(2031, 1, 7)
    load(write_csv(tables, tmp_path / "left"), store, extract_end=END)
    came = {"patient_id": "b1", "practice_id": A, "from_date": date(2031, 1, 7)}
    listed = {"patient_id": "b1", "practice_id": A, "birth_year": 1950}
    report = attack(store, tmp_path, registrations=[came], patients=[listed], appointments=[OWN])
    assert sum(report.rows_refused.values()) == 0
    moved = [home for home in held(store)["homes"].values() if home == A]
    assert len(moved) == 3
    assert verify(store).sound


class Deleting(CsvReader):
    """A source that says of rows that they are deleted."""

    deletions: dict[str, list[str]]

    def read(
        self, source: Source, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        yield from super().read(source, notes, progress)
        notes.deletions.update(self.deletions)


def test_nothing_of_others_is_deleted(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(store)
    reader = Deleting(None, {"practice_id"})
    reader.deletions = {
        "appointments": ["b-a1", "b-a2"], "patients": ["b1", "b2", NUMBER], "staff": ["b-gp"],
        "practices": [B], "networks": ["N1"], "sites": ["b-site"], "teams": ["b-team"],
        "slots": ["b-slot"],
    }  # fmt: skip
    monkeypatch.setattr(loading, "choose_reader", lambda *_: (reader, "a test"))
    report = attack(store, tmp_path, appointments=[OWN])
    assert report.rows_deleted == {}
    assert without_own(held(store)) == before
    assert any("passed over" in words for words in report.warnings)
    reader.deletions = {"appointments": ["a-a1", "b-a1"], "staff": ["a-gp"]}
    assert attack(store, tmp_path, appointments=[OWN]).rows_deleted == {
        "appointments": 1,
        "staff": 1,
    }
    with open_store(store) as opened:
        left = opened.table("appointments")["appointment_id"].to_pylist()
    assert sorted(left) == ["a-a2", "a-new", "b-a1", "b-a2"]


def test_rows_of_others_count_towards_the_limit(store: Path, tmp_path: Path) -> None:
    before = held(store)
    rows = [OWN, *practice(B, "b")["appointments"]]
    with pytest.raises(RefusedRowsError, match="2 of 3 rows were refused"):
        attack(store, tmp_path, limit=5, appointments=rows)
    assert held(store) == before


def test_the_reason_tells_nothing_of_others(store: Path, tmp_path: Path) -> None:
    """The list of refused rows names neither the other practice nor what it has."""
    rows = [{"patient_id": "b1", "practice_id": A, "from_date": date(2031, 1, 9)}]
    report = attack(store, tmp_path, registrations=rows, appointments=[OWN])
    assert report.quarantine is not None
    written = (Path(report.quarantine) / "registrations.csv").read_text(encoding="utf-8")
    assert written.splitlines()[1:] == [
        "registrations.csv,2,patient_id,row,not for this practice to change"
    ]


def test_its_own_rows_come_in_without_a_practice_column(tmp_path: Path) -> None:
    """A report that a practice makes of itself does not say which practice it is."""
    tables = {
        name: [{k: v for k, v in row.items() if k != "practice_id"} for row in rows]
        for name, rows in practice(A, "a").items()
        if name in ("appointments", "patients", "staff", "registrations")
    }
    report = attack(tmp_path / "store", tmp_path, limit=0, **tables)
    assert report.rows_kept == report.rows_read
    assert (report.first_day, report.last_contact) == ("2031-01-06", "2031-01-07")
    assert set(held(tmp_path / "store")["homes"].values()) == {A}


def test_its_own_extract_twice_changes_nothing(store: Path, tmp_path: Path) -> None:
    own = practice(A, "a")
    for name in ("networks", "network_members"):
        del own[name]
    assert not attack(store, tmp_path, limit=0, **own).changed


def test_a_mapping_cannot_say_that_rows_are_of_others(store: Path, tmp_path: Path) -> None:
    before = held(store)
    (tmp_path / "mine.csv").write_text("who,when\na1,2031-01-20T09:00:00\n", encoding="utf-8")
    columns = {"patient_id": "who", "start_time": "when"}
    constants = {"practice_id": B, "staff_id": "a-gp"}
    told = {"file": "*", "columns": columns, "constants": constants}
    mapping = make_mapping("told", {"appointments": told})
    source = NamedFile(tmp_path / "mine.csv", "mine.csv")
    with pytest.raises(RefusedRowsError):
        load([source], store, mapping=mapping, only_practice=A, extract_end=END)
    assert held(store) == before


def test_a_look_changes_nothing(store: Path, tmp_path: Path) -> None:
    before = held(store)
    source = write_csv({"appointments": [OWN, contact("", "x", A, 9)]}, tmp_path / "look")
    report = load(source, store, only_practice=A, check=True, extract_end=END)
    assert (report.changed, report.store_version, report.over_limit) == (True, 2, (1, 2))
    assert report.rows_kept == {"appointments": 1}
    assert held(store) == before


def test_ids_of_one_practice_need_no_prefix(store: Path, tmp_path: Path) -> None:
    source = write_csv({"appointments": [OWN]}, tmp_path / "prefix")
    with pytest.raises(UsageError):
        load(source, store, only_practice=A, ids_per_practice=True)

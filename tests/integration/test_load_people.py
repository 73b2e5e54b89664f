"""One key per person: NHS numbers, source ids, pseudonyms, and people found to be one."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import StoreError, UsageError
from hamlets.records import LoadReport, load, open_store
from hamlets.records.store.maintenance import verify
from tests.oracles.stores import write_csv

ONE, TWO = "9990000018", "9990000026"
Row = dict[str, Any]


def contact(number: int, patient: str, practice: str = "G00001", **more: Any) -> Row:
    return {
        "patient_id": patient,
        "staff_id": "s1",
        "practice_id": practice,
        "start_time": datetime(2024, 1, number, 9),
        "appointment_id": f"a{number}",
        "status": "attended",
        **more,
    }


class Loading:
    """Loads tables into one store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"
        self.number = 0

    def __call__(self, _source: str = "csv", **tables: Any) -> LoadReport:
        self.number += 1
        options = {k: tables.pop(k) for k in ("identifiable", "ids_per_practice") if k in tables}
        source = write_csv(tables, self.folder / f"extract-{self.number}")
        return load(source, self.store, source_name=_source, **options)

    def patients(self, table: str = "appointments") -> list[str]:
        with open_store(self.store) as store:
            return store.table(table).column("patient_id").to_pylist()

    def all_bytes(self) -> bytes:
        return b"".join(p.read_bytes() for p in sorted(self.store.rglob("*")) if p.is_file())


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    return Loading(tmp_path)


def test_nhs_numbers_become_pseudonyms(loading: Loading) -> None:
    loading(appointments=[contact(1, ONE), contact(2, "999 000 0018"), contact(3, TWO)])
    one, again, two = sorted(loading.patients(), key=loading.patients().index)
    assert len(set(loading.patients())) == 2
    assert {len(one), len(again), len(two)} == {32}
    assert ONE.encode() not in loading.all_bytes()


def test_pseudonyms_depend_on_the_key(
    loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading(appointments=[contact(1, ONE)])
    other = Loading(tmp_path / "other")
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(tmp_path / "another.key"))
    other(appointments=[contact(1, ONE)])
    assert loading.patients() != other.patients()


def test_an_identifiable_store_shows_nhs_numbers_and_ids(loading: Loading) -> None:
    loading(
        appointments=[contact(1, "x"), contact(2, "y")],
        patients=[
            {"patient_id": "x", "practice_id": "G00001", "nhs_number": ONE, "name": "Ann Example",
             "birth_date": date(1950, 5, 1)},
            {"patient_id": "y", "practice_id": "G00001"},
        ],
        identifiable=True,
    )  # fmt: skip
    assert loading.patients() == [ONE, "y"]
    with open_store(loading.store) as store:
        row = store.table("patients").to_pylist()[0]
    assert (row["name"], row["birth_date"], row["birth_year"]) == (
        "Ann Example", date(1950, 5, 1), 1950
    )  # fmt: skip


def test_a_pseudonymous_store_keeps_no_name_birth_date_or_household(loading: Loading) -> None:
    report = loading(
        appointments=[contact(1, "x")],
        patients=[
            {"patient_id": "x", "practice_id": "G00001", "nhs_number": ONE, "name": "Ann Example",
             "birth_date": date(1950, 5, 1), "household_id": "house-77"},
            {"patient_id": "y", "practice_id": "G00001", "household_id": "house-77"},
        ],
    )  # fmt: skip
    assert not report.identifiable
    with open_store(loading.store) as store:
        rows = store.table("patients").to_pylist()
        assert store.given("patients", "birth_year")
        assert not store.given("patients", "birth_date")
        assert not store.given("patients", "name")
    assert {"name", "birth_date", "nhs_number"}.isdisjoint(rows[0])
    assert [row["birth_year"] for row in rows] == [1950, None]
    assert rows[0]["household_id"] == rows[1]["household_id"] != "house-77"
    for secret in (b"Ann Example", b"house-77", ONE.encode(), b"1950-05-01"):
        assert secret not in loading.all_bytes()


def test_two_sources_meet_in_the_nhs_number_only(loading: Loading) -> None:
    row = {"patient_id": "x", "practice_id": "G00001", "nhs_number": ONE}
    loading("practice", appointments=[contact(1, "x")], patients=[row])
    loading("hub", appointments=[contact(2, ONE, "H00001"), contact(3, "x", "H00001")])
    patients = loading.patients()
    with open_store(loading.store) as store:
        ids = dict(zip(store.table("appointments")["appointment_id"].to_pylist(), patients,
                       strict=True))  # fmt: skip
    assert ids["a1"] == ids["a2"] != ids["a3"]


def test_a_number_learnt_later_joins_two_people(loading: Loading) -> None:
    """x was stored by its own id; then the extract says it is the person known as ONE."""
    loading("hub", appointments=[contact(1, ONE, "H00001"), contact(2, ONE, "H00001")])
    loading("practice", appointments=[contact(3, "x", "G00070"), contact(4, "y", "G00070")])
    assert len(set(loading.patients())) == 3
    row = {"patient_id": "x", "practice_id": "G00070", "nhs_number": ONE}
    report = loading("practice", appointments=[contact(3, "x", "G00070")], patients=[row])
    assert report.rows_collapsed == {"appointments": 1, "patients": 0}
    assert any("turned out" in w for w in report.warnings)
    patients = loading.patients()
    assert sorted(patients.count(p) for p in set(patients)) == [1, 3]
    assert verify(loading.store).problems == []
    with open_store(loading.store) as store:
        joined = max(set(patients), key=patients.count)
        code = store.labels("patient").index(joined)
        homes = [
            group
            for group in store.group_practices()
            if code in store.read_group("appointments", group, ["patient"])["patient"].to_pylist()
        ]
        assert [store.labels("practice")[home] for home in homes] == ["G00070"]
    # The same extract once more changes nothing, and later rows go to the joined person.
    again = loading("practice", appointments=[contact(3, "x", "G00070")], patients=[row])
    assert not again.changed
    loading("practice", appointments=[contact(5, "x", "G00070")])
    assert loading.patients().count(joined) == 4


def test_the_joined_store_is_the_store_that_knew_from_the_start(tmp_path: Path) -> None:
    row = {"patient_id": "x", "practice_id": "G00070", "nhs_number": ONE}
    hub, practice = contact(1, ONE, "H00001"), contact(3, "x", "G00070")
    late, early = Loading(tmp_path / "late"), Loading(tmp_path / "early")
    late("hub", appointments=[hub])
    late("practice", appointments=[practice])
    late("practice", patients=[row], appointments=[practice])
    early("practice", patients=[row], appointments=[practice])
    early("hub", appointments=[hub])
    tables: list[set[str]] = []
    for each in (late, early):
        with open_store(each.store) as store:
            tables.append({str(r) for r in store.table("appointments").to_pylist()})
    assert tables[0] == tables[1]


def test_another_number_for_a_known_patient_is_reported_not_joined(loading: Loading) -> None:
    row = {"patient_id": "x", "practice_id": "G00001", "nhs_number": ONE}
    loading(appointments=[contact(1, "x"), contact(2, TWO)], patients=[row])
    report = loading(appointments=[contact(3, "x")], patients=[{**row, "nhs_number": TWO}])
    assert any("another NHS number" in w for w in report.warnings)
    assert ONE not in str(report.as_dict()) and TWO not in str(report.as_dict())
    assert sorted(loading.patients().count(p) for p in set(loading.patients())) == [1, 2]


@pytest.mark.parametrize("number", ["9999999999", "0000000000", "9990000019", "99900000180"])
def test_dummy_and_invalid_numbers_join_nobody(loading: Loading, number: str) -> None:
    rows = [{"patient_id": p, "practice_id": "G00001", "nhs_number": number} for p in ("x", "y")]
    loading(appointments=[contact(1, "x"), contact(2, "y")], patients=rows)
    assert len(set(loading.patients())) == 2


def test_ids_per_practice_keep_practices_apart(loading: Loading) -> None:
    loading(
        appointments=[contact(1, "1", "A"), contact(1, "1", "B"), contact(2, ONE, "A"),
                      contact(3, ONE, "B")],
        ids_per_practice=True,
        identifiable=True,
    )  # fmt: skip
    assert sorted(loading.patients()) == [ONE, ONE, "A:1", "B:1"]
    with open_store(loading.store) as store:
        assert sorted(store.labels("staff")) == ["A:s1", "B:s1"]
        assert "A:a1" in store.table("appointments")["appointment_id"].to_pylist()


def test_ids_per_practice_need_a_practice(loading: Loading) -> None:
    condition = {"patient_id": "1", "code": "c", "from_date": date(2020, 1, 1)}
    with pytest.raises(UsageError, match="conditions"):
        loading(
            appointments=[contact(1, "1", "A"), contact(2, "1", "B")],
            conditions=[condition],
            ids_per_practice=True,
        )
    loading(appointments=[contact(1, "1", "A")], conditions=[condition], ids_per_practice=True)
    assert set(loading.patients()) == set(loading.patients("conditions"))


def test_staff_of_two_sources_with_one_id_stay_two(loading: Loading) -> None:
    loading("practice", appointments=[contact(1, "x"), contact(2, "x", staff_id="s2")])
    loading("hub", appointments=[contact(1, "x", "H00001")])
    with open_store(loading.store) as store:
        assert store.labels("staff") == ["practice:s1", "s2", "hub:s1"]
        assert store.table("appointments").num_rows == 3


def test_a_store_is_of_one_kind(loading: Loading, tmp_path: Path) -> None:
    loading(appointments=[contact(1, "x")])
    before = loading.all_bytes()
    with pytest.raises(UsageError, match="keeps pseudonyms"):
        loading(appointments=[contact(2, "x")], identifiable=True)
    assert loading.all_bytes() == before
    named = Loading(tmp_path / "named")
    named(appointments=[contact(1, "x")], identifiable=True)
    with pytest.raises(UsageError, match="keeps NHS numbers"):
        named(appointments=[contact(2, "x")])


def test_another_key_stops_before_anything_is_changed(
    loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading(appointments=[contact(1, "x")])
    before = loading.all_bytes()
    other = tmp_path / "other.key"
    other.write_text("ab" * 32)
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(other))
    with pytest.raises(StoreError, match="another key"):
        loading(appointments=[contact(2, "x")])
    missing = tmp_path / "missing.key"
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(missing))
    with pytest.raises(StoreError, match="is not here"):
        loading(appointments=[contact(2, "x")])
    assert not missing.exists()
    assert loading.all_bytes() == before


def test_a_new_key_is_for_its_owner_only(
    loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "new.key"
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(path))
    loading(appointments=[contact(1, "x")])
    assert path.stat().st_mode & 0o777 == 0o600
    key = bytes.fromhex(path.read_text().strip())
    assert len(key) == 32
    assert key not in loading.all_bytes() and key.hex().encode() not in loading.all_bytes()


@pytest.mark.parametrize("content", ["", "zz", "ab" * 16, "é" * 64])
def test_a_file_that_is_no_key_is_named(
    loading: Loading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = tmp_path / "broken.key"
    path.write_text(content)
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(path))
    with pytest.raises(StoreError) as caught:
        loading(appointments=[contact(1, "x")])
    assert caught.value.where == "broken.key"

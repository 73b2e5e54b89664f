"""Any sequence of loads leaves the store with what a plain dictionary would hold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hamlets.records import Store, load, open_store
from hamlets.records.store.maintenance import verify
from tests.oracles.stores import write_csv

Row = dict[str, Any]
Extract = dict[str, list[Row]]

FIRST = datetime(2024, 1, 1, 8)
PATIENTS = [f"p{i}" for i in range(5)]
PRACTICES = [f"G{i:05d}" for i in range(70)]
KEYS = {
    "appointments": ("appointment_id",),
    "patients": ("patient_id",),
    "registrations": ("patient_id", "practice_id", "from_date"),
    "teams": ("team_id",),
}


@pytest.fixture(scope="module", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """These stores need not survive a power cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


def some_day() -> st.SearchStrategy[date]:
    return st.integers(0, 60).map(lambda n: FIRST.date() + timedelta(days=n))


# Practices of several clusters, few enough that patients meet.
practices = st.sampled_from([PRACTICES[i] for i in (0, 1, 31, 32, 33, 69)])
patients = st.sampled_from(PATIENTS)
appointments = st.fixed_dictionaries(
    {
        "patient_id": patients,
        "staff_id": st.sampled_from(["s1", "s2", None]),
        "practice_id": practices,
        "start_time": st.integers(0, 4000).map(lambda n: FIRST + timedelta(minutes=n * 7)),
        "appointment_id": st.integers(0, 15).map(lambda n: f"a{n}"),
        "status": st.sampled_from(["attended", "cancelled", "booked"]),
        "category": st.sampled_from(["one", None, "ü"]),
    }
)
patient_rows = st.fixed_dictionaries(
    {
        "patient_id": patients,
        "practice_id": practices,
        "sex": st.sampled_from(["F", "M", None]),
        "registered_from": st.none() | some_day(),
    }
)
registrations = st.fixed_dictionaries(
    {
        "patient_id": patients,
        "practice_id": practices,
        "from_date": some_day(),
        "to_date": st.none() | some_day().map(lambda d: d + timedelta(days=60)),
    }
)
teams = st.fixed_dictionaries(
    {
        "team_id": st.sampled_from(["t1", "t2"]),
        "practice_id": practices,
        "name": st.sampled_from(["Oak", "Elm", None]),
    }
)
extracts = st.fixed_dictionaries(
    {
        "appointments": st.lists(appointments, min_size=1, max_size=12),
        "patients": st.lists(patient_rows, max_size=4),
        "registrations": st.lists(registrations, max_size=5),
        "teams": st.lists(teams, max_size=3),
    }
)


class Twin:
    """The store as dictionaries: the latest row of a key wins."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {name: {} for name in KEYS}

    def load(self, extract: Extract) -> dict[str, tuple[int, int, int]]:
        """Take an extract; return (new, replaced, collapsed) by table."""
        found: dict[str, tuple[int, int, int]] = {}
        for name, rows in extract.items():
            latest = {tuple(row[c] for c in KEYS[name]): row for row in rows}
            before = self.tables[name]
            new = sum(key not in before for key in latest)
            same = sum(before.get(key) == row for key, row in latest.items())
            collapsed = len(rows) - len(latest) + same
            found[name] = (new, len(latest) - new - same, collapsed)
            before.update(latest)
        return found

    def home(self, patient: str) -> str | None:
        """Return the practice that the patient's rows must lie with."""
        contacts = [r for r in self.tables["appointments"].values() if r["patient_id"] == patient]
        took_place = [r for r in contacts if r["status"] == "attended"]
        all_days = [
            r["start_time"].date()
            for r in self.tables["appointments"].values()
            if r["status"] == "attended"
        ]
        last = max(all_days, default=date(9999, 1, 1))
        registered = [
            r for r in self.tables["registrations"].values() if r["patient_id"] == patient
        ]
        now = [
            (r["from_date"], r["to_date"] or date.max, r["practice_id"])
            for r in registered
            if r["from_date"] <= last and (r["to_date"] is None or r["to_date"] > last)
        ]
        if now:
            return max(now)[2]
        listed = self.tables["patients"].get((patient,))
        if listed and not registered:
            start = listed["registered_from"]
            if start is None or start <= last:
                return listed["practice_id"]
        if seen := took_place or contacts:
            return max((r["start_time"], r["practice_id"]) for r in seen)[1]
        return listed["practice_id"] if listed else None


def content(store: Store, table: str, columns: list[str]) -> Counter[tuple[Any, ...]]:
    rows = store.table(table).select(columns).to_pylist()
    return Counter(tuple(row[c] for c in columns) for row in rows)


def check_same(store: Store, twin: Twin) -> None:
    for name, rows in twin.tables.items():
        if not rows:
            assert store.table(name).num_rows == 0
            continue
        columns = list(next(iter(rows.values())))
        wanted = Counter(tuple(row[c] for c in columns) for row in rows.values())
        assert content(store, name, columns) == wanted


def check_groups(store: Store, twin: Twin) -> None:
    labels, practice = store.labels("patient"), store.labels("practice")
    for table in ("appointments", "patients", "registrations"):
        for group in store.group_practices():
            rows = store.read_group(table, group, ["patient"])
            assert rows.num_rows == store.group_rows(table, group)
            for code in rows.column("patient").to_pylist():
                assert twin.home(labels[code]) == (practice[group] if group >= 0 else None)


def check_order(store: Store) -> None:
    columns = ["patient", "start_day", "start_second", "appointment_id"]
    for group in store.group_practices():
        rows = [
            (r["patient"], r["start_day"], r["start_second"] // 60, r["appointment_id"].encode())
            for r in store.read_group("appointments", group, columns).to_pylist()
        ]
        assert rows == sorted(rows)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(loads=st.lists(extracts, min_size=1, max_size=4))
def test_a_store_is_a_dictionary_of_latest_rows(loads: list[Extract]) -> None:
    twin = Twin()
    with TemporaryDirectory() as made:
        folder = Path(made)
        for number, extract in enumerate(loads):
            source = write_csv(extract, folder / f"extract-{number}")
            report = load(source, folder / "store", identifiable=True)
            for name, (new, replaced, collapsed) in twin.load(extract).items():
                if extract[name]:
                    assert report.rows_new[name] == new
                    assert report.rows_replaced[name] == replaced
                    assert report.rows_collapsed[name] == collapsed
                    assert report.rows_read[name] == len(extract[name])
            with open_store(folder / "store") as store:
                check_same(store, twin)
                check_groups(store, twin)
                check_order(store)
            assert verify(folder / "store").problems == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(extract=extracts, data=st.data())
def test_order_and_split_of_rows_do_not_matter(extract: Extract, data: st.DataObject) -> None:
    """Rows with distinct ids may come in any order, in one load or several."""
    unique: Extract = {}
    for name, rows in extract.items():
        unique[name] = list({tuple(r[c] for c in KEYS[name]): r for r in rows}.values())
    shuffled = {name: data.draw(st.permutations(rows)) for name, rows in unique.items()}
    cut = data.draw(st.integers(1, len(unique["appointments"])))
    parts = [
        {**{n: [] for n in KEYS}, "appointments": shuffled["appointments"][:cut]},
        {**shuffled, "appointments": shuffled["appointments"][cut:]},
    ]
    with TemporaryDirectory() as made:
        folder = Path(made)
        load(write_csv(unique, folder / "whole"), folder / "a")
        for number, part in enumerate(parts):
            if any(part.values()):
                load(write_csv(part, folder / f"part-{number}"), folder / "b", profile="csv")
        with open_store(folder / "a") as one, open_store(folder / "b") as two:
            assert homes(one) == homes(two)
            for name in KEYS:
                columns = [c for c in one.table(name).column_names if c != "time_known"]
                assert content(one, name, columns) == content(two, name, columns)


def homes(store: Store) -> set[tuple[str, str | None]]:
    labels, practice = store.labels("patient"), store.labels("practice")
    return {
        (labels[code], practice[group] if group >= 0 else None)
        for group in store.group_practices()
        for table in ("appointments", "patients", "registrations")
        for code in store.read_group(table, group, ["patient"]).column("patient").to_pylist()
    }

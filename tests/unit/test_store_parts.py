"""The store's small parts: hashes, comparison, order, home practices, keys."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.records.identity import Identity, nhs_number
from hamlets.records.store.comparing import exact_groups, rows_equal, text_ranks
from hamlets.records.store.contacts import day_number
from hamlets.records.store.dictionaries import ENTRY_SCHEMA, Patients, patient_labels
from hamlets.records.store.hashing import hash_integers, hash_texts, hex_texts
from hamlets.records.store.homes import OPEN_DAY, home_practices
from hamlets.records.store.matching import KeyIndex, Tally, keep_latest
from hamlets.records.store.ordering import in_order, ordering_names
from hamlets.records.store.schema import stored_columns, stored_key, stored_schema
from hamlets.records.store.staging import StagedTable, Staging
from hamlets.records.tables import PATIENT_TABLES, TABLES

texts = st.lists(st.none() | st.text(max_size=40), max_size=30)


@given(texts, st.integers(0, 5))
def test_a_text_hash_depends_on_the_text_alone(values: list[str | None], start: int) -> None:
    whole = hash_texts(pa.array(values, pa.string()))
    alone = [int(hash_texts(pa.array([v], pa.string()))[0]) for v in values]
    assert whole.tolist() == alone
    column = pa.chunked_array([pa.array(values, pa.string()).slice(start), pa.array(["x"])])
    assert hash_texts(column).tolist()[:-1] == alone[start:]
    by_text: dict[str | None, int] = dict(zip(values, alone, strict=True))
    assert len(set(by_text.values())) == len(by_text)


def test_hashes_are_part_of_the_format() -> None:
    """A change of these numbers would give every appointment without an id a new one."""
    assert hash_texts(pa.array(["", "a", "12345678", "123456789", None])).tolist() == [
        12035550249420947055,
        11759246106873048611,
        653207898530681634,
        2267154427959098295,
        15485907386658061715,
    ]
    assert hash_integers(np.array([0, 1, -1])).tolist() == [
        12035550249420947055,
        627405149472732430,
        3303439293501059696,
    ]


def test_hashes_as_hexadecimal() -> None:
    words = np.array([255, 2**64 - 1], np.uint64), np.array([0, 16], np.uint64)
    wanted = [f"{a:016x}{b:016x}" for a, b in zip(*words, strict=True)]
    assert hex_texts(*words).to_pylist() == wanted


@given(texts)
def test_ranks_follow_utf8_bytes(values: list[str | None]) -> None:
    ranks = text_ranks(pa.array(values, pa.string())).tolist()
    by_bytes = sorted(range(len(values)), key=lambda i: (values[i] or "").encode())
    known = [ranks[i] for i in by_bytes if values[i] is not None]
    assert known == sorted(known)
    assert all(r < min(known, default=0) for r, v in zip(ranks, values, strict=True) if v is None)


rows = st.lists(
    st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from([None, "a", "b"])), max_size=20
)


@given(rows)
def test_equal_rows_share_a_group(values: list[tuple[int | None, str | None]]) -> None:
    table = pa.table(
        {
            "n": pa.array([n for n, _ in values], pa.int32()),
            "t": pa.array([t for _, t in values], pa.string()),
        }
    )
    groups = exact_groups(table, ("n", "t")).tolist()
    for i, first in enumerate(values):
        shifted = table.slice(i).take(pa.array(range(len(values) - i)))
        same = rows_equal(table.take(pa.array([i] * shifted.num_rows)), shifted, ["n", "t"])
        for j in range(i, len(values)):
            assert (groups[i] == groups[j]) == (first == values[j]) == bool(same[j - i])


def staged_teams(folder: Path, ids: list[str], names: list[str]) -> StagedTable:
    schema = stored_schema("teams", False)
    staged = StagedTable("teams", Staging(folder))
    for team, name in zip(ids, names, strict=True):
        row = {"team_id": [team], "practice": [0], "name": [name]}
        staged.append(pa.table(row, schema=schema))
    return staged


def test_rows_with_one_hash_and_two_ids_stay_two(tmp_path: Path) -> None:
    """Two ids that share a 64-bit hash are as good as unheard of: the ids decide all the same."""
    staged = staged_teams(tmp_path, ["a", "b", "a", "b", "c"], ["1", "2", "3", "2", "5"])
    staged.key = np.array([7, 7, 7, 7, 7], np.int64)
    tally = Tally()
    keep_latest(staged, tally, False)
    assert staged.keep.tolist() == [False, False, True, True, True]
    assert (tally.repeated, tally.repeated_otherwise) == (2, 1)


def test_the_key_index_gives_every_row_with_the_hash() -> None:
    index = KeyIndex(np.array([5, 5, 9], np.int64), np.array([10, 11, 12]))
    found = {
        (int(row), int(at))
        for round_ in index.candidates(np.array([4, 5, 9, 9 + 2**40], np.int64))
        for row, at in zip(*round_, strict=True)
    }
    assert found == {(1, 10), (1, 11), (2, 12)}


def appointment_rows(count: int, seed: int) -> list[dict[str, Any]]:
    dice = random.Random(seed)
    return [
        {
            "patient": dice.randrange(3),
            "staff": dice.choice([-1, 0, 1, 2]),
            "start_day": date(2024, 1, dice.randrange(1, 4)),
            "start_second": dice.choice([0, 59, 60, 86399]),
            "appointment_id": dice.choice(["a", "b", "é", "z", "Z", "10", "9"]),
            "source": dice.randrange(2),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_appointments_are_in_order(seed: int) -> None:
    rows = appointment_rows(300, seed)
    staff, sources = ["s10", "s9", "é"], ["z", "a"]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    schema = stored_schema("appointments", False)
    table = pa.table(columns, schema=pa.schema([schema.field(name) for name in columns]))

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        return (
            row["patient"],
            row["start_day"],
            row["start_second"] // 60,
            row["appointment_id"].encode(),
            staff[row["staff"]].encode() if row["staff"] >= 0 else b"",
            sources[row["source"]],
        )

    found = in_order("appointments", table, ordering_names(staff, sources)).to_pylist()
    assert [place(r) for r in found] == sorted(place(r) for r in rows)


def one_home(last: date | None = date(2024, 6, 1), **tables: list[dict[str, Any]]) -> int:
    """Return the home practice code of patient 0; practices are A, C, B by code."""

    def parts(table: str, columns: list[str]) -> Iterator[Any]:
        schema = stored_schema(table, False)
        for row in tables.get(table, []):
            values = {c.name: [row.get(c.name, c.blank)] for c in stored_columns(table, False)}
            yield pa.table(values, schema=schema).select(columns)

    day = OPEN_DAY if last is None else day_number(last)
    return int(home_practices(parts, 1, ["A", "C", "B"], day)[0])


def registration(practice: int, start: date, end: date | None = None) -> dict[str, Any]:
    return {"patient": 0, "practice": practice, "from_date": start, "to_date": end}


def seen(practice: int, day: date, second: int = 0, status: int = 3) -> dict[str, Any]:
    return {"patient": 0, "practice": practice, "start_day": day, "start_second": second,
            "status": status}  # fmt: skip


def test_home_by_registration_on_the_last_day() -> None:
    old = registration(0, date(2020, 1, 1), date(2024, 6, 1))
    new = registration(1, date(2024, 6, 1))
    assert one_home(date(2024, 5, 31), registrations=[old, new]) == 0
    assert one_home(date(2024, 6, 1), registrations=[old, new]) == 1
    assert one_home(None, registrations=[old, new]) == 1


def test_overlapping_registrations() -> None:
    """Started last, then ended last, then the highest id (C over B)."""
    early = registration(0, date(2020, 1, 1))
    late = registration(1, date(2021, 1, 1), date(2025, 1, 1))
    assert one_home(registrations=[early, late]) == 1
    open_ = registration(0, date(2021, 1, 1))
    assert one_home(registrations=[late, open_]) == 0
    same = registration(2, date(2021, 1, 1), date(2025, 1, 1))
    assert one_home(registrations=[same, late]) == one_home(registrations=[late, same]) == 1


def test_home_by_the_patients_table_where_there_is_no_registration() -> None:
    listed = {"patient": 0, "practice": 2}
    contact = seen(1, date(2024, 5, 1))
    assert one_home(patients=[listed], appointments=[contact]) == 2
    left = {**listed, "registered_to": date(2024, 5, 20)}
    assert one_home(patients=[left], appointments=[contact]) == 1
    assert one_home(patients=[left]) == 2
    ended = registration(0, date(2020, 1, 1), date(2021, 1, 1))
    assert one_home(patients=[listed], registrations=[ended], appointments=[contact]) == 1


def test_home_by_the_last_contact() -> None:
    first, later = seen(0, date(2024, 5, 1)), seen(1, date(2024, 5, 1), 60)
    booked = seen(2, date(2024, 5, 30), status=1)
    assert one_home(appointments=[later, first]) == 1
    assert one_home(appointments=[first, booked]) == 0
    assert one_home(appointments=[booked]) == 2
    assert one_home(appointments=[seen(2, date(2024, 5, 1)), first, first]) == 2
    assert one_home() == -1


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("identifiable", [True, False])
def test_stored_columns_cover_the_table(table: str, identifiable: bool) -> None:
    stored = stored_columns(table, identifiable)
    canonical = {c.canonical for c in stored} - {None}
    wanted = {c.name for c in TABLES[table].columns if identifiable or not c.identifying}
    assert canonical == wanted
    assert set(stored_key(table)) <= {c.name for c in stored}
    assert ("patient" in {c.name for c in stored}) == (table in PATIENT_TABLES)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("9990000018", "9990000018"),
        ("999 000 0018", "9990000018"),
        ("999-000-0018", "9990000018"),
        ("999 0000018", None),
        ("9990000019", None),
        ("9999999999", None),
        ("0000000000", None),
        ("１２３４５６７８９０", None),
        ("999000001", None),
        ("p9990000018", None),
        ("", None),
    ],
)
def test_nhs_numbers(text: str, digits: str | None) -> None:
    assert nhs_number(text) == digits


def test_digests_tell_kinds_and_sources_apart() -> None:
    identity = Identity(b"k" * 32)
    number = "9990000018"
    found = {
        identity.person(number),
        identity.source_patient("a", number),
        identity.source_patient("b", number),
        Identity(b"x" * 32).person(number),
        Identity(None).person(number),
    }
    assert len(found) == 5
    assert Identity(None).fingerprint is None


@pytest.mark.parametrize("key", [b"k" * 32, None])
def test_stored_aliases_are_found_again(key: bytes | None) -> None:
    identity = Identity(key)
    first = Patients(ENTRY_SCHEMA.empty_table(), identity, ["csv"])
    ids = [f"p{n}" for n in range(500)] + ["9990000018"]
    codes, digests = first.codes(pa.array(ids), 0, "csv")
    assert codes.tolist() == list(range(501))
    again = Patients(first.new(), identity, ["csv"])
    found, same_digests = again.codes(pa.array(ids[::-1]), 0, "csv")
    assert found.tolist() == codes.tolist()[::-1]
    assert (same_digests == digests[::-1]).all()
    assert again.new().num_rows == 0
    assert again.known(["p7", "nobody"], "csv") == [7]
    labels = patient_labels(first.new(), ["csv"], key is None)
    if key is None:
        assert labels == ids
    else:
        assert labels[3] == identity.source_patient("csv", "p3").hex()


def test_an_id_that_two_sources_use_is_shown_with_its_source() -> None:
    patients = Patients(ENTRY_SCHEMA.empty_table(), Identity(None), ["gp", "hub"])
    patients.codes(pa.array(["x", "y"]), 0, "gp")
    patients.codes(pa.array(["x"]), 1, "hub")
    assert patient_labels(patients.new(), ["gp", "hub"], True) == ["gp:x", "y", "hub:x"]

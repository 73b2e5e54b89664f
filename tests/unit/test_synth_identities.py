"""Names and NHS numbers of invented patients: nobody's, and there only when asked for."""

from __future__ import annotations

import itertools
from pathlib import Path

import nhs_number
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.booking.simulation.identities import block_of, draw_names, numbers_in
from hamlets.booking.simulation.synth import make_setting, synthesise, write_folder
from hamlets.records import open_store
from hamlets.records.identity import nhs_number as read_number

SETTING = make_setting(practices=2, patients=300, months=2, seed=5)


@given(st.integers(0, 999_900), st.integers(0, 120))
def test_numbers_are_valid_distinct_and_never_a_persons(start: int, count: int) -> None:
    block = range(start, start + 50)
    found = numbers_in(block, count).to_pylist()
    assert len(found) == count
    known = [number for number in found if number]
    assert len(set(known)) == len(known)
    assert all(nhs_number.is_valid(number) and number.startswith("999") for number in known)
    assert all(start <= int(number[3:9]) < start + 50 for number in known)
    # about 1 in 11 has no check digit, so some patients of a block that is used up have none
    assert found[: len(known)] == known
    assert len(known) == min(count, sum(_has_check(n) for n in block))


def _has_check(middle: int) -> bool:
    body = f"999{middle:06d}"
    return any(nhs_number.is_valid(f"{body}{digit}") for digit in range(10))


@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=40))
def test_practices_share_the_range_by_size_without_overlap(sizes: list[int]) -> None:
    blocks = [block_of(sizes, n) for n in range(len(sizes))]
    assert blocks[0].start == 0
    assert blocks[-1].stop == 1_000_000
    assert all(a.stop == b.start for a, b in itertools.pairwise(blocks))


def test_names_are_visibly_invented_and_a_household_shares_its_own() -> None:
    household = np.repeat(np.arange(50, dtype=np.int32), 3)
    names = draw_names(1, 0, household).to_pylist()
    assert all(" Example-" in name for name in names)
    surnames = [name.split(" Example-")[1] for name in names]
    assert all(len(set(surnames[i : i + 3])) == 1 for i in range(0, 150, 3))
    assert len(set(surnames)) > 20
    assert names == draw_names(1, 0, household).to_pylist()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    where = tmp_path_factory.mktemp("identities")
    write_folder(SETTING, where / "codes")
    write_folder(SETTING, where / "named", identifiable=True)
    return where / "codes", where / "named"


def test_only_the_patients_table_differs_and_by_two_columns_alone(
    folders: tuple[Path, Path],
) -> None:
    codes, named = folders
    names = sorted(file.name for file in codes.iterdir())
    assert names == sorted(file.name for file in named.iterdir())
    for name in names:
        if not name.startswith("patients-"):
            assert (codes / name).read_bytes() == (named / name).read_bytes()
            continue
        more: pa.Table = pq.read_table(named / name)
        assert more.drop_columns(["nhs_number", "name"]).equals(pq.read_table(codes / name))
        assert more.column("name").null_count == 0


def test_the_store_shows_numbers_that_the_site_can_read(tmp_path: Path) -> None:
    synthesise(SETTING, tmp_path / "store", identifiable=True)
    with open_store(tmp_path / "store") as store:
        assert store.identifiable
        rows = store.table("patients").to_pylist()
        assert {read_number(row["nhs_number"]) for row in rows} == set(store.labels("patient"))
        assert all(row["name"] and row["birth_date"] for row in rows)


def test_a_store_of_codes_holds_neither(tmp_path: Path) -> None:
    synthesise(SETTING, tmp_path / "store")
    with open_store(tmp_path / "store") as store:
        assert not store.given("patients", "name")
        assert not store.given("patients", "nhs_number")
    assert b"Example-" not in b"".join(
        file.read_bytes() for file in (tmp_path / "store/files/patients").rglob("*.parquet")
    )

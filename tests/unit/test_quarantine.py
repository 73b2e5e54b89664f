"""The list of refused rows: private, safe in a spreadsheet, gone after its days."""

from __future__ import annotations

import csv
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.records.batches import Refusal
from hamlets.records.quarantine import (
    HEADER,
    Quarantine,
    plain_cell,
    reasons,
    remove_old,
    safe_cell,
)


def refusal(table: str = "appointments", file: str = "a.csv", line: int = 2) -> Refusal:
    return Refusal(table, file, line, "start_time", "text", "not a date")


def test_rows_are_listed_by_table(tmp_path: Path) -> None:
    with Quarantine(tmp_path, "000001") as quarantine:
        assert quarantine.path is None
        quarantine.add([refusal(), refusal(line=9)])
        quarantine.add([refusal("patients")])
    folder = tmp_path / "quarantine" / "000001"
    assert quarantine.path == folder
    assert sorted(p.name for p in folder.iterdir()) == ["appointments.csv", "patients.csv"]
    with (folder / "appointments.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == list(HEADER)
    assert rows[1:] == [
        ["a.csv", "2", "start_time", "text", "not a date"],
        ["a.csv", "9", "start_time", "text", "not a date"],
    ]
    assert quarantine.counts == {
        "appointments.start_time: not a date": 2,
        "patients.start_time: not a date": 1,
    }


def test_nothing_refused_leaves_nothing(tmp_path: Path) -> None:
    with Quarantine(tmp_path, "1") as quarantine:
        quarantine.add([])
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Quarantine(tmp_path, "1") as quarantine:
            quarantine.add([refusal()])
    finally:
        os.umask(before)
    folder = tmp_path / "quarantine"
    for path, mode in (
        (folder, 0o700),
        (folder / "1", 0o700),
        (folder / "1" / "appointments.csv", 0o600),
    ):
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_formulas_are_text(tmp_path: Path, start: str) -> None:
    name = f"{start}HYPERLINK(1).csv"
    with Quarantine(tmp_path, "1") as quarantine:
        quarantine.add([refusal(file=name)])
    with (tmp_path / "quarantine" / "1" / "appointments.csv").open(newline="") as stream:
        cell = list(csv.reader(stream))[1][0]
    assert cell == "'" + name
    assert plain_cell(cell) == name


@given(st.text())
def test_cells_survive_a_round_trip(text: str) -> None:
    cell = safe_cell(text)
    assert plain_cell(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_names_of_loads_stay_in_the_folder(tmp_path: Path) -> None:
    for name in ("../x", "", ".hidden", "a/b"):
        with pytest.raises(ValueError, match="load's name"):
            Quarantine(tmp_path, name)


def test_old_lists_go(tmp_path: Path) -> None:
    for name, age in (("old", 31), ("new", 29)):
        with Quarantine(tmp_path, name) as quarantine:
            quarantine.add([refusal()])
        moment = 1_700_000_000 - age * 86_400
        os.utime(tmp_path / "quarantine" / name, (moment, moment))
    assert remove_old(tmp_path, 30, now=1_700_000_000) == ["old"]
    assert [p.name for p in (tmp_path / "quarantine").iterdir()] == ["new"]
    assert remove_old(tmp_path / "none", 30) == []


def test_reasons_most_frequent_first() -> None:
    refusals = [refusal("staff"), refusal(), refusal()]
    assert list(reasons(refusals).items()) == [
        ("appointments.start_time: not a date", 2),
        ("staff.start_time: not a date", 1),
    ]

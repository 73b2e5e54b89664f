"""Tables and their downloads: nothing a spreadsheet would run, nothing lost."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.publish.tables import Csv, disarm


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@"])
def test_a_formula_is_disarmed(start: str) -> None:
    assert disarm(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_numbers_and_names_stay_as_they_are() -> None:
    assert disarm(-0.25) == "-0.25"
    assert disarm(12) == "12"
    assert disarm(None) == ""
    assert disarm("Dr Example-Ash") == "Dr Example-Ash"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_a_download_reads_back_with_no_cell_that_is_a_formula(names: list[str]) -> None:
    made = Csv("x.csv", tuple("abcd"[: len(names)]), (tuple(names),))
    assert made.href.startswith("data:text/csv;charset=utf-8,")
    body = unquote(made.href.partition(",")[2])
    rows = list(csv.reader(io.StringIO(body.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 2
    for cell, name in zip(rows[1], names, strict=True):
        assert cell in (name, "'" + name)
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_an_address_has_nothing_that_could_leave_its_attribute() -> None:
    href = Csv("x.csv", ("a",), (("\"'><script>alert(1)</script>",),)).href
    assert not set(href) & set("\"'<> ")

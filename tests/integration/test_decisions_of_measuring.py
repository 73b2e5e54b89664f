"""What the decision records say of measuring, tried on a small random world."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from hamlets.continuity import measure, scan
from hamlets.records import open_store
from tests.conftest import MakeStore
from tests.oracles.worlds import random_world

RATIOS = ("slicc", "opr", "same_as_previous")


@pytest.fixture
def store(make_store: MakeStore) -> Path:
    """A store of three practices; none is small enough to be passed over."""
    return make_store(random_world(Random(4), patients=40, practices=3))


def ask(path: Path, **options: Any) -> pa.Table:
    with open_store(path) as store:
        return measure(store, **options)


def spans_of(path: Path, rows: int) -> int:
    with open_store(path) as store:
        return len(store.spans(rows))


@pytest.mark.parametrize("by", ["all", "practice", "list,month", "patient"])
def test_threads_change_no_digit(store: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    monkeypatch.setattr(scan, "SPAN_ROWS", 1)  # a span for each practice, to have several
    assert spans_of(store, 1) > 1
    one, four = (ask(store, by=by, level="all", threads=n) for n in (1, 4))
    assert one.num_rows
    assert one.equals(four, check_metadata=True)


@pytest.mark.parametrize("by", ["all", "practice", "list,month", "patient"])
def test_the_size_of_a_span_changes_nothing(
    store: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    assert spans_of(store, scan.SPAN_ROWS) < spans_of(store, 1)
    together = ask(store, by=by, level="all")
    monkeypatch.setattr(scan, "SPAN_ROWS", 1)
    apart = ask(store, by=by, level="all")
    assert together.num_rows
    assert together.equals(apart, check_metadata=True)


@pytest.mark.parametrize("measured", RATIOS)
def test_months_of_a_ratio_add_up(store: Path, measured: str) -> None:
    whole = ask(store, measures=measured).to_pylist()[0]
    months = ask(store, measures=measured, by="month").to_pylist()
    assert len(months) > 12
    assert sum(row["n_contacts"] for row in months) == whole["n_contacts"]
    numerator = sum(row["value"] * row["n_contacts"] for row in months if row["n_contacts"])
    assert numerator == pytest.approx(whole["value"] * whole["n_contacts"], abs=1e-6)

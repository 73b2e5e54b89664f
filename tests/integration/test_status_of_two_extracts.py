"""A store made of an extract with a status column and of one without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.oracles import naive, stores
from tests.oracles.questions import Question
from tests.oracles.worlds import Row, gp_rows


def contact(number: int, staff_id: str, **more: str | None) -> Row:
    return {
        "patient_id": "patient-1",
        "staff_id": staff_id,
        "practice_id": "G99001",
        "start_time": datetime(2025, 1, number, 9),
        "appointment_id": f"c{number}",
        **more,
    }


def test_each_row_goes_by_its_own_extract(make_store: Callable[..., Path]) -> None:
    """A blank status does not count; a status that was never asked for does."""
    with_status = [
        contact(1, "A", status="attended"),
        contact(2, "B", status=None),
        contact(3, "C", status="cancelled"),
    ]
    without = [contact(4, "B"), contact(5, "B")]
    staff = gp_rows("ABC", "G99001")
    store = make_store({"appointments": with_status, "staff": staff}, {"appointments": without})
    question = Question(measures=("upc",))
    (row,) = stores.ask_store(store, question).values()
    assert row["value"] == pytest.approx(2 / 3, abs=1e-12)
    assert row["n_contacts"] == 3
    assert row["excluded_status"] == 2
    both = {"appointments": with_status + without, "staff": staff}
    (twin,) = naive.measure(both, question).values()
    assert (twin["value"], twin["n_contacts"]) == (row["value"], row["n_contacts"])

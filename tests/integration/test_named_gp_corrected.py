"""Of two named GPs from the same day, the one loaded last is in force."""

from __future__ import annotations

import pytest

import hamlets
from tests.conftest import MakeStore

APPOINTMENTS = [
    {
        "patient_id": "p1",
        "staff_id": staff,
        "practice_id": "G99001",
        "start_time": f"2025-01-0{day}T09:00:00",
        "appointment_id": f"a{day}",
    }
    for day, staff in ((6, "ASH"), (7, "BIRCH"), (8, "BIRCH"))
]


def named(staff: str) -> list[dict[str, str]]:
    return [{"patient_id": "p1", "staff_id": staff, "from_date": "2024-01-01"}]


@pytest.mark.parametrize(
    ("first", "second", "share"), [("ASH", "BIRCH", 2 / 3), ("BIRCH", "ASH", 1 / 3)]
)
def test_a_later_extract_corrects_the_named_gp(
    make_store: MakeStore, first: str, second: str, share: float
) -> None:
    path = make_store(
        {"appointments": APPOINTMENTS, "named_gps": named(first)},
        {"appointments": APPOINTMENTS, "named_gps": named(second)},
    )
    with hamlets.open_store(path) as store:
        table = hamlets.continuity.measure(store, measures=["slicc"])
    assert table.column("value").to_pylist() == [pytest.approx(share)]

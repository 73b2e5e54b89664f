"""Counts that practices sent (table indicator_counts) beside those made from the records."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hamlets.networks.indicators import Period, chosen, definitions, measure_indicators
from hamlets.networks.results import IndicatorResults
from hamlets.records import open_store
from tests.conftest import MakeStore

YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))
PLAN = "EX-OBS-DIABETES-CARE-PLAN"


def sent(practice: str, numerator: int, denominator: int, **days: str) -> dict[str, Any]:
    start, end = days.get("start", "2024-01-01"), days.get("end", "2024-12-31")
    return {
        "practice_id": practice, "indicator_id": "diabetes_care_plan", "period_start": start,
        "period_end": end, "numerator": numerator, "denominator": denominator, "exclusions": 1,
    }  # fmt: skip


def store(make_store: MakeStore, counts: list[dict[str, Any]], *, coded: bool = True) -> Path:
    """Practices A and B of ten people with diabetes each; three of A and five of B have a plan."""
    people = [(f"{p}{n}", p) for p in "AB" for n in range(10)]
    tables: dict[str, list[dict[str, Any]]] = {
        "patients": [
            {
                "patient_id": who, "practice_id": p, "birth_year": 1960,
                "registered_from": "2015-01-01",
            }
            for who, p in people
        ],
        "practices": [{"practice_id": p, "list_size": 5000} for p in "AB"],
        "networks": [{"network_id": "N1", "kind": "network"}],
        "network_members": [
            {"network_id": "N1", "practice_id": p, "from_date": "2020-01-01"} for p in "AB"
        ],
        "indicator_counts": counts,
    }  # fmt: skip
    if coded:
        tables["conditions"] = [
            {
                "patient_id": who,
                "code": "44054006",
                "register": "diabetes",
                "from_date": "2018-01-01",
            }
            for who, _ in people
        ]
        tables["observations"] = [
            {"patient_id": f"{p}{n}", "code": PLAN, "date": "2024-06-15"}
            for p, many in (("A", 3), ("B", 5)) for n in range(many)
        ]  # fmt: skip
    return make_store(tables)


def measured(folder: Path, period: Period = YEAR) -> IndicatorResults:
    with open_store(folder) as opened:
        return measure_indicators(
            opened, chosen(definitions(), ["diabetes_care_plan"]), period=period
        )


def counted(found: IndicatorResults) -> dict[str | None, tuple[int | None, int | None]]:
    return {
        row.practice_id: (row.numerator, row.denominator)
        for row in found.rows
        if row.level == "practice"
    }


def test_counts_alone_are_enough(make_store: MakeStore) -> None:
    found = measured(store(make_store, [sent("A", 4, 9), sent("B", 6, 8)], coded=False))
    assert counted(found) == {"A": (4, 9), "B": (6, 8)}
    assert not any("no figures" in note for note in found.notes)


def test_what_a_practice_sent_comes_first_and_others_are_counted(make_store: MakeStore) -> None:
    found = measured(store(make_store, [sent("A", 7, 9)]))
    assert counted(found) == {"A": (7, 9), "B": (5, 10)}
    (averages,) = found.averages
    assert averages.pooled == pytest.approx(100 * 12 / 19)


def test_counts_of_other_days_do_not_mix_in(make_store: MakeStore) -> None:
    other = sent("A", 9, 9, start="2024-01-01", end="2024-06-30")
    assert counted(measured(store(make_store, [other]))) == {"A": (3, 10), "B": (5, 10)}

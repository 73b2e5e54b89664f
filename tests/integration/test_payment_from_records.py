"""Payment for indicators that are counted from the records, with the pace of the last months."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import SourceError
from hamlets.networks.payment import counts_of_store, look_forward, pay
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.payment.scheme_keys import make_scheme
from hamlets.records import open_store
from tests.conftest import MakeStore

CARE_PLAN = "EX-OBS-DIABETES-CARE-PLAN"


def scheme(indicator: str = "diabetes_care_plan") -> Scheme:
    return make_scheme(
        {
            "scheme": "t", "title": "T", "shape": "retained_share", "average": "pooled",
            "value": 1000, "retained_percent": 30, "split": "equal",
            "conditions": [{"indicator": indicator, "target": 50}],
        },
        "test",
    )  # fmt: skip


@pytest.fixture
def store(make_store: MakeStore) -> Path:
    """Two practices of ten people with diabetes each; care plans on 15ths of months of 2024."""
    patients: list[dict[str, Any]] = []
    conditions: list[dict[str, Any]] = []
    plans: list[dict[str, Any]] = []
    for place, months in (("A", (3, 9, 10, 11, 12)), ("B", (6, 12))):
        for i in range(10):
            who = f"{place}{i}"
            patients.append({
                "patient_id": who, "practice_id": place, "birth_year": 1960,
                "registered_from": "2015-01-01",
            })  # fmt: skip
            conditions.append({
                "patient_id": who, "code": "44054006", "register": "diabetes",
                "from_date": "2018-01-01",
            })  # fmt: skip
        plans += [
            {"patient_id": f"{place}{i}", "code": CARE_PLAN, "date": f"2024-{month:02}-15"}
            for i, month in enumerate(months)
        ]
    return make_store(
        {
            "patients": patients,
            "conditions": conditions,
            "observations": plans,
            "practices": [{"practice_id": p, "list_size": 5000} for p in "AB"],
            "networks": [{"network_id": "N1", "kind": "network"}],
            "network_members": [
                {"network_id": "N1", "practice_id": p, "from_date": "2020-01-01"} for p in "AB"
            ],
            "appointments": [
                {
                    "appointment_id": p, "patient_id": f"{p}0", "staff_id": "S", "practice_id": p,
                    "start_time": "2024-12-31 09:00", "status": "attended",
                }
                for p in "AB"
            ],
        }
    )  # fmt: skip


def test_counts_networks_and_pace_come_from_the_records(store: Path) -> None:
    with open_store(store) as opened:
        counted = counts_of_store(opened, scheme(), with_pace=True)
    assert {(c.practice_id, c.numerator, c.denominator) for c in counted.counts} == {
        ("A", Fraction(5), 10),
        ("B", Fraction(2), 10),
    }
    # the plan of 15 March lapses before 31 March 2025, those of June and later do not
    assert {c.practice_id: c.due_to_lapse for c in counted.counts} == {"A": 1, "B": 0}
    assert counted.source.period_end == date(2024, 12, 31)
    assert counted.definitions["diabetes_care_plan"].startswith("diabetes_care_plan, version")
    statement = look_forward(scheme(), counted, pay(scheme(), counted))
    (paid,) = statement.networks
    assert (paid.network_id, str(paid.paid)) == ("N1", "700.00")
    (outlook,) = statement.what_if[0].outlooks
    assert (outlook.still, outlook.no_chance_why) == (3, "")
    assert outlook.chance is not None and 0.3 < outlook.chance < 1
    ends = sorted({c.period_end for c in counted.history})
    assert ends == [date(2024, 9, 30), date(2024, 10, 31), date(2024, 11, 30)]


def test_one_network_reads_its_own_practices_alone(store: Path) -> None:
    with open_store(store) as opened:
        counted = counts_of_store(opened, scheme(), network="N1")
    assert sorted(counted.practices) == ["A", "B"]
    assert counted.history == ()


def test_a_rate_per_1000_is_no_share_to_pay_for(store: Path) -> None:
    with open_store(store) as opened, pytest.raises(SourceError, match="is no share of patients"):
        counts_of_store(opened, scheme("ae_attendances"))

"""Payment for indicators that are counted from the records, with the pace of the last months."""

from __future__ import annotations

import csv
import io
import stat
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import SourceError
from hamlets.networks.indicators import shipped
from hamlets.networks.payment import counts_of_store, look_forward, outstanding_patients, pay
from hamlets.networks.payment.from_records import follows_a_cohort
from hamlets.networks.payment.pace import find_paces
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.payment.scheme_keys import make_scheme
from hamlets.records import open_store
from tests.conftest import MakeStore
from tests.inside import hamlets, refused

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
    ends = sorted({c.period_end for c in counted.history if c.period_end})
    assert ends == [date(2024, 9, 30), date(2024, 10, 31), date(2024, 11, 30)]


def test_one_network_reads_its_own_practices_alone(store: Path) -> None:
    with open_store(store) as opened:
        counted = counts_of_store(opened, scheme(), network="N1")
    assert sorted(counted.practices) == ["A", "B"]
    assert counted.history == ()


def test_patients_still_to_reach_are_for_their_practice_alone(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    command = ("networks", "payment", "--scheme", ours(tmp_path), "--store", store)
    ran = hamlets(*command, "--evidence", folder, "--practice", "A")
    assert "For staff of A: a file lists patients. Do not pass it on." in ran.err
    assert sorted(f.name for f in folder.iterdir()) == ["A-patients.csv", "A.csv", "A.html"]
    file = folder / "A-patients.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    with open_store(store) as opened:
        here = {f"A{i}" for i in range(5, 10)}
        labels = opened.labels("patient")
        known = outstanding_patients(opened, "A", ["diabetes_care_plan"], date(2024, 12, 31))
        assert len(known["A", "diabetes_care_plan"]) == len(here) == len(rows)
        assert {r["patient"] for r in rows} <= set(labels)
    codes = {row["patient"] for row in rows}
    everything = "".join(f.read_text() for f in folder.iterdir() if f != file) + ran.out + ran.err
    assert not any(code in everything for code in codes)
    with_all = tmp_path / "all"
    hamlets(*command, "--evidence", with_all)
    assert not any("patients" in f.name for f in with_all.iterdir())
    refused(8, *command, "--evidence", folder, "--practice", "Z")
    refused(2, *command, "--practice", "A")


def test_the_longest_overdue_come_first(store: Path) -> None:
    """By 31 December 2025 nobody's plan of March 2024 counts: it comes after those never made."""
    with open_store(store) as opened:
        found = outstanding_patients(opened, "B", ["diabetes_care_plan"], date(2025, 12, 31))
        codes = found["B", "diabetes_care_plan"]
        assert len(codes) == 10
        # two of them had a plan in 2024, within 24 months; the others never had one
        planned = {row["patient_id"] for row in opened.table("observations").to_pylist()}
    assert set(codes[-2:]) == planned & set(codes)


def ours(folder: Path) -> Path:
    path = folder / "ours.toml"
    path.write_text(
        'shape = "retained_share"\naverage = "pooled"\nvalue = 1000\nretained_percent = 30\n'
        '[[conditions]]\nindicator = "diabetes_care_plan"\ntarget = 50\n'
    )
    return path


def test_a_cohort_that_changes_each_month_has_no_pace(store: Path) -> None:
    cohort = {one.id: follows_a_cohort(one) for one in shipped()}
    assert (cohort["mmr_by_2"], cohort["diabetes_care_plan"]) == (True, False)
    with open_store(store) as opened:
        counted = counts_of_store(opened, scheme(), with_pace=True)
    why = {"diabetes_care_plan": "Its patients are others each month."}
    paces, reason = find_paces(counted.counts, replace(counted, no_pace=why))
    assert (paces, reason) == ({}, "Its patients are others each month.")


def test_indicators_without_figures_are_named(store: Path, tmp_path: Path) -> None:
    path = ours(tmp_path)
    command = ("networks", "payment", "--scheme", path, "--store", store)
    path.write_text(path.read_text().replace("diabetes_care_plan", "care_plans"))
    ran = refused(3, *command)
    assert "The scheme pays for care_plans, an indicator that there are no figures of." in ran.err
    assert "diabetes_care_plan" in ran.err
    path.write_text(path.read_text().replace("care_plans", "copd_care_plan"))
    assert "There are no figures of copd_care_plan for this period." in refused(6, *command).err


def test_a_rate_per_1000_is_no_share_to_pay_for(store: Path) -> None:
    with open_store(store) as opened, pytest.raises(SourceError, match="is no share of patients"):
        counts_of_store(opened, scheme("ae_attendances"))

"""Backtest: what a plan promised and the next year held, by plain loops over the extract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hamlets.records import Store, open_store
from hamlets.teams import backtesting
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.backtesting import backtest
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from tests.oracles.stores import build_store

PLACE = "G99001"
FIRST, LAST = date(2023, 6, 1), date(2025, 6, 30)  # 25 months
DESIGNED = date(2024, 6, 30)
GPS = ("D1", "D2", "D3", "D4")
LEAVES, JOINS = "D2", "D9"
MODEL = TeamModel(cover="none", team_gps=(2, 2), disruption_percent=100, band_percent=40)
Row = dict[str, Any]


def records(months_late: int = 0) -> dict[str, list[Row]]:
    """Return an extract in which D2 leaves in the second year, D9 joins, and patients go."""
    draw = np.random.default_rng(4)
    staff: list[Row] = [
        {"staff_id": who, "practice_id": PLACE, "role": "gp_partner", "name": f"Dr Example-{who}",
         "start_date": date(2015, 1, 1), "sessions_per_week": 8}
        for who in GPS
    ]  # fmt: skip
    staff[1]["end_date"] = date(2025, 2, 1)
    staff.append({**staff[0], "staff_id": JOINS, "name": "Dr Example-D9",
                  "start_date": date(2024, 10, 1)})  # fmt: skip
    patients = [
        {"patient_id": f"P{n:03}", "practice_id": PLACE, "birth_year": 1950, "sex": "female",
         "registered_from": date(2024, 9, 1) if n % 9 == 0 else date(2015, 1, 1),
         "registered_to": date(2025, 3, 1) if n % 11 == 0 else None}
        for n in range(90)
    ]  # fmt: skip
    contacts: list[Row] = []
    begin = FIRST + timedelta(days=31 * months_late)
    for n, patient in enumerate(patients):
        for visit in range(12):
            day = begin + timedelta(days=int(draw.integers(0, (LAST - begin).days)))
            while day.weekday() > 4:
                day -= timedelta(days=1)
            who = GPS[n % 4] if draw.random() < 0.6 else str(draw.choice([*GPS, JOINS]))
            if who == LEAVES and day >= date(2025, 2, 1):
                who = JOINS
            if who == JOINS and day < date(2024, 10, 1):
                who = "D1"
            contacts.append(
                {"patient_id": patient["patient_id"], "staff_id": who, "practice_id": PLACE,
                 "start_time": datetime.combine(max(day, begin), time(9, n % 60)),
                 "role": "gp_partner",
                 "appointment_id": f"{n}-{visit}", "duration_minutes": 10,
                 "status": "dna" if draw.random() < 0.1 else "attended"}
            )  # fmt: skip
    contacts.append(
        {
            **contacts[1],
            "start_time": datetime.combine(LAST, time(9)),
            "appointment_id": "last",
            "patient_id": "P001",
            "status": "attended",
        }
    )
    contacts.append(
        {
            **contacts[1],
            "start_time": datetime.combine(begin, time(9)),
            "appointment_id": "first",
            "patient_id": "P001",
            "status": "attended",
        }
    )
    teams = [{"team_id": "T1", "practice_id": PLACE}, {"team_id": "T2", "practice_id": PLACE}]
    members = [
        {"team_id": "T1" if who in ("D1", "D2") else "T2", "staff_id": who,
         "from_date": date(2020, 1, 1)}
        for who in GPS
    ]  # fmt: skip
    named = [
        {"patient_id": patient["patient_id"], "staff_id": GPS[n % 4], "from_date": date(2015, 1, 1)}
        for n, patient in enumerate(patients)
    ]
    return {"practices": [{"practice_id": PLACE}], "staff": staff, "patients": patients,
            "appointments": contacts, "teams": teams, "team_members": members,
            "named_gps": named}  # fmt: skip


@dataclass
class Made:
    """The plan that the backtest made."""

    inputs: PracticeInputs
    plan: Arrangement


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("years"), records(), identifiable=True)


def keep_plan(patch: pytest.MonkeyPatch) -> list[Made]:
    """Return a list that the plan of the next backtest is put into."""
    found: list[Made] = []
    make = backtesting._rough_plan  # pyright: ignore[reportPrivateUsage]

    def made(inputs: PracticeInputs, *more: Any) -> Arrangement | None:
        plan = make(inputs, *more)
        assert plan is not None
        found.append(Made(inputs, plan))
        return plan

    patch.setattr(backtesting, "_rough_plan", made)
    return found


def loops(team_of: dict[str, set[str]], own: dict[str, str], first: date, last: date,
          on: date) -> tuple[float, float, int]:  # fmt: skip
    """Return shares with team and own GP, and contacts, of the planned registered on a day."""
    world = records()
    here = {
        p["patient_id"] for p in world["patients"]
        if p["registered_from"] <= on and (p["registered_to"] is None or p["registered_to"] > on)
    }  # fmt: skip
    counted = [
        c for c in world["appointments"]
        if c["status"] == "attended" and first <= c["start_time"].date() <= last
        and c["patient_id"] in here and c["patient_id"] in team_of
    ]  # fmt: skip
    # Contacts from before the registration do not count.
    since = {p["patient_id"]: p["registered_from"] for p in world["patients"]}
    counted = [c for c in counted if c["start_time"].date() >= since[c["patient_id"]]]
    team = sum(c["staff_id"] in team_of[c["patient_id"]] for c in counted)
    mine = sum(c["staff_id"] == own[c["patient_id"]] for c in counted)
    return team / len(counted), mine / len(counted), len(counted)


def test_promised_and_found_are_those_of_the_loops(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep_plan(monkeypatch)
    with open_store(store) as opened:
        held = backtest(opened, PLACE, MODEL)
    test = held.backtest
    assert test is not None, held
    assert test.design_day == DESIGNED
    (made,) = kept
    ids = made.inputs.clinicians.staff_id
    assert JOINS not in ids
    assert LEAVES in ids
    team_of = {
        patient: {ids[gp] for gp in made.plan.teams[made.plan.team[row]]}
        for row, patient in enumerate(made.inputs.people.patient_id)
    }
    own = {
        patient: ids[made.plan.named[row]]
        for row, patient in enumerate(made.inputs.people.patient_id)
    }
    year, after = date(2023, 7, 1), date(2024, 7, 1)
    promised, promised_own, _ = loops(team_of, own, year, DESIGNED, DESIGNED)
    assert test.promised == pytest.approx(promised)
    assert test.promised_own == pytest.approx(promised_own)
    found, found_own, contacts = loops(team_of, own, after, LAST, LAST)
    assert (test.found, test.found_own) == pytest.approx((found, found_own))
    assert test.n_contacts == contacts
    pairs = {"D1": {"D1", "D2"}, "D2": {"D1", "D2"}, "D3": {"D3", "D4"}, "D4": {"D3", "D4"}}
    now = {p: GPS[int(p[1:]) % 4] for p in team_of}
    # D2's leaving within six months of the design day is not known then, so the list is D2's.
    teams_now, own_now, _ = loops({p: pairs[gp] for p, gp in now.items()}, now, after, LAST, LAST)
    assert (test.found_now, test.found_now_own) == pytest.approx((teams_now, own_now))
    here = [n for n in range(90) if n % 9 and n % 11]
    assert test.n_patients == len(here)
    assert test.found < test.promised


def test_short_records_give_none_and_a_reason(tmp_path: Path) -> None:
    short = build_store(tmp_path / "short", records(months_late=3))
    with open_store(short) as opened:
        held = backtest(opened, PLACE, MODEL)
        assert held.backtest is None
        assert "24 months of records, from 1 July 2023" in held.why_not


def test_a_model_that_names_who_came_later(store: Path) -> None:
    with open_store(store) as opened:
        held = held_with(opened, TeamModel(must_link=(("D1", JOINS),)))
    assert held.backtest is None
    assert f'"{JOINS}"' in held.why_not


def held_with(store: Store, model: TeamModel) -> backtesting.Held:
    return backtest(store, PLACE, model)

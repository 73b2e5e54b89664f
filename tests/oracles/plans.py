"""Plans made by hand for the tests: of random practices, and of a small store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from hamlets.records import Store, open_store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.shown import plan_teams
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.results import (
    Backtest,
    Certificate,
    EquityRow,
    Explanation,
    Option,
    ParetoPoint,
    Plan,
)
from tests.oracles.practices import practice

EXPLANATIONS = (
    Explanation("S001", "lead", "Dr Example-1 is a partner, and leads Team Blue.", None),
    Explanation("S001 to S002", "saw_more", "2 patients go to Dr Example-2: they saw more.", 2),
)


def arranged(inputs: PracticeInputs, teams: int = 2) -> Arrangement:
    """Return teams of every second GP, and each patient with the GP most seen, else the first."""
    staff, people = inputs.clinicians, inputs.people
    gps = np.flatnonzero(staff.gp)
    groups = tuple(tuple(gps[number::teams].tolist()) for number in range(teams))
    nurses = [row for row, role in enumerate(staff.role) if role == "nurse"]
    others = tuple(tuple(nurses[number::teams]) for number in range(teams))
    named = people.named.copy()
    eligible = np.flatnonzero(staff.eligible)
    for patient in range(people.size):
        low, high = people.seen.offset[patient], people.seen.offset[patient + 1]
        who, weight = people.seen.clinician[low:high], people.seen.weight[low:high]
        may = np.isin(who, eligible)
        if may.any():
            named[patient] = who[may][np.argmax(weight[may])]
        elif named[patient] < 0:
            named[patient] = eligible[0]
    team_of = np.full(staff.size, -1)
    for number, group in enumerate(groups):
        team_of[list(group)] = number
    return Arrangement(
        teams=groups,
        others=others,
        shared=tuple(row for row, role in enumerate(staff.role) if role == "pharmacist"),
        leads=tuple(next((g for g in group if staff.eligible[g]), -1) for group in groups),
        team=team_of[named].astype(np.int32),
        named=named.astype(np.int32),
    )


def shown(inputs: PracticeInputs, arrangement: Arrangement, plan_id: str = "", **more: Any) -> Plan:
    """Return a plan of an arrangement, with every part that a plan can have."""
    old, new = inputs.people.named, arrangement.named
    plan = Plan(
        plan_id=plan_id,
        practice_id=inputs.practice_id,
        practice_name=inputs.name,
        number=0,
        state="draft",
        made_at="2031-06-03T09:20:00+01:00",
        made_by="Example Manager",
        adopted_from=None,
        approach="whole_list",
        status="gap",
        store_version=1,
        content_id="0" * 32,
        day=date(2026, 9, 4),
        seed=1,
        seconds=1.25,
        certificate=Certificate(900.5, 907.25, 0.00744, 0.004, 0.00344, "All rules."),
        teams=plan_teams(inputs, arrangement, plan_id or "EX-1"),
        n_patients=int((arrangement.team >= 0).sum()),
        forced=int((inputs.people.named_gone & (old < 0)).sum()),
        first=int(((old < 0) & ~inputs.people.named_gone).sum()),
        moved=int(((old >= 0) & (new != old)).sum()),
        options=(
            Option("now", 0.62, 0.44, 0.31, 74.0, 131.0, 6, None, 0.2, 0.38, 0.81, None),
            Option("plan", 0.91, 0.55, 0.03, 97.2, 102.8, 0, 0.14, 0.2, 0.36, 0.84, None),
            Option("alphabetical", 0.48, 0.31, 0.08, 92.0, 109.0, 2, 0.66, 0.2, 0.36),
            Option("most_seen", 0.93, 0.58, 0.58, 61.0, 158.0, 4, 0.12, 0.2, 0.37),
        ),
        equity=(EquityRow("age_band", "65 to 74", 120, 0.1, 0.6, 0.9, 0.4, 0.5),),
        pareto=(ParetoPoint(5.0, 20.0, 0.91, 0.55, 0.03, 0.14, True, False),),
        backtest=Backtest(date(2025, 9, 4), 0.9, 0.71, 0.6, 900, 4_000),
        notes=("The rota was worked out from the appointments.",),
        definition_version="1.0",
    )
    return replace(plan, **more)


def random_plan(seed: int = 1, **how: Any) -> tuple[PracticeInputs, Arrangement, Plan]:
    """Return a random practice with teams, lists and a plan of them."""
    inputs = practice(seed, gps=6, patients_per_gp=30, **how)
    arrangement = arranged(inputs)
    return inputs, arrangement, shown(inputs, arrangement)


GPS = ("A1", "A2", "A3", "A4")
PRACTICE = "EX001"
FIRST, LAST = date(2024, 1, 8), date(2024, 6, 28)


def records(dated: bool = True, practice_id: str = PRACTICE, offset: int = 0) -> dict[str, Any]:
    """Return the tables of a small practice: 4 GPs, a nurse, 24 patients, old teams T1 and T2.

    Patient n's named GP is that of n modulo 4; GP A1 sees all patients of A2 too.
    ``dated``: named GPs have dates, else the extract gives the current ones only.
    """
    prefix = "" if practice_id == PRACTICE else practice_id
    staff = [
        {"staff_id": f"{prefix}{code}", "practice_id": practice_id, "role": "gp_partner",
         "name": f"Dr Example-{code}", "start_date": date(2020, 1, 1), "sessions_per_week": 6}
        for code in GPS
    ]  # fmt: skip
    staff.append({**staff[0], "staff_id": f"{prefix}N1", "role": "nurse", "name": "Nurse Example"})
    patients, named, rows = [], [], []
    for number in range(24):
        patient = f"{prefix}P{number + offset:03}"
        own = f"{prefix}{GPS[number % 4]}"
        patients.append({"patient_id": patient, "practice_id": practice_id, "birth_year": 1960,
                         "sex": "female", "registered_from": date(2021, 1, 1)})  # fmt: skip
        if dated:
            named.append({"patient_id": patient, "staff_id": own, "from_date": date(2021, 1, 1)})
        else:
            patients[-1]["named_staff_id"] = own
        seen = f"{prefix}A1" if number % 4 == 1 else own
        for week in range(25):
            day = FIRST + timedelta(days=7 * week + number % 5)
            who = f"{prefix}N1" if week % 9 == 8 else seen
            rows.append({"patient_id": patient, "staff_id": who, "practice_id": practice_id,
                         "start_time": datetime(day.year, day.month, day.day, 9, number),
                         "appointment_id": f"{prefix}{number}-{week}", "status": "attended",
                         "mode": "face_to_face"})  # fmt: skip
    tables: dict[str, Any] = {
        "practices": [{"practice_id": practice_id, "name": f"Example {practice_id}"}],
        "staff": staff,
        "patients": patients,
        "appointments": rows,
        "teams": [{"team_id": f"{prefix}T{n}", "practice_id": practice_id, "name": f"Old {n}"}
                  for n in (1, 2)],
        "team_members": [
            {"team_id": f"{prefix}T{1 + place // 2}", "staff_id": f"{prefix}{code}",
             "from_date": date(2023, 1, 1), "lead": place % 2 == 0}
            for place, code in enumerate(GPS)
        ],
    }  # fmt: skip
    return {**tables, "named_gps": named} if dated else tables


def joined(*worlds: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of several practices as one extract."""
    names = dict.fromkeys(name for world in worlds for name in world)
    return {name: [row for world in worlds for row in world.get(name, ())] for name in names}


def inputs_of(store: Store, practice_id: str = PRACTICE) -> PracticeInputs:
    """Return the small practice as makers of teams see it, worked out here by plain loops."""
    from hamlets.continuity.reference import build_reference

    made = practice(1, gps=4, patients_per_gp=6, nurses=1, pharmacists=0, locked_share=0.0)
    reference = build_reference(store)
    prefix = "" if practice_id == PRACTICE else practice_id
    ids = [f"{prefix}{code}" for code in (*GPS, "N1")]
    labels = store.labels("patient")
    home = store.labels("practice").index(practice_id)
    codes = store.read_group("patients", home, ["patient"]).column("patient").to_pylist()
    names = {row["staff_id"]: row["name"] for row in store.table("staff").to_pylist()}
    counts: dict[tuple[int, int], int] = {}
    rows = store.table("appointments")
    for patient, who in zip(
        rows.column("patient_id").to_pylist(), rows.column("staff_id").to_pylist(), strict=True
    ):
        key = labels.index(patient), ids.index(who) if who in ids else -1
        counts[key] = counts.get(key, 0) + 1
    offset, clinician, weight = [0], [], []
    for code in codes:
        for row in range(len(ids)):
            if counts.get((code, row)):
                clinician.append(row)
                weight.append(float(counts[code, row]))
        offset.append(len(clinician))
    named = {}
    dated = store.table("named_gps").to_pylist()
    for row in dated or store.table("patients").to_pylist():
        who = row["staff_id"] if dated else row["named_staff_id"]
        named[labels.index(row["patient_id"])] = ids.index(who) if who in ids else -1
    people = replace(
        made.people,
        patient=np.array(codes, np.int32),
        patient_id=tuple(labels[code] for code in codes),
        named=np.array([named.get(code, -1) for code in codes], np.int32),
        named_gone=np.zeros(len(codes), np.bool_),
        locked=np.full(len(codes), -1, np.int32),
        seen=replace(
            made.people.seen,
            offset=np.array(offset),
            clinician=np.array(clinician, np.int32),
            weight=np.array(weight),
            contacts=np.array(weight, np.int32),
        ),
    )
    persons = [reference.person_labels.index(each) for each in ids]
    staff = replace(
        made.clinicians,
        person=np.array(persons, np.int32),
        staff_id=tuple(ids),
        name=tuple(names[each] for each in ids),
        eligible=np.array([True] * 4 + [False]),
        gp=np.array([True] * 4 + [False]),
    )
    return PracticeInputs(practice_id, f"Example {practice_id}", 22_000, staff, people, "given")


def keep(store_folder: Path, practice_id: str = PRACTICE, **more: Any) -> str:
    """Keep a plan of the small practice; return its id."""
    from hamlets.teams.model import TeamModel
    from hamlets.teams.plans.storing import save_plan

    with open_store(store_folder) as store:
        inputs = inputs_of(store, practice_id)
        version, content = store.version, store.content_id
    arrangement = arranged(inputs)
    plan = shown(inputs, arrangement, **{"store_version": version, "content_id": content, **more})
    return save_plan(store_folder, plan, arrangement, inputs, TeamModel(), EXPLANATIONS).name

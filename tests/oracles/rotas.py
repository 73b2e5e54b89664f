"""Worlds with contracts, sessions a week and rotas, and with ill health.

``add_rota`` and ``add_health`` draw these into a world that ``worlds`` made.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from tests.oracles.worlds import FIRST, LAST, Row, World

STARTS = (
    (time(8, 30), 240),
    (time(8, 30), 560),  # a long day: morning and afternoon
    (time(9, 0), 250),  # runs ten minutes into the afternoon, which it is no part of
    (time(12, 30), 45),  # shorter than an hour in either half
    (time(14, 0), 250),
    (time(18, 30), 90),
)
CONTRACTS = ("partner", "salaried", "retainer", "other", None)
CONDITIONS = ("diabetes", "copd", "asthma", "ckd", "depression", "cancer", "palliative_care", None)


def add_rota(rng: Random, world: World, first: date, last: date) -> World:
    """Return the world with contracts and sessions a week, and with rotas of some practices.

    A rota may begin late: then it does not count as one.
    """
    staff: list[Row] = []
    for row in world["staff"]:
        more: Row = {"name": f"Example {row['staff_id'].upper()}"}
        if rng.random() < 0.6:
            more["contract"] = rng.choice(CONTRACTS)
        if rng.random() < 0.6:
            more["sessions_per_week"] = rng.choice((2, 4, 5.5, 6, 8))
        staff.append({**row, "contract": None, "sessions_per_week": None, **more})
    if rng.random() < 0.15:
        staff = []
    sessions: list[Row] = []
    for practice in sorted({row["practice_id"] for row in world["staff"]}):
        kind = rng.choice(("none", "whole", "whole", "late"))
        begins = first + timedelta(days=60 if kind == "late" else 0)
        members = [r["staff_id"] for r in world["staff"] if r["practice_id"] == practice]
        for member in sorted(set(members)):
            usual = {(rng.randrange(7), rng.randrange(6)) for _ in range(rng.randint(1, 4))}
            days = range((last - begins).days + 10)
            for day in (begins + timedelta(days=d) for d in days if kind != "none"):
                for weekday, kept in usual:
                    if day.weekday() == weekday and rng.random() < 0.85:
                        at, minutes = STARTS[kept]
                        start = datetime.combine(day, at)
                        sessions.append(
                            {
                                "staff_id": member,
                                "practice_id": practice,
                                "start_time": start,
                                "end_time": start + timedelta(minutes=minutes),
                            }
                        )
    unique = {(s["staff_id"], s["practice_id"], s["start_time"]): s for s in sessions}
    return {**world, "staff": staff, "sessions": list(unique.values())}


def add_health(rng: Random, world: World) -> World:
    """Return the world with conditions, cancers and people who are housebound."""
    patients = [{**row, "housebound": rng.random() < 0.3} for row in world["patients"]]
    conditions: dict[tuple[str, str, date], Row] = {}
    events: dict[tuple[str, str, date], Row] = {}

    def some_day() -> date:
        return FIRST + timedelta(days=rng.randint(0, (LAST - FIRST).days))

    for row in patients:
        patient = row["patient_id"]
        for _ in range(rng.choice((0, 0, 1, 3, 5, 8, 9))):
            register, begins = rng.choice(CONDITIONS), some_day()
            ends = begins + timedelta(days=rng.randint(1, 300)) if rng.random() < 0.2 else None
            code = f"code-{register}"
            conditions[patient, code, begins] = {
                "patient_id": patient,
                "code": code,
                "from_date": begins,
                "to_date": ends,
                "register": register,
            }
        for _ in range(rng.choice((0, 0, 1))):
            kind, day = rng.choice(("cancer_diagnosis", "death", "emergency_admission")), some_day()
            events[patient, kind, day] = {
                "patient_id": patient,
                "event_type": kind,
                "event_date": day,
            }
    return {
        **world,
        "patients": patients,
        "conditions": list(conditions.values()),
        "events": list(events.values()),
    }

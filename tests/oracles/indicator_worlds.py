"""Random small worlds with all that indicators look at: moves, deaths, readings on one day."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

PRACTICES = ("EX101", "EX102", "EX103")
END = date(2022, 10, 31)
_REGISTERS = ("diabetes", "copd", "asthma", "hypertension", "chd", "stroke", "ckd")
_MEASURED = {
    "EX-OBS-SYSTOLIC": (120, 139, 140, 141, 160),
    "EX-OBS-DIASTOLIC": (70, 80, 81, 89, 90),
    "EX-OBS-CHOLESTEROL": (3.9, 4.0, 4.1),
    "EX-OBS-BREATHLESSNESS": (1, 2, 3, 4),
    "EX-OBS-AUDIT-C": (0, 4, 5, 9),
}
_PLAIN = (
    "EX-OBS-DIABETES-CARE-PLAN", "EX-OBS-RETINAL-SCREENING", "EX-OBS-COPD-CARE-PLAN",
    "EX-OBS-REHABILITATION-REFERRAL", "EX-OBS-FLU-VACCINATION", "EX-OBS-STATIN",
    "EX-OBS-MMR-1", "EX-OBS-END-OF-LIFE-PLAN", "EX-OBS-ALCOHOL-ADVICE",
    "EX-OBS-MEDICATION-REVIEW-DUE", "EX-OBS-MEDICATION-REVIEW-DONE",
)  # fmt: skip
_EVENTS = {
    "ae_attendance": ("admitted",),
    "emergency_admission": ("J45", "I50", "S72", "N39"),
    "outpatient_referral": ("cardiology", "urology"),
    "discharge_delay": ("housing",),
}


def make_world(seed: int, people: int = 70) -> dict[str, list[dict[str, Any]]]:
    """Return tables of some practices; dates cluster about the edges of windows."""
    rng = random.Random(seed)
    edges = [END, date(2021, 11, 1), date(2021, 10, 31), date(2022, 9, 1), date(2022, 7, 31)]

    def day() -> date:
        if rng.random() < 0.3:
            return rng.choice(edges) + timedelta(days=rng.choice((-1, 0, 0, 1)))
        return END - timedelta(days=rng.randrange(-60, 800))

    tables: dict[str, list[dict[str, Any]]] = {
        "practices": [
            {"practice_id": p, "name": f"Practice {p[-1]}", "network_id": ""} for p in PRACTICES
        ],
        "networks": [{"network_id": n, "name": n, "kind": "network"} for n in ("N1", "N2")],
        "network_members": [
            {"network_id": "N1", "practice_id": "EX101", "from_date": date(2012, 4, 1)},
            {"network_id": "N1", "practice_id": "EX102", "from_date": date(2012, 4, 1),
             "to_date": date(2022, 6, 15)},
            {"network_id": "N2", "practice_id": "EX102", "from_date": date(2022, 6, 15)},
            {"network_id": "N2", "practice_id": "EX103", "from_date": date(2012, 4, 1)},
        ],
    }  # fmt: skip
    for name in ("patients", "registrations", "conditions", "observations", "events",
                 "appointments"):  # fmt: skip
        tables[name] = []
    seen: set[tuple[Any, ...]] = set()
    for number in range(people):
        patient = f"p{number}"
        died = day() if rng.random() < 0.2 else None
        tables["patients"].append(
            {
                "patient_id": patient,
                "practice_id": rng.choice(PRACTICES),
                "birth_year": rng.choice((2019, 2019, 2020, 2010, 2006, 1992, 1958, 1957, 1932)),
                "sex": rng.choice(("female", "male")),
                "imd_decile": rng.randint(1, 10),
                "death_date": died,
            }
        )
        _registrations(rng, tables, patient, day)
        for register in rng.sample(_REGISTERS, rng.randint(0, 4)):
            since = rng.choice((date(2009, 1, 1), day()))
            until = since + timedelta(days=rng.randrange(30, 900)) if rng.random() < 0.2 else None
            tables["conditions"].append(
                {"patient_id": patient, "code": f"EX-REG-{register}", "from_date": since,
                 "to_date": until, "register": register}
            )  # fmt: skip
        for code, values in _MEASURED.items():
            for _ in range(rng.randint(0, 3)):
                _observe(tables, seen, patient, code, day(), rng.choice(values))
            if rng.random() < 0.2:  # two readings on one day
                when = day()
                for value in rng.sample(values, 2):
                    _observe(tables, seen, patient, code, when, value)
        for code in _PLAIN:
            for _ in range(rng.choice((0, 0, 1, 2))):
                _observe(tables, seen, patient, code, day(), None)
        for kind, codes in _EVENTS.items():
            for _ in range(rng.choice((0, 0, 1, 3))):
                row = (patient, kind, day(), rng.choice(codes))
                if row not in seen:
                    seen.add(row)
                    names = ("patient_id", "event_type", "event_date", "code")
                    tables["events"].append(dict(zip(names, row, strict=True)))
    for number in range(60):
        tables["appointments"].append(
            {"patient_id": f"p{number % people}", "staff_id": "s1", "practice_id": "EX101",
             "start_time": f"{END - timedelta(days=number)}T09:00:00", "status": "attended",
             "appointment_id": f"a{number}"}
        )  # fmt: skip
    return tables


def _registrations(rng: random.Random, tables: Any, patient: str, day: Any) -> None:
    since = date(2010, 1, 1) if rng.random() < 0.6 else day()
    practices = [*rng.sample(PRACTICES, rng.choice((1, 1, 2)))]
    if rng.random() < 0.1:
        practices = []
    for position, practice in enumerate(practices):
        until = min(since + timedelta(days=rng.randrange(1, 4600)), END + timedelta(days=200))
        last = position == len(practices) - 1
        tables["registrations"].append(
            {"patient_id": patient, "practice_id": practice, "from_date": since,
             "to_date": None if last and rng.random() < 0.8 else until}
        )  # fmt: skip
        # the next begins when this one ends, or overlaps it
        since = until - timedelta(days=rng.choice((0, 0, 40)))
        since = max(since, tables["registrations"][-1]["from_date"] + timedelta(days=1))


def _observe(tables: Any, seen: Any, patient: str, code: str, when: date, value: Any) -> None:
    if (patient, code, when, value) in seen:
        return
    seen.add((patient, code, when, value))
    tables["observations"].append(
        {"patient_id": patient, "code": code, "date": when, "value": value}
    )

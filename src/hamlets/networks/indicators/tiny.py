"""A tiny invented store to try a definition on: a few people who have a bit of everything.

It is made of the definition itself: its code lists and the registers and kinds of event that
its SQL may name, so that a definition which works finds somebody. Nobody in it is real.
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from hamlets.networks.indicators.definition import Indicator
from hamlets.networks.indicators.handing import OWN_TABLES
from hamlets.networks.indicators.periods import Period
from hamlets.networks.indicators.sandbox import Sandbox

PEOPLE = 240
PRACTICES = ("EX901", "EX902")
PERIOD = Period(date(2030, 4, 1), date(2031, 3, 31))
_REGISTERS = ("diabetes", "copd", "asthma", "hypertension", "chd", "stroke", "ckd", "cancer",
              "palliative_care", "smi", "dementia", "depression")  # fmt: skip
_EVENTS = ("ae_attendance", "emergency_admission", "outpatient_referral", "discharge_delay",
           "cancer_diagnosis", "death", "death_in_hospital")  # fmt: skip
_EVENT_CODES = ("J45", "cardiology", "assessment")


def make_tiny_store(sandbox: Sandbox, indicator: Indicator) -> None:
    """Hand over the invented tables; every code of the definition is in some record."""
    codes = [code for found in indicator.codes.values() for code in found.codes]
    codes = codes or ["EX-OBS-EXAMPLE"]
    sandbox.words(sorted({*codes, *_EVENT_CODES, *_register_codes()}))
    for name, table in _tables(codes).items():
        sandbox.hand_over(name, table, own=name in OWN_TABLES)


def _register_codes() -> list[str]:
    return ["EX-REG-" + name.upper().replace("_", "-") for name in _REGISTERS]


_VALUES = (0.5, 2.0, 3.0, 3.8, 5.0, 7.0, 30.0, 65.0, 75.0, 85.0, 120.0, 135.0, 150.0, 170.0)
"""Readings of all kinds: some pass any standard, some none."""


def _chance(*parts: object) -> int:
    """Return a number that depends on its parts alone: the same people at every run."""
    return zlib.crc32("|".join(map(str, parts)).encode())


def _day(*parts: object) -> date:
    """Return a day of the period or of the year before."""
    return PERIOD.end - timedelta(days=_chance("day", *parts) % 720)


def _tables(codes: list[str]) -> dict[str, Any]:
    people = list(range(PEOPLE))
    died = [PERIOD.end - timedelta(days=n) if n % 16 == 15 else None for n in people]
    first = [PERIOD.end - timedelta(days=60 * n) for n in people]
    practices = [PRACTICES[n % 2] for n in people]
    still = pa.nulls(PEOPLE, pa.date32())
    registered = {
        "patient_id": pa.array(people, pa.int32()),
        "practice_id": pa.array(practices).dictionary_encode(),
        "from_date": pa.array(first, pa.date32()),
        "to_date": still,
    }
    return {
        "people": pa.table(
            {
                "patient_id": pa.array(people, pa.int32()),
                "birth_year": pa.array([2031 - n % 96 for n in people], pa.int32()),
                "birth_date": still,
                "sex": pa.array(["female", "male"] * (PEOPLE // 2)).dictionary_encode(),
                "ethnicity": pa.array(["not stated"] * PEOPLE).dictionary_encode(),
                "imd_decile": pa.array([n % 10 + 1 for n in people], pa.int32()),
                "housebound": pa.array([n % 20 == 0 for n in people]),
                "death_date": pa.array(died, pa.date32()),
            }
        ),
        "registrations": pa.table(registered),
        "ranked": pa.table({**registered, "rank": pa.array(people, pa.int64())}),
        "conditions": _conditions(people, codes),
        "events": _events(people),
        "observations": _observations(people, codes),
        "appointments": _appointments(people, practices),
    }


def _conditions(people: list[int], codes: list[str]) -> Any:
    registers = [
        *zip(_register_codes(), _REGISTERS, strict=True),
        *((code, None) for code in codes),
    ]
    rows = [(p, c, r) for p in people for c, r in registers if _chance(p, c) % 3]
    return pa.table(
        {
            "patient_id": pa.array([p for p, _, _ in rows], pa.int32()),
            "code": pa.array([c for _, c, _ in rows]).dictionary_encode(),
            "register": pa.array([r for _, _, r in rows], pa.string()).dictionary_encode(),
            "from_date": pa.array([date(2020, 1, 1)] * len(rows), pa.date32()),
            "to_date": pa.nulls(len(rows), pa.date32()),
        }
    )


def _events(people: list[int]) -> Any:
    rows = [(p, kind) for p in people for kind in _EVENTS]
    return pa.table(
        {
            "patient_id": pa.array([p for p, _ in rows], pa.int32()),
            "event_type": pa.array([kind for _, kind in rows]).dictionary_encode(),
            "event_date": pa.array([_day(*row) for row in rows], pa.date32()),
            "code": pa.array(
                [_EVENT_CODES[n % len(_EVENT_CODES)] for n in range(len(rows))]
            ).dictionary_encode(),
        }
    )


def _observations(people: list[int], codes: list[str]) -> Any:
    rows = [(p, code, time) for p in people for code in codes for time in range(4)]
    size = len(rows)
    return pa.table(
        {
            "patient_id": pa.array([p for p, _, _ in rows], pa.int32()),
            "code": pa.array([code for _, code, _ in rows]).dictionary_encode(),
            "date": pa.array([_day(*row) for row in rows], pa.date32()),
            "value": pa.array([_VALUES[_chance(*row) % len(_VALUES)] for row in rows]),
            "unit": pa.nulls(size, pa.string()).dictionary_encode(),
            "words": pa.nulls(size, pa.string()).dictionary_encode(),
        }
    )


def _appointments(people: list[int], practices: list[str]) -> Any:
    size = len(people)
    when = pa.array([_day(p) for p in people], pa.date32())

    def words(word: str) -> Any:
        return pa.array([word] * size).dictionary_encode()

    return pa.table(
        {
            "patient_id": pa.array(people, pa.int32()),
            "practice_id": pa.array(practices).dictionary_encode(),
            "booked_time": pa.nulls(size, pa.timestamp("s")),
            "status": words("attended"),
            "mode": words("face_to_face"),
            "urgency": words("routine"),
            "role": words("gp_partner"),
            "duration_minutes": pa.array([10.0] * size),
            "start_time": when.cast(pa.timestamp("s")),
        }
    )

"""Small invented practices as extracts, with whatever a design may meet: no rota, no Mondays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tests.oracles.stores import build_store

PLACE = "G99001"
MONDAY = date(2025, 1, 6)
WEEKS = 30
LAST = MONDAY + timedelta(days=7 * WEEKS - 3)  # a Friday
Row = dict[str, Any]


def role_of(gp: int) -> str:
    """Return the role of a GP by number; of a nurse for -1."""
    if gp < 0:
        return "nurse"
    return "gp_partner" if gp % 2 == 0 else "gp_salaried"


@dataclass(frozen=True)
class Village:
    """One practice: who works there, and what its records hold."""

    gps: int = 6
    patients: int = 120
    nurses: int = 2
    place: str = PLACE
    rota: str = "given"
    """given, missing, or wrong: of other people and other half-days than the contacts."""
    days_off: tuple[int, ...] = ()
    """Weekdays, Monday 0, on which nobody works."""
    named: bool = True
    teams: int = 0
    """Teams that the records hold; 0 = none."""
    without_contact: int = 0
    """Of the patients: the last so many never came."""
    minutes: int = 10
    """Of a contact: a longer one makes the list heavier."""
    session_minutes: int = 240
    listed: bool = True
    """Whether there is a staff list."""
    locks: int = 0
    """Patients, the first so many, who asked for the next GP."""
    seed: int = 1

    @property
    def staff(self) -> list[str]:
        """Return the ids of the GPs."""
        return [f"{self.prefix}D{number}" for number in range(1, self.gps + 1)]

    @property
    def prefix(self) -> str:
        return "" if self.place == PLACE else f"{self.place}-"

    def store(self, folder: Path, *others: Village) -> Path:
        """Load the practice, and others, into a new store; return its path."""
        worlds = [each.tables() for each in (self, *others)]
        names = dict.fromkeys(name for world in worlds for name in world)
        return build_store(
            folder,
            {name: [row for world in worlds for row in world.get(name, ())] for name in names},
        )

    def tables(self) -> dict[str, list[Row]]:
        """Return the tables of the extract."""
        tables: dict[str, list[Row]] = {
            "practices": [{"practice_id": self.place, "name": f"Practice {self.place}"}],
            "patients": [self._patient(number) for number in range(self.patients)],
            "appointments": self._contacts(),
        }
        if self.listed:
            tables["staff"] = self._staff()
        if self.rota != "missing":
            tables["sessions"] = self._rota()
        if self.named and self.gps:
            tables["named_gps"] = self._named()
        if self.teams:
            tables["teams"], tables["team_members"] = self._teams()
        return tables

    def works(self, gp: int, weekday: int) -> bool:
        """Return whether a GP, the first 0, works on a weekday: four of five, or fewer."""
        return weekday not in self.days_off and weekday != gp % 5

    def _staff(self) -> list[Row]:
        rows = [
            {"staff_id": who, "practice_id": self.place, "name": f"Dr Example-{who}",
             "role": role_of(number),
             "start_date": date(2019, 1, 1), "sessions_per_week": 8}
            for number, who in enumerate(self.staff)
        ]  # fmt: skip
        return rows + [
            {"staff_id": f"{self.prefix}N{number + 1}", "practice_id": self.place, "role": "nurse",
             "name": f"Nurse Example-{number + 1}", "start_date": date(2019, 1, 1),
             "sessions_per_week": 8}
            for number in range(self.nurses)
        ]  # fmt: skip

    def _patient(self, number: int) -> Row:
        return {
            "patient_id": self._id(number), "practice_id": self.place, "sex": "female",
            "birth_year": 1940 + number % 70, "registered_from": date(2018, 1, 1),
            "household_id": f"{self.prefix}H{number // 2}",
        }  # fmt: skip

    def _id(self, number: int) -> str:
        return f"{self.prefix}P{number:04}"

    def _usual(self, number: int) -> int:
        """Return the GP whom a patient mostly sees."""
        return (number // 2 * 7 + number // 40) % self.gps

    def _named(self) -> list[Row]:
        rows = [
            {"patient_id": self._id(number), "staff_id": self.staff[self._named_of(number)],
             "from_date": date(2020, 1, 1), "source": "clinical_system"}
            for number in range(self.patients)
        ]  # fmt: skip
        return rows + [
            {"patient_id": self._id(number), "from_date": date(2025, 2, 1),
             "staff_id": self.staff[(self._usual(number) + 1) % self.gps],
             "source": "patient_choice"}
            for number in range(self.locks)
        ]  # fmt: skip

    def _named_of(self, number: int) -> int:
        """Return the named GP: of every third patient somebody else than the usual one."""
        usual = self._usual(number)
        return (usual + 1) % self.gps if number % 3 == 0 else usual

    def _contacts(self) -> list[Row]:
        draw = np.random.default_rng(self.seed)
        rows: list[Row] = []
        for number in range(self.patients - self.without_contact):
            for visit in range(int(draw.integers(2, 7))):
                gp = self._seen(draw, number) if self.gps else -1
                day = self._day(draw, gp)
                start = datetime.combine(day, time(9)) + timedelta(minutes=7 * (number % 24))
                rows.append(
                    {"patient_id": self._id(number), "practice_id": self.place,
                     "staff_id": self.staff[gp] if gp >= 0 else f"{self.prefix}N1",
                     "start_time": start,
                     "duration_minutes": self.minutes, "status": "attended",
                     "role": role_of(gp), "mode": "face_to_face",
                     "appointment_id": f"{self._id(number)}-{visit}",
                     "booked_time": start - timedelta(days=1)}
                )  # fmt: skip
        last = datetime.combine(LAST, time(9))
        return [*rows, {**rows[-1], "start_time": last, "appointment_id": f"{self.prefix}last"}]

    def _seen(self, draw: np.random.Generator, number: int) -> int:
        usual, by_chance = self._usual(number), draw.random()
        if by_chance < 0.6:
            return usual
        # GPs stand in for each other in twos.
        return min(usual ^ 1, self.gps - 1) if by_chance < 0.85 else int(draw.integers(0, self.gps))

    def _day(self, draw: np.random.Generator, gp: int) -> date:
        while True:
            day = MONDAY + timedelta(days=int(draw.integers(0, 7 * WEEKS - 2)))
            if day.weekday() < 5 and self.works(gp, day.weekday()):
                return day

    def _rota(self) -> list[Row]:
        staff: Sequence[str] = self.staff
        if self.rota == "wrong":
            staff = staff[: max(1, len(staff) // 3)]
        length = timedelta(minutes=self.session_minutes)
        return [
            {"staff_id": who, "practice_id": self.place,
             "start_time": datetime.combine(day, time(hour)),
             "end_time": datetime.combine(day, time(hour)) + length}
            for week in range(WEEKS)
            for weekday in range(5)
            for day in [MONDAY + timedelta(days=7 * week + weekday)]
            for number, who in enumerate(staff)
            for hour in ((8, 13) if self.rota == "given" else (13,))
            if self.works(number, weekday)
        ]  # fmt: skip

    def _teams(self) -> tuple[list[Row], list[Row]]:
        teams = [
            {
                "team_id": f"{self.prefix}T{number}",
                "practice_id": self.place,
                "name": f"Old {number}",
            }
            for number in range(self.teams)
        ]
        members = [
            {"team_id": f"{self.prefix}T{number % self.teams}", "staff_id": who,
             "from_date": date(2023, 1, 1), "lead": number < self.teams}
            for number, who in enumerate(self.staff)
        ]  # fmt: skip
        return teams, members

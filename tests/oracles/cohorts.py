"""The naive twin of cohorts: who is in one, by loops over a world (definitions, point 22)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from math import ceil

from tests.oracles.days import age_on, months_before
from tests.oracles.questions import Question
from tests.oracles.rules import Rules, World, covers

END_OF_LIFE = {"palliative_care"}
"""The registers of END_OF_LIFE that the worlds know."""


class CohortsOf:
    """Cohorts of one world at the last day of a window."""

    def __init__(
        self,
        world: World,
        first: date,
        to: date,
        least: int | None = None,
        any_role: bool = False,
    ) -> None:
        self.world, self.first, self.to = world, first, to
        self.rules = Rules(world, Question())
        self.counting = Rules(world, Question(roles="any")) if any_role else self.rules
        self.least = least
        self.year = months_before(to, 12) + timedelta(days=1)
        self.known = bool(world.get("registrations") or world.get("patients"))
        self.home = {p: self.rules.home(p, first, to) for p in self.rules.everyone()}

    def registered_all(self, patient: str, first: date, last: date) -> bool:
        """Living and registered, anywhere, on each of the days."""
        died = self.rules.patients.get(patient, {}).get("death_date")
        if died is not None and died < last:
            return False
        if not self.known:
            return True
        day = first
        spells = self.rules.spells(patient)
        while day <= last:
            if not any(start <= day < end for _, start, end in spells):
                return False
            day += timedelta(days=1)
        return True

    def seen(self, patient: str, first: date, last: date, rules: Rules | None = None) -> int:
        found = (rules or self.counting).contacts(patient, self.home[patient], self.to)
        return sum(first <= c.day <= last for c in found)

    def frequent(self, first: date, last: date) -> set[str]:
        """More contacts than the 90th centile of the practice, nearest rank, zeros in."""
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for patient, home in self.home.items():
            if home is not None and self.registered_all(patient, first, last):
                counts[home.practice][patient] = self.seen(patient, first, last)
        members: set[str] = set()
        for of_practice in counts.values():
            ordered = sorted(of_practice.values())
            centile = ordered[ceil(len(ordered) * 9 / 10) - 1]
            for patient, n in of_practice.items():
                if n > centile if self.least is None else n >= self.least:
                    members.add(patient)
        return members

    def members(self, cohort: str) -> set[str]:
        """Return the patients of a cohort."""
        if cohort == "everyone":
            return set(self.home)
        if cohort == "frequent_attender":
            return self.frequent(self.year, self.to)
        if cohort == "persistent_frequent_attender":
            before = months_before(self.to, 24) + timedelta(days=1)
            return self.frequent(self.year, self.to) & self.frequent(
                before, self.year - timedelta(days=1)
            )
        return {patient for patient in self.home if self.belongs(patient, cohort)}

    def belongs(self, patient: str, cohort: str) -> bool:
        row = self.rules.patients.get(patient, {})
        if cohort == "housebound":
            return bool(row.get("housebound"))
        if cohort == "aged_75_plus":
            return row.get("birth_year") is not None and age_on(row["birth_year"], self.to) >= 75
        if cohort == "new_cancer":
            since = months_before(self.to, 12)
            return any(
                e["patient_id"] == patient
                and e["event_type"] == "cancer_diagnosis"
                and since < e["event_date"] <= self.to
                for e in self.world.get("events", [])
            )
        registers = {
            c["register"]
            for c in self.world.get("conditions", [])
            if c["patient_id"] == patient and c["register"] and covers(c, self.to)
        }
        if cohort == "end_of_life":
            return bool(registers & END_OF_LIFE)
        long_term = len(registers - END_OF_LIFE)
        return long_term >= 5 if cohort == "conditions_5_plus" else 2 <= long_term <= 4

    # The table ----------------------------------------------------------------

    def here(self, patient: str) -> str | None:
        """The practice of someone living and registered on the last day."""
        died = self.rules.patients.get(patient, {}).get("death_date")
        if died is not None and died <= self.to:
            return None
        if not self.rules.spells(patient):
            home = self.home[patient]
        else:
            home = self.rules.home(patient, self.to, self.to)
            if home is not None and not home.registered(self.to):
                return None
        return None if home is None else home.practice

    def patient_years(self, patient: str) -> float:
        """Days of the year before, registered at the practice of the last day, as years."""
        size = (self.to - self.year).days + 1
        spells = self.rules.spells(patient)
        place = self.here(patient)
        days = [self.year + timedelta(days=d) for d in range(size)]
        inside = [
            day
            for day in days
            if not spells or any(p == place and a <= day < z for p, a, z in spells)
        ]
        return len(inside) / size

    def row(self, cohort: str, place: str | None) -> tuple[int, int, float | None]:
        """Return patients, contacts in the year, and contacts to each patient-year."""
        mine = [
            p
            for p in self.members(cohort)
            if self.here(p) is not None and place in (None, self.here(p))
        ]
        contacts = sum(self.seen(p, self.year, self.to, self.rules) for p in mine)
        years = sum(self.patient_years(p) for p in mine)
        return len(mine), contacts, contacts / years if years else None

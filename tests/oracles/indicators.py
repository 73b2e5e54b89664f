"""Indicators counted the slow way: one patient after another, from the words of the definitions.

Nothing here reads the SQL or the files of the definitions: what each indicator means is written
again, so that both can only agree where both are right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Tables = Mapping[str, Rows]


@dataclass(frozen=True)
class Tally:
    """Counts of one practice: everyone, left out, numerator, denominator after exclusions."""

    initial_population: int
    exclusions: int
    numerator: int
    denominator: int


def months_before(day: date, months: int) -> date:
    """Return the first day of a window of so many months that ends on ``day``."""
    after = day + timedelta(days=1)
    total = after.year * 12 + after.month - 1 - months
    return date(total // 12, total % 12 + 1, after.day)


class Naive:
    """One world on one day."""

    def __init__(self, tables: Tables, start: date, end: date) -> None:
        self.tables, self.start, self.end = tables, start, end
        self.year_ago = months_before(end, 12)

    def _of(self, table: str, patient: str) -> list[Mapping[str, Any]]:
        return [r for r in self.tables.get(table, ()) if r["patient_id"] == patient]

    def practice(self, patient: str) -> tuple[str, bool, date] | None:
        """Return (practice, registered there today, since when); None for nowhere yet."""
        known = self._of("registrations", patient) or [
            # without any, the practice of the patient's own row, always
            {**self._patient(patient), "from_date": date.min, "to_date": None}
        ]
        begun = [r for r in known if r["from_date"] <= self.end]
        if not begun:
            return None

        def precedence(row: Mapping[str, Any]) -> tuple[bool, date, date, str]:
            until = row["to_date"] or date.max
            return until > self.end, row["from_date"], until, row["practice_id"]

        row = max(begun, key=precedence)
        death = self._patient(patient)["death_date"]
        now = (row["to_date"] or date.max) > self.end and (death is None or death > self.end)
        return row["practice_id"], now, row["from_date"]

    def _patient(self, patient: str) -> Mapping[str, Any]:
        return self._of("patients", patient)[0]

    def age(self, patient: str) -> int:
        return self.end.year - self._patient(patient)["birth_year"]

    def registers(self, patient: str) -> set[str]:
        return {
            r["register"]
            for r in self._of("conditions", patient)
            if r["from_date"] <= self.end and (r["to_date"] is None or r["to_date"] > self.end)
        }

    def entries(
        self, patient: str, code: str, since: date | None = None
    ) -> list[tuple[date, float]]:
        since = self.year_ago if since is None else since
        return sorted(
            (r["date"], float(r["value"] or 0))
            for r in self._of("observations", patient)
            if r["code"] == code and since <= r["date"] <= self.end
        )

    def last(self, patient: str, code: str) -> float | None:
        """Return the value of the last day with one; of several that day the lowest."""
        found = self.entries(patient, code)
        return min(v for d, v in found if d == found[-1][0]) if found else None

    def recent(self, patient: str, register: str | None) -> bool:
        """Return whether registered, or first on a register, in the last three months."""
        since = _minus_three_months(self.end)
        here = self.practice(patient)
        firsts = [r["from_date"] for r in self._of("conditions", patient)
                  if r["register"] == register]  # fmt: skip
        newly = bool(firsts) and min(firsts) > since
        return (here is not None and here[2] > since) or newly

    def tally(self, indicator: str) -> dict[str, Tally]:
        """Return the counts of each practice with anyone."""
        found: dict[str, list[int]] = {}
        for row in self.tables["patients"]:
            patient = row["patient_id"]
            here = self.practice(patient)
            if here is None or not self.about(indicator, patient, here[1]):
                continue
            counts = found.setdefault(here[0], [0, 0, 0, 0])
            counts[0] += 1
            if not self.should(indicator, patient):
                continue
            if self.left_out(indicator, patient):
                counts[1] += 1
                continue
            counts[3] += 1
            counts[2] += self.had(indicator, patient)
        return {practice: Tally(*counts) for practice, counts in found.items()}

    def about(self, indicator: str, patient: str, registered: bool) -> bool:
        on, age = self.registers(patient), self.age(patient)
        died = self._patient(patient)["death_date"]
        if indicator == "end_of_life_plan":
            return died is not None and self.year_ago <= died <= self.end
        if not registered:
            return False
        match indicator:
            case "diabetes_care_plan" | "diabetes_bp_cholesterol":
                return "diabetes" in on and age >= 17
            case "diabetes_retinal_screening":
                return "diabetes" in on and age >= 12
            case "copd_care_plan" | "copd_rehabilitation":
                return "copd" in on
            case "hypertension_bp":
                return "hypertension" in on and age >= 18
            case "cvd_statin":
                return bool(on & {"chd", "stroke"})
            case "flu_vaccination":
                ill = on & {"diabetes", "copd", "asthma", "chd", "stroke", "ckd"}
                return age >= 65 or age in (2, 3) or bool(ill)
            case "mmr_by_2":
                return self._patient(patient)["birth_year"] == self.end.year - 3
            case "alcohol_advice":
                scores = self.entries(patient, "EX-OBS-AUDIT-C")
                return age >= 16 and any(v >= 5 for _, v in scores)
            case "medication_review":
                return bool(self.entries(patient, "EX-OBS-MEDICATION-REVIEW-DUE"))
            case _:
                return True

    def should(self, indicator: str, patient: str) -> bool:
        if indicator == "copd_rehabilitation":
            return any(v >= 3 for _, v in self.entries(patient, "EX-OBS-BREATHLESSNESS"))
        return True

    def left_out(self, indicator: str, patient: str) -> bool:
        register = {
            "diabetes_care_plan": "diabetes",
            "diabetes_bp_cholesterol": "diabetes",
            "diabetes_retinal_screening": "diabetes",
            "copd_care_plan": "copd",
            "hypertension_bp": "hypertension",
            "cvd_statin": None,
        }
        return indicator in register and self.recent(patient, register[indicator])

    def had(self, indicator: str, patient: str) -> int:
        match indicator:
            case "diabetes_care_plan":
                return bool(self.entries(patient, "EX-OBS-DIABETES-CARE-PLAN"))
            case "diabetes_retinal_screening":
                return bool(self.entries(patient, "EX-OBS-RETINAL-SCREENING"))
            case "copd_care_plan":
                return bool(self.entries(patient, "EX-OBS-COPD-CARE-PLAN"))
            case "cvd_statin":
                return bool(self.entries(patient, "EX-OBS-STATIN"))
            case "diabetes_bp_cholesterol" | "hypertension_bp":
                upper = self.last(patient, "EX-OBS-SYSTOLIC")
                lower = self.last(patient, "EX-OBS-DIASTOLIC")
                if upper is None or lower is None:
                    return False
                if indicator == "hypertension_bp":
                    return upper < 140 and lower < 90
                fat = self.last(patient, "EX-OBS-CHOLESTEROL")
                return upper <= 140 and lower <= 80 and fat is not None and fat <= 4
            case "flu_vaccination":
                year = self.end.year if self.end.month >= 9 else self.end.year - 1
                return bool(self.entries(patient, "EX-OBS-FLU-VACCINATION", date(year, 9, 1)))
            case "mmr_by_2":
                doses = self.entries(patient, "EX-OBS-MMR-1", date.min)
                year = self._patient(patient)["birth_year"]
                return any(d < date(year + 3, 1, 1) for d, _ in doses)
            case "end_of_life_plan":
                died = self._patient(patient)["death_date"]
                plans = [r["date"] for r in self._of("observations", patient)
                         if r["code"] == "EX-OBS-END-OF-LIFE-PLAN"]  # fmt: skip
                return any(d <= died for d in plans)
            case "copd_rehabilitation":
                return self._after(patient, "EX-OBS-BREATHLESSNESS", 3,
                                   "EX-OBS-REHABILITATION-REFERRAL")  # fmt: skip
            case "alcohol_advice":
                return self._after(patient, "EX-OBS-AUDIT-C", 5, "EX-OBS-ALCOHOL-ADVICE")
            case "medication_review":
                return self._after(patient, "EX-OBS-MEDICATION-REVIEW-DUE", 0,
                                   "EX-OBS-MEDICATION-REVIEW-DONE")  # fmt: skip
            case _:
                return self.events(indicator, patient)

    def _after(self, patient: str, first: str, least: float, then: str) -> bool:
        begun = [d for d, v in self.entries(patient, first) if v >= least]
        return bool(begun) and bool(self.entries(patient, then, min(begun)))

    def events(self, indicator: str, patient: str, group: str | None = None) -> int:
        kind = {
            "ae_attendances": "ae_attendance",
            "avoidable_admissions": "emergency_admission",
            "outpatient_referrals": "outpatient_referral",
            "delayed_discharges": "discharge_delay",
        }[indicator]
        return sum(
            r["event_type"] == kind
            and self.start <= r["event_date"] <= self.end
            and (indicator != "avoidable_admissions" or r["code"][:3] in ("J45", "I50", "N39"))
            and (group is None or r["code"] == group)
            for r in self._of("events", patient)
        )

    def standardised(self, indicator: str) -> dict[str, float]:
        """Return each practice's rate for 1,000 as with everyone's ages and sexes."""
        people: dict[tuple[int, str], list[tuple[str, int]]] = {}
        for row in self.tables["patients"]:
            here = self.practice(row["patient_id"])
            if here is not None and here[1]:
                age = self.age(row["patient_id"])
                band = sum(age >= edge for edge in (5, 15, 25, 45, 65, 75, 85))
                people.setdefault((band, row["sex"]), []).append(
                    (here[0], self.events(indicator, row["patient_id"]))
                )
        observed: dict[str, float] = {}
        expected: dict[str, float] = {}
        every = [one for stratum in people.values() for one in stratum]
        overall = sum(n for _, n in every) / len(every)
        for stratum in people.values():
            rate = sum(n for _, n in stratum) / len(stratum)
            for practice, events in stratum:
                observed[practice] = observed.get(practice, 0) + events
                expected[practice] = expected.get(practice, 0) + rate
        return {p: observed[p] / expected[p] * overall * 1000 for p in observed if expected[p]}


def _minus_three_months(day: date) -> date:
    """Return the same day three months before, or that month's last."""
    month = day.year * 12 + day.month - 1 - 3
    for number in range(day.day, 0, -1):
        try:
            return date(month // 12, month % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError

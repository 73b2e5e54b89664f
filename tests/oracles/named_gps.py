"""Named-GP health by looping over patients and days: the slow twin."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from tests.oracles.days import months_before
from tests.oracles.questions import Question
from tests.oracles.rules import GP_ROLES, Contact, Row, Rules, World, covers

Health = dict[str, dict[str, Any]]


class NamedGps:
    """The state of every patient's named GP on one day."""

    def __init__(self, world: World, day: date) -> None:
        self.world, self.day = world, day
        self.rules = Rules(world, Question(date_to=day))
        self.first = months_before(day, 24) + timedelta(days=1)
        self.staffed = {row["practice_id"] for row in world.get("staff", [])}

    # Facts of one patient ------------------------------------------------------

    def practice(self, patient: str) -> str | None:
        """Return where the patient is registered on the day; None for nowhere, or dead."""
        rules = self.rules
        died = rules.patients.get(patient, {}).get("death_date")
        if not rules.spells(patient) or (died is not None and died <= self.day):
            return None
        home = rules.home(patient, self.day, self.day)
        return None if home is None else home.practice

    def whoever(self, patient: str, day: date) -> str | None:
        """Return the person named on a day, whether they may be or not."""
        dated = self.rules.named[patient]
        if dated:
            entries = [row for row in dated if covers(row, day)]
            if not entries:
                return None
            return self.rules.person(max(entries, key=lambda row: row["from_date"])["staff_id"])
        staff_id = self.rules.patients.get(patient, {}).get("named_staff_id")
        return self.rules.person(staff_id) if staff_id else None

    def staff_rows(self, person: str) -> list[Row]:
        rules = self.rules
        return [row for record in rules.records_of(person) for row in rules.staff[record]]

    def problem(self, person: str | None, practice: str) -> str | None:
        """Return why a named person is no eligible named GP; None for one who is."""
        if person is None:
            return "none"
        rows = self.staff_rows(person)
        if not rows:
            return "unknown_staff" if practice in self.staffed else None
        if all(row.get("end_date") and row["end_date"] <= self.day for row in rows):
            return "left"
        if not self.rules.roles_known:
            return None
        in_post = [row for row in rows if covers(row, self.day, "start_date", "end_date")]
        roles = {row.get("role") or "unknown" for row in in_post}
        if roles & {"gp", "gp_partner", "gp_salaried"}:
            return None
        now = {row.get("role") or "unknown" for row in in_post or rows}
        if now == {"unknown"}:
            return "unknown_staff"
        return "registrar_or_locum" if now & (GP_ROLES - {"gp", "gp_partner"}) else "not_gp"

    def contacts(self, patient: str) -> list[Contact]:
        home = self.rules.home(patient, self.first, self.day)
        found = self.rules.contacts(patient, home, self.day)
        return [contact for contact in found if contact.day >= self.first]

    def replaced(self, patient: str) -> date | None:
        """Return the day on which another person took the named GP's place, within 90 days."""
        now = self.whoever(patient, self.day)
        day = self.day
        while day > self.day - timedelta(days=91) and self.whoever(patient, day) == now:
            day -= timedelta(days=1)
        if self.whoever(patient, day) == now:
            return None
        # Whoever came before may have been followed by nobody for a while.
        before = self.last_before(patient, day)
        return day + timedelta(days=1) if before not in (None, now) else None

    def last_before(self, patient: str, day: date) -> str | None:
        first = min(row["from_date"] for row in self.rules.named[patient])
        while day >= first:
            found = self.whoever(patient, day)
            if found is not None:
                return found
            day -= timedelta(days=1)
        return None

    def registered_since(self, patient: str, practice: str) -> date:
        return max(
            first
            for where, first, end in self.rules.spells(patient)
            if where == practice and first <= self.day < end
        )

    def unnoticed(self, patient: str, practice: str) -> bool:
        since = self.registered_since(patient, practice)
        if since == date.min or not 21 < (self.day - since).days < 365:
            return False
        days = [since + timedelta(days=i) for i in range(22)]
        return all(self.whoever(patient, day) is None for day in days)

    # All patients ----------------------------------------------------------------

    def findings(self, patient: str, practice: str) -> tuple[list[str], date | None]:
        named = self.whoever(patient, self.day)
        problem = self.problem(named, practice)
        found = [problem] if problem else []
        changed = None
        counts = Counter(contact.person for contact in self.contacts(patient))
        if problem is None and counts:
            if not counts[named or ""]:
                found.append("not_seen_24_months")
            if max(counts.values()) > counts[named or ""]:
                found.append("not_most_seen")
        if self.unnoticed(patient, practice):
            found.append("new_unnoticed")
        if problem is None and self.rules.named[patient]:
            changed = self.replaced(patient)
            if changed is not None:
                ago = (self.day - changed).days
                late = "replaced" if ago <= 21 else "replaced_earlier"
                if ago <= 90:
                    found.append(late)
                else:
                    changed = None
        return found, changed

    def health(self) -> Health:
        """Return by practice: patients registered, each finding's patients, one row a finding."""
        home = {p: at for p in self.rules.everyone() if (at := self.practice(p)) is not None}
        said = {p: self.findings(p, at) for p, at in home.items()}
        result: Health = {}
        for practice in sorted(set(home.values())):
            mine = [p for p in home if home[p] == practice]
            counts = Counter(finding for p in mine for finding in said[p][0])
            fine = {p: self.whoever(p, self.day) for p in mine if self.eligible(said[p][0])}
            result[practice] = {
                "registered": len(mine),
                "eligible": len(fine),
                "counts": dict(counts),
                "rows": {
                    p: (sorted(said[p][0]), said[p][1], *self.suggestion(p, practice, fine))
                    for p in mine
                    if said[p][0]
                },
            }
        return result

    @staticmethod
    def eligible(findings: list[str]) -> bool:
        return not set(findings) & {
            "none",
            "left",
            "not_gp",
            "registrar_or_locum",
            "unknown_staff",
        }

    def may_be_suggested(self, person: str, practice: str, fine: dict[str, str | None]) -> bool:
        if self.problem(person, practice) is not None:
            return False
        if practice in self.staffed and self.rules.roles_known:
            return any(
                row["practice_id"] == practice and covers(row, self.day, "start_date", "end_date")
                for row in self.staff_rows(person)
            )
        return person in fine.values()

    def suggestion(
        self, patient: str, practice: str, fine: dict[str, str | None]
    ) -> tuple[str | None, str, int]:
        counts: Counter[str] = Counter()
        latest: dict[str, int] = {}
        for i, contact in enumerate(self.contacts(patient)):
            counts[contact.person] += 1
            latest[contact.person] = i
        allowed = [p for p in counts if self.may_be_suggested(p, practice, fine)]
        if allowed:
            best = max(allowed, key=lambda p: (counts[p], latest[p]))
            return best, "most_seen", counts[best]
        household = self.rules.patients.get(patient, {}).get("household_id")
        others: dict[str, int] = defaultdict(int)
        for other, named in fine.items():
            lives = self.rules.patients.get(other, {}).get("household_id")
            if household and other != patient and lives == household and named:
                others[named] += 1
        if not others:
            return None, "none", 0
        return min(others, key=lambda p: (-others[p], p.encode())), "household", 0

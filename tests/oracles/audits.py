"""The audit's twin: cases, controls and their numbers with dictionaries and loops (point 21).

A world as in ``worlds``, with rows of events, conditions and observations. Patients go by
the label that the store shows them by, because controls are chosen by its hash; ``label``
gives it for a source's patient id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from itertools import pairwise
from math import sqrt
from typing import Any

from tests.oracles import chance
from tests.oracles.days import age_band, age_on
from tests.oracles.questions import Question
from tests.oracles.rules import Contact, Home, Rules, World

DAY = timedelta(days=1)
SETS = ("cases", "controls", "controls_matched")


@dataclass(frozen=True)
class AuditAsked:
    """The options of ``hamlets audit`` that change a number."""

    event: str = "cancer_diagnosis"
    practice: str | None = None
    look_back: int = 365
    date_from: date | None = None
    date_to: date | None = None
    roles: str | tuple[str, ...] = "gp"
    symptoms: tuple[str, ...] = ()
    seed: int = 0

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments that ask this of ``hamlets.continuity.audit``."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
            if name not in ("event", "practice")
        }


@dataclass(frozen=True)
class Subject:
    """A patient on an index date."""

    patient: str
    day: date
    practice: str | None


@dataclass
class Numbers:
    """What one subject had in the look-back."""

    contacts: int
    gps: int
    clinicians: int
    handovers: int
    upc: float | None
    upc_team: float | None
    symptom_days: int | None
    expected: float | None
    own_team: int | None
    modes: Counter[str]
    strip: list[tuple[date, str, str, str]]


@dataclass
class Answer:
    """An audit's answer."""

    events: list[Subject]
    cases: list[Subject]
    controls: dict[str, dict[Subject, list[str]]]
    groups: dict[str, list[Numbers]] = field(default_factory=dict)
    case_numbers: dict[str, Numbers] = field(default_factory=dict)


class Audited:
    """One world and one question."""

    def __init__(self, world: World, asked: AuditAsked, label: Mapping[str, str]) -> None:
        self.world, self.asked, self.label = world, asked, label
        # Teams and window of the question play no part: dates are always given.
        self.rules = Rules(world, Question(roles=asked.roles))
        self.any_role = Rules(world, Question(roles="any"))
        self.look_back = timedelta(days=asked.look_back)
        counted = [r["start_time"].date() for r in world["appointments"]]
        attended = [
            r["start_time"].date() for r in world["appointments"] if self.rules.status_counts(r)
        ]
        self.first = asked.date_from or min(counted) + self.look_back
        self.last = asked.date_to or max(attended)
        self.window = (self.first - self.look_back, self.last - DAY)
        everyone = {row["patient_id"] for name in ("events", "conditions", "observations")
                    for row in world.get(name, [])}  # fmt: skip
        self.everyone = sorted({*everyone, *self.rules.everyone()})
        self.known = any(self.rules.spells(patient) for patient in self.everyone)
        self.event = {patient: self.first_event(patient) for patient in self.everyone}

    # Who ------------------------------------------------------------------------

    def first_event(self, patient: str) -> date | None:
        """Return the day of the first event of the type, ever."""
        types = {self.asked.event}
        days: list[date] = []
        if self.asked.event == "death":
            types.add("death_in_hospital")
            died = self.rules.patients.get(patient, {}).get("death_date")
            days = [died] if died else []
        days += [
            row["event_date"]
            for row in self.world.get("events", [])
            if row["patient_id"] == patient and row["event_type"] in types
        ]
        return min(days, default=None)

    def practice(self, patient: str, first: date, last: date) -> str | None:
        """Point 6, over the look-back; without any registrations over the audit's window."""
        if self.known:
            spells = self.rules.spells(patient)
            home = self.rules.home(patient, first, last) if spells else None
        else:
            home = self.rules.home_by_contacts(patient, *self.window)
        return home.practice if home else None

    def throughout(self, patient: str, practice: str | None, first: date, last: date) -> bool:
        """Registered there, and alive, on each of the days."""
        died = self.rules.patients.get(patient, {}).get("death_date")
        day = first
        while day <= last:
            if died is not None and died < day:
                return False
            if self.known and not any(
                place == practice and begins <= day < ends
                for place, begins, ends in self.rules.spells(patient)
            ):
                return False
            day += DAY
        return True

    def hash(self, patient: str) -> bytes:
        text = f"{self.asked.seed} {self.label[patient]}"
        return blake2b(text.encode(), digest_size=8).digest()

    def stratum(self, patient: str, day: date) -> tuple[str, str]:
        row = self.rules.patients.get(patient, {})
        born = row.get("birth_year")
        band = "unknown" if born is None else age_band(max(age_on(born, day), 0))
        return row.get("sex") or "unknown", band

    def counted(self, patient: str, day: date, rules: Rules) -> list[Contact]:
        """Return the contacts of the look-back that count."""
        anywhere = Home("anywhere")
        return [
            contact
            for contact in rules.contacts(patient, anywhere, day - DAY)
            if contact.day >= day - self.look_back
        ]

    def choose(self, cases: list[Subject], matched: bool) -> dict[Subject, list[str]]:
        taken: set[str] = set()
        found: dict[Subject, list[str]] = {}
        candidates = sorted(self.everyone, key=self.hash)
        for case in cases:
            mine = found[case] = []
            first, last = case.day - self.look_back, case.day - DAY
            n = len(self.counted(case.patient, case.day, self.rules))
            for patient in candidates:
                event = self.event[patient]
                if (
                    len(mine) == 4
                    or case.practice is None
                    or patient in taken
                    or (event is not None and event <= case.day)
                    or self.stratum(patient, case.day) != self.stratum(case.patient, case.day)
                    or self.practice(patient, first, last) != case.practice
                    or not self.throughout(patient, case.practice, first, last)
                ):
                    continue
                theirs = len(self.counted(patient, case.day, self.rules))
                if matched and abs(theirs - n) > max(1, 0.1 * n):
                    continue
                taken.add(patient)
                mine.append(patient)
        return found

    # What -----------------------------------------------------------------------

    def shares(self) -> dict[str, chance.Shares]:
        """Points 6 and 12: what was given to the patients who belong to each practice."""
        given: dict[str, list[str]] = defaultdict(list)
        first, last = self.window
        for patient in self.everyone:
            home = self.rules.home(patient, first, last)
            if home is None:
                continue
            for contact in self.rules.contacts(patient, home, last):
                if contact.day >= first:
                    given[home.practice].append(contact.person)
        return {practice: chance.shares_of(people) for practice, people in given.items()}

    def numbers(self, subject: Subject, shares: Mapping[str, chance.Shares]) -> Numbers:
        rules = self.rules
        first, last = subject.day - self.look_back, subject.day - DAY
        contacts = self.counted(subject.patient, subject.day, rules)
        people = [contact.person for contact in contacts]
        team = rules.team_of_named(rules.named_gp(subject.patient, last), last)
        teams = [rules.fixed_team(person, team, first, last) for person in people]
        n = len(people)
        coded = [
            row[column]
            for name, column in (("conditions", "from_date"), ("observations", "date"))
            for row in self.world.get(name, [])
            if row["patient_id"] == subject.patient
            and row["code"] in self.asked.symptoms
            and first <= row[column] <= last
        ]
        q = shares.get(subject.practice or "")
        expected = 0.0 if n == 0 else None if q is None else chance.expected("clinicians", q, n)
        everyone = {c.person for c in self.counted(subject.patient, subject.day, self.any_role)}
        strip = [
            (c.day, self.step(subject, c), c.row.get("mode") or "unknown", c.role)
            for c in contacts
        ]  # fmt: skip
        steps = [step for _, step, _, _ in strip if step != "unknown"]
        strip += [
            (row["start_time"].date(), "unknown", row.get("mode") or "unknown", "unknown")
            for row in rules.rows_of[subject.patient]
            if first <= row["start_time"].date() <= last
            and rules.refused_by(row, Home("anywhere")) == "no_clinician"
        ]
        return Numbers(
            contacts=n,
            gps=len(set(people)),
            clinicians=len(everyone),
            handovers=sum(a != b for a, b in pairwise(people)),
            upc=max(Counter(people).values()) / n if n >= 2 else None,
            upc_team=max(Counter(teams).values()) / n if n >= 2 else None,
            symptom_days=(subject.day - min(coded)).days if coded else None,
            expected=expected,
            own_team=sum(s in ("own", "buddy", "team") for s in steps) if steps else None,
            modes=Counter(c.row.get("mode") or "unknown" for c in contacts),
            strip=sorted(strip),
        )

    def step(self, subject: Subject, contact: Contact) -> str:
        """Point 11, with the practice of the look-back as home."""
        rules, named = self.rules, contact.named
        if named is None:
            return "unknown"
        if contact.practice != subject.practice:
            return "hub"
        if contact.person == named:
            return "own"
        if contact.person in rules.buddies_of(named, contact.day):
            return "buddy"
        if rules.in_team(contact.person, rules.team_of_named(named, contact.day), contact.day):
            return "team"
        return "locum" if contact.role in ("gp_locum", "gp_registrar") else "practice"

    def answer(self) -> Answer:
        events: list[Subject] = []
        cases: list[Subject] = []
        for patient, day in self.event.items():
            if day is None or not self.first <= day <= self.last:
                continue
            first, last = day - self.look_back, day - DAY
            subject = Subject(patient, day, self.practice(patient, first, last))
            if self.asked.practice not in (None, subject.practice):
                continue
            events.append(subject)
            belongs = subject.practice is not None or not self.known
            if belongs and self.throughout(patient, subject.practice, first, last):
                cases.append(subject)
        cases.sort(key=lambda case: (case.day, self.hash(case.patient)))
        sets = {
            "controls": self.choose(cases, matched=False),
            "controls_matched": self.choose(cases, matched=True),
        }
        found = Answer(events, cases, sets)
        shares = self.shares()
        found.case_numbers = {c.patient: self.numbers(c, shares) for c in cases}
        found.groups["cases"] = list(found.case_numbers.values())
        for name, chosen in sets.items():
            found.groups[name] = [
                self.numbers(Subject(control, case.day, case.practice), shares)
                for case, controls in chosen.items()
                for control in controls
            ]
        return found


def mean(values: list[float]) -> tuple[float | None, float | None, float | None]:
    """Return the mean and its interval (point 15), not below 0."""
    if not values:
        return None, None, None
    middle = sum(values) / len(values)
    if len(values) < 2:
        return middle, None, None
    spread = sqrt(sum((v - middle) ** 2 for v in values) / (len(values) - 1))
    half = 1.96 * spread / sqrt(len(values))
    return middle, max(middle - half, 0.0), middle + half


NUMBER: dict[str, Callable[[Numbers], float | None]] = {
    "gps": lambda x: x.gps,
    "clinicians": lambda x: x.clinicians,
    "contacts": lambda x: x.contacts,
    "handovers": lambda x: x.handovers,
    "upc": lambda x: x.upc,
    "upc_team": lambda x: x.upc_team,
    "symptom_days": lambda x: x.symptom_days,
}


def audit(world: World, asked: AuditAsked, label: Mapping[str, str]) -> Answer:
    """Return the audit of a world."""
    return Audited(world, asked, label).answer()

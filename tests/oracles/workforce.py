"""The naive twin of ``hamlets workforce``: dictionaries and loops over a world."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from math import ceil
from statistics import median
from typing import Any

from tests.oracles.days import BANK_HOLIDAYS
from tests.oracles.questions import Question
from tests.oracles.rules import FAR, GP_ROLES, Contact, Row, Rules, World, covers

HALVES = ("am", "pm", "evening")
BOUNDS = (time(0), time(13), time(18, 30))
KNOWN_BY_ROLE = {
    "gp_partner": "partner",
    "gp_salaried": "salaried",
    "gp_locum": "locum",
    "gp_registrar": "trainee",
}
Slot = tuple[str, date, str]
"""Person, day, half-day."""


def half_of(moment: time) -> str:
    """Before 13:00, 13:00 to 18:30, after."""
    return HALVES[max(i for i, bound in enumerate(BOUNDS) if moment >= bound)]


def halves_of(start: datetime, end: datetime) -> set[str]:
    """Half-days with an hour or more of a session; of a short one, that of its start."""
    seconds: Counter[str] = Counter()
    moment = start
    while moment < end:
        seconds[half_of(moment.time())] += 60
        moment += timedelta(minutes=1)
    return {half for half, n in seconds.items() if n >= 3600} or {half_of(start.time())}


class Workforce:
    """Everything about one world in one period."""

    def __init__(self, world: World, first: date, last: date) -> None:
        self.rules = Rules(world, Question(roles="any"))
        self.world, self.first, self.last = world, first, last
        self.contacts: list[Contact] = []
        for patient in self.rules.everyone():
            home = self.rules.home(patient, first, last)
            found = self.rules.contacts(patient, home, last)
            self.contacts += [c for c in found if c.day >= first]
        self.known_rotas: dict[str, set[Slot]] = {}
        self.given = {place for place in self.places_with_sessions() if self.covers_period(place)}

    # The rota -----------------------------------------------------------------

    def sessions_at(self, place: str) -> list[Row]:
        return [
            row
            for row in self.world.get("sessions", [])
            if row["practice_id"] == place and self.first <= row["start_time"].date() <= self.last
        ]

    def places_with_sessions(self) -> set[str]:
        return {row["practice_id"] for row in self.world.get("sessions", [])}

    def covers_period(self, place: str) -> bool:
        """A rota covers the period if it begins and ends within two weeks of it."""
        days = [row["start_time"].date() for row in self.sessions_at(place)]
        slack = timedelta(days=min(14, (self.last - self.first).days // 2))
        return bool(days) and min(days) <= self.first + slack and max(days) >= self.last - slack

    def rota(self, place: str) -> set[Slot]:
        """The sessions given, else every half-day with a counted contact."""
        if place not in self.known_rotas:
            self.known_rotas[place] = self.find_rota(place)
        return self.known_rotas[place]

    def find_rota(self, place: str) -> set[Slot]:
        if place in self.given:
            return {
                (self.rules.person(row["staff_id"]), row["start_time"].date(), half)
                for row in self.sessions_at(place)
                for half in halves_of(row["start_time"], row["end_time"])
            }
        return {
            (c.person, c.day, half_of(c.start.time())) for c in self.contacts if c.practice == place
        }

    def everywhere(self) -> set[Slot]:
        places = {c.practice for c in self.contacts} | self.given
        return {slot for place in places for slot in self.rota(place)}

    # People -------------------------------------------------------------------

    def records(self, person: str, place: str) -> list[Row]:
        return [
            row
            for row in self.world["staff"]
            if row["practice_id"] == place and self.rules.person(row["staff_id"]) == person
        ]

    def listed(self, place: str) -> bool:
        return any(row["practice_id"] == place for row in self.world["staff"])

    def people(self, place: str) -> set[str]:
        staff = {self.rules.person(r["staff_id"]) for r in self.world["staff"]
                 if r["practice_id"] == place}  # fmt: skip
        return staff | self.active(place)

    def active(self, place: str) -> set[str]:
        gave = {c.person for c in self.contacts if c.practice == place}
        return gave | {person for person, _, _ in self.rota(place)}

    def shown(self, person: str, place: str) -> list[Row]:
        """The records held on the last day, else those that ended last."""
        records = self.records(person, place)
        held = [r for r in records if covers(r, self.last, "start_date", "end_date")]
        if held or not records:
            return held
        end = max(r.get("end_date") or FAR for r in records)
        return [r for r in records if (r.get("end_date") or FAR) == end]

    def here(self, person: str, place: str) -> bool:
        if not self.listed(place):
            return person in self.active(place)
        return any(
            covers(r, self.last, "start_date", "end_date") for r in self.records(person, place)
        )

    def left(self, person: str) -> bool:
        """Every record of the person has ended."""
        records = [r for r in self.world["staff"] if self.rules.person(r["staff_id"]) == person]
        return bool(records) and all(
            r.get("end_date") is not None and r["end_date"] <= self.last for r in records
        )

    def roles(self, person: str, place: str) -> set[str]:
        """All the roles a person may be known by there; any GP role makes a GP."""
        known = {r.get("role") or "unknown" for r in self.shown(person, place)} - {"unknown"}
        if known:
            return known
        if not self.records(person, place):
            elsewhere = {r["practice_id"] for r in self.world["staff"]
                         if self.rules.person(r["staff_id"]) == person}  # fmt: skip
            known = {
                r.get("role") or "unknown" for p in elsewhere for r in self.shown(person, p)
            } - {"unknown"}
            if known:
                return known
        gave = Counter(c.role for c in self.contacts if c.person == person and c.practice == place)
        gave.pop("unknown", None)
        if not gave:
            return set()
        from hamlets.records.tables import ROLES

        most = max(gave.values())
        return {min((r for r in gave if gave[r] == most), key=ROLES.index)}

    def gp(self, person: str, place: str) -> bool:
        return not self.rules.roles_known or bool(self.roles(person, place) & GP_ROLES)

    def sessions_per_week(self, person: str, place: str) -> float | None:
        posts: dict[Any, float] = {}
        for row in self.shown(person, place):
            if row.get("sessions_per_week") is not None:
                post = (row.get("role"), row.get("start_date"), row.get("end_date"))
                posts[post] = max(posts.get(post, 0), row["sessions_per_week"])
        if posts:
            return sum(posts.values())
        worked = [(day, half) for who, day, half in self.rota(place) if who == person]
        weeks = {day.isocalendar()[:2] for day, _ in worked}
        return len(worked) / len(weeks) if worked else None

    # The unit -----------------------------------------------------------------

    def unit(self, place: str, team: str | None = None) -> dict[str, Any]:
        """Return the figures of a practice or of one of its teams."""

        def inside(person: str, day: date) -> bool:
            return team is None or self.rules.in_team(person, team, day)

        people = {p for p in self.people(place) if self.here(p, place)}
        if team is not None:
            members = {self.rules.person(r["staff_id"]) for r in self.world["team_members"]}
            people = {p for p in members if inside(p, self.last) and not self.left(p)}
        gps = {p for p in people if self.gp(p, place)}
        weekly = {p: self.sessions_per_week(p, place) for p in people}
        of_gps = [s for p in gps if (s := weekly[p]) is not None]
        everyone = [s for s in weekly.values() if s is not None]
        sessions = {
            slot for slot in self.rota(place) if self.gp(slot[0], place) and inside(*slot[:2])
        }
        gave = [
            c for c in self.contacts
            if c.practice == place and self.gp_contact(c) and inside(c.person, c.day)
        ]  # fmt: skip
        patients = [p for p in self.rules.everyone() if self.belongs(p, place, team)]
        return {
            "headcount": len(people),
            "headcount_gps": len(gps),
            "sessions_per_week": sum(everyone) if everyone else None,
            "sessions_per_week_gps": sum(of_gps) if of_gps else None,
            "share_below_6_sessions": (
                sum(s < 6 for s in of_gps) / len(of_gps) if of_gps else None
            ),
            "weekdays_covered": sum(self.covered(sessions)),
            "patients": len(patients),
            "contacts_per_session": len(gave) / len(sessions) if sessions else None,
            "overlap": self.overlap(place, team),
            "own_gp_half_days": self.own_gp_half_days(place, patients),
            **self.load(gave),
        }

    def gp_contact(self, contact: Contact) -> bool:
        return not self.rules.roles_known or contact.role in GP_ROLES

    def belongs(self, patient: str, place: str, team: str | None) -> bool:
        died = self.rules.patients.get(patient, {}).get("death_date")
        if died is not None and died <= self.last:
            return False
        spells = self.rules.spells(patient)
        since = self.last if spells else self.first
        home = self.rules.home(patient, since, self.last)
        if home is None or home.practice != place or not home.registered(self.last):
            return False
        named = self.rules.named_gp(patient, self.last)
        return team is None or self.rules.team_of_named(named, self.last) == team

    def overlap(self, place: str, team: str | None) -> float | None:
        there, all_of, named = 0, 0, 0
        rota = self.everywhere()
        for c in self.contacts:
            if c.home != place or not self.gp_contact(c):
                continue
            if team is not None and self.rules.team_of_named(c.named, c.day) != team:
                continue
            all_of += 1
            named += c.named is not None
            there += c.named is not None and (c.named, c.day, half_of(c.start.time())) in rota
        return there / all_of if named and rota else None

    def own_gp_half_days(self, place: str, patients: list[str]) -> float | None:
        """Mean over patients with a named GP of the half-days in which that GP is here."""
        rota, weeks = self.rota(place), self.weeks()
        shares: list[float] = []
        for patient in patients:
            named = self.rules.named_gp(patient, self.last)
            if named is not None and len(weeks) == 13:
                there = [
                    (named, monday + timedelta(days=d), half) in rota
                    for monday in weeks
                    for d in range(5)
                    for half in ("am", "pm")
                ]
                shares.append(sum(there) / len(there))
        return sum(shares) / len(shares) if shares else None

    def load(self, gave: list[Contact]) -> dict[str, Any]:
        days = sorted(Counter((c.person, c.day) for c in gave).values())
        size = len(days)
        return {
            "clinician_days": size,
            "contacts_per_day_median": median(days) if days else None,
            "contacts_per_day_centile_90": days[ceil(0.9 * size - 1e-9) - 1] if days else None,
            "share_days_over_25": sum(n > 25 for n in days) / size if days else None,
        }

    def weeks(self) -> list[date]:
        """Mondays of the last 13 whole weeks without a bank holiday on a weekday."""
        found: list[date] = []
        monday = self.last - timedelta(days=self.last.weekday())
        while len(found) < 13 and monday >= self.first:
            week = [monday + timedelta(days=d) for d in range(7)]
            if week[6] <= self.last and not set(week[:5]) & BANK_HOLIDAYS:
                found.append(monday)
            monday -= timedelta(days=7)
        return found

    def covered(self, sessions: set[Slot]) -> list[bool]:
        """Point 23: a GP session in at least 80 in 100 of the weeks."""
        weeks = self.weeks()
        days = {day for _, day, _ in sessions}
        return [
            bool(weeks)
            and sum(monday + timedelta(days=d) in days for monday in weeks) >= 0.8 * len(weeks)
            for d in range(5)
        ]

    def cell(self, sessions: set[Slot], weekday: int, half: str) -> tuple[int, int, int]:
        """The most common number of GPs in a half-day (the lower of two), weeks with any, weeks."""
        numbers = [
            len({p for p, day, h in sessions if h == half and day == monday + timedelta(weekday)})
            for monday in self.weeks()
        ]
        counts: defaultdict[int, int] = defaultdict(int)
        for n in numbers:
            counts[n] += 1
        usual = min((n for n in counts if counts[n] == max(counts.values())), default=0)
        return usual, sum(n > 0 for n in numbers), len(numbers)

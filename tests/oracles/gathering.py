"""The naive twin of gathering: one practice on a day, by loops over a world (Teams 1-5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from functools import cache
from math import inf, nan
from typing import Any

from tests.oracles.cohorts import CohortsOf
from tests.oracles.days import BANK_HOLIDAYS, months_before
from tests.oracles.named_gps import NamedGps
from tests.oracles.questions import Question
from tests.oracles.rules import FAR, GP_ROLES, Contact, Row, Rules, World, covers
from tests.oracles.workforce import KNOWN_BY_ROLE, half_of, halves_of

ORDER = ("gp", "gp_partner", "gp_salaried", "gp_locum", "gp_registrar", "nurse")
COHORTS = (
    "frequent_attender", "persistent_frequent_attender", "housebound", "conditions_2_4",
    "conditions_5_plus", "aged_75_plus", "new_cancer", "end_of_life",
)  # fmt: skip
MINUTES = {"face_to_face": 10.0, "telephone": 7.0, "video": 10.0, "online": 5.0,
           "home_visit": 30.0, "care_home": 30.0, "unknown": 10.0}  # fmt: skip
NOT_BOOKABLE = ("Admin", "Partners' meeting", "Annual leave", "Teaching")
BANDS = ("0-4", "5-15", "16-44", "45-64", "65-74", "75-84", "85+", "unknown")
Half = tuple[date, str]


class Gathered:
    """All figures of one practice; people by the label that measures give, patients by id."""

    def __init__(self, world: World, practice: str, day: date | None = None) -> None:
        self.world, self.practice = world, practice
        self.stays: dict[str, tuple[date, date]] = {}
        self.gp_rules = Rules(world, Question(date_to=day))
        self.rules = Rules(world, Question(roles="any", date_to=day))
        window = self.rules.window()
        assert window is not None
        self.first, self.day = window
        self.year = months_before(self.day, 12) + timedelta(days=1)
        self.records_begin = min(row["start_time"].date() for row in world["appointments"])
        self.cohorts = CohortsOf(world, self.first, self.day)
        self.named_gps = NamedGps(world, self.day)
        self.patients = [p for p in self.rules.everyone() if self.cohorts.here(p) == practice]
        self.by_patient = {p: self.contacts(self.rules, p) for p in self.rules.everyone()}
        self.here = [c for cs in self.by_patient.values() for c in cs if c.practice == practice]
        self.given, self.begin, self.stints = self.find_stints()
        self.people = self.find_people()

    def contacts(self, rules: Rules, patient: str) -> list[Contact]:
        found = rules.contacts(patient, rules.home(patient, self.first, self.day), self.day)
        return [c for c in found if c.day >= self.first]

    # The rota ---------------------------------------------------------------------

    def find_stints(self) -> tuple[bool, date, list[dict[str, Any]]]:
        """Return whether a rota was given, since when, and stretches of work."""
        sessions = [
            row
            for row in self.world.get("sessions", [])
            if row["practice_id"] == self.practice
            and self.year <= row["start_time"].date() <= self.day
        ]
        weeks = max(self.day - timedelta(days=83), self.records_begin)
        days = [r["start_time"].date() for r in sessions if r["start_time"].date() >= weeks]
        slack = timedelta(days=min(14, (self.day - weeks).days // 2))
        if days and min(days) <= weeks + slack and max(days) >= self.day - slack:
            stints = [
                {
                    "person": self.rules.person(row["staff_id"]),
                    "day": row["start_time"].date(),
                    "halves": shape(row["start_time"].time(), row["end_time"] - row["start_time"]),
                    "bookable": row.get("session_type") not in NOT_BOOKABLE,
                    "site": row.get("site_id"),
                    "minutes": {
                        int(row["start_time"].hour * 60 + row["start_time"].minute + n)
                        for n in range(int((row["end_time"] - row["start_time"]).seconds / 60))
                    },
                }
                for row in sessions
            ]
            return True, self.begins([s["day"] for s in stints]), stints
        recent = [c for c in self.here if c.day >= self.year]
        cells = sorted({(c.person, c.day, half_of(c.start.time())) for c in recent})
        stints = [
            {"person": person, "day": day, "halves": {half}, "bookable": True, "site": None,
             "minutes": {(half, n) for n in range(250)}}
            for person, day, half in cells
        ]  # fmt: skip
        return False, self.begins([c.day for c in recent]), stints

    def begins(self, days: list[date]) -> date:
        late = min(days, default=self.year)
        return late if late > self.year + timedelta(days=14) else self.year

    def halves(self, person: str) -> set[Half]:
        """Half-days that somebody could be booked in."""
        return {
            (s["day"], half)
            for s in self.stints
            if s["person"] == person and s["bookable"]
            for half in s["halves"]
        }

    # Staff ------------------------------------------------------------------------

    def rows(self, person: str) -> list[Row]:
        return [r for r in self.world["staff"] if self.rules.person(r["staff_id"]) == person]

    def find_people(self) -> list[str]:
        listed = [r for r in self.world["staff"] if r["practice_id"] == self.practice]
        if listed:
            on = [r for r in listed if covers(r, self.day, "start_date", "end_date")]
            found = {self.rules.person(r["staff_id"]) for r in on}
        else:
            since = self.day - timedelta(days=84)
            found = {c.person for c in self.here if c.day > since}
        return sorted(found, key=str.encode)

    def shown(self, person: str) -> list[Row]:
        """The rows that say what somebody is here, the one that says most first."""
        listed = any(r["practice_id"] == self.practice for r in self.world["staff"])
        rows = [r for r in self.rows(person) if not listed or r["practice_id"] == self.practice]

        def rank(row: Row) -> tuple[bool, int]:
            role = row.get("role") or "unknown"
            known = ORDER.index(role) if role in ORDER else len(ORDER)
            return role not in GP_ROLES, 99 if role == "unknown" else known

        best: list[Row] = []
        for place in sorted({r["practice_id"] for r in rows}):
            at = [r for r in rows if r["practice_id"] == place]
            held = [r for r in at if covers(r, self.day, "start_date", "end_date")]
            end = max((r.get("end_date") or FAR) for r in at)
            mine = sorted(held or [r for r in at if (r.get("end_date") or FAR) == end], key=rank)
            if not best or (rank(mine[0])[0] < rank(best[0])[0]):
                best = mine
        return best

    def role(self, person: str) -> str:
        shown = self.shown(person)
        role = (shown[0].get("role") or "unknown") if shown else "unknown"
        if role != "unknown":
            return role
        gave = [c.role for c in self.here if c.person == person and c.day >= self.begin]
        counts = Counter(role for role in gave if role != "unknown")
        most = [r for r, n in counts.items() if n == max(counts.values())]
        return min(most, key=ORDER.index, default="unknown")

    def contract(self, person: str) -> str:
        said = [str(r["contract"]) for r in self.shown(person) if r.get("contract")]
        return said[0] if said else KNOWN_BY_ROLE.get(self.role(person), "unknown")

    def gp(self, person: str) -> bool:
        return not self.rules.roles_known or self.role(person) in GP_ROLES

    def posts(self, person: str) -> list[Row]:
        return [r for r in self.rows(person) if r["practice_id"] == self.practice]

    def stay(self, person: str) -> tuple[date, date]:
        if person not in self.stays:
            self.stays[person] = self.find_stay(person)
        return self.stays[person]

    def find_stay(self, person: str) -> tuple[date, date]:
        """Days that somebody is here without a gap, walked one by one from the day."""
        posts = self.posts(person)
        if not posts:
            return date.min, FAR
        far = date(2035, 1, 1)

        def on(day: date) -> bool:
            return any(covers(r, day, "start_date", "end_date") for r in posts)

        until, since = self.day, self.day
        while on(until) and until < far:
            until += timedelta(days=1)
        while on(since - timedelta(days=1)) and since > date(2015, 1, 1):
            since -= timedelta(days=1)
        return (date.min if since == date(2015, 1, 1) else since), (FAR if until == far else until)

    def may_be_named(self, person: str) -> bool:
        """Continuity 7, by any of the person's rows."""
        rows = self.rows(person)
        if not rows:
            return True
        if all(r.get("end_date") and r["end_date"] <= self.day for r in rows):
            return False
        on = [r for r in rows if covers(r, self.day, "start_date", "end_date")]
        lists = {"gp", "gp_partner", "gp_salaried"}
        lists |= set() if self.rules.roles_known else {"unknown"}
        return any(
            (r.get("role") or "unknown") in lists and r.get("contract") not in ("locum", "trainee")
            for r in on
        )

    def eligible(self, person: str) -> bool:
        half_a_year = months_before(self.day, -6)
        role, contract = self.role(person), self.contract(person)
        return (
            self.gp(person)
            and self.may_be_named(person)
            and self.stay(person)[1] > half_a_year
            and contract not in ("locum", "trainee")
            and (role in ("gp", "gp_partner", "gp_salaried") or not self.rules.roles_known)
        )

    def sessions_per_week(self, person: str) -> float:
        if self.posts(person):
            posts: dict[Any, float] = {}
            for r in self.shown(person):
                if r.get("sessions_per_week") is not None:
                    key = r.get("role"), r.get("start_date"), r.get("end_date")
                    posts[key] = max(posts.get(key, 0.0), r["sessions_per_week"])
            if posts:
                return sum(posts.values())
        halves = self.halves(person)
        weeks = {day - timedelta(days=day.weekday()) for day, _ in halves}
        return len(halves) / len(weeks) if weeks else 0.0

    def registrar_on(self, person: str, day: date) -> bool | None:
        """Return whether somebody is here only in training on a day, None if not here."""
        posts = self.posts(person)
        if not posts:
            return self.role(person) == "gp_registrar"
        on = [r for r in posts if covers(r, day, "start_date", "end_date")]
        if not on:
            return None
        return all(
            (r.get("role") or self.role(person)) == "gp_registrar" or r.get("contract") == "trainee"
            for r in on
        )

    def capacity(self, person: str) -> float:
        days = [self.begin + timedelta(days=n) for n in range((self.day - self.begin).days + 1)]
        in_post = {day for day in days if self.registrar_on(person, day) is False}
        if len(in_post) < min(28, len(days)):
            yes = in_post and self.gp(person)
            return self.sessions_per_week(person) * 250 * 44 if yes else 0.0
        minutes = {
            (s["day"], minute)
            for s in self.stints
            if s["person"] == person and s["bookable"] and s["day"] in in_post
            for minute in s["minutes"]
        }
        return len(minutes) * ((self.day - self.year).days + 1) / len(in_post)

    def mondays(self) -> list[date]:
        found: list[date] = []
        monday = self.begin + timedelta(days=-self.begin.weekday() % 7)
        while monday + timedelta(days=6) <= self.day:
            if not any(monday + timedelta(days=n) in BANK_HOLIDAYS for n in range(5)):
                found.append(monday)
            monday += timedelta(days=7)
        return found[-12:]

    def half_days(self, person: str) -> tuple[list[bool], list[bool]]:
        """Return the usual fortnight and what was worked, week by week."""
        worked, since = self.halves(person), self.stay(person)[0]
        cells = [(weekday, half) for weekday in range(5) for half in ("am", "pm")]
        actual = [
            (monday + timedelta(days=weekday), half) in worked
            for monday in self.mondays()
            for weekday, half in cells
        ]

        def share(weekday: int, half: str, weeks: list[date]) -> float:
            hits = [(monday + timedelta(days=weekday), half) in worked for monday in weeks]
            return sum(hits) / len(hits) if hits else nan

        weeks = [monday for monday in self.mondays() if monday >= since]
        fortnight = [
            [m for m in weeks if ((m - date(1970, 1, 5)).days // 7) % 2 == n] for n in (0, 1)
        ]
        usual: list[bool] = []
        for mine in fortnight:
            for cell in cells:
                here, (one, other) = share(*cell, weeks), (share(*cell, w) for w in fortnight)
                apart = abs(one - other) > 0.5 and (one > 0.5) != (other > 0.5)
                usual.append(share(*cell, mine) > 0.5 if apart else here > 0.5)
        return usual, actual

    def site_of_staff(self, person: str) -> str | None:
        rota = [
            s["site"] for s in self.stints if s["person"] == person and s["bookable"] and s["site"]
        ]
        seen = [
            c.row.get("site_id") for c in self.here if c.person == person and c.day >= self.begin
        ]
        return most(rota) or most([s for s in seen if s])

    # Patients -----------------------------------------------------------------------

    def named(self, patient: str) -> tuple[str | None, bool]:
        """Return the eligible named GP, and whether somebody else is named."""
        whoever = self.named_gps.whoever(patient, self.day)
        fine = whoever in self.people and self.eligible(whoever or "")
        return (whoever if fine else None), whoever is not None and not fine

    def locked(self, patient: str) -> str | None:
        asked = [
            r for r in self.rules.named[patient] if covers(r, self.day)
            and r.get("source") == "preference"
        ]  # fmt: skip
        if not asked:
            return None
        latest = max(asked, key=lambda r: (r["from_date"], r["staff_id"].encode()))
        person = self.rules.person(latest["staff_id"])
        return person if person in self.people and self.eligible(person) else None

    def seen(self, patient: str) -> dict[str | None, tuple[float, int]]:
        weight: dict[str | None, float] = defaultdict(float)
        recent: dict[str | None, int] = defaultdict(int)

        def add(who: str | None, c: Contact) -> None:
            weight[who] += 0.5 ** ((self.day - c.day).days / 365)
            recent[who] += c.day >= self.year

        for c in self.contacts(self.gp_rules, patient):
            add(c.person if c.person in self.people and self.gp(c.person) else None, c)
        for c in self.by_patient[patient]:
            if c.person in self.people and not self.gp(c.person):
                add(c.person, c)
        return {who: (weight[who], recent[who]) for who in weight}

    def site(self, patient: str) -> str | None:
        sites = [c.row.get("site_id") for c in self.by_patient[patient]
                 if c.practice == self.practice]  # fmt: skip
        return most([site for site in sites if site])

    def years(self, patient: str) -> float:
        first = max(self.first, self.records_begin)
        days = [first + timedelta(days=n) for n in range((self.day - first).days + 1)]
        spells = self.rules.spells(patient)
        inside = [
            day
            for day in days
            if not spells or any(p == self.practice and a <= day < z for p, a, z in spells)
        ]
        return min(len(inside) / 365, 2.0)

    def work(self) -> dict[str, float]:
        """Expected minutes a year by patient."""
        contacts = {p: self.contacts(self.gp_rules, p) for p in self.patients}
        known: dict[str, list[float]] = defaultdict(list)
        for c in (c for found in contacts.values() for c in found):
            minutes = c.row.get("duration_minutes")
            if minutes is not None and 0 < minutes <= 240:
                known[c.row.get("mode") or "unknown"].append(minutes)

        def minutes_of(c: Contact) -> float:
            mode = c.row.get("mode") or "unknown"
            enough = len(known[mode]) >= 5
            return sum(known[mode]) / len(known[mode]) if enough else MINUTES[mode]

        every = [minutes_of(c) for found in contacts.values() for c in found]
        usual = sum(every) / len(every) if every else 0.0
        years = {p: self.years(p) for p in self.patients}
        told = [p for p in self.patients if years[p] >= 28 / 365]
        result: dict[str, float] = {}
        for p in self.patients:
            mean, weight = 0.0, inf
            for group in self.groups(p, told):
                if group is told or (
                    len(group) >= 30 and sum(len(contacts[q]) for q in group) >= 30
                ):
                    mean, weight = moments([(len(contacts[q]), years[q]) for q in group])
                    break
            if weight == inf or p not in told:
                result[p] = mean * usual
            else:
                own = sum(minutes_of(c) for c in contacts[p])
                result[p] = (mean * weight * usual + own) / (weight + years[p])
        return result

    def groups(self, patient: str, told: list[str]) -> list[list[str]]:
        """Return the patients of the cell, of the age band, and everyone; the smallest first."""
        band, sex = self.band(patient), self.sex(patient)
        if band == "unknown":
            return [told]
        of_band = [q for q in told if self.band(q) == band]
        cell = [q for q in of_band if self.sex(q) == sex]
        return [of_band, told] if sex is None else [cell, of_band, told]

    def band(self, patient: str) -> str:
        return self.rules.patient_group("age_band", patient, self.day) or "unknown"

    def sex(self, patient: str) -> str | None:
        return self.rules.patients.get(patient, {}).get("sex")

    def row(self, patient: str) -> Row:
        return self.rules.patients.get(patient, {})


@cache
def shape(start: time, length: timedelta) -> frozenset[str]:
    """Half-days of a session that starts at a time of day."""
    begin = datetime.combine(date(2024, 1, 1), start)
    return frozenset(halves_of(begin, begin + length))


def moments(pairs: list[tuple[int, float]]) -> tuple[float, float]:
    """Return the mean rate and the years that a gamma prior of these counts weighs."""
    total = sum(t for _, t in pairs)
    mean = sum(c for c, _ in pairs) / total if total else 0.0
    extra = sum((c - mean * t) ** 2 - mean * t for c, t in pairs)
    if extra <= 0 or mean <= 0:
        return mean, inf
    return mean, mean / (extra / sum(t * t for _, t in pairs))


def most(words: list[str]) -> str | None:
    """Return the most frequent word, of equals the lowest."""
    counts = Counter(words)
    return min(counts, key=lambda word: (-counts[word], word.encode()), default=None)

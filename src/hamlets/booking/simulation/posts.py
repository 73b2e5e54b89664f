"""Posts: who holds a chair, from when to when, and how people are numbered and named.

A practice is a set of *chairs* (so many sessions a week of some role); people come and
go in them, so a chair gives a chain of posts with gaps between. Posts of one person
share a ``person_id``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from hamlets.booking.simulation.names import NETWORK_LANGUAGES, staff_name
from hamlets.booking.simulation.world import AHEAD_DAYS, OPEN, WARM_UP_DAYS, Setting

GP_ROLES = ("gp_partner", "gp_salaried", "gp_locum", "gp_registrar")
NAMED_ROLES = ("gp_partner", "gp_salaried")
"""Roles of GPs who hold lists; retainers are salaried."""

_TURNOVER = 0.115
"""Share of chairs that somebody leaves in a year."""
_PREFIX = {
    "gp_partner": "G",
    "gp_salaried": "G",
    "gp_locum": "L",
    "gp_registrar": "T",
    "nurse": "N",
    "healthcare_assistant": "C",
    "advanced_practitioner": "V",
    "physician_associate": "U",
    "pharmacist": "F",
    "paramedic": "M",
    "physiotherapist": "Y",
    "social_prescriber": "W",
    "administrator": "D",
    "care_coordinator": "K",
}


@dataclass(frozen=True)
class Post:
    """One role record. Days are day numbers; ``weekdays`` are those worked, Monday 0."""

    staff_id: str
    person_id: str
    name: str
    role: str
    contract: str
    sessions: float
    start: int
    end: int
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    languages: str = "English"
    skills: str = ""
    chair: int = -1
    hub: bool = False
    employer: str = ""
    """The network, where it employs the person."""


@dataclass
class Maker:
    """Numbers the people of one practice or network."""

    random: np.random.Generator
    place: str
    names: list[str]
    taken: dict[str, int] = field(default_factory=dict[str, int])
    people: int = 0

    def post(self, role: str, contract: str, sessions: float, start: int, end: int) -> Post:
        """Return a new person's post."""
        letter = _PREFIX[role]
        self.taken[letter] = number = self.taken.get(letter, 0) + 1
        self.people += 1
        lap, tree = divmod(self.people - 1, len(self.names))
        tree = self.names[tree] if lap == 0 else f"{self.names[tree]}-{lap + 1}"
        return Post(
            staff_id=f"{self.place}-{letter}{number:02d}",
            person_id=f"{self.place}-X{self.people:03d}",
            name=staff_name(role, tree),
            role=role,
            contract=contract,
            sessions=sessions,
            start=start,
            end=end,
            languages=_languages(self.random),
            skills=_skills(self.random, role),
        )

    def again(self, person: Post, role: str, contract: str, sessions: float, start: int) -> Post:
        """Return a further post of somebody known."""
        letter = _PREFIX[role]
        self.taken[letter] = number = self.taken.get(letter, 0) + 1
        return replace(
            person,
            staff_id=f"{self.place}-{letter}{number:02d}",
            role=role,
            contract=contract,
            sessions=sessions,
            start=start,
            end=int(OPEN),
        )


def days_of(setting: Setting) -> tuple[int, int]:
    """Return the first and the last simulated day, warm-up and booked days ahead included."""
    epoch = date(1970, 1, 1)
    first, last = (setting.first - epoch).days, (setting.last - epoch).days
    return first - WARM_UP_DAYS, last + AHEAD_DAYS


def half(value: float, low: float = 0.5, high: float = 99.0) -> float:
    """Return the value to the nearest half session, within bounds."""
    return float(np.clip(round(float(value) * 2) / 2, low, high))


def chain(
    maker: Maker,
    role: str,
    contract: str,
    sessions: float,
    chair: int,
    days: tuple[int, int],
    registrars: list[Post],
) -> list[Post]:
    """Return the posts of those who hold a chair one after another."""
    random = maker.random
    begin, end = days
    start = begin - int(random.gamma(1.6, 1_600))
    posts: list[Post] = []
    stays = random.exponential(365 / _TURNOVER)
    leaves = begin + stays
    while True:
        until = int(OPEN) if leaves >= end + 90 else _month_end(int(leaves))
        arrived = [r for r in registrars if start - 200 <= r.end <= start < end] if posts else []
        if arrived and role == "gp_salaried" and random.random() < 0.6:
            post = maker.again(arrived[0], role, contract, sessions, start)
            registrars = [r for r in registrars if r.person_id != post.person_id]
        else:
            post = maker.post(role, contract, sessions, start, until)
        posts.append(replace(post, end=until, chair=chair))
        start = until + int(random.integers(0, 90))
        if until == OPEN or start >= end:
            return posts
        leaves = start + 60 + random.exponential(365 / _TURNOVER)


def _month_end(day: int) -> int:
    """Return the first day of the next month."""
    there = date(1970, 1, 1) + timedelta(days=day)
    following = (there.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (following - date(1970, 1, 1)).days


def _languages(random: np.random.Generator) -> str:
    if random.random() < 0.65:
        return "English"
    return f"English; {NETWORK_LANGUAGES[int(random.integers(len(NETWORK_LANGUAGES)))]}"


_SKILLS = {
    "gp": ("", "", "", "minor surgery", "women's health", "diabetes", "end of life"),
    "nurse": ("", "diabetes", "COPD", "immunisation", "wound care"),
}


def _skills(random: np.random.Generator, role: str) -> str:
    words = _SKILLS.get("gp" if role in GP_ROLES[:2] else role, ("",))
    return words[int(random.integers(len(words)))]

"""Staff of the invented practices: GPs, nurses and others, with contract and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from hamlets.booking.simulation.groups import Team, make_buddies, make_teams
from hamlets.booking.simulation.names import TREES
from hamlets.booking.simulation.network_staff import network_posts
from hamlets.booking.simulation.places import Borough
from hamlets.booking.simulation.posts import Maker, Post, chain, days_of, half
from hamlets.booking.simulation.world import OPEN, Clinicians, Practice, Setting, stream
from hamlets.records.tables import CONTRACTS, ROLES

PURPOSE = 2

_BEFORE_DAYS = 400
"""Staff history before the first simulated day, so that some named GPs have long left."""
_GP_SESSIONS = 4.2
"""GP sessions a week for each 1,000 patients, locums and registrars not counted."""
_OTHER_SESSIONS = {
    "nurse": 2.8,
    "healthcare_assistant": 1.35,
    "advanced_practitioner": 0.6,
    "physician_associate": 0.12,
}
_DESK = {"administrator": 1_400, "care_coordinator": 12_000}
"""Patients for each member of staff who has no contacts."""


@dataclass(frozen=True)
class PracticeStaff:
    """Everybody who works in a practice; ``posts`` have contacts, ``desk`` has none."""

    posts: tuple[Post, ...]
    desk: tuple[Post, ...]
    teams: tuple[Team, ...]
    buddies: tuple[tuple[str, str, int, int], ...]
    """Who covers for whom: (staff, buddy, from, to)."""


def make_staff(setting: Setting, borough: Borough) -> dict[str, PracticeStaff]:
    """Return everybody's posts by practice id; those of a hub by the hub's id."""
    own = {p.practice_id: practice_posts(setting, p) for p in borough.practices}
    found: dict[str, PracticeStaff] = {}
    for network in borough.networks:
        members = [borough.practices[i] for i in network.practices]
        shared, hub = network_posts(setting, network, members, own)
        found[network.hub_id] = PracticeStaff(tuple(hub), (), (), ())
        for practice in members:
            maker, posts = own[practice.practice_id]
            posts = [*posts, *shared[practice.practice_id]]
            desk = tuple(_desk(maker, practice))
            teams = tuple(make_teams(maker.random, practice, posts))
            buddies = tuple(make_buddies(maker.random, practice, posts, teams))
            found[practice.practice_id] = PracticeStaff(tuple(posts), desk, teams, buddies)
    return found


def clinicians_of(posts: Sequence[Post]) -> Clinicians:
    """Return posts as arrays, in their order."""
    return Clinicians(
        staff_id=[p.staff_id for p in posts],
        person_id=[p.person_id for p in posts],
        name=[p.name for p in posts],
        role=np.array([ROLES.index(p.role) for p in posts], np.int8),
        contract=np.array([CONTRACTS.index(p.contract) for p in posts], np.int8),
        sessions_per_week=np.array([p.sessions for p in posts], np.float32),
        start_day=np.array([p.start for p in posts], np.int32),
        end_day=np.array([p.end for p in posts], np.int32),
        hub=np.array([p.hub for p in posts], np.bool_),
        languages=[p.languages for p in posts],
        skills=[p.skills for p in posts],
    )


def practice_posts(setting: Setting, practice: Practice) -> tuple[Maker, list[Post]]:
    """Return the posts that the practice itself pays for."""
    random = stream(setting.seed, practice.number, PURPOSE)
    maker = Maker(random, practice.practice_id, list(random.permutation(TREES)))
    begin, end = days_of(setting)
    begin -= _BEFORE_DAYS
    registrars = _registrars(maker, practice, begin, end)
    posts = _gps(maker, practice, begin, end, registrars)
    posts += registrars
    posts += _locums(maker, practice, begin, end)
    chair = 1_000
    for role, rate in _OTHER_SESSIONS.items():
        wanted = rate * practice.list_size / 1_000
        if role == "nurse":
            wanted = max(wanted, 1.0)
        while wanted >= 0.5:
            sessions = float(min(half(random.normal(6.2, 1.6), 2, 9), max(1.0, half(wanted))))
            posts += chain(maker, role, "other", sessions, chair, (begin, end), [])
            wanted -= sessions
            chair += 1
    return maker, posts


def _gps(
    maker: Maker, practice: Practice, begin: int, end: int, registrars: list[Post]
) -> list[Post]:
    random = maker.random
    wanted = max(2.0, _GP_SESSIONS * practice.list_size / 1_000)
    posts: list[Post] = []
    chair = 0
    while wanted >= 1.0 or chair == 0:
        kind = "partner" if chair == 0 else str(random.choice(_KINDS, p=_KIND_SHARES))
        sessions = _gp_sessions(random, kind)
        sessions = min(sessions, max(2.0, half(wanted)))
        role = "gp_partner" if kind == "partner" else "gp_salaried"
        posts += chain(maker, role, kind, sessions, chair, (begin, end), registrars)
        wanted -= sessions
        chair += 1
    return posts


_KINDS = ("partner", "salaried", "retainer")
_KIND_SHARES = (0.18, 0.76, 0.06)


def _gp_sessions(random: np.random.Generator, kind: str) -> float:
    if kind == "partner":
        return half(random.normal(6.3, 1.1), 4, 9)
    return 4.0 if kind == "retainer" else half(random.normal(5.2, 1.5), 2, 8)


def _registrars(maker: Maker, practice: Practice, begin: int, end: int) -> list[Post]:
    """Return trainees, who change in February and August; supernumerary."""
    if practice.list_size < 4_500 or practice.homeless or maker.random.random() < 0.3:
        return []
    chairs = 1 + (practice.list_size > 9_000) + (practice.list_size > 13_000)
    starts = _rotations(begin, end)
    return [
        replace(
            maker.post("gp_registrar", "trainee", half(maker.random.uniform(6, 7)), first, next_),
            chair=500 + chair,
        )
        for chair in range(chairs)
        for first, next_ in pairwise(starts)
        if maker.random.random() < 0.93
    ]


def _rotations(begin: int, end: int) -> list[int]:
    """Return the first Wednesdays of February and August from before the days to after them."""
    epoch = date(1970, 1, 1)
    years = range((epoch + timedelta(days=begin)).year - 1, (epoch + timedelta(days=end)).year + 2)
    firsts = [date(year, month, 1) for year in years for month in (2, 8)]
    days = [((d + timedelta(days=(2 - d.weekday()) % 7)) - epoch).days for d in firsts]
    return [day for day in days if begin - 184 <= day <= end + 184]


def _locums(maker: Maker, practice: Practice, begin: int, end: int) -> list[Post]:
    """Return locums who come for spells of some months, then others."""
    random = maker.random
    posts: list[Post] = []
    for chair in range(1 + practice.list_size // 6_000):
        start = begin - int(random.integers(0, 200))
        while start < end:
            until = start + int(random.gamma(2.0, 170)) + 30
            post = maker.post("gp_locum", "locum", half(random.uniform(1.5, 4)), start, until)
            posts.append(replace(post, chair=700 + chair))
            start = until + int(random.integers(0, 30))
    return posts


def _desk(maker: Maker, practice: Practice) -> list[Post]:
    posts: list[Post] = []
    for role, patients in _DESK.items():
        for _ in range(round(practice.list_size / patients) or role == "administrator"):
            start = 14_000 + int(maker.random.integers(0, 3_500))
            posts.append(
                maker.post(
                    role, "other", half(maker.random.uniform(5, 10), 4, 10), start, int(OPEN)
                )
            )
    return posts

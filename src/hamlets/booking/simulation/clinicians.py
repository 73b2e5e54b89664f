"""Staff of the invented practices and hubs: posts with contract, sessions, start and end.

A practice is a set of *chairs* (so many sessions a week of some role); people come and
go in them, so a chair gives a chain of posts with gaps between. Posts of one person
share a ``person_id``: registrars who stay, network staff with two practices, GPs at the hub.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from hamlets.booking.simulation.names import FLOWERS, NETWORK_LANGUAGES, TREES, staff_name
from hamlets.booking.simulation.places import Borough, Network
from hamlets.booking.simulation.world import (
    AHEAD_DAYS,
    OPEN,
    WARM_UP_DAYS,
    Clinicians,
    Practice,
    Setting,
    stream,
)
from hamlets.records.tables import CONTRACTS, ROLES

PURPOSE, NETWORK_PURPOSE = 2, 1_000

GP_ROLES = ("gp_partner", "gp_salaried", "gp_locum", "gp_registrar")
NAMED_ROLES = ("gp_partner", "gp_salaried")
"""Roles of GPs who hold lists; retainers are salaried."""

_BEFORE_DAYS = 400
"""Staff history before the first simulated day, so that some named GPs have long left."""
_GP_SESSIONS = 4.7
"""GP sessions a week for each 1,000 patients, locums and registrars not counted."""
_OTHER_SESSIONS = {
    "nurse": 2.3,
    "healthcare_assistant": 1.1,
    "advanced_practitioner": 0.6,
    "physician_associate": 0.12,
}
_NETWORK_SESSIONS = {
    "pharmacist": 0.62,
    "paramedic": 0.25,
    "physiotherapist": 0.28,
    "social_prescriber": 0.30,
}
"""Sessions a week for each 1,000 patients of staff whom a network employs for its practices."""
_TURNOVER = 0.115
"""Share of chairs that somebody leaves in a year."""
_DESK = {"administrator": 1_400, "care_coordinator": 12_000}
"""Patients for each member of staff who has no contacts."""
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


@dataclass(frozen=True)
class Team:
    """A micro-team with its members and their days: (staff, from, to, leads)."""

    team_id: str
    name: str
    members: tuple[tuple[str, int, int, bool], ...]


@dataclass(frozen=True)
class PracticeStaff:
    """Everybody who works in a practice; ``posts`` have contacts, ``desk`` has none."""

    posts: tuple[Post, ...]
    desk: tuple[Post, ...]
    teams: tuple[Team, ...]
    buddies: tuple[tuple[str, str, int, int], ...]
    """Who covers for whom: (staff, buddy, from, to)."""


@dataclass
class _Maker:
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


def make_staff(setting: Setting, borough: Borough) -> dict[str, PracticeStaff]:
    """Return everybody's posts by practice id; those of a hub by the hub's id."""
    own = {p.practice_id: _practice_posts(setting, p) for p in borough.practices}
    found: dict[str, PracticeStaff] = {}
    for network in borough.networks:
        members = [borough.practices[i] for i in network.practices]
        shared, hub = _network_posts(setting, network, members, own)
        found[network.hub_id] = PracticeStaff(tuple(hub), (), (), ())
        for practice in members:
            maker, posts = own[practice.practice_id]
            posts = [*posts, *shared[practice.practice_id]]
            found[practice.practice_id] = PracticeStaff(
                tuple(posts),
                tuple(_desk(maker, practice)),
                tuple(_teams(maker.random, practice, posts)),
                tuple(_buddies(maker.random, practice, posts)),
            )
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


def _practice_posts(setting: Setting, practice: Practice) -> tuple[_Maker, list[Post]]:
    """Return the posts that the practice itself pays for."""
    random = stream(setting.seed, practice.number, PURPOSE)
    maker = _Maker(random, practice.practice_id, list(random.permutation(TREES)))
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
            sessions = float(min(_half(random.normal(6.2, 1.6), 2, 9), max(1.0, _half(wanted))))
            posts += _chain(maker, role, "other", sessions, chair, (begin, end), [])
            wanted -= sessions
            chair += 1
    return maker, posts


def _gps(
    maker: _Maker, practice: Practice, begin: int, end: int, registrars: list[Post]
) -> list[Post]:
    random = maker.random
    wanted = max(2.0, _GP_SESSIONS * practice.list_size / 1_000)
    posts: list[Post] = []
    chair = 0
    while wanted >= 1.0 or chair == 0:
        kind = "partner" if chair == 0 else str(random.choice(_KINDS, p=_KIND_SHARES))
        sessions = _gp_sessions(random, kind)
        sessions = min(sessions, max(2.0, _half(wanted)))
        role = "gp_partner" if kind == "partner" else "gp_salaried"
        posts += _chain(maker, role, kind, sessions, chair, (begin, end), registrars)
        wanted -= sessions
        chair += 1
    return posts


_KINDS = ("partner", "salaried", "retainer")
_KIND_SHARES = (0.27, 0.68, 0.05)


def _gp_sessions(random: np.random.Generator, kind: str) -> float:
    if kind == "partner":
        return _half(random.normal(6.3, 1.1), 4, 9)
    return 4.0 if kind == "retainer" else _half(random.normal(5.2, 1.5), 2, 8)


def _half(value: float, low: float = 0.5, high: float = 99.0) -> float:
    """Return the value to the nearest half session, within bounds."""
    return float(np.clip(round(float(value) * 2) / 2, low, high))


def _chain(
    maker: _Maker,
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


def _registrars(maker: _Maker, practice: Practice, begin: int, end: int) -> list[Post]:
    """Return trainees, who change in February and August; supernumerary."""
    if practice.list_size < 4_500 or practice.homeless or maker.random.random() < 0.3:
        return []
    chairs = 1 + (practice.list_size > 9_000) + (practice.list_size > 13_000)
    starts = _rotations(begin, end)
    return [
        replace(
            maker.post("gp_registrar", "trainee", _half(maker.random.uniform(6, 7)), first, next_),
            chair=500 + chair,
        )
        for chair in range(chairs)
        for first, next_ in zip(starts, starts[1:], strict=False)
        if maker.random.random() < 0.93
    ]


def _rotations(begin: int, end: int) -> list[int]:
    """Return the first Wednesdays of February and August from before the days to after them."""
    epoch = date(1970, 1, 1)
    years = range((epoch + timedelta(days=begin)).year - 1, (epoch + timedelta(days=end)).year + 2)
    firsts = [date(year, month, 1) for year in years for month in (2, 8)]
    days = [((d + timedelta(days=(2 - d.weekday()) % 7)) - epoch).days for d in firsts]
    return [day for day in days if begin - 184 <= day <= end + 184]


def _locums(maker: _Maker, practice: Practice, begin: int, end: int) -> list[Post]:
    """Return locums who come for spells of some months, then others."""
    random = maker.random
    posts: list[Post] = []
    for chair in range(1 + practice.list_size // 6_000):
        start = begin - int(random.integers(0, 200))
        while start < end:
            until = start + int(random.gamma(2.0, 170)) + 30
            post = maker.post("gp_locum", "locum", _half(random.uniform(1.5, 4)), start, until)
            posts.append(replace(post, chair=700 + chair))
            start = until + int(random.integers(0, 30))
    return posts


def _desk(maker: _Maker, practice: Practice) -> list[Post]:
    posts: list[Post] = []
    for role, patients in _DESK.items():
        for _ in range(round(practice.list_size / patients) or role == "administrator"):
            start = 14_000 + int(maker.random.integers(0, 3_500))
            posts.append(
                maker.post(
                    role, "other", _half(maker.random.uniform(5, 10), 4, 10), start, int(OPEN)
                )
            )
    return posts


def _network_posts(
    setting: Setting,
    network: Network,
    members: list[Practice],
    own: dict[str, tuple[_Maker, list[Post]]],
) -> tuple[dict[str, list[Post]], list[Post]]:
    """Return posts of the network's own staff by practice, and the hub's posts."""
    random = stream(setting.seed, -1, NETWORK_PURPOSE + network.number)
    maker = _Maker(random, network.network_id, list(random.permutation(FLOWERS)))
    begin, end = days_of(setting)
    people = sum(p.list_size for p in members)
    shared: dict[str, list[Post]] = {p.practice_id: [] for p in members}
    for role, rate in _NETWORK_SESSIONS.items():
        for post in _network_chairs(maker, role, rate * people / 1_000, (begin, end)):
            for part in _divided(random, post, members):
                shared[part.staff_id.split("-")[0]].append(part)
    hub: list[Post] = []
    for practice in members:
        gps = [p for p in own[practice.practice_id][1] if p.contract in ("partner", "salaried")]
        for post in gps:
            if post.chair > (practice.list_size > 6_000) or post.end <= begin:
                continue
            number = len(hub) + 1
            hub.append(
                replace(
                    post,
                    staff_id=f"{network.hub_id}-G{number:02d}",
                    contract="other",
                    role="gp",
                    sessions=1.0,
                    chair=-1,
                    hub=True,
                    employer=network.network_id,
                )
            )
    nurse = maker.post("nurse", "other", 1.0, begin - 300, int(OPEN))
    hub.append(
        replace(
            nurse, staff_id=f"{network.hub_id}-N01", hub=True, employer=network.network_id
        )
    )
    return shared, hub


def _network_chairs(
    maker: _Maker, role: str, wanted: float, days: tuple[int, int]
) -> list[Post]:
    posts: list[Post] = []
    chair = 2_000
    while wanted >= 1.0:
        sessions = min(8.0, _half(wanted, 1))
        begin, end = days
        posts += _chain(maker, role, "other", sessions, chair, (begin - 200, end), [])
        wanted -= sessions
        chair += 1
    return posts


def _divided(random: np.random.Generator, post: Post, members: list[Practice]) -> list[Post]:
    """Return the post's role records: at one practice, or at two on different weekdays."""
    sizes = np.array([p.list_size for p in members], float)
    count = min(2 if post.sessions >= 3 else 1, len(members))
    chosen = random.choice(len(members), count, replace=False, p=sizes / sizes.sum())
    network, letter = post.staff_id.rsplit("-", 1)
    days = [int(d) for d in random.permutation(5)]
    halves = [tuple(days)] if count == 1 else [tuple(days[:3]), tuple(days[3:])]
    share = [1.0] if count == 1 else [0.6, 0.4]
    return [
        replace(
            post,
            staff_id=f"{members[where].practice_id}-{letter}",
            sessions=_half(post.sessions * share[k], 1, 2 * len(halves[k])),
            weekdays=halves[k],
            employer=network,
        )
        for k, where in enumerate(chosen)
    ]


def _teams(random: np.random.Generator, practice: Practice, posts: Sequence[Post]) -> list[Team]:
    """Return micro-teams in a third of the practices: chairs that share their lists."""
    if random.random() >= 1 / 3:
        return []
    chairs = sorted({p.chair for p in posts if p.role in NAMED_ROLES})
    count = max(1, round(len(chairs) / 3))
    if count < 2:
        return []
    began = {k: int(random.integers(16_000, 16_800)) for k in range(count)}
    rows: dict[int, list[tuple[str, int, int, bool]]] = {k: [] for k in range(count)}
    for position, chair in enumerate(chairs):
        k = position % count
        for post in posts:
            if post.chair == chair and post.role in NAMED_ROLES:
                first = max(post.start, began[k])
                if first < post.end:
                    rows[k].append((post.staff_id, first, post.end, position < count))
    nurses = [p for p in posts if p.role in ("nurse", "advanced_practitioner")]
    for position, post in enumerate(nurses):
        k = position % count
        first = max(post.start, began[k])
        if first < post.end:
            rows[k].append((post.staff_id, first, post.end, False))
    return [
        Team(f"{practice.practice_id}-TEAM{k + 1}", f"Team {_COLOURS[k % len(_COLOURS)]}", tuple(r))
        for k, r in rows.items()
        if r
    ]


_COLOURS = ("Blue", "Green", "Amber", "Violet", "Grey", "Coral", "Teal", "Rose")


def _buddies(
    random: np.random.Generator, practice: Practice, posts: Sequence[Post]
) -> list[tuple[str, str, int, int]]:
    """Return buddy pairs, in both directions, in a third of the practices."""
    if random.random() >= 1 / 3:
        return []
    chairs = [int(c) for c in random.permutation(
        sorted({p.chair for p in posts if p.role in NAMED_ROLES})
    )]
    rows: list[tuple[str, str, int, int]] = []
    for one, other in zip(chairs[::2], chairs[1::2], strict=False):
        for a in (p for p in posts if p.chair == one and p.role in NAMED_ROLES):
            for b in (p for p in posts if p.chair == other and p.role in NAMED_ROLES):
                first, last = max(a.start, b.start), min(a.end, b.end)
                if first < last:
                    rows.append((a.staff_id, b.staff_id, first, last))
                    rows.append((b.staff_id, a.staff_id, first, last))
    return rows


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

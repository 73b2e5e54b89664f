"""Staff of the networks: shared by two practices each, and the rota of the hubs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hamlets.booking.simulation.names import FLOWERS
from hamlets.booking.simulation.places import Network
from hamlets.booking.simulation.posts import Maker, Post, chain, days_of, half
from hamlets.booking.simulation.world import OPEN, Practice, Setting, stream

NETWORK_PURPOSE = 1_000

_NETWORK_SESSIONS = {
    "pharmacist": 0.62,
    "paramedic": 0.25,
    "physiotherapist": 0.28,
    "social_prescriber": 0.30,
}
"""Sessions a week for each 1,000 patients of staff whom a network employs for its practices."""


def network_posts(
    setting: Setting,
    network: Network,
    members: list[Practice],
    own: dict[str, tuple[Maker, list[Post]]],
) -> tuple[dict[str, list[Post]], list[Post]]:
    """Return posts of the network's own staff by practice, and the hub's posts."""
    random = stream(setting.seed, -1, NETWORK_PURPOSE + network.number)
    maker = Maker(random, network.network_id, list(random.permutation(FLOWERS)))
    begin, end = days_of(setting)
    people = sum(p.list_size for p in members)
    shared: dict[str, list[Post]] = {p.practice_id: [] for p in members}
    for role, rate in _NETWORK_SESSIONS.items():
        for post in _network_chairs(maker, role, rate * people / 1_000, (begin, end)):
            for part in _divided(random, post, members):
                shared[part.staff_id.split("-")[0]].append(part)
    hub: list[Post] = []
    known: dict[str, str] = {}
    for practice in members:
        gps = [p for p in own[practice.practice_id][1] if p.contract in ("partner", "salaried")]
        for post in gps:
            if post.chair > (practice.list_size > 6_000) or post.end <= begin:
                continue
            # two people of one name would be taken for one at the hub
            if known.setdefault(post.name, post.person_id) != post.person_id:
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
        replace(nurse, staff_id=f"{network.hub_id}-N01", hub=True, employer=network.network_id)
    )
    return shared, hub


def _network_chairs(maker: Maker, role: str, wanted: float, days: tuple[int, int]) -> list[Post]:
    posts: list[Post] = []
    chair = 2_000
    while wanted >= 1.0:
        sessions = min(8.0, half(wanted, 1))
        begin, end = days
        posts += chain(maker, role, "other", sessions, chair, (begin - 200, end), [])
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
            sessions=half(post.sessions * share[k], 1, 2 * len(halves[k])),
            weekdays=halves[k],
            employer=network,
        )
        for k, where in enumerate(chosen)
    ]

"""Micro-teams and buddy pairs of the practices that have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hamlets.booking.simulation.posts import NAMED_ROLES, Post
from hamlets.booking.simulation.world import Practice


@dataclass(frozen=True)
class Team:
    """A micro-team with its members and their days: (staff, from, to, leads)."""

    team_id: str
    name: str
    members: tuple[tuple[str, int, int, bool], ...]


def make_teams(
    random: np.random.Generator, practice: Practice, posts: Sequence[Post]
) -> list[Team]:
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


def make_buddies(
    random: np.random.Generator, practice: Practice, posts: Sequence[Post]
) -> list[tuple[str, str, int, int]]:
    """Return buddy pairs, in both directions, in a third of the practices."""
    if random.random() >= 1 / 3:
        return []
    chairs = [
        int(c)
        for c in random.permutation(sorted({p.chair for p in posts if p.role in NAMED_ROLES}))
    ]
    rows: list[tuple[str, str, int, int]] = []
    for one, other in zip(chairs[::2], chairs[1::2], strict=False):
        for a in (p for p in posts if p.chair == one and p.role in NAMED_ROLES):
            for b in (p for p in posts if p.chair == other and p.role in NAMED_ROLES):
                first, last = max(a.start, b.start), min(a.end, b.end)
                if first < last:
                    rows.append((a.staff_id, b.staff_id, first, last))
                    rows.append((b.staff_id, a.staff_id, first, last))
    return rows

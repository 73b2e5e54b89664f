"""Micro-teams and buddy pairs of the practices that have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from hamlets.booking.simulation.posts import NAMED_ROLES, Post
from hamlets.booking.simulation.world import Cover, Practice

_WITH_TEAMS, _WITH_BUDDIES = 0.4, 1 / 3
"""Share of practices; those with fewer than four GPs make no teams."""
_HAS_BOTH = 0
"""Number of a practice that has teams and buddies in any case: EX001, to show them with."""


@dataclass(frozen=True)
class Team:
    """A micro-team with its members and their days: (staff, from, to, leads)."""

    team_id: str
    name: str
    members: tuple[tuple[str, int, int, bool], ...]


def make_teams(
    random: np.random.Generator, practice: Practice, posts: Sequence[Post]
) -> list[Team]:
    """Return the micro-teams of a practice, if it has any: chairs that share their lists."""
    if random.random() >= _WITH_TEAMS and practice.number != _HAS_BOTH:
        return []
    chairs = sorted({p.chair for p in posts if p.role in NAMED_ROLES})
    if len(chairs) < 4:
        return []
    count = max(2, round(len(chairs) / 3))
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
    random: np.random.Generator,
    practice: Practice,
    posts: Sequence[Post],
    teams: Sequence[Team],
) -> list[tuple[str, str, int, int]]:
    """Return buddy pairs, in both directions, of a practice, if it has any: inside its teams."""
    if random.random() >= _WITH_BUDDIES and practice.number != _HAS_BOTH:
        return []
    chairs = [
        int(c)
        for c in random.permutation(sorted({p.chair for p in posts if p.role in NAMED_ROLES}))
    ]
    of_staff = {member[0]: k for k, team in enumerate(teams) for member in team.members}
    team_of = dict.fromkeys(chairs, 0)
    team_of |= {
        p.chair: of_staff[p.staff_id]
        for p in posts
        if p.chair in team_of and p.staff_id in of_staff
    }
    rows: list[tuple[str, str, int, int]] = []
    for one, other in _pairs(chairs, team_of):
        for a in (p for p in posts if p.chair == one and p.role in NAMED_ROLES):
            for b in (p for p in posts if p.chair == other and p.role in NAMED_ROLES):
                first, last = max(a.start, b.start), min(a.end, b.end)
                if first < last:
                    rows.append((a.staff_id, b.staff_id, first, last))
                    rows.append((b.staff_id, a.staff_id, first, last))
    return rows


def _pairs(chairs: Sequence[int], team_of: dict[int, int]) -> list[tuple[int, int]]:
    """Return pairs inside each team; of an odd number the last joins the first."""
    found: list[tuple[int, int]] = []
    for team in sorted(set(team_of.values())):
        mine = [c for c in chairs if team_of[c] == team]
        found += zip(mine[::2], mine[1::2], strict=False)
        if len(mine) > 2 and len(mine) % 2:
            found.append((mine[-1], mine[0]))
    return found


def cover_of(
    posts: Sequence[Post], teams: Sequence[Team], buddies: Sequence[tuple[str, str, int, int]]
) -> Cover:
    """Return which GPs stand in for which, as positions in ``posts``."""
    at = {p.staff_id: position for position, p in enumerate(posts) if p.role in NAMED_ROLES}
    rows = [(at[a], at[b], True, first, last) for a, b, first, last in buddies]
    for team in teams:
        for one, other in permutations((m for m in team.members if m[0] in at), 2):
            first, last = max(one[1], other[1]), min(one[2], other[2])
            if first < last:
                rows.append((at[one[0]], at[other[0]], False, first, last))
    table = np.array(rows, np.int64).reshape(-1, 5)
    staff, stands_in, buddy, first_day, last_day = table.T
    return Cover(
        staff=staff.astype(np.int32),
        stands_in=stands_in.astype(np.int32),
        buddy=buddy != 0,
        from_day=first_day.astype(np.int32),
        to_day=last_day.astype(np.int32),
    )

"""Which plans of a trade-off no other plan beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hamlets.teams.results import ParetoPoint


def mark_dominated(points: Sequence[ParetoPoint]) -> tuple[ParetoPoint, ...]:
    """Return the points in the same order, each marked if another one dominates it.

    One dominates another that keeps no more contacts with the team, is no more even and
    moves no fewer, and that it beats in at least one of these. Equal points stand both.
    """
    costs = [(-point.retained_team, point.band_max, point.moved_share) for point in points]
    return tuple(
        replace(
            point,
            dominated=any(
                other != mine
                and all(theirs <= ours for theirs, ours in zip(other, mine, strict=True))
                for other in costs
            ),
        )
        for point, mine in zip(points, costs, strict=True)
    )

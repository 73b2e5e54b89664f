"""Lists that keep more contacts with the named GP, for a few with the rest of the team.

The last changes of team that the budget of moves allows win next to nothing, while the same
changes within a team would bring many patients to the GP they know. So once the teams stand,
few of the contacts with the team are given up, no more than ``own_gp_percent`` of the bound on
them, and of the lists found those are taken that keep most with the named GP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hamlets.optimise.deadline import Deadline
from hamlets.teams.allocation import TEAMS_FIRST, Allocation, Leaning, Placing, Team, deal
from hamlets.teams.inputs import PracticeInputs

_AT_LEAST = 0.2
"""Part of the most that may be given up which may be, however far the plan is from its bound."""
_OWN = 0.3
"""What a contact with the named GP counts beside one with the team."""
_PART, _TRIES = 0.7, 4


def favour_named(
    placing: Placing,
    teams: Sequence[Team],
    allocation: Allocation,
    bound: float,
    deadline: Deadline | None = None,
) -> tuple[Allocation, Leaning]:
    """Return lists of the same teams with as many contacts or more with the named GP, and how
    far they lean to it.

    Band and budget are kept, or the allocation is returned as it is. ``bound`` = what no
    plan's contacts with the team can exceed, in recency-weighted contacts. None is tried
    after the ``deadline``.
    """
    best, leaning = allocation, TEAMS_FIRST
    given = placing.model.own_gp_percent / 100
    if given <= 0 or len(teams) < 2 or not (allocation.band_kept and allocation.budget_kept):
        return best, leaning
    floor = min(allocation.value * (1 - _AT_LEAST * given), bound * (1 - given))
    most = own_contacts(placing.inputs, allocation)
    # Parts of the budget for changes of team, with the value kept: enough, and too little.
    enough, little = (1.0, allocation.value), (0.0, 0.0)
    part = 1.0
    for _ in range(_TRIES):
        if deadline is not None and deadline.over():
            break
        tried = Leaning(part, _OWN)
        found = deal(placing, teams, tried, allocation, deadline)
        kept = found.band_kept and found.budget_kept
        if kept and found.value >= floor:
            enough = (part, found.value)
            own = own_contacts(placing.inputs, found)
            if own > most:
                best, most, leaning = replace(found, price=allocation.price), own, tried
        else:
            little = (part, found.value if kept else 0.0)
        if little[0] >= enough[0]:
            break
        part = _next(enough, little, floor)
    return best, leaning


def _next(enough: tuple[float, float], little: tuple[float, float], floor: float) -> float:
    """Return the part to try next: where a line between two values meets the floor."""
    (high, more), (low, less) = enough, little
    if low == 0.0:
        return min(_PART, high * _PART)
    if less <= 0.0 or more <= less:
        return (low + high) / 2
    return high - (high - low) * min(0.9, max(0.1, (more - floor) / (more - less)))


def own_contacts(inputs: PracticeInputs, allocation: Allocation) -> float:
    """Return the recency-weighted contacts that patients had with the GP named for them."""
    seen = inputs.people.seen
    patient = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
    own = (seen.clinician >= 0) & (seen.clinician == allocation.named[patient])
    return float(seen.weight[own].sum())

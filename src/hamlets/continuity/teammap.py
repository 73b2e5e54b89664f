"""One fixed map from clinicians to teams for each patient (definitions, point 8).

A clinician counts as the patient's team when ever a member of it in the window,
else as the clinician's last team in the window, else as a team of one. Only
merging, never splitting, so that a team index is never below the clinician's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Int32, offsets
from hamlets.continuity.reference import Reference

NO_TEAM, SEVERAL = -1, -2


@dataclass(frozen=True)
class TeamMap:
    """By person: the single team, or NO_TEAM or SEVERAL; then last team and all teams."""

    single: Int32
    last: Int32
    offset: Int32
    teams: Int32
    count: int
    """Number of teams in the store."""

    def of(self, people: Int32) -> TeamMap:
        """Return the map for some people by their position in ``people``."""
        single = self.single[people]
        counts = np.zeros(len(people), dtype=np.int32)
        several = single == SEVERAL
        counts[several] = (self.offset[1:] - self.offset[:-1])[people[several]]
        offset = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        parts = [self.teams[self.offset[p] : self.offset[p + 1]] for p in people[several].tolist()]
        teams = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
        return TeamMap(single, self.last[people], offset, teams, self.count)

    def mapped(self, position: int, patient_team: int) -> int:
        """Return the team of one person for patients of a team; below 0 for a team of one."""
        single = int(self.single[position])
        if single != SEVERAL:
            return single
        own = self.teams[self.offset[position] : self.offset[position + 1]]
        return patient_team if patient_team in own else int(self.last[position])


def team_map(reference: Reference, window: Window) -> TeamMap:
    """Return the map of a window."""
    people = reference.people
    t = reference.teams
    person = np.repeat(np.arange(people, dtype=np.int32), np.diff(t.offset))
    inside = (t.start <= window.last) & (t.end > window.first) & (t.end > t.start)
    person, team = person[inside], t.value[inside]
    ends = np.minimum(t.end[inside] - 1, window.last)
    single = np.full(people, NO_TEAM, dtype=np.int32)
    last = np.full(people, NO_TEAM, dtype=np.int32)
    latest = np.full(people, -(2**31), dtype=np.int64)
    for p, x, e in zip(person.tolist(), team.tolist(), ends.tolist(), strict=True):
        if single[p] == NO_TEAM:
            single[p] = x
        elif single[p] != x:
            single[p] = SEVERAL
        if e > latest[p] or (e == latest[p] and x < last[p]):
            last[p], latest[p] = x, e
    pairs = np.unique(np.stack([person, team], axis=1), axis=0).astype(np.int32)
    return TeamMap(
        single, last, offsets(pairs[:, 0], people), pairs[:, 1], len(reference.team_labels)
    )

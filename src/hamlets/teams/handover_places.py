"""A question of handing over as numbers: places, who is where, what is kept, and the bands.

A place is a list, a group a team; lists without a team are one group more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.teams.allocation import total_by, weight_by_team
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import find_gp_shares
from hamlets.teams.handover_terms import Question
from hamlets.teams.inputs import Float64

REST_OF_TEAM = 0.5
"""What a contact with the team, but not the named GP, counts beside one with the GP."""
ENOUGH = 1e-6
"""Work, for that of a mean patient, that is nothing."""


class Places:
    """Lists and teams, the patients' places in them, and what is kept in each."""

    def __init__(self, question: Question) -> None:
        self.q = question
        people, start = question.before.people, question.start
        self.work = people.work_minutes
        self.mean = float(self.work.mean()) if len(self.work) else 1.0
        stays = (start.named >= 0) & ~question.mine
        lists = np.zeros(question.may.size, dtype=np.bool_)
        lists[start.named[stays]] = True
        self.gp = np.flatnonzero(lists | question.may)
        """The clinician of each place."""
        self.place_of = np.full(question.may.size + 1, -1, dtype=np.int64)
        self.place_of[self.gp] = np.arange(len(self.gp))
        self.teams = len(question.teams)
        self.group = np.where(question.home >= 0, question.home, self.teams)[self.gp]
        self.groups = self.teams + 1
        self.own = weight_by_team(question.after, [(int(row),) for row in self.gp])
        rest = np.zeros((people.size, self.groups))
        rest[:, : self.teams] = weight_by_team(question.after, question.teams)
        self.worth = self.own + REST_OF_TEAM * np.where(
            self.group < self.teams, rest[:, self.group] - self.own, 0.0
        )
        """Patients x places: what is kept of the patient's contacts."""
        self.now = self.place_of[np.where(question.mine, -1, start.named)]
        """Place of each patient, -1 for those who must go or have none."""
        self.home = np.where(start.team >= 0, start.team, self.teams)


@dataclass(frozen=True)
class Sides:
    """Between which sides the work of each list and team must lie.

    A band is the model's, or what the list or team was outside of it before.
    """

    part: Float64
    """Each place's part of its group's work."""
    low: Float64
    """Of each place, for its part."""
    high: Float64
    group_low: Float64
    """Of each group, as work; without end for lists that are in no team."""
    group_high: Float64
    fair: Float64
    """Each team's share of the work that teams have."""


def find_sides(p: Places) -> Sides:
    """Return the sides of a question's lists and teams."""
    q = p.q
    capacity = q.after.clinicians.capacity_minutes
    band, was = q.model.list_band_percent / 100, _list_deviations(p)
    by_team = capacity @ find_gp_shares(q.after, _arrangement(q.start, q.teams))
    # A GP who may take patients and is in no team takes work from all of them.
    outside = bool((q.may & (q.home < 0)).any())
    inside = (q.start.team >= 0) | (False if outside else q.mine)
    fair = by_team / max(by_team.sum(), 1e-9) * float(p.work[inside].sum())
    group_low, group_high = np.full(p.groups, -np.inf), np.full(p.groups, np.inf)
    if p.teams and by_team.sum() > 0:
        of_team, before = q.model.band_percent / 100, _team_deviations(p)
        live = np.isin(np.arange(p.teams), p.group)
        group_high[:-1] = fair * (1 + np.maximum(of_team, before))
        group_low[:-1] = np.where(live, fair * (1 - np.maximum(of_team, -before)), -np.inf)
    return Sides(
        part=_parts(p, capacity),
        low=np.maximum(0.0, 1 - np.maximum(band, -was)),
        high=1 + np.maximum(band, was),
        group_low=group_low,
        group_high=group_high,
        fair=fair,
    )


def _parts(p: Places, capacity: Float64) -> Float64:
    """Return each place's part of its group, by bookable minutes; equal where none has any."""
    mine = capacity[p.gp]
    total = total_by(p.group, mine, p.groups)[p.group]
    count = total_by(p.group, np.ones(len(mine)), p.groups)[p.group]
    return np.where(total > 0, mine / np.maximum(total, 1e-9), 1 / np.maximum(count, 1))


def _list_deviations(p: Places) -> Float64:
    """Return how far each list was from its part of its team's work; 0 for a new one."""
    q = p.q
    capacity = q.before.clinicians.capacity_minutes
    holders = np.unique(q.start.named[q.start.named >= 0])
    group = np.where(q.home >= 0, q.home, p.teams)
    listed = q.start.named >= 0
    load = total_by(q.start.named[listed].astype(np.int64), p.work[listed], len(group))
    carried = total_by(group[holders], load[holders], p.groups)[group]
    able = total_by(group[holders], capacity[holders], p.groups)[group]
    fair = np.where(able > 0, capacity * carried / np.maximum(able, 1e-9), 0.0)
    known = (load > 0) & (fair > 0)
    found = np.where(known, load / np.where(known, fair, 1.0) - 1, 0.0)
    return found[p.gp]


def _team_deviations(p: Places) -> Float64:
    """Return how far each team was from its share of the teams' work."""
    q = p.q
    placed = q.start.team >= 0
    work = total_by(q.start.team[placed].astype(np.int64), p.work[placed], p.teams)
    able = q.before.clinicians.capacity_minutes @ find_gp_shares(q.before, q.start)
    known = (able > 0) & (work.sum() > 0)
    fair = np.where(known, able / max(able.sum(), 1e-9) * work.sum(), 1.0)
    return np.where(known, work / fair - 1, 0.0)


def _arrangement(start: Arrangement, teams: tuple[tuple[int, ...], ...]) -> Arrangement:
    nobody = tuple(() for _ in teams)
    return Arrangement(teams, nobody, (), (-1,) * len(teams), start.team, start.named)

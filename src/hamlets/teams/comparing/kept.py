"""Past contacts of each patient, and how many of them an arrangement keeps (Teams 7).

Counted are the GP contacts of the last 12 months. A contact with a GP who is not at work any
more is nobody's: it is in the total and is kept by no arrangement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import Bools, Float64, Int32, Int64, PracticeInputs
from hamlets.teams.model import TeamModel


@dataclass(frozen=True)
class Kept:
    """Whole contacts of each patient."""

    total: Int64
    own: Int64
    """With the arrangement's named GP."""
    team: Int64
    """With anyone of the arrangement's team, or the named GP: never fewer than ``own``."""


def find_placed(inputs: PracticeInputs, model: TeamModel) -> Bools:
    """Return the patients whom plans of this model place: everybody, or the cohort.

    All arrangements are measured over them, so that one that leaves somebody without a GP
    or team keeps less, not fewer.
    """
    if model.approach == "cohort" and model.cohort is not None:
        return inputs.people.cohorts[model.cohort]
    return np.ones(inputs.people.size, dtype=np.bool_)


def find_members(inputs: PracticeInputs, arrangement: Arrangement) -> Bools:
    """Return clinicians x teams: who works in which team, those who work for all in each."""
    found = np.zeros((inputs.clinicians.size, len(arrangement.teams)), dtype=np.bool_)
    for team in range(len(arrangement.teams)):
        found[list(arrangement.members(team)), team] = True
    found[list(arrangement.shared)] = True
    return found


def find_gp_shares(inputs: PracticeInputs, arrangement: Arrangement) -> Float64:
    """Return clinicians x teams: the part of a GP's time that is a team's.

    A GP of one team gives it all; of several, an equal part to each. Those who work for
    all teams are nobody's: they even out nothing.
    """
    shares = np.zeros((inputs.clinicians.size, len(arrangement.teams)))
    for team, members in enumerate(arrangement.teams):
        shares[list(members), team] = 1.0
    return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)


def read_contacts(inputs: PracticeInputs) -> tuple[Int64, Int64, Int64]:
    """Return patient, clinician (-1: not at work any more) and contacts of each pair with a GP."""
    seen, staff = inputs.people.seen, inputs.clinicians
    patient = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
    gp = np.append(staff.gp, True)[seen.clinician]
    return (
        patient[gp].astype(np.int64),
        seen.clinician[gp].astype(np.int64),
        seen.contacts[gp].astype(np.int64),
    )


def count_kept(inputs: PracticeInputs, arrangement: Arrangement) -> Kept:
    """Return the contacts of each patient in all, with the named GP and with the team."""
    patient, clinician, contacts = read_contacts(inputs)
    own = (clinician >= 0) & (clinician == arrangement.named[patient])
    # The last row and column are for nobody: no GP, no team.
    member = np.pad(find_members(inputs, arrangement), ((0, 1), (0, 1)))
    within = own | member[clinician, arrangement.team[patient]]

    def by_patient(counted: Int64) -> Int64:
        sums = np.zeros(inputs.people.size, dtype=np.int64)
        np.add.at(sums, patient, counted)
        return sums

    return Kept(by_patient(contacts), by_patient(contacts * own), by_patient(contacts * within))


class Weights:
    """Recency-weighted contacts (Teams 3) of patients with GPs."""

    def __init__(self, inputs: PracticeInputs) -> None:
        seen = inputs.people.seen
        patient = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
        gp = np.append(inputs.clinicians.gp, True)[seen.clinician]
        self.size = inputs.people.size
        self.patient = patient[gp]
        self.clinician = seen.clinician[gp]
        self.weight = seen.weight[gp]

    def anyone(self) -> Float64:
        """Return the weight of each patient with any GP."""
        return self._add(self.weight)

    def one(self, gp: Int32) -> Float64:
        """Return the weight of each patient with a GP of their own; 0 with nobody (-1)."""
        same = (self.clinician == gp[self.patient]) & (self.clinician >= 0)
        return self._add(self.weight * same)

    def team(self, members: Bools, gp: Int32) -> Float64:
        """Return the weight of each patient with the team of a GP of their own."""
        together = np.pad(members @ members.T, ((0, 1), (0, 1)))
        return self._add(self.weight * together[self.clinician, gp[self.patient]])

    def _add(self, weight: Float64) -> Float64:
        return add_up(self.patient, weight, self.size)


def add_up(group: Int32 | Int64, amount: Float64, count: int) -> Float64:
    """Return the sum of each of ``count`` groups, in the order of rows; no group below 0."""
    return np.bincount(group, weights=amount, minlength=count).astype(np.float64)


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole, None of nothing."""
    return part / whole if whole else None

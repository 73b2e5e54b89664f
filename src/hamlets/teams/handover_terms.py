"""What is asked of handing lists over, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import Bools, Int32, PracticeInputs
from hamlets.teams.model import TeamModel


@dataclass(frozen=True)
class Question:
    """Who must have another GP, and who may take patients."""

    before: PracticeInputs
    after: PracticeInputs
    """The same patients and rows; capacities and half-days as they will be."""
    start: Arrangement
    """As things stand, with the people who go still in it."""
    teams: tuple[tuple[int, ...], ...]
    """GPs of each team of ``start`` as they will be."""
    mine: Bools
    """Patients who must have another GP."""
    may: Bools
    """Clinicians who may be given patients."""
    home: Int32
    """Team of each clinician's list, -1 for none."""
    model: TeamModel
    """Bands, households; ``disruption_percent`` is the budget of others."""
    others_first: bool = False
    """Lists have to change though nobody must move: a GP joins, or works other sessions."""


@dataclass(frozen=True)
class Answer:
    """Lists as they will be, and what is known of them."""

    named: Int32
    team: Int32
    value: float
    """Weighted contacts of the patients who could move: with the GP, and half of those with
    the rest of the team."""
    bound: float
    team_band_kept: bool
    list_band_kept: bool
    may_leave: bool
    """Patients could leave their team: its band asked for it, or it has no GP any more."""
    crowded: float | None
    """Work for its minutes of the home team, were all its patients to stay; 1 = its share."""


def budget_of(question: Question) -> int:
    """Return how many others may move."""
    others = int(((question.start.named >= 0) & ~question.mine).sum())
    return int(question.model.disruption_percent / 100 * others + 1e-9)

"""What is kept with a plan beside its figures: who is in which team, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

ChangeName = Literal["draft", "proposed", "adopted", "withdrawn"]
"""What was done with a plan: kept, shown for consent, adopted, taken back before its day."""


@dataclass(frozen=True)
class PlanMember:
    """One person in one team of a plan; somebody who works for all teams is in each."""

    team_id: str
    staff_id: str
    name: str
    role: str
    lead: bool
    shared: bool
    sessions: float
    """A week."""
    half_days: tuple[bool, ...]
    """At work on each half-day of a week, Monday morning first; in either week of the fortnight."""


@dataclass(frozen=True)
class PlanChange:
    """One thing done with a plan, by whom and when."""

    state: ChangeName
    when: str
    """Local time, ISO 8601."""
    who: str
    from_date: date | None = None
    """Adopted: the first day."""
    store_version: int | None = None
    """The version of the store that it made, or that the plan was made on."""
    note: str | None = None


@dataclass(frozen=True)
class PlanStanding:
    """How a plan stands in the store's current version."""

    state: Literal["draft", "proposed", "adopted", "superseded"]
    adopted_from: date | None = None
    until: date | None = None
    """Superseded: the first day of the plan that follows it."""
    followed_by: str | None = None
    undone: bool = False
    """It was adopted, and the store has gone back to a version from before."""

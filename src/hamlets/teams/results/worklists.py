"""Lists of patients for the staff of one practice: whose GP leaves, and whom to see to first.

A row is one patient: these results stay inside the practice. Shares lie between 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

LeavingReason = Literal["asked", "gone", "leaves", "away"]
"""asked about; has left; has a last day; no session in the rota from some day on."""
LEAVING_REASONS: tuple[LeavingReason, ...] = ("asked", "gone", "leaves", "away")
SuggestedWhy = Literal["buddy", "team", "practice", "none"]
SUGGESTED_WHY: tuple[SuggestedWhy, ...] = ("buddy", "team", "practice", "none")
WorklistLevel = Literal["team", "own_gp"]


@dataclass(frozen=True)
class LeavingGp:
    """A named GP whose patients are about to need another."""

    staff_id: str
    name: str
    last_day: date
    """Of ``away``: the last day with a session."""
    reason: LeavingReason
    patients: int
    with_suggestion: int
    """Patients for whom somebody is suggested."""


@dataclass(frozen=True)
class LeavingRow:
    """A patient whose named GP leaves; ``score`` is the sum of the four ``points_``, 25 each."""

    rank: int
    patient_id: str
    practice_id: str
    named_gp: str
    named_gp_name: str
    last_day: date
    reason: LeavingReason
    score: float
    points_work: float
    points_cohorts: float
    points_contacts: float
    points_share: float
    work_minutes: float
    """Expected work, minutes a year."""
    cohorts: tuple[str, ...]
    contacts_with_gp: int
    """Counted contacts of 24 months."""
    weighted_with_gp: float
    """The same, halved for each year of age."""
    share_with_gp: float | None
    """Of all the patient's weighted contacts; None without a contact."""
    suggested_gp: str | None
    suggested_gp_name: str | None
    suggested_why: SuggestedWhy
    seen_suggested: int
    """Counted contacts of 24 months with the suggested GP."""


@dataclass(frozen=True)
class LeavingList:
    """Patients about to lose their GP, the most urgent first."""

    practice_id: str
    name: str
    day: date
    until: date
    """Last days up to here are looked at."""
    gps: tuple[LeavingGp, ...]
    rows: tuple[LeavingRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorklistRow:
    """A patient of a preset; ordered by ``minutes_outside``, the highest first."""

    rank: int
    patient_id: str
    practice_id: str
    presets: tuple[str, ...]
    named_gp: str | None
    named_gp_name: str | None
    work_minutes: float
    """Expected work, minutes a year."""
    minutes_outside: float
    """The part of it that goes elsewhere at the present share."""
    contacts: int
    """Counted contacts of 12 months."""
    level: WorklistLevel
    """Whom ``share`` is with: the patient's team, or the own GP where there are no teams."""
    team: str | None
    share: float | None
    """None without a contact, or without a named GP who is there."""
    chance: float | None
    """The share that the team (or own GP) has of all the practice's patients' contacts."""
    drifted: bool
    contacts_recent: int
    """Of the last 3 months; ``contacts_before``: of the 9 before."""
    share_recent: float | None
    contacts_before: int
    share_before: float | None
    losing_gp: LeavingReason | None
    last_day: date | None
    not_most_seen: bool
    """Another clinician was seen more often than the named GP in 24 months."""


@dataclass(frozen=True)
class PresetCount:
    """How many patients a preset holds; ``proxy`` says what stood in for a missing code list."""

    name: str
    title: str
    patients: int
    proxy: str | None
    checked_by: str
    date_next_review: date


@dataclass(frozen=True)
class Worklist:
    """Patients with high need whom their own team sees little."""

    practice_id: str
    name: str
    day: date
    level: WorklistLevel
    presets: tuple[PresetCount, ...]
    rows: tuple[WorklistRow, ...]
    notes: tuple[str, ...] = ()

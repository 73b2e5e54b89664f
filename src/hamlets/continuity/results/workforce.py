"""Who was working: people, sessions, the week, the load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hamlets.continuity.results.estimates import Period

HALF_DAYS = ("am", "pm", "evening")
"""Before 13:00; 13:00 to 18:30; after."""

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class WeekCell:
    """One half-day of the usual week: GPs at work, and in how many weeks at least one was."""

    weekday: int
    """0 = Monday."""
    half: str
    usual: int
    """GPs in the most common pattern of the last 13 weeks."""
    covered_weeks: int
    weeks: int


@dataclass(frozen=True)
class WeekRow:
    """A team's (or the practice's) week. ``label`` is the team's name, "" for the practice."""

    label: str
    cells: tuple[WeekCell, ...]
    covered_weekdays: tuple[bool, ...]
    """Monday to Friday: a GP session in 80 in 100 of the last 13 weeks or more."""


@dataclass(frozen=True)
class PersonRow:
    """One member of staff with contacts or sessions in the period."""

    staff_id: str
    name: str
    role: str
    contract: str
    sessions_per_week: float | None
    half_days_worked: int
    days_worked: int
    patients: int | None
    """Patients on the list; None for those who hold none."""
    contacts: int
    contacts_per_session: float | None


@dataclass(frozen=True)
class Load:
    """Contacts that a clinician gave in a day, over the clinician-days of the period."""

    clinician_days: int
    median: float | None
    centile_90: float | None
    share_over_25: float | None


@dataclass(frozen=True)
class WorkforceUnit:
    """The workforce of a practice, or of one of its teams."""

    practice_id: str
    team_id: str | None
    name: str
    headcount: int
    headcount_gps: int
    sessions_per_week: float | None
    sessions_per_week_gps: float | None
    full_time_equivalent: float | None
    full_time_equivalent_gps: float | None
    contracts: tuple[tuple[str, int], ...]
    """GPs by contract."""
    share_sessional: float | None
    """GPs who are salaried, locum or retainer, of those whose contract is known."""
    share_below_6_sessions: float | None
    weekdays_covered: int
    patients: int
    patients_per_session: float | None
    """Registered patients to each weekly GP session."""
    contacts_per_session: float | None
    """GP contacts in the period to each GP session worked in it."""
    overlap: float | None
    """Share of GP contacts that fell in half-days when the named GP had a session."""
    load: Load


@dataclass(frozen=True)
class Workforce:
    """The workforce of one practice: itself, its teams, its week, its people A to Z."""

    period: Period
    practice: WorkforceUnit
    teams: tuple[WorkforceUnit, ...]
    week: tuple[WeekRow, ...]
    people: tuple[PersonRow, ...]
    rota: Literal["given", "inferred"]
    staff_given: bool
    definition_version: str = ""

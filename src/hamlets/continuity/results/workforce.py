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
    """GPs in the most common pattern of the last 13 weeks (of fewer where there are no more)."""
    covered_weeks: int
    weeks: int


@dataclass(frozen=True)
class WeekRow:
    """A team's (or the practice's) week. ``label`` is the team's name, "" for the practice."""

    label: str
    cells: tuple[WeekCell, ...]
    covered_weekdays: tuple[bool, ...]
    """Monday to Friday: a GP session in 80 in 100 of the last 13 weeks or more.

    Empty where the period has fewer than 13 weeks without a bank holiday.
    """


@dataclass(frozen=True)
class PersonRow:
    """One member of staff with contacts or sessions in the period."""

    staff_id: str
    """Of the role record that the person holds here; without one, as in the contacts."""
    name: str
    role: str
    contract: str
    sessions_per_week: float | None
    half_days_worked: int
    """In the period, by the rota; each morning, afternoon or evening is one."""
    days_worked: int
    """Days of the period with a half-day by the rota, or with a contact."""
    patients: int | None
    """Patients on the list; None for those who hold none."""
    contacts: int
    contacts_per_session: float | None
    sessions_from_rota: bool = False
    """The staff list has no sessions for this person: half-days to each week worked."""
    left: bool = False
    """Not on the staff list on the period's last day: in no headcount, in no sessions a week."""
    person_id: str = ""
    """What measures call the person: one for all their role records."""


@dataclass(frozen=True)
class Load:
    """Contacts that a GP gave in a day, over the days on which each GP gave any.

    Where no role is known, of all clinicians. The centile is the nearest rank.
    """

    clinician_days: int
    median: float | None
    centile_90: float | None
    share_over_25: float | None


@dataclass(frozen=True)
class WorkforceUnit:
    """The workforce of a practice, or of one of its teams, on the period's last day."""

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
    weekdays_covered: int | None
    patients: int
    patients_per_session: float | None
    """Registered patients to each weekly GP session."""
    contacts_per_session: float | None
    """GP contacts in the period to each GP session worked in it."""
    overlap: float | None
    """Share of GP contacts that fell in half-days when the named GP had a session."""
    load: Load
    sessions_from_rota: int = 0
    """People whose sessions a week come from the rota, because the staff list has none."""
    gps_with_sessions: int = 0
    """GPs whose sessions a week are known: what ``share_below_6_sessions`` is a share of."""
    own_gp_half_days: float | None = None
    """Share of the last 13 weeks' mornings and afternoons, Monday to Friday, in which a
    patient's named GP had a session here: the mean over patients with a named GP."""
    reason: str | None = None
    """Why values are None, as a sentence."""


@dataclass(frozen=True)
class Workforce:
    """The workforce of one practice: itself, its teams, its week, its people A to Z.

    The first row of ``week`` is the practice. All rows have the same cells: mornings and
    afternoons of Monday to Friday, and other half-days where anyone works in them.
    """

    period: Period
    practice: WorkforceUnit
    teams: tuple[WorkforceUnit, ...]
    week: tuple[WeekRow, ...]
    people: tuple[PersonRow, ...]
    rota: Literal["given", "inferred"]
    staff_given: bool
    roles_known: bool = True
    """Where no role is known, every clinician is counted as a GP."""
    session_basis: int = 9
    """Sessions a week that make one full-time equivalent."""
    definition_version: str = ""
    teams_ended: int = 0
    """Teams of the period without a member on its last day: they have no row."""

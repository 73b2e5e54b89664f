"""What an audit of the time before an event says: cases, controls and the case list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from hamlets.continuity.results.estimates import Period

AUDIT_MEASURES = (
    "gps",
    "clinicians",
    "contacts",
    "handovers",
    "upc",
    "upc_team",
    "symptom_days",
)
"""Numbers of an audit, one a patient: different GPs, different clinicians of any role,
contacts with GPs, changes from one GP to another between consecutive contacts, share with the
GP seen most, the same at team level, days from the first contact with a symptom code."""

MOST_GPS = 12
"""The last column of the distribution stands for this many different GPs or more."""

AuditGroupName = Literal["cases", "controls", "controls_matched"]


@dataclass(frozen=True)
class AuditMean:
    """The mean of one number over the patients for whom it is defined."""

    measure: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    n_patients: int = 0
    chance: float | None = None
    """Mean E[M] at each patient's number of contacts; for ``gps`` alone."""
    without_zeros: float | None = None
    """The mean over patients with at least one contact; for counts of people and contacts."""
    reason: str | None = None


@dataclass(frozen=True)
class AuditGroup:
    """The cases, or one of the two sets of controls.

    ``distribution`` counts patients by different GPs seen: none, 1, 2, ... 12 or more.
    """

    name: AuditGroupName
    n_patients: int
    n_without_contacts: int
    means: tuple[AuditMean, ...]
    distribution: tuple[int, ...]
    modes: tuple[tuple[str, int], ...] = ()

    def mean(self, measure: str) -> AuditMean:
        """Return the mean of one measure; KeyError if the audit has no such measure."""
        for mean in self.means:
            if mean.measure == measure:
                return mean
        raise KeyError(measure)


@dataclass(frozen=True)
class AuditContact:
    """One contact of a case's strip. ``step`` is a kind of contact, or "unknown"."""

    day: date
    days_before: int
    step: str
    mode: str
    role: str


@dataclass(frozen=True)
class AuditCase:
    """One case, for reading inside the practice only. ``number`` follows the date of event."""

    number: int
    patient_id: str
    practice_id: str
    event_date: date
    age_band: str
    contacts: int
    gps: int
    clinicians: int
    handovers: int
    own_team: int | None
    """Contacts with the own team (own GP, buddy or team); None without named GPs and teams."""
    upc: float | None
    symptom_days: int | None
    strip: tuple[AuditContact, ...] = ()


@dataclass(frozen=True)
class Audit:
    """One audit. ``groups`` holds the cases, then the controls, then those matched on contacts.

    ``not_registered`` counts patients with the event who were not registered all the days
    before it; ``without_control`` counts the cases for whom no control was found.
    """

    event: str
    period: Period
    look_back_days: int
    groups: tuple[AuditGroup, ...]
    n_events: int
    not_registered: int
    without_control: int
    without_matched_control: int = 0
    symptoms: bool = False
    cases: tuple[AuditCase, ...] = ()
    practice_id: str | None = None
    """The practice it is about; None for all practices of the store together."""
    roles: str = "gp"
    seed: int = 0
    notes: tuple[str, ...] = ()
    """What must be read beside the numbers, as sentences."""
    definition_version: str = ""

    def group(self, name: AuditGroupName) -> AuditGroup:
        """Return the cases or a set of controls."""
        return next(group for group in self.groups if group.name == name)

"""Named-GP health: who has an eligible named GP, and what needs putting right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from hamlets.continuity.results.estimates import Estimate

NAMED_GP_PROBLEMS = (
    "none",
    "left",
    "not_gp",
    "registrar_or_locum",
    "unknown_staff",
)
"""Why a patient has no eligible named GP on the day: nobody is named; the person has left; is
not a GP; is a registrar or locum; is not in the practice's staff list, or stands there without a
role. The first that holds counts."""

NAMED_GP_WARNINGS = (
    "not_seen_24_months",
    "not_most_seen",
    "new_unnoticed",
    "replaced",
    "replaced_earlier",
)
"""Worth a look although someone may be named; several can hold: the patient has contacts but none
with the named GP in 24 months; saw another person more often in 24 months; registered over 21 days
and under a year ago, and nobody was named in the first 21 days; was given another named GP in the
last 21 days, and is to be told; or 22 to 90 days ago, and should have been told."""

Missing = Literal[
    "no_staff_list",
    "no_roles",
    "as_at_extract",
    "no_registration_dates",
    "unregistered",
    "nobody_named",
    "after_records",
    "short_records",
]
"""What the records do not say: no staff list of the practice; no role anywhere; named GPs without
dates; no first day of registration; people seen here whose registration nobody knows; no named GP
for anyone of the practice; the day lies after the records' last contact; they do not reach back
24 months from it."""


@dataclass(frozen=True)
class NamedGpCount:
    """Patients with one finding. ``share`` is of all registered patients.

    Both are None where the records cannot tell.
    """

    finding: str
    patients: int | None
    share: float | None


@dataclass(frozen=True)
class NamedGpList:
    """One named person, for inside the practice: patients, and what delivered continuity is."""

    staff_id: str
    name: str
    patients: int
    eligible: bool
    problem: str | None
    slicc: Estimate | None


@dataclass(frozen=True)
class Correction:
    """One patient whose named GP should be looked at. ``suggested`` is an eligible GP or None."""

    patient_id: str
    practice_id: str
    named_staff_id: str | None
    named_name: str | None
    findings: tuple[str, ...]
    suggested_staff_id: str | None
    suggested_name: str | None
    suggested_why: Literal["most_seen", "household", "none"]
    contacts_with_suggested: int
    contacts: int
    """GP contacts in 24 months."""
    tell_by: date | None = None
    """Day by which the patient is to be told of a replacement (21 days after the change)."""


@dataclass(frozen=True)
class NamedGpHealth:
    """The state of the named-GP field of one practice on a day, beside what it delivered."""

    practice_id: str
    name: str
    day: date
    registered: int
    eligible: int
    problems: tuple[NamedGpCount, ...]
    warnings: tuple[NamedGpCount, ...]
    slicc: Estimate | None
    """Own-GP share of the last 12 months: naming alone does nothing."""
    lists: tuple[NamedGpList, ...]
    corrections: tuple[Correction, ...] = ()
    missing: tuple[Missing, ...] = ()
    unregistered: int = 0
    """People with a contact here in 24 months whose registration is not known: in no count."""
    definition_version: str = ""

    @property
    def coverage(self) -> float | None:
        """Share of registered patients with an eligible named GP; None without patients."""
        return self.eligible / self.registered if self.registered else None

    def count(self, finding: str) -> int | None:
        """Return the patients with one finding; None where the records cannot tell."""
        return next(c.patients for c in (*self.problems, *self.warnings) if c.finding == finding)

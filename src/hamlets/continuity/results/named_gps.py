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
not a GP; is a registrar or locum; is not in the staff list. The first that holds counts."""

NAMED_GP_WARNINGS = ("not_seen_24_months", "not_most_seen", "new_unnoticed", "replaced")
"""Worth a look although someone is named: the patient has contacts but none with the named GP in
24 months; sees another GP most; was registered over 21 days ago and first named after more than
21 days, or not yet; has had another named GP put in place lately and is to be told."""


@dataclass(frozen=True)
class NamedGpCount:
    """Patients with one finding. ``share`` is of all registered patients."""

    finding: str
    patients: int
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
    findings: tuple[str, ...]
    suggested_staff_id: str | None
    suggested_why: Literal["most_seen", "household", "none"]
    contacts_with_suggested: int
    contacts: int
    tell_by: date | None = None
    """Day by which the patient is to be told of a named GP (21 days after the change)."""


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
    definition_version: str = ""

    @property
    def coverage(self) -> float | None:
        """Share of registered patients with an eligible named GP; None without patients."""
        return self.eligible / self.registered if self.registered else None

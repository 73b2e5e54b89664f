"""Cohorts: how many, how much they come, how much continuity they have now."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.continuity.results.estimates import Estimate, Period


@dataclass(frozen=True)
class CohortRow:
    """One cohort of one practice (or of the whole scope); cohorts may overlap.

    ``expected_gain`` is own-GP contacts a year that the rota would allow beyond those
    recorded if this cohort alone were booked again, per 100 patients of it; None until
    ``hamlets.teams.with_expected_gains`` works it out.
    """

    cohort: str
    practice_id: str | None
    n_patients: int | None
    """None where the records cannot say who is in it."""
    n_contacts: int | None
    """None also where the records do not cover the 12 months."""
    contacts_per_patient_year: float | None
    estimates: tuple[Estimate, ...]
    """slicc and upc, and both at team level where teams are known."""
    expected_gain: float | None = None
    slots_displaced: int | None = None
    """Contacts of the cohort that would have another slot than they had, for that gain."""
    reason: str | None = None
    """Why values are None, as sentences."""


@dataclass(frozen=True)
class Cohorts:
    """Every cohort at the last day of ``period``."""

    period: Period
    rows: tuple[CohortRow, ...]
    definition_version: str = ""
    notes: tuple[str, ...] = ()
    """What must be read beside the expected gains."""

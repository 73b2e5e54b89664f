"""What a scenario of scale is shown from: inputs with their sources, outcomes, what moves them.

A transparent model, not a forecast: each outcome is a sum that a reader can do again from the
inputs beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OutcomeKey = Literal[
    "patients_per_site",
    "continuity",
    "services_viable",
    "weekly_clinics",
    "fixed_cost",
    "running_cost",
    "cost_per_patient",
    "decision_weeks",
    "settling_months",
]
OUTCOMES: tuple[OutcomeKey, ...] = (
    "patients_per_site",
    "continuity",
    "services_viable",
    "weekly_clinics",
    "fixed_cost",
    "running_cost",
    "cost_per_patient",
    "decision_weeks",
    "settling_months",
)
DRAWN: tuple[OutcomeKey, ...] = ("cost_per_patient", "continuity", "weekly_clinics")
"""Outcomes whose sensitivity is shown."""


@dataclass(frozen=True)
class ScaleInput:
    """One number that goes in, the range it may have, and where it is from."""

    key: str
    title: str
    value: float
    low: float
    high: float
    unit: str
    kind: Literal["published", "assumption"]
    source: str
    date: str
    """Year or year and month of the source; of an assumption, when it was made."""


@dataclass(frozen=True)
class ServiceScale:
    """How many clinics of a service a population fills."""

    service_id: str
    title: str
    critical_mass: float
    """Patients who fill one clinic a week."""
    clinics: float
    """Clinics a week that the patients fill: patients / critical mass."""
    viable: bool
    """They fill one weekly clinic to the least fill at least."""


@dataclass(frozen=True)
class Swing:
    """What an outcome becomes when one input moves through its range, all others kept."""

    key: str
    title: str
    unit: str
    low_input: float
    high_input: float
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """By how much the outcome differs between the ends."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Scenario:
    """One organisation in the model."""

    name: str
    title: str
    model: str
    """network, federation, super_partnership or multi_practice."""
    team_model: str
    facts: tuple[tuple[str, str], ...]
    """(heading, what was published of it)."""
    facts_source: str
    inputs: tuple[ScaleInput, ...]
    services: tuple[ServiceScale, ...]
    outcomes: Mapping[OutcomeKey, float]
    swings: Mapping[OutcomeKey, tuple[Swing, ...]]
    """Of the outcomes that are drawn, the widest swing first; those without any are left out."""


@dataclass(frozen=True)
class Scales:
    """Scenarios side by side."""

    scenarios: tuple[Scenario, ...]

    @property
    def names_real_ones(self) -> bool:
        """Whether any scenario is about an organisation of which something was published."""
        return any(each.facts_source for each in self.scenarios)

"""The model of scale: nine sums over named numbers. Nothing is estimated here.

Critical mass of a service: the patients who fill one clinic a week,
    1,000 x slots of a clinic x weeks a year / contacts a year of 1,000 patients.
Continuity falls in a straight line from the value of small sites to that of large ones, and
is flat beyond; a team model adds its gain. Costs are posts, other fixed costs, running costs
a patient and hours of meetings. A decision takes its own weeks and some for each further
organisation that must agree; practices that join are turned round some at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from hamlets.networks.results.scale import OutcomeKey, ServiceScale

Values = Mapping[str, float]

INPUTS: tuple[str, ...] = (
    "patients",
    "sites",
    "deciders",
    "central_posts",
    "cost_per_post",
    "other_fixed",
    "running_per_patient",
    "meeting_hours",
    "meeting_rate",
    "weeks_to_decide",
    "weeks_per_decider",
    "joining_practices",
    "joining_at_once",
    "turnaround_months",
    "continuity_small",
    "continuity_large",
    "small_site",
    "large_site",
    "team_gain",
    "clinic_weeks",
    "least_fill",
)
"""Inputs of every scenario; each service adds its contacts and its slots."""


def contacts_key(service: str) -> str:
    """Return the input that says how many contacts a year 1,000 patients have with a service."""
    return f"{service}.contacts_per_1000"


def slots_key(service: str) -> str:
    """Return the input that says how many patients one clinic sees."""
    return f"{service}.slots"


def critical_mass(values: Values, service: str) -> float:
    """Return the patients who fill one clinic a week."""
    a_year = values[slots_key(service)] * values["clinic_weeks"]
    return 1000 * a_year / values[contacts_key(service)]


def service_scale(values: Values, service: str, title: str) -> ServiceScale:
    """Return how many clinics a week the patients fill."""
    needed = critical_mass(values, service)
    clinics = values["patients"] / needed
    return ServiceScale(service, title, needed, clinics, clinics >= values["least_fill"])


def continuity(values: Values) -> float:
    """Return the share of contacts with the GP seen most, by the patients of a site."""
    per_site = values["patients"] / values["sites"]
    small, large = values["small_site"], values["large_site"]
    along = min(1.0, max(0.0, (per_site - small) / (large - small)))
    base = values["continuity_small"] + along * (
        values["continuity_large"] - values["continuity_small"]
    )
    return min(1.0, max(0.0, base + values["team_gain"]))


def evaluate(values: Values, services: Sequence[str]) -> dict[OutcomeKey, float]:
    """Return every outcome of a scenario."""
    scales = [service_scale(values, service, service) for service in services]
    fixed = values["central_posts"] * values["cost_per_post"] + values["other_fixed"]
    meetings = values["sites"] * values["meeting_hours"] * values["meeting_rate"]
    running = values["running_per_patient"] * values["patients"] + meetings
    rounds = ceil(values["joining_practices"] / values["joining_at_once"])
    return {
        "patients_per_site": values["patients"] / values["sites"],
        "continuity": continuity(values),
        "services_viable": float(sum(scale.viable for scale in scales)),
        "weekly_clinics": sum(scale.clinics for scale in scales),
        "fixed_cost": fixed,
        "running_cost": running,
        "cost_per_patient": (fixed + running) / values["patients"],
        "decision_weeks": values["weeks_to_decide"]
        + values["weeks_per_decider"] * (values["deciders"] - 1),
        "settling_months": rounds * values["turnaround_months"],
    }

"""Scenarios of scale for programs: plain values."""

from __future__ import annotations

from typing import Any

from hamlets.networks.results import Scales, Scenario
from hamlets.publish.scale_words import said


def scales_json(scales: Scales) -> dict[str, Any]:
    """Return scenarios as plain values; money is in pounds, shares are fractions of 1."""
    return {
        "model": said("page.model"),
        "caveat": said("page.real") if scales.names_real_ones else None,
        "scenarios": [scenario_json(each) for each in scales.scenarios],
    }


def scenario_json(scenario: Scenario) -> dict[str, Any]:
    """Return one scenario with its inputs, outcomes, services and swings."""
    return {
        "name": scenario.name,
        "title": scenario.title,
        "model": scenario.model,
        "team_model": scenario.team_model,
        "facts": dict(scenario.facts),
        "facts_source": scenario.facts_source,
        "outcomes": dict(scenario.outcomes),
        "services": [
            {
                "service_id": each.service_id,
                "title": each.title,
                "patients_for_weekly_clinic": each.critical_mass,
                "clinics_a_week": each.clinics,
                "viable": each.viable,
            }
            for each in scenario.services
        ],
        "inputs": [vars(each) for each in scenario.inputs],
        "tornado": {
            outcome: [
                {
                    "input": swing.key,
                    "title": swing.title,
                    "low_input": swing.low_input,
                    "high_input": swing.high_input,
                    "at_low": swing.at_low,
                    "at_high": swing.at_high,
                }
                for swing in swings
            ]
            for outcome, swings in scenario.swings.items()
        },
    }

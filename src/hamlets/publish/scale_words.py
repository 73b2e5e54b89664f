"""What is said of scenarios of scale: the words, and how each outcome and input is written."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from hamlets.networks.results import OUTCOMES, OutcomeKey, ScaleInput, Scenario, Swing
from hamlets.publish import numbers
from hamlets.publish.strings import read_words
from hamlets.publish.svg import plain


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("scale_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


def outcome_words(key: OutcomeKey, value: float, services: int) -> str:
    """Return an outcome as it is read: "£5.76", "66 in 100", "4 of 5"."""
    match key:
        case "continuity":
            return numbers.in_100(value)
        case "cost_per_patient":
            return said("unit.pounds", n=f"{value:,.2f}")
        case "fixed_cost" | "running_cost":
            return said("unit.pounds", n=f"{value:,.0f}")
        case "services_viable":
            return said("unit.of_services", n=f"{value:g}", all=services)
        case "decision_weeks":
            return said("unit.weeks", n=_short(value))
        case "settling_months":
            return said("unit.months", n=_short(value)) if value else said("unit.months_none")
        case "patients_per_site":
            return f"{value:,.0f}"
        case "weekly_clinics":
            return _short(value)


def outcomes_of(scenario: Scenario) -> list[tuple[OutcomeKey, str]]:
    """Return every outcome of a scenario with its words."""
    many = len(scenario.services)
    return [(key, outcome_words(key, scenario.outcomes[key], many)) for key in OUTCOMES]


def input_value(value: float, unit: str) -> str:
    """Return an input as it is read: "34,000 patients", "£45,000 a year", "0.7"."""
    if unit.startswith("pounds"):
        rest = unit.removeprefix("pounds")
        pence = f"{value:,.2f}" if value != int(value) else f"{value:,.0f}"
        return said("unit.pounds", n=pence) + rest
    if unit == "share":
        return numbers.in_100(value)
    return said("unit.with_unit", n=_short(value), unit=unit)


def input_range(given: ScaleInput) -> str:
    """Return the range of an input, or "none"."""
    if given.low == given.high:
        return said("page.none")
    low, high = (input_value(end, given.unit) for end in (given.low, given.high))
    return said("unit.from_to", low=low, high=high)


def _short(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:,.0f}"


def swing_alternative(key: OutcomeKey, swings: Sequence[Swing]) -> str:
    """Return a drawing of swings in words."""
    parts = " ".join(
        said(
            "page.swing_part",
            input=plain(swing.title),
            at_low=outcome_words(key, swing.at_low, 0),
            low=input_value(swing.low_input, swing.unit),
            at_high=outcome_words(key, swing.at_high, 0),
            high=input_value(swing.high_input, swing.unit),
        )
        for swing in swings
    )
    return said("page.swing_alternative", n=len(swings), parts=parts)

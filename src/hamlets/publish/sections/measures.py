"""How measures are named and how their values are written."""

from __future__ import annotations

from hamlets.continuity.results import ContinuityReport, Estimate
from hamlets.publish import numbers
from hamlets.publish.strings import known, text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell


def key(estimate: Estimate) -> str:
    """Return the measure's key in the wording: "slicc", "slicc_team"."""
    at_level = f"{estimate.measure}_{estimate.level}"
    return at_level if known(f"measure.{at_level}.name") else estimate.measure


def name(estimate: Estimate) -> str:
    """Return the measure's everyday name."""
    return text(f"measure.{key(estimate)}.name")


def is_count(estimate: Estimate) -> bool:
    """Return whether the value is a number of people, not a share."""
    return estimate.measure == "clinicians"


def contacts_word(report: ContinuityReport) -> str:
    """Return "GP contacts", or "contacts" where other staff count too."""
    gp_only = report.given.roles and report.options.roles == "gp"
    return text("lead.contacts_gp" if gp_only else "lead.contacts_any")


def place(report: ContinuityReport) -> str:
    """Return the place's name, as it may stand in a sentence."""
    if report.place.practices > 1:
        return text("page.place_many", n=report.place.practices)
    return plain(report.place.name) or text("page.place_unnamed")


def per_patient(estimate: Estimate) -> bool:
    """Return whether the value is an average over patients."""
    return estimate.measure not in ("slicc", "opr", "same_as_previous")


def too_wide(estimate: Estimate) -> bool:
    """Return whether only the range may be shown."""
    return not is_count(estimate) and numbers.too_wide(estimate.lower, estimate.upper)


def value_cell(estimate: Estimate) -> Cell:
    """Return the value for a table, or a dash and the reason."""
    if estimate.value is None:
        return Cell(numbers.percent(None), estimate.reason)
    if is_count(estimate):
        return Cell(numbers.one_decimal(estimate.value))
    if too_wide(estimate):
        return Cell(numbers.percent(None), text("card.too_few"))
    return Cell(numbers.percent(estimate.value))


def range_cell(estimate: Estimate) -> Cell:
    """Return the range for a table."""
    if is_count(estimate) and estimate.lower is not None and estimate.upper is not None:
        low, high = numbers.one_decimal_range(estimate.lower, estimate.upper)
        return Cell(f"{low} to {high}")
    return Cell(numbers.range_to(estimate.lower, estimate.upper))


def ceiling_cell(estimate: Estimate) -> Cell:
    """Return what the rota allows for a table."""
    return Cell(numbers.percent(estimate.ceiling))


def window(report: ContinuityReport) -> str | None:
    """Return the sentence that names the window of the ceiling; None without a ceiling."""
    allows = report.rota_allows
    if allows is None:
        return None
    days = 2 if allows.window == "week" else allows.working_days
    return text(f"standard.window_{allows.window}", n=days)


def chance_cell(estimate: Estimate) -> Cell:
    """Return the chance level for a table."""
    if estimate.chance is not None and is_count(estimate):
        return Cell(numbers.one_decimal(estimate.chance))
    return Cell(numbers.percent(estimate.chance))

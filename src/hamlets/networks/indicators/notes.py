"""What must be said beside figures: of networks that are not known, of practices with nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hamlets.networks.indicators.definition import Indicator
from hamlets.networks.indicators.periods import Period
from hamlets.networks.membership import Membership
from hamlets.networks.results.indicators import IndicatorRow


def membership_notes(membership: Membership, rows: Sequence[IndicatorRow]) -> list[str]:
    """Return what is not known of the networks of these rows' practices."""
    practices = {r.practice_id for r in rows if r.practice_id is not None}
    without = {r.practice_id for r in rows if r.level == "practice" and r.network_id is None}
    notes: list[str] = []
    undated = practices & membership.undated
    if undated:
        notes.append(
            f"Of {len(undated):,} practices only the present network is known: it is taken for"
            " every month."
        )
    if without:
        notes.append(
            "One practice is in no network: it counts for everyone only."
            if len(without) == 1
            else f"{len(without):,} practices are in no network: they count for everyone only."
        )
    return notes


def nobody_notes(indicators: Sequence[Indicator], rows: Sequence[IndicatorRow]) -> list[str]:
    """Return, of counts handed over, in which practices nobody should have been reached."""
    notes: list[str] = []
    for one in indicators:
        nobody = sorted(
            {
                row.practice_id
                for row in rows
                # counts made here have an initial population: that says it
                if row.indicator_id == one.id
                and row.practice_id
                and row.denominator == 0
                and row.initial_population is None
            }
        )
        if nobody:
            more = f" and {len(nobody) - 5:,} others" if len(nobody) > 5 else ""
            notes.append(
                f"{one.info.title}: nobody is in the denominator of {', '.join(nobody[:5])}{more}."
                " They are in no average."
            )
    return notes


def covered(periods: Sequence[Period], last_day: date | None, notes: list[str]) -> list[Period]:
    """Return the periods that records reach into; say where they end within one, or before it.

    A period that begins after the last contact would count nothing and say 0.
    """
    if last_day is None:
        return list(periods)
    kept = [period for period in periods if period.start <= last_day]
    if len(kept) < len(periods):
        notes.append(f"Contacts end on {last_day}: there are no figures for later days.")
    if kept and kept[-1].end > last_day:
        notes.append(
            f"Contacts end on {last_day}, and the last period goes on to {kept[-1].end}: its"
            " figures are too low if the other records end there too."
        )
    return kept


def nobody_anywhere(indicator: Indicator, period: Period | None) -> str:
    """Return what is said of an indicator that nobody anywhere comes under."""
    days = "" if period is None else f" from {period.start} to {period.end}"
    return f"{indicator.info.title}: no figures{days}, since there is nobody to count."


def by_contact(patients: int) -> str:
    """Return what is said of patients of whom no registration is known."""
    return (
        f"Of {patients:,} patients no registration is known: they count with the practice of"
        " their last contact, as registered there throughout."
    )

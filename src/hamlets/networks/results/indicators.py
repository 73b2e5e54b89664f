"""What indicators of networks are shown from: plain, frozen data.

A rate is the number out of ``per`` (100 or 1,000). ``numerator`` and ``denominator`` are exact
where both were counted; of published percentages only the rate is known, and of means of
patients (UPC) there is no numerator. Dates are inclusive; a value not defined is None, and
``reason`` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Package = Literal[
    "diabetes",
    "copd",
    "cvd",
    "immunisation",
    "end_of_life",
    "drugs_alcohol",
    "utilisation",
    "access",
    "continuity",
    "medicines",
    "lifestyle",
]
Level = Literal["practice", "network", "all"]
Position = Literal["inside", "above_95", "below_95", "above_998", "below_998"]
"""Where a rate lies against the funnel's limits; ``above_998`` is beyond both."""
CentreIs = Literal["target", "all"]
"""What a funnel is drawn around: the standard, or the rate of the borough or nation."""


@dataclass(frozen=True)
class IndicatorInfo:
    """What an indicator counts and who stands for it."""

    indicator_id: str
    title: str
    package: Package
    version: int
    per: int
    direction: Literal["higher", "lower"]
    counted: Literal["patients", "events", "contacts", "mean", "published"]
    """What a rate is made of; ``mean`` is a mean of patients' shares."""
    target: Decimal | None
    lower_threshold: Decimal | None
    upper_threshold: Decimal | None
    window_months: int | None
    source: str
    checked_by: str
    next_review: date
    meaning: str
    notes: tuple[str, ...] = ()
    group_is: str | None = None
    """What ``group`` of a row says (specialty), where an indicator has groups."""


@dataclass(frozen=True)
class Funnel:
    """Limits within which luck alone would leave 95 and 99.8 of 100 practices of this size."""

    centre: float
    centre_is: CentreIs
    lower_95: float
    upper_95: float
    lower_998: float
    upper_998: float
    position: Position


@dataclass(frozen=True)
class FunnelCurve:
    """The limits of a funnel by size of practice, to be drawn; all of one length."""

    indicator_id: str
    period_end: date | None
    centre: float
    centre_is: CentreIs
    sizes: tuple[int, ...]
    lower_95: tuple[float, ...]
    upper_95: tuple[float, ...]
    lower_998: tuple[float, ...]
    upper_998: tuple[float, ...]


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator of one place and period."""

    indicator_id: str
    level: Level
    practice_id: str | None
    name: str | None
    network_id: str | None
    period_start: date | None
    """None where the source does not say which days it is about."""
    period_end: date | None
    group: str | None = None
    initial_population: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    """After exclusions and exceptions."""
    exclusions: int | None = None
    exceptions: int | None = None
    rate: float | None = None
    lower: float | None = None
    upper: float | None = None
    standardised: float | None = None
    """Rate with the ages and sexes of everyone counted (indirect)."""
    funnel: Funnel | None = None
    reached: bool | None = None
    """Whether the standard is reached, by exact fractions; None without a standard."""
    still_to_reach: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class AveragesRow:
    """The three averages of one network, each with whether the standard is reached.

    ``to_reach_...`` are the fewest patients more that would reach it by that rule; None where
    there is no standard or fewer are wanted.
    """

    indicator_id: str
    network_id: str | None
    name: str | None
    period_start: date | None
    """None where the source does not say which days it is about."""
    period_end: date | None
    group: str | None
    mean: float | None
    pooled: float | None
    minimum: float | None
    practices: int
    """K: practices with anyone in the denominator."""
    without_patients: int
    practices_reaching: int | None
    mean_reached: bool | None
    pooled_reached: bool | None
    minimum_reached: bool | None
    to_reach_mean: int | None = None
    to_reach_pooled: int | None = None
    to_reach_minimum: int | None = None
    estimated_weights: bool = False
    """Pooled with sizes worked out from published percentages, not counted."""

    @property
    def agree(self) -> bool | None:
        """Return whether all three say the same of the standard; None without one."""
        said = {self.mean_reached, self.pooled_reached, self.minimum_reached}
        return None if None in said else len(said) == 1


@dataclass(frozen=True)
class CaseMix:
    """Who a practice's patients are, so that nobody compares shares without it."""

    practice_id: str
    patients: int
    most_deprived: float | None
    """Share in deprivation deciles 1 and 2, of those with one."""
    over_65: float | None
    under_5: float | None
    homeless_practice: bool | None
    """None where nobody has said."""


@dataclass(frozen=True)
class IndicatorResults:
    """Indicators of some practices, their networks and everyone counted."""

    indicators: tuple[IndicatorInfo, ...]
    rows: tuple[IndicatorRow, ...]
    averages: tuple[AveragesRow, ...]
    case_mix: tuple[CaseMix, ...]
    notes: tuple[str, ...]
    invented: bool
    content_id: str | None
    store_version: int | None
    registry: str
    """Version of the definitions: a hash of them."""
    curves: tuple[FunnelCurve, ...] = ()

    def curve(self, indicator_id: str, period_end: date | None) -> FunnelCurve | None:
        """Return the limits to draw for an indicator and period, if it has any."""
        for one in self.curves:
            if one.indicator_id == indicator_id and one.period_end == period_end:
                return one
        return None

    def info(self, indicator_id: str) -> IndicatorInfo:
        """Return the indicator of that id; KeyError if there is none."""
        for one in self.indicators:
            if one.indicator_id == indicator_id:
                return one
        raise KeyError(indicator_id)

"""The continuity report as data: estimates, headlines, trend, lists, groups, counting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from hamlets.continuity.results.audits import Audit
from hamlets.continuity.results.estimates import Estimate, Period
from hamlets.continuity.results.workforce import Workforce

Outside = Literal["higher", "lower", "no"]
Signal = Literal["too_few", "higher", "lower", "risen", "fallen", "high_month", "low_month", "none"]

STEPS = ("own", "buddy", "team", "practice", "locum", "hub")
"""Kinds of contact in the order in which "Who patients saw" shows them."""


@dataclass(frozen=True)
class Change:
    """The last full month minus the one before, with the interval of that difference."""

    before: date
    after: date
    difference: float
    lower: float
    upper: float

    @property
    def clear(self) -> bool:
        """True where the interval leaves no room for "no change"."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True)
class Headline:
    """A headline card: the estimate, how it moved, and over which days.

    ``n_staff`` counts the clinicians behind it where the measure is one of clinicians.
    """

    estimate: Estimate
    period: Period
    change: Change | None = None
    n_staff: int | None = None
    earlier: Estimate | None = None
    """The same figure over the period before, of the same length, where the data reach."""


@dataclass(frozen=True)
class Month:
    """One full calendar month of the trend. ``start`` is its first day."""

    start: date
    estimate: Estimate
    marked: bool = False


@dataclass(frozen=True)
class Trend:
    """Full months in order, and what the rules of change say about them."""

    months: tuple[Month, ...]
    signal: Signal
    since: date | None = None
    """First month of the run, or the unusual month."""
    n_contacts: int | None = None
    """Contacts of all months; None: the sum of the months' own."""


@dataclass(frozen=True)
class Waterfall:
    """Contacts by kind of clinician; ``counts`` follows STEPS."""

    counts: tuple[int, ...]
    months: tuple[tuple[date, tuple[int, ...]], ...] = ()
    parts: tuple[int, ...] = ()
    """Out of 100, where they are not to be worked out from the counts: in a published form."""
    whole: int | None = None
    """The total in a published form, where the counts are rounded or left out."""

    @property
    def total(self) -> int:
        """Number of contacts that are split up."""
        return sum(self.counts) if self.whole is None else self.whole


@dataclass(frozen=True)
class ListRow:
    """One GP's list. ``days_worked`` counts days with at least one counted contact."""

    staff_id: str
    name: str
    patients: int | None
    sessions_per_week: float | None
    days_worked: int
    estimate: Estimate
    own_patients: Estimate | None
    outside: Outside = "no"


@dataclass(frozen=True)
class GroupRow:
    """One group of patients."""

    label: str
    estimate: Estimate
    outside: Outside = "no"


@dataclass(frozen=True)
class GroupFactor:
    """Patients split by one property, in its natural order."""

    factor: str
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True)
class CountLine:
    """Rows that one rule took away. ``reason`` is a key of the report's wording."""

    reason: str
    rows: int


@dataclass(frozen=True)
class Counting:
    """The sum that shows what was not counted: start - lines = counted.

    ``from_load`` is True where the sum starts at the rows of the files, False
    where it starts at the rows which the store holds for this practice.
    """

    start: int
    counted: int
    lines: tuple[CountLine, ...]
    from_load: bool = True
    no_named_gp: int | None = None
    """Counted contacts of patients without a named GP on the day."""

    @property
    def adds_up(self) -> bool:
        """True where the lines explain every row."""
        return self.start - sum(line.rows for line in self.lines) == self.counted


@dataclass(frozen=True)
class Given:
    """Which optional inputs the records hold."""

    named_gps: bool = True
    named_gp_dates: bool = True
    teams: bool = True
    buddies: bool = True
    roles: bool = True
    statuses: bool = True
    staff: bool = True
    rota: bool = True
    events: bool = True


@dataclass(frozen=True)
class Place:
    """What the report is about: one practice, or all of a store."""

    name: str
    practices: int = 1
    patients: int = 0
    one_clinician: bool = False
    invented: bool = False


@dataclass(frozen=True)
class Source:
    """Which data the figures come from."""

    first_day: date
    last_day: date
    store_version: int
    content_id: str
    package_version: str
    loaded: date | None = None


@dataclass(frozen=True)
class Options:
    """The options of the count, as they were used."""

    roles: str = "gp"
    modes: str = "all"
    min_contacts: int = 2
    window_months: int = 24
    preset: str | None = None


@dataclass(frozen=True)
class RotaAllows:
    """How the ceilings of a report were worked out, by ``hamlets.teams.with_ceiling``."""

    window: Literal["strict", "week", "policy"]
    working_days: int
    """Of the policy window."""
    slots: bool = True
    """False where free slots are not known: then the ceiling is a low estimate."""
    kept: int = 0
    """Contacts of ``period`` that kept their slots: the day they were booked is not known."""
    planned: bool = False
    """A plan of teams has been made for this practice."""


@dataclass(frozen=True)
class ContinuityReport:
    """Everything the continuity report says.

    ``main`` is the measure of the trend, the lists and the groups: ``slicc``,
    or what stands in for it where the records hold no named GP.
    """

    place: Place
    made: date
    period: Period
    source: Source
    options: Options
    given: Given
    headlines: tuple[Headline, ...]
    waterfall: Waterfall | None
    trend: Trend
    lists: tuple[ListRow, ...]
    groups: tuple[GroupFactor, ...]
    groups_overall: Estimate | None
    counting: Counting
    full_months: int
    """Full months of ``period``; 0 where it holds other days too."""
    definition_version: str = ""
    others: tuple[Estimate, ...] = field(default=())
    """Every other measure of the same period, for analysts."""
    audits: tuple[Audit, ...] = ()
    """Of the same place: before a cancer diagnosis, in the last year of life."""
    workforce: Workforce | None = None
    """None for several practices: a GP's days are for the GP's own practice."""
    rota_allows: RotaAllows | None = None
    """None while no ceiling is worked out."""
    public: bool = False
    """Made for sharing: every count is rounded or left out, and no GP is named."""

    @property
    def main(self) -> Headline:
        """The first headline: what the lead sentence speaks of."""
        return self.headlines[0]

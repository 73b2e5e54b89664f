"""The monthly pack: one month of one practice, the same page for all its staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from hamlets.continuity.results.estimates import Period
from hamlets.continuity.results.named_gps import NamedGpHealth
from hamlets.continuity.results.report import ContinuityReport
from hamlets.continuity.results.workforce import Workforce

EventKind = Literal[
    "joined", "left", "team", "loaded", "plans_made", "plan_adopted", "plan_began", "plan_withdrawn"
]


@dataclass(frozen=True)
class PackEvent:
    """Something that changed: a GP joined or left, a team or a plan began, data were loaded.

    ``day`` is a leaver's last day. ``name`` is a GP's or a team's, or a plan's number;
    ``number`` is the patients on a leaver's list, the version that was loaded, or how many
    plans were made.
    """

    day: date
    kind: EventKind
    name: str = ""
    number: int | None = None
    other: str = ""
    """The number of the plan that a plan follows."""
    starts: date | None = None
    """First day of a plan that was adopted and has not begun."""


@dataclass(frozen=True)
class Action:
    """Something that waits for someone, as the manager wrote it down."""

    what: str
    owner: str
    due: date | None = None


@dataclass(frozen=True)
class LoadSum:
    """Rows of all tables of the last load: read = kept + refused + merged repeats."""

    read: int
    kept: int
    refused: int
    merged: int

    @property
    def adds_up(self) -> bool:
        """True where every row read is accounted for."""
        return self.read == self.kept + self.refused + self.merged


@dataclass(frozen=True)
class MonthlyPack:
    """What the pack says of one practice and month.

    ``report`` holds the month itself: its headlines (the GP patients see most
    looks back 24 months), who patients saw, and the months up to it. Its lists
    are of the 12 months to the month's end, and there for managers only.
    """

    month: date
    """First day of the month."""
    report: ContinuityReport
    events: tuple[PackEvent, ...]
    """Newest first."""
    workforce: Workforce | None
    health: NamedGpHealth | None
    """Of the month's last day; None where the records hold no named GP."""
    last_load: LoadSum | None
    gps: tuple[str, ...] = ()
    """Names of the practice's GPs, so that a page can be searched for them before it goes out."""
    staff: int | None = None
    """People on the practice's staff list on the month's last day; None without a list."""
    weeks: Period | None = None
    """First and last day of the weeks that the usual week is made of."""
    actions: tuple[Action, ...] | None = None
    """What is waiting; None where no list of actions was given."""
    thanks: str = ""
    managers: bool = False
    """With the annex, which names GPs."""

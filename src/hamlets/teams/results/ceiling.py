"""What the rota would have allowed, by practice, list, team and month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hamlets.continuity.results import Period

CeilingBy = Literal["practice", "list", "team", "month"]
CEILING_BY: tuple[CeilingBy, ...] = ("practice", "list", "team", "month")
NO_SLOTS = "no slots: a low estimate"


@dataclass(frozen=True)
class CeilingRow:
    """What a rota allowed for the requests of a practice, or of a list, team or month of it.

    ``recorded_own + away + full + free_wins`` is 1; ``gap`` is attainable less recorded.
    """

    practice_id: str
    window: str
    group: str | None
    """The list, team or month (YYYY-MM); None for the practice."""
    recorded_own: float
    attainable_own: float
    recorded_team: float | None
    """With the own GP or anyone of the team; None where there are no teams."""
    attainable_own_or_team: float | None
    """Of the bookings with the most own-GP contacts, the most with own GP or team."""
    gap: float
    away: float
    """Not with the own GP, who had neither a slot nor a session in the window."""
    full: float
    """Not with the own GP, whose slots were all taken by others."""
    free_wins: float
    """Not with the own GP, though one of the own GP's free slots could have been had."""
    free_wins_team: float | None
    """Outside the team, though a free slot of another member could have been had."""
    n_contacts: int
    rota: str
    """"given", "inferred", or NO_SLOTS where free slots are not known."""


@dataclass(frozen=True)
class FreeWinCount:
    """Free slots that requests booked elsewhere could have had."""

    value: str
    """A weekday, hour (09:00), slot type or list."""
    own: int
    team: int
    """Slots of other members of the team, for requests met outside it."""


@dataclass(frozen=True)
class BookingChange:
    """One change at the desk, and the contacts with the own GP that it would win back."""

    slot_type: str
    within: str
    """How near the free slot was: "same half-day", "same day", "2 working days" ..."""
    wins: int
    share: float
    """Of all counted contacts."""


@dataclass(frozen=True)
class FreeWins:
    """The free wins of one practice under one window, by what the desk can act on."""

    practice_id: str
    window: str
    own: int
    team: int
    by_weekday: tuple[FreeWinCount, ...]
    by_hour: tuple[FreeWinCount, ...]
    by_slot_type: tuple[FreeWinCount, ...]
    by_list: tuple[FreeWinCount, ...]
    changes: tuple[BookingChange, ...]
    """The two that would win back most, each request counted once."""


@dataclass(frozen=True)
class Ceiling:
    """Attainable ceilings of practices, by window, with their groups."""

    period: Period
    working_days: int
    practices: tuple[CeilingRow, ...]
    lists: tuple[CeilingRow, ...]
    teams: tuple[CeilingRow, ...]
    months: tuple[CeilingRow, ...]
    free_wins: tuple[FreeWins, ...]
    notes: tuple[str, ...]
    definition_version: str

    def rows(self, by: CeilingBy = "practice") -> tuple[CeilingRow, ...]:
        """Return the rows of one grouping."""
        return {
            "practice": self.practices,
            "list": self.lists,
            "team": self.teams,
            "month": self.months,
        }[by]

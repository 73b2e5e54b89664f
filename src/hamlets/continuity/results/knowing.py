"""Who knows one patient, and when those people are in: for reading inside the practice only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from hamlets.continuity.results.estimates import Period

ContactKind = Literal["own", "buddy", "team", "practice", "locum", "hub", "unknown"]
Naming = Literal["named", "none", "left", "not_gp"]
"""How the named GP stands: there, nobody, gone, or somebody who may hold no list."""
Basis = Literal["rota", "usual_week", "unknown"]
OwnState = Literal["in", "briefly", "longer", "left", "none", "unknown"]

BRIEFLY_DAYS = 7
"""Somebody who is back within so many days is away briefly."""


@dataclass(frozen=True)
class Clinician:
    """A member of staff as people call them."""

    staff_id: str
    name: str
    role: str


@dataclass(frozen=True)
class Turn:
    """A stretch of one day on which somebody works here. Minutes after midnight, or not known."""

    day: date
    begins: int | None
    ends: int | None
    half: int
    """0 before 13:00, 1 to 18:30, 2 after; -1 where no time is known."""


@dataclass(frozen=True)
class FreeTime:
    """A free time in the appointment book, as the extract says."""

    day: date
    minute: int


@dataclass(frozen=True)
class BeingIn:
    """When somebody is in, from a day on."""

    basis: Basis
    day: date
    turns: tuple[Turn, ...]
    """By time, from the day on; at most four weeks."""
    known_until: date | None
    """Last day of the rota, or of the weeks that the usual week is taken from."""

    def on(self, day: date) -> tuple[Turn, ...]:
        """Return the turns of one day."""
        return tuple(turn for turn in self.turns if turn.day == day)

    def left_today(self, minute: int) -> tuple[Turn, ...]:
        """Return the turns of the first day that have not ended at a minute of it."""
        return tuple(t for t in self.on(self.day) if t.ends is None or t.ends > minute)

    def next_days(self, count: int = 2) -> tuple[date, ...]:
        """Return the next days on which they are in, the first day not included."""
        days = dict.fromkeys(turn.day for turn in self.turns if turn.day > self.day)
        return tuple(days)[:count]


@dataclass(frozen=True)
class Keeper:
    """Somebody who looks after the patient, and when they are in."""

    who: Clinician
    being_in: BeingIn


@dataclass(frozen=True)
class PatientTeam:
    """The named GP's team on the day; ``others`` are neither the own GP nor a buddy."""

    team_id: str
    name: str
    others: tuple[Keeper, ...]


@dataclass(frozen=True)
class SeenBy:
    """How many counted contacts the patient had with somebody."""

    who: Clinician
    contacts: int
    gp: bool
    """Whether they were a GP on most of these days."""


@dataclass(frozen=True)
class KnownContact:
    """One contact. ``who`` is None where no clinician is known."""

    day: date
    kind: ContactKind
    who: Clinician | None


@dataclass(frozen=True)
class WhoKnows:
    """Who knows one patient of a practice, as of a day."""

    day: date
    window: Period
    registered: bool
    """Whether the patient is registered here on the day, as far as the records say."""
    naming: Naming
    own: Keeper | None
    """The named GP, also one who has left or may hold no list."""
    buddies: tuple[Keeper, ...]
    team: PatientTeam | None
    seen: tuple[SeenBy, ...]
    """Most contacts first; ties: the one seen last."""
    strip: tuple[KnownContact, ...]
    """Oldest first."""
    gp_contacts: int
    own_free: FreeTime | None
    """The own GP's first free time, where the book is fresh."""
    soonest: tuple[Clinician, FreeTime] | None
    """Who else of buddies and team's GPs has the first free time."""
    mostly: SeenBy | None
    """A GP of the practice other than the named one who gave more than half of the patient's
    GP contacts, and at least three."""

    def state(self, minute: int) -> OwnState:
        """Return how the own GP stands at a minute of the day, for the words of reception."""
        if self.naming != "named" or self.own is None:
            return "left" if self.naming == "left" else "none"
        being_in = self.own.being_in
        if being_in.basis == "unknown":
            return "unknown"
        if being_in.left_today(minute):
            return "in"
        following = being_in.next_days(1)
        if following and following[0] - self.day <= timedelta(days=BRIEFLY_DAYS):
            return "briefly"
        return "longer"

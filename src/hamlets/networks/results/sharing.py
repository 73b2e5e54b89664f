"""What a plan of sharing is shown from: who goes where and when, what is met, what it costs.

Amounts of work are exact, in sessions or hours as the files had them. Money is in pounds, to
the penny. None = not known, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Unit = Literal["sessions", "hours"]
Half = Literal["am", "pm", "evening"]
Consent = Literal["yes", "ask"]


@dataclass(frozen=True)
class HalfDay:
    """When somebody is spare: on a day, or every week on a weekday (0 = Monday), or any time."""

    day: date | None = None
    weekday: int | None = None
    half: Half | None = None
    start: time | None = None
    end: time | None = None


@dataclass(frozen=True)
class StaffMove:
    """Somebody's time that goes from the practice that lends it to the one that asks for it."""

    from_practice: str
    to_practice: str
    role: str
    skill: str
    """What the asking practice needs them to know; "" = nothing special."""
    staff_id: str
    """"" where the offer names nobody."""
    name: str
    slot: HalfDay
    amount: int
    """In the plan's unit."""
    hours: Fraction
    km: float | None
    """One way; None where no places were given."""
    minutes: float | None
    trips: int
    """There and back; halves of one day at one place are one trip."""
    travel_cost: Decimal | None
    time_cost: Decimal | None
    consent: Consent
    about: str = ""
    """The indicator that the time is for, where the need names one."""


@dataclass(frozen=True)
class NeedMet:
    """What one practice asks for, and what of it the plan meets."""

    practice_id: str
    role: str
    skill: str
    about: str
    needed: Fraction
    received: int
    patients: int | None = None
    """Patients still to reach, where the need was worked out from them."""

    @property
    def met(self) -> Fraction:
        """What is received, and no more than is needed."""
        return min(Fraction(self.received), self.needed)

    @property
    def after(self) -> Fraction:
        """The shortfall that is left; before the plan it is all that is needed."""
        return self.needed - self.met

    @property
    def share(self) -> Fraction:
        """The part of the need that is met: 1 = all. The plan is fair by this."""
        return self.met / self.needed


@dataclass(frozen=True)
class Sharing:
    """A plan of sharing: the fairest, then with the fewest kilometres."""

    unit: Unit
    weekly: bool
    """The same every week; else on the days that are named."""
    moves: tuple[StaffMove, ...]
    own: tuple[StaffMove, ...]
    """Time that a practice had spare and uses itself: nobody moves."""
    needs: tuple[NeedMet, ...]
    spare: int
    """All that was offered and may be moved."""
    proven: bool
    """No plan that keeps the limits is fairer, or as fair with fewer kilometres."""
    notes: tuple[str, ...] = ()

    @property
    def largest_before(self) -> Fraction:
        """The largest shortfall without the plan."""
        return max(need.needed for need in self.needs)

    @property
    def largest_after(self) -> Fraction:
        """The largest shortfall that is left."""
        return max(need.after for need in self.needs)

    @property
    def hours(self) -> Fraction:
        """Hours that are moved from one practice to another."""
        return sum((move.hours for move in self.moves), Fraction())

    @property
    def amount(self) -> int:
        """What is moved, in the plan's unit."""
        return sum(move.amount for move in self.moves)

    @property
    def km(self) -> float | None:
        """Kilometres travelled, there and back; None where no places were given."""
        if any(move.km is None for move in self.moves):
            return None
        return sum((move.km or 0.0) * 2 * move.trips for move in self.moves)

    @property
    def travel_cost(self) -> Decimal | None:
        """What the travel costs; None where it is not known of each move."""
        return _total([move.travel_cost for move in self.moves])

    @property
    def time_cost(self) -> Decimal | None:
        """What the hours cost; None where no rate was given for some of them."""
        return _total([move.time_cost for move in self.moves])


def _total(costs: list[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal("0.00")) if len(known) == len(costs) else None


@dataclass(frozen=True)
class NextDay:
    """What a session more at one practice would do for one standard, and how near one is.

    ``worth`` is in expected pounds of the network's payment, not of the practice's. The
    table is in the order of practices' ids: it says where help is useful, not who is behind.
    """

    practice_id: str
    indicator_id: str
    title: str
    outstanding: int
    """Patients still to reach."""
    patients_per_session: Fraction
    next_patient: Fraction | float | None
    chance: float | None
    """Chance that the network reaches the standard in time at the present pace."""
    worth: Fraction | float | None
    """Patients of one session, no more than are outstanding, times ``next_patient``."""
    sessions: int
    """Sessions until nobody is outstanding."""
    spare: int
    """Sessions on offer that could serve here."""
    nearest: str | None
    """The practice with such a session that is the nearest."""
    km: float | None
    minutes: float | None

"""What is offered, what is asked for, and how far it is: the question of a plan of sharing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from hamlets.networks.results.sharing import HalfDay, Unit

ANY_TIME = HalfDay()


@dataclass(frozen=True)
class Need:
    """What a practice asks for."""

    practice_id: str
    role: str
    amount: Fraction
    skill: str = ""
    about: str = ""
    """The indicator it is for."""
    slots: tuple[HalfDay, ...] = ()
    """Half-days on which it has room; none = all."""
    patients: int | None = None
    """Patients still to reach, where the amount was worked out from them."""
    patients_per_session: Fraction | None = None


@dataclass(frozen=True)
class Offer:
    """Time that a practice can spare: of one person, or of anybody of a role."""

    practice_id: str
    role: str
    amount: int
    skills: frozenset[str] = frozenset()
    slot: HalfDay = ANY_TIME
    staff_id: str = ""
    name: str = ""
    consent: Literal["yes", "no", "ask"] = "ask"
    max_days: int | None = None
    """Days a week that the person will work elsewhere, at most."""
    max_km: float | None = None
    hourly_rate: Decimal | None = None


@dataclass(frozen=True)
class Distance:
    """How far it is from one practice to another, one way."""

    km: float
    minutes: float | None = None


Travel = Callable[[str, str], Distance | None]
"""Distance by practices; None where nothing is known of any."""


@dataclass(frozen=True)
class Asked:
    """Needs and offers in one unit."""

    needs: tuple[Need, ...]
    offers: tuple[Offer, ...]
    unit: Unit
    notes: tuple[str, ...] = ()
    practices: frozenset[str] | None = None
    """Those that take part, where more is known than needs and offers say."""

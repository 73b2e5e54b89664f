"""What the monthly pack of a network is shown from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from hamlets.continuity.results import Action
from hamlets.networks.results.payment import AverageRule, PaymentStatement
from hamlets.networks.results.sharing import Sharing


@dataclass(frozen=True)
class PackStandard:
    """One standard of the network at the end of the month. Shares are of 1."""

    indicator_id: str
    title: str
    direction: Literal["higher", "lower"]
    target: Fraction
    """In per cent."""
    mean: Fraction | float | None
    pooled: Fraction | float | None
    minimum: Fraction | float | None
    mean_reached: bool
    pooled_reached: bool
    minimum_reached: bool
    at_standard: int
    """Practices that reach it by themselves."""
    practices: int
    """Practices with anyone to count."""
    patients: int
    """Everyone counted together."""
    still: int | None
    """Fewest patients more, by the rule that counts; None where even all would not do."""
    chance: float | None = None
    """Chance of reaching it in time at the present pace, where a scheme says until when."""

    def reached(self, rule: AverageRule) -> bool:
        """Return whether it is reached by a rule; ``own`` means every practice."""
        return {"mean": self.mean_reached, "pooled": self.pooled_reached}.get(
            rule, self.minimum_reached
        )

    @property
    def agree(self) -> bool:
        """Whether the three ways of counting say the same."""
        return len({self.mean_reached, self.pooled_reached, self.minimum_reached}) == 1


@dataclass(frozen=True)
class PackContinuity:
    """How often patients saw their own GP, or their own team, in the month. Shares are of 1."""

    level: Literal["own", "team"]
    contacts: int
    value: float
    lower: float
    upper: float
    chance: float | None
    """What patients would have got who saw whoever was working."""
    least: float
    most: float
    """The practices lie between these; which is which is not said."""
    practices: int


@dataclass(frozen=True)
class PackOffer:
    """Time that a practice can spare, of one role and skill."""

    practice_id: str
    role: str
    skill: str
    amount: int


@dataclass(frozen=True)
class PackChange:
    """A practice that came or went in the month."""

    practice_id: str
    joined: bool


@dataclass(frozen=True)
class NetworkPack:
    """One month of one network, to be looked at together."""

    network_id: str
    name: str
    month: date
    """Its first day."""
    practices: tuple[str, ...]
    names: dict[str, str]
    """Names of practices by id, where the records have them."""
    patients: int | None
    rule: AverageRule
    """Which average counts: the contract's, else the average of practices."""
    standards: tuple[PackStandard, ...]
    """In the order of the contract, else of the definitions."""
    statement: PaymentStatement | None
    continuity: tuple[PackContinuity, ...]
    offers: tuple[PackOffer, ...] | None
    """None: no list was given."""
    sharing: Sharing | None
    """Asks, and who could go where; None where nothing is asked for."""
    changes: tuple[PackChange, ...]
    actions: tuple[Action, ...] | None
    """None: no list was given."""
    thanks: str
    notes: tuple[str, ...]
    invented: bool
    store_version: int

    def name_of(self, practice_id: str) -> str:
        """Return what a practice is called."""
        return self.names.get(practice_id) or practice_id

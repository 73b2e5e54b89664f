"""A payment scheme as plain data: what a contract of one year pays for, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from hamlets.networks.payment.curves import Curve
from hamlets.networks.results.payment import AverageRule, SchemeShown, Shape, SplitMethod


@dataclass(frozen=True)
class Condition:
    """One line of a contract: a standard, and what reaching it is worth."""

    indicator: str
    title: str
    curve: Curve
    points: Fraction | None = None
    share: Fraction = Fraction(1)
    """Its part of the retained sum where each condition has its own; they add up to 1."""
    national_prevalence: Fraction | None = None
    """Per cent; None = no register, so that prevalence does not count."""


@dataclass(frozen=True)
class Backfill:
    """What is paid to a practice for cover while its staff meet."""

    most_an_hour: Fraction | None = None
    most_together: Fraction | None = None


@dataclass(frozen=True)
class Scheme:
    """A scheme. Amounts are pounds for one network, or for one practice where ``own``."""

    scheme_id: str
    title: str
    shape: Shape
    average: AverageRule
    conditions: tuple[Condition, ...]
    source: str
    authored_by: str
    checked_by: str
    next_review: date | None = None
    year: str | None = None
    starts: date | None = None
    ends: date | None = None
    value: Fraction | None = None
    value_per_patient: Fraction | None = None
    """Instead of ``value``: times the weighted list of the network."""
    retained: Fraction = Fraction()
    """Part of the value that is paid afterwards, 0 to 1."""
    all_or_nothing: bool = True
    """One missed condition loses all that is retained; else each condition only its own part."""
    value_per_point: Fraction | None = None
    national_list: Fraction | None = None
    round_points: bool = False
    round_point_value: bool = False
    roles: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    """Role -> most that is paid for a whole-time post in a year."""
    cap_per_patient: Fraction | None = None
    cap: Fraction | None = None
    backfill: Backfill | None = None
    split: SplitMethod = "registered_list"
    networks: int | None = None
    """How many networks the value was meant for, where that is known."""
    notes: tuple[str, ...] = ()
    to_verify: tuple[str, ...] = ()

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that the scheme pays on, each once, in its order."""
        return tuple(dict.fromkeys(condition.indicator for condition in self.conditions))

    @property
    def shown(self) -> SchemeShown:
        """What is said of the scheme itself."""
        retained = self.shape in ("retained_share", "declaration")
        return SchemeShown(
            self.scheme_id,
            self.title,
            self.year,
            self.shape,
            self.average,
            self.all_or_nothing,
            self.retained * 100 if retained else None,
            self.ends,
            self.source,
            self.authored_by,
            self.checked_by,
            self.notes,
            self.to_verify,
        )

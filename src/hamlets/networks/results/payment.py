"""What a payment is shown from: shares, amounts and every step between them, exact.

Shares are fractions of 1 and thresholds are in per cent, both exact; amounts are pounds,
as Decimal where they are payable (to the penny) and as Fraction before. None = not defined.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Shape = Literal["retained_share", "declaration", "points", "reimbursement"]
"""How a scheme turns what was done into pounds."""
AverageRule = Literal["mean", "pooled", "every_practice", "own"]
"""Whose share counts; ``own``: each practice is paid for its own."""
SplitMethod = Literal[
    "equal", "fixed", "custom", "weighted_list", "registered_list", "points", "weighted_points"
]
Unit = Literal["percent", "points", "pounds", "patients", "ratio", "yes_no"]
ClaimState = Literal["payable", "capped", "no_evidence"]


@dataclass(frozen=True)
class PaymentStep:
    """One line of the working: what was done, the sum as written, and what came out of it."""

    kind: str
    """Which step it is: a key of the catalogue of words."""
    about: str | None
    """Title of the standard, where the step is about one."""
    sum: str
    """The arithmetic, as an accountant would write it."""
    value: Fraction
    unit: Unit
    practice_id: str | None = None
    network_id: str | None = None
    decides: bool = False
    """Of the three averages, this is the one that the scheme pays on."""


@dataclass(frozen=True)
class PracticeShare:
    """What was counted in one practice for one standard."""

    practice_id: str
    numerator: Fraction
    denominator: int
    exclusions: int | None
    share: Fraction | None
    earned: Fraction
    """Part of the standard's payment, 0 to 1, that the practice's own share would earn."""


@dataclass(frozen=True)
class ConditionShown:
    """A standard of a scheme and how a network stands to it."""

    indicator_id: str
    title: str
    rule: AverageRule
    direction: Literal["higher", "lower"]
    lower: Fraction
    """Per cent at which something is earned."""
    upper: Fraction
    """Per cent at which all is earned; the same as ``lower`` for a step."""
    points: Fraction | None
    mean: Fraction | None
    pooled: Fraction | None
    minimum: Fraction | None
    share: Fraction | None
    """The one of the three that the scheme pays on; None where each practice has its own."""
    earned: Fraction
    """Part of the standard's payment that is earned, 0 to 1."""
    reached: bool
    """All of it is earned, by the rule of the scheme."""
    practices: tuple[PracticeShare, ...]
    at_standard: int
    """Practices that reach the upper threshold by themselves."""
    counted: int
    """Practices with anyone to count."""
    missing: tuple[str, ...] = ()
    """Practices of the network without figures."""


@dataclass(frozen=True)
class PracticePaid:
    """What a practice gets. ``points`` where the scheme or the split counts points."""

    practice_id: str
    paid: Decimal
    points: Fraction | None = None
    network_id: str | None = None
    why: str = ""
    """Why it is nothing, where that is not plain from the figures."""


@dataclass(frozen=True)
class NetworkPaid:
    """A scheme worked out for one network."""

    network_id: str | None
    """None where nothing says which networks the practices belong to."""
    practices: tuple[str, ...]
    conditions: tuple[ConditionShown, ...]
    value: Fraction | None
    """All that can be paid, where that is known beforehand."""
    in_advance: Fraction | None
    at_stake: Fraction | None
    """The retained part."""
    paid: Decimal
    by_practice: tuple[PracticePaid, ...]
    split: SplitMethod | None
    """How it was divided; None where each practice is paid by itself."""
    steps: tuple[PaymentStep, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimShown:
    """A claim for a meeting's cover or for a post, and what of it can be paid."""

    line: int
    practice_id: str | None
    when: date | None
    what: str
    quantity: Fraction
    """Hours, or whole-time equivalents over the year."""
    rate: Fraction
    claimed: Decimal
    payable: Decimal
    state: ClaimState
    evidence: str


@dataclass(frozen=True)
class SplitColumn:
    """One way to divide the payment of a network; None with the reason where it cannot be."""

    method: SplitMethod
    amounts: tuple[Decimal, ...] | None
    reason: str = ""
    sums: tuple[str, ...] = ()
    """The sum that made each amount."""


@dataclass(frozen=True)
class CountsSource:
    """Where the counts came from."""

    name: str
    """A file's name, or "store"."""
    period_end: date
    period_start: date | None = None
    store_version: int | None = None
    content_id: str | None = None
    invented: bool = False


@dataclass(frozen=True)
class SchemeShown:
    """What is said of the scheme itself."""

    scheme_id: str
    title: str
    year: str | None
    shape: Shape
    average: AverageRule
    all_or_nothing: bool
    retained_percent: Fraction | None
    ends: date | None
    source: str
    authored_by: str
    checked_by: str
    notes: tuple[str, ...] = ()
    to_verify: tuple[str, ...] = ()


@dataclass(frozen=True)
class PracticeNeed:
    """What one practice has to do with one standard, for a look forward.

    ``help_needed`` is how far the network's average would rise without the practice, in
    shares of 1 (never negative); ``next_patient`` what one more patient there is worth to
    the network in expected pounds; ``least`` its part of the smallest set, ``even`` of the
    evenly spread one, ``own`` what it needs to reach the standard by itself.
    """

    practice_id: str
    outstanding: int
    own: int | None
    least: int | None
    even: int | None
    pooled: int | None
    cost: int | None
    next_patient: Fraction | float | None
    contribution: Fraction | None
    """Rule value with the practice minus without it; None where it is the only one."""

    @property
    def help_needed(self) -> Fraction:
        """How far the average would rise without the practice; 0 where it would not."""
        return max(-(self.contribution or Fraction()), Fraction())


@dataclass(frozen=True)
class StandardOutlook:
    """How far a network is from one standard, and what would bring it there."""

    indicator_id: str
    title: str
    target: Fraction
    share: Fraction | None
    still: int | None
    """Fewest patients by the rule of the scheme; None where even all would not do."""
    still_even: int | None
    """Patients where every practice takes the same part of those it has outstanding."""
    still_pooled: int | None
    """Fewest patients if all counted together, for fairness beside ``still``."""
    least_cost: int | None
    """Cost of the cheapest set, in the units of the table of costs (contacts)."""
    chance: float | None
    """Chance of reaching it by the end of the year at the present pace."""
    chance_within: float
    """Half the width of the numerical bracket around ``chance``."""
    no_chance_why: str
    """Why no chance is given; blank where one is."""
    practices: tuple[PracticeNeed, ...]


@dataclass(frozen=True)
class PaymentScenario:
    """What more patients would change: the answer to a question that somebody typed."""

    added: tuple[tuple[str, str, int], ...]
    """(practice, indicator, patients)."""
    paid: Decimal
    more: Decimal
    reached: tuple[str, ...]
    """Titles of the standards that are newly reached."""
    left: tuple[tuple[str, int | None], ...]
    """(title, patients) that are still not reached."""


@dataclass(frozen=True)
class PaymentWhatIf:
    """A look forward for one network."""

    network_id: str | None
    ends: date
    months_left: int
    expected: float | None
    """Expected payment by the model of pace; None without one."""
    outlooks: tuple[StandardOutlook, ...]
    scenario: PaymentScenario | None = None


@dataclass(frozen=True)
class PaymentStatement:
    """A scheme worked out: all that is shown, written and kept as evidence."""

    scheme: SchemeShown
    source: CountsSource
    networks: tuple[NetworkPaid, ...]
    warnings: tuple[str, ...] = ()
    claims: tuple[ClaimShown, ...] = ()
    splits: tuple[tuple[SplitColumn, ...], ...] = ()
    """The seven ways, for each of ``networks`` in turn."""
    what_if: tuple[PaymentWhatIf, ...] = ()

    @property
    def paid(self) -> Decimal:
        """The payment of all networks together, claims for meetings not included."""
        return sum((network.paid for network in self.networks), Decimal("0.00"))

    @property
    def claims_payable(self) -> Decimal:
        """What can be paid of the claims."""
        return sum((claim.payable for claim in self.claims), Decimal("0.00"))


@dataclass(frozen=True)
class EvidenceLine:
    """One line of the contract in a practice's evidence file."""

    indicator_id: str
    title: str
    standard: str
    numerator: Fraction | None
    denominator: int | None
    exclusions: int | None
    share: Fraction | None
    reached: bool | None
    """Whether the practice's own share reaches the standard; None without figures."""
    definition: str
    """Which definition counted it, and its version; or that the counts were uploaded."""
    missing: tuple[str, ...]
    """What is not there and should be, as sentences."""
    patients: tuple[str, ...] | None = None
    """Codes of those still to reach, longest overdue first; only inside the practice."""


@dataclass(frozen=True)
class PracticeEvidence:
    """What a practice keeps to show what it was paid for."""

    practice_id: str
    network_id: str | None
    scheme: SchemeShown
    source: CountsSource
    paid: Decimal
    lines: tuple[EvidenceLine, ...]
    claims: tuple[ClaimShown, ...]

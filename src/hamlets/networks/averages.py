"""The three ways to count a network's share, and whether a standard is reached: exact fractions.

Mean of practice rates (each practice counts the same), pooled (each patient counts the
same) and every practice (the one furthest from the standard) are all right answers to
different questions, so they are always worked out together. Nothing is rounded here: a
share that is shown as 80.0 and is 79.96 does not pass 80.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Rule = Literal["mean", "pooled", "minimum"]
"""Which of the three a scheme pays on; ``minimum`` is "every practice"."""
RULES: tuple[Rule, ...] = ("mean", "pooled", "minimum")

Direction = Literal["higher", "lower"]
"""Which way is better: ``lower`` for admissions, ``higher`` for care plans."""

Counts = tuple[int, int]
"""Numerator and denominator of one practice, the denominator after exclusions."""

Percent = int | Decimal | Fraction
"""A standard in per cent. No float: 80.1 is not a binary fraction."""


@dataclass(frozen=True)
class Averages:
    """The three averages of one network as exact shares (1 = all); None where nobody counts.

    ``minimum`` is the share of the practice furthest from the standard: the smallest, or the
    largest where lower is better. ``practices`` is K, those with a denominator;
    ``without_patients`` counts the others, which are in none of the three.
    """

    mean: Fraction | None
    pooled: Fraction | None
    minimum: Fraction | None
    practices: int
    without_patients: int
    numerator: int
    denominator: int

    def by(self, rule: Rule) -> Fraction | None:
        """Return the average that ``rule`` names."""
        return {"mean": self.mean, "pooled": self.pooled, "minimum": self.minimum}[rule]


def three_averages(counts: Iterable[Counts], direction: Direction = "higher") -> Averages:
    """Return mean, pooled and every-practice share of (numerator, denominator) by practice.

    Practices with denominator 0 are left out and counted. A numerator may be larger than its
    denominator where both count different things (attendances, patients). ValueError for a
    negative count, and for events without anyone they could have happened to.
    """
    listed = list(counts)
    for numerator, denominator in listed:
        if numerator < 0 or denominator < 0:
            raise ValueError("Counts cannot be negative.")
        if numerator > 0 and denominator == 0:
            raise ValueError("A numerator needs a denominator.")
    rates = [Fraction(n, d) for n, d in listed if d > 0]
    numerator, denominator = (sum(column) for column in zip((0, 0), *listed, strict=True))
    furthest = min if direction == "higher" else max
    return Averages(
        mean=sum(rates, Fraction()) / len(rates) if rates else None,
        pooled=Fraction(numerator, denominator) if rates else None,
        minimum=furthest(rates) if rates else None,
        practices=len(rates),
        without_patients=len(listed) - len(rates),
        numerator=numerator,
        denominator=denominator,
    )


def achieved(
    numerator: int, denominator: int, target: Percent, direction: Direction = "higher"
) -> bool:
    """Return whether a count reaches a standard in per cent: N x 100 >= T x D, exactly.

    Nothing is reached with denominator 0.
    """
    share = Fraction(numerator, denominator) if denominator else None
    return share_achieved(share, target, direction)


def share_achieved(
    share: Fraction | None, target: Percent, direction: Direction = "higher"
) -> bool:
    """Return whether an exact share (1 = all) reaches a standard in per cent; None does not."""
    if share is None:
        return False
    wanted = Fraction(target)
    return share * 100 >= wanted if direction == "higher" else share * 100 <= wanted


def practices_achieving(
    counts: Iterable[Counts], target: Percent, direction: Direction = "higher"
) -> int:
    """Return how many practices with a denominator reach the standard."""
    return sum(achieved(n, d, target, direction) for n, d in counts if d > 0)

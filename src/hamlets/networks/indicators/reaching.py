"""How many patients more would reach a standard, by each of the three rules: the fewest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from hamlets.networks.averages import Counts


@dataclass(frozen=True)
class Needed:
    """Fewest patients more, by rule; None where everyone together would not be enough."""

    mean: int | None
    pooled: int | None
    minimum: int | None


def needed(counts: Sequence[Counts], target: Fraction | None) -> Needed:
    """Return the fewest patients more that reach ``target`` per cent, by each rule.

    Under the mean a patient of a practice with D patients is worth 1/(K x D), so the fewest
    come from the smallest practices first; within a practice all are worth the same.
    """
    pairs = [(n, d) for n, d in counts if d > 0]
    if target is None or not pairs or target > 100:
        return Needed(None, None, None)
    share = target / 100
    short = [max(0, math.ceil(share * d) - n) for n, d in pairs]
    numerator, denominator = (sum(column) for column in zip(*pairs, strict=True))
    return Needed(
        mean=_by_mean(pairs, share),
        pooled=max(0, math.ceil(share * denominator) - numerator),
        minimum=sum(short),
    )


def _by_mean(pairs: Sequence[Counts], share: Fraction) -> int | None:
    missing = share * len(pairs) - sum((Fraction(n, d) for n, d in pairs), Fraction())
    count = 0
    for numerator, denominator in sorted(pairs, key=lambda pair: pair[1]):
        if missing <= 0:
            break
        taken = min(denominator - numerator, math.ceil(missing * denominator))
        count += taken
        missing -= Fraction(taken, denominator)
    return count if missing <= 0 else None

"""How many patients it takes to reach a standard, and which: the fewest, the fairest, the cheapest.

A patient of practice i moves a mean of K practices by 1 / (K D_i), so under the mean those of
the smallest practice count most; pooled they count alike. All exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hamlets.errors import UsageError
from hamlets.networks.averages import Rule, three_averages
from hamlets.networks.payment.counts import Count

_MOST_CELLS = 40_000_000
"""Of the table of the cheapest set: about 2 s and 80 MB."""


@dataclass(frozen=True)
class Reach:
    """A way of reaching patients of one practice: what each costs, and how many there are."""

    practice_id: str
    cost: int
    patients: int


def share_with(
    counts: Sequence[Count], rule: Rule, more: Mapping[str, int] | None = None
) -> Fraction | None:
    """Return a network's share by a rule, with so many more patients achieved by practice."""
    added = more or {}
    pairs: list[Any] = [(c.numerator + added.get(c.practice_id, 0), c.denominator) for c in counts]
    return three_averages(pairs).by(rule)


def own_need(count: Count, target: Fraction) -> int:
    """Return the fewest patients that bring one practice to a standard in per cent."""
    return max(math.ceil(target * count.denominator / 100 - count.numerator), 0)


def least_set(counts: Sequence[Count], rule: Rule, target: Fraction) -> dict[str, int] | None:
    """Return the smallest set of patients by practice; None where even all would not do.

    Mean: from the smallest practice on. Pooled: any would do, so they are spread over the
    practices by what is outstanding. Every practice: what each needs.
    """
    there = [c for c in counts if c.denominator]
    if not there:
        return None
    if rule == "minimum":
        found = {c.practice_id: own_need(c, target) for c in there}
        return found if _can(there, found) else None
    if rule == "pooled":
        short = math.ceil(
            target * sum(c.denominator for c in there) / 100
            - sum((c.numerator for c in there), Fraction())
        )
        return _spread(there, max(short, 0))
    left = _mean_deficit(there, target)
    found = dict.fromkeys((c.practice_id for c in there), 0)
    for count in sorted(there, key=lambda c: (c.denominator, c.practice_id)):
        if left <= 0:
            break
        wanted = min(math.ceil(left * count.denominator), count.outstanding)
        found[count.practice_id] = wanted
        left -= Fraction(wanted, count.denominator)
    return found if left <= 0 else None


def _can(counts: Sequence[Count], found: Mapping[str, int]) -> bool:
    return all(found[c.practice_id] <= c.outstanding for c in counts)


def _mean_deficit(counts: Sequence[Count], target: Fraction) -> Fraction:
    """Return what the sum of the practices' shares lacks."""
    shares = sum((c.numerator / c.denominator for c in counts), Fraction())
    return len(counts) * target / 100 - shares


def _spread(counts: Sequence[Count], wanted: int) -> dict[str, int] | None:
    """Return so many patients in proportion to what is outstanding; None if there are fewer."""
    whole = sum(c.outstanding for c in counts)
    if wanted > whole:
        return None
    if not whole:
        return dict.fromkeys((c.practice_id for c in counts), 0)
    exact = {c.practice_id: Fraction(wanted * c.outstanding, whole) for c in counts}
    found = {p: int(part) for p, part in exact.items()}
    order = sorted(exact, key=lambda p: (found[p] - exact[p], p))
    for practice in order[: wanted - sum(found.values())]:
        found[practice] += 1
    return found


def even_set(counts: Sequence[Count], rule: Rule, target: Fraction) -> dict[str, int] | None:
    """Return the set where every practice takes the same part of those it has outstanding.

    The part is the smallest that reaches the standard, each rounded up to whole patients.
    """
    there = [c for c in counts if c.denominator]
    whole = sum(c.outstanding for c in there)

    def part(step: int) -> dict[str, int]:
        return {c.practice_id: -(-step * c.outstanding // whole) if whole else 0 for c in there}

    def enough(step: int) -> bool:
        share = share_with(there, rule, part(step))
        return share is not None and share * 100 >= target

    if not there or not enough(whole):
        return None
    return part(_first(enough, whole))


def _first(enough: Callable[[int], bool], most: int) -> int:
    """Return the smallest number that is enough, where more is never less."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


def cheapest_set(
    counts: Sequence[Count], rule: Rule, target: Fraction, ways: Sequence[Reach]
) -> tuple[int, dict[str, int]] | None:
    """Return the least cost that reaches a standard, and a set of patients with it.

    Exact: a table over the cost holds the most that can be moved with it. None where the
    patients within reach are not enough. Of sets of one cost, that which moves the average
    most. UsageError where costs are so fine that the table would not fit.
    """
    there = [c for c in counts if c.denominator]
    if not there:
        return None
    if rule == "minimum":
        return _cheapest_each(there, target, ways)
    worth, wanted = _worths(there, rule, target)
    found = dict.fromkeys((c.practice_id for c in there), 0)
    if wanted <= 0:
        return 0, found
    outstanding = {c.practice_id: c.outstanding for c in there}
    items = _within(ways, outstanding)
    if sum(worth[w.practice_id] * w.patients for w in items) < wanted:
        return None
    cost, chosen = _covering(items, worth, wanted)
    for way, number in zip(items, chosen, strict=True):
        found[way.practice_id] += number
    return cost, found


def _within(ways: Sequence[Reach], outstanding: Mapping[str, int]) -> list[Reach]:
    """Return ways cut to the patients outstanding, the cheapest of a practice first."""
    left = dict(outstanding)
    found: list[Reach] = []
    for way in sorted(ways, key=lambda w: (w.cost, w.practice_id)):
        number = min(way.patients, left.get(way.practice_id, 0))
        if number:
            left[way.practice_id] -= number
            found.append(Reach(way.practice_id, way.cost, number))
    return found


def _cheapest_each(
    counts: Sequence[Count], target: Fraction, ways: Sequence[Reach]
) -> tuple[int, dict[str, int]] | None:
    cost, found = 0, dict[str, int]()
    items = _within(ways, {c.practice_id: c.outstanding for c in counts})
    for count in counts:
        needed = own_need(count, target)
        found[count.practice_id] = needed
        for way in (w for w in items if w.practice_id == count.practice_id):
            number = min(needed, way.patients)
            cost, needed = cost + number * way.cost, needed - number
        if needed:
            return None
    return cost, found


def _worths(counts: Sequence[Count], rule: Rule, target: Fraction) -> tuple[dict[str, int], int]:
    """Return what a patient of each practice is worth, and what is lacking, as whole numbers."""
    if rule == "pooled":
        whole = sum(c.denominator for c in counts)
        lacking = target * whole / 100 - sum((c.numerator for c in counts), Fraction())
        return {c.practice_id: 1 for c in counts}, math.ceil(lacking)
    common = math.lcm(*(c.denominator for c in counts))
    worth = {c.practice_id: common // c.denominator for c in counts}
    return worth, math.ceil(_mean_deficit(counts, target) * common)


def _covering(
    items: Sequence[Reach], worth: Mapping[str, int], wanted: int
) -> tuple[int, list[int]]:
    """Return the least cost whose patients are worth as much as is wanted, and how many of each.

    A bounded knapsack over costs, in whole numbers of any size; costs are first divided by
    what they have in common.
    """
    import numpy as np

    unit = math.gcd(*(item.cost for item in items)) or 1
    limit = _a_cost(items, worth, wanted) // unit
    pieces = list(_pieces(items))
    if (limit + 1) * len(pieces) > _MOST_CELLS:
        raise UsageError(
            "These costs are too fine to work out the cheapest set exactly.",
            where="--costs",
            hint="Round them: to whole contacts, or to 5 or 10 minutes.",
        )
    most = np.zeros(limit + 1, dtype=object)
    taken = np.zeros((len(pieces), limit + 1), dtype=bool)
    for row, (index, number) in enumerate(pieces):
        item = items[index]
        cost, gain = item.cost * number // unit, worth[item.practice_id] * number
        if cost > limit:
            continue
        with_it = most[: limit + 1 - cost] + gain
        better = with_it > most[cost:]
        taken[row, cost:] = better
        most[cost:] = np.where(better, with_it, most[cost:])
    least = next(cost for cost in range(limit + 1) if most[cost] >= wanted)
    chosen, at = [0] * len(items), least
    for row in range(len(pieces) - 1, -1, -1):
        if taken[row, at]:
            index, number = pieces[row]
            chosen[index] += number
            at -= items[index].cost * number // unit
    return least * unit, chosen


def _pieces(items: Sequence[Reach]) -> list[tuple[int, int]]:
    """Return (item, how many) so that sums of some of them are every number up to its patients."""
    found: list[tuple[int, int]] = []
    for index, item in enumerate(items):
        left, size = item.patients, 1
        while left:
            number = min(size, left)
            found.append((index, number))
            left, size = left - number, size * 2
    return found


def _a_cost(items: Sequence[Reach], worth: Mapping[str, int], wanted: int) -> int:
    """Return the cost of a set that is enough: those of most worth for their cost first."""
    cost = 0
    order = sorted(items, key=lambda i: Fraction(i.cost, worth[i.practice_id]))
    for item in order:
        number = min(item.patients, -(-wanted // worth[item.practice_id]))
        cost, wanted = cost + number * item.cost, wanted - number * worth[item.practice_id]
        if wanted <= 0:
            break
    return cost

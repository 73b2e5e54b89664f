"""How a network and its practices stand to each standard of a scheme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, cast

from hamlets.networks.averages import Averages, Rule, three_averages
from hamlets.networks.payment.counts import Count, Counted
from hamlets.networks.payment.scheme import Condition, Scheme
from hamlets.networks.payment.writing import number, share
from hamlets.networks.results.payment import AverageRule, ConditionShown, PaymentStep, PracticeShare

RULE_OF: dict[AverageRule, Rule] = {
    "mean": "mean",
    "pooled": "pooled",
    "every_practice": "minimum",
}


def network_counts(
    scheme: Scheme, condition: Condition, practices: Sequence[str], counted: Counted
) -> dict[str, Count]:
    """Return the counts of a standard by practice; who has not declared has said no."""
    there = counted.of(condition.indicator)
    found = {p: there[p] for p in practices if p in there}
    if scheme.shape == "declaration":
        for practice in practices:
            found.setdefault(practice, Count(practice, condition.indicator, Fraction(), 1))
    return {p: found[p] for p in practices if p in found}


def averages_of(counts: Sequence[Count], condition: Condition) -> Averages:
    """Return the three averages of some practices' counts."""
    pairs = [(cast(Any, c.numerator), c.denominator) for c in counts]
    direction = "lower" if _lower_is_better(condition) else "higher"
    return three_averages(pairs, direction)


def _lower_is_better(condition: Condition) -> bool:
    return condition.curve.direction == "lower"


def show_condition(
    scheme: Scheme, condition: Condition, practices: Sequence[str], counted: Counted
) -> ConditionShown:
    """Return how a network stands to a standard, by all three ways of counting."""
    counts = network_counts(scheme, condition, practices, counted)
    averages = averages_of(list(counts.values()), condition)
    shares = tuple(_practice(condition, c, counted) for c in counts.values())
    rule = RULE_OF.get(scheme.average)
    decides = averages.by(rule) if rule else None
    before = network_before(scheme, condition, practices, counted) if rule else None
    curve = condition.curve
    of_practices = [s for s in shares if s.denominator]
    if rule:
        earned = curve.earned(_percent(decides), before)
        reached = earned == 1
    else:
        whole = sum((s.earned for s in of_practices), Fraction())
        earned = whole / len(of_practices) if of_practices else Fraction()
        reached = bool(of_practices) and earned == 1
    return ConditionShown(
        condition.indicator,
        condition.title,
        scheme.average,
        curve.direction,
        curve.height.lower,
        curve.height.upper,
        condition.points,
        averages.mean,
        averages.pooled,
        averages.minimum,
        decides,
        earned,
        reached,
        shares,
        sum(curve.reaches(_percent(s.share)) for s in of_practices),
        averages.practices,
        tuple(p for p in practices if p not in counts),
    )


def _percent(share: Fraction | None) -> Fraction | None:
    return None if share is None else share * 100


def _practice(condition: Condition, count: Count, counted: Counted) -> PracticeShare:
    percent = count.percent
    return PracticeShare(
        count.practice_id,
        count.numerator,
        count.denominator,
        count.exclusions,
        None if percent is None else percent / 100,
        condition.curve.earned(percent, own_before(count, counted)),
    )


def own_before(count: Count, counted: Counted) -> Fraction | None:
    """Return a practice's own mean of the two years before, in per cent.

    None where it was not given and there are no counts that end one and two years earlier.
    """
    if count.mean_before is not None:
        return count.mean_before
    years = [
        one.percent
        for one in counted.history
        if (one.practice_id, one.indicator_id) == (count.practice_id, count.indicator_id)
        and one.period_end in _anniversaries(counted.source.period_end)
    ]
    known = [percent for percent in years if percent is not None]
    return sum(known, Fraction()) / 2 if len(known) == 2 else None


def network_before(
    scheme: Scheme, condition: Condition, practices: Sequence[str], counted: Counted
) -> Fraction | None:
    """Return the network's own mean of the two years before, by the scheme's rule, in per cent."""
    rule = RULE_OF.get(scheme.average)
    if condition.curve.rise is None or rule is None:
        return None
    years: list[Fraction] = []
    for day in _anniversaries(counted.source.period_end):
        then = [
            one
            for one in counted.history
            if one.indicator_id == condition.indicator
            and one.practice_id in practices
            and one.period_end == day
        ]
        average = averages_of(then, condition).by(rule)
        if average is None:
            return None
        years.append(average * 100)
    return sum(years, Fraction()) / len(years)


def _anniversaries(day: date) -> tuple[date, date]:
    """Return the same day one and two years earlier; 29 February becomes the 28th."""

    def earlier(years: int) -> date:
        try:
            return day.replace(year=day.year - years)
        except ValueError:
            return day.replace(year=day.year - years, day=28)

    return earlier(1), earlier(2)


def average_steps(condition: ConditionShown, network_id: str | None) -> Iterator[PaymentStep]:
    """Yield the three averages as sums, the one that the scheme pays on marked."""
    counting = [p for p in condition.practices if p.denominator]
    if condition.mean is None or condition.pooled is None or condition.minimum is None:
        return
    parts = " + ".join(share(p.numerator, p.denominator) for p in counting)
    top = " + ".join(number(p.numerator) for p in counting)
    under = " + ".join(f"{p.denominator:,}" for p in counting)
    furthest = max if condition.direction == "lower" else min
    one = furthest(counting, key=lambda p: p.share or Fraction())
    sums = (
        ("mean", f"({parts}) / {len(counting)}", condition.mean),
        ("pooled", f"({top}) / ({under})", condition.pooled),
        ("every_practice", share(one.numerator, one.denominator), condition.minimum),
    )
    for rule, written, value in sums:
        yield PaymentStep(
            rule,
            condition.title,
            written,
            value * 100,
            "percent",
            network_id=network_id,
            decides=rule == condition.rule,
        )

"""What is said of a look forward: how far it is, the chance, and what would bring it there."""

from __future__ import annotations

import math

from hamlets.networks.results import (
    ConditionShown,
    NetworkPaid,
    PaymentScenario,
    PaymentWhatIf,
    SchemeShown,
    StandardOutlook,
)
from hamlets.publish import numbers
from hamlets.publish.payment_words import and_list, per_100, round_money, said

_MOST_HELPED = 3


def lead(look: PaymentWhatIf) -> str:
    """Return how much time is left."""
    end = numbers.day(look.ends)
    if look.months_left == 0:
        return said("look.lead_over", end=end)
    if look.months_left == 1:
        return said("look.lead_one", end=end)
    return said("look.lead", end=end, n=look.months_left)


def standing(outlook: StandardOutlook, condition: ConditionShown, scheme: SchemeShown) -> list[str]:
    """Return where a standard stands, the chance of reaching it, and what would.

    Of a declaration only who has made it; where each practice is paid for its own, how many
    are there: the rest is in the table of practices.
    """
    if scheme.shape == "declaration":
        many = condition.counted
        return [said("look.declared", n=condition.at_standard, many=many)]
    if scheme.average == "own":
        target, still = f"{float(outlook.target):g}", said("value.none")
        if outlook.still is not None:
            still = numbers.count(outlook.still)
        values = {"n": condition.at_standard, "many": condition.counted}
        return [said("look.own", **values, target=target, still=still)]
    if condition.direction == "lower":
        values = {"share": per_100(outlook.share, "lower"), "target": f"{float(outlook.target):g}"}
        return [said("look.now_lower", **values), chance(outlook)]
    return [now(outlook), chance(outlook), *sets(outlook, scheme.average)]


def now(outlook: StandardOutlook) -> str:
    """Return where a standard stands: "Now 84, standard 90, still to reach 96."."""
    if outlook.still is None and not outlook.practices:
        return said("look.nobody")
    values = {"share": per_100(outlook.share), "target": f"{float(outlook.target):g}"}
    if outlook.still is None:
        return said("look.now_cannot", **values)
    if outlook.still == 0:
        return said("look.now_reached", **values)
    return said("look.now", **values, n=numbers.count(outlook.still))


def chance(outlook: StandardOutlook) -> str:
    """Return the chance of reaching a standard, in whole steps of 100."""
    if outlook.chance is None:
        return said("look.no_chance", why=outlook.no_chance_why)
    if outlook.chance < 0.01:
        return said("look.chance_few")
    if outlook.chance > 0.99:
        return said("look.chance_most")
    return said("look.chance", n=math.floor(outlook.chance * 100 + 0.5))


def sets(outlook: StandardOutlook, rule: str) -> list[str]:
    """Return the smallest set beside the evenly spread one, and a word on fairness."""
    if not outlook.still:
        return []
    parts = [
        said("look.set_part", n=numbers.count(p.least), practice=p.practice_id)
        for p in outlook.practices
        if p.least
    ]
    found = [said("look.set", set=and_list(parts))]
    if outlook.still_even is not None:
        found.append(said("look.even", even=numbers.count(outlook.still_even)))
    if rule == "mean" and outlook.still_pooled is not None:
        pooled = outlook.still_pooled
        key = "look.fair" if pooled else "look.fair_reached"
        found.append(said(key, pooled=numbers.count(pooled)))
    if outlook.least_cost is not None and outlook.least_cost != outlook.still:
        found.append(said("look.cost", n=numbers.count(outlook.least_cost)))
    helped = most_helped(outlook)
    if helped:
        found.append(said("look.help", practices=and_list(helped)))
    return found


def most_helped(outlook: StandardOutlook) -> list[str]:
    """Return the practices, A to Z, where help moves the average most: three at most."""
    needing = [p for p in outlook.practices if p.help_needed > 0]
    first = sorted(needing, key=lambda p: (-p.help_needed, p.practice_id))[:_MOST_HELPED]
    return sorted(p.practice_id for p in first)


def answer(scenario: PaymentScenario, paid: NetworkPaid) -> list[str]:
    """Return the answer to a question that somebody typed, in a sentence."""
    titles = {c.indicator_id: c.title for c in paid.conditions}
    added = and_list(
        [
            said("look.more", n=numbers.count(n), practice=p, title=titles[i])
            for p, i, n in scenario.added
        ]
    )
    more = round_money(scenario.more)
    if scenario.reached:
        only = "" if scenario.more else "only_"
        key = f"look.answer_reached_{only}{'one' if len(scenario.reached) == 1 else 'many'}"
        what = said(key, title=scenario.reached[0], titles=and_list(scenario.reached), more=more)
    elif scenario.more > 0:
        what = said("look.answer_more", more=more)
    elif scenario.more < 0:
        what = said("look.answer_less", less=round_money(-scenario.more))
    else:
        what = said("look.answer_none")
    found = [said("look.answer", added=added, what=what)]
    for title, still in scenario.left:
        n = said("value.none") if still is None else numbers.count(still)
        found.append(said("look.answer_left", title=title, n=n))
    return found


def model(look: PaymentWhatIf) -> list[str]:
    """Return what the model expects and what it assumes; nothing where it says nothing."""
    if all(outlook.chance is None for outlook in look.outlooks) and look.expected is None:
        return []
    found: list[str] = []
    if look.expected is not None:
        found.append(said("look.expected", amount=round_money(round(look.expected))))
    return [*found, said("look.limits")]

"""A payment as programs read it: the keys that commands and the site promise.

Amounts are strings with two decimals ("268800.00"); shares are numbers between 0 and 1 with
their exact fraction beside them.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hamlets.networks.results import (
    ConditionShown,
    NetworkPaid,
    PaymentStatement,
    PaymentStep,
    PaymentWhatIf,
    PracticePaid,
    StandardOutlook,
)
from hamlets.publish.payment_words import said, step_result


def statement_json(statement: PaymentStatement) -> dict[str, Any]:
    """Return a statement as the object that programs read.

    Of several networks the parts are joined, each row with its ``network_id``; the averages
    are then under ``networks`` alone.
    """
    networks = [_network(statement, index) for index in range(len(statement.networks))]
    one = networks[0] if len(networks) == 1 else None
    return {
        "scheme": _scheme(statement),
        "network_id": one["network_id"] if one else None,
        "conditions": [c for network in networks for c in network["conditions"]],
        "network_averages": one["network_averages"] if one else None,
        "paid": _pounds(statement.paid),
        "by_practice": [p for network in networks for p in network["by_practice"]],
        "steps": [s for network in networks for s in network["steps"]],
        "networks": networks,
        "claims": [_claim(claim) for claim in statement.claims],
        "claims_payable": _pounds(statement.claims_payable),
        "warnings": list(statement.warnings),
        "what_if": [_what_if(each) for each in statement.what_if] or None,
        "source": {
            **vars(statement.source),
            "period_end": statement.source.period_end.isoformat(),
            "period_start": _day(statement.source.period_start),
        },
    }


def _scheme(statement: PaymentStatement) -> dict[str, Any]:
    scheme = statement.scheme
    return {
        **vars(scheme),
        "retained_percent": _number(scheme.retained_percent),
        "ends": _day(scheme.ends),
        "notes": list(scheme.notes),
        "to_verify": list(scheme.to_verify),
    }


def _network(statement: PaymentStatement, index: int) -> dict[str, Any]:
    paid = statement.networks[index]
    return {
        "network_id": paid.network_id,
        "practices": list(paid.practices),
        "value": _exact_pounds(paid.value),
        "in_advance": _exact_pounds(paid.in_advance),
        "at_stake": _exact_pounds(paid.at_stake),
        "paid": _pounds(paid.paid),
        "conditions": [_condition(paid, condition) for condition in paid.conditions],
        "network_averages": {
            rule: {c.indicator_id: _number(getattr(c, rule)) for c in paid.conditions}
            for rule in ("mean", "pooled", "minimum")
        },
        "split": paid.split,
        "by_practice": [_practice(paid, each) for each in paid.by_practice],
        "splits": _splits(statement, index),
        "steps": [_step(step) for step in paid.steps],
        "notes": list(paid.notes),
    }


def _condition(paid: NetworkPaid, condition: ConditionShown) -> dict[str, Any]:
    return {
        "indicator_id": condition.indicator_id,
        "title": condition.title,
        "network_id": paid.network_id,
        "rule": condition.rule,
        "direction": condition.direction,
        "lower": _number(condition.lower),
        "upper": _number(condition.upper),
        "points": _number(condition.points),
        "mean": _number(condition.mean),
        "pooled": _number(condition.pooled),
        "minimum": _number(condition.minimum),
        "share": _number(condition.share),
        "share_exact": _fraction(condition.share),
        "earned": _number(condition.earned),
        "reached": condition.reached,
        "practices_at_standard": condition.at_standard,
        "practices_counted": condition.counted,
        "missing": list(condition.missing),
        "practices": [
            {
                "practice_id": p.practice_id,
                "numerator": _number(p.numerator),
                "denominator": p.denominator,
                "exclusions": p.exclusions,
                "share": _number(p.share),
                "share_exact": _fraction(p.share),
                "earned": _number(p.earned),
            }
            for p in condition.practices
        ],
    }


def _practice(paid: NetworkPaid, each: PracticePaid) -> dict[str, Any]:
    return {
        "practice_id": each.practice_id,
        "network_id": paid.network_id,
        "paid": _pounds(each.paid),
        "points": _number(each.points),
        "why": each.why or None,
    }


def _splits(statement: PaymentStatement, index: int) -> dict[str, Any]:
    if not statement.splits or not statement.splits[index]:
        return {}
    practices = statement.networks[index].practices
    return {
        column.method: {
            "amounts": None
            if column.amounts is None
            else {p: _pounds(a) for p, a in zip(practices, column.amounts, strict=True)},
            "reason": column.reason or None,
        }
        for column in statement.splits[index]
    }


def _step(step: PaymentStep) -> dict[str, Any]:
    return {
        "step": step.kind,
        "words": said(f"step.{step.kind}"),
        "about": step.about,
        "sum": step.sum,
        "value": _exact_pounds(step.value) if step.unit == "pounds" else _number(step.value),
        "exact": _fraction(step.value),
        "unit": step.unit,
        "shown": step_result(step),
        "shown_rounded": step_result(step).endswith("..."),
        "decides": step.decides,
        "practice_id": step.practice_id,
        "network_id": step.network_id,
    }


def _claim(claim: Any) -> dict[str, Any]:
    return {
        **vars(claim),
        "when": _day(claim.when),
        "quantity": _number(claim.quantity),
        "rate": _exact_pounds(claim.rate),
        "claimed": _pounds(claim.claimed),
        "payable": _pounds(claim.payable),
    }


def _what_if(each: PaymentWhatIf) -> dict[str, Any]:
    scenario = each.scenario
    return {
        "network_id": each.network_id,
        "ends": each.ends.isoformat(),
        "months_left": each.months_left,
        "expected": None if each.expected is None else f"{each.expected:.2f}",
        "conditions": [_outlook(outlook) for outlook in each.outlooks],
        "scenario": None
        if scenario is None
        else {
            "added": [
                {"practice_id": p, "indicator_id": i, "patients": n} for p, i, n in scenario.added
            ],
            "paid": _pounds(scenario.paid),
            "more": _pounds(scenario.more),
            "reached": list(scenario.reached),
            "still_to_reach": dict(scenario.left),
        },
    }


def _outlook(outlook: StandardOutlook) -> dict[str, Any]:
    return {
        "indicator_id": outlook.indicator_id,
        "title": outlook.title,
        "target": _number(outlook.target),
        "share": _number(outlook.share),
        "still_to_reach": outlook.still,
        "still_even": outlook.still_even,
        "still_pooled": outlook.still_pooled,
        "least_cost": outlook.least_cost,
        "chance": outlook.chance,
        "chance_within": outlook.chance_within,
        "no_chance_why": outlook.no_chance_why or None,
        "by_practice": [
            {
                "practice_id": p.practice_id,
                "outstanding": p.outstanding,
                "own": p.own,
                "least": p.least,
                "even": p.even,
                "pooled": p.pooled,
                "cost": p.cost,
                "next_patient": None if p.next_patient is None else f"{float(p.next_patient):.2f}",
                "contribution": _number(p.contribution),
                "help_needed": _number(p.help_needed),
            }
            for p in outlook.practices
        ],
    }


def _pounds(value: Decimal) -> str:
    return f"{value:.2f}"


def _exact_pounds(value: Fraction | None) -> str | None:
    """Return pounds with at least two decimals, to 28 digits."""
    if value is None:
        return None
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"


def _number(value: Fraction | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _fraction(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"


def _day(value: Any) -> str | None:
    return None if value is None else value.isoformat()

"""Scenarios worked out, and what each outcome owes to each input."""

from __future__ import annotations

from collections.abc import Sequence

from hamlets.networks.results.scale import DRAWN, OutcomeKey, Scales, Scenario, Swing
from hamlets.networks.scale.modelling import evaluate, service_scale
from hamlets.networks.scale.reading import Given


def compare(given: Sequence[Given]) -> Scales:
    """Return scenarios worked out, in the order in which they are given."""
    return Scales(tuple(scenario(each) for each in given))


def scenario(given: Given) -> Scenario:
    """Return one scenario: its services, its outcomes and how far each input moves them."""
    values = {each.key: each.value for each in given.inputs}
    names = [service for service, _ in given.services]
    return Scenario(
        name=given.name,
        title=given.title,
        model=given.model,
        team_model=given.team_model,
        facts=given.facts,
        facts_source=given.facts_source,
        inputs=given.inputs,
        services=tuple(service_scale(values, service, title) for service, title in given.services),
        outcomes=evaluate(values, names),
        swings={outcome: swings(given, outcome) for outcome in DRAWN},
    )


def swings(given: Given, outcome: OutcomeKey) -> tuple[Swing, ...]:
    """Return what an outcome becomes at both ends of each input, the widest first.

    One input moves at a time. Inputs that move nothing are left out; ties keep their order.
    """
    values = {each.key: each.value for each in given.inputs}
    names = [service for service, _ in given.services]
    found: list[Swing] = []
    for each in given.inputs:
        at_low, at_high = (
            evaluate({**values, each.key: end}, names)[outcome] for end in (each.low, each.high)
        )
        if at_low != at_high:
            found.append(
                Swing(each.key, each.title, each.unit, each.low, each.high, at_low, at_high)
            )
    return tuple(sorted(found, key=lambda swing: -swing.width))

"""Rates as with the ages and sexes of everyone counted: indirect standardisation.

Expected events of a practice are those that its patients would have at everyone's rates, by
band of age and by sex. Events divided by expected ones, times everyone's rate, is the rate
that the practice would have if its patients were as old as everyone's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from hamlets.networks.indicators.assembling import PlaceCount
from hamlets.networks.indicators.counting import Counted

Key = tuple[str, str | None]


def place_counts(counted: Sequence[Counted], standardise: bool) -> list[PlaceCount]:
    """Return one count a practice and group, with expected events where asked for."""
    expected = _expected(counted) if standardise else {}
    found: dict[Key, list[Counted]] = {}
    for one in counted:
        found.setdefault((one.practice_id, one.group), []).append(one)
    return [
        PlaceCount(
            practice_id=practice,
            group=group,
            initial_population=sum(c.initial_population for c in mine),
            numerator=sum(c.numerator for c in mine),
            denominator=sum(c.denominator for c in mine),
            exclusions=sum(c.exclusions for c in mine),
            exceptions=sum(c.exceptions for c in mine),
            expected=expected.get((practice, group)),
        )
        for (practice, group), mine in found.items()
    ]


def _expected(counted: Iterable[Counted]) -> dict[Key, float]:
    """Return the events that everyone's rates would give each practice, by group."""
    listed = list(counted)
    events: dict[tuple[str | None, object], int] = {}
    people: dict[tuple[str | None, object], int] = {}
    for one in listed:
        key = (one.group, one.stratum)
        events[key] = events.get(key, 0) + one.numerator
        people[key] = people.get(key, 0) + one.denominator
    parts: dict[Key, list[float]] = {}
    for one in listed:
        key = (one.group, one.stratum)
        rate = events[key] / people[key] if people[key] else 0.0
        parts.setdefault((one.practice_id, one.group), []).append(one.denominator * rate)
    return {key: math.fsum(each) for key, each in parts.items()}

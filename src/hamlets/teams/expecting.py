"""What the rota would allow under each of several arrangements of one practice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.ceiling.arrangements import CeilingOf, Shares
from hamlets.teams.ceiling.reading import BOOKED_ENOUGH, for_each
from hamlets.teams.gathering.sessions import year_before
from hamlets.teams.inputs import Int32, PracticeInputs

NOTHING = Shares(None, None)


class Expected(NamedTuple):
    """Shares by arrangement, and what must be said of them."""

    shares: tuple[Shares, ...]
    notes: tuple[str, ...]


def find_expected(
    store: Store,
    inputs: PracticeInputs,
    arrangements: Sequence[Arrangement],
    *,
    threads: int | None = None,
) -> Expected:
    """Return the most that the rota allows with own GP and team in the policy window.

    The requests are those of the 12 months up to the day of the inputs, of the patients who
    are registered then: booked again as if lists and teams had been these on every day.
    Shares are None, and a note says why, where days of booking are not known.
    """
    none = (NOTHING,) * len(arrangements)
    try:
        ceiling = CeilingOf(
            store,
            inputs.practice_id,
            "policy",
            date_from=day_of(year_before(inputs.day)),
            date_to=day_of(inputs.day),
            threads=threads,
        )
    except NothingToMeasureError as error:
        return Expected(none, (f"What the rota allows is not known: {error.message}",))
    if ceiling.booked < BOOKED_ENOUGH:
        return Expected(
            none, ("Days of booking are not known, so it is not said what the rota allows.",)
        )

    def shares(number: int) -> Shares:
        arrangement = arrangements[number]
        found = ceiling.under(_lists(inputs, arrangement), _teams(inputs, arrangement))
        return found if arrangement.teams else Shares(found.own, None)

    low = "No slots were loaded, so what the rota allows is a low estimate."
    found = for_each(range(len(arrangements)), shares, threads)
    return Expected(tuple(found), (low,) if ceiling.low else ())


def _lists(inputs: PracticeInputs, arrangement: Arrangement) -> Int32:
    """Return the named GP's person code by patient code; who is not placed keeps theirs."""
    people = inputs.people
    placed = (arrangement.team >= 0) | (arrangement.named >= 0)
    named = np.where(placed, arrangement.named, people.named)
    found = np.full(int(people.patient.max(initial=-1)) + 1, -1, dtype=np.int32)
    person = np.append(inputs.clinicians.person, np.int32(-1))
    found[people.patient] = person[named]
    return found


def _teams(inputs: PracticeInputs, arrangement: Arrangement) -> dict[int, int]:
    """Return the team of each GP's person code; of several the first."""
    found: dict[int, int] = {}
    for team, gps in enumerate(arrangement.teams):
        for gp in gps:
            found.setdefault(int(inputs.clinicians.person[gp]), team)
    return found

"""A plan beside the present teams and lists, and beside those that a practice makes by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hamlets.records import Store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.by_hand import (
    alphabetical,
    group_by_alphabet,
    most_seen,
    most_seen_balanced,
)
from hamlets.teams.comparing.measures import Measured, measure_arrangement
from hamlets.teams.comparing_words import say_of_lists, say_of_present
from hamlets.teams.expecting import find_expected
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import Option, OptionName


@dataclass(frozen=True)
class Compared:
    """Options in the order they are shown, and what must be said of them."""

    options: tuple[Option, ...]
    plan: Measured
    notes: tuple[str, ...]


def find_alternatives(
    inputs: PracticeInputs, model: TeamModel, teams: int
) -> dict[OptionName, Arrangement]:
    """Return the arrangements made without a design, with so many teams of GPs by alphabet.

    ``by_hand`` is dealt under the plan's band of work and budget of moves (which a deal by
    hand may miss); the other two are under neither. None where nobody may hold a list.
    """
    grouped = group_by_alphabet(inputs, model, teams)
    if not grouped:
        return {}
    by_hand = most_seen_balanced(
        inputs,
        model,
        grouped,
        model.band_percent,
        model.list_band_percent,
        model.disruption_percent,
    )
    return {
        "alphabetical": alphabetical(inputs, model, teams),
        "most_seen": most_seen(inputs, model, grouped),
        "by_hand": by_hand,
    }


def compare_options(
    inputs: PracticeInputs,
    model: TeamModel,
    plan: Arrangement,
    present: Arrangement,
    *,
    alternatives: bool = True,
) -> tuple[dict[OptionName, Arrangement], Compared]:
    """Return the arrangements by name and their measures: now, the plan, those by hand."""
    shown: dict[OptionName, Arrangement] = {"now": present, "plan": plan}
    if alternatives and plan.teams:
        shown |= find_alternatives(inputs, model, len(plan.teams))
    measured: dict[OptionName, Measured] = {
        name: measure_arrangement(inputs, each, model) for name, each in shown.items()
    }
    return shown, Compared(
        options=tuple(each.option(name) for name, each in measured.items()),
        plan=measured["plan"],
        notes=(
            *measured["plan"].notes,
            *say_of_lists(inputs, plan),
            *say_of_present(inputs, model, present, measured["now"], measured["plan"]),
        ),
    )


def add_expected(
    store: Store,
    inputs: PracticeInputs,
    arrangements: dict[OptionName, Arrangement],
    compared: Compared,
    *,
    threads: int | None = None,
) -> Compared:
    """Return the options with what the rota would allow under each."""
    found = find_expected(store, inputs, list(arrangements.values()), threads=threads)
    options = tuple(
        replace(option, expected_own=shares.own, expected_team=shares.own_or_team)
        for option, shares in zip(compared.options, found.shares, strict=True)
    )
    return replace(compared, options=options, notes=(*compared.notes, *found.notes))

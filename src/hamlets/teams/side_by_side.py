"""A plan beside the present teams and lists, and beside those that a practice makes by hand."""

from __future__ import annotations

from collections.abc import Iterator
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
        notes=(*measured["plan"].notes, *say_of_present(measured["now"], measured["plan"], model)),
    )


def say_of_present(now: Measured, plan: Measured, model: TeamModel) -> Iterator[str]:
    """Yield why the present teams or lists keep more than the plan, where uneven work is why."""
    allowed = model.band_percent / 100 + 1e-9
    if (
        now.retained_team is not None
        and now.band_max is not None
        and now.retained_team > (plan.retained_team or 0)
        and now.band_max > allowed >= (plan.band_max or 0.0)
    ):
        yield (
            "The present teams keep more past contacts than the plan, but one of them is"
            f" {100 * now.band_max:.0f} in 100 from its share of the work; the plan keeps every"
            f" team within {model.band_percent:g}."
        )
    if (
        now.retained_own is not None
        and now.list_most is not None
        and now.retained_own > (plan.retained_own or 0)
        and now.list_most > (plan.list_most or 0)
    ):
        yield (
            "The present lists keep more past contacts with the own GP than the plan, but the"
            f" fullest has {now.list_most:.0f} where the average is 100 (work for bookable"
            f" minutes); in the plan it has {plan.list_most or 0:.0f}."
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

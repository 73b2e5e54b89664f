"""Why patients change lists: groups from one list to another, a reason and a number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import Weights, find_members, find_placed
from hamlets.teams.comparing.measures import find_moves
from hamlets.teams.inputs import Bools, Float64, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results.plan import Explanation, ExplanationKind

REASONS: tuple[tuple[ExplanationKind, str], ...] = (
    ("no_gp", "no list could take them under the rules"),
    ("named_gp_left", "the named GP has left or may not hold a list"),
    ("no_contact", "no GP was seen in the last 24 months, and {to} has room"),
    ("no_named_gp", "no GP was named before"),
    ("asked", "they asked for {to}"),
    ("saw_more", "they saw {to} more"),
    ("household", "somebody of their household knows {to}"),
    ("saw_team", "they saw the GPs of {team} more"),
    ("even_work", "this evens out the work"),
)
"""Kind and words of each reason. The first that holds for a patient is the one given."""
KINDS = tuple(kind for kind, _ in REASONS)


def explain_moves(
    inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement, names: tuple[str, ...]
) -> Iterator[Explanation]:
    """Yield a sentence for each list left, list joined and reason, with how many patients.

    Also of those whose named GP is gone or who had none: the numbers sum to moved, forced
    and first of the measures.
    """
    reason = find_reasons(inputs, model, arrangement)
    mine = np.flatnonzero(reason >= 0)
    left, joined = inputs.people.named[mine], arrangement.named[mine]
    groups, counts = np.unique(
        np.stack([left, joined, reason[mine]], axis=1), axis=0, return_counts=True
    )
    staff = inputs.clinicians
    team_of = {gp: names[number] for number, team in enumerate(arrangement.teams) for gp in team}
    for (source, target, code), number in zip(groups.tolist(), counts.tolist(), strict=True):
        kind, words = REASONS[code]
        to = staff.name[target] if target >= 0 else "nobody"
        who = "1 patient goes" if number == 1 else f"{number:,} patients go"
        come = f" from {staff.name[source]}" if source >= 0 else ""
        why = words.format(to=to, team=team_of.get(target, to))
        yield Explanation(
            subject=f"{_id(inputs, source)} to {_id(inputs, target)}",
            kind=kind,
            reason=f"{who}{come} to {to}: {why}.",
            number=number,
        )


def find_reasons(inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement) -> Int64:
    """Return the reason of each patient whose list changes, by place in REASONS; -1 for others.

    "More" is by the weights of Teams 3, against the list or the team that the patient would
    have stayed with.
    """
    people = inputs.people
    placed = find_placed(inputs, model)
    moves = find_moves(inputs, arrangement, placed)
    seen = Weights(inputs)
    unknown = seen.anyone() <= 0
    before, after = people.named, arrangement.named
    with_after = seen.one(after)
    members = find_members(inputs, arrangement)
    holds = {
        "no_gp": moves.moved & (after < 0),
        "named_gp_left": moves.forced,
        "no_contact": (moves.first | moves.moved) & unknown,
        "no_named_gp": moves.first,
        "asked": moves.moved & (people.locked == after),
        "saw_more": moves.moved & (with_after > seen.one(before)),
        "household": moves.moved & _joins_household(inputs, model, arrangement, with_after, placed),
        "saw_team": moves.moved & (seen.team(members, after) > seen.team(members, before)),
        "even_work": moves.moved,
    }
    found = np.full(people.size, -1, dtype=np.int64)
    for code, kind in enumerate(KINDS):
        found[(found < 0) & holds[kind]] = code
    return found


def _joins_household(
    inputs: PracticeInputs,
    model: TeamModel,
    arrangement: Arrangement,
    with_after: Float64,
    placed: Bools,
) -> Bools:
    """Return who comes to a list where another of the household was, or whose GP one saw."""
    people = inputs.people
    if not model.households:
        return np.zeros(people.size, dtype=np.bool_)
    knows = placed & (arrangement.named >= 0)
    knows &= (with_after > 0) | (people.named == arrangement.named)
    pairs = np.stack([people.household, arrangement.named], axis=1)
    _, place = np.unique(pairs, axis=0, return_inverse=True)
    place = place.reshape(-1)
    count = np.bincount(place[knows], minlength=int(place.max(initial=-1)) + 1)
    return count[place] - knows > 0


def _id(inputs: PracticeInputs, row: int) -> str:
    return inputs.clinicians.staff_id[row] if row >= 0 else "nobody"

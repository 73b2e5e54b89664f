"""The arrangement there is: named GPs as they are, teams as the records have them on the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.continuity.columns import texts, whole
from hamlets.continuity.ladder import team_on
from hamlets.continuity.reference import Reference, build_reference
from hamlets.records import Store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import PracticeInputs


@dataclass(frozen=True)
class Present:
    """The present arrangement, and what its teams are called in the records."""

    arrangement: Arrangement
    """A GP of several teams is in each of them."""
    team_ids: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]


def present_arrangement(inputs: PracticeInputs, store: Store) -> Present:
    """Return the teams and lists there are on the day of the inputs.

    A patient's team is the named GP's (definitions, Continuity 8): of several the one that
    the GP leads, else the first by id. Of GPs without a team only the lists are known.
    Without any team the arrangement has none, and then its measures of teams are None: to
    call each list a team of one would compare teams of unlike size.
    """
    reference = build_reference(store)
    day = inputs.day
    members = _members_on(inputs, reference, day)
    names, places = _teams(store)
    home = _place(reference, inputs.practice_id)
    chosen = _teams_of_gps(inputs, reference, day)
    held = {chosen[row] for row in np.unique(inputs.people.named).tolist() if row >= 0}
    kept = [
        team
        for team in sorted(members)
        if any(inputs.clinicians.gp[row] for row in members[team])
        # A team of another practice matters only where a list here is its.
        and (places.get(reference.team_labels[team], -1) in (-1, home) or team in held)
    ]
    number = {team: position for position, team in enumerate(kept)}
    of_gp = np.array([number.get(team, -1) for team in chosen] + [-1], dtype=np.int32)
    labels = [reference.team_labels[team] for team in kept]
    return Present(
        arrangement=_arrange(inputs, [members[team] for team in kept], of_gp),
        team_ids=tuple(labels),
        names=tuple(names.get(label) or label for label in labels),
        notes=() if kept else (f"No teams are recorded on {_said(day)}.",),
    )


def _arrange(
    inputs: PracticeInputs, found: list[dict[int, bool]], of_gp: np.ndarray
) -> Arrangement:
    gp = inputs.clinicians.gp
    everywhere = set[int]()
    if len(found) > 1:
        # GPs stay in the team tuples: their cover and their lists are those teams' own.
        everywhere = {row for row in found[0] if not gp[row] and all(row in t for t in found)}

    def leader(team: dict[int, bool]) -> int:
        return next((row for row in sorted(team) if team[row] and gp[row]), -1)

    return Arrangement(
        teams=tuple(tuple(sorted(row for row in team if gp[row])) for team in found),
        others=tuple(
            tuple(sorted(row for row in team if not gp[row] and row not in everywhere))
            for team in found
        ),
        shared=tuple(sorted(everywhere)),
        leads=tuple(leader(team) for team in found),
        team=of_gp[inputs.people.named],
        named=inputs.people.named,
    )


def _rows(reference: Reference, person: int, day: int) -> Iterable[tuple[int, bool]]:
    """Yield the teams of a person on a day, and whether the person leads them."""
    t = reference.teams
    for row in range(int(t.offset[person]), int(t.offset[person + 1])):
        if t.start[row] <= day < t.end[row]:
            yield int(t.value[row]), bool(reference.team_lead[row])


def _members_on(
    inputs: PracticeInputs, reference: Reference, day: int
) -> dict[int, dict[int, bool]]:
    """Return by team its members among the clinicians, and whether each leads it."""
    found: dict[int, dict[int, bool]] = {}
    for row, person in enumerate(inputs.clinicians.person.tolist()):
        for team, leads in _rows(reference, person, day):
            members = found.setdefault(team, {})
            members[row] = members.get(row, False) or leads
    return found


def _teams_of_gps(inputs: PracticeInputs, reference: Reference, day: int) -> list[int]:
    """Return the team that each clinician's patients have, -1 for none."""
    t = reference.teams
    return [
        int(
            team_on(
                int(t.offset[person]), int(t.offset[person + 1]),
                t.start, t.end, t.value, reference.team_lead, day,
            )
        )
        for person in inputs.clinicians.person.tolist()
    ]  # fmt: skip


def _teams(store: Store) -> tuple[dict[str, str | None], dict[str, int]]:
    """Return name and practice code of each team by id; -1 where no practice is known."""
    table = store.shared("teams")
    ids = [label or "" for label in texts(table, "team_id")]
    places = whole(table, "practice").tolist() if "practice" in table.column_names else []
    return (
        dict(zip(ids, texts(table, "name"), strict=True)),
        dict(zip(ids, places or [-1] * len(ids), strict=True)),
    )


def _place(reference: Reference, practice_id: str) -> int:
    labels = reference.practice_labels
    return labels.index(practice_id) if practice_id in labels else -1


def _said(day: int) -> str:
    date = day_of(day)
    return f"{date.day} {date:%B %Y}"

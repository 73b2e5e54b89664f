"""Nurses and other roles that each team needs: who belongs to which team of GPs.

The number of teams already fits the people of each role (a limit of the formation), so
this is a small assignment: most contacts kept, then days on which the team's GPs work.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from hamlets.errors import UsageError
from hamlets.teams.inputs import Float64, PracticeInputs
from hamlets.teams.model import TeamModel

Team = tuple[int, ...]


def deal_roles(inputs: PracticeInputs, model: TeamModel, teams: Sequence[Team]) -> tuple[Team, ...]:
    """Return for each team the people of other roles who work in that team alone.

    Those are the people of roles that each team needs and that are not shared; everybody
    else works for all teams. UsageError where links or sites leave a team without.
    """
    staff, needed = inputs.clinicians, model.needed
    dealt = [row for row in range(staff.size) if not staff.gp[row] and staff.role[row] in needed]
    if not dealt or not teams:
        return tuple(() for _ in teams)
    chosen = _assign(_gains(inputs, dealt, teams), *_sides(inputs, model, dealt, teams))
    if chosen is None:
        raise UsageError(
            f"The people of {' and '.join(needed)} cannot be dealt to the teams as asked.",
            where="roles",
            hint="Loosen their links or one_site, ask for fewer in each team, or share the role.",
        )
    return tuple(
        tuple(row for number, row in enumerate(dealt) if chosen[number, team] > 0.5)
        for team in range(len(teams))
    )


def _gains(inputs: PracticeInputs, dealt: Sequence[int], teams: Sequence[Team]) -> Float64:
    """Return people x teams: contacts with patients who see the team most, and days shared."""
    staff, people = inputs.clinicians, inputs.people
    team_of = np.full(staff.size + 1, -1)  # the last entry is for nobody
    for number, team in enumerate(teams):
        team_of[list(team)] = number
    patient = np.repeat(np.arange(people.size), np.diff(people.seen.offset))
    place = team_of[people.seen.clinician]
    held = np.zeros((people.size, len(teams)))
    np.add.at(held, (patient[place >= 0], place[place >= 0]), people.seen.weight[place >= 0])
    follows = np.where(held.sum(axis=1) > 0, held.argmax(axis=1), -1)
    gains = np.zeros((len(dealt), len(teams)))
    for number, row in enumerate(dealt):
        seen = (people.seen.clinician == row) & (follows[patient] >= 0)
        np.add.at(gains[number], follows[patient[seen]], people.seen.weight[seen])
        for team, members in enumerate(teams):
            shared = staff.half_days[row] & staff.half_days[list(members)].any(axis=0)
            gains[number, team] += 1e-3 * shared.sum()
    return gains


def _sides(
    inputs: PracticeInputs, model: TeamModel, dealt: Sequence[int], teams: Sequence[Team]
) -> tuple[list[tuple[Float64, float, float]], Float64]:
    """Return constraints (coefficients, low, high) on people x teams, and who may be where."""
    staff, shape = inputs.clinicians, (len(dealt), len(teams))
    number = {staff.staff_id[row]: place for place, row in enumerate(dealt)}
    home = {staff.staff_id[m]: n for n, team in enumerate(teams) for m in team}
    may = np.ones(shape)
    lines: list[tuple[Float64, float, float]] = []

    def add(cells: Sequence[tuple[int, int, float]], low: float, high: float) -> None:
        line = np.zeros(shape)
        for person, team, by in cells:
            line[person, team] += by
        lines.append((line.ravel(), low, high))

    for person in range(shape[0]):
        add([(person, team, 1.0) for team in range(shape[1])], 1, 1)
        if model.one_site:
            here = staff.site[dealt[person]]
            for team, members in enumerate(teams):
                sites = {staff.site[m] for m in members} - {None}
                may[person, team] = here is None or not sites or here in sites
    for team, (role, least) in itertools.product(range(shape[1]), model.needed.items()):
        of_role = [p for p, row in enumerate(dealt) if staff.role[row] == role]
        add([(person, team, 1.0) for person in of_role], least, len(of_role))
    for group in model.must_link:
        for one, other in itertools.permutations(group, 2):
            if one in number and other in home:
                may[number[one], [t for t in range(shape[1]) if t != home[other]]] = 0
            elif one in number and other in number:
                for team in range(shape[1]):
                    add([(number[one], team, 1.0), (number[other], team, -1.0)], 0, 0)
    for group in model.cannot_link:
        for one, other in itertools.permutations(group, 2):
            if one in number and other in home:
                may[number[one], home[other]] = 0
            elif one in number and other in number:
                for team in range(shape[1]):
                    add([(number[one], team, 1.0), (number[other], team, 1.0)], 0, 1)
    return lines, may


def _assign(
    gains: Float64, lines: Sequence[tuple[Float64, float, float]], may: Float64
) -> Float64 | None:
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix: Any = np.array([line for line, _, _ in lines])
    low: Any = np.array([least for _, least, _ in lines])
    high: Any = np.array([most for _, _, most in lines])
    upper: Any = may.ravel()
    result = milp(
        c=-gains.ravel(),
        integrality=np.ones(gains.size),
        bounds=Bounds(0, upper),
        constraints=LinearConstraint(matrix, low, high),
        options={"time_limit": 5.0},
    )
    return None if result.x is None else np.asarray(result.x).reshape(gains.shape)

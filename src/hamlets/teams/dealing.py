"""Nurses and other roles that each team needs: who belongs to which team of GPs.

The number of teams already fits the people of each role (a limit of the formation), so for
given teams this is a small assignment: most contacts kept, then days on which the team's GPs
work. Links and sites may leave teams that nobody can be dealt to; then teams and people are
chosen in one whole-number programme, which also tells whether there are any.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hamlets.optimise.quiet import quiet
from hamlets.teams.columns import Candidates, Rule
from hamlets.teams.inputs import Bools, Float64, Int64, PracticeInputs

Team = tuple[int, ...]

_SECONDS = 5.0
_MOST = 300_000
"""Candidates x people to deal beyond which teams and people are not chosen at once."""


def deal_roles(
    inputs: PracticeInputs, rules: Iterable[Rule], teams: Sequence[Team]
) -> tuple[Team, ...] | None:
    """Return for each team the people of other roles who work in that team alone.

    Those are the people of roles that the rules ask for in each team; everybody else works
    for all teams. None where links or sites leave a team without.
    """
    asked = _Asked.of(inputs, rules)
    if not asked.dealt or not teams:
        return tuple(() for _ in teams)
    gains = _gains(inputs, asked.dealt, teams)
    found = _solve(inputs, asked, _members(inputs, teams), np.zeros(len(teams)), gains, _SECONDS)
    if found.people is None:
        return None
    return tuple(
        tuple(row for number, row in enumerate(asked.dealt) if found.people[number] == team)
        for team in range(len(teams))
    )


@dataclass(frozen=True)
class Staffed:
    """Candidates that other roles can be dealt to."""

    chosen: Int64 | None
    """Rows; None where none were found."""
    proven: bool
    """Whether, where none were found, there are none."""


def choose_staffed(
    inputs: PracticeInputs,
    rules: Iterable[Rule],
    candidates: Candidates,
    gain: Float64,
    seconds: float,
) -> Staffed:
    """Return teams of most gain (of each candidate) among those that people can be dealt to."""
    asked = _Asked.of(inputs, rules)
    columns = candidates.columns
    if columns.count * max(1, len(asked.dealt)) > _MOST or seconds <= 0:
        return Staffed(None, False)
    teams = [candidates.team(row) for row in range(columns.count)]
    nothing = np.zeros((len(asked.dealt), columns.count))
    every = np.zeros(inputs.clinicians.size, dtype=np.bool_)
    every[candidates.gps] = True
    members = _members(inputs, teams)
    if not members[every].any(axis=1).all():
        return Staffed(None, True)
    found = _solve(inputs, asked, members, gain, nothing, seconds)
    return Staffed(found.chosen, found.proven)


def may_be_short(inputs: PracticeInputs, rules: Iterable[Rule]) -> bool:
    """Return whether links or sites could leave teams without people that others would have."""
    kept = tuple(rules)
    asked = _Asked.of(inputs, kept)
    names = {inputs.clinicians.staff_id[row] for row in asked.dealt}
    linked = any(
        names & set(rule.about.split(", "))
        for rule in kept
        if rule.id in ("must_link", "cannot_link")
    )
    return bool(asked.dealt) and (linked or asked.one_site)


@dataclass(frozen=True)
class _Asked:
    """What the rules ask of people of other roles."""

    needed: dict[str, int]
    dealt: tuple[int, ...]
    """Who is in one team: the people of the roles needed."""
    one_site: bool
    together: tuple[tuple[str, ...], ...]
    apart: tuple[tuple[str, ...], ...]

    @staticmethod
    def of(inputs: PracticeInputs, rules: Iterable[Rule]) -> _Asked:
        staff, kept = inputs.clinicians, tuple(rules)
        needed = {rule.about: int(rule.value) for rule in kept if rule.id == "role"}

        def groups(link: str) -> tuple[tuple[str, ...], ...]:
            return tuple(tuple(rule.about.split(", ")) for rule in kept if rule.id == link)

        return _Asked(
            needed=needed,
            dealt=tuple(
                row for row in range(staff.size) if not staff.gp[row] and staff.role[row] in needed
            ),
            one_site=any(rule.id == "one_site" for rule in kept),
            together=groups("must_link"),
            apart=groups("cannot_link"),
        )


def _members(inputs: PracticeInputs, teams: Sequence[Team]) -> Bools:
    """Return clinicians x teams: who is in which."""
    found = np.zeros((inputs.clinicians.size, len(teams)), dtype=np.bool_)
    for number, team in enumerate(teams):
        found[list(team), number] = True
    return found


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


@dataclass(frozen=True)
class _Solved:
    chosen: Int64 | None
    people: Int64 | None
    """Column of each person dealt."""
    proven: bool


def _solve(
    inputs: PracticeInputs,
    asked: _Asked,
    members: Bools,
    gain: Float64,
    gains: Float64,
    seconds: float,
) -> _Solved:
    """Return columns that hold each GP once, with people dealt to them, of most gain."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    people, count = gains.shape
    rows = _Rows(count, people)
    for gp in np.flatnonzero(members.any(axis=1)).tolist():
        rows.add([(members[gp].astype(float), None)], 1, 1)
    for person in range(people):
        rows.add([(np.ones(count), person)], 1, 1)
    may = _may(inputs, asked, members)
    for role, least in asked.needed.items():
        _need(rows, [n for n, row in enumerate(asked.dealt) if _is(inputs, row, role)], least)
    _link(rows, inputs, asked)
    matrix, low, high = rows.matrix()
    upper: Any = np.concatenate([np.ones(count), may.ravel().astype(float)])
    with quiet():
        result: Any = milp(
            c=-np.concatenate([gain, gains.ravel()]),
            integrality=np.ones(len(upper)),
            bounds=Bounds(0, upper),
            constraints=LinearConstraint(matrix, low, high),
            options={"time_limit": seconds},
        )
    if result.x is None:
        return _Solved(None, None, result.status == 2)
    x = np.asarray(result.x)
    chosen = np.flatnonzero(x[:count] > 0.5)
    return _Solved(chosen, x[count:].reshape(people, count).argmax(axis=1), True)


def _is(inputs: PracticeInputs, row: int, role: str) -> bool:
    return inputs.clinicians.role[row] == role


def _need(rows: _Rows, of_role: Sequence[int], least: int) -> None:
    """Ask for people of a role in each team that is chosen, and for none in the others."""
    every = np.ones(rows.count)
    rows.add_each([(every, person) for person in of_role] + [(-least * every, None)], 0, np.inf)
    for person in of_role:
        rows.add_each([(every, person), (-every, None)], -np.inf, 0)


def _may(inputs: PracticeInputs, asked: _Asked, members: Bools) -> Bools:
    """Return people x columns: whom links to GPs and sites let be where."""
    staff = inputs.clinicians
    may = np.ones((len(asked.dealt), members.shape[1]), dtype=np.bool_)
    number = {staff.staff_id[row]: n for n, row in enumerate(asked.dealt)}
    gp_row = {name: row for row, name in enumerate(staff.staff_id) if members[row].any()}
    for groups, with_them in ((asked.together, True), (asked.apart, False)):
        for group in groups:
            for one, other in itertools.permutations(group, 2):
                if one in number and other in gp_row:
                    may[number[one]] &= members[gp_row[other]] == with_them
    if asked.one_site:
        sites = np.array([site or "" for site in staff.site])
        known = (sites != "")[:, None] & members
        for n, row in enumerate(asked.dealt):
            here = ((sites == sites[row])[:, None] & known).any(axis=0)
            may[n] &= (sites[row] == "") | here | ~known.any(axis=0)
    return may


def _link(rows: _Rows, inputs: PracticeInputs, asked: _Asked) -> None:
    """Keep linked people of other roles in one team, or apart."""
    number = {inputs.clinicians.staff_id[row]: n for n, row in enumerate(asked.dealt)}
    every = np.ones(rows.count)
    for groups, with_them in ((asked.together, True), (asked.apart, False)):
        for group in groups:
            for one, other in itertools.combinations([n for n in group if n in number], 2):
                second = -every if with_them else every
                both = [(every, number[one]), (second, number[other])]
                rows.add_each(both, 0 if with_them else -np.inf, 0 if with_them else 1)


class _Rows:
    """Rows of a programme over columns, then over people x columns."""

    def __init__(self, count: int, people: int) -> None:
        self.count, self.size = count, count * (1 + people)
        self.line: list[Int64] = []
        self.at: list[Int64] = []
        self.number: list[Float64] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def _place(self, person: int | None) -> Int64:
        first = 0 if person is None else self.count * (1 + person)
        return np.arange(first, first + self.count, dtype=np.int64)

    def add(self, parts: Sequence[tuple[Float64, int | None]], low: float, high: float) -> None:
        """Add one row over all columns; a part is of the columns, or of a person in each."""
        for numbers, person in parts:
            used = np.flatnonzero(numbers)
            self.line.append(np.full(len(used), len(self.low), dtype=np.int64))
            self.at.append(self._place(person)[used])
            self.number.append(numbers[used])
        self.low.append(low)
        self.high.append(high)

    def add_each(
        self, parts: Sequence[tuple[Float64, int | None]], low: float, high: float
    ) -> None:
        """Add a row for each column."""
        for numbers, person in parts:
            self.line.append(np.arange(len(self.low), len(self.low) + self.count, dtype=np.int64))
            self.at.append(self._place(person))
            self.number.append(numbers)
        self.low += [low] * self.count
        self.high += [high] * self.count

    def matrix(self) -> tuple[Any, Any, Any]:
        """Return the rows as a sparse matrix, with their sides."""
        from scipy.sparse import csc_array

        entries = (np.concatenate(self.line), np.concatenate(self.at))
        shape = (len(self.low), self.size)
        matrix = csc_array((np.concatenate(self.number), entries), shape=shape)
        return matrix, np.array(self.low), np.array(self.high)

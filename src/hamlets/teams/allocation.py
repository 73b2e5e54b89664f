"""Allocation: patients to teams under a band of work, then to a named GP within the team.

Households go to one team whole; within it each person has a named GP of their own. The
band on teams is kept to the letter; lists within a team are evened out as far as the budget
of moves lets them be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hamlets.optimise.assignment import Task, assign, bound_of, every_place
from hamlets.optimise.deadline import Deadline
from hamlets.teams.inputs import Bools, Float64, Int32, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.units import number_units

Team = tuple[int, ...]

STICKINESS = 0.15
"""Weighted contacts that a change of the named GP must be worth."""
_SITE, _LANGUAGE, _HOUSEHOLD = 0.02, 0.02, 0.05
"""Pulls, in weighted contacts, where contacts do not decide."""
_EVENNESS = 1.0
"""Weighted contacts that a mean patient's work outside a list's band costs."""


@dataclass(frozen=True)
class Allocation:
    """Teams and lists of the placed patients, and what holds of them."""

    team: Int32
    """Of each patient; -1 = not placed."""
    named: Int32
    """Named GP of each patient; -1 = none."""
    value: float
    """Recency-weighted contacts of the placed with GPs of their team."""
    price: float
    """Weighted contacts that one more change of a named GP would win."""
    band_kept: bool
    budget_kept: bool
    prices: Float64
    """Of the allocation to teams, to start another one of the same teams from."""
    list_prices: Float64 = field(default_factory=lambda: np.zeros(0))
    """The same of the lists."""


@dataclass(frozen=True)
class Placing:
    """What is known of the placed patients before any team: units, work, who may move."""

    inputs: PracticeInputs
    model: TeamModel
    unit: Int64
    """Of each patient; -1 = not placed."""
    gps: Bools
    """Clinicians who are in one team each."""

    @staticmethod
    def of(inputs: PracticeInputs, model: TeamModel, gps: Int32) -> Placing:
        """Return the placing of a practice under a model."""
        mask = np.zeros(inputs.clinicians.size, dtype=np.bool_)
        mask[gps] = True
        return Placing(inputs, model, number_units(inputs, model), mask)

    @property
    def placed(self) -> Int64:
        """Positions of the patients who are placed."""
        return np.flatnonzero(self.unit >= 0)

    @property
    def held(self) -> Int64:
        """Positions of the placed who have an eligible named GP: they count in the budget."""
        return np.flatnonzero((self.unit >= 0) & (self.inputs.people.named >= 0))

    @property
    def budget(self) -> float:
        """Changes of named GP that the model allows."""
        return math.floor(self.model.disruption_percent / 100 * len(self.held) + 1e-9)


@dataclass(frozen=True)
class Leaning:
    """How far lists lean from contacts with the team to contacts with the named GP."""

    part: float = 1.0
    """Part of the budget of moves that changes of team may take."""
    own: float = 0.0
    """What a contact with the GP who is likely to be named counts in the choice of team."""


TEAMS_FIRST = Leaning()


def allocate(placing: Placing, teams: Sequence[Team]) -> Allocation:
    """Return the allocation of the placed patients to these teams of GPs, and to lists.

    Contacts with the team come first: ``favouring`` gives some for the named GP.
    """
    found = deal(placing, teams)
    if not len(found.prices):
        return found
    return replace(found, price=reach_of(placing, teams)[1])


def deal(
    placing: Placing,
    teams: Sequence[Team],
    leaning: Leaning = TEAMS_FIRST,
    start: Allocation | None = None,
    deadline: Deadline | None = None,
) -> Allocation:
    """Return an allocation as ``allocate`` does, its price of a move left at 0.

    ``start`` = one of the same teams, whose prices to begin with. After the ``deadline``
    units are still dealt, with less search for the best way.
    """
    inputs = placing.inputs
    patients = inputs.people.size
    if not teams or not len(placing.placed):
        nobody = np.full(patients, -1, dtype=np.int32)
        return Allocation(nobody, nobody, 0.0, 0.0, True, True, np.zeros(0))
    task = team_task(placing, teams)
    if leaning.own > 0:
        task = replace(task, gain=task.gain + leaning.own * _likely_own(placing, teams))
    task = replace(task, most=math.floor(leaning.part * task.most + 1e-9))
    found = assign(task, None if start is None else start.prices, deadline)
    team = np.full(patients, -1, dtype=np.int32)
    team[placing.placed] = found.place[placing.unit[placing.placed]]
    begin = None if start is None else start.list_prices
    named, within, list_prices = _named(placing, teams, team, begin, deadline)
    by_team = weight_by_team(inputs, teams)
    return Allocation(
        team=team,
        named=named,
        value=float(by_team[placing.placed, team[placing.placed]].sum()),
        price=0.0,
        band_kept=found.broken == 0.0,
        budget_kept=found.overspent == 0.0 and within,
        prices=found.prices,
        list_prices=list_prices,
    )


def _likely_own(placing: Placing, teams: Sequence[Team]) -> Float64:
    """Return units x teams: contacts with the named GP where in the team, else with the most seen.

    Who goes to another team needs a new named GP whoever it is, who stays needs none.
    """
    inputs = placing.inputs
    people, staff, placed = inputs.people, inputs.clinicians, placing.placed
    likely = np.zeros((people.size, len(teams)))
    for number, members in enumerate(teams):
        holders = [gp for gp in members if staff.eligible[gp]]
        if not holders:
            continue
        weight = weight_by_team(inputs, [(gp,) for gp in holders])
        likely[:, number] = weight.max(axis=1)
        for place, gp in enumerate(holders):
            here = people.named == gp
            likely[here, number] = weight[here, place]
    units = int(placing.unit.max(initial=-1)) + 1
    return _sum_by(placing.unit[placed], likely[placed], units)


def team_task(placing: Placing, teams: Sequence[Team], pulls: bool = True) -> Task:
    """Return the assignment of units to teams; without ``pulls`` its gains are contacts alone."""
    inputs, people = placing.inputs, placing.inputs.people
    placed = placing.placed
    units, count = int(placing.unit.max(initial=-1)) + 1, len(teams)
    by_team = weight_by_team(inputs, teams)
    charge = np.zeros((people.size, count))
    home = team_of_clinician(inputs, teams)
    held = placing.held
    charge[held] = 1.0
    at = home[people.named[held]]
    inside = at >= 0
    charge[held[inside], at[inside]] = 0.0
    # Who asked for another GP moves wherever the team is.
    charge[held[_asked_elsewhere(inputs)[held]]] = 1.0
    if pulls:
        by_team = by_team - STICKINESS * charge + _team_pulls(inputs, teams)
    gain = _sum_by(placing.unit[placed], by_team[placed], units)
    asked = people.locked[placed]
    asked = np.where(asked >= 0, home[asked], -1)
    for row in np.flatnonzero(asked >= 0).tolist():
        unit = placing.unit[placed[row]]
        only = gain[unit, asked[row]]
        gain[unit] = -np.inf
        gain[unit, asked[row]] = only
    work = total_by(placing.unit[placed], people.work_minutes[placed], units)
    fair = _fair_shares(inputs.clinicians.capacity_minutes, teams) * work.sum()
    band = placing.model.band_percent / 100
    return Task(
        gain=gain,
        work=work,
        low=fair * (1 - band),
        high=fair * (1 + band),
        to=every_place(units, count),
        charge=_sum_by(placing.unit[placed], charge[placed], units),
        most=placing.budget,
    )


def reach_of(placing: Placing, teams: Sequence[Team]) -> tuple[float, float]:
    """Return what no lists of these teams retain more than within band and budget, and what
    one more change of a named GP would win, in weighted contacts.
    """
    if not teams or not len(placing.placed):
        return 0.0, 0.0
    bound, prices = bound_of(team_task(placing, teams, pulls=False))
    return bound, float(prices[-1])


def _asked_elsewhere(inputs: PracticeInputs) -> Bools:
    """Return which patients asked for another GP than the present one."""
    people = inputs.people
    return (people.locked >= 0) & (people.named >= 0) & (people.locked != people.named)


def _fair_shares(capacity: Float64, teams: Sequence[Team]) -> Float64:
    """Return each team's share of all capacity; of the GPs where nobody has any."""
    by_team = np.array([float(capacity[list(team)].sum()) for team in teams])
    if by_team.sum() <= 0:
        by_team = np.array([float(len(team)) for team in teams])
    return by_team / by_team.sum()


def team_of_clinician(inputs: PracticeInputs, teams: Sequence[Team]) -> Int64:
    """Return the team of each clinician, -1 for those in none."""
    home = np.full(inputs.clinicians.size, -1, dtype=np.int64)
    for number, team in enumerate(teams):
        home[list(team)] = number
    return home


def weight_by_team(inputs: PracticeInputs, teams: Sequence[Team]) -> Float64:
    """Return patients x teams: recency-weighted contacts with the team's GPs."""
    seen, patients, count = inputs.people.seen, inputs.people.size, len(teams)
    patient = np.repeat(np.arange(patients), np.diff(seen.offset))
    at = np.append(team_of_clinician(inputs, teams), -1)[seen.clinician]  # the last: nobody
    kept = at >= 0
    key = patient[kept] * count + at[kept]
    return total_by(key, seen.weight[kept], patients * count).reshape(patients, count)


def total_by(code: Int64, number: Float64, codes: int) -> Float64:
    """Return the total of the numbers of each code."""
    return np.bincount(code, weights=number, minlength=codes).astype(np.float64)


def _sum_by(unit: Int64, rows: Float64, units: int) -> Float64:
    """Return units x columns: rows summed by unit."""
    return np.ascontiguousarray(np.array([total_by(unit, column, units) for column in rows.T]).T)


def _team_pulls(inputs: PracticeInputs, teams: Sequence[Team]) -> Float64:
    """Return patients x teams: small pulls to a team at the patient's site, or of the language."""
    staff, people = inputs.clinicians, inputs.people
    pull = np.zeros((people.size, len(teams)))
    for words, size in ((people.site, _SITE), (people.language, _LANGUAGE)):
        known = sorted({word for word in words if word is not None})
        code = np.array([-1 if word is None else known.index(word) for word in words], dtype=int)
        for number, team in enumerate(teams):
            if words is people.site:
                here = {staff.site[gp] for gp in team}
            else:
                here = {word for gp in team for word in staff.languages[gp]}
            has = np.array([word in here for word in known] + [False])
            pull[:, number] += size * has[code]
    return pull


def _named(
    placing: Placing,
    teams: Sequence[Team],
    team: Int32,
    start: Float64 | None,
    deadline: Deadline | None,
) -> tuple[Int32, bool, Float64]:
    """Return each placed patient's named GP, whether the moves keep the budget, and prices."""
    inputs = placing.inputs
    named = np.full(inputs.people.size, -1, dtype=np.int32)
    holders = [[gp for gp in members if inputs.clinicians.eligible[gp]] for members in teams]
    has_holder = np.array([bool(each) for each in holders])
    placed = placing.placed[has_holder[team[placing.placed]]]
    if not len(placed):
        return named, True, np.zeros(0)
    task, gp = _list_task(placing, holders, team, placed)
    found = assign(task, start, deadline)
    named[placed] = gp[found.place]
    return named, found.overspent == 0.0, found.prices


def _list_task(
    placing: Placing, holders: Sequence[list[int]], team: Int32, placed: Int64
) -> tuple[Task, Int32]:
    """Return the assignment of patients to list-holders of their team, and who each place is."""
    inputs, people, staff = placing.inputs, placing.inputs.people, placing.inputs.clinicians
    gp = np.array([each for members in holders for each in members], dtype=np.int32)
    place = np.full(staff.size, -1, dtype=np.int64)
    place[gp] = np.arange(len(gp))
    widest = max(len(members) for members in holders)
    ways = np.full((len(holders), widest), -1, dtype=np.int64)
    for number, members in enumerate(holders):
        ways[number, : len(members)] = place[members]
    to = ways[team[placed]]
    weight = _weight_by_gp(placing, gp)
    to_known = np.maximum(to, 0)
    gain = weight[placed[:, None], to_known]
    gain += _HOUSEHOLD * _household_share(placing, weight)[placing.unit[placed][:, None], to_known]
    for number, who in enumerate(gp.tolist()):
        speaks = staff.languages[who]
        if speaks:
            mine = np.array([word in speaks for word in people.language])[placed]
            gain += _LANGUAGE * ((to == number) & mine[:, None])
    now = people.named[placed]
    now = np.where(now >= 0, place[now], -1)
    stays_possible = (to == now[:, None]).any(axis=1) & (now >= 0)
    stays_possible &= ~_asked_elsewhere(inputs)[placed]
    charge = np.where(stays_possible[:, None], (to != now[:, None]).astype(float), 0.0)
    gain -= STICKINESS * charge
    locked = people.locked[placed]
    locked = np.where(locked >= 0, place[locked], -1)
    gain[
        (locked[:, None] >= 0)
        & (to != locked[:, None])
        & (to == locked[:, None]).any(axis=1, keepdims=True)
    ] = -np.inf
    gain[to < 0] = -np.inf
    already = int((people.named[placing.held] >= 0).sum()) - int(stays_possible.sum())
    work = people.work_minutes[placed]
    by_team = total_by(team[placed].astype(np.int64), work, len(holders))
    fair = np.concatenate(
        [
            _fair_shares(staff.capacity_minutes, [(who,) for who in members]) * by_team[number]
            for number, members in enumerate(holders)
            if members
        ]
    )
    band = placing.model.list_band_percent / 100
    task = Task(
        gain=gain,
        work=work,
        low=np.maximum(fair * (1 - band), 0.0),
        high=fair * (1 + band),
        to=to_known,
        charge=charge,
        most=max(0.0, placing.budget - already),
        soft=_EVENNESS,
    )
    return task, gp


def _weight_by_gp(placing: Placing, gp: Int32) -> Float64:
    """Return patients x list-holders: recency-weighted contacts."""
    return weight_by_team(placing.inputs, [(int(who),) for who in gp])


def _household_share(placing: Placing, weight: Float64) -> Float64:
    """Return units x list-holders: share of the unit's contacts with each."""
    placed = placing.placed
    units = int(placing.unit.max(initial=-1)) + 1
    total = _sum_by(placing.unit[placed], weight[placed], units)
    return total / np.maximum(total.sum(axis=1, keepdims=True), 1e-12)

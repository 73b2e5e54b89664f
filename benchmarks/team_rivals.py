"""Rivals at designing teams: the models that an analyst would write first, solved by others.

**Whole plan**: is GP g in team t (y), is unit u in team t (x), is GP g in the team of unit u
(z); x and z together ask for y. Teams are numbered by their first GP, so that none is counted
twice. The rules, band of work and budget of moves are those of Hamlets, as rows. It is solved
as it stands by CP-SAT and by HiGHS (through scipy).

**Formation**: the candidate teams that Hamlets lists, one column each, every GP once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.clock import Clock
from hamlets.optimise.partition import Columns
from hamlets.teams.allocation import Placing, total_by
from hamlets.teams.columns import find_gps, list_rules, may_lead
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.units import gather_units

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

GAIN_STEPS, WORK_STEPS = 1_000, 100
"""CP-SAT takes whole numbers: steps of a weighted contact, and of a minute."""
_KNOWN_RULES = {"size_least", "size_most", "list_holder", "bookable", "lead", "cover"}


@dataclass(frozen=True)
class Solved:
    """What a solver came to. ``value`` and ``bound`` are its own; ``x`` its variables."""

    value: float | None
    bound: float | None
    status: str
    seconds: float
    processor: float
    variables: int
    rows: int
    x: Floats | None

    @property
    def took(self) -> tuple[float, float]:
        """Wall and processor seconds."""
        return self.seconds, self.processor


@dataclass
class Rows:
    """Rows of a linear model being written: low <= sum of number x variable <= high."""

    row: list[Ints] = field(default_factory=list[Ints])
    column: list[Ints] = field(default_factory=list[Ints])
    number: list[Floats] = field(default_factory=list[Floats])
    low: list[float] = field(default_factory=list[float])
    high: list[float] = field(default_factory=list[float])

    def add(self, columns: Any, numbers: Any, low: float, high: float) -> None:
        """Add one row; ``numbers`` may be one for all."""
        columns = np.asarray(columns, dtype=np.int64)
        self.row.append(np.full(len(columns), len(self.low)))
        self.column.append(columns)
        self.number.append(np.broadcast_to(np.asarray(numbers, dtype=np.float64), columns.shape))
        self.low.append(low)
        self.high.append(high)


@dataclass
class Whole:
    """The whole plan as a model of yes-or-no variables: y, then x, then z."""

    inputs: PracticeInputs
    model: TeamModel

    def __post_init__(self) -> None:
        inputs, model = self.inputs, self.model
        unknown = {rule.id for rule in list_rules(inputs, model)} - _KNOWN_RULES
        if unknown:
            raise ValueError(f"the rivals' model has no such rules: {sorted(unknown)}")
        self.gps = find_gps(inputs, model).astype(np.int64)
        self.placing = Placing.of(inputs, model, self.gps.astype(np.int32))
        units = gather_units(inputs, model, self.gps.astype(np.int32))
        self.units, self.locked = units.count, units.locked
        self.teams = len(self.gps) // model.gp_bounds[0]
        people, placed = inputs.people, self.placing.placed
        unit_of = self.placing.unit
        self.work = total_by(unit_of[placed], people.work_minutes[placed], self.units)
        position = np.full(inputs.clinicians.size, -1, dtype=np.int64)
        position[self.gps] = np.arange(len(self.gps))
        held = self.placing.held
        asked = people.locked[held]
        stays = held[(asked < 0) | (asked == people.named[held])]
        seen = np.repeat(np.arange(units.count), np.diff(units.offset)) * len(self.gps) + units.gp
        kept = unit_of[stays] * len(self.gps) + position[people.named[stays]]
        self.pair = np.unique(np.concatenate([seen, kept]))
        self.gain = np.zeros(len(self.pair))
        np.add.at(self.gain, np.searchsorted(self.pair, seen), units.weight)
        self.held_by = np.zeros(len(self.pair))
        np.add.at(self.held_by, np.searchsorted(self.pair, kept), 1.0)
        self.must_stay = len(held) - self.placing.budget
        # y of (GP, team) where the team's number is at most the GP's: others are never true.
        gp, team = np.indices((len(self.gps), self.teams))
        allowed = team <= gp
        self.y = np.full(gp.shape, -1, dtype=np.int64)
        self.y[allowed] = np.arange(int(allowed.sum()))
        first = int(allowed.sum())
        self.used = first + np.arange(self.teams)
        self.x = first + self.teams + np.arange(self.units * self.teams)
        self.x = self.x.reshape(self.units, self.teams)
        self.z = first + self.teams + self.x.size + np.arange(len(self.pair))
        self.variables = first + self.teams + self.x.size + len(self.pair)

    def clauses(self) -> tuple[Ints, Ints, Ints]:
        """Return x, z and y (-1 = none): where x and z are true y is, or not both are."""
        unit, gp = np.divmod(self.pair, len(self.gps))
        x, y = self.x[unit], self.y[gp]
        return x.ravel(), np.repeat(self.z, self.teams), y.ravel()

    def rows(self) -> Rows:
        """Return all rules that are not clauses."""
        rows = Rows()
        for gp in range(len(self.gps)):
            rows.add(self.of_gp(range(self.teams), gp), 1.0, 1, 1)
        for unit in range(self.units):
            rows.add(self.x[unit], 1.0, 1, 1)
        self._numbered(rows)
        self._local(rows)
        self._locked(rows)
        self._band(rows)
        staying = self.held_by > 0
        rows.add(self.z[staying], self.held_by[staying], float(self.must_stay), np.inf)
        return rows

    def of_gp(self, teams: Sequence[int], gp: int) -> Ints:
        """Return the variables of a GP in some teams."""
        found = self.y[gp, list(teams)]
        return found[found >= 0]

    def _numbered(self, rows: Rows) -> None:
        """Teams in use come first, in order of their first GP."""
        for team in range(1, self.teams):
            rows.add([self.used[team - 1], self.used[team]], [1.0, -1.0], 0, 1)
            for gp in range(team, len(self.gps)):
                before = self.y[:gp, team - 1]
                before = before[before >= 0]
                columns = [self.y[gp, team], *before]
                rows.add(columns, [-1.0, *np.ones(len(before))], 0, np.inf)

    def _local(self, rows: Rows) -> None:
        """Size, list-holder, bookable minutes, lead, cover."""
        staff, gps = self.inputs.clinicians, self.gps
        least, most = self.model.gp_bounds
        needs: list[tuple[Bools, int]] = [
            (staff.eligible[gps], 1),
            (staff.capacity_minutes[gps] > 0, 1),
            (may_lead(staff, self.model)[gps], 1),
        ]
        covered = staff.half_days[gps] & staff.eligible[gps][:, None]
        times = covered if self.model.cover == "half_day" else covered[:, ::2] | covered[:, 1::2]
        if self.model.cover != "none":
            needs += [(present, self.model.cover_gps) for present in times.T]
        for team in range(self.teams):
            of_team = self.y[:, team]
            here = np.flatnonzero(of_team >= 0)
            for bound, low, high in ((least, 0, np.inf), (most, -np.inf, 0)):
                columns = [*of_team[here], self.used[team]]
                rows.add(columns, [*np.ones(len(here)), -float(bound)], low, high)
            for mask, number in needs:
                some = here[mask[here]]
                columns = [*of_team[some], self.used[team]]
                rows.add(columns, [*np.ones(len(some)), -float(number)], 0, np.inf)
            # A team without GPs has no patients: the band of nothing is nothing.

    def _locked(self, rows: Rows) -> None:
        """A unit goes where the GP is whom somebody of it asked for."""
        for unit in np.flatnonzero(self.locked >= 0).tolist():
            for team in range(self.teams):
                y = self.y[self.locked[unit], team]
                columns = [self.x[unit, team], *([y] if y >= 0 else [])]
                rows.add(columns, [1.0, -1.0][: len(columns)], 0, 0)

    def _band(self, rows: Rows) -> None:
        """Each team's work is near its share of the practice's, by bookable minutes."""
        capacity = self.inputs.clinicians.capacity_minutes[self.gps]
        share = capacity / capacity.sum() * self.work.sum()
        band = self.model.band_percent / 100
        for team in range(self.teams):
            of_team = self.y[:, team]
            here = np.flatnonzero(of_team >= 0)
            columns = np.concatenate([self.x[:, team], of_team[here]])
            for side, low, high in ((1 - band, 0.0, np.inf), (1 + band, -np.inf, 0.0)):
                rows.add(columns, np.concatenate([self.work, -share[here] * side]), low, high)

    def read(self, x: Floats) -> tuple[tuple[tuple[int, ...], ...], Ints]:
        """Return the teams of a solution, as clinicians, and the team of each patient."""
        member = (self.y >= 0) & (x[np.maximum(self.y, 0)] > 0.5)
        used = np.flatnonzero(member.any(axis=0))
        teams = tuple(tuple(int(gp) for gp in self.gps[member[:, team]]) for team in used)
        at = np.searchsorted(used, x[self.x].argmax(axis=1))
        team = np.full(self.inputs.people.size, -1, dtype=np.int64)
        team[self.placing.placed] = at[self.placing.unit[self.placing.placed]]
        return teams, team


def whole_by_cpsat(whole: Whole, limit: float) -> Solved:
    """Solve the whole plan by CP-SAT, one worker."""
    from ortools.sat.python import cp_model

    began = Clock()
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(whole.variables)]
    negated = [~each for each in variables]
    rows = whole.rows()
    for line, (column, number) in enumerate(zip(rows.column, rows.number, strict=True)):
        low, high = rows.low[line], rows.high[line]
        # Rows with minutes are in steps of minutes; all others are whole as they are.
        scale = 1 if np.all(number == np.round(number)) else WORK_STEPS
        whole_numbers = np.round(number * scale).astype(np.int64).tolist()
        total = cp_model.LinearExpr.weighted_sum([variables[c] for c in column], whole_numbers)
        least = int(low * scale) if np.isfinite(low) else cp_model.INT32_MIN * 2**20
        most = int(high * scale) if np.isfinite(high) else cp_model.INT32_MAX * 2**20
        model.add_linear_constraint(total, least, most)
    for x, z, y in zip(*(each.tolist() for each in whole.clauses()), strict=True):
        model.add_bool_or([negated[x], negated[z], *([variables[y]] if y >= 0 else [])])
    gains = np.round(whole.gain * GAIN_STEPS).astype(np.int64).tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum([variables[z] for z in whole.z], gains))
    solved = _cpsat(model, variables, limit, GAIN_STEPS)
    return _with(solved, began, whole.variables, len(rows.low) + whole.pair.size * whole.teams)


def whole_by_highs(whole: Whole, limit: float) -> Solved:
    """Solve the whole plan by HiGHS through scipy."""
    began = Clock()
    rows = whole.rows()
    x, z, y = whole.clauses()
    first = len(rows.low)
    line = first + np.arange(len(x))
    with_y = y >= 0
    rows.row += [line, line, line[with_y]]
    rows.column += [x, z, y[with_y]]
    rows.number += [np.ones(len(x)), np.ones(len(x)), -np.ones(int(with_y.sum()))]
    low = np.concatenate([rows.low, np.full(len(x), -np.inf)])
    high = np.concatenate([rows.high, np.ones(len(x))])
    cost = np.zeros(whole.variables)
    cost[whole.z] = -whole.gain
    solved = _highs(cost, rows, low, high, limit)
    return _with(solved, began, whole.variables, len(low))


def formation_by_cpsat(columns: Columns, gain: Floats, limit: float) -> Solved:
    """Choose candidate teams by CP-SAT, one worker."""
    from ortools.sat.python import cp_model

    began = Clock()
    model = cp_model.CpModel()
    variables = [model.new_bool_var("") for _ in range(columns.count)]
    for item in range(columns.items):
        holding = np.flatnonzero((columns.members == item).any(axis=1)).tolist()
        model.add_exactly_one([variables[row] for row in holding])
    gains = np.round(gain * GAIN_STEPS).astype(np.int64).tolist()
    model.maximize(cp_model.LinearExpr.weighted_sum(variables, gains))
    solved = _cpsat(model, variables, limit, GAIN_STEPS)
    return _with(solved, began, columns.count, columns.items)


def formation_by_highs(columns: Columns, gain: Floats, limit: float) -> Solved:
    """Choose candidate teams by HiGHS through scipy, all columns at once."""
    began = Clock()
    column, place = np.nonzero(columns.members >= 0)
    item = columns.members[column, place].astype(np.int64)
    rows = Rows([item], [column], [np.ones(len(item))])
    once = np.ones(columns.items)
    solved = _highs(-gain, rows, once, once, limit)
    return _with(solved, began, columns.count, columns.items)


def _cpsat(model: Any, variables: list[Any], limit: float, steps: int) -> Solved:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    words = {
        cp_model.OPTIMAL: "optimal",
        cp_model.FEASIBLE: "stopped",
        cp_model.INFEASIBLE: "infeasible",
    }
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    x = np.array([solver.value(each) for each in variables], dtype=np.float64) if found else None
    return Solved(
        solver.objective_value / steps if found else None,
        # what is asked is positive: without a plan CP-SAT says 0 where it knows no bound yet
        solver.best_objective_bound / steps or None,
        words.get(status, "no plan"),
        *(0.0, 0.0, 0, 0),
        x,
    )


def _highs(cost: Floats, rows: Rows, low: Any, high: Any, limit: float) -> Solved:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array

    entries = (np.concatenate(rows.row), np.concatenate(rows.column))
    shape = (len(low), len(cost))
    matrix: Any = csc_array((np.concatenate(rows.number), entries), shape=shape)
    result: Any = milp(
        c=cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, low, high),
        options={"time_limit": limit, "mip_rel_gap": 0.0},
    )
    bound = result.mip_dual_bound
    found = result.x is not None
    words = {0: "optimal", 1: "stopped" if found else "no plan", 2: "infeasible"}
    return Solved(
        -float(result.fun) if found else None,
        None if bound is None or not np.isfinite(bound) else -float(bound),
        words.get(int(result.status), "no plan"),
        *(0.0, 0.0, 0, 0),
        np.asarray(result.x) if found else None,
    )


def _with(solved: Solved, began: Clock, variables: int, rows: int) -> Solved:
    """Return what was solved with its cost: building the model counts, it is part of the way."""
    wall, processor = began.read()
    return replace(solved, seconds=wall, processor=processor, variables=variables, rows=rows)

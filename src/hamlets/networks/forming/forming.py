"""Forming networks: from practices and rules to networks with their proof."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hamlets.errors import NoFeasiblePlanError, StoppedError, UsageError
from hamlets.networks.forming.boundaries import boundary_neighbours, read_areas
from hamlets.networks.forming.comparing import adjusted_rand, balance, matched
from hamlets.networks.forming.distances import great_circle_km, patient_flow, road_km
from hamlets.networks.forming.least import least_tolerance
from hamlets.networks.forming.neighbours import delaunay_neighbours
from hamlets.networks.forming.practices import Practice, Practices
from hamlets.networks.forming.rules import Codes, Rules, make_rules
from hamlets.networks.forming.solving import Solved, Stage, flow_of, solve
from hamlets.networks.forming.suggesting import Change, mergers, splits
from hamlets.networks.forming.task import Float64, Int64, Task, make_task
from hamlets.networks.results.forming import (
    Balance,
    Comparison,
    Formation,
    FormedNetwork,
    Objective,
    PlacedPractice,
    Suggestion,
)
from hamlets.optimise.deadline import Deadline

TOLERANCE = 30.0
SECONDS = 240.0
_SUGGESTED = 3


@dataclass(frozen=True)
class Request:
    """What networks to form."""

    networks: int
    tolerance: float | None = None
    """Per cent off the mean population; by default 30."""
    band: tuple[float, float] | None = None
    """Fewest and most patients, instead of a tolerance."""
    objective: Objective = "travel"
    flow: Path | None = None
    distances: Path | None = None
    boundaries: Path | None = None
    together: Sequence[Codes] = ()
    apart: Sequence[Codes] = ()
    seconds: float = SECONDS


def form_networks(
    practices: Practices, request: Request, stage: Stage = lambda _name: None
) -> Formation:
    """Return the networks of least travel, or of most patient flow, with their proof.

    Raises UsageError for a request that makes no sense, UnknownPlaceError for a practice
    that is not there, NoFeasiblePlanError where no networks keep the rules (its hint has the
    least tolerance that works), StoppedError where time ran out before any were found.
    """
    began = time.perf_counter()
    ground = _Ground(practices, request)
    deadline = Deadline(request.seconds)
    solved = solve(ground.task, deadline, stage)
    if not solved.networks:
        raise _none(ground, solved, deadline, stage)
    stage("comparing")
    return _Showing(ground, solved).formation(time.perf_counter() - began)


class _Ground:
    """The practices of a request as numbers, and the task that they make."""

    def __init__(self, practices: Practices, request: Request) -> None:
        self.practices, self.request = practices, request
        everybody = self.everybody = practices.taking_part
        _check(request, len(everybody))
        self.notes: list[str] = list(practices.notes)
        self.size: Int64 = np.array([each.list_size for each in everybody], dtype=np.int64)
        self.km = self._distances(everybody)
        self.flow: Float64 | None = (
            patient_flow(request.flow, everybody) if request.flow is not None else None
        )
        neighbours = (
            delaunay_neighbours(everybody, self.km)
            if request.boundaries is None
            else boundary_neighbours(everybody, self.km, read_areas(request.boundaries))
        )
        self.adjacent = neighbours.adjacent
        self.notes += neighbours.notes
        self.rules: Rules = make_rules(practices, request.together, request.apart)
        self.notes += self.rules.notes
        self.task = self._task()

    def _distances(self, everybody: Sequence[Practice]) -> Float64:
        if self.request.distances is None:
            return great_circle_km(everybody)
        table = road_km(self.request.distances, everybody)
        if table.note is not None:
            self.notes.append(table.note)
        return table.km

    def _task(self) -> Task:
        request = self.request
        task = make_task(
            self.size,
            self.km,
            self.adjacent,
            request.networks,
            request.band or (0.0, 0.0),
            self.rules.together,
            self.rules.apart,
            self.flow if request.objective == "flow" else None,
        )
        if request.band is not None:
            return task
        return task.with_tolerance((request.tolerance or 0.0) / 100)


def _check(request: Request, count: int) -> None:
    if request.networks < 1:
        raise UsageError(
            "The number of networks must be 1 or more.", where="--networks", hint="Try 5 or more."
        )
    if request.networks > count:
        raise NoFeasiblePlanError(
            f"{count} practices cannot make {request.networks} networks: each needs one at least.",
            where="--networks",
            hint=f"Ask for {count} networks or fewer.",
        )
    if request.band is not None and not 0 <= request.band[0] <= request.band[1]:
        raise UsageError(
            "The band must be two numbers of patients, the smaller first.",
            where="--band",
            hint="Write for example 30000-50000.",
        )
    if request.objective == "flow" and request.flow is None:
        raise UsageError(
            "To keep patient flow together, the flow must be given.",
            where="--objective",
            hint="Add --flow FILE with the columns from, to, patients.",
        )


def _none(ground: _Ground, solved: Solved, deadline: Deadline, stage: Stage) -> Exception:
    """Return the error where no networks were found, with the least tolerance that works."""
    task, request = ground.task, ground.request
    if solved.outcome == "not_found" and deadline.over():
        return StoppedError(
            "Time ran out before any networks within the band were found.",
            where="--seconds",
            hint="Give it more time, or a wider band.",
        )
    stage("tolerance")
    least = least_tolerance(task, deadline.within(max(60.0, deadline.left())))
    low, high = _whole(task.low, task.high)
    of_rules = " and keep together or apart whom they must" if _ruled(ground) else ""
    message = (
        f"No {request.networks} connected networks have {low:,} to {high:,} patients each"
        f"{of_rules}."
    )
    if solved.outcome == "not_found":
        message = f"No {request.networks} connected networks of {low:,} to {high:,} patients found."
    if least is None:
        hint = "Ask for another number of networks, or take a rule back."
    elif least.proven:
        hint = f"The least tolerance that works is {least.percent:g} %: {_try(task, least.percent)}"
    else:
        hint = (
            f"{least.percent:g} % works, and less may: {_try(task, least.percent)} "
            f"Below {100 * least.below:.2f} % none can."
        )
    if bool((task.size > task.high + task.slack).any()):
        hint = f"{_too_large(ground)} {hint}"
    where = "--band" if request.band is not None else "--tolerance"
    return NoFeasiblePlanError(message, where=where, hint=hint)


def _try(task: Task, percent: float) -> str:
    low, high = _whole(task.mean * (1 - percent / 100), task.mean * (1 + percent / 100))
    return f"--tolerance {percent:g} ({max(0, low):,} to {high:,} patients)."


def _whole(low: float, high: float) -> tuple[int, int]:
    """Return a band as the whole numbers of patients within it."""
    return int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6))


def _ruled(ground: _Ground) -> bool:
    return bool(ground.rules.together or ground.rules.apart)


def _too_large(ground: _Ground) -> str:
    task = ground.task
    unit = int(task.size.argmax())
    who = [ground.everybody[at].practice_id for at in task.practices_of[unit].tolist()]
    have = "has" if len(who) == 1 else "together have"
    return (
        f"{' and '.join(who)} {have} {int(task.size[unit]):,} patients, more than the band allows."
    )


class _Showing:
    """The networks that were found, as results."""

    def __init__(self, ground: _Ground, solved: Solved) -> None:
        self.ground, self.solved, self.task = ground, solved, ground.task
        task = ground.task
        groups = [
            sorted(at for unit in mine for at in task.practices_of[unit].tolist())
            for mine in solved.networks
        ]
        order = sorted(range(len(groups)), key=lambda k: groups[k][0])
        self.units = [solved.networks[k] for k in order]
        self.groups = [groups[k] for k in order]
        self.place = np.empty(len(ground.everybody), dtype=np.int64)
        for number, rows in enumerate(self.groups):
            self.place[rows] = number
        self.ids, self.continued = self._names()

    def _names(self) -> tuple[list[str], set[str]]:
        """Return the id of each network, and which are those of present ones."""
        everybody = self.ground.everybody
        drafts = [f"{number:05d}" for number in range(len(self.groups))]
        formed = [drafts[number] for number in self.place.tolist()]
        match = matched(formed, [each.network_id for each in everybody])
        taken = {each.network_id for each in everybody}
        wide = max(2, len(str(len(self.groups))))
        names: list[str] = []
        fresh = 0
        for draft in drafts:
            if draft in match:
                names.append(match[draft])
                continue
            fresh += 1
            while f"N{fresh:0{wide}d}" in taken:
                fresh += 1
            names.append(f"N{fresh:0{wide}d}")
        return names, set(match.values())

    def formation(self, seconds: float) -> Formation:
        ground, request, task = self.ground, self.ground.request, self.task
        sign = 1.0 if request.objective == "travel" else -1.0
        bound = sign * self.solved.bound
        if request.objective == "flow" and self.solved.outcome == "optimal":
            bound = flow_of(task, self.units)
        value = bound if self.solved.outcome == "optimal" else sign * self.solved.cost
        everybody = tuple(
            sorted(
                (self._placed(at) for at in range(len(ground.everybody))),
                key=lambda each: (each.name.casefold() or each.practice_id, each.practice_id),
            )
        )
        band = request.band or (max(0.0, task.low), task.high)
        return Formation(
            request.objective,
            value,
            bound,
            seconds,
            band,
            None if request.band is not None else request.tolerance,
            tuple(self._network(number) for number in range(len(self.groups))),
            everybody,
            self._comparison(),
            self._balance(range(len(ground.everybody)), self.ids),
            tuple(self._suggestions()),
            tuple(
                (ground.everybody[a].practice_id, ground.everybody[b].practice_id)
                for a, b in np.argwhere(np.triu(ground.adjacent)).tolist()
            ),
            tuple(ground.notes),
            ground.practices.left_out,
            ground.practices.network_names,
        )

    def _middle(self, number: int) -> tuple[int, float]:
        rows = self.groups[number]
        size, km = self.ground.size, self.ground.km
        travel = (size[rows][:, None] * km[np.ix_(rows, rows)]).sum(axis=0)
        return rows[int(travel.argmin())], float(travel.min())

    def _network(self, number: int) -> FormedNetwork:
        ground, rows = self.ground, self.groups[number]
        middle, travel = self._middle(number)
        name = self.ids[number]
        inside = np.ix_(rows, rows)
        return FormedNetwork(
            name,
            ground.practices.network_names.get(name, ""),
            tuple(ground.everybody[at].practice_id for at in rows),
            int(ground.size[rows].sum()),
            travel,
            ground.everybody[middle].practice_id,
            float(ground.km[inside].max()),
            None if ground.flow is None else float(ground.flow[inside].sum()) / 2,
            name in self.continued,
        )

    def _placed(self, at: int) -> PlacedPractice:
        each, number = self.ground.everybody[at], int(self.place[at])
        return PlacedPractice(
            each.practice_id,
            each.name,
            each.list_size,
            each.latitude,
            each.longitude,
            self.ids[number],
            each.network_id,
            float(self.ground.km[at, self._middle(number)[0]]),
        )

    def _balance(
        self, rows: Sequence[int], names: Sequence[str], by_present: bool = False
    ) -> Balance:
        groups: dict[str, list[int]] = {}
        for at in rows:
            present = self.ground.everybody[at].network_id
            name = present if by_present and present else names[int(self.place[at])]
            groups.setdefault(name, []).append(at)
        return balance(groups, self.ground.size, self.ground.km, self.ground.flow)

    def _comparison(self) -> Comparison:
        everybody = self.ground.everybody
        known = [at for at, each in enumerate(everybody) if each.network_id is not None]
        if not known:
            return Comparison()
        formed = [self.ids[int(self.place[at])] for at in known]
        present = [str(everybody[at].network_id) for at in known]
        return Comparison(
            len(known),
            adjusted_rand(formed, present),
            sum(new == old for new, old in zip(formed, present, strict=True)),
            self._balance(known, self.ids, by_present=True),
            self._balance(known, self.ids),
        )

    def _suggestions(self) -> list[Suggestion]:
        found = mergers(self.task, self.units)[:_SUGGESTED]
        found += splits(self.task, self.units)[:_SUGGESTED]
        return [self._suggestion(each) for each in found]

    def _suggestion(self, change: Change) -> Suggestion:
        task = self.task
        people = tuple(int(task.size[list(part)].sum()) for part in change.parts)
        return Suggestion(
            "merge" if change.merger else "split",
            tuple(self.ids[number] for number in change.networks),
            people,
            change.travel_km,
            None if task.flow is None else change.flow,
            bool(task.within(np.array(people)).all()),
            ()
            if change.merger
            else tuple(
                tuple(
                    sorted(
                        self.ground.everybody[at].practice_id
                        for unit in part
                        for at in task.practices_of[unit].tolist()
                    )
                )
                for part in change.parts
            ),
        )

"""Whole ways from prices: rounded, mended by moves, the wavering units dealt exactly.

Units that clearly prefer a place at the prices stay there. The others are rounded so that
loads are about those of the linear programme, single moves and chains of two bring every load
within its sides (module ``rebalancing``), and a whole-number programme deals the few that
waver most (a core problem: Balas & Zemel, Oper Res 1980;28:1130).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.pricing import Dual
from hamlets.optimise.quiet import quiet
from hamlets.optimise.rebalancing import Assignment, Moves, rebalance

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

_CORE, _LARGER, _LARGEST = 300, 4, 5_000
_MOVES, _MOVES_EACH, _MENDINGS = 60_000, 1_000, 400
"""Moves looked at to mend a rounded answer, of each place that needs them, and steps taken."""
_ROUNDS = 4
_SECONDS, _LEAST_SECONDS = 5.0, 0.5
"""For the whole-number programme; the least once the deadline is past."""
_CLOSE = 5e-5
_CLEAR = 0.98
"""Part of a unit beyond which it is not wavering."""


def complete(dual: Dual, deadline: Deadline) -> Int64:
    """Return whole ways: rounded, mended by single moves, wavering units dealt exactly."""
    task = dual.task
    if not task.units or task.gain.shape[1] == 1:
        return np.zeros(task.units, dtype=np.int64)
    way = _mended(dual, _rounded(dual))
    bound = dual.bound(dual.last)
    if dual.missed(way) <= 0.0 and dual.worth(way) >= bound - _CLOSE * abs(bound):
        return way
    two = np.partition(dual.priced(dual.last), -2, axis=1)
    margin = two[:, -1] - two[:, -2]
    # Of equal margins the smaller units first: they fit any gap.
    order = np.lexsort((task.work, margin))
    movable = order[np.isfinite(margin[order])]
    size = _CORE
    while True:
        core = np.sort(movable[:size])
        dealt = _deal(dual, way, core, deadline)
        way = max(way, dealt, key=dual.worth)
        if dual.missed(way) <= 0.0 or size >= min(len(movable), _LARGEST) or deadline.over():
            return way
        size *= _LARGER


def _mended(dual: Dual, way: Int64) -> Int64:
    """Return ways made better by moves of units that waver."""
    task = dual.task
    every = np.arange(task.units)
    charge = task.charge if task.charge is not None else np.broadcast_to(0.0, task.gain.shape)
    place = task.to[every, way]
    load = np.bincount(place, weights=task.work, minlength=task.places).astype(np.float64)
    now = Assignment(
        way=way.copy(),
        place=place.copy(),
        gain=task.gain[every, way],
        charge=charge[every, way],
        load=load,
        spent=float(charge[every, way].sum()),
    )
    for _ in range(_ROUNDS):
        unit, choice = _likely(dual, now.way, now.load)
        moves = Moves(
            unit, choice, task.to[unit, choice], task.gain[unit, choice], charge[unit, choice],
            task.work[unit],
        )  # fmt: skip
        if rebalance(now, moves, dual.sides, _MENDINGS) or len(unit) == task.gain.size:
            break
    return now.way


def _likely(dual: Dual, way: Int64, load: Float64) -> tuple[Int64, Int64]:
    """Return units and ways of the moves that lose least, some for each place that needs them."""
    task, every = dual.task, np.arange(dual.task.units)
    place = task.to[every, way]
    loss = dual.priced(dual.last)
    loss = loss.max(axis=1)[:, None] - loss
    if loss.size > _MOVES:
        loss[every, way] = np.inf
    loss = loss.ravel()
    if loss.size <= _MOVES:
        code = np.arange(loss.size)
    else:
        few = [np.argpartition(loss, _MOVES)[:_MOVES]]
        for over, at in ((True, load > dual.sides.high), (False, load < dual.sides.low)):
            for number in np.flatnonzero(at).tolist():
                ends = np.broadcast_to(place[:, None], task.to.shape) if over else task.to
                rows = np.flatnonzero(ends.ravel() == number)
                few.append(rows[np.argsort(loss[rows], kind="stable")[:_MOVES_EACH]])
        code = np.unique(np.concatenate(few))
    return np.divmod(code[np.isfinite(loss[code])], task.gain.shape[1])


def _rounded(dual: Dual) -> Int64:
    """Return whole ways whose loads are about those of the soft maximum.

    Units of no clear preference go, large ones first, where most of their kind is still to
    come; a way that takes of the budget is theirs only while there is some left.
    """
    task = dual.task
    part, _, _ = dual.parts(dual.last, dual.hardness)
    way = part.argmax(axis=1).astype(np.int64)
    wavering = np.flatnonzero(part.max(axis=1) < _CLEAR)
    if not len(wavering):
        return way
    rest = np.zeros(task.places)
    np.add.at(rest, task.to[wavering], part[wavering] * task.work[wavering, None])
    left = np.inf
    if dual.budgeted and task.charge is not None:
        fixed = np.ones(task.units, dtype=np.bool_)
        fixed[wavering] = False
        left = task.most - float(task.charge[fixed, way[fixed]].sum())
    for unit in wavering[np.argsort(-task.work[wavering], kind="stable")].tolist():
        among = np.flatnonzero(part[unit] > 1 - _CLEAR)
        to = task.to[unit]
        if task.charge is not None and np.isfinite(left):
            charge = task.charge[unit]
            within = among[charge[among] <= left]
            among = within if len(within) else among[[charge[among].argmin()]]
        one = among[np.argmax(rest[to[among]])]
        way[unit] = one
        rest[to[one]] -= task.work[unit]
        left -= task.charge[unit, one] if task.charge is not None else 0.0
    return way


def _deal(dual: Dual, way: Int64, core: Int64, deadline: Deadline) -> Int64:
    """Return ways with the core dealt anew."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    task = dual.task
    seconds = min(_SECONDS, max(_LEAST_SECONDS, deadline.left()))
    row, choice = np.nonzero(np.isfinite(task.gain[core]))
    unit = core[row]
    gain = task.gain[unit, choice]
    matrix, low, high = _programme(dual, way, core, row, choice)
    lines, arcs = matrix.shape[0], len(row)
    sides = lines - len(core)
    slack, cost = _slack(dual, lines, sides)
    # The gap to reach is one of the whole, said as a part of the core's gain.
    whole = _CLOSE * float(np.maximum(task.gain.max(axis=1), 0.0).sum())
    part = max(1e-9, abs(float(task.gain[core].max(axis=1).sum())))
    from scipy.sparse import hstack

    free = slack.shape[1]
    most: Any = np.concatenate([np.ones(arcs), np.full(free, np.inf)])
    rows: Any = LinearConstraint(hstack([matrix, slack], format="csc"), low, high)
    with quiet():
        result: Any = milp(
            c=np.concatenate([-gain, cost]),
            integrality=np.concatenate([np.ones(arcs), np.zeros(free)]),
            bounds=Bounds(0, most),
            constraints=rows,
            options={"mip_rel_gap": min(0.5, max(whole, 1e-9) / part), "time_limit": seconds},
        )
    if result.x is None:
        return way
    dealt, taken = way.copy(), np.asarray(result.x)[:arcs] > 0.5
    dealt[unit[taken]] = choice[taken]
    return dealt


def _programme(
    dual: Dual, way: Int64, core: Int64, row: Int64, choice: Int64
) -> tuple[Any, Any, Any]:
    """Return the constraints of the core's ways: one way each, loads, budget."""
    from scipy.sparse import csc_array

    task, count, places, mean = dual.task, len(core), dual.task.places, dual.mean
    unit, ways = core[row], np.arange(len(row))
    fixed = np.ones(task.units, dtype=np.bool_)
    fixed[core] = False
    rest = np.flatnonzero(fixed)
    load = np.bincount(task.to[rest, way[rest]], weights=task.work[rest], minlength=places) / mean
    line, column = [row, count + task.to[unit, choice]], [ways, ways]
    data = [np.ones(len(row)), dual.work[unit]]
    low = [np.ones(count), dual.sides.low / mean - load]
    high = [np.ones(count), dual.sides.high / mean - load]
    if dual.budgeted and task.charge is not None:
        line.append(np.full(len(row), count + places))
        column.append(ways)
        data.append(task.charge[unit, choice])
        low.append(np.array([-np.inf]))
        high.append(np.array([task.most - float(task.charge[rest, way[rest]].sum())]))
    shape = (count + places + int(dual.budgeted), len(row))
    entries = (np.concatenate(line), np.concatenate(column))
    matrix = csc_array((np.concatenate(data), entries), shape=shape)
    return matrix, np.concatenate(low), np.concatenate(high)


def _slack(dual: Dual, lines: int, sides: int) -> tuple[Any, Float64]:
    """Return columns that let a side be missed, at a price: the nearest is found then."""
    from scipy.sparse import csc_array

    rows, first = np.arange(lines - sides, lines), dual.task.places
    line = np.concatenate([rows, rows[:first]])
    sign = np.concatenate([-np.ones(sides), np.ones(first)])
    slack = csc_array((sign, (line, np.arange(len(line)))), shape=(lines, len(line)))
    cost = np.full(len(line), dual.sides.load_price * dual.mean)
    cost[first:sides] = dual.sides.budget_price
    return slack, cost

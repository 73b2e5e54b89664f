"""The networks of least travel or most flow, with a proof where there is time for one.

Few possible networks: all are listed and the set partition over them is exact. Many: small
moves and exact neighbourhoods give good networks, prices and column generation a bound, and
where the networks that could still be better can be listed, the answer is exact again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hamlets.networks.forming.growing import Sharing, annealed, sharing_of
from hamlets.networks.forming.neighbourhoods import resolved
from hamlets.networks.forming.subsets import Subsets, possible_networks
from hamlets.networks.forming.task import Int64, Task, kept_flow
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.partition import Partition, best_partition
from hamlets.optimise.quiet import quiet
from hamlets.optimise.sets import Limit, programme

if TYPE_CHECKING:
    from hamlets.networks.forming.generating import Proof

Stage = Callable[[str], None]
Outcome = Literal["optimal", "gap", "impossible", "not_found"]
"""impossible = proven that no networks keep the rules; not_found = none were met in time."""

LISTED = 400_000
"""Connected sets that are grown before listing all possible networks is given up."""
_CLOSE = 1e-9
_MANY = 250
_MOST_CHOSEN = 400_000
"""Networks near their price: of more than these none is chosen in time."""
_FIRST_REACH, _WIDER = 0.03, 3.0
"""How far off its price a network may be at first, in parts of what one costs."""


@dataclass(frozen=True)
class Solved:
    """Networks by their units; ``cost`` = travel, or less the flow that is kept."""

    outcome: Outcome
    networks: list[list[int]]
    cost: float = 0.0
    bound: float = 0.0
    """No networks that keep the rules cost less."""


IMPOSSIBLE = Solved("impossible", [])


def solve(task: Task, deadline: Deadline, stage: Stage = lambda _name: None) -> Solved:
    """Return the best networks found and a bound on all others."""
    if plainly_impossible(task):
        return IMPOSSIBLE
    stage("listing")
    subsets = possible_networks(task, LISTED)
    if subsets is not None:
        return _of_all(task, subsets, deadline)
    return _of_many(task, deadline, stage)


def plainly_impossible(task: Task) -> bool:
    """Return whether counting alone shows that no networks keep the band."""
    slack = task.slack
    return (
        task.networks > task.count
        or bool((task.size > task.high + slack).any())
        or task.low * task.networks > task.total + slack
        or task.high * task.networks < task.total - slack
    )


def chosen_of(task: Task, subsets: Subsets, deadline: Deadline) -> Partition:
    """Return the best partition into the task's number of networks."""
    return best_partition(
        subsets.columns,
        -subsets.cost,
        limits=[Limit(task.networks, task.networks)],
        deadline=deadline,
    )


def _of_all(task: Task, subsets: Subsets, deadline: Deadline) -> Solved:
    found = chosen_of(task, subsets, deadline)
    if not len(found.chosen):
        return IMPOSSIBLE if found.status == "infeasible" else Solved("not_found", [])
    networks = [subsets.members(int(row)) for row in found.chosen]
    return _answer(task, sharing_of(task, networks), -found.bound, found.status == "optimal")


def _answer(task: Task, sharing: Sharing, bound: float, proven: bool) -> Solved:
    cost = sharing.cost
    close = cost - bound <= _CLOSE * max(1.0, abs(cost))
    if proven or close:
        return Solved("optimal", sharing.networks(), cost, cost)
    return Solved("gap", sharing.networks(), cost, min(bound, cost))


def _of_many(task: Task, deadline: Deadline, stage: Stage) -> Solved:
    stage("moving")
    best = annealed(task, deadline.within(0.3 * deadline.left()))
    if best.broken:
        best = annealed(task, deadline.within(0.4 * deadline.left()), seed=2, effort=3.0)
        if best.broken:
            return Solved("not_found", [])
    # neighbourhoods take longer than what follows, and give less: flow has nothing that follows
    share = 0.9 if task.flow is not None else 0.15
    best, _ = resolved(task, best, deadline.within(share * deadline.left()))
    if task.flow is not None:
        return _answer(task, best, -most_flow(task), False)
    return _priced(task, best, deadline, stage)


def _priced(task: Task, best: Sharing, deadline: Deadline, stage: Stage) -> Solved:
    from hamlets.networks.forming.generating import generate
    from hamlets.networks.forming.prices import best_prices, first_prices

    stage("pricing")
    begin = first_prices(task, best.networks())
    prices = best_prices(task, begin, best.cost, deadline.within(0.3 * deadline.left()))
    proof = generate(task, prices, [best], deadline.within(0.6 * deadline.left()))
    stage("choosing")
    best, bound = _widened(task, proof, best, deadline)
    return _answer(task, best, bound, False)


def _widened(task: Task, proof: Proof, best: Sharing, deadline: Deadline) -> tuple[Sharing, float]:
    """Return the best sharing-out and bound from ever more networks near their price.

    Whoever uses a network that is further off costs more than the bound and that reach; so
    what is best within the reach is proven, or the bound rises by it.
    """
    from hamlets.networks.forming.generating import within_reach

    bound = proof.bound
    reach = _FIRST_REACH * bound / task.networks
    while best.cost - bound > _CLOSE * max(1.0, abs(best.cost)) and not deadline.over():
        # a little more than the gap: what ties with the best is proven too
        whole = best.cost - proof.bound + 1e-7 * abs(best.cost)
        reach = min(reach, whole)
        listed = deadline.within(0.5 * deadline.left())
        subsets = within_reach(task, proof, reach, _MOST_CHOSEN, listed)
        if subsets is None:
            break
        rows, within = _chosen_within(task, subsets, best, deadline)
        if len(rows) and (cost := float(subsets.cost[rows].sum())) < best.cost:
            best = sharing_of(task, [subsets.members(int(row)) for row in rows])
            within = min(within, cost)
        outside = best.cost if reach >= whole else proof.bound + reach
        bound = max(bound, min(within, outside, best.cost))
        reach *= _WIDER
    return best, bound


def _chosen_within(
    task: Task, subsets: Subsets, best: Sharing, deadline: Deadline
) -> tuple[Int64, float]:
    """Return the rows of the best partition within some networks, and a bound on all of them.

    No rows: none is better than the best that is known, or none was found.
    """
    if task.count <= _MANY:
        found = chosen_of(task, subsets, deadline)
        if found.status == "infeasible":
            return found.chosen, best.cost
        return found.chosen, -found.bound
    return _at_once(task, subsets, best, deadline)


def _at_once(
    task: Task, subsets: Subsets, best: Sharing, deadline: Deadline
) -> tuple[Int64, float]:
    """Give the partition to HiGHS as it is: cuts are dear for so many practices."""
    from scipy import optimize

    constraint: Any = optimize.LinearConstraint
    limits = [Limit(task.networks, task.networks)]
    matrix, low, high = programme(subsets.columns, limits, np.arange(subsets.count))
    scale = abs(best.cost) / task.networks
    with quiet():
        found: Any = optimize.milp(
            subsets.cost / scale,
            integrality=np.ones(subsets.count),
            bounds=optimize.Bounds(0, 1),
            constraints=constraint(matrix, low, high),
            options={"time_limit": max(1.0, 0.8 * deadline.left()), "mip_rel_gap": 1e-7},
        )
    rows = np.empty(0, np.int64)
    if found.status == 2:
        return rows, best.cost
    if found.x is not None:
        rows = np.flatnonzero(np.asarray(found.x) > 0.5)
    proven = found.mip_dual_bound
    return rows, -np.inf if proven is None else float(proven) * scale


def most_flow(task: Task) -> float:
    """Return a flow that no networks exceed: each unit with its best partners that have room.

    Partners may be taken in part, and nobody else's wishes count.
    """
    if task.flow is None:
        return 0.0
    total = 0.0
    for unit in range(task.count):
        flow = task.flow[unit].copy()
        total += 2 * flow[unit]
        flow[unit] = 0.0
        order = np.argsort(-flow / task.size, kind="stable")
        room = task.high - task.size[unit] - (np.cumsum(task.size[order]) - task.size[order])
        part = np.clip(room / task.size[order], 0.0, 1.0)
        total += float((flow[order] * part).sum())
    return total / 2


def flow_of(task: Task, networks: list[list[int]]) -> float:
    """Return the flow that networks keep."""
    return sum(kept_flow(task, mine) for mine in networks)

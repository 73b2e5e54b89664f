"""Improving a sharing-out by small moves: a compiled annealing search.

A move hands a unit to the network next door, or exchanges two. Networks stay in one piece.
Populations outside the band and pairs that should be apart cost so much that they go first.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hamlets.continuity.compiled import (
    compiled,
    f8,
    f8_,
    f8x2,
    i8,
    i8_,
    i8x2,
    i8x2_,
    integer,
    types,
)
from hamlets.networks.forming.task import Float64, Int64

UInt64 = npt.NDArray[np.uint64]


@compiled(types.uint64, types.Array(types.uint64, 1, "C"))
def _next(state: UInt64) -> int:
    """Return the next number of xorshift64* (Vigna, ACM Trans Math Softw 2016;42:30)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return x * np.uint64(2685821657736338717)


@compiled(integer, types.Array(types.uint64, 1, "C"), integer)
def _below(state: UInt64, number: int) -> np.int64:
    """Return a random number from 0 to ``number`` - 1."""
    return np.int64(_next(state) % np.uint64(number))


@compiled(types.boolean, integer, integer, integer, i8_, i8, i8, i8x2_, i8_, i8_, i8_)
def _in_one_piece(
    network: int,
    without: int,
    with_: int,
    place: Int64,
    first: Int64,
    near: Int64,
    members: Int64,
    counts: Int64,
    mark: Int64,
    queue: Int64,
) -> bool:
    """Return whether a network is connected without one unit and with another (-1: none)."""
    stamp = mark[-1] + 1
    mark[-1] = stamp
    wanted = counts[network] - (1 if without >= 0 else 0) + (1 if with_ >= 0 else 0)
    if wanted == 0:
        return False
    start = with_
    if start < 0:
        start = members[network, 0]
        if start == without:
            start = members[network, 1]
    mark[start] = stamp
    queue[0] = start
    reached, at = 1, 0
    while at < reached:
        unit = queue[at]
        at += 1
        for edge in range(first[unit], first[unit + 1]):
            other = near[edge]
            if other == without or mark[other] == stamp:
                continue
            if place[other] == network or other == with_:
                mark[other] = stamp
                queue[reached] = other
                reached += 1
    return reached == wanted


@compiled(
    types.float64, integer, integer, integer, i8x2_, i8_, f8x2, f8x2, f8x2, i8x2, types.boolean,
)  # fmt: skip
def _cost(
    network: int,
    without: int,
    with_: int,
    members: Int64,
    counts: Int64,
    totals: Float64,
    weighted: Float64,
    flow: Float64,
    middles: Int64,
    flows: bool,
) -> float:
    """Return what a network costs without one unit and with another (-1: none)."""
    if flows:
        kept = 0.0
        for a in range(counts[network] + 1):
            one = members[network, a] if a < counts[network] else with_
            if one < 0 or (one == without and a < counts[network]):
                continue
            for b in range(a + 1):
                two = members[network, b] if b < counts[network] else with_
                if two < 0 or (two == without and b < counts[network]):
                    continue
                kept += flow[one, two]
        return -kept
    best = np.inf
    for a in range(counts[network] + 1):
        unit = members[network, a] if a < counts[network] else with_
        if unit < 0 or (unit == without and a < counts[network]):
            continue
        for at in range(middles.shape[1]):
            practice = middles[unit, at]
            if practice < 0:
                break
            travel = totals[network, practice]
            if without >= 0:
                travel -= weighted[without, practice]
            if with_ >= 0:
                travel += weighted[with_, practice]
            best = min(best, travel)
    return best


@compiled(
    types.float64, integer, i8_, i8_, f8, i8x2, i8, integer, integer,
)  # fmt: skip
def _broken(
    network: int,
    people: Int64,
    place: Int64,
    numbers: Float64,
    apart: Int64,
    size: Int64,
    without: int,
    with_: int,
) -> float:
    """Return by how many patients a network breaks rules, without one unit and with another."""
    mine = float(people[network])
    if without >= 0:
        mine -= size[without]
    if with_ >= 0:
        mine += size[with_]
    missed = max(0.0, numbers[0] - mine) + max(0.0, mine - numbers[1])
    for pair in range(len(apart)):
        a, b = apart[pair, 0], apart[pair, 1]
        in_a = (place[a] == network and a != without) or a == with_
        in_b = (place[b] == network and b != without) or b == with_
        if in_a and in_b:
            missed += numbers[2]
    return missed


@compiled(
    integer, i8_, integer, i8, f8x2, f8x2, i8x2, i8, i8, i8x2, f8, f8, integer, integer,
    types.boolean, i8_, f8_,
)  # fmt: skip
def anneal(
    place_: Int64,
    networks: int,
    size: Int64,
    weighted: Float64,
    flow: Float64,
    middles: Int64,
    first: Int64,
    near: Int64,
    apart: Int64,
    numbers: Float64,
    heat: Float64,
    steps: int,
    seed: int,
    flows: bool,
    best_: Int64,
    answer_: Float64,
) -> int:
    """Improve ``place_`` (the network of each unit); return 1 if a sharing-out keeps all rules.

    ``numbers`` = fewest and most patients, what a pair that should be apart counts for, and
    what one patient too few or too many costs; ``heat`` = first and last temperature.
    ``best_`` gets the best that keeps the rules, or else the one that breaks them least;
    ``answer_`` its cost and by how many patients it breaks them. Units must be in connected
    networks, none of them empty.
    """
    units, practices = weighted.shape
    members = np.full((networks, units), -1, np.int64)
    counts = np.zeros(networks, np.int64)
    where = np.zeros(units, np.int64)
    people = np.zeros(networks, np.int64)
    totals = np.zeros((networks, practices))
    for unit in range(units):
        mine = place_[unit]
        where[unit] = counts[mine]
        members[mine, counts[mine]] = unit
        counts[mine] += 1
        people[mine] += size[unit]
        for practice in range(practices):
            totals[mine, practice] += weighted[unit, practice]
    cost = np.zeros(networks)
    broken = np.zeros(networks)
    for network in range(networks):
        cost[network] = _cost(
            network, -1, -1, members, counts, totals, weighted, flow, middles, flows
        )
        broken[network] = _broken(network, people, place_, numbers, apart, size, -1, -1)
    mark = np.zeros(units + 1, np.int64)
    queue = np.zeros(units + 1, np.int64)
    random = np.empty(1, np.uint64)
    random[0] = np.uint64(seed * 2 + 1) * np.uint64(11400714819323198485)
    price = numbers[3]
    best_cost, best_broken = np.sum(cost), np.sum(broken)
    best_[:] = place_
    ratio = heat[1] / heat[0]
    temperature = heat[0]
    for step in range(steps):
        if step % 256 == 0:
            temperature = heat[0] * ratio ** (step / steps)
        unit = _below(random, units)
        edges = first[unit + 1] - first[unit]
        if edges == 0:
            continue
        other = near[first[unit] + _below(random, edges)]
        old, new = place_[unit], place_[other]
        if old == new:
            continue
        back = -1
        if counts[old] == 1 or _below(random, 3) == 0:
            # exchange: somebody of the other network comes back
            back = members[new, _below(random, counts[new])]
        drop = cost[old] + cost[new] + price * (broken[old] + broken[new])
        new_cost = _cost(new, back, unit, members, counts, totals, weighted, flow, middles, flows)
        if counts[old] == 1 and back < 0:
            continue
        old_cost = _cost(old, unit, back, members, counts, totals, weighted, flow, middles, flows)
        new_broken = _broken(new, people, place_, numbers, apart, size, back, unit)
        old_broken = _broken(old, people, place_, numbers, apart, size, unit, back)
        change = new_cost + old_cost + price * (new_broken + old_broken) - drop
        if change > 0:
            chance = float(_next(random) >> np.uint64(11)) / 9007199254740992.0
            if chance >= np.exp(-change / temperature):
                continue
        if not _in_one_piece(old, unit, back, place_, first, near, members, counts, mark, queue):
            continue
        if not _in_one_piece(new, back, unit, place_, first, near, members, counts, mark, queue):
            continue
        for turn in range(2):
            moved = unit if turn == 0 else back
            if moved < 0:
                continue
            source = old if turn == 0 else new
            target = new if turn == 0 else old
            counts[source] -= 1
            last = members[source, counts[source]]
            members[source, where[moved]] = last
            where[last] = where[moved]
            members[source, counts[source]] = -1
            members[target, counts[target]] = moved
            where[moved] = counts[target]
            counts[target] += 1
            people[source] -= size[moved]
            people[target] += size[moved]
            place_[moved] = target
            for practice in range(practices):
                totals[source, practice] -= weighted[moved, practice]
                totals[target, practice] += weighted[moved, practice]
        cost[old], cost[new] = old_cost, new_cost
        broken[old], broken[new] = old_broken, new_broken
        if change < 0 or best_broken > 0:
            whole, missed = np.sum(cost), np.sum(broken)
            better = missed < best_broken - 1e-9 or (
                missed <= best_broken + 1e-9 and whole < best_cost - 1e-9
            )
            if better:
                best_cost, best_broken = whole, missed
                best_[:] = place_
    answer_[0], answer_[1] = best_cost, best_broken
    return 1 if best_broken <= 1e-6 else 0

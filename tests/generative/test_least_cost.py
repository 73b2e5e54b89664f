"""The flow of least cost against a linear programme that knows nothing of ways and levels."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from hamlets.teams.ceiling.least_cost import least_cost


def cost_of_programme(
    arcs: list[tuple[int, int, int, int]], supply: list[int], nodes: int, sink: int
) -> int | None:
    """Return the least cost of sending all supply to the sink; None where it cannot be sent."""
    balance = np.zeros((nodes, len(arcs)))
    for i, (tail, head, _, _) in enumerate(arcs):
        balance[tail, i] += 1
        balance[head, i] -= 1
    wanted = np.zeros(nodes)
    wanted[: len(supply)] = supply
    wanted[sink] -= sum(supply)
    found = linprog(
        [arc[3] for arc in arcs], A_eq=balance, b_eq=wanted, bounds=[(0, a[2]) for a in arcs]
    )
    return round(found.fun) if found.success else None


@settings(max_examples=150)
@given(st.integers(0, 2**32))
def test_no_flow_costs_less(seed: int) -> None:
    rng = Random(seed)
    nodes = rng.randint(3, 8)
    sources, sink = rng.randint(1, nodes - 2), nodes - 1
    arcs = [
        (rng.randrange(nodes), rng.randrange(nodes), rng.randint(0, 4), rng.choice((0, 0, 1, 7)))
        for _ in range(rng.randint(1, 22))
    ]
    arcs += [(s, sink, 3, rng.randint(0, 9)) for s in range(sources) if rng.random() < 0.8]
    supply = [rng.randint(0, 3) for _ in range(sources)]
    columns = [np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True)]
    tail, head, capacity, cost = columns
    flow = least_cost(tail, head, capacity, cost, np.array(supply, dtype=np.int64), nodes, sink)
    expected = cost_of_programme(arcs, supply, nodes, sink)
    assert (flow is None) == (expected is None)
    if flow is None:
        return
    assert ((flow >= 0) & (flow <= capacity)).all()
    gone = np.bincount(tail, flow, nodes) - np.bincount(head, flow, nodes)
    assert gone[:sources].tolist() == supply
    assert not gone[sources:sink].any()
    assert int((flow * cost).sum()) == expected

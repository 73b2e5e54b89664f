"""The fairest flow where rules on blocks bind: a whole-number programme, one question at a time.

A block serves one sink, an owner's blocks are few: with these a flow is no longer enough. The
definition is asked literally instead. For each share that a sink can have, in rising order:
how many sinks can be above it? Then the least cost, then the most on each way in turn; each
answer is a condition of the next question. Questions whose answers cannot mix are asked
together, as digits of one number. HiGHS answers; each answer is checked with whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from hamlets.optimise.deadline import Deadline
from hamlets.optimise.fair_flow import Task
from hamlets.optimise.quiet import quiet

Float64 = npt.NDArray[np.float64]
Terms = dict[int, int]
"""A whole-number sum: coefficient by variable."""

Level = tuple[Fraction, Terms]
"""A share, and how many sinks are above it as a sum."""

_MOST_TIED = 200
_DIGITS = 2**16
"""Questions are asked together while their number stays below this: far from any rounding."""
_HALF = 0.5


@dataclass(frozen=True)
class Ruled:
    """The units on each way, and whether no other flow is fairer, or as fair and cheaper."""

    flow: tuple[int, ...]
    proven: bool


def fair_rules(task: Task, bound: Sequence[Fraction], least: int, deadline: Deadline) -> Ruled:
    """Return the fairest flow that keeps the rules on blocks and owners.

    ``bound`` are the shares of the fairest flow without these rules, ``least`` its cost. After
    the ``deadline`` the flow keeps the rules and is not proven. Where very many ways could be
    tied, ties are left as the solver settles them, the same each time.
    """
    return _Programme(task, deadline).fairest(bound, least)


class _Programme:
    """Variables: units on ways, block serves sink, sink has at least k units."""

    def __init__(self, task: Task, deadline: Deadline) -> None:
        self._task, self._deadline = task, deadline
        self._rows: list[tuple[Terms, float, float]] = []
        self._high: list[int] = [task.units[way.source] for way in task.ways]
        self._serves: dict[tuple[int, int], int] = {}
        there_is = sum(task.units)
        self._step: list[list[int]] = [
            [self._variable(1) for _ in range(min(ceil(need), there_is))] for need in task.need
        ]
        self._flows()
        self._rules()
        self._best: tuple[int, ...] = (0,) * len(task.ways)

    def _variable(self, high: int) -> int:
        self._high.append(high)
        return len(self._high) - 1

    def _flows(self) -> None:
        task = self._task
        for source, units in enumerate(task.units):
            self._at_most({n: 1 for n, w in enumerate(task.ways) if w.source == source}, units)
        for sink, steps in enumerate(self._step):
            given = {n: 1 for n, w in enumerate(task.ways) if w.sink == sink}
            self._rows.append((given | dict.fromkeys(steps, -1), 0, 0))
            for one, following in pairwise(steps):
                self._at_most({following: 1, one: -1}, 0)

    def _rules(self) -> None:
        task = self._task
        owned: dict[int, Terms] = {}
        blocks: dict[int, Terms] = {}
        for number, way in enumerate(task.ways):
            block, owner = task.block_of(way.source), task.owner_of(way.source)
            if block is None:
                continue
            key = (block, way.sink)
            if key not in self._serves:
                serves = self._serves[key] = self._variable(1)
                blocks.setdefault(block, {})[serves] = 1
                if owner is not None:
                    owned.setdefault(owner, {})[serves] = 1
            self._at_most({number: 1, self._serves[key]: -task.units[way.source]}, 0)
        for terms in blocks.values():
            self._at_most(terms, 1)
        for owner, terms in owned.items():
            self._at_most(terms, task.most[owner])

    def _at_most(self, terms: Terms, most: int) -> None:
        if terms:
            self._rows.append((terms, -np.inf, most))

    def fairest(self, bound: Sequence[Fraction], least: int) -> Ruled:
        """Return the answer to all questions, in their order."""
        levels = self._levels()
        cost = {n: -way.cost for n, way in enumerate(self._task.ways) if way.cost}
        if not self._as_fair(bound, least, levels, cost):
            # Not as fair as without the rules: ask how fair it can be.
            if not self._in_turn([terms for _, terms in levels], len(self._task.need) + 1):
                return Ruled(self._best, proven=False)
            if not self._in_turn([cost] if cost else [], _DIGITS):
                return Ruled(self._best, proven=False)
        tied = [{n: 1} for n in self._tied(cost)]
        if len(tied) <= _MOST_TIED:
            self._in_turn(tied, max(self._task.units) + 1)
        return Ruled(self._best, proven=True)

    def _as_fair(
        self, bound: Sequence[Fraction], least: int, levels: Sequence[Level], cost: Terms
    ) -> bool:
        """Return whether the rules cost no fairness; then the least cost is asked for too.

        What is as fair as without the rules cannot be cheaper than that either: said to the
        solver, it halves its time or better.
        """
        before = len(self._rows)
        for level, terms in levels:
            self._rows.append((terms, sum(share > level for share in bound), np.inf))
        if cost:
            self._rows.append(({n: -c for n, c in cost.items()}, least, np.inf))
        if self._in_turn([cost], _DIGITS):
            return True
        del self._rows[before:]
        return False

    def _levels(self) -> list[Level]:
        """Return each share that a sink can have short of all, and the sinks above it as a sum."""
        above: dict[Fraction, Terms] = {}
        every = sorted(
            {
                Fraction(k) / need
                for need, steps in zip(self._task.need, self._step, strict=True)
                for k in range(len(steps))
            }
        )
        for need, steps in zip(self._task.need, self._step, strict=True):
            for level in every:
                # the first unit that lifts the sink above this level, where there are so many
                first = int(level * need)
                if first < len(steps):
                    above.setdefault(level, {})[steps[first]] = 1
        return [(level, above[level]) for level in every]

    def _in_turn(self, sums: Sequence[Terms], base: int) -> bool:
        """Make each sum as large as those before it allow; return whether there was time.

        No sum takes ``base`` values or more, unless it stands alone.
        """
        for together in _digits(sums, base):
            asked: Terms = {}
            for terms in together:
                asked = {n: c * base for n, c in asked.items()}
                for variable, factor in terms.items():
                    asked[variable] = asked.get(variable, 0) + factor
            answer = self._ask(asked)
            if answer is None:
                return False
            for terms in together:
                reached = sum(factor * answer[n] for n, factor in terms.items())
                self._rows.append((terms, reached, np.inf))
        return True

    def _tied(self, cost: Terms) -> Iterator[int]:
        """Yield the ways that can differ among answers of one cost: those of no reduced cost."""
        from scipy.optimize import linprog
        from scipy.sparse import vstack

        matrix, low, high = self._matrix()
        aim = np.zeros(len(self._high))
        for variable, factor in cost.items():
            aim[variable] = -factor
        finite_high, finite_low = np.isfinite(high), np.isfinite(low)
        result: Any = linprog(
            aim,
            A_ub=vstack([matrix[finite_high], -matrix[finite_low]]),
            b_ub=np.concatenate([high[finite_high], -low[finite_low]]),
            bounds=np.column_stack([np.zeros(len(self._high)), np.array(self._high)]),
            method="highs",
        )
        least = sum(w.cost * u for w, u in zip(self._task.ways, self._best, strict=True))
        for number in range(len(self._task.ways)):
            if result.x is None or result.fun + result.lower.marginals[number] < least + _HALF:
                yield number

    def _matrix(self) -> tuple[Any, Float64, Float64]:
        from scipy.sparse import csr_array

        across = [(row, n, c) for row, (t, _, _) in enumerate(self._rows) for n, c in t.items()]
        rows, columns, values = zip(*across, strict=True)
        shape = (len(self._rows), len(self._high))
        matrix = csr_array((np.array(values, float), (rows, columns)), shape=shape)
        low = np.array([low for _, low, _ in self._rows])
        return matrix, low, np.array([high for _, _, high in self._rows])

    def _ask(self, gain: Terms) -> list[int] | None:
        """Return the variables where a sum is largest; None if there is no answer or no time."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        left = self._deadline.left()
        if left <= 0:
            return None
        aim = np.zeros(len(self._high))
        for variable, factor in gain.items():
            aim[variable] = -factor
        matrix, low, high = self._matrix()
        # scipy's own types know single numbers only
        box: Any = Bounds(*cast(Any, (np.zeros(len(aim)), np.array(self._high, float))))
        rows: Any = LinearConstraint(matrix, *cast(Any, (low, high)))
        limits = {"mip_rel_gap": 0.0} | ({"time_limit": left} if np.isfinite(left) else {})
        with quiet():
            result: Any = milp(
                aim,
                integrality=np.ones(len(aim)),
                bounds=box,
                constraints=rows,
                options=limits,
            )
        if result.x is None:
            return None
        answer = [round(value) for value in result.x]
        self._check(answer)
        self._best = tuple(answer[: len(self._task.ways)])
        return answer if result.status == 0 else None

    def _check(self, answer: Sequence[int]) -> None:
        """Hold the answer against each row in whole numbers."""
        for terms, low, high in self._rows:
            if not low <= sum(factor * answer[n] for n, factor in terms.items()) <= high:
                raise ArithmeticError("an answer of the solver breaks a rule once it is rounded")


def _digits(sums: Sequence[Terms], base: int) -> Iterator[list[Terms]]:
    """Yield runs of sums that are asked together as the digits of one number."""
    size, number = 1, base
    while number * base < _DIGITS:
        size, number = size + 1, number * base
    for begin in range(0, len(sums), size):
        yield list(sums[begin : begin + size])

"""What somebody can work out from a published form: a linear programme for each count.

The reader knows every printed count to within its rounding, that "7 or fewer" is 0 to 7,
that no count is negative, and which counts add up to which. Least and greatest value of
a count under these are all that can be known of it (whole numbers are not even asked for).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Bounds = tuple[float, float]

SAFE_WIDTH = 3.0
"""A count that was left out must stay uncertain by more than this."""

_FAR = 1e6
_TINY = 1e-6


@dataclass(frozen=True)
class Sum:
    """A total and its parts, by name. A part that is named twice counts twice."""

    total: str
    parts: tuple[str, ...]


class ImpossibleError(Exception):
    """No table fits what the reader takes for known."""


class Attacker:
    """Everything known about named counts. A name without bounds is any number from 0."""

    def __init__(self, bounds: Mapping[str, Bounds], sums: Iterable[Sum]) -> None:
        self.bounds = dict(bounds)
        self.sums = tuple(sums)
        for each in self.sums:
            for name in (each.total, *each.parts):
                self.bounds.setdefault(name, (0.0, np.inf))
        self.names = tuple(self.bounds)

    def unsafe(self, targets: Iterable[str]) -> list[str]:
        """Return the targets that can be worked out to within ``SAFE_WIDTH``, as given.

        Raises ImpossibleError where nothing fits.
        """
        wanted = list(dict.fromkeys(targets))
        found: list[str] = []
        for component in self._components():
            part = [name for name in wanted if name in component]
            if part:
                found += self._unsafe_in(component, part)
        return [name for name in wanted if name in found]

    def possible(self) -> bool:
        """Return whether any table fits."""
        try:
            for component in self._components():
                _Programme(self, component).solve({}, least=True)
        except ImpossibleError:
            return False
        return True

    def range_of(self, name: str) -> Bounds:
        """Return the least and greatest possible value of a count."""
        component = next(c for c in self._components() if name in c)
        programme = _Programme(self, component)
        low = programme.solve({name: 1.0}, least=True)[name]
        high = programme.solve({name: 1.0}, least=False)[name]
        return low, high

    def _unsafe_in(self, component: set[str], targets: list[str]) -> list[str]:
        spread = _Spread(targets)
        programme = _Programme(self, component)
        # Each solution is a possible table, so it may settle many counts at once.
        spread.take(programme.solve(dict.fromkeys(targets, 1.0), least=True))
        spread.take(programme.solve(dict.fromkeys(targets, 1.0), least=False))
        for name in targets:
            for least in (False, True):
                if not spread.wide(name):
                    spread.take(programme.solve({name: 1.0}, least=least))
        return [name for name in targets if not spread.wide(name)]

    def _components(self) -> list[set[str]]:
        """Return the names in groups that share a sum with each other, directly or not."""
        root = {name: name for name in self.names}

        def find(name: str) -> str:
            while root[name] != name:
                root[name] = root[root[name]]
                name = root[name]
            return name

        for each in self.sums:
            for part in each.parts:
                root[find(part)] = find(each.total)
        groups: dict[str, set[str]] = {}
        for name in self.names:
            groups.setdefault(find(name), set()).add(name)
        return list(groups.values())


class _Spread:
    """Least and greatest value of each target over the tables found so far."""

    def __init__(self, names: Sequence[str]) -> None:
        self._low = dict.fromkeys(names, np.inf)
        self._high = dict.fromkeys(names, -np.inf)

    def take(self, table: Mapping[str, float]) -> None:
        for name in self._low:
            self._low[name] = min(self._low[name], table[name])
            self._high[name] = max(self._high[name], table[name])

    def wide(self, name: str) -> bool:
        return self._high[name] - self._low[name] > SAFE_WIDTH + _TINY


class _Programme:
    """The linear programme of one connected part of a system."""

    def __init__(self, system: Attacker, component: set[str]) -> None:
        self._names = [name for name in system.names if name in component]
        self._place = {name: i for i, name in enumerate(self._names)}
        known = [system.bounds[name] for name in self._names]
        # A far limit in place of none keeps every programme bounded. It can only narrow.
        far = _FAR + sum(high for _, high in known if not np.isinf(high))
        self._bounds = [(low, min(high, far)) for low, high in known]
        self._matrix = self._equalities(each for each in system.sums if each.total in component)
        self._zeros = None if self._matrix is None else np.zeros(self._matrix.shape[0])

    def _equalities(self, sums: Iterator[Sum]) -> Any:
        from scipy.sparse import coo_array

        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        count = 0
        for count, each in enumerate(sums, 1):
            rows += [count - 1] * (1 + len(each.parts))
            columns += [self._place[each.total], *(self._place[part] for part in each.parts)]
            values += [-1.0, *(1.0 for _ in each.parts)]
        if not count:
            return None
        return coo_array((values, (rows, columns)), shape=(count, len(self._names))).tocsr()

    def solve(self, objective: Mapping[str, float], *, least: bool) -> dict[str, float]:
        """Return the table with the least (or greatest) sum of what is asked for."""
        from scipy.optimize import linprog

        cost = np.zeros(len(self._names))
        for name, weight in objective.items():
            cost[self._place[name]] = weight if least else -weight
        found: Any = linprog(
            cost, A_eq=self._matrix, b_eq=self._zeros, bounds=self._bounds, method="highs"
        )
        if found.status != 0:
            raise ImpossibleError
        return dict(zip(self._names, found.x.tolist(), strict=True))

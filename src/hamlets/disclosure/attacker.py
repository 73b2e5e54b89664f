"""What somebody can work out from a published form: a linear programme for each count.

The reader knows every printed count to within its rounding, that "7 or fewer" is 0 to 7,
that no count is negative, and which counts add up to which. Least and greatest value of
a count under these are all that can be known of it (whole numbers are not even asked for).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Bounds = tuple[float, float]

SAFE_WIDTH = 3.0
"""A count that was left out must stay uncertain by more than this."""

_FAR = 1e6
_TINY = 1e-6
_ATTEMPTS = 6
"""How often many counts are asked for at once before each is asked for by itself."""


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
        bounds = dict(bounds)
        sums = tuple(sums)
        for each in sums:
            for name in (each.total, *each.parts):
                bounds.setdefault(name, (0.0, np.inf))
        self._programmes = [_Programme(part, bounds, own) for part, own in _parts(bounds, sums)]
        self._at = {name: part for part in self._programmes for name in part.place}

    def unsafe(self, targets: Iterable[str]) -> list[str]:
        """Return the targets that can be worked out to within ``SAFE_WIDTH``, as given.

        Raises ImpossibleError where nothing fits.
        """
        wanted = list(dict.fromkeys(targets))
        asked: dict[int, list[str]] = {}
        for name in wanted:
            asked.setdefault(id(self._at[name]), []).append(name)
        found: set[str] = set()
        for names in asked.values():
            found.update(self._at[names[0]].narrow(names))
        return [name for name in wanted if name in found]

    def possible(self) -> bool:
        """Return whether any table fits."""
        return not self.impossible()

    def impossible(self) -> set[str]:
        """Return the names of the connected parts that no table fits."""
        found: set[str] = set()
        for programme in self._programmes:
            try:
                programme.fit()
            except ImpossibleError:
                found.update(programme.place)
        return found

    def forget(self, name: str, bounds: Bounds) -> None:
        """Take it that less is known of a count than before: its bounds are wider now."""
        self._at[name].widen(name, bounds)

    def unsafe_without(self, name: str, bounds: Bounds, target: str) -> bool:
        """Return whether a target would stay unsafe if less were known of a count."""
        part = self._at[target]
        return part is not self._at[name] or part.narrow_if(name, bounds, target)

    def near(self, name: str) -> tuple[Sum, ...]:
        """Return the sums that a count is part of, or the total."""
        return self._at[name].near(name)

    def range_of(self, name: str) -> Bounds:
        """Return the least and greatest possible value of a count."""
        return self._at[name].range_of(name)


def _parts(bounds: Mapping[str, Bounds], sums: Sequence[Sum]) -> list[tuple[list[str], list[Sum]]]:
    """Return the names in groups that share sums, directly or not, and the sums of each."""
    root = {name: name for name in bounds}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for each in sums:
        for part in each.parts:
            root[find(part)] = find(each.total)
    groups: dict[str, tuple[list[str], list[Sum]]] = {}
    for name in bounds:
        groups.setdefault(find(name), ([], []))[0].append(name)
    for each in sums:
        groups[find(each.total)][1].append(each)
    return list(groups.values())


class _Programme:
    """The linear programme of one connected part, and how far its counts are known to reach.

    Each solution is a possible table, so it settles many counts at once; and since counts are
    only ever forgotten, a table that was possible stays so.
    """

    def __init__(
        self, names: Sequence[str], bounds: Mapping[str, Bounds], sums: Sequence[Sum]
    ) -> None:
        self.place = {name: i for i, name in enumerate(names)}
        self._bounds = np.array([bounds[name] for name in names])
        # A far limit in place of none keeps every programme bounded. It can only narrow.
        finite = self._bounds[:, 1][np.isfinite(self._bounds[:, 1])]
        self._far = _FAR + float(finite.sum())
        self._sums = sums
        self._near: dict[str, list[Sum]] = {}
        self._matrix: Any = None
        self._low = np.full(len(names), np.inf)
        self._high = np.full(len(names), -np.inf)

    def near(self, name: str) -> tuple[Sum, ...]:
        if not self._near:
            for each in self._sums:
                for one in dict.fromkeys((each.total, *each.parts)):
                    self._near.setdefault(one, []).append(each)
        return tuple(self._near.get(name, ()))

    def widen(self, name: str, bounds: Bounds) -> None:
        self._bounds[self.place[name]] = bounds

    def fit(self) -> None:
        if not np.isfinite(self._low).all():
            self._take(self._solve(np.zeros(len(self.place))))

    def narrow(self, names: Iterable[str]) -> list[str]:
        """Return those of some counts that lie within ``SAFE_WIDTH`` in every table."""
        self.fit()
        places = np.array([self.place[name] for name in names], dtype=int)
        signs = np.random.default_rng(0)
        for attempt in range(_ATTEMPTS):
            left = places[self._tight(places)]
            if left.size <= 1:
                break
            cost = np.zeros(len(self.place))
            cost[left] = 1.0 if not attempt else signs.choice((-1.0, 1.0), left.size)
            self._take(self._solve(cost))
            self._take(self._solve(-cost))
        return [name for name in names if self._pinned(self.place[name])]

    def narrow_if(self, name: str, bounds: Bounds, target: str) -> bool:
        """Return whether a target is narrow with wider bounds of a count; change nothing."""
        place = self.place[name]
        kept = self._bounds[place].copy(), self._low.copy(), self._high.copy()
        self._bounds[place] = bounds
        found = self._pinned(self.place[target])
        self._bounds[place], self._low, self._high = kept
        return found

    def range_of(self, name: str) -> Bounds:
        cost = np.zeros(len(self.place))
        place = self.place[name]
        cost[place] = 1.0
        return float(self._solve(cost)[place]), float(self._solve(-cost)[place])

    def _tight(self, places: Any) -> Any:
        return self._high[places] - self._low[places] <= SAFE_WIDTH + _TINY

    def _pinned(self, place: int) -> bool:
        cost = np.zeros(len(self.place))
        for way in (-1.0, 1.0):
            if self._tight(place):
                cost[place] = way
                self._take(self._solve(cost))
        return bool(self._tight(place))

    def _take(self, table: Any) -> None:
        np.minimum(self._low, table, out=self._low)
        np.maximum(self._high, table, out=self._high)

    def _equalities(self) -> Any:
        from scipy.sparse import coo_array

        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for row, each in enumerate(self._sums):
            rows += [row] * (1 + len(each.parts))
            columns += [self.place[each.total], *(self.place[part] for part in each.parts)]
            values += [-1.0, *(1.0 for _ in each.parts)]
        shape = (len(self._sums), len(self.place))
        return coo_array((values, (rows, columns)), shape=shape).tocsr()

    def _solve(self, cost: Any) -> Any:
        """Return the table with the least sum of what is asked for."""
        from scipy.optimize import linprog

        bounds = np.minimum(self._bounds, self._far)
        if (bounds[:, 0] > bounds[:, 1]).any():
            raise ImpossibleError
        if not self._sums:
            return np.where(cost < 0, bounds[:, 1], bounds[:, 0])
        if self._matrix is None:
            self._matrix = self._equalities()
        found: Any = linprog(
            cost, A_eq=self._matrix, b_eq=np.zeros(len(self._sums)), bounds=bounds, method="highs"
        )
        if found.status != 0:
            raise ImpossibleError
        return found.x

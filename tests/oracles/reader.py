"""A reader of published counts who tries to work out what was left out.

Written apart from ``hamlets.disclosure``: unknowns are the cells themselves, every printed
number is a pair of inequalities, and each question is put to the solver by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Form = Mapping[str, float]
"""A count as a sum of cells: how often it has each."""


@dataclass
class Reader:
    """Knows inequalities about cells that are 0 or more."""

    cells: dict[str, int] = field(default_factory=dict)
    _rows: list[tuple[Form, float]] = field(default_factory=list)

    def knows(self, form: Form, low: float, high: float) -> None:
        """Note that a sum of cells lies between two numbers."""
        for name in form:
            self.cells.setdefault(name, len(self.cells))
        if high < np.inf:
            self._rows.append((form, high))
        self._rows.append(({name: -weight for name, weight in form.items()}, -low))

    def shown(self, form: Form, value: int) -> None:
        """Note a count that is printed, rounded to 5, of 8 or more."""
        self.knows(form, max(8, value - 2), value + 2)

    def few(self, form: Form) -> None:
        """Note a count that is printed as "7 or fewer"."""
        self.knows(form, 0, 7)

    def can_say(self, form: Form) -> tuple[float, float]:
        """Return the least and the greatest that a count can be; AssertionError if none fits."""
        for name in form:
            self.cells.setdefault(name, len(self.cells))
        matrix, limits = self._system()
        cost = np.zeros(len(self.cells))
        for name, weight in form.items():
            cost[self.cells[name]] = weight
        least = linprog(cost, A_ub=matrix, b_ub=limits, bounds=(0, 1e7), method="highs")
        most = linprog(-cost, A_ub=matrix, b_ub=limits, bounds=(0, 1e7), method="highs")
        assert least.status == most.status == 0, "what is printed contradicts itself"
        return float(least.fun), float(-most.fun)

    def pinned(self, names: Sequence[str], width: float) -> Iterator[tuple[str, float, float]]:
        """Yield each cell that lies within ``width``; AssertionError if nothing fits.

        Whatever table the solver finds shows for all cells at once where they may lie, so only
        those that no table has shown to be wide are asked for by themselves.
        """
        for name in names:
            self.cells.setdefault(name, len(self.cells))
        wanted = np.array([self.cells[name] for name in names], dtype=int)
        matrix, limits = self._system()
        links = abs(matrix).T @ abs(matrix)
        count, part_of = connected_components(links, directed=False)
        part_of_row = part_of[matrix.indices[matrix.indptr[:-1]]]
        for part in range(count):
            cells = np.flatnonzero(part_of == part)
            own = wanted[part_of[wanted] == part]
            if not own.size:
                continue
            rows = np.flatnonzero(part_of_row == part)
            place = {cell: i for i, cell in enumerate(cells)}
            low, high = _spread(
                matrix[rows][:, cells], limits[rows], [place[cell] for cell in own], width
            )
            for cell in own:
                least, most = low[place[cell]], high[place[cell]]
                if most - least <= width + 1e-6:
                    yield names[int(np.flatnonzero(wanted == cell)[0])], float(least), float(most)

    def _system(self) -> tuple[csr_array, np.ndarray]:
        entries = [
            (row, self.cells[name], weight)
            for row, (form, _) in enumerate(self._rows)
            for name, weight in form.items()
        ]
        rows = [entry[0] for entry in entries]
        columns = [entry[1] for entry in entries]
        weights = [entry[2] for entry in entries]
        shape = (len(self._rows), len(self.cells))
        return csr_array((weights, (rows, columns)), shape=shape), np.array(
            [limit for _, limit in self._rows]
        )


def _spread(
    matrix: csr_array, limits: np.ndarray, wanted: Sequence[int], width: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and greatest values found; those of wanted cells within it are exact."""
    assert matrix.shape is not None
    size = matrix.shape[1]
    low, high = np.full(size, np.inf), np.full(size, -np.inf)

    def ask(cost: np.ndarray) -> None:
        found = linprog(cost, A_ub=matrix, b_ub=limits, bounds=(0, 1e7), method="highs")
        assert found.status == 0, "what is printed contradicts itself"
        np.minimum(low, found.x, out=low)
        np.maximum(high, found.x, out=high)

    def narrow() -> np.ndarray:
        return np.array([i for i in wanted if high[i] - low[i] <= width + 1e-6], dtype=int)

    rng = np.random.default_rng(1)
    for _ in range(12):
        cost = np.zeros(size)
        still = narrow()
        if not still.size:
            return low, high
        cost[still] = rng.choice((-1.0, 1.0), still.size)
        ask(cost)
        ask(-cost)
    for i in narrow():
        for way in (1.0, -1.0):
            if high[i] - low[i] <= width + 1e-6:
                cost = np.zeros(size)
                cost[i] = way
                ask(cost)
    return low, high

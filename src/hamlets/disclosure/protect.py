"""Which counts of a table are shown, so that none that is left out can be worked out.

Small counts are left out first. Then the reader's own sums are tried
(``attacker``); while they pin a small count down, one more count is left out, the
one whose loss is least. What was published before is part of what the reader knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hamlets.disclosure.attacker import Attacker, Bounds, ImpossibleError, Sum
from hamlets.disclosure.counts import HIDDEN, SMALLEST, Mark, Published, publish_count


@dataclass(frozen=True)
class Counts:
    """True counts by name, and which of them add up.

    ``silent`` counts are never printed, but where they are small they must not be worked out:
    what a share leaves over, say. ``margins`` are printed by another view in any case, so
    they are never left out here.
    A name in ``sums`` without a count is one that the reader can think of but not read.
    """

    values: Mapping[str, int]
    sums: tuple[Sum, ...] = ()
    silent: frozenset[str] = frozenset()
    margins: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()
    """Counts that are left out whatever their size: contacts of fewer than 8 patients, say."""

    def check(self) -> None:
        """Raise ValueError where a count is negative or a sum does not hold."""
        if any(value < 0 for value in self.values.values()):
            raise ValueError("A count is not negative.")
        for each in self.sums:
            names = (each.total, *each.parts)
            if all(name in self.values for name in names):
                parts = sum(self.values[name] for name in each.parts)
                if parts != self.values[each.total]:
                    raise ValueError(f"The parts do not add up to {each.total}.")


@dataclass(frozen=True)
class Release:
    """What has been published: each printed count, and which counts add up."""

    counts: Mapping[str, Published]
    sums: tuple[Sum, ...] = field(default=())

    def left_out(self) -> list[str]:
        """Return the names of counts that are not shown."""
        return [name for name, count in self.counts.items() if count.value is None]


class UnprotectableError(Exception):
    """A margin that is printed elsewhere gives a small count away: publish nothing of this."""


def protect(table: Counts, previous: Release | None = None, links: Sequence[Sum] = ()) -> Release:
    """Return how each printed count of a table is published.

    ``previous`` is the same view as published for the version before; a name in both means
    the same count of the same days. ``links`` are sums between the two (``rolling``).
    Raises ValueError for counts that do not add up, UnprotectableError where only margins
    are left to leave out.
    """
    table.check()
    return _Protection(table, previous, tuple(links)).run()


class _Protection:
    def __init__(self, table: Counts, previous: Release | None, links: tuple[Sum, ...]) -> None:
        self._table = table
        self._before = previous or Release({})
        self._links = links
        self._printed = [name for name in table.values if name not in table.silent]
        self._steps: set[str] = set()
        self._marks = {name: self._first(name) for name in self._printed}

    def _first(self, name: str) -> Published:
        """Return a count's form before it is known what others give away."""
        count = publish_count(self._table.values[name])
        if name in self._table.hide and count.mark is Mark.shown:
            return HIDDEN
        before = self._before.counts.get(name)
        if before is not None and before.mark is not count.mark:
            # Shown once and small the next time: the step over the line would tell both.
            self._steps.add(name)
            return HIDDEN
        return count

    def run(self) -> Release:
        joined = self._joined()
        while True:
            unsafe = self._unsafe(joined)
            if not unsafe:
                return Release(dict(self._marks), self._table.sums)
            self._leave_out_one_more(unsafe[0], joined)

    def _joined(self) -> bool:
        """Return whether both versions fit one history; if not, no reader can join them."""
        return not self._before.counts or self._attacker(joined=True).possible()

    def _attacker(self, joined: bool) -> Attacker:
        bounds: dict[str, Bounds] = {}
        for name in self._table.values:
            bounds[name] = self._known(name)
        if not joined:
            return Attacker(bounds, self._table.sums)
        for name, count in self._before.counts.items():
            low, high = bounds.get(name, (0.0, float("inf")))
            bounds[name] = (max(low, count.low), min(high, count.high))
        sums = (*self._table.sums, *self._before.sums, *self._links)
        return Attacker(bounds, dict.fromkeys(sums))

    def _known(self, name: str) -> Bounds:
        value = self._table.values[name]
        if name in self._table.silent:
            return 0.0, float("inf")
        count = self._marks[name]
        if count.mark is Mark.hidden and value >= SMALLEST and name not in self._steps:
            # Who knows how this is done knows that it is not small: it would say so.
            return float(SMALLEST), float("inf")
        return float(count.low), float(count.high)

    def _targets(self, joined: bool) -> list[str]:
        mine = [name for name in self._printed if self._marks[name].value is None]
        quiet = [n for n in self._table.silent if self._table.values[n] < SMALLEST]
        before = self._before.left_out() if joined else []
        return [*mine, *sorted(quiet), *before]

    def _unsafe(self, joined: bool) -> list[str]:
        try:
            return self._attacker(joined).unsafe(self._targets(joined))
        except ImpossibleError:
            if joined and self._before.counts:
                raise ImpossibleError("The versions stopped fitting together.") from None
            raise

    def _leave_out_one_more(self, target: str, joined: bool) -> None:
        """Give up one more count for a target: the smallest that is enough, nearest first."""
        for candidates in self._rings(target):
            if not candidates:
                continue
            enough = (name for name in candidates if self._helps(name, target, joined))
            self._marks[next(enough, candidates[0])] = HIDDEN
            return
        raise UnprotectableError

    def _helps(self, name: str, target: str, joined: bool) -> bool:
        kept = self._marks[name]
        self._marks[name] = HIDDEN
        helps = not self._attacker(joined).unsafe([target])
        self._marks[name] = kept
        return helps

    def _rings(self, target: str) -> Iterable[list[str]]:
        """Yield counts that may be given up, by how many sums away they are.

        In each ring first those that are shown; only then is "7 or fewer" left unsaid.
        """
        sums = (*self._table.sums, *self._before.sums, *self._links)
        seen, edge = {target}, {target}
        while edge:
            near = edge.union(*(n for e in sums if (n := {e.total, *e.parts}) & edge))
            shown = self._by_loss(near, Mark.shown)
            yield shown
            yield self._by_loss(near, Mark.few)
            edge = near - seen
            seen |= near

    def _by_loss(self, names: set[str], mark: Mark) -> list[str]:
        """Return the counts with this mark that can be given up: parts first, small ones first."""
        totals = {each.total for each in self._table.sums}
        can = (n for n in names if n in self._marks and n not in self._table.margins)
        return sorted(
            (n for n in can if self._marks[n].mark is mark),
            key=lambda n: (n in totals, self._table.values[n], n),
        )


def protect_counts(matrix: Sequence[Sequence[int]], margins: bool = True) -> list[list[Published]]:
    """Return a one- or two-way table of counts in its published form.

    With ``margins`` the result has one more column and one more row: the totals, from
    true parts and then rounded. A table of one row has a total of that row only.
    """
    rows, columns = len(matrix), len(matrix[0]) if matrix else 0
    if any(len(row) != columns for row in matrix):
        raise ValueError("Every row has as many counts.")
    values = {f"{i}/{j}": matrix[i][j] for i in range(rows) for j in range(columns)}
    sums: list[Sum] = []
    if margins:
        _add_margins(values, sums, rows, columns)
    found = protect(Counts(values, tuple(sums))).counts
    down = rows + 1 if margins and rows > 1 else rows
    across = columns + 1 if margins else columns
    return [[found[f"{i}/{j}"] for j in range(across)] for i in range(down)]


def _add_margins(values: dict[str, int], sums: list[Sum], rows: int, columns: int) -> None:
    def total(name: str, parts: list[str]) -> None:
        values[name] = sum(values[part] for part in parts)
        sums.append(Sum(name, tuple(parts)))

    for i in range(rows):
        total(f"{i}/{columns}", [f"{i}/{j}" for j in range(columns)])
    if rows > 1:
        for j in range(columns + 1):
            total(f"{rows}/{j}", [f"{i}/{j}" for i in range(rows)])

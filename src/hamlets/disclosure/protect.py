"""Which counts of a table are shown, so that none that is left out can be worked out.

Small counts are left out first. Then the reader's own sums are tried
(``attacker``); while they pin a small count down, one more count is left out, the
one whose loss is least. What was published before is part of what the reader knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hamlets.disclosure.attacker import Attacker, Bounds, Sum
from hamlets.disclosure.counts import HIDDEN, SMALLEST, Mark, Published, publish_count

_TRIED = 8
"""How many counts are tried for one that is enough, before the first is given up anyway."""


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
        self._totals = {each.total for each in table.sums}
        self._apart: set[str] = set()
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
        attacker = self._joined()
        while unsafe := attacker.unsafe(self._targets()):
            for place, target in enumerate(unsafe):
                # What was left out for one target may have been enough for the next.
                if not place or attacker.unsafe([target]):
                    self._leave_out_one_more(target, attacker)
        return Release(dict(self._marks), self._table.sums)

    def _joined(self) -> Attacker:
        """Return the reader of both versions.

        Where records were mended since, some counts of both fit no one history. Then nobody can
        join these, but who has both pages still sees which numbers were left out of one and not
        of the other: so what was left out stays left out, and the old ones are no longer asked.
        """
        attacker = self._attacker()
        if self._before.counts:
            self._apart = attacker.impossible()
        if not self._apart:
            return attacker
        for name in self._apart & set(self._marks):
            before = self._before.counts.get(name)
            if before is not None and before.mark is Mark.hidden:
                self._marks[name] = HIDDEN
        return self._attacker()

    def _attacker(self) -> Attacker:
        bounds = {name: self._known(name) for name in self._table.values}
        sums = dict.fromkeys(self._table.sums)
        for name, count in self._before.counts.items():
            if name not in self._apart:
                low, high = bounds.get(name, (0.0, float("inf")))
                bounds[name] = (max(low, count.low), min(high, count.high))
        for each in (*self._before.sums, *self._links):
            if each.total not in self._apart:
                sums[each] = None
        return Attacker(bounds, sums)

    def _known(self, name: str) -> Bounds:
        value = self._table.values[name]
        if name in self._table.silent:
            # A share that is printed says that what it leaves over is not small.
            return (float(SMALLEST) if value >= SMALLEST else 0.0), float("inf")
        count = self._marks[name]
        if count.mark is Mark.hidden and value >= SMALLEST and name not in self._steps:
            # Who knows how this is done knows that it is not small: it would say so.
            return float(SMALLEST), float("inf")
        return float(count.low), float(count.high)

    def _if_hidden(self, name: str) -> Bounds:
        """Return what is known of a count where this version leaves it out."""
        low = float(SMALLEST) if self._table.values[name] >= SMALLEST else 0.0
        low, high = (0.0 if name in self._steps else low), float("inf")
        before = self._before.counts.get(name)
        if before is not None and name not in self._apart:
            return max(low, before.low), min(high, before.high)
        return low, high

    def _targets(self) -> list[str]:
        mine = [name for name in self._printed if self._marks[name].value is None]
        quiet = [n for n in self._table.silent if self._table.values[n] < SMALLEST]
        before = [name for name in self._before.left_out() if name not in self._apart]
        return [*mine, *sorted(quiet), *before]

    def _leave_out_one_more(self, target: str, attacker: Attacker) -> None:
        """Give up one more count for a target: the smallest that is enough, nearest first."""
        for candidates in self._rings(target, attacker):
            if not candidates:
                continue
            enough = (
                name
                for name in candidates[:_TRIED]
                if not attacker.unsafe_without(name, self._if_hidden(name), target)
            )
            name = next(enough, candidates[0])
            self._marks[name] = HIDDEN
            attacker.forget(name, self._if_hidden(name))
            return
        raise UnprotectableError

    def _rings(self, target: str, attacker: Attacker) -> Iterable[list[str]]:
        """Yield counts that may be given up, by how many sums away they are.

        In each ring first those that are shown; only then is "7 or fewer" left unsaid.
        """
        seen, edge = {target}, {target}
        while edge:
            sums = dict.fromkeys(each for name in edge for each in attacker.near(name))
            near = edge.union(*((each.total, *each.parts) for each in sums))
            yield self._by_loss(near, Mark.shown)
            yield self._by_loss(near, Mark.few)
            edge = near - seen
            seen |= near

    def _by_loss(self, names: set[str], mark: Mark) -> list[str]:
        """Return the counts with this mark that can be given up: parts first, small ones first."""
        can = (n for n in names if n in self._marks and n not in self._table.margins)
        return sorted(
            (n for n in can if self._marks[n].mark is mark),
            key=lambda n: (n in self._totals, self._table.values[n], n),
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

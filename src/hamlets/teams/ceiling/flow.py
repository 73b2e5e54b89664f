"""The most contacts with the own GP, and after these with the team: one min-cost flow.

Classes of requests flow to the slots of clinicians by unit of time. Classes share nodes:
the own GP's slots of a window; a team's or anybody's slots of 2, 4, 8 ... units, two of which
make up any window. The network of one practice has some 100,000 arcs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.teams.ceiling.book import GROUPS, IN_TEAM, OTHER, OWN, Book, Int64, expanded, packed
from hamlets.teams.ceiling.least_cost import least_cost
from hamlets.teams.ceiling.slots import SERVES


@dataclass
class Network:
    """Arcs as they are added; capacities, costs (0 or more) and supplies are whole numbers."""

    nodes: int = 0
    arcs: int = 0
    _parts: list[tuple[Int64, Int64, Int64, Int64]] = field(default_factory=list)

    def make(self, count: int) -> Int64:
        """Return the numbers of so many new nodes."""
        made = np.arange(self.nodes, self.nodes + count, dtype=np.int64)
        self.nodes += count
        return made

    def join(self, tail: Any, head: Any, capacity: Any, cost: Any = 0) -> slice:
        """Add arcs; return their numbers."""
        parts = np.broadcast_arrays(
            *(np.asarray(each, dtype=np.int64) for each in (tail, head, capacity, cost))
        )
        size = parts[0].size
        self._parts.append((parts[0], parts[1], parts[2], parts[3]))
        self.arcs += size
        return slice(self.arcs - size, self.arcs)

    def solve(self, supply: Int64, sink: int) -> Int64:
        """Return each arc's flow at least cost; all of the supply reaches the sink."""
        tail, head, capacity, cost = (
            np.concatenate([part[i].ravel() for part in self._parts]) for i in range(4)
        )
        capacity = np.minimum(capacity, int(supply.sum()))
        flow = least_cost(tail, head, capacity, cost, supply, self.nodes, sink)
        if flow is None:  # every request has its recorded slot, so this is a defect
            raise AssertionError("a request of a practice has no slot")
        return flow


@dataclass(frozen=True)
class Attained:
    """Requests of each class that can be met by the own GP, and by anyone of the own team."""

    own: Int64
    team: Int64
    """The own GP's included."""


def attain(book: Book) -> Attained:
    """Return the most requests with the own GP and, among such bookings, with the team.

    A request recorded with the own GP stays with the own GP, one recorded with the team
    with the team; each may keep its recorded slot.
    """
    classes = book.classes
    if classes.size == 0:
        return Attained(classes.count, classes.count)
    network = Network(nodes=classes.size)
    sink = int(network.make(1)[0])
    entry = _entries(book, network, sink)
    listed = classes.list >= 0
    of_team = np.flatnonzero(listed & (classes.team >= 0) & (classes.recorded != OWN))
    # so one contact more with the own GP is worth more than all that teams could win
    weight = int(classes.count[of_team].sum()) + 1
    own = _own_arcs(book, network, entry, np.flatnonzero(listed))
    team = _range_arcs(book, network, entry, of_team, classes.team[of_team], weight - 1)
    rest = np.flatnonzero(classes.recorded == OTHER)
    # whoever has no named GP loses nothing anywhere
    cost = np.where(listed[rest], weight, 0)
    _range_arcs(book, network, entry, rest, np.full(len(rest), ANYONE), cost)
    kept = _recorded_arcs(book, network, entry, weight)
    flows = network.solve(classes.count, sink)
    with_own, with_team = np.zeros((2, classes.size), dtype=np.int64)
    worth = classes.recorded[kept.owner]
    np.add.at(with_own, own.owner, flows[own.arcs])
    np.add.at(with_team, team.owner, flows[team.arcs])
    for count, value in ((with_own, OWN), (with_team, IN_TEAM)):
        mine = worth == value
        np.add.at(count, kept.owner[mine], flows[kept.arcs][mine])
    return Attained(with_own, with_own + with_team)


def attain_with_fewest_moves(book: Book) -> tuple[int, int]:
    """Return the most requests with the own GP, and how few requests must move for that.

    A request moves that has another slot than the recorded one. Who was with the own GP or
    the team stays there, as in ``attain``.
    """
    c = book.classes
    if c.size == 0:
        return 0, 0
    network = Network(nodes=c.size)
    sink = int(network.make(1)[0])
    entry = _entries(book, network, sink)
    listed = c.list >= 0
    # so one contact more with the own GP is worth more than that nobody moves
    weight = book.requests + 1
    worse = np.where(listed & (c.recorded != OWN), weight, 0)
    own = _own_arcs(book, network, entry, np.flatnonzero(listed), 1)
    of_team = np.flatnonzero(listed & (c.team >= 0) & (c.recorded == IN_TEAM))
    _range_arcs(book, network, entry, of_team, c.team[of_team], weight + 1)
    rest = np.flatnonzero(c.recorded == OTHER)
    _range_arcs(book, network, entry, rest, np.full(len(rest), ANYONE), worse[rest] + 1)
    slot = entry[book.at_cell, c.group[book.at_class], book.levels]
    stay = network.join(book.at_class, slot, book.at_count, worse[book.at_class])
    flows = network.solve(c.count, sink)
    kept = flows[stay]
    kept_own = kept[(listed & (c.recorded == OWN))[book.at_class]].sum()
    return int(flows[own.arcs].sum() + kept_own), book.requests - int(kept.sum())


ANYONE = -1
"""Stands for a team of everybody."""


@dataclass(frozen=True)
class _Arcs:
    """Arcs that leave classes, and the class that each leaves."""

    owner: Int64
    arcs: slice


def _entries(book: Book, network: Network, sink: int) -> npt.NDArray[np.int64]:
    """Return the node where a class enters a cell (cells x GROUPS x levels), -1 without a slot.

    From it every slot of the cell is reached that takes the group and is long enough.
    """
    cells, free = book.cells, book.free
    entry = np.full((cells.size, GROUPS, book.levels + 1), -1, dtype=np.int64)
    at, group = np.nonzero(cells.used)
    entry[at, group, book.levels] = made = network.make(len(at))
    network.join(made, sink, cells.used[at, group])
    slot = np.zeros((cells.size, max(SERVES) + 1, max(book.levels, 1)), dtype=np.int64)
    np.add.at(slot, (free.cell, free.group, free.level), free.count)
    store = np.full(slot.shape, -1, dtype=np.int64)
    used = np.nonzero(slot)
    store[used] = network.make(len(used[0]))
    network.join(store[used], sink, slot[used])
    for level in range(book.levels - 1, -1, -1):
        for group in np.unique(book.classes.group).tolist():
            ways = [store[:, kind, level] for kind, takes in SERVES.items() if group in takes]
            ways.append(entry[:, group, level + 1])
            there = np.stack(ways, axis=1)
            several = np.flatnonzero((there >= 0).sum(axis=1) > 1)
            node = there.max(axis=1)  # where there is one way, that is the node
            node[several] = network.make(len(several))
            for way in ways:
                mine = several[way[several] >= 0]
                network.join(node[mine], way[mine], _PLENTY)
            entry[:, group, level] = node
    return entry


_PLENTY = 2**40


def own_cells(book: Book) -> tuple[Int64, Int64]:
    """Return the people and, people x units, the cell in which each is an own GP (-1: none)."""
    cells = book.cells
    people, person = np.unique(cells.person, return_inverse=True)
    found = np.full((len(people), len(book.units)), -1, dtype=np.int64)
    mine = np.flatnonzero(~cells.passing)
    found[person[mine], cells.unit[mine]] = mine
    return people, found


def cells_of_own(book: Book, person: Int64, low: Int64, high: Int64) -> tuple[Int64, Int64]:
    """Return the cells of each person in units ``low:high``, and which of the askers' each is."""
    people, found = own_cells(book)
    unit, asker = expanded(low, high)
    if len(people) == 0 or len(unit) == 0:
        return unit[:0], asker[:0]
    at = np.minimum(np.searchsorted(people, person), len(people) - 1)
    known = people[at] == person
    cell = found[at[asker], unit]
    keep = known[asker] & (cell >= 0)
    return cell[keep], asker[keep]


def _own_arcs(
    book: Book, network: Network, entry: npt.NDArray[np.int64], who: Int64, cost: int = 0
) -> _Arcs:
    """Add the ways from classes to their own GP's slots, by a node for each GP and window."""
    c = book.classes
    columns = [c.list[who], c.low[who], c.high[who], c.group[who], c.bucket[who]]
    _, first, of = np.unique(packed(columns), return_index=True, return_inverse=True)
    gp, low, high, group, bucket = (column[first] for column in columns)
    node = network.make(len(first))
    cell, asker = cells_of_own(book, gp, low, high)
    into = entry[cell, group[asker], bucket[asker]]
    there = into >= 0
    network.join(node[asker[there]], into[there], _PLENTY)
    return _Arcs(who, network.join(who, node[of], c.count[who], cost))


def _range_arcs(
    book: Book,
    network: Network,
    entry: npt.NDArray[np.int64],
    who: Int64,
    team: Int64,
    cost: int | Int64,
) -> _Arcs:
    """Add the ways from classes to the slots of a team, or of ANYONE, in their windows.

    A node stands for 2**k units from one on; two of them, which may overlap, are a window.
    """
    c = book.classes
    inside = c.high[who] > c.low[who]
    cost = np.broadcast_to(cost, len(who))[inside]
    who, team = who[inside], team[inside]
    levels, units = max(book.levels, 1), max(len(book.units), 1)
    kind = ((team + 1) * GROUPS + c.group[who]) * levels + c.bucket[who]
    size = np.floor(np.log2(c.high[who] - c.low[who])).astype(np.int64)
    ends = c.high[who] - (1 << size)
    two = np.flatnonzero(ends > c.low[who])
    owner = np.concatenate([who, who[two]])
    cost = np.concatenate([cost, cost[two]])
    wanted = np.concatenate([kind * units + c.low[who], (kind * units + ends)[two]])
    size = np.concatenate([size, size[two]])
    head = np.empty(len(owner), dtype=np.int64)
    above: tuple[Int64, Int64] = (np.empty(0, np.int64), np.empty(0, np.int64))
    for k in range(int(size.max(initial=0)), -1, -1):
        mine = size == k
        keys = np.unique(np.concatenate([wanted[mine], above[1]]))
        node = network.make(len(keys))
        head[mine] = node[np.searchsorted(keys, wanted[mine])]
        network.join(above[0], node[np.searchsorted(keys, above[1])], _PLENTY)
        if k:
            half = 1 << (k - 1)
            above = (np.tile(node, 2), np.concatenate([keys, keys + half]))
        else:
            _unit_arcs(book, network, entry, keys, node)
    return _Arcs(owner, network.join(owner, head, c.count[owner], cost))


def _unit_arcs(
    book: Book, network: Network, entry: npt.NDArray[np.int64], keys: Int64, node: Int64
) -> None:
    """Join the nodes of single units to the cells of the team's members in them."""
    levels, units = max(book.levels, 1), max(len(book.units), 1)
    kind, unit = np.divmod(keys, units)
    kind, bucket = np.divmod(kind, levels)
    team, group = np.divmod(kind, GROUPS)
    # members in order of team, then cell, which is in order of units; everybody is team 0 here
    everyone = np.arange(book.cells.size)
    cell = np.concatenate([everyone, book.cell_of])
    team_of = np.concatenate([np.zeros(len(everyone), np.int64), book.team_of + 1])
    place = team_of * units + book.cells.unit[cell]
    wanted = team * units + unit
    low, high = np.searchsorted(place, wanted), np.searchsorted(place, wanted, side="right")
    at, asker = expanded(low.astype(np.int64), high.astype(np.int64))
    into = entry[cell[at], group[asker], bucket[asker]]
    there = into >= 0
    network.join(node[asker[there]], into[there], _PLENTY)


def _recorded_arcs(
    book: Book, network: Network, entry: npt.NDArray[np.int64], weight: int
) -> _Arcs:
    """Add the way from each class to the recorded slots of its requests."""
    c, owner = book.classes, book.at_class
    recorded = c.recorded[owner]
    unit = book.cells.unit[book.at_cell]
    inside = (c.low[owner] <= unit) & (unit < c.high[owner])
    # anybody's slot in the window is reached already; an own one unless it was passing work
    reached = inside & (
        (recorded == OTHER) | ((recorded == OWN) & ~book.cells.passing[book.at_cell])
    )
    need = np.flatnonzero(~reached)
    owner = owner[need]
    cost = np.array([weight, weight - 1, 0])[recorded[need]]
    cost[c.list[owner] < 0] = 0
    slot = entry[book.at_cell[need], c.group[owner], book.levels]
    return _Arcs(owner, network.join(owner, slot, book.at_count[need], cost))

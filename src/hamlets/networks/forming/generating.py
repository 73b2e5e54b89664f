"""Networks made as they are needed: column generation, and every network within the gap.

Where there are too many possible networks to list, prices tell which ones could matter. The
search around each middle (module ``tree_search``) finds the networks that are worth more than
their practices cost; when there are none left, the prices prove a bound, and a network that
falls short by more than the gap is in no better sharing-out. If the rest can be listed, the
set partition over it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.networks.forming.growing import Sharing, neighbours_in_rows
from hamlets.networks.forming.prices import Middles, Worths
from hamlets.networks.forming.subsets import Subsets, costs
from hamlets.networks.forming.task import Bools, Float64, Int64, Task
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.relaxed import solve_relaxed
from hamlets.optimise.sets import Columns, Limit, programme

_STEPS = 3_000_000
"""Of the search around one middle, before it counts as too long."""
_STEPS_FIRST = 30_000
_BOX, _STAY = 0.3, 0.5
"""How near the best prices so far the next ones stay: those of few networks are wild."""
_ROWS = 400
_KEPT = 6
"""Networks that one middle adds at a time."""
_CLOSE = 1e-4
"""The bound is within so much of the linear programme's value: enough."""
_MOST_AROUND = 65_536
_WIDEST = 120


@dataclass
class Pool:
    """Networks made so far, each once, by their units."""

    task: Task
    known: dict[tuple[int, ...], float]

    def add(self, networks: list[list[int]]) -> int:
        """Take networks; return how many are new."""
        new = [each for mine in networks if (each := tuple(sorted(mine))) not in self.known]
        by_size: dict[int, list[tuple[int, ...]]] = {}
        for each in dict.fromkeys(new):
            by_size.setdefault(len(each), []).append(each)
        for group in by_size.values():
            cost = costs(self.task, np.array(group, dtype=np.int16))
            self.known.update(zip(group, cost.tolist(), strict=True))
        return len(new)

    def subsets(self) -> Subsets:
        """Return them as rows."""
        return subsets_of(self.task, self.known)


def subsets_of(task: Task, known: dict[tuple[int, ...], float]) -> Subsets:
    """Return networks and their costs as rows."""
    widest = max(map(len, known))
    members = np.full((len(known), widest), -1, dtype=np.int16)
    for row, mine in enumerate(known):
        members[row, : len(mine)] = mine
    people = np.append(task.size, 0)[members].sum(axis=1)
    return Subsets(Columns(members, task.count), people, np.array(list(known.values())))


class Search:
    """Finds the networks around middles that are worth most at some prices."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.first, self.near = neighbours_in_rows(task)
        self.apart = np.array(task.apart, dtype=np.int64).reshape(-1, 2)
        self.complete = True
        """Whether the last search looked at all."""
        self.met = 0
        """Networks that it met, also those that break a rule."""

    def around(
        self,
        middle: int,
        prices: Float64,
        worths: Worths,
        floor: float,
        rising: bool,
        rows: int = _ROWS,
        steps: int = _STEPS,
    ) -> tuple[list[list[int]], Float64]:
        """Return networks worth at least ``floor`` around a practice, and their worths.

        Those with pairs that should be apart are left out. ``rising``: only ever better ones.
        """
        from hamlets.networks.forming.tree_search import grow

        task = self.task
        worth = prices - task.weighted[:, middle]
        per_patient = float(worths.per_patient[middle])
        bent = worth - per_patient * task.size
        # what fills the room up to the end of the band that holds
        end = task.high if per_patient > 0 else task.low
        own = int(task.owner[middle])
        top = float(np.maximum(bent, 0.0).sum()) + per_patient * end
        margin = 1e-7 * max(1.0, abs(top))
        may = top + np.minimum(bent, 0.0) >= floor - margin
        if not may[own] or worths.value[middle] < floor - margin:
            self.complete, self.met = True, 0
            return [], np.empty(0)
        units = self._reached(own, may)
        local = np.full(task.count, -1, dtype=np.int64)
        local[units] = np.arange(len(units))
        first, near = _part(self.first, self.near, units, local)
        left_out = np.maximum(np.delete(bent, units), 0.0).sum()
        sets = np.full((rows, min(len(units), _WIDEST)), -1, dtype=np.int64)
        value, used = np.empty(rows), np.zeros(2, dtype=np.int64)
        numbers = np.array([task.low - task.slack, task.high + task.slack, top - left_out + margin])
        found = grow(
            worth[units], task.size[units], first, near, bent[units], numbers,
            np.array([floor]), steps, rising, sets, value, used,
        )  # fmt: skip
        self.complete, self.met = bool(used[1]), int(found)
        made = [units[row[row >= 0]].tolist() for row in sets[:found]]
        kept = [at for at, mine in enumerate(made) if not self._breaks(mine)]
        return [made[at] for at in kept], value[kept]

    def _reached(self, own: int, may: Bools) -> Int64:
        """Return the units that may be had and are reached from the middle's, it first."""
        order, seen = [own], {own}
        for unit in order:
            for other in self.near[self.first[unit] : self.first[unit + 1]].tolist():
                if other not in seen and may[other]:
                    seen.add(other)
                    order.append(other)
        return np.array(order, dtype=np.int64)

    def _breaks(self, mine: list[int]) -> bool:
        inside = set(mine)
        return any(a in inside and b in inside for a, b in self.apart.tolist())


def _part(first: Int64, near: Int64, units: Int64, local: Int64) -> tuple[Int64, Int64]:
    """Return the neighbour rows of some units, numbered among them."""
    begins, found = [0], list[int]()
    for unit in units.tolist():
        mine = local[near[first[unit] : first[unit + 1]]]
        found += mine[mine >= 0].tolist()
        begins.append(len(found))
    return np.array(begins, dtype=np.int64), np.array(found, dtype=np.int64)


@dataclass
class Proof:
    """What column generation came to."""

    prices: Float64
    worths: Worths
    """Sharpened: what the searches proved."""
    bound: float
    pool: Pool
    finished: bool
    """Whether the bound is that of the linear programme."""


def generate(task: Task, prices: Float64, known: list[Sharing], deadline: Deadline) -> Proof:
    """Return a bound by column generation, begun at some prices and known sharings-out."""
    pool = Pool(task, {})
    for sharing in known:
        pool.add(sharing.networks())
    middles, search = Middles(task), Search(task)
    worths = middles.worths(prices)
    best = Proof(prices, worths, worths.bound(prices, task.networks), pool, False)
    target = min(sharing.cost for sharing in known)
    floor = float(np.sort(worths.value)[-task.networks])
    here, box, stay, steps = prices, _BOX, _STAY, _STEPS_FIRST
    while True:
        sharp, new = price_all(task, search, middles, here, floor, pool, deadline, steps)
        bound = sharp.bound(here, task.networks)
        if bound > best.bound:
            best = Proof(here, sharp, bound, pool, False)
        if deadline.over() or target - best.bound <= 1e-9 * abs(target):
            return best
        solved = _linear(pool, best.prices, box)
        settled = stay == 0.0 and steps == _STEPS and solved.free
        if solved.free and solved.value - best.bound <= _CLOSE * abs(target):
            settled = True
        if settled and (not new or solved.value - best.bound <= _CLOSE * abs(target)):
            best.finished = True
            return best
        if new <= task.networks // 4:
            steps = min(_STEPS, 8 * steps)
            box = box if solved.free else 3 * box
        # between the two prices until nothing is found there, then at the programme's own
        stay = _STAY if new or not solved.free else 0.0
        here = stay * best.prices + (1 - stay) * solved.prices
        floor = solved.floor


@dataclass(frozen=True)
class _Linear:
    """The linear programme over a pool, its prices kept near some others."""

    value: float
    prices: Float64
    floor: float
    """What a network must be worth more than, to be taken."""
    free: bool
    """Whether no price was held back: the value is that of the pool alone."""


def _linear(pool: Pool, near: Float64, box: float) -> _Linear:
    """Return the linear programme over the pool. Prices stay within ``box`` parts of ``near``:

    from few networks they would be wild (Marsten, Hogan & Blankenship, Oper Res 1975;23:389).
    """
    from scipy.sparse import eye_array, hstack

    subsets, task = pool.subsets(), pool.task
    count = task.networks
    matrix, low, high = programme(subsets.columns, [Limit(count, count)], np.arange(subsets.count))
    scale = max(1e-12, float(np.abs(subsets.cost).max()))
    width = box * np.maximum(np.abs(near), 0.2 * float(np.abs(near).mean()))
    # a practice may be left out at its highest price, or taken once more at its lowest
    spare = eye_array(task.count + 1, task.count)
    wide = hstack([matrix, spare, -spare], format="csc")
    gain = np.concatenate([-subsets.cost, -(near + width), near - width]) / scale
    solved = solve_relaxed(gain, wide, low, high)
    if solved is None:
        raise AssertionError("a known sharing-out is in the pool")
    prices = -solved.prices * scale
    free = float(solved.x[subsets.count :].sum()) <= 1e-7
    return _Linear(-solved.value * scale, prices[:-1], -float(prices[-1]), free)


def price_all(
    task: Task,
    search: Search,
    middles: Middles,
    prices: Float64,
    floor: float,
    pool: Pool,
    deadline: Deadline,
    steps: int = _STEPS,
) -> tuple[Worths, int]:
    """Add the networks worth more than ``floor``; return sharpened worths and how many are new.

    A search that is too long adds what it found; the worth stays what it was relaxed.
    """
    worths = middles.worths(prices)
    value = worths.value.copy()
    least = floor + 1e-9 * max(1.0, abs(floor))
    new = 0
    for middle in np.flatnonzero(worths.value > least).tolist():
        if deadline.over():
            break
        made, worth = search.around(middle, prices, worths, least, True, steps=steps)
        if search.complete and not search.met:
            value[middle] = least
        elif search.complete and not task.apart:
            # where pairs must be apart, one that breaks the rule may have hidden a better one
            value[middle] = min(value[middle], float(worth.max()))
        new += pool.add(made[-_KEPT:])
    return Worths(value, worths.per_patient, worths.room), new


def within_reach(
    task: Task, proof: Proof, reach: float, most: int, deadline: Deadline
) -> Subsets | None:
    """Return every network that may be in a sharing-out of the bound and ``reach`` at most.

    And those of the pool. A sharing-out with any other network costs more than the bound and
    ``reach``. None where there are more than ``most`` of them, or no time to list them.
    """
    search = Search(task)
    relaxed = Middles(task).worths(proof.prices)
    edge = float(np.sort(proof.worths.value)[-task.networks])
    # those made so far besides: without them there may be no sharing-out at all
    pool = Pool(task, dict(proof.pool.known))
    for middle in range(len(task.owner)):
        floor = max(float(proof.worths.value[middle]), edge) - reach
        if relaxed.value[middle] < floor:
            continue
        rows = 4_096
        while True:
            if deadline.over():
                return None
            made, _ = search.around(middle, proof.prices, relaxed, floor, False, rows)
            if search.complete:
                break
            rows *= 4
            if rows > _MOST_AROUND:
                return None
        pool.add(made)
        if len(pool.known) > most:
            return None
    return pool.subsets()

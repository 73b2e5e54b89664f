"""``python -m benchmarks.forming``: networks proven best, beside plain HiGHS over all subsets.

The bars: 36 practices into 8 networks proven in 5 seconds on one core; London's 1,047 practices
with a gap that is reported, in 5 minutes (``--london``). Set OPENBLAS_NUM_THREADS=1, or keep to
one core with ``taskset``, to compare. Real practices are read where
``../shared/data`` is; invented ones are made here, from a seed.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.tables import lined_up
from hamlets.networks.forming import Practice, Practices, read_practices
from hamlets.networks.forming.distances import great_circle_km
from hamlets.networks.forming.neighbours import delaunay_neighbours
from hamlets.networks.forming.solving import Solved, solve
from hamlets.networks.forming.subsets import Subsets, possible_networks
from hamlets.networks.forming.task import Task, make_task
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.quiet import quiet
from hamlets.optimise.sets import Limit, programme

SHARED = Path(__file__).parents[2] / "shared" / "data"
LONDON = SHARED / "london-practices" / "practices.csv"
TOWER_HAMLETS = SHARED / "tower-hamlets" / "practices_2026.csv"
BAR_SECONDS, LONDON_SECONDS = 5.0, 300.0
PLAIN_LIMIT = 120.0


@dataclass(frozen=True)
class Case:
    """Practices to form networks of."""

    name: str
    practices: Practices
    networks: int
    tolerance: float


def invented(count: int, seed: int) -> Practices:
    """Return invented practices: some towns, lists from 1,500 to 30,000."""
    random = np.random.default_rng(seed)
    towns = random.uniform(0, 0.09, (max(2, count // 8), 2))
    found: list[Practice] = []
    for number in range(count):
        north, east = towns[number % len(towns)] + random.normal(0, 0.012, 2)
        size = int(np.clip(random.lognormal(8.85, 0.55), 1_500, 30_000))
        found.append(Practice(f"EX{number:04d}", size, 51.5 + north, -0.05 + 1.6 * east))
    return Practices(tuple(found))


def near(count: int) -> Practices:
    """Return the London practices nearest to Tower Hamlets, as a borough of many."""
    every = read_practices(LONDON).taking_part
    ordered = sorted(every, key=lambda p: (p.latitude - 51.515) ** 2 + (p.longitude + 0.03) ** 2)
    return Practices(tuple(sorted(ordered[:count], key=lambda each: each.practice_id)))


def cases(london: bool) -> Iterator[Case]:
    """Yield what is tried."""
    for seed in range(1, 6):
        yield Case(f"36 invented, seed {seed}", invented(36, seed), 8, 30)
    if TOWER_HAMLETS.exists():
        yield Case("Tower Hamlets, 30", read_practices(TOWER_HAMLETS), 7, 30)
    if LONDON.exists():
        yield Case("60 of East London", near(60), 10, 35)
        yield Case("100 of East London", near(100), 18, 40)
        yield Case("100 in few networks", near(100), 8, 30)
        if london:
            yield Case("London, 1,047", read_practices(LONDON), 183, 40)
            yield Case("London in 32", read_practices(LONDON), 32, 20)


def task_of(case: Case) -> Task:
    """Return a case as a task."""
    everybody = case.practices.taking_part
    km = great_circle_km(everybody)
    size = np.array([each.list_size for each in everybody], dtype=np.int64)
    adjacent = delaunay_neighbours(everybody, km).adjacent
    task = make_task(size, km, adjacent, case.networks, (0.0, 0.0))
    return task.with_tolerance(case.tolerance / 100)


@dataclass(frozen=True)
class Timed:
    """An answer, and what it took."""

    cost: float | None
    bound: float | None
    wall: float
    processor: float

    @property
    def gap(self) -> str:
        """In words: proven, or per cent."""
        if self.cost is None or self.bound is None:
            return "no answer"
        gap = 0.0 if self.cost <= 0 else max(0.0, (self.cost - self.bound) / self.cost)
        return "proven" if gap < 1e-6 else f"{100 * gap:.2f} %"


def timed(run: Callable[[], tuple[float | None, float | None]]) -> Timed:
    """Return an answer with its seconds: of the clock and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    cost, bound = run()
    return Timed(cost, bound, time.perf_counter() - wall, time.process_time() - processor)


def hamlets(task: Task) -> tuple[float | None, float | None]:
    """Form networks as the command does."""
    solved: Solved = solve(task, Deadline(240))
    return (solved.cost, solved.bound) if solved.networks else (None, None)


def plain(task: Task, subsets: Subsets, limit: float) -> tuple[float | None, float | None]:
    """Give all possible networks to HiGHS at once: the set partition, nothing else."""
    from scipy import optimize

    constraint: Any = optimize.LinearConstraint

    limits = [Limit(task.networks, task.networks)]
    matrix, low, high = programme(subsets.columns, limits, np.arange(subsets.count))
    with quiet():
        found = optimize.milp(
            subsets.cost / 1000,
            integrality=np.ones(subsets.count),
            bounds=optimize.Bounds(0, 1),
            constraints=constraint(matrix, low, high),
            options={"time_limit": limit, "mip_rel_gap": 0.0},
        )
    if found.x is None:
        return None, None
    return 1000 * float(found.fun), 1000 * float(found.mip_dual_bound)


def line(case: Case, limit: float) -> list[str]:
    """Return one row of the table; a case whose subsets are too many has no rival."""
    task = task_of(case)
    ours = timed(lambda: hamlets(task))
    subsets = possible_networks(task, 400_000)
    cells = [case.name, str(case.networks), f"{ours.wall:.1f}", f"{ours.processor:.1f}", ours.gap]
    if subsets is None:
        return [*cells, "too many", "", ""]
    rival = timed(lambda: plain(task, subsets, limit))
    if ours.cost is not None and rival.gap == "proven" and ours.gap == "proven":
        agree = rival.cost is not None and abs(rival.cost - ours.cost) < 1e-6 * ours.cost
        if not agree:
            raise SystemExit(f"{case.name}: {ours.cost} and {rival.cost} cannot both be proven")
    return [*cells, f"{subsets.count:,}", f"{rival.processor:.1f}", rival.gap]


def main() -> int:
    """Print a table; write it as CSV where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--london", action="store_true", help="also all of London")
    parser.add_argument("--limit", type=float, default=PLAIN_LIMIT, help="seconds for HiGHS")
    parser.add_argument("--csv", type=Path, help="write the rows there too")
    wanted = parser.parse_args()
    print("\n".join(machine.describe()))
    print("Seconds of one core; starting Python and reading files are left out.\n")
    hamlets(task_of(Case("warm", invented(40, 1), 3, 30)))
    head = ["practices", "networks", "wall s", "cpu s", "gap", "subsets", "HiGHS cpu s", "its gap"]
    rows = [head]
    for case in cases(wanted.london):
        rows.append(line(case, wanted.limit))
        print(*rows[-1], sep="  ", flush=True)
    print()
    print(lined_up(rows, left=(0,)))
    if wanted.csv is not None:
        with wanted.csv.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())

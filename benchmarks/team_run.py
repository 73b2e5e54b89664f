"""One design of teams by one engine, in a process of its own, on one core.

``python -m benchmarks.team_run TASK ENGINE GPS PATIENTS_PER_GP SEED LIMIT``. A small practice
comes first, so that everything is imported and compiled; then the clock starts. One JSON
object is printed. Whoever runs it ends a process that goes on for far too long.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from benchmarks.clock import Clock
from benchmarks.one_run import peak_bytes
from benchmarks.practices import Practice, make_practice

SPARSE_WAYS = 8
_DENSE = 2_000_000
"""Patients x lists beyond which only some lists are open to each patient."""


@dataclass(frozen=True)
class Outcome:
    """What one engine came to on one instance."""

    value: float | None
    """By our own count from the records, not the engine's."""
    bound: float | None
    status: str
    seconds: float
    processor: float
    band_max: float | None = None
    moved_share: float | None = None
    kept: bool | None = None
    """Whether every rule holds, by our own count."""
    size: str = ""
    """Size of the model."""
    loss: float | None = None
    """Part of the gap that band, budget and rounding cost."""
    peak: int = 0


def plan(engine: str, asked: Practice, limit: float) -> Outcome:
    """Design a whole plan under the default model."""
    from benchmarks.team_checks import Checked, check_plan
    from benchmarks.team_rivals import Whole, whole_by_cpsat, whole_by_highs
    from hamlets.teams.designing import design
    from hamlets.teams.model import TeamModel

    inputs, model = make_practice(asked), TeamModel()

    def kept(found: Checked) -> bool:
        least, most = model.team_gps
        within = found.band_max <= model.band_percent / 100 + 1e-6
        within &= found.moved_share <= model.disruption_percent / 100 + 1e-9
        sizes = least <= found.sizes[0] and found.sizes[1] <= most
        return within and sizes and found.everyone and not found.split

    if engine == "hamlets":
        began = Clock()
        found = design(inputs, model, time_limit=limit)
        took = began.read()
        done, proof = found.arrangement, found.certificate
        checked = check_plan(inputs, done.teams, done.team, done.named)
        return Outcome(
            checked.kept, proof.bound, found.status, *took,
            checked.band_max, checked.moved_share, kept(checked),
            f"{found.formation.columns:,} candidates", proof.allocation_loss,
        )  # fmt: skip
    whole = Whole(inputs, model)
    solved = {"cpsat": whole_by_cpsat, "highs": whole_by_highs}[engine](whole, limit)
    size = f"{solved.variables:,} variables, {solved.rows:,} rows"
    if solved.x is None:
        return Outcome(None, solved.bound, solved.status, *solved.took, size=size)
    checked = check_plan(inputs, *whole.read(solved.x))
    return Outcome(
        checked.kept, solved.bound, solved.status, *solved.took,
        checked.band_max, checked.moved_share, kept(checked), size,
    )  # fmt: skip


def formation(engine: str, asked: Practice, limit: float) -> Outcome:
    """Choose teams alone: every unit follows the GP seen most (one number a candidate)."""
    from benchmarks.team_rivals import formation_by_cpsat, formation_by_highs
    from hamlets.optimise.deadline import Deadline
    from hamlets.optimise.partition import best_partition
    from hamlets.teams.columns import find_candidates
    from hamlets.teams.model import TeamModel
    from hamlets.teams.retained import Retained
    from hamlets.teams.units import gather_units

    inputs, model = make_practice(asked), TeamModel()
    candidates = find_candidates(inputs, model)
    units = gather_units(inputs, model, candidates.gps)
    columns = candidates.columns
    gain = Retained(units, columns).following()
    size = f"{columns.count:,} candidates"
    if engine == "hamlets":
        began = Clock()
        found = best_partition(columns, gain, deadline=Deadline(limit))
        return Outcome(found.value, found.bound, found.status, *began.read(), size=size)
    solve = {"cpsat": formation_by_cpsat, "highs": formation_by_highs}[engine]
    solved = solve(columns, gain, limit)
    value = None if solved.x is None else float(gain[solved.x > 0.5].sum())
    return Outcome(value, solved.bound, solved.status, *solved.took, size=size)


def lists(engine: str, asked: Practice, limit: float) -> Outcome:
    """Deal patients to lists in a band of work, without teams."""
    from benchmarks import team_lists

    ways = SPARSE_WAYS if asked.gps * asked.patients > _DENSE else 0
    task = team_lists.list_task(asked, ways)
    solve = {
        "hamlets": team_lists.solve_by_hamlets,
        "flow": team_lists.solve_by_flow,
        "highs": team_lists.solve_by_highs,
    }[engine]
    solved, place = solve(task, limit)
    size = f"{task.gain.size:,} ways"
    band = team_lists.widest(task, place)
    status = solved.status
    kept = None if band is None else status == "kept"
    return Outcome(solved.value, solved.bound, status, *solved.took, band, kept=kept, size=size)


TASKS: dict[str, Callable[[str, Practice, float], Outcome]] = {
    "plan": plan,
    "formation": formation,
    "lists": lists,
}


def one_core() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main(arguments: list[str]) -> None:
    """Run one engine on one instance."""
    task, engine, gps, patients, seed, limit = arguments
    one_core()
    TASKS[task](engine, Practice(6, 40), 1.0)
    found = TASKS[task](engine, Practice(int(gps), int(patients), int(seed)), float(limit))
    print(json.dumps(asdict(replace(found, peak=peak_bytes()))))


if __name__ == "__main__":
    main(sys.argv[1:])

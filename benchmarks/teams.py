"""``python -m benchmarks.teams``: designing teams at size, beside CP-SAT, HiGHS and flows.

Every run is a process of its own on one core, all on the same invented practices, and what
each plan keeps is counted again from the records, whoever made it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.measuring import BenchmarkError, EndedError, run_process
from benchmarks.practices import Practice
from benchmarks.tables import judged, lined_up
from benchmarks.team_run import Outcome

SIZES = ((8, 1000), (12, 833), (16, 675), (18, 600), (24, 500), (30, 400), (60, 300), (100, 270))
"""GPs and patients a GP."""
LIST_SIZES = ((12, 833), (30, 400), (100, 2_700))
PARTS = ("plan", "formation", "lists")
WORDS = {
    "hamlets": "Hamlets",
    "cpsat": "OR-Tools CP-SAT",
    "highs": "HiGHS",
    "flow": "OR-Tools flow",
}
RIVALS = {"plan": ("cpsat", "highs"), "formation": ("cpsat", "highs"), "lists": ("flow", "highs")}
BARS: dict[int, tuple[float, float]] = {
    **dict.fromkeys((8, 12, 16), (10.0, 0.005)),
    **dict.fromkeys((18, 24, 30), (5.0, 0.01)),
    60: (15.0, 0.01),
}
"""Seconds and gap; 18 and 24 GPs are held to the bar of 30."""
LARGEST_RIVAL = 60
"""GPs beyond which rivals get models of gigabytes, so only with --all."""
SINGLE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
ALLOWANCE = 60.0
"""Seconds past its limit, to start and to build its model, after which a process is killed."""
_APART = 1e-4
"""Values may pass another engine's bound by so much of it: CP-SAT takes whole numbers."""


@dataclass(frozen=True)
class Try:
    """One engine on one instance; no outcome where it did not come to an end."""

    task: str
    engine: str
    practice: Practice
    outcome: Outcome | None
    why: str = ""


def say(words: str) -> None:
    """Tell whoever waits what is going on."""
    print(words, file=sys.stderr, flush=True)


def run(task: str, engine: str, practice: Practice, limit: float) -> Try:
    """Run one engine in a process of its own."""
    numbers = [str(n) for n in (practice.gps, practice.patients_per_gp, practice.seed, limit)]
    command = [sys.executable, "-m", "benchmarks.team_run", task, engine, *numbers]
    try:
        found = run_process(command, SINGLE, limit + ALLOWANCE)
    except BenchmarkError as error:
        why = str(error).strip().splitlines()[-1]
        if isinstance(error, EndedError):
            why += f", {ALLOWANCE:g} s past its limit"
        say(f"  {practice.name}, seed {practice.seed}, {task}, {engine}: {why}")
        return Try(task, engine, practice, None, why)
    values = json.loads(found.output.splitlines()[-1])
    outcome = Outcome(**values)
    say(f"  {practice.name}, seed {practice.seed}, {task}, {engine}: {outcome.seconds:.2f} s")
    return Try(task, engine, practice, outcome)


def gap_of(outcome: Outcome) -> float | None:
    """Return (bound - value) / bound, None where one is missing."""
    if outcome.value is None or outcome.bound is None or not outcome.bound > 0:
        return None
    return max(0.0, (outcome.bound - outcome.value) / outcome.bound)


def _percent(number: float | None, places: int = 2) -> str:
    return "" if number is None else f"{100 * number:.{places}f}"


def _ratio(one: float | None, other: float | None) -> str:
    return "" if one is None or not other else f"{one / other:.4g}"


def side_by_side(tries: Sequence[Try]) -> str:
    """Return a table of engines on the same instances; ratios are to Hamlets."""
    header = (
        *("instance", "engine", "kept", "bound", "gap %", "s", "cpu s", "band %", "moved %"),
        *("peak GB", "kept x", "s x", "model", "status"),
    )
    rows: list[tuple[str, ...]] = [header]
    for one in tries:
        ours = next(
            each.outcome
            for each in tries
            if each.engine == "hamlets" and each.practice == one.practice
        )
        found = one.outcome
        name = f"{one.practice.name} ({one.practice.seed})"
        if found is None:
            rows.append((name, WORDS[one.engine], *[""] * 11, one.why))
            continue
        status = found.status + (", breaks a rule" if found.kept is False else "")
        rows.append(
            (
                name,
                WORDS[one.engine],
                "" if found.value is None else f"{found.value:,.1f}",
                "" if found.bound is None else f"{found.bound:,.1f}",
                _percent(gap_of(found), 3),
                f"{found.seconds:.2f}",
                f"{found.processor:.2f}",
                _percent(found.band_max),
                _percent(found.moved_share),
                f"{found.peak / 1e9:.2f}",
                _ratio(found.value, ours.value if ours else None),
                _ratio(found.seconds, ours.seconds if ours else None),
                found.size,
                status,
            )
        )
    used = [n for n in range(len(header)) if any(row[n] for row in rows[1:])]
    words = ("instance", "engine", "model", "status")
    left = [place for place, n in enumerate(used) if header[n] in words]
    return lined_up([[row[n] for n in used] for row in rows], left)


def against_bars(tries: Sequence[Try]) -> str:
    """Return a table of our whole plans: medians over the seeds, the worst gap, the bars."""
    header = (
        *("instance", "s", "from-to", "cpu s", "worst gap %", "of it lists %", "band %"),
        *("moved %", "peak GB", "statuses", "bar"),
    )
    rows: list[tuple[str, ...]] = [header]
    for practice in dict.fromkeys((t.practice.gps, t.practice.patients_per_gp) for t in tries):
        mine = [t for t in tries if (t.practice.gps, t.practice.patients_per_gp) == practice]
        rows.append(_bar_row(mine))
    return lined_up(rows, left=(0, 9, 10))


def _bar_row(mine: Sequence[Try]) -> tuple[str, ...]:
    found = [each.outcome for each in mine if each.outcome is not None]
    name = mine[0].practice.name
    if len(found) < len(mine):
        return (name, *[""] * 9, "; ".join(each.why for each in mine if each.why))
    seconds = [each.seconds for each in found]
    gaps = [gap_of(each) for each in found]
    worst = None if None in gaps else max(gap for gap in gaps if gap is not None)
    statuses = [each.status + ("" if each.kept else ", breaks a rule") for each in found]
    bar = BARS.get(mine[0].practice.gps)
    words = ""
    if bar is not None:
        words = judged("s", statistics.median(seconds), bar[0])
        gap = float("nan") if worst is None else 100 * worst
        words += f"; {judged('gap %', gap, 100 * bar[1])}"
    return (
        name,
        f"{statistics.median(seconds):.2f}",
        f"{min(seconds):.2f}-{max(seconds):.2f}",
        f"{statistics.median(each.processor for each in found):.2f}",
        _percent(worst, 3),
        "" if worst is None else _percent(max(each.loss or 0.0 for each in found), 3),
        _percent(max(each.band_max or 0.0 for each in found)),
        _percent(max(each.moved_share or 0.0 for each in found)),
        f"{max(each.peak for each in found) / 1e9:.2f}",
        ", ".join(f"{statuses.count(each)} {each}" for each in dict.fromkeys(statuses)),
        words,
    )


def contradictions(tries: Sequence[Try]) -> list[str]:
    """Return where a plan that keeps every rule keeps more than an engine says any can."""
    wrong: list[str] = []
    for one in tries:
        for other in tries:
            if one.practice != other.practice or one.task != other.task:
                continue
            if one.outcome is None or other.outcome is None or one.outcome.kept is False:
                continue
            value, bound = one.outcome.value, other.outcome.bound
            if value is not None and bound is not None and value > bound * (1 + _APART):
                wrong.append(
                    f"{one.task}, {one.practice.name}, seed {one.practice.seed}: {one.engine}"
                    f" keeps {value:,.2f}, more than the bound {bound:,.2f} of {other.engine}"
                )
    return wrong


class Bench:
    """The benchmarks of teams with their options."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.tries: list[Try] = []

    def practices(self, sizes: Sequence[tuple[int, int]], seeds: int) -> list[Practice]:
        """Return the practices of the sizes that were asked for."""
        asked = set(self.options.sizes)
        return [
            Practice(gps, patients, seed)
            for gps, patients in sizes
            if gps in asked
            for seed in range(1, seeds + 1)
        ]

    def engines(self, task: str, practice: Practice) -> tuple[str, ...]:
        """Return who solves an instance beside Hamlets."""
        too_large = practice.gps > LARGEST_RIVAL and task != "lists"
        if self.options.no_rivals or practice.seed > 1 or (too_large and not self.options.all):
            return ()
        return RIVALS[task]

    def part(self, task: str, title: str) -> None:
        """Run one part and print its tables."""
        say(title)
        sizes = LIST_SIZES if task == "lists" else SIZES
        seeds = self.options.seeds if task == "plan" else 1
        found = [
            run(task, engine, practice, self.options.limit)
            for practice in self.practices(sizes, seeds)
            for engine in ("hamlets", *self.engines(task, practice))
        ]
        if not found:
            return
        print(f"\n{title}\n")
        if task == "plan":
            print(against_bars([each for each in found if each.engine == "hamlets"]), end="\n\n")
        print(side_by_side([each for each in found if each.practice.seed == 1]), flush=True)
        self.tries += found


TITLES = {
    "plan": "Whole plans under the default model: teams of 2 to 4 GPs, every weekday covered,"
    " band 5 %, at most 20 % moved",
    "formation": "Formation alone: each unit follows the GP seen most, the same candidates for all",
    "lists": "Allocation alone: patients to lists, band 3 %",
}


def read_options() -> argparse.Namespace:
    """Return what the command line asks for."""
    sizes = [gps for gps, _ in SIZES]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.teams", description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=sizes, help="GPs, such as 8,12,30")
    parser.add_argument("--seeds", type=int, default=3, help="practices of each size, ours")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each engine")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--no-rivals", action="store_true", help="Hamlets alone")
    parser.add_argument("--all", action="store_true", help="rivals at 100 GPs too")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(PARTS)
    if unknown or options.seeds < 1 or options.limit < 1 or set(options.sizes) - set(sizes):
        parser.error(f"--only takes {', '.join(PARTS)}; --sizes some of {sizes}")
    return options


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def main() -> int:
    """Run the parts that were asked for; 1 where engines contradict each other."""
    options = read_options()
    described = machine.describe()
    print("\n".join(described))
    print(f"Each run on one core, {options.limit:g} s; ortools {machine.version('ortools')},"
          f" scipy {machine.version('scipy')}", flush=True)  # fmt: skip
    bench = Bench(options)
    for task in options.only.split(","):
        bench.part(task, TITLES[task])
    wrong = contradictions(bench.tries)
    print("\n".join(["", *(wrong or ["No plan keeps more than any engine's bound."])]))
    if options.json:
        figures: dict[str, Any] = {"machine": described, "tries": [asdict(t) for t in bench.tries]}
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

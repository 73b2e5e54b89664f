"""``python -m benchmarks.ceiling``: the attainable ceiling of every practice, all three windows.

The borough is that of ``make demo``, as for ``borough_teams``. Each run is a process of its own
on one core, which first answers about one practice, so that everything is imported and compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import machine
from benchmarks.borough_teams import demo_store, practices_of
from benchmarks.building import cache_folder, environment
from benchmarks.clock import Clock
from benchmarks.measuring import BenchmarkError, Run, run_process, summarise
from benchmarks.one_run import peak_bytes
from benchmarks.tables import judged
from benchmarks.team_run import one_core

if TYPE_CHECKING:
    from hamlets.teams.results import Ceiling

BAR_SECONDS = 30.0
"""36 practices, all three windows."""
WINDOWS = ("strict", "week", "policy")
_CLOSE = 1e-12


def answer(store: Path) -> dict[str, Any]:
    """Return seconds, peak memory and the totals of all ceilings of a store."""
    from hamlets.records import open_store
    from hamlets.teams.ceiling.answering import attainable_ceiling

    one_core()
    with open_store(store) as opened:
        attainable_ceiling(opened, practices_of(opened)[0], "all", threads=1)
    with open_store(store) as opened:
        clock = Clock()
        found = attainable_ceiling(opened, None, "all", threads=1)
        seconds, processor = clock.read()
    return {
        "seconds": seconds,
        "processor": processor,
        "peak": peak_bytes(),
        "answer": totals(found),
        "wrong": contradictions(found),
    }


def totals(found: Ceiling) -> dict[str, Any]:
    """Return contacts, and by window the recorded and attainable shares with the own GP."""
    made: dict[str, Any] = {}
    for window in WINDOWS:
        rows = [row for row in found.practices if row.window == window]
        contacts = sum(row.n_contacts for row in rows)
        made[window] = {
            "practices": len(rows),
            "contacts": contacts,
            **{
                name: sum(row.n_contacts * getattr(row, name) for row in rows) / contacts
                for name in ("recorded_own", "attainable_own")
                if contacts
            },
        }
    return made


def contradictions(found: Ceiling) -> list[str]:
    """Return the rows whose ceiling is below the record, which no booking can be."""
    return [
        f"{row.practice_id}, {row.window}: {row.attainable_own} is below {row.recorded_own}"
        for row in (*found.practices, *found.lists, *found.months)
        if row.attainable_own < row.recorded_own - _CLOSE
    ]


def run_once(store: Path) -> Run:
    """Answer in a process of its own; BenchmarkError where a ceiling is below the record."""
    ran = run_process([sys.executable, "-m", "benchmarks.ceiling", "--once", str(store)])
    told = json.loads(ran.output.splitlines()[-1])
    if told["wrong"]:
        raise BenchmarkError("; ".join(told["wrong"][:3]))
    ready = ran.seconds - told["seconds"]
    return Run(told["seconds"], told["processor"], told["peak"], ready, told["answer"])


def report(runs: Sequence[Run]) -> list[str]:
    """Return what is to be said of some runs; BenchmarkError where their answers differ."""
    if any(run.answer != runs[0].answer for run in runs):
        raise BenchmarkError("two runs over the same records gave different ceilings")
    figures = summarise(runs)
    lines = [
        f"Ceilings in all three windows: {figures.seconds:.1f} s (median of {figures.runs};"
        f" {figures.fastest:.1f} to {figures.slowest:.1f}; {figures.processor:.1f} s of processor),"
        f" peak memory {figures.peak / 1e9:.2f} GB; {judged('s', figures.seconds, BAR_SECONDS)}."
    ]
    for window, told in runs[0].answer.items():
        lines.append(
            f"  {window}: {told['practices']} practices, {told['contacts']:,} contacts;"
            f" own GP {100 * told.get('recorded_own', 0.0):.1f} in 100 as recorded,"
            f" {100 * told.get('attainable_own', 0.0):.1f} attainable"
        )
    return lines


def main() -> None:
    """Time the ceilings and print the median."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ceiling", description=__doc__)
    parser.add_argument("--store", type=Path, help="a store of another borough")
    parser.add_argument("--runs", type=int, default=3, help="runs; the median counts")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--once", type=Path, metavar="STORE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs takes at least 1")
    if options.once is not None:
        print(json.dumps(answer(options.once)))
        return
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    store = options.store or demo_store(cache)
    if options.store is None:
        os.environ.update(environment(cache))
    print("\n".join([*machine.describe(), "Each run one process on one core"]), flush=True)
    runs: list[Run] = []
    for turn in range(options.runs):
        runs.append(run_once(store))
        print(f"  run {turn + 1}: {runs[-1].seconds:.1f} s", file=sys.stderr, flush=True)
    print("\n".join(report(runs)))
    if options.json:
        options.json.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")


if __name__ == "__main__":
    main()

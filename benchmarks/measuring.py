"""Runs in processes of their own: seconds, peak memory, medians.

Nothing heavy is imported here: a child's peak begins with what its parent held.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    """One run. Seconds are wall seconds; ``ready`` is what came before the clock started."""

    seconds: float
    processor: float
    peak: int
    ready: float = 0.0
    answer: Any = None
    output: str = ""


@dataclass(frozen=True)
class Figures:
    """What several runs of one engine gave: medians of seconds, the largest peak."""

    seconds: float
    fastest: float
    slowest: float
    processor: float
    ready: float
    peak: int
    runs: int
    answer: Any = None


def summarise(runs: Sequence[Run]) -> Figures:
    """Return the medians of some runs."""
    seconds = [run.seconds for run in runs]
    return Figures(
        statistics.median(seconds),
        min(seconds),
        max(seconds),
        statistics.median(run.processor for run in runs),
        statistics.median(run.ready for run in runs),
        max(run.peak for run in runs),
        len(runs),
        runs[-1].answer,
    )


class BenchmarkError(Exception):
    """A run that failed; its own words are the message."""


class EndedError(BenchmarkError):
    """A run that was ended from outside, since it went on for too long."""


def run_process(
    command: Sequence[str],
    environment: dict[str, str] | None = None,
    most: float | None = None,
) -> Run:
    """Run a command to its end; return its wall seconds and the peak memory of it alone.

    After ``most`` seconds it is killed and EndedError says so: no solver can hold that up.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            cwd=ROOT,
        )
        timer = threading.Timer(most or 0.0, process.kill)
        if most is not None:
            timer.start()
        # wait4, since resource.getrusage adds up all children there ever were.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if most is not None and process.returncode == -signal.SIGKILL and seconds >= most:
            raise EndedError(f"ended from outside after {most:g} s")
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            raise BenchmarkError(f"{' '.join(command[:4])}: {errors.read()[-2000:]}")
        unit = 1 if sys.platform == "darwin" else 1024
        worked = usage.ru_utime + usage.ru_stime
        return Run(seconds, worked, usage.ru_maxrss * unit, output=output.read())


def run_engine(
    name: str, store: Path, tiny: Path, columns: dict[str, list[str]] | None = None
) -> Run:
    """Run an engine in a process of its own, ready before its clock starts."""
    arguments = [name, str(store), str(tiny), json.dumps(columns or {})]
    run = run_process([sys.executable, "-m", "benchmarks.one_run", *arguments])
    found = json.loads(run.output.splitlines()[-1])
    return Run(
        found["seconds"],
        found["processor_seconds"],
        found["peak_bytes"],
        run.seconds - found["seconds"],
        found["answer"],
    )


def columns_of(question: str, store: Path, tiny: Path) -> dict[str, list[str]]:
    """Return the columns that Hamlets reads for a question, by table."""
    arguments = [f"columns:{question}", str(store), str(tiny), "{}"]
    run = run_process([sys.executable, "-m", "benchmarks.one_run", *arguments])
    return json.loads(run.output.splitlines()[-1])


def side_by_side(
    names: Sequence[tuple[str, int]],
    store: Path,
    tiny: Path,
    columns: dict[str, list[str]],
    say: Callable[[str], None],
) -> dict[str, Figures]:
    """Run engines in turn, round after round, so that a slow minute is shared by all.

    ``names`` are engines with how many runs each gets.
    """
    runs: dict[str, list[Run]] = {name: [] for name, _ in names}
    for turn in range(max(most for _, most in names)):
        for name, most in names:
            if turn < most:
                run = run_engine(name, store, tiny, columns)
                runs[name].append(run)
                say(f"  {name}, run {turn + 1}: {run.seconds:.2f} s")
    return {name: summarise(of_one) for name, of_one in runs.items()}

"""One run of one engine, in a process of its own: ``python -m benchmarks.one_run``.

The engine first answers about a tiny store, which imports all it needs and loads its kernel;
then the clock starts. One JSON object is printed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.engines import ENGINES
from benchmarks.questions import QUESTIONS
from benchmarks.scans import SCANS, columns_read


def peak_bytes() -> int:
    """Return the most memory this process has held.

    On Linux not ``ru_maxrss``, which begins with what the parent held at the fork. Pages of
    mapped files count, the page cache does not.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return held if sys.platform == "darwin" else held * 1024
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def chosen(name: str, columns: dict[str, list[str]]) -> Callable[[Path], Any]:
    """Return the function that answers about a store."""
    if name in ENGINES:
        return ENGINES[name].run
    if name in SCANS:
        scan = SCANS[name]
        return lambda store: scan(store, columns)
    return QUESTIONS[name]


def timed(answer: Callable[[Path], Any], store: Path, tiny: Path) -> dict[str, Any]:
    """Return seconds to get ready, wall and processor seconds of the answer, and peak memory."""
    began = time.perf_counter()
    answer(tiny)
    ready = time.perf_counter() - began
    began, worked = time.perf_counter(), time.process_time()
    found = answer(store)
    return {
        "seconds": time.perf_counter() - began,
        "processor_seconds": time.process_time() - worked,
        "ready_seconds": ready,
        "peak_bytes": peak_bytes(),
        "answer": found if isinstance(found, list) and found and _is_row(found[0]) else None,
    }


def _is_row(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 8


def main(arguments: list[str]) -> None:
    """Run one engine, or list the columns that a question reads."""
    name, store, tiny, columns = arguments
    if name.startswith("columns:"):
        answer = chosen(name.removeprefix("columns:"), {})
        print(json.dumps(columns_read(Path(store), answer)))
    else:
        print(json.dumps(timed(chosen(name, json.loads(columns)), Path(store), Path(tiny))))


if __name__ == "__main__":
    main(sys.argv[1:])

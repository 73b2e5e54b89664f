"""Kinds of jobs for tests of the worker, and the program that forks their children.

Light on purpose: nothing of the kernels is loaded. Run as ``python job_kinds.py DESCRIPTOR``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import UsageError
from hamlets.web.jobs.kinds import KINDS, Kind

if TYPE_CHECKING:
    from hamlets.web.jobs.progress import Progress

PROGRAM = Path(__file__)
Made = dict[str, Any]


def register() -> None:
    """Make the kinds known in this process."""
    for name in ("double", "tell", "sleep", "best", "stubborn", "hungry", "refuse", "defect",
                 "kill_self", "not_plain"):  # fmt: skip
        KINDS[name] = Kind(name, f"job_kinds.{name}", 1)
    KINDS["slow"] = Kind("slow", "job_kinds.sleep", 600, long=True)
    KINDS["workforce_like"] = Kind(
        "workforce_like", "job_kinds.double", 1, "hamlets.web.answers.keeping.keep"
    )


def double(_store: Path, place: str, _progress: Progress, *, n: int, **_more: Any) -> Made:
    return {"n": 2 * n, "place": place, "pid": os.getpid()}


def tell(_store: Path, _place: str, progress: Progress) -> Made:
    progress.stage("Counting sheep", total=3)
    progress.advance(2)
    time.sleep(0.6)
    progress.advance(0)
    time.sleep(30)
    return {}


def sleep(_store: Path, _place: str, _progress: Progress, *, seconds: float = 60) -> Made:
    time.sleep(seconds)
    return {"slept": seconds}


def best(_store: Path, _place: str, progress: Progress) -> Made:
    progress.stage("Trying")
    tried = 0
    with progress.stops_by_itself() as stop:
        while not stop():
            tried += 1
            time.sleep(0.02)
    return {"best": True, "tried": tried > 0}


def stubborn(_store: Path, _place: str, _progress: Progress) -> Made:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    time.sleep(60)
    return {}


def hungry(_store: Path, _place: str, _progress: Progress) -> Made:
    held = [bytearray(b"x" * 20_000_000) for _ in range(60)]
    time.sleep(60)
    return {"held": len(held)}


def refuse(_store: Path, _place: str, _progress: Progress) -> Made:
    raise UsageError("No contacts match.", hint="Remove a filter.")


def defect(_store: Path, _place: str, _progress: Progress) -> Made:
    raise ValueError("patient 999 000 0018 is in the way")


def kill_self(_store: Path, _place: str, _progress: Progress) -> Made:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def not_plain(_store: Path, _place: str, _progress: Progress) -> Made:
    return {"set": {1, 2}}


register()

if __name__ == "__main__":
    from hamlets.web.jobs.forking import main

    main(int(sys.argv[1]), heavy=("hamlets.web.jobs.child",))

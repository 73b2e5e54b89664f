"""Compiling the kernel once before several workers start: each would compile all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import hamlets
from hamlets.settings import compiled_code_dir

PACKAGE = Path(hamlets.__file__).parent
DONE = "all-compiled"


def compiled_modules() -> list[list[str]]:
    """Return the modules that declare compiled functions, those of each room together."""
    found = [
        path.relative_to(PACKAGE.parent).with_suffix("").parts
        for path in sorted(PACKAGE.rglob("*.py"))
        if b"continuity.compiled import" in path.read_bytes() and path.parent != PACKAGE
    ]
    return [
        [".".join(parts) for parts in room] for _, room in groupby(found, lambda parts: parts[1])
    ]


def compile_all() -> None:
    """Compile what is not kept yet, the rooms side by side; quick where all of it is kept.

    A process that fails says so on standard error: the tests will tell why.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(given) if given else compiled_code_dir()
    if (folder / DONE).exists():
        return
    running = [
        subprocess.Popen([sys.executable, "-c", f"import {', '.join(modules)}"])
        for modules in compiled_modules()
    ]
    codes = [process.wait() for process in running]
    if not any(codes):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / DONE).touch()

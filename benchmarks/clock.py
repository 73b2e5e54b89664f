"""Seconds that something took, by the wall and by the processor."""

from __future__ import annotations

import time


class Clock:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Return wall seconds, and processor seconds of this process, so far."""
        return time.perf_counter() - self.wall, time.process_time() - self.processor

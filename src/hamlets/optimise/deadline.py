"""When a search must end: after so many seconds, or once somebody asked it to stop."""

from __future__ import annotations

import time
from collections.abc import Callable

Stop = Callable[[], bool]
Clock = Callable[[], float]


class Deadline:
    """One search's end, handed down to whatever takes long."""

    def __init__(
        self, seconds: float, stop: Stop | None = None, clock: Clock = time.perf_counter
    ) -> None:
        self.seconds, self.stop, self.clock = seconds, stop, clock
        self.began = clock()
        self.passed = False
        """Whether anybody was told that no time is left."""

    def left(self) -> float:
        """Return seconds left; 0 once a stop was asked for."""
        left = 0.0
        if self.stop is None or not self.stop():
            left = max(0.0, self.seconds - self.taken())
        self.passed |= left == 0.0
        return left

    def over(self) -> bool:
        """Return whether it is time to end."""
        return self.left() <= 0.0

    def taken(self) -> float:
        """Return the seconds since the search began."""
        return self.clock() - self.began

    def within(self, seconds: float) -> Deadline:
        """Return the end of a part that may take so long, and no longer than the whole."""
        return Deadline(min(seconds, self.left()), self.stop, self.clock)

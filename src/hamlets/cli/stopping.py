"""Ctrl-C once: stop and give what there is. Twice: end."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

from hamlets.cli.terminal import say


class Asked:
    """Whether a stop was asked for; calling it says so."""

    def __init__(self) -> None:
        self.stop = False

    def __call__(self) -> bool:
        """Return whether to stop."""
        return self.stop


@contextmanager
def stop_on_interrupt(quiet: bool = False) -> Generator[Asked]:
    """Take the first Ctrl-C as a wish to stop; the second interrupts as it always does."""
    asked = Asked()

    def first(_signal: int, _frame: FrameType | None) -> None:
        asked.stop = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if not quiet:
            say("Stopping: the best plan so far follows. Ctrl-C again ends at once.")

    before = signal.signal(signal.SIGINT, first)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)

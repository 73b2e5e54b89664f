"""How far a job is, as its function tells it and as people read it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from uuid import UUID

from django.db import InterfaceError, OperationalError

from hamlets.web.jobs.models import Job, State

_EVERY_SECONDS = 0.5
"""Two writes a second at most: a page looks no oftener."""
_STAGE_LENGTH = 120


class Progress:
    """Tells the pages how far a job is: a stage in words, and done of total.

    Whoever calls it need not be sparing: only what is due is written. A database that is away
    stops nothing.
    """

    def __init__(
        self, job_id: UUID | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._job_id = job_id
        self._clock = clock
        self._next = float("-inf")
        self._stage = ""
        self._done = 0
        self._total: int | None = None
        self._asked_to_stop = False

    def stage(self, words: str, total: int | None = None) -> None:
        """Begin a stage: what is done now, in words for people, and of how many steps."""
        self._stage, self._total, self._done = words[:_STAGE_LENGTH], total, 0
        self._write()

    def advance(self, steps: int = 1) -> None:
        """Say that so many steps more are done."""
        self._done += steps
        self._write()

    def reach(self, done: int, total: int | None = None) -> None:
        """Say how many steps are done in all."""
        self._done = done
        self._total = self._total if total is None else total
        self._write()

    def stopping(self) -> bool:
        """Return whether somebody asked to stop: pass it to what can give its best so far."""
        return self._asked_to_stop

    @contextmanager
    def stops_by_itself(self) -> Generator[Callable[[], bool]]:
        """Give a function that says whether to stop, for work that looks at it often.

        Outside of it a wish to stop ends the work at once.
        """

        def asked(_signal: int, _frame: FrameType | None) -> None:
            self._asked_to_stop = True

        before = signal.signal(signal.SIGINT, asked)
        try:
            yield self.stopping
        finally:
            signal.signal(signal.SIGINT, before)

    def _write(self) -> None:
        now = self._clock()
        if self._job_id is None or now < self._next:
            return
        self._next = now + _EVERY_SECONDS
        with suppress(OperationalError, InterfaceError):
            Job.objects.filter(pk=self._job_id, state=State.running).update(
                stage=self._stage, done=self._done, total=self._total
            )

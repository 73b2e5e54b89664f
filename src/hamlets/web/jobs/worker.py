"""The worker: takes waiting jobs, has each done in a child process, watches over them.

It computes nothing itself. A child that takes too much memory or time, or that somebody wants
to stop, is told to stop and then ended. The database may be away for a while: children go on,
and what could not be written is written later.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from hamlets.web.jobs.forking import Forks
    from hamlets.web.jobs.models import Job

PLACES = 2
"""Jobs at a time; one of the places is never taken by a long one."""
GRACE_SECONDS = 20
"""From being told to stop to being ended."""
_LOOK_SECONDS = 0.25
_ASK_SECONDS = 1.0
_TIDY_SECONDS = 30
_FORGET_SECONDS = 3600
_LEAVE_SECONDS = 10
_FORK_SECONDS = 5
"""Between two tries to start a forking process that ends at once."""
_MEGABYTE = 1024 * 1024


class Why(Enum):
    """Why a child is to stop."""

    cancelled = "cancelled"
    slow = "slow"
    memory = "memory"


@dataclass
class Running:
    """A job whose child runs, or is about to."""

    job_id: UUID
    long: bool
    since: float
    pid: int | None = None
    why: Why | None = None
    end_at: float = float("inf")


class Worker:
    """One worker process."""

    def __init__(
        self,
        *,
        fork: Callable[[], Forks] | None = None,
        places: int = PLACES,
        memory_mb: int | None = None,
        seconds: int | None = None,
        grace: float = GRACE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        from hamlets.logs import get_logger
        from hamlets.web.configuration import web_settings
        from hamlets.web.jobs.forking import Forks

        chosen = web_settings()
        self._log = get_logger("jobs")
        self._fork = fork or Forks
        self.forks = self._fork()
        self._places = places
        self._memory = (memory_mb or chosen.job_memory_mb) * _MEGABYTE
        self._seconds = seconds or chosen.job_seconds
        self._grace = grace
        self._clock = clock
        self.running: dict[UUID, Running] = {}
        """What runs now, by job."""
        self._ended: list[tuple[Running, int]] = []
        """Children that ended while the database could not be told."""
        self._due: dict[str, float] = {}
        self._away_until = 0.0
        self._warmed = ""
        self._leaving = False

    def leave(self, *_: object) -> None:
        """Ask it to end after the present look."""
        self._leaving = True

    def run(self) -> None:
        """Work until asked to leave; then let unfinished jobs wait again."""
        try:
            while not self._leaving:
                self.look()
        finally:
            self._give_back()

    def look(self) -> None:
        """Wait a moment, then see to everything that is due."""
        with suppress(InterruptedError):
            select.select([self.forks], [], [], _LOOK_SECONDS)
        self._hear()
        self._watch()
        self._with_database(self._bring_up_to_date)

    def _with_database(self, what: Callable[[], None]) -> None:
        from django.db import InterfaceError, OperationalError

        from hamlets.web.jobs.claiming import SILENT_SECONDS, let_go

        try:
            what()
        except (OperationalError, InterfaceError):
            let_go()
            now = self._clock()
            if now >= self._away_until:
                self._log.warning("database away")
            # others' signs of life are missing too, so nobody is buried for a while
            self._away_until = now + SILENT_SECONDS
            time.sleep(_LOOK_SECONDS)

    def _bring_up_to_date(self) -> None:
        from hamlets.web.jobs import claiming

        while self._ended:
            running, code = self._ended[0]
            self._write_end(running, code)
            self._ended.pop(0)
        if self.running and self._is_due("beat", claiming.BEAT_SECONDS):
            claiming.beat(self.running)
        if self.running and self._is_due("stop", _ASK_SECONDS):
            for job_id in claiming.to_stop(self.running):
                self._tell_to_stop(self.running[job_id], Why.cancelled)
        if self._is_due("tidy", _TIDY_SECONDS):
            self._tidy()
        self._take()

    def _take(self) -> None:
        """Start waiting jobs while there are places for them."""
        from hamlets.web.jobs.claiming import claim
        from hamlets.web.jobs.kinds import KINDS

        while len(self.running) < self._places and not self._leaving:
            long = sum(each.long for each in self.running.values())
            job = claim(long=self._places == 1 or long < self._places - 1)
            if job is None:
                return
            kind = KINDS.get(job.kind)
            self.running[job.pk] = Running(job.pk, bool(kind and kind.long), self._clock())
            self._start(job)

    def _start(self, job: Job) -> None:
        try:
            self.forks.run(job.pk)
        except OSError:
            return  # the next look finds that the process has gone
        self._log.info("started", job=str(job.pk), kind=job.kind)

    def _hear(self) -> None:
        """Take in what the forking process tells."""
        for told in self.forks.news():
            job_id = UUID(told.get("began") or told["ended"])
            running = self.running.get(job_id)
            if running is None:
                continue
            if "began" in told:
                running.pid = told["pid"]
            else:
                del self.running[job_id]
                self._ended.append((running, told["code"]))
        if not self.forks.alive and self._is_due("fork", _FORK_SECONDS):
            self._fork_anew()

    def _fork_anew(self) -> None:
        """The forking process was ended from outside: its children have lost their way home."""
        self._log.error("forking process gone")
        for running in list(self.running.values()):
            self._end(running)
            self._ended.append((running, -signal.SIGKILL))
        self.running.clear()
        self.forks.close()
        self.forks = self._fork()

    def _watch(self) -> None:
        """Stop children that take too much, end those that were told to stop and do not."""
        from hamlets.web.jobs.memory import memory_bytes

        now = self._clock()
        for running in self.running.values():
            if running.pid is None:
                continue
            if now >= running.end_at:
                self._end(running)
            elif memory_bytes(running.pid) > self._memory:
                running.why = Why.memory
                self._end(running)
            elif now - running.since > self._seconds:
                self._tell_to_stop(running, Why.slow)

    def _tell_to_stop(self, running: Running, why: Why) -> None:
        if running.why is not None or running.pid is None:
            return
        running.why, running.end_at = why, self._clock() + self._grace
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGINT)

    def _end(self, running: Running) -> None:
        if running.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)

    def _write_end(self, running: Running, code: int) -> None:
        """Say how a job ended whose child did not say so itself."""
        from hamlets.web.jobs.child import NO_MEMORY
        from hamlets.web.jobs.claiming import finish
        from hamlets.web.jobs.models import State
        from hamlets.web.words import text

        state, message, hint = State.died, text("jobs.died"), text("jobs.died_hint")
        if running.why is Why.memory or code == NO_MEMORY:
            message, hint = text("jobs.memory"), text("jobs.memory_hint")
        elif running.why is Why.slow:
            minutes = max(1, round(self._seconds / 60))
            message, hint = text("jobs.slow", minutes=minutes), text("jobs.slow_hint")
        elif running.why is Why.cancelled:
            state, message, hint = State.cancelled, text("jobs.cancelled"), ""
        # where the child wrote an end, that one holds
        if finish(running.job_id, state, message, hint):
            why = running.why.value if running.why else "ended"
            self._log.warning("stopped", job=str(running.job_id), why=why, code=code)

    def _tidy(self) -> None:
        """Bury what has no worker, have answers made in advance, forget what is gone."""
        from hamlets.web.answers.keeping import forget_gone
        from hamlets.web.answers.warming import warm
        from hamlets.web.jobs.claiming import bury_silent, forget_old
        from hamlets.web.uploads.loadings import remove_old_files

        if self._clock() >= self._away_until and (buried := bury_silent()):
            self._log.warning("buried", jobs=buried)
        self._warmed = warm(self._warmed)
        if self._is_due("forget", _FORGET_SECONDS):
            forget_old()
            forget_gone()
            remove_old_files()

    def _is_due(self, what: str, every: float) -> bool:
        now = self._clock()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every
        return True

    def _give_back(self) -> None:
        """End the children and let their jobs wait again."""
        from django.db import InterfaceError, OperationalError

        from hamlets.web.jobs.claiming import give_back, patiently

        # closing it ends all children, and waits for that
        self.forks.close()

        def write() -> None:
            for running, code in self._ended:
                self._write_end(running, code)
            for job_id in self.running:
                give_back(job_id)

        with suppress(OperationalError, InterfaceError):
            patiently(write, _LEAVE_SECONDS)
        self._log.info("left", given_back=len(self.running))


def run_worker() -> None:
    """Work until SIGTERM or Ctrl-C. Django must be ready."""
    from hamlets.logs import start_logging

    start_logging()
    worker = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.leave)
    worker.run()


def main() -> int:
    """Make Django ready, wait for the database if it is not there yet, and work."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hamlets.web.settings")
    import django

    django.setup()
    run_worker()
    return 0


if __name__ == "__main__":
    sys.exit(main())

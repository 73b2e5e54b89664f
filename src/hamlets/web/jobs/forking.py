"""The process that children are forked from: everything heavy is loaded once, before.

The worker speaks to it over a socket, in lines of JSON: ``{"run": job}`` starts a child,
``{"began": job, "pid": n}`` and ``{"ended": job, "code": n}`` come back. It asks nothing of
the database, so that no child inherits a connection. When the worker goes, however it goes,
the socket closes and all children are ended.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import Any
from uuid import UUID

HEAVY = (
    # the compiled kernels, and what draws and solves: seconds to load, once
    "hamlets.continuity.summary",
    "hamlets.continuity.audits",
    "hamlets.continuity.staffing",
    "hamlets.continuity.named_gps",
    "hamlets.teams.ceiling.reported",
    "hamlets.teams.ceiling.answering",
    "hamlets.teams.ceiling.wins",
    "hamlets.teams.worklists",
    "hamlets.teams.planning",
    "hamlets.publish.report",
    "altair",
    "vl_convert",
    "hamlets.web.jobs.child",
)
_READ_BYTES = 65536


class Forks:
    """The worker's end of the socket."""

    def __init__(self, program: Sequence[str] = ("-m", "hamlets.web.jobs.forking")) -> None:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *program, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            # Ctrl-C is the worker's to pass on
            start_new_session=True,
            # threads that wait for each other by spinning would take the pages' processor time
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        theirs.close()
        self._socket = ours
        self._socket.setblocking(False)
        self._rest = b""

    @property
    def alive(self) -> bool:
        """Whether children can be forked."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The forking process."""
        return self._process.pid

    def fileno(self) -> int:
        """Return what to wait on for :meth:`news`."""
        return self._socket.fileno()

    def run(self, job_id: UUID) -> None:
        """Ask for a child that does a job; OSError where there is nobody to ask."""
        self._socket.sendall(_line({"run": str(job_id)}))

    def news(self) -> list[dict[str, Any]]:
        """Return what was told since the last time."""
        with suppress(BlockingIOError, ConnectionError):
            while data := self._socket.recv(_READ_BYTES):
                self._rest += data
        *lines, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """End the process and with it all children."""
        self._socket.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


def load(heavy: Sequence[str] = HEAVY) -> None:
    """Load Django and everything heavy, without a question to the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hamlets.web.settings")
    import django

    django.setup()
    for name in heavy:
        import_module(name)
    # what is loaded stays: a child that collects garbage need not copy it
    gc.collect()
    gc.freeze()


def _wake_up(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: that a signal has a handler is what makes it wake the loop."""


class _Nursery:
    """Forks children and tells the worker how they ended."""

    def __init__(self, to_worker: socket.socket) -> None:
        self._to_worker = to_worker
        self._jobs: dict[int, str] = {}
        self._rest = b""
        # a child that ends wakes the loop through this pair
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)

    def serve(self) -> None:
        """Fork until the worker has gone; then end what still runs."""
        signal.signal(signal.SIGCHLD, _wake_up)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._to_worker, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    with suppress(BlockingIOError):
                        self._woken.recv(_READ_BYTES)
                    self._reap()
                if self._to_worker in ready and not self._listen():
                    break
        for pid in self._jobs:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _listen(self) -> bool:
        try:
            data = self._to_worker.recv(_READ_BYTES)
        except ConnectionError:
            return False
        self._rest += data
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            self._fork(json.loads(line)["run"])
        return bool(data)

    def _fork(self, job: str) -> None:
        # held back until the child knows what to do with it
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        pid = os.fork()
        if pid == 0:
            self._become_child(job)
        with suppress(OSError):
            os.setpgid(pid, pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        self._jobs[pid] = job
        self._tell({"began": job, "pid": pid})

    def _become_child(self, job: str) -> None:
        code = 1
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for each in (self._to_worker, self._woken, self._wake):
                each.close()
            from hamlets.web.jobs.child import STOPPED, run

            code = STOPPED
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
            code = run(UUID(job))
        except KeyboardInterrupt:
            pass
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # not the parent's exit handlers
            os._exit(code)

    def _reap(self) -> None:
        while self._jobs:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            job = self._jobs.pop(pid, None)
            if job is not None:
                self._tell({"ended": job, "code": os.waitstatus_to_exitcode(status)})

    def _tell(self, told: dict[str, Any]) -> None:
        with suppress(OSError):
            self._to_worker.sendall(_line(told))


def main(descriptor: int, heavy: Sequence[str] = HEAVY) -> None:
    """Serve a worker over an inherited socket until it goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as to_worker:
        load(heavy)
        from hamlets.logs import start_logging

        start_logging()
        _Nursery(to_worker).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))

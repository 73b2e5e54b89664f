"""Starting the site: its database, its worker and its web server, as processes of one command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from hamlets.errors import StoreError, UsageError

_STOP_SECONDS = 20
_LOOK_SECONDS = 0.5
_WORKERS = 2


def prepare(store: Path | None, database_url: str | None, **environment: str) -> None:
    """Set the environment that the site's processes share, and make Django ready.

    Call it before anything of Django is imported.
    """
    if store is not None:
        os.environ["HAMLETS_STORE"] = str(store.absolute())
    if database_url is not None:
        os.environ["HAMLETS_DATABASE_URL"] = database_url
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hamlets.web.settings")
    # SQLite has no use for Django's check of async contexts; one thread a process here
    import django

    django.setup()
    from hamlets.web.answers.asking import PROGRAM, program_mark

    os.environ[PROGRAM] = program_mark()


def migrate() -> None:
    """Bring the database up to date; StoreError where it cannot be reached."""
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    except OperationalError as error:
        raise StoreError(
            "The site's database cannot be reached.",
            where="HAMLETS_DATABASE_URL",
            hint=f"{str(error).splitlines()[0]} Start the database, or check its address.",
        ) from None


def port_is_free(host: str, port: int) -> bool:
    """Return whether nothing listens there yet."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def commands(host: str, port: int, threads: int = 4) -> dict[str, list[str]]:
    """Return the command line of each process of the site."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {
        "web": [
            sys.executable,
            "-m",
            "gunicorn",
            "--bind",
            bind,
            "--workers",
            str(_WORKERS),
            "--worker-class",
            "gthread",
            "--threads",
            str(threads),
            "--timeout",
            "120",
            "--graceful-timeout",
            "10",
            "--log-level",
            "warning",
            "--no-control-socket",
            "hamlets.web.wsgi:application",
        ],
        "worker": [sys.executable, "-m", "hamlets.web.jobs.worker"],
    }


def run(processes: dict[str, list[str]]) -> int:
    """Run all of them until one ends or this process is told to stop; return the exit code.

    The worker is started again where it ends by itself; the web server is not, since it keeps
    its own workers alive and ends for a reason that will not go away.
    """
    running: dict[str, subprocess.Popen[bytes]] = {}
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        for name, command in processes.items():
            running[name] = _start(command)
        while not stopping:
            time.sleep(_LOOK_SECONDS)
            if (code := running["web"].poll()) is not None:
                return code or 1
            if running["worker"].poll() is not None:
                running["worker"] = _start(processes["worker"])
        return 0
    finally:
        _end(running.values())


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # a session of its own: Ctrl-C reaches this process alone, which then stops them in order
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own commands


def _end(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    until = time.monotonic() + _STOP_SECONDS
    for process in alive:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def check_place_to_serve(host: str, port: int) -> None:
    """Raise UsageError where the address is taken or cannot be bound."""
    if not port_is_free(host, port):
        raise UsageError(
            f"Something else uses {host}:{port} already.",
            where="--port",
            hint="Stop it, or choose another port with --port.",
        )

"""A load in a process of its own, disturbed at a named stage."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from hamlets.errors import HamletsError
from hamlets.records import load


def context() -> ForkServerContext:
    """Return a context whose processes start with everything imported, and no thread."""
    found = multiprocessing.get_context("forkserver")
    # pyarrow imports pandas by itself where it is installed; missing modules are passed over.
    found.set_forkserver_preload(
        [
            "hamlets.records.loading",
            "hamlets.records.readers.csv_tables",
            "hamlets.cli.tables",
            "hamlets.continuity.measuring",
            "hamlets.teams.plans.adopting",
            "hamlets.teams.designing",
            "hamlets.publish.report",
            "hamlets.booking.simulation.desk",
            "altair",
            "scipy.optimize",
            "pandas",
            "pydantic_settings",
        ]
    )
    return found


def start(
    source: Path, store: Path, said: Path, how: str = "", where: str = ""
) -> ForkServerProcess:
    """Start a load that is disturbed when it comes to the stage ``where``.

    ``said`` takes the stages as they come, and the error. ``how``: kill (-9),
    interrupt (Ctrl-C), full (no file can grow beyond 4 kB from here on).
    """
    said.write_text("")
    process = context().Process(target=run, args=(source, store, said, how, where))
    process.start()
    return process


def run(source: Path, store: Path, said: Path, how: str, where: str) -> None:
    """Load; end with the exit code that the command line would give."""

    # The machine stays up, so what a process has written is there after its death.
    os.fsync = lambda _handle: None

    def stage(name: str) -> None:
        with said.open("a") as stream:
            stream.write(f"{name}\n")
        if name == where:
            disturb(how)

    try:
        load(source, store, profile="csv", stage=stage)
    except HamletsError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with said.open("a") as stream:
            stream.write(f"{error.as_dict()}\n")
        os._exit(error.exit_code)
    except KeyboardInterrupt:
        os._exit(130)


def disturb(how: str) -> None:
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "full":
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))

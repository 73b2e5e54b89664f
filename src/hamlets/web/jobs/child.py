"""What a child process does: one job, from its row to its end.

It is forked from a process that holds no connection, and opens its own. It writes its own
end; where it cannot (it was killed, or told to stop) the worker does.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any
from uuid import UUID

from django.db import transaction

from hamlets.errors import HamletsError, StoppedError
from hamlets.logs import get_logger, log_defect
from hamlets.settings import settings
from hamlets.web.configuration import web_settings
from hamlets.web.jobs.claiming import finish, patiently
from hamlets.web.jobs.kinds import kind_of
from hamlets.web.jobs.models import Job, State
from hamlets.web.jobs.progress import Progress

STOPPED = 130
"""Exit code of a child that was told to stop and gave nothing: the worker says why."""
NO_MEMORY, DEFECT = 131, 1
_AWAY_SECONDS = 300
_POLITE = 5
"""Pages come first: a job yields the processor to them."""
_MEGABYTE = 1024 * 1024
_MAXRSS_UNITS_A_MB = 1024 if sys.platform == "linux" else _MEGABYTE


def run(job_id: UUID) -> int:
    """Do a job and write how it ended; return the exit code."""
    _be_modest()
    job = patiently(lambda: Job.objects.select_related("place").get(pk=job_id), _AWAY_SECONDS)
    log = get_logger("jobs").bind(job=str(job_id), kind=job.kind)
    try:
        result = _do(job)
        # from here on the job is done, and a late wish to stop changes nothing
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        patiently(lambda: _hand_over(job, result), _AWAY_SECONDS)
    except KeyboardInterrupt:
        return STOPPED
    except MemoryError:
        return NO_MEMORY
    except StoppedError:
        return STOPPED
    except HamletsError as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        log.info("refused", error=error.code)
        message, hint = error.message, error.hint or ""
        patiently(lambda: finish(job_id, State.refused, message, hint), _AWAY_SECONDS)
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the page must say that it ended
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        log.error("died", log_id=log_defect(error))
        return DEFECT
    used = resource.getrusage(resource.RUSAGE_SELF)
    log.info(
        "done",
        processor_seconds=round(used.ru_utime + used.ru_stime, 2),
        memory_mb=used.ru_maxrss // _MAXRSS_UNITS_A_MB,
    )
    return 0


def _do(job: Job) -> Any:
    function = _named(kind_of(job.kind).function)
    place = job.place.code if job.place else ""
    return function(settings().store.absolute(), place, Progress(job.pk), **job.question)


def _hand_over(job: Job, result: Any) -> None:
    """Keep what a job returned and end it, both or neither."""
    keeper = kind_of(job.kind).keeper
    with transaction.atomic():
        if keeper:
            # what a keeper gives back stays with the job's row
            result = _named(keeper)(job, result)
        finish(job.pk, State.done, result=result)


def _named(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _be_modest() -> None:
    with suppress(OSError):
        os.nice(_POLITE)
    # The worker looks at what is really used; this is a stop for one huge request between looks.
    limit = 2 * web_settings().job_memory_mb * _MEGABYTE
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

"""A job's life in the database, as the worker and its children change it.

Every change says which state it comes from: of two that want to end a job, one does. All
transactions are short.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, transaction
from django.utils import timezone

from hamlets.web.jobs.kinds import KINDS
from hamlets.web.jobs.models import Job, State
from hamlets.web.words import text

T = TypeVar("T")

BEAT_SECONDS = 5
SILENT_SECONDS = 60
"""A running job without a sign of life for so long has no worker any more."""
KEEP_DAYS = 30
"""Days for which a job that has ended can still be looked up."""


def claim(*, long: bool = True) -> Job | None:
    """Return the next waiting job, now running; None where there is none.

    No two workers get the same one. Without ``long`` only short kinds are taken.
    """
    waiting = Job.objects.filter(state=State.waiting)
    if not long:
        waiting = waiting.exclude(kind__in=[kind.name for kind in KINDS.values() if kind.long])
    if not waiting.exists():  # asks without a lock: mostly there is nothing to do
        return None
    with transaction.atomic():
        # PostgreSQL passes over rows that others hold; SQLite lets one writer in at a time
        job = waiting.select_for_update(skip_locked=True, of=("self",))
        found = job.order_by("-priority", "made").first()
        if found is None:
            return None
        now = timezone.now()
        found.state, found.started, found.beat = State.running, now, now
        found.stage, found.done, found.total = text("jobs.starting"), 0, None
        found.save(update_fields=["state", "started", "beat", "stage", "done", "total"])
    return found


def beat(job_ids: Iterable[UUID]) -> set[UUID]:
    """Give jobs a sign of life; return those of them that somebody wants to stop."""
    mine = Job.objects.filter(pk__in=list(job_ids), state=State.running)
    mine.update(beat=timezone.now())
    return to_stop(job_ids)


def to_stop(job_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the jobs that somebody wants to stop."""
    wanted = Job.objects.filter(pk__in=list(job_ids), state=State.running, cancel=True)
    return set(wanted.values_list("pk", flat=True))


def finish(
    job_id: UUID,
    state: State,
    message: str = "",
    hint: str = "",
    result: dict[str, Any] | None = None,
) -> bool:
    """End a running job; return False where it was ended already."""
    return bool(
        Job.objects.filter(pk=job_id, state=State.running).update(
            state=state, message=message, hint=hint, result=result or {}, ended=timezone.now()
        )
    )


def give_back(job_id: UUID) -> bool:
    """Let a running job wait again, to be started anew from its beginning."""
    return bool(
        Job.objects.filter(pk=job_id, state=State.running).update(
            state=State.waiting, started=None, beat=None, stage="", done=0, total=None
        )
    )


def bury_silent(silent_seconds: float = SILENT_SECONDS) -> int:
    """Mark running jobs as died whose worker has gone; return how many there were."""
    limit = timezone.now() - timedelta(seconds=silent_seconds)
    return Job.objects.filter(state=State.running, beat__lt=limit).update(
        state=State.died,
        message=text("jobs.died"),
        hint=text("jobs.died_hint"),
        ended=timezone.now(),
    )


def forget_old(days: int = KEEP_DAYS) -> int:
    """Delete jobs that ended long ago; return how many rows went."""
    limit = timezone.now() - timedelta(days=days)
    return Job.objects.filter(ended__lt=limit).delete()[0]


def patiently(what: Callable[[], T], seconds: float, pause: float = 1.0) -> T:
    """Return what a function of the database returns, though the database be away for a while.

    Raises the database's error where it is away for longer than ``seconds``.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            return what()
        except (OperationalError, InterfaceError):
            let_go()
            if time.monotonic() >= until:
                raise
            time.sleep(pause)


def let_go() -> None:
    """Close connections, so that the next question opens new ones."""
    for connection in connections.all(initialized_only=True):
        connection.close()

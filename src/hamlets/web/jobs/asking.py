"""Asking for long work, following it, stopping it, asking again."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from hamlets.web.jobs.kinds import kind_of
from hamlets.web.jobs.models import Job, State
from hamlets.web.places.models import Place
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing

if TYPE_CHECKING:
    from hamlets.web.people.models import Person

WAITED_FOR, LATER = 10, -10
"""Priorities: somebody looks at a page that waits; made in advance."""

_OPEN = (State.waiting, State.running)
_TRIES = 20
_LAST = 5
"""Jobs of a kind from which the usual time is worked out."""


def ask(
    here: Standing | Place, kind: str, key: str, priority: int = WAITED_FOR, **question: Any
) -> Job:
    """Return the open job of this key: the one there is, else a new one that waits.

    ``question`` is what the job's function gets; it must be plain data. Safe with any number
    of askers at once. ValueError for a kind that does not exist.
    """
    kind_of(kind)
    place, person = _who(here)
    for _ in range(_TRIES):
        found = Job.objects.filter(key=key, state__in=_OPEN).first()
        if found is not None:
            return _raised(found, priority)
        try:
            # a transaction of its own: a key that is taken leaves the caller's unharmed
            with transaction.atomic():
                return Job.objects.create(
                    kind=kind,
                    place=place,
                    asked_by=person,
                    question=question,
                    key=key,
                    priority=priority,
                )
        except IntegrityError:
            continue  # another asker was first; it may even have ended by now
    raise RuntimeError("A job could neither be found nor made.")


def find(here: Standing | Place, job_id: UUID | str) -> Job:
    """Return a job of this place; Http404 for another place's and for one that never was."""
    place, _ = _who(here)
    try:
        wanted = job_id if isinstance(job_id, UUID) else UUID(job_id)
    except ValueError:
        raise Http404 from None
    found = Job.objects.filter(pk=wanted, place=place).first()
    if found is None:
        raise Http404
    return found


def cancel(here: Standing | Place, job_id: UUID | str) -> Job:
    """Return the job, now told to stop: at once if it waits, soon if it runs.

    A job that has ended stays as it is.
    """
    job = find(here, job_id)
    waiting = Job.objects.filter(pk=job.pk, state=State.waiting)
    if not waiting.update(state=State.cancelled, cancel=True, ended=timezone.now()):
        Job.objects.filter(pk=job.pk, state=State.running).update(cancel=True)
    job.refresh_from_db()
    return job


def again(here: Standing | Place, job_id: UUID | str) -> Job:
    """Return a new job with the question of one that ended; an open one is returned as it is."""
    job = find(here, job_id)
    if job.open:
        return job
    return ask(here, job.kind, job.key, WAITED_FOR, **job.question)


def may_steer(here: Standing, job_id: UUID | str) -> bool:
    """Return whether the person may stop a job or run it again.

    One's own, one that nobody asked for, or any for who adopts plans or loads data here.
    """
    asked_by = find(here, job_id).asked_by
    runs_the_place = here.may(May.adopt_plans) or here.may(May.load_data)
    return runs_the_place or asked_by is None or asked_by == here.person


def newest(here: Standing | Place, kind: str) -> Job | None:
    """Return the newest job of a kind at this place."""
    place, _ = _who(here)
    return Job.objects.filter(place=place, kind=kind).order_by("-made").first()


def usual_seconds(kind: str) -> int:
    """Return how many seconds a job of this kind usually takes, at least 1.

    From the last ones that were done on this computer; before there are any, from the list
    of kinds.
    """
    done = Job.objects.filter(kind=kind, state=State.done, started__isnull=False)
    times = done.order_by("-ended").values_list("started", "ended")[:_LAST]
    taken = [(end - start).total_seconds() for start, end in times]
    return max(1, round(statistics.median(taken))) if taken else kind_of(kind).seconds


def _who(here: Standing | Place) -> tuple[Place, Person | None]:
    return (here, None) if isinstance(here, Place) else (here.place, here.person)


def _raised(job: Job, priority: int) -> Job:
    """Return a job that somebody waits for now: a low priority is raised, never lowered."""
    if priority > job.priority:
        Job.objects.filter(pk=job.pk, priority__lt=priority).update(priority=priority)
        job.priority = priority
    return job

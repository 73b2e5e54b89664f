"""A load from its first step to its end: files sent, looked at, checked, loaded.

Every step is an entry of the audit log. What takes long is a job; which step a load is at is
told from what its last job left.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from hamlets.web.answers.versions import current_version
from hamlets.web.audit.chain import note
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.models import Job, State
from hamlets.web.places.standing import Standing
from hamlets.web.uploads import files
from hamlets.web.uploads.models import End, Loading
from hamlets.web.uploads.receiving import Receiving, digest_of

LOOK, CHECK, LOAD, RESTORE = "load_look", "load_check", "load", "restore"
WRITING = (CHECK, LOAD, RESTORE)
"""Kinds of jobs of which one at a time has its turn."""
_OPEN = (State.waiting, State.running)


def begin(here: Standing, received: Receiving, *, identifiable: bool) -> Loading:
    """Keep what was sent, and have it looked at."""
    with transaction.atomic():
        made = Loading.objects.create(
            place=here.place,
            person=here.person,
            folder=received.folder,
            files=[each.as_dict() for each in received.received],
            digest=digest_of(received.received),
            identifiable=identifiable,
        )
        sizes = sum(each.size for each in received.received)
        note(here, "files sent", str(made.pk), files=len(received.received), bytes=sizes)
        _ask(here, made, LOOK)
    received.taken = True
    return made


def find(here: Standing, number: int) -> Loading:
    """Return a load of this practice; Http404 for another's as for none."""
    found = Loading.objects.filter(pk=number, place=here.place).select_related("person").first()
    if found is None:
        raise Http404
    last = last_job(found)
    if not found.end and last is not None and last.state == State.cancelled:
        _end_cancelled(found)
    if not found.end and last is not None and last.kind == LOOK and last.state == State.refused:
        _forget_files(found)
    return found


def last_job(loading: Loading) -> Job | None:
    """Return the newest job of a load."""
    return (
        Job.objects.filter(key__startswith=f"{_key(loading)}:", place=loading.place)
        .order_by("-made")
        .first()
    )


def step(loading: Loading) -> str:
    """Return where a load is: ``working``, ``stopped``, ``found``, ``checked``, ``gone``, or
    how it ended.
    """
    last = last_job(loading)
    if last is not None and last.open:
        return "working"
    if loading.end:
        return loading.end
    if last is not None and last.state in (State.refused, State.died):
        return "stopped"
    if not loading.back_to and not _has_files(loading):
        return "gone"
    return "checked" if loading.checked else "found"


def open_at(here: Standing) -> list[Loading]:
    """Return the loads of this practice that were begun and not ended, newest first."""
    since = timezone.now() - timedelta(seconds=files.KEEP_SECONDS)
    rows = Loading.objects.filter(place=here.place, end="", made__gte=since).exclude(folder="")
    return list(rows.select_related("person").order_by("-made")[:10])


def choose(here: Standing, loading: Loading, choice: Mapping[str, Any]) -> None:
    """Keep what the person said of the files, and have them checked anew."""
    with transaction.atomic():
        loading.choice = {**choice}
        loading.checked = {}
        loading.save(update_fields=["choice", "checked"])
        note(here, "load check asked", str(loading.pk))
        _ask(here, loading, CHECK)


def start(here: Standing, loading: Loading, *, anyway: bool) -> None:
    """Have the files loaded; ``anyway`` takes any number of refused rows."""
    with transaction.atomic():
        version = current_version()
        loading.before = version.number if version else None
        loading.save(update_fields=["before"])
        note(here, "load asked", str(loading.pk), anyway=anyway)
        _ask(here, loading, LOAD, anyway=anyway)


def again(here: Standing, loading: Loading) -> None:
    """Run the job of a load again that stopped before its end."""
    last = last_job(loading)
    if last is not None and last.state == State.died:
        jobs.again(here, last.pk)


def cancel(here: Standing, loading: Loading) -> None:
    """Stop a load: the records stay as they are, the files are removed."""
    if loading.end:
        return
    note(here, "load cancelled", str(loading.pk))
    last = last_job(loading)
    if last is not None and last.open and jobs.cancel(here, last.pk).open:
        return  # it stops soon; find() tidies then
    _end_cancelled(loading)


def _forget_files(loading: Loading) -> None:
    """Remove files that are of no use."""
    if loading.folder:
        files.remove(loading.folder)
        Loading.objects.filter(pk=loading.pk).update(folder="")
        loading.folder = ""


def _end_cancelled(loading: Loading) -> None:
    files.remove(loading.folder)
    # what was loaded before the wish was heard stays loaded
    Loading.objects.filter(pk=loading.pk, end="").update(
        end=End.cancelled, ended=timezone.now(), folder=""
    )
    loading.refresh_from_db()


def go_back(here: Standing, version: int, allowed: list[str]) -> Loading:
    """Have a new version made with the content of an earlier one."""
    current = current_version()
    with transaction.atomic():
        made = Loading.objects.create(
            place=here.place,
            person=here.person,
            back_to=version,
            before=current.number if current else None,
        )
        note(here, "going back asked", str(version))
        _ask(here, made, RESTORE, version=version, current=made.before, allowed=allowed)
    return made


def earlier(loading: Loading) -> Loading | None:
    """Return the last load of the same files here."""
    rows = Loading.objects.filter(place=loading.place, digest=loading.digest, end=End.loaded)
    return rows.exclude(pk=loading.pk).order_by("-ended").first()


def in_front(here: Standing, loading: Loading) -> tuple[bool, str]:
    """Return whether another load has its turn first, and whose it is.

    The name is empty where that person works elsewhere: who does is not this practice's to know.
    """
    mine = last_job(loading)
    if mine is None or mine.kind not in WRITING:
        return False, ""
    others = Job.objects.filter(kind__in=WRITING, state__in=_OPEN, made__lt=mine.made)
    first = others.exclude(pk=mine.pk).select_related("asked_by").order_by("made").first()
    if first is None:
        return False, ""
    here_too = first.place_id == here.place.pk  # pyright: ignore[reportAttributeAccessIssue]
    return True, first.asked_by.name if here_too and first.asked_by else ""


def remove_old_files() -> int:
    """Remove files that were sent more than a day ago, but for those a job is at work on."""
    busy = Job.objects.filter(kind__in=(LOOK, CHECK, LOAD), state__in=_OPEN)
    return files.remove_stale([str(job.question.get("folder", "")) for job in busy])


def _has_files(loading: Loading) -> bool:
    return bool(loading.folder) and files.path_of(loading.folder).is_dir()


def _key(loading: Loading) -> str:
    return f"data:{loading.pk}"


def _ask(here: Standing, loading: Loading, kind: str, **more: Any) -> Job:
    question: dict[str, Any] = {"loading": loading.pk, **more}
    if kind != RESTORE:
        question |= {"folder": loading.folder, "files": loading.files}
    if kind in (CHECK, LOAD):
        question |= {
            "choice": loading.choice,
            "identifiable": _identifiable(loading),
            "rows": int(loading.found.get("rows") or 0),
        }
    return jobs.ask(here, kind, f"{_key(loading)}:{kind}", **question)


def _identifiable(loading: Loading) -> bool:
    """Return whether names are kept: what the records do already, else as was chosen."""
    version = current_version()
    return loading.identifiable if version is None else version.identifiable

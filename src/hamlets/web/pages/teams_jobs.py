"""Following a job about plans: how far it is, how it ended, and where its result is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from hamlets.web.jobs import asking as jobs
from hamlets.web.pages.answered import REFRESH_SECONDS
from hamlets.web.places.standing import Standing
from hamlets.web.words import text

Link = tuple[str, str]


def to_job(here: Standing, job: Any) -> HttpResponse:
    """Return the way to the page that follows a job about a plan."""
    return redirect(f"{here.home}teams/jobs/{job.pk}/")


def follow(
    request: HttpRequest,
    here: Standing,
    job: Any,
    title: str,
    done: Callable[[Any], HttpResponse],
    *,
    back: Link,
    again: str = "",
    best: bool = False,
) -> HttpResponse:
    """Return where a job's result is shown, or the page of how it stands.

    ``again``: where a form goes that runs it again. ``best``: stopping keeps what was found.
    """
    if job.state == "done":
        return done(job)
    if job.open:
        return _running(request, here, job, title, best)
    context = {
        "title": title,
        "job": job,
        "again": "" if job.state == "refused" else again,
        "back": back,
    }
    return render(request, "teams/stopped.html", context)


def _running(
    request: HttpRequest, here: Standing, job: Any, title: str, best: bool
) -> HttpResponse:
    context = {
        "title": title,
        "stage": text("teams.run.stopping") if job.cancel else job.stage,
        "done": job.done,
        "total": job.total,
        "seconds": None if job.state == "running" else jobs.usual_seconds(job.kind),
        "cancel": "" if job.cancel else f"{here.home}jobs/{job.pk}/cancel/",
        "refresh": REFRESH_SECONDS,
        "best": best,
    }
    response = render(request, "teams/running.html", context, status=202)
    response["Refresh"] = str(REFRESH_SECONDS)
    return response

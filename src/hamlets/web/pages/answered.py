"""What pages that show an answer share: waiting for it, and the states in which there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hamlets.web.answers.asking import (
    Answered,
    NothingLoaded,
    Stopped,
    VersionGone,
    Waiting,
    ask,
    earlier,
    pin,
)
from hamlets.web.answers.versions import Version
from hamlets.web.frame import DataLine
from hamlets.web.jobs import asking as jobs
from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing, not_allowed, page

Draw = Callable[[Any, Version], HttpResponse]
REFRESH_SECONDS = 4


def answer_page(
    request: HttpRequest,
    here: Standing,
    title: str,
    name: str,
    draw: Draw,
    *,
    meanwhile: bool = False,
    at: int | None = None,
    **question: Any,
) -> HttpResponse:
    """Return the page drawn from an answer, or the page of the state in which there is none.

    ``version=`` in the address pins a version of the records, as ``at`` does for a second answer
    of one page. With ``meanwhile`` a page that pins none shows the figures of the version before
    while those of the newest are worked out, and says so.
    """
    wanted = at or wanted_version(request)
    try:
        found = ask(here, name, version=wanted, **question)
    except NothingLoaded:
        return nothing_loaded(request, title)
    except VersionGone as gone:
        return version_gone(request, title, gone)
    if at is None:
        show_version(request, found.version)
    if isinstance(found, Answered):
        return draw(found.body, found.version)
    if isinstance(found, Waiting) and meanwhile and wanted is None:
        before = earlier(here.place, name, found.version, **question)
        if before is not None:
            show_version(request, before.version, newer=_newer(request, found.version))
            return draw(before.body, before.version)
    if isinstance(found, Waiting):
        return waiting(request, here, title, found.job, found.seconds)
    return stopped(request, here, title, found)


def drawn(html: str) -> Markup:
    """Return HTML that the worker drew as what it is: names from the records are escaped in it."""
    return Markup(html)  # noqa: S704 - drawn by our own templates, which escape


def drawn_for(here: Standing, html: str) -> Markup:
    """Return a section of the report for a page of its own.

    How things are counted stands on the page Continuity, where its links lead.
    """
    return drawn(html.replace('href="#count', f'href="{here.home}continuity/#count'))


def wanted_version(request: HttpRequest) -> int | None:
    """Return the version that the address pins; None where it pins none or is no number."""
    given = request.GET.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None


def _newer(request: HttpRequest, version: Version) -> tuple[int, str]:
    """Return the number of a newer version, and the address of this page with its figures."""
    asked = request.GET.copy()
    asked["version"] = str(version.number)
    return version.number, f"{request.path}?{asked.urlencode()}"


def show_version(
    request: HttpRequest, version: Version, newer: tuple[int, str] | None = None
) -> None:
    """Say in the page's head which data it speaks of, and where newer figures will be."""
    if version.first_day is None or version.last_day is None:
        return
    line = DataLine(
        version.first_day,
        version.last_contact or version.last_day,
        version.number,
        version.loaded,
        version.invented,
        newer,
    )
    request.data_line = line  # pyright: ignore[reportAttributeAccessIssue] - for the frame


def anything_loaded() -> bool:
    """Return whether there is a version of the records."""
    try:
        pin()
    except NothingLoaded:
        return False
    return True


def show_current(request: HttpRequest) -> Version | None:
    """Say in the head which data is in use; None where nothing is loaded yet."""
    try:
        version = pin()
    except NothingLoaded:
        request.first_run = True  # pyright: ignore[reportAttributeAccessIssue] - for the frame
        return None
    show_version(request, version)
    return version


def waiting(
    request: HttpRequest, here: Standing, title: str, job: Any, seconds: int | None = None
) -> HttpResponse:
    """Return the page that shows how far a job is, and asks again by itself."""
    # without scripts the page itself asks again; a Refresh header would reload it beside them
    return render(
        request,
        "waiting.html",
        {
            "title": title,
            "stage": job.stage,
            "done": job.done,
            "total": job.total,
            "seconds": seconds,
            "cancel": f"{here.home}jobs/{job.pk}/cancel/",
            "refresh": REFRESH_SECONDS,
        },
        status=202,
    )


def stopped(request: HttpRequest, here: Standing, title: str, found: Stopped) -> HttpResponse:
    """Return the page of a job that ended without an answer: why, and how to run it again."""
    again = "" if found.refused else f"{here.home}jobs/{found.job.pk}/again/"
    context = {"title": title, "job": found.job, "again": again}
    return render(request, "answers/stopped.html", context)


def nothing_loaded(request: HttpRequest, title: str) -> HttpResponse:
    """Return the page of a site without records."""
    request.first_run = True  # pyright: ignore[reportAttributeAccessIssue] - for the frame
    return render(request, "answers/nothing.html", {"title": title})


def version_gone(request: HttpRequest, title: str, gone: VersionGone) -> HttpResponse:
    """Return the page that offers the version in use for one that is no longer kept."""
    rest = request.GET.copy()
    rest.pop("version", None)
    address = f"{request.path}?{rest.urlencode()}" if rest else request.path
    context = {"title": title, "gone": gone.wanted, "now": gone.current, "address": address}
    return render(request, "answers/version_gone.html", context, status=410)


_ANYBODY = tuple(May)
_PLACES = tuple(Kind)


def _back(request: HttpRequest, here: Standing) -> str:
    """Return the page that a button stood on, if it is of this place; else the place's home."""
    came = request.POST.get("next", "")
    return came if came.startswith(here.home) and "//" not in came else here.home


@page(*_ANYBODY, kinds=_PLACES)
@require_POST
def cancel_job(request: HttpRequest, here: Standing, job: str) -> HttpResponse:
    """Stop a job of this place: one's own, or anybody's for who runs the practice."""
    if not jobs.may_steer(here, job):
        return not_allowed(request, here)
    jobs.cancel(here, job)
    return redirect(_back(request, here))


@page(*_ANYBODY, kinds=_PLACES)
@require_POST
def run_again(request: HttpRequest, here: Standing, job: str) -> HttpResponse:
    """Run a job of this place again that ended without an answer."""
    if not jobs.may_steer(here, job):
        return not_allowed(request, here)
    jobs.again(here, job)
    return redirect(_back(request, here))


urlpatterns = [
    path("<kind>/<code>/jobs/<job>/cancel/", cancel_job, name="job-cancel"),
    path("<kind>/<code>/jobs/<job>/again/", run_again, name="job-again"),
]

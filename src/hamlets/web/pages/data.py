"""Loading data: choose files, and the versions of the records (pages.md 3.9)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from hamlets.web.answers.versions import Version
from hamlets.web.configuration import web_settings
from hamlets.web.forms.fields import CheckboxField, FileField, Look
from hamlets.web.pages.answered import show_current
from hamlets.web.pages.data_words import size_words
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, managers_at, page
from hamlets.web.uploads import history, loadings
from hamlets.web.uploads.receiving import DRAINED, MOST_FILES, SLACK, Receiving, drain
from hamlets.web.words import text

ACCEPT = ".csv,.tsv,.txt,.tab,.zip,.gz,.parquet,.pq,.ndjson,.jsonl,.json"


class FilesForm(forms.Form):
    """The files, and whether names are kept where these records are the first."""

    def __init__(self, *, first: bool, sent: bool = False) -> None:
        # what was sent is not shown again: the browser keeps no files
        super().__init__({} if sent else None)
        hint, look = text("data.files_hint"), Look(label_size="m")
        self.fields["files"] = FileField(
            text("data.files"), hint=hint, look=look, accept=ACCEPT, several=True, required=False
        )
        if first:
            self.fields["keep_names"] = CheckboxField(
                text("data.keep_names"), hint=text("data.keep_names_hint"), required=False
            )


@csrf_exempt  # checked below, once it is known that the person may send files at all
@page(May.load_data)
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest, here: Standing) -> HttpResponse:
    """Choose files, go on with what was begun, and see the versions there are."""
    version = show_current(request)
    if request.method != "POST":
        return _shown(request, here, version)
    limit = web_settings().upload_limit_bytes
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if announced > limit + SLACK:
        drain(request, DRAINED * limit)
        return _shown(request, here, version, _too_large(here, announced, limit), 413)
    receiving = Receiving(limit)
    request.upload_handlers = [receiving]  # pyright: ignore[reportAttributeAccessIssue]
    try:
        return _received(request, here, version, receiving)
    finally:
        if not receiving.taken:
            receiving.clean_up()


@csrf_protect
def _received(
    request: HttpRequest, here: Standing, version: Version | None, receiving: Receiving
) -> HttpResponse:
    """Take the files in, or say why not; nothing of them stays then."""
    sent = request.POST  # this reads all of it, where the check of the form has not
    problem = _problem(here, receiving)
    if problem:
        status = 413 if receiving.too_large else 422
        return _shown(request, here, version, problem, status)
    keep_names = version is None and sent.get("keep_names") == "on"
    made = loadings.begin(here, receiving, identifiable=keep_names)
    return redirect(f"{here.home}data/{made.pk}/")


def _problem(here: Standing, receiving: Receiving) -> str:
    if receiving.too_large:
        return _too_large(here, receiving.sent_bytes, receiving.limit, receiving.seen)
    if receiving.too_many:
        return text("data_problem.too_many", n=MOST_FILES)
    if receiving.no_room:
        return text("data_problem.no_room", who=administrators(here))
    if not receiving.received:
        return text("forms.choose_file")
    empty = next((each.name for each in receiving.received if each.size == 0), None)
    return "" if empty is None else text("data_problem.empty", name=empty)


def _too_large(here: Standing, size: int, limit: int, files: int = 1) -> str:
    return text(
        "data_problem.too_large" if files > 1 else "data_problem.too_large_one",
        size=size_words(size, up=True),
        limit=size_words(limit),
        who=administrators(here),
    )


def administrators(here: Standing) -> str:
    """Return who can help, for a sentence: others who look after people here."""
    names = [person.name for person in managers_at(here.place) if person != here.person]
    return names[0] if names else text("data_problem.somebody")


def _shown(
    request: HttpRequest,
    here: Standing,
    version: Version | None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    form = FilesForm(first=version is None, sent=bool(problem))
    if problem:
        form.add_error("files", problem)
    alone = history.alone(here)
    context: dict[str, Any] = {
        "form": form,
        "lead": text(
            "data.lead", limit=size_words(web_settings().upload_limit_bytes), names=_names(version)
        ),
        "invented": version is not None and version.invented,
        "open": loadings.open_at(here),
        "versions": history.versions(here, alone=bool(alone)),
        "alone": alone,
    }
    return render(request, "data/data.html", context, status=status)


def _names(version: Version | None) -> str:
    if version is None:
        return text("data.names_choose")
    return text("data.names_kept" if version.identifiable else "data.names_coded")


@page(May.load_data)
@require_http_methods(["GET", "HEAD", "POST"])
def go_back(request: HttpRequest, here: Standing, version: int) -> HttpResponse:
    """Ask whether to go back to a version, and have it done."""
    now = show_current(request)
    if now is None or version == now.number:
        return redirect(f"{here.home}data/#versions")
    if not history.is_kept(version):
        words = text("data_versions.gone", n=version)
        context = {
            "title": text("data_versions.title"),
            "words": words,
            "link": text("data_versions.see"),
        }
        return render(request, "data/over.html", context, status=410)
    if not history.alone(here):
        messages.error(request, text("data_versions.shared"))
        return redirect(f"{here.home}data/#versions")
    if request.method == "POST":
        made = loadings.go_back(here, version, history.own_practices(here))
        return redirect(f"{here.home}data/{made.pk}/")
    return render(request, "data/go_back.html", {"version": version})


urlpatterns = [
    path("<kind>/<code>/data/", data, name="data"),
    path("<kind>/<code>/data/versions/<int:version>/", go_back, name="data-back"),
]

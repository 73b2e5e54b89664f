"""Workforce of a practice: who is here when, and is the load fair? (pages.md 3.5)"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from hamlets.web.answers.versions import Version
from hamlets.web.pages.answered import answer_page, drawn_for
from hamlets.web.pages.downloads import csv_response
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.words import text


@page(May.see_figures)
@require_safe
def workforce(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the page, or the state it is in."""

    def draw(body: dict[str, Any], version: Version) -> HttpResponse:
        context = {
            "section": drawn_for(here, body["section"]["html"]),
            "staff": body["workforce"]["staff_given"],
            "rota": body["workforce"]["rota"],
            "clinicians": len(body["workforce"]["people"]),
            "files": sorted(body["csvs"]),
            "version": version.number,
        }
        return render(request, "workforce/workforce.html", context)

    return answer_page(request, here, text("workforce.title"), "workforce", draw, meanwhile=True)


@page(May.see_figures)
@require_safe
def workforce_csv(request: HttpRequest, here: Standing, file: str) -> HttpResponse:
    """Return one table of the page as a CSV file."""

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        if file not in body["csvs"]:
            raise Http404
        return csv_response(file, body["csvs"][file])

    return answer_page(request, here, text("workforce.title"), "workforce", draw)


urlpatterns = [
    path("<kind>/<code>/workforce/", workforce, name="workforce"),
    path("<kind>/<code>/workforce/<file>", workforce_csv, name="workforce-csv"),
]

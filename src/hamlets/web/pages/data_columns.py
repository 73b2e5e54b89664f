"""Matching columns: what each column of an unknown table means (pages.md 3.9, step 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from hamlets.web.audit.chain import note
from hamlets.web.pages.answered import show_current
from hamlets.web.pages.data_steps import context_of
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.uploads import loadings, matching
from hamlets.web.words import text

WIDE = 12
"""Columns from which a phone is too narrow."""


@page(May.load_data)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Say what each column means, and have the files checked with that."""
    show_current(request)
    found = loadings.find(here, number)
    look = found.found
    if loadings.step(found) not in ("found", "checked", "stopped") or not look.get("columns"):
        return redirect(f"{here.home}data/{number}/")
    chosen = matching.chosen(found)
    problems: list[tuple[str, str]] = []
    if request.method == "POST":
        chosen = matching.given(found, request.POST)
        problems = matching.problems(chosen)
        if not problems:
            note(here, "columns matched", str(found.pk), columns=len(chosen.means))
            mapping = matching.mapping(found, chosen)
            told = matching.as_dict(chosen)
            choice = {"profile": "columns", "mapping": mapping, "columns": told}
            loadings.choose(here, found, choice)
            return redirect(f"{here.home}data/{number}/")
    context = {
        **context_of(here, found, "columns", text("data_columns.title")),
        "columns": _rows(look["columns"], chosen.means),
        "meanings": matching.MEANINGS,
        "days": matching.DAYS,
        "clocks": matching.CLOCKS,
        "chosen": chosen,
        "problems": problems,
        "missing": matching.missing_words(chosen),
        "files": look["table_files"],
        "wide": len(look["columns"]) if len(look["columns"]) > WIDE else 0,
    }
    return render(request, "data/columns.html", context, status=422 if problems else 200)


def _rows(columns: list[Mapping[str, Any]], means: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": each["name"],
            "examples": each["examples"],
            "field": f"means-{place}",
            "means": means.get(place, ""),
        }
        for place, each in enumerate(columns)
    ]


urlpatterns = [
    path("<kind>/<code>/data/<int:number>/columns/", columns, name="data-columns"),
]

"""Teams of a practice: the plan it follows, plans and descriptions (pages.md 3.6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from hamlets.web.answers.asking import NothingLoaded, Stopped, ask
from hamlets.web.answers.versions import Version
from hamlets.web.pages.answered import answer_page, show_current
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import drafts, overview
from hamlets.web.teamwork.questions import usual_model
from hamlets.web.words import text


@page(May.design_teams)
@require_safe
def teams(request: HttpRequest, here: Standing) -> HttpResponse:
    """The plan that is followed, those that could be, and what is being described."""

    def draw(facts: dict[str, Any], _version: Version) -> HttpResponse:
        return render(request, "teams/overview.html", overview.overview(here, facts))

    found = _asked(here)
    if found is not None and found.refused and not overview.any_plan(here):
        show_current(request)
        context = {"message": found.job.message, "hint": found.job.hint}
        return render(request, "teams/nothing.html", context)
    return answer_page(request, here, text("teams.title"), "team_facts", draw)


def _asked(here: Standing) -> Stopped | None:
    """Return why nothing can be said of the practice, where that is so."""
    try:
        found = ask(here, "team_facts")
    except NothingLoaded:
        return None
    return found if isinstance(found, Stopped) else None


@page(May.design_teams)
@require_POST
def new(request: HttpRequest, here: Standing) -> HttpResponse:
    """Begin a description with the answers of most, or with those of another plan."""

    def draw(facts: dict[str, Any], _version: Version) -> HttpResponse:
        model = overview.model_to_begin(here, facts, request.POST.get("plan", ""))
        draft = drafts.begin(here, usual_model(facts) if model is None else model)
        return redirect(f"{here.home}teams/describe/{draft.number}/")

    return answer_page(request, here, text("teams.title"), "team_facts", draw)


urlpatterns = [
    path("<kind>/<code>/teams/", teams, name="teams"),
    path("<kind>/<code>/teams/new/", new, name="teams-new"),
]

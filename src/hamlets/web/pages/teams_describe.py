"""Describing teams: questions with safe answers, two people at once, the model as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hamlets.web.answers.versions import Version
from hamlets.web.pages.answered import answer_page, show_current
from hamlets.web.pages.teams_forms import DescribeForm
from hamlets.web.pages.teams_jobs import follow
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import drafts, mending, saying
from hamlets.web.teamwork.drafts import Clash
from hamlets.web.teamwork.writing import as_toml
from hamlets.web.words import text


@page(May.design_teams)
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """The questions about teams, as they are answered now."""

    def draw(facts: dict[str, Any], _version: Version) -> HttpResponse:
        draft = drafts.find(here, number)
        if request.method != "POST":
            return _page(request, here, facts, draft, DescribeForm(facts, draft.model))
        form = DescribeForm(facts, draft.model, request.POST)
        if not form.is_valid():
            return _page(request, here, facts, draft, form)
        saved = drafts.save(here, number, _edition(request), form.as_model())
        if isinstance(saved, Clash):
            return _clash(request, here, facts, saved, form)
        if request.POST.get("then") == "run":
            drafts.run(here, number)
            return redirect(f"{here.home}teams/describe/{number}/run/")
        messages.success(request, text("teams.describe.saved"))
        return redirect(f"{here.home}teams/describe/{number}/")

    drafts.find(here, number)
    title = text("teams.describe.title")
    return answer_page(request, here, title, "team_facts", draw)


def _edition(request: HttpRequest) -> int:
    given = request.POST.get("edition", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


def _page(
    request: HttpRequest, here: Standing, facts: Any, draft: Any, form: DescribeForm
) -> HttpResponse:
    context = {
        "form": form,
        "draft": draft,
        "possible": saying.say_possible(facts, draft.model),
        "earlier": drafts.editions(draft),
        "what_changed": [saying.say_question(key) for key in draft.what_changed],
        "say_question": saying.say_question,
        "running": draft.job is not None and draft.job.open,
    }
    status = 422 if form.errors else 200
    return render(request, "teams/describe.html", context, status=status)


def _clash(
    request: HttpRequest, here: Standing, facts: Any, clash: Clash, form: DescribeForm
) -> HttpResponse:
    """Return the page that shows two answers to the same questions, each to be used."""
    names = saying.names_of(facts)
    mine = form.as_model()
    context = {
        "draft": clash.draft,
        "who": clash.draft.changed_by.name if clash.draft.changed_by else text("teams.somebody"),
        "differences": saying.differences(clash.base, clash.draft.model, mine, names),
        "sent": [
            (name, value)
            for name in request.POST
            if name not in ("csrfmiddlewaretoken", "edition")
            for value in request.POST.getlist(name)
        ],
    }
    return render(request, "teams/clash.html", context, status=409)


@page(May.design_teams)
@require_POST
def line(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """How many teams are possible under answers that are not saved yet, as plain text."""

    def draw(facts: dict[str, Any], _version: Version) -> HttpResponse:
        form = DescribeForm(facts, drafts.find(here, number).model, request.POST)
        if not form.is_valid():
            return HttpResponse(status=204)
        words = saying.say_possible(facts, form.as_model())
        return HttpResponse(words, content_type="text/plain; charset=utf-8")

    return answer_page(request, here, text("teams.describe.title"), "team_facts", draw)


@page(May.design_teams)
@require_POST
def change(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Change one answer, as the page of a conflict offers it."""
    draft = drafts.find(here, number)
    key, value = request.POST.get("key", ""), request.POST.get("value", "")
    model = mending.mended(draft.model, key, value)
    if model is None:
        raise Http404
    saved = drafts.save(here, number, draft.edition, model)
    done = "teams.describe.clash_again" if isinstance(saved, Clash) else "teams.describe.changed"
    messages.success(request, text(done))
    return redirect(f"{here.home}teams/describe/{number}/")


@page(May.design_teams)
@require_POST
def bring_back(request: HttpRequest, here: Standing, number: int, edition: int) -> HttpResponse:
    """Answer as in an earlier edition again."""
    drafts.bring_back(here, number, edition)
    messages.success(request, text("teams.describe.brought_back", n=edition))
    return redirect(f"{here.home}teams/describe/{number}/")


@page(May.design_teams)
@require_safe
def as_file(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """The team model as the file that the command line reads."""
    draft = drafts.find(here, number)
    words = as_toml(draft.model, here.place.name, number)
    response = HttpResponse(words, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="team-model-{number}.toml"'
    return response


@page(May.design_teams)
@require_POST
def run(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Look for a plan under the answers as they are."""
    drafts.run(here, number)
    return redirect(f"{here.home}teams/describe/{number}/run/")


@page(May.design_teams)
@require_safe
def running(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """How far the search for a plan is; its plan once there is one."""
    show_current(request)
    draft = drafts.find(here, number)
    if draft.job is None:
        return redirect(f"{here.home}teams/describe/{number}/")

    def done(job: Any) -> HttpResponse:
        return redirect(f"{here.home}teams/plans/{job.result['plan_id']}/")

    title = text("teams.run.title", n=number)
    back = (text("teams.run.back"), f"{here.home}teams/describe/{number}/")
    again = f"{here.home}teams/describe/{number}/start/"
    return follow(request, here, draft.job, title, done, back=back, again=again, best=True)


urlpatterns = [
    path("<kind>/<code>/teams/describe/<int:number>/", describe, name="teams-describe"),
    path("<kind>/<code>/teams/describe/<int:number>/line/", line, name="teams-line"),
    path("<kind>/<code>/teams/describe/<int:number>/change/", change, name="teams-change"),
    path("<kind>/<code>/teams/describe/<int:number>/model.toml", as_file, name="teams-file"),
    path("<kind>/<code>/teams/describe/<int:number>/start/", run, name="teams-start"),
    path("<kind>/<code>/teams/describe/<int:number>/run/", running, name="teams-run"),
    path(
        "<kind>/<code>/teams/describe/<int:number>/back/<int:edition>/",
        bring_back,
        name="teams-back",
    ),
]

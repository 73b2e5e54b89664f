"""A plan beside today's teams and those made by hand; what can be done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from hamlets.web.pages.answered import show_current
from hamlets.web.pages.teams_jobs import follow, to_job
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import comparing, doing, drawing, files, overview, stored
from hamlets.web.teamwork.drafts import of_plan
from hamlets.web.words import text


@page(May.design_teams)
@require_safe
def compare(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """A plan with its proof, its teams, who moves and what could be otherwise."""
    show_current(request)
    kept = stored.plan_of(here, plan)
    context = {
        **comparing.shown(kept, overview.known_names(here)),
        "trade_off": drawing.trade_off(kept.plan),
        "draft": of_plan(here, plan),
        "made_files": files.made(here, kept),
        "address": f"{here.home}teams/plans/{plan}/",
    }
    return render(request, "teams/plan.html", context)


@page(May.design_teams)
@require_POST
def propose(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """Say that a plan is put to the GPs and the patient group."""
    return to_job(here, doing.propose(here, plan))


@page(May.design_teams)
@require_safe
def working(request: HttpRequest, here: Standing, job: str) -> HttpResponse:
    """How far a job about a plan is, and then what it made."""
    show_current(request)
    found = doing.find(here, job)
    plan = found.question.get("plan")
    address = f"{here.home}teams/plans/{plan}/" if plan else f"{here.home}teams/"
    back = (text("teams.run.back_plan" if plan else "teams.run.back_teams"), address)

    def done(ended: Any) -> HttpResponse:
        if ended.kind == "hand_try":
            return redirect(f"{address}move/{ended.pk}/")
        said = f"teams.done.{ended.kind}"
        messages.success(request, text(said))
        made = ended.result.get("plan_id", plan)
        end = "#files" if ended.kind == "plan_files" else ""
        return redirect(f"{here.home}teams/plans/{made}/{end}")

    return follow(request, here, found, text(f"teams.doing.{found.kind}"), done, back=back)


urlpatterns = [
    path("<kind>/<code>/teams/plans/<plan>/", compare, name="teams-plan"),
    path("<kind>/<code>/teams/plans/<plan>/propose/", propose, name="teams-propose"),
    path("<kind>/<code>/teams/jobs/<job>/", working, name="teams-work"),
]

"""Changing a plan by hand: somebody to another team, what it costs, kept or undone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from hamlets.web.forms.fields import Look, SelectField
from hamlets.web.pages.answered import show_current
from hamlets.web.pages.teams_jobs import follow, to_job
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import by_hand, comparing, doing, stored
from hamlets.web.words import text


class MoveForm(forms.Form):
    """Who goes to which team."""

    def __init__(self, plan: Any, data: Any = None) -> None:
        super().__init__(data)
        self.plan = plan
        look = Look(label_size="s")
        self.fields["staff"] = SelectField(
            text("teams.move.staff"),
            [("", text("teams.move.choose_person")), *by_hand.people_of(plan)],
            look=look,
        )
        self.fields["team"] = SelectField(
            text("teams.move.team"),
            [("", text("teams.move.choose_team")), *by_hand.teams_of(plan)],
            look=look,
        )

    def clean(self) -> dict[str, Any]:
        """Check that the team is another one."""
        given = super().clean() or {}
        staff, team = given.get("staff"), given.get("team")
        if staff and team and by_hand.is_in(self.plan, staff, team):
            self.add_error("team", text("teams.move.same_team"))
        return given


@page(May.design_teams)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """Choose who goes to which team."""
    show_current(request)
    kept = stored.plan_of(here, plan)
    form = MoveForm(kept.plan, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        job = doing.try_by_hand(here, plan, given["staff"], given["team"])
        return redirect(f"{here.home}teams/plans/{plan}/move/{job.pk}/")
    context = {
        "form": form,
        "kept": kept,
        "title": comparing.plan_title(kept.plan),
        "cards": comparing.shown(kept)["cards"],
        "address": f"{here.home}teams/plans/{plan}/",
    }
    return render(request, "teams/move.html", context, status=422 if form.errors else 200)


@page(May.design_teams)
@require_http_methods(["GET", "HEAD", "POST"])
def moved(request: HttpRequest, here: Standing, plan: str, job: str) -> HttpResponse:
    """What the change does; keep it as a new plan, or leave the plan as it is."""
    show_current(request)
    kept = stored.plan_of(here, plan)
    found = doing.find(here, job)
    if found.kind != "hand_try" or found.question["plan"] != plan:
        raise Http404
    address = f"{here.home}teams/plans/{plan}/"

    def done(ended: Any) -> HttpResponse:
        if request.method == "POST":
            keeping = doing.keep_by_hand(
                here, plan, ended.question["staff"], ended.question["team"]
            )
            return to_job(here, keeping)
        context = {
            "kept": kept,
            "title": comparing.plan_title(kept.plan),
            "tried": by_hand.tried_words(ended.result),
            "address": address,
        }
        return render(request, "teams/moved.html", context)

    back = (text("teams.move.back"), f"{address}move/")
    return follow(request, here, found, text("teams.doing.hand_try"), done, back=back)


urlpatterns = [
    path("<kind>/<code>/teams/plans/<plan>/move/", move, name="teams-move"),
    path("<kind>/<code>/teams/plans/<plan>/move/<job>/", moved, name="teams-moved"),
]

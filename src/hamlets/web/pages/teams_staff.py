"""Somebody leaves, joins, is away or works other sessions: the lists made anew; who moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from hamlets.web.answers.versions import Version
from hamlets.web.audit.chain import note
from hamlets.web.forms.fields import DateField, Look, RadiosField, SelectField, TextField
from hamlets.web.pages.answered import answer_page, show_current
from hamlets.web.pages.teams_forms import PercentField
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import comparing, doing, stored
from hamlets.web.words import text

KINDS = ("leaver", "leave", "sessions", "joiner")
_EACH_PAGE = 50
_BOLD = Look(label_size="s")


class StaffForm(forms.Form):
    """What changes, for whom and when."""

    def __init__(self, here: Standing, facts: Any, data: Any = None, **initial: str) -> None:
        super().__init__(data)
        gps = [each for each in facts["staff"] if each["gp"]]
        plans = stored.plans_of(here).kept
        teams = dict.fromkeys(
            team.name
            for kept in plans
            if kept.standing.state == "adopted"
            for team in kept.plan.teams
        ) or dict.fromkeys(team["name"] for team in facts["teams_now"])
        self.fields["kind"] = RadiosField(
            text("teams.staff.kind"),
            [(kind, text(f"teams.staff.{kind}")) for kind in KINDS],
            initial=initial.get("kind", KINDS[0]),
            look=Look(label_size="m"),
        )
        self.fields["who"] = SelectField(
            text("teams.staff.who"),
            [("", text("teams.staff.choose")), *((each["id"], each["name"]) for each in gps)],
            required=False,
            initial=initial.get("who", ""),
            look=_BOLD,
        )
        self.fields["new"] = TextField(
            text("teams.staff.new"), hint=text("teams.staff.new_hint"), required=False,
            max_length=80, look=Look(width=20, label_size="s"),
        )  # fmt: skip
        self.fields["day"] = DateField(
            text("teams.staff.day"), hint=text("teams.staff.day_hint"), required=False, look=_BOLD
        )
        self.fields["until"] = DateField(
            text("teams.staff.until"), hint=text("teams.staff.until_hint"), required=False,
            look=_BOLD,
        )  # fmt: skip
        self.fields["sessions"] = PercentField(
            text("teams.staff.sessions_week"), least=0, most=20, required=False,
            hint=text("teams.staff.sessions_hint"), look=Look(width=4, label_size="s"),
        )  # fmt: skip
        self.fields["team"] = SelectField(
            text("teams.staff.team"),
            [("", text("teams.staff.any_team")), *((name, name) for name in teams)],
            required=False,
            look=_BOLD,
        )
        self.fields["plan"] = SelectField(
            text("teams.staff.start"),
            [
                ("", text("teams.staff.today")),
                *(
                    (each.plan.plan_id, text("teams.plan.short", n=each.plan.number))
                    for each in plans
                ),
            ],
            required=False,
            look=_BOLD,
        )

    def clean(self) -> dict[str, Any]:
        """Check what each kind of change needs."""
        given: dict[str, Any] = super().clean() or {}
        kind = given.get("kind")
        if kind == "joiner" and not (given.get("new") or given.get("who")):
            self.add_error("new", text("teams.staff.new_missing"))
        if kind in ("leaver", "leave", "sessions") and not given.get("who"):
            self.add_error("who", text("teams.staff.who_missing"))
        if kind == "leave" and not given.get("until") and "until" not in self.errors:
            self.add_error("until", text("teams.staff.until_missing"))
        if kind == "sessions" and given.get("sessions") is None and "sessions" not in self.errors:
            self.add_error("sessions", text("teams.staff.sessions_missing"))
        return given

    def as_change(self) -> dict[str, Any]:
        """Return the change as a job takes it."""
        given = self.cleaned_data
        kind = given["kind"]
        joins = kind == "joiner"

        def iso(day: date | None) -> str | None:
            return day.isoformat() if day else None

        return {
            "change": kind,
            "staff": (given["new"].strip() or given["who"]) if joins else given["who"],
            "day": iso(given["day"]),
            "until": iso(given["until"]) if kind == "leave" else None,
            "sessions": given["sessions"] if kind in ("joiner", "sessions") else None,
            "team": given["team"] or None if joins else None,
            "plan": given["plan"] or None,
        }


@page(May.design_teams)
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, here: Standing) -> HttpResponse:
    """Say what changes among the GPs; a plan for it is made."""

    def draw(facts: dict[str, Any], _version: Version) -> HttpResponse:
        asked = {key: request.GET[key] for key in ("kind", "who") if key in request.GET}
        form = StaffForm(here, facts, request.POST or None, **asked)
        if request.method == "POST" and form.is_valid():
            job = doing.change_staff(here, form.as_change())
            return redirect(f"{here.home}teams/work/{job.pk}/")
        context = {"form": form}
        return render(request, "teams/staff.html", context, status=422 if form.errors else 200)

    return answer_page(request, here, text("teams.staff.title"), "team_facts", draw)


@page(May.design_teams)
@require_safe
def who(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """The patients who would have another named GP; the look is in the audit log."""
    show_current(request)
    kept = stored.plan_of(here, plan)
    given = request.GET.get("page", "1")
    number = int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 6 else 1

    def draw(found: dict[str, Any], _version: Version) -> HttpResponse:
        rows = found["rows"]
        of = max(1, -(-len(rows) // _EACH_PAGE))
        at = min(max(1, number), of)
        note(here, "patients of a plan opened", plan, page=at)
        context = {
            "kept": kept,
            "title": comparing.plan_title(kept.plan),
            "rows": rows[(at - 1) * _EACH_PAGE : at * _EACH_PAGE],
            "count": len(rows),
            "gone": found["gone"],
            "number": at,
            "of": of,
        }
        return render(request, "teams/who.html", context)

    return answer_page(request, here, text("teams.who.title"), "plan_patients", draw, plan=plan)


urlpatterns = [
    path("<kind>/<code>/teams/staff/", staff, name="teams-staff"),
    path("<kind>/<code>/teams/plans/<plan>/who/", who, name="teams-who"),
]

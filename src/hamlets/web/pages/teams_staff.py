"""Somebody leaves, joins, is away or works other sessions: the lists made anew; who moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from hamlets.web.answers.versions import Version
from hamlets.web.audit.chain import note
from hamlets.web.forms.fields import DateField, Look, SelectField, TextField
from hamlets.web.pages.answered import answer_page, show_current
from hamlets.web.pages.teams_forms import PercentField
from hamlets.web.pages.teams_jobs import to_job
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import comparing, doing, stored
from hamlets.web.words import text

KINDS = ("leaver", "leave", "sessions", "joiner")
_EACH_PAGE = 50
_BOLD = Look(label_size="s")


_FIELDS = {
    "leaver": ("who", "day", "plan"),
    "leave": ("who", "day", "until", "plan"),
    "sessions": ("who", "sessions", "day", "plan"),
    "joiner": ("who", "new", "day", "sessions", "team", "plan"),
}
"""What is asked for each kind of change."""


class StaffForm(forms.Form):
    """What changes, for whom and when."""

    def __init__(
        self, here: Standing, facts: Any, kind: str, data: Any = None, who: str = ""
    ) -> None:
        super().__init__(data)
        self.kind = kind
        self._plans = stored.plans_of(here).kept
        makers = {
            "who": lambda: self._who(facts, who),
            "new": self._new,
            "day": self._day,
            "until": self._until,
            "sessions": self._sessions,
            "team": lambda: self._team(facts),
            "plan": self._plan,
        }
        for name in _FIELDS[kind]:
            self.fields[name] = makers[name]()

    def _who(self, facts: Any, who: str) -> SelectField:
        gps = [(each["id"], each["name"]) for each in facts["staff"] if each["gp"]]
        if who and all(who != each for each, _ in gps):
            # somebody who has left is on no list of staff any more
            gone = {each["id"]: each["name"] for each in facts["leaving"]}
            gps += [(who, gone[who])] if who in gone else []
        joins = self.kind == "joiner"
        return SelectField(
            text("teams.staff.who"),
            [("", text("teams.staff.somebody_new" if joins else "teams.staff.choose")), *gps],
            required=not joins,
            missing=text("teams.staff.who_missing"),
            initial=who,
            look=_BOLD,
        )

    def _new(self) -> TextField:
        return TextField(
            text("teams.staff.new"), hint=text("teams.staff.new_hint"), required=False,
            max_length=80, look=Look(width=20, label_size="s"),
        )  # fmt: skip

    def _day(self) -> DateField:
        words, hint = text(f"teams.staff.day_{self.kind}"), text("teams.staff.day_hint")
        return DateField(words, hint=hint, required=False, look=_BOLD)

    def _until(self) -> DateField:
        return DateField(
            text("teams.staff.until"), missing=text("teams.staff.until_missing"), look=_BOLD
        )

    def _sessions(self) -> PercentField:
        return PercentField(
            text("teams.staff.sessions_week"), least=0, most=20, required=self.kind == "sessions",
            missing=text("teams.staff.sessions_missing"), look=Look(width=4, label_size="s"),
        )  # fmt: skip

    def _team(self, facts: Any) -> SelectField:
        adopted = [kept for kept in self._plans if kept.standing.state == "adopted"]
        names = [team.name for kept in adopted for team in kept.plan.teams]
        names = names or [team["name"] for team in facts["teams_now"]]
        choices = [("", text("teams.staff.any_team")), *((name, name) for name in names)]
        return SelectField(text("teams.staff.team"), choices, required=False, look=_BOLD)

    def _plan(self) -> SelectField:
        plans = [
            (each.plan.plan_id, text("teams.plan.short", n=each.plan.number))
            for each in self._plans
        ]
        choices = [("", text("teams.staff.today")), *plans]
        return SelectField(text("teams.staff.start"), choices, required=False, look=_BOLD)

    def clean(self) -> dict[str, Any]:
        """Check that it is said who joins."""
        given: dict[str, Any] = super().clean() or {}
        if self.kind == "joiner" and not (given.get("new") or given.get("who")):
            self.add_error("new", text("teams.staff.new_missing"))
        return given

    def as_change(self) -> dict[str, Any]:
        """Return the change as a job takes it."""
        given = self.cleaned_data

        def iso(name: str) -> str | None:
            day: date | None = given.get(name)
            return day.isoformat() if day else None

        return {
            "change": self.kind,
            "staff": (given.get("new") or "").strip() or given["who"],
            "day": iso("day"),
            "until": iso("until"),
            "sessions": given.get("sessions"),
            "team": given.get("team") or None,
            "plan": given.get("plan") or None,
        }


@page(May.design_teams)
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, here: Standing) -> HttpResponse:
    """Say what changes among the GPs; a plan for it is made."""

    def draw(facts: dict[str, Any], _version: Version) -> HttpResponse:
        given = request.POST if request.method == "POST" else request.GET
        kind = given.get("kind", "")
        if kind not in KINDS:
            return render(request, "teams/staff_kinds.html", {"kinds": KINDS})
        form = StaffForm(here, facts, kind, request.POST or None, request.GET.get("who", ""))
        if request.method == "POST" and form.is_valid():
            job = doing.change_staff(here, form.as_change())
            return to_job(here, job)
        context = {"form": form, "kind": kind}
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

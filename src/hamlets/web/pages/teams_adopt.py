"""Check before you adopt, adopt, take back; the files of a plan (pages.md 3.6)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hamlets.publish import numbers
from hamlets.web.answers.asking import Stopped, ask
from hamlets.web.answers.versions import Version
from hamlets.web.audit.chain import note
from hamlets.web.forms.fields import CheckboxField, DateField, Look
from hamlets.web.pages.answered import answer_page, show_current
from hamlets.web.pages.teams_jobs import to_job
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.teamwork import comparing, doing, files, stored
from hamlets.web.words import text

_TICKS = ("seen", "words")


class FirstDayForm(forms.Form):
    """From which day a plan is followed."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["first"] = DateField(
            text("teams.adopt.first"), hint=text("teams.adopt.first_hint"),
            look=Look(label_size="m"),
        )  # fmt: skip


class AdoptForm(forms.Form):
    """What must be done before a plan is adopted."""

    def __init__(self, data: Any = None, *, force: bool = False) -> None:
        super().__init__(data)
        for name in _TICKS:
            words = text(f"teams.adopt.{name}")
            self.fields[name] = CheckboxField(words, missing=text(f"teams.adopt.{name}_missing"))
        if force:
            missing = text("teams.adopt.force_missing")
            self.fields["force"] = CheckboxField(text("teams.adopt.force"), missing=missing)


@page(May.adopt_plans)
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """Check what adopting a plan from a day on would do, and adopt it."""
    show_current(request)
    kept = stored.plan_of(here, plan)
    if kept.followed:
        return redirect(f"{here.home}teams/plans/{plan}/")
    sent = request.GET if "first-day" in request.GET else None
    first = FirstDayForm(sent)
    chosen = next_first(date.today())
    if sent is not None:
        if not first.is_valid():
            context = _context(kept, first, None, None, None)
            return render(request, "teams/adopt.html", context, status=422)
        chosen = first.cleaned_data["first"]
    else:
        first = FirstDayForm(_as_boxes(chosen))

    def draw(found: dict[str, Any], _version: Version) -> HttpResponse:
        force = kept.plan.status == "infeasible"
        form = AdoptForm(request.POST if request.method == "POST" else None, force=force)
        if request.method == "POST" and form.is_valid():
            job = doing.adopt(here, plan, chosen, force=force, ticked=list(form.fields))
            return to_job(here, job)
        context = _context(kept, first, form, chosen, found)
        return render(request, "teams/adopt.html", context, status=422 if form.errors else 200)

    def refused(ended: Stopped) -> HttpResponse:
        first.add_error("first", f"{ended.job.message} {ended.job.hint}".strip())
        context = _context(kept, first, None, None, None)
        return render(request, "teams/adopt.html", context, status=422)

    question = {"plan": plan, "first": chosen.isoformat(), "today": date.today().isoformat()}
    ended = ask(here, "plan_check", **question)
    if isinstance(ended, Stopped) and ended.refused:
        return refused(ended)
    title = text("teams.adopt.title")
    return answer_page(request, here, title, "plan_check", draw, **question)


def next_first(today: date) -> date:
    """Return the first day of the month after next: letters take their time."""
    months = today.year * 12 + today.month + 1
    return date(months // 12, months % 12 + 1, 1)


def _as_boxes(day: date) -> dict[str, str]:
    parts = (("day", day.day), ("month", day.month), ("year", day.year))
    return {f"first-{box}": str(number) for box, number in parts}


def _context(
    kept: stored.Kept, first: FirstDayForm, form: Any, chosen: date | None, found: Any
) -> dict[str, Any]:
    which, broken = comparing.conflict_words(kept.plan)
    return {
        "kept": kept,
        "plan": kept.plan,
        "title": comparing.plan_title(kept.plan),
        "first": first,
        "form": form,
        "chosen": numbers.day(chosen) if chosen else "",
        "found": found,
        "which": which,
        "broken": broken,
        "past": chosen is not None and chosen < date.today(),
    }


@page(May.adopt_plans)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """Ask whether an adopted plan is to be taken back before its day, and do it."""
    show_current(request)
    kept = stored.plan_of(here, plan)
    until = comparing.until_words(kept)
    if not until:
        return redirect(f"{here.home}teams/plans/{plan}/")
    if request.method == "POST":
        return to_job(here, doing.withdraw(here, plan))
    context = {"kept": kept, "title": comparing.plan_title(kept.plan), "until": until}
    return render(request, "teams/withdraw.html", context)


@page(May.adopt_plans)
@require_POST
def make_files(request: HttpRequest, here: Standing, plan: str) -> HttpResponse:
    """Have the files of a plan made."""
    return to_job(here, doing.make_files(here, plan))


@page(May.adopt_plans)
@require_safe
def download(request: HttpRequest, here: Standing, plan: str, file: str) -> HttpResponse:
    """One file of a plan; each download is in the audit log."""
    kept = stored.plan_of(here, plan)
    found = files.find(here, kept, file)
    if found is None:
        raise Http404
    note(here, "file of a plan downloaded", plan, file=file)
    response = HttpResponse(found.read_bytes(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{plan}-{file}"'
    return response


urlpatterns = [
    path("<kind>/<code>/teams/plans/<plan>/adopt/", adopt, name="teams-adopt"),
    path("<kind>/<code>/teams/plans/<plan>/withdraw/", withdraw, name="teams-withdraw"),
    path("<kind>/<code>/teams/plans/<plan>/files/", make_files, name="teams-files"),
    path("<kind>/<code>/teams/plans/<plan>/files/<file>", download, name="teams-download"),
]

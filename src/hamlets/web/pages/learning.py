"""Noting a learning point on a case of an audit (pages.md 3.4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from hamlets.web.answers.versions import Version
from hamlets.web.forms.fields import Look, TextareaField
from hamlets.web.learning import keeping
from hamlets.web.pages.answered import answer_page
from hamlets.web.pages.audits import asked_event, case_address, case_name
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.words import text


class PointForm(forms.Form):
    """A learning point, in a few sentences."""

    words = TextareaField(
        text("learning.label"),
        hint=text("learning.hint"),
        missing=text("learning.missing"),
        max_length=keeping.LONGEST,
        look=Look(label_size="m"),
    )


@page(May.open_cases)
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, here: Standing, case: int) -> HttpResponse:
    """Ask what a case taught, and keep it beside the case."""
    event = asked_event(request)

    def draw(body: dict[str, Any], version: Version) -> HttpResponse:
        found = next((each for each in body["cases"] if each["number"] == case), None)
        if found is None:
            raise Http404
        back = case_address(here, case, event, version)
        form = PointForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            keeping.note(here, event, found, form.cleaned_data["words"])
            messages.success(request, text("learning.kept"))
            return redirect(f"{back}#learning")
        context = {
            "form": form,
            "case_name": case_name(case),
            "back": back,
            "title": text("audits.title", event=body["words"]),
        }
        status = 422 if form.errors else 200
        return render(request, "audits/learning.html", context, status=status)

    return answer_page(request, here, case_name(case), "cases", draw, event=event)


@page(May.open_cases)
@require_POST
def take_back(request: HttpRequest, here: Standing, point: int) -> HttpResponse:
    """Take back a point of one's own."""
    event = asked_event(request)
    if not keeping.take_back(here, point):
        raise Http404
    messages.success(request, text("learning.taken_back"))
    return redirect(f"{here.home}audits/?event={event}#learning")


urlpatterns = [
    path("<kind>/<code>/audits/case/<int:case>/learning/", note, name="audit-learning"),
    path("<kind>/<code>/audits/learning/<int:point>/", take_back, name="audit-learning-back"),
]

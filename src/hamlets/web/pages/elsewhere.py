"""Looking up one patient of another practice of the network, and who did so here (web.md)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from hamlets.web.forms.fields import DateField, Look, RadiosField, TextField
from hamlets.web.pages.answered import nothing_loaded, show_current
from hamlets.web.pages.patients import now
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.reading import elsewhere as reading
from hamlets.web.reading.patients import LEAST_LETTERS, is_whole
from hamlets.web.words import text


class LookForm(forms.Form):
    """Where, whom and why."""

    def __init__(
        self, practices: list[reading.Other], names: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        self.fields["practice"] = RadiosField(
            text("elsewhere.practice"),
            [(other.code, other.name) for other in practices],
            missing=text("elsewhere.need_practice"),
        )
        hint = "elsewhere.number_hint" if names else "elsewhere.number_only_hint"
        self.fields["number"] = TextField(
            text("elsewhere.number"), hint=text(hint), max_length=80, autocomplete="off",
            required=not names, missing=text("elsewhere.need_number"), look=Look(width=30),
        )  # fmt: skip
        if names:
            self.fields["name"] = TextField(
                text("elsewhere.name"), max_length=80, autocomplete="off", required=False,
                look=Look(width=20),
            )  # fmt: skip
            self.fields["born"] = DateField(text("elsewhere.born"), required=False)
        self.fields["reason"] = RadiosField(
            text("elsewhere.reason_field"),
            [(reason, reading.reason_words(reason)) for reason in reading.REASONS],
            missing=text("elsewhere.need_reason"),
        )

    def clean(self) -> dict[str, Any]:
        """Return the answers; a whole number, or a name with a birth date, is among them."""
        given: dict[str, Any] = super().clean() or {}
        number = str(given.get("number") or "").strip()
        name = str(given.get("name") or "").strip()
        enough = sum(letter.isalnum() for letter in name) >= LEAST_LETTERS and given.get("born")
        if number and not is_whole(number):
            self.add_error("number", ValidationError(text("elsewhere.need_number")))
        elif not number and not enough and not self.errors:
            key = "elsewhere.need" if self.names else "elsewhere.need_number"
            self.add_error("number", ValidationError(text(key)))
        return given

    def wanted(self) -> reading.Wanted:
        """Return whom to look for; a number goes before a name."""
        given = self.cleaned_data
        number = given["number"].strip()
        if number:
            return reading.Wanted(number=number)
        return reading.Wanted(name=given["name"], born=given["born"])


@page(May.find_patient)
@require_http_methods(["GET", "HEAD", "POST"])
def elsewhere(request: HttpRequest, here: Standing) -> HttpResponse:
    """Ask for one patient of another practice, and show who looks after them."""
    version = show_current(request)
    if version is None:
        return nothing_loaded(request, text("elsewhere.title"))
    others = reading.practices(here)
    context: dict[str, Any] = {"form": None, "look": None, "nobody": "", "why": why_not(here)}
    if not others:
        return render(request, "patients/elsewhere.html", context)
    posted = request.POST if request.method == "POST" else None
    form = LookForm(others, version.identifiable, posted)
    context["form"] = form
    if posted is not None and form.is_valid():
        today, minute = now()
        given = form.cleaned_data
        try:
            context["look"] = reading.look(
                here, version, today, minute, given["practice"], form.wanted(), given["reason"]
            )
        except reading.SeveralMatchError:
            form.add_error("number", text("elsewhere.several"))
        else:
            place = next(other.name for other in others if other.code == given["practice"])
            context["nobody"] = text("elsewhere.none", place=place)
    return render(request, "patients/elsewhere.html", context, status=422 if form.errors else 200)


def why_not(here: Standing) -> str:
    """Return why no other practice's patients can be looked up from here."""
    if not reading.is_shared_staff(here):
        return text("elsewhere.not_yours")
    if not reading.shares(here):
        return text("elsewhere.off", place=here.place.name)
    return text("elsewhere.nobody")


@page(May.change_words)
@require_safe
def looks(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return who of other practices looked up which patient of this one."""
    show_current(request)
    return render(request, "patients/looks.html", {"looks": reading.looks(here)})


urlpatterns = [
    path("<kind>/<code>/patients/elsewhere/", elsewhere, name="patients-elsewhere"),
    path("<kind>/<code>/patients/looks/", looks, name="patient-looks"),
]

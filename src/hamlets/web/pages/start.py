"""The front door, and the first start of a site (pages.md 3.11)."""

from __future__ import annotations

import hmac
import re
from typing import Any, cast

from django import forms
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from hamlets.web.forms.fields import EmailField, PasswordField, RadiosField, TextField
from hamlets.web.people import starting
from hamlets.web.places.standing import places_of
from hamlets.web.words import text

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}")


class SetUpForm(forms.Form):
    """The first administrator and the site's first place."""

    name = TextField(text("first.your_name"), max_length=120, autocomplete="name")
    email = EmailField(text("first.your_email"))
    password = PasswordField(
        text("first.password"),
        hint=text("people.form_password_hint"),
        autocomplete="new-password",
    )
    place_kind = RadiosField(
        text("first.kind"),
        [("practice", text("first.kind_practice")), ("network", text("first.kind_network"))],
        initial="practice",
    )
    place_name = TextField(text("first.place_name"), max_length=160)
    place_code = TextField(text("first.place_code"), hint=text("first.place_code_hint"))

    def clean_place_code(self) -> str:
        """Return the code, which also is part of the place's address."""
        code = str(self.cleaned_data["place_code"]).strip()
        if not _CODE.fullmatch(code):
            raise ValidationError(text("first.place_code_wrong"))
        return code


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send people to their first place, or to the sign-in page."""
    if not request.user.is_authenticated:
        return redirect_to_login("/")
    places = places_of(cast(Any, request.user))
    return redirect(places[0].home) if places else render(request, "start/no_place.html")


@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the set-up link."""
    if starting.is_set_up():
        return render(request, "start/already.html", status=410)
    if not hmac.compare_digest(token.encode(), starting.set_up_token().encode()):
        raise Http404
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = starting.set_up(starting.FirstAnswers(**form.cleaned_data))
        except ValidationError as weak:
            form.add_error("password", weak)
        else:
            if person is not None:
                login(request, person, "allauth.account.auth_backends.AuthenticationBackend")
            return redirect("start")
    return render(request, "start/set_up.html", {"form": form}, status=422 if form.errors else 200)


urlpatterns = [
    path("", start, name="start"),
    path("set-up/<token>/", set_up, name="set-up"),
]

"""People and roles of a place, and its audit log (pages.md 3.10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hamlets.web.audit.reading import entries_at, proof_line
from hamlets.web.forms.fields import EmailField, Look, PasswordField, RadiosField, TextField
from hamlets.web.pages.answered import show_current
from hamlets.web.people import inviting
from hamlets.web.people.steps import second_steps
from hamlets.web.places import giving, sharing
from hamlets.web.places.giving import RoleRefusedError
from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing, managers_at, page
from hamlets.web.words import text

_PLACES = (Kind.region, Kind.borough, Kind.network, Kind.practice)


class InviteForm(forms.Form):
    """Who is invited, and as what."""

    def __init__(self, here: Standing, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = giving.roles_to_give(here)
        self.fields["name"] = TextField(text("people.form_name"), max_length=120)
        self.fields["email"] = EmailField(text("people.form_email"))
        self.fields["role"] = RadiosField(
            text("people.form_role"),
            [(role.key, role.name) for role in roles],
            look=Look(hints={role.key: role.sentence for role in roles}),
        )


class AcceptForm(forms.Form):
    """The password that somebody invited chooses."""

    password = PasswordField(
        text("people.form_password"),
        hint=text("people.form_password_hint"),
        autocomplete="new-password",
    )


@page(May.manage_people, kinds=_PLACES)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, here: Standing) -> HttpResponse:
    """Who holds which role here, who is invited, and a form to invite somebody."""
    show_current(request)
    form = InviteForm(here, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _invited(request, here, form)
        except RoleRefusedError as refused:
            form.add_error("role", refused.message)
    holdings = giving.held_at(here)
    steps = second_steps([holding.person for holding in holdings])
    context = {
        "form": form,
        "holdings": holdings,
        "steps": steps,
        "invitations": inviting.open_at(here),
        "shared": sharing.switches(here) if here.place.kind == Kind.practice else (),
    }
    return render(request, "people/people.html", context, status=422 if form.errors else 200)


def _invited(request: HttpRequest, here: Standing, form: InviteForm) -> HttpResponse:
    given = form.cleaned_data
    invited = inviting.invite(here, given["email"], given["name"], given["role"])
    if invited.invitation is None:
        messages.success(request, text("people.role_given", name=given["name"]))
        return redirect(f"{here.home}people/")
    link = request.build_absolute_uri(reverse("invitation", args=[invited.token]))
    sent = inviting.send(invited.invitation, link)
    context = {"invitation": invited.invitation, "link": link, "sent": sent}
    return render(request, "people/invited.html", context)


@page(May.manage_people, kinds=_PLACES)
@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: HttpRequest, here: Standing, holding: int) -> HttpResponse:
    """Ask whether a role should end, and end it."""
    show_current(request)
    found = next((one for one in giving.held_at(here) if one.pk == holding), None)
    if found is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            giving.end(here, holding)
        except RoleRefusedError as refused:
            problem = refused.message
        else:
            messages.success(request, text("people.role_ended", name=found.person.name))
            return redirect(f"{here.home}people/" if found.person != here.person else "/")
    context = {"holding": found, "problem": problem}
    return render(request, "people/end_role.html", context, status=409 if problem else 200)


@page(May.share_data)
@require_POST
def switch_sharing(request: HttpRequest, here: Standing, subject: str) -> HttpResponse:
    """Switch the sharing of one subject on or off."""
    if subject not in sharing.SUBJECTS:
        raise Http404
    sharing.switch(here, subject, on=request.POST.get("on") == "yes")
    return redirect(f"{here.home}people/#sharing")


@page(May.see_audit_log, kinds=_PLACES)
@require_safe
def log(request: HttpRequest, here: Standing) -> HttpResponse:
    """The audit log of this place, newest first; of one person who holds a role here, or all."""
    show_current(request)
    wanted = request.GET.get("of", "")
    held = next((one for one in giving.held_at(here) if str(one.pk) == wanted), None)
    if wanted and held is None:
        raise Http404
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None
    context = {
        "log": entries_at(here, before, held.person if held else None),
        "before": before,
        "held": held,
        "proof": proof_line(),
    }
    return render(request, "people/log.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: choose a password, once."""
    found = inviting.find(token)
    if found is None:
        raise Http404
    if not found.is_open():
        names = [person.name for person in managers_at(found.place)]
        return render(request, "people/link_used.html", {"names": names}, status=410)
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = inviting.accept(token, form.cleaned_data["password"])
        except ValidationError as weak:
            form.add_error("password", weak)
        except RoleRefusedError as refused:
            form.add_error("password", refused.message)
        else:
            if person is None:
                return redirect(request.path)
            login(request, person, "allauth.account.auth_backends.AuthenticationBackend")
            return redirect("start")
    context = {"invitation": found, "form": form, "role": inviting.role_of(found)}
    return render(request, "people/accept.html", context, status=422 if form.errors else 200)


urlpatterns = [
    path("invitation/<token>/", invitation, name="invitation"),
    path("<kind>/<code>/people/", people, name="people"),
    path("<kind>/<code>/people/<int:holding>/end/", end_role, name="people-end"),
    path("<kind>/<code>/people/sharing/<subject>/", switch_sharing, name="people-sharing"),
    path("<kind>/<code>/log/", log, name="log"),
]

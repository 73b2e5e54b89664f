"""The continuity report and the monthly pack, to keep and to send."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from hamlets.publish import numbers
from hamlets.web.answers.versions import Version
from hamlets.web.audit import chain
from hamlets.web.forms.fields import SelectField, TextField
from hamlets.web.pages.answered import answer_page
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.words import text

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_MOST_THANKS = 200


class PackForm(forms.Form):
    """Which month, and a thank-you that the manager types."""

    def __init__(self, months: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"] = SelectField(
            text("pack_page.month"), [(month, month_name(month)) for month in months]
        )
        self.fields["thanks"] = TextField(
            text("pack_page.thanks"),
            hint=text("pack_page.thanks_hint"),
            required=False,
            max_length=_MOST_THANKS,
        )


def month_name(month: str) -> str:
    """Return "June 2031" for "2031-06"."""
    return numbers.month(date.fromisoformat(f"{month}-01"))


def html_file(name: str, html: str) -> HttpResponse:
    """Return a page as a file to keep: it is saved, never shown with the site's own rights."""
    response = HttpResponse(html, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page(May.see_figures)
@require_safe
def report(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the continuity report as one file."""

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        chain.note(here, "report downloaded")
        return html_file(body["name"], body["html"])

    return answer_page(request, here, text("files.report"), "report_file", draw)


@page(May.make_pack)
@require_safe
def pack(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the form for the pack, or the look at it before it is sent."""

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        form = PackForm(body["months"], request.GET or None)
        if not request.GET.get("month"):
            return render(request, "files/pack.html", {"form": PackForm(body["months"])})
        if not form.is_valid():
            return render(request, "files/pack.html", {"form": form}, status=422)
        asked = form.cleaned_data
        return answer_page(
            request,
            here,
            text("pack_page.title"),
            "pack_file",
            lambda made, version: render(
                request,
                "files/pack_made.html",
                {"made": made, "month": asked["month"], "thanks": asked["thanks"],
                 "name": month_name(asked["month"]), "version": version.number},
            ),
            month=asked["month"],
            thanks=asked["thanks"],
        )  # fmt: skip

    return answer_page(request, here, text("pack_page.title"), "pack_months", draw)


@page(May.make_pack)
@require_safe
def pack_download(request: HttpRequest, here: Standing, month: str) -> HttpResponse:
    """Return the pack that was looked at, as a file or as the text of an e-mail."""
    if not _MONTH.fullmatch(month):
        raise Http404
    thanks = request.GET.get("thanks", "")[:_MOST_THANKS]
    if request.GET.get("as") not in ("page", "mail"):
        return redirect(f"{here.home}pack/?month={month}")

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        chain.note(here, "pack downloaded", month)
        if request.GET["as"] == "page":
            return html_file(body["name"], body["html"])
        response = HttpResponse(body["mail"], content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="pack-{month}.txt"'
        return response

    return answer_page(
        request, here, text("pack_page.title"), "pack_file", draw, month=month, thanks=thanks
    )


urlpatterns = [
    path("<kind>/<code>/report/", report, name="report"),
    path("<kind>/<code>/pack/", pack, name="pack"),
    path("<kind>/<code>/pack/<month>/", pack_download, name="pack-download"),
]

"""Continuity of a practice: how close, for whom, and is it changing? (pages.md 3.3)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from hamlets.web.answers.versions import Version
from hamlets.web.forms.fields import SelectField
from hamlets.web.pages.answered import answer_page, drawn
from hamlets.web.pages.downloads import csv_response
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.words import text

PERIODS = ("3", "6", "12", "24")
ROLES = ("gp", "nurse", "any")
MODES = ("all", "face_to_face", "telephone", "online", "home_visit")
WINDOWS = ("policy", "week", "strict")
_ORDER = ("months", "who", "lists", "teams", "groups", "ways", "counted", "define")
"""Sections in the order of the page; those that are not named here come before "counted"."""


class Filters(forms.Form):
    """Which period, people and ways of contact."""

    months = SelectField(
        text("continuity.period"),
        [(months, text(f"continuity.months_{months}")) for months in PERIODS],
        required=False,
    )
    roles = SelectField(
        text("continuity.people"),
        [(role, text(f"continuity.roles_{role}")) for role in ROLES],
        required=False,
    )
    modes = SelectField(
        text("continuity.ways"),
        [(mode, text(f"continuity.modes_{mode}")) for mode in MODES],
        required=False,
    )
    window = SelectField(
        text("continuity.window"),
        [(window, text(f"continuity.window_{window}")) for window in WINDOWS],
        required=False,
    )


def question(request: HttpRequest) -> tuple[Filters, dict[str, Any]]:
    """Return the filters as they stand and the question they ask; what is not known is left out."""
    usual = {"months": "12", "roles": "gp", "modes": "all", "window": "policy"}
    choices = {"months": PERIODS, "roles": ROLES, "modes": MODES, "window": WINDOWS}
    given = {
        name: value if (value := request.GET.get(name, "")) in choices[name] else default
        for name, default in usual.items()
    }
    asked: dict[str, Any] = {"roles": given["roles"], "modes": given["modes"]}
    asked["months"] = int(given["months"])
    if given["window"] != "policy":
        asked["window"] = given["window"]
    return Filters(initial=given), asked


@page(May.see_figures)
@require_safe
def continuity(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the page, or the state it is in."""
    filters, asked = question(request)

    def draw(body: dict[str, Any], version: Version) -> HttpResponse:
        return _drawn(request, here, filters, body, version)

    return answer_page(
        request, here, text("continuity.title"), "continuity", draw, meanwhile=True, **asked
    )


def _drawn(
    request: HttpRequest, here: Standing, filters: Filters, body: dict[str, Any], version: Version
) -> HttpResponse:
    query = request.GET.copy()
    query["version"] = str(version.number)
    context = {
        "filters": filters,
        "body": body,
        "standard": body["standard"],
        "cards": [{**card, "bar": drawn(card["svg"])} for card in body["cards"]],
        "sections": ordered(body["sections"], body["extra"]),
        "files": sorted(body["csvs"]),
        "query": query.urlencode(),
        "command": command_line(here.practice, body),
    }
    return render(request, "continuity/continuity.html", context)


def ordered(sections: list[Mapping[str, Any]], extra: list[Mapping[str, Any]]) -> list[Any]:
    """Return the sections of this page in its order, each marked as HTML that is safe.

    Sections that have pages of their own (audits, who was working) are not among them, nor
    "In short", which stands at the head.
    """
    found = {part["ident"]: part for part in (*sections, *extra)}
    left_out = ("short", "audits", "workforce")
    order = [ident for ident in _ORDER if ident in found]
    rest = [ident for ident in found if ident not in order and ident not in left_out]
    cut = order.index("counted") if "counted" in order else len(order)
    return [
        {**found[ident], "html": drawn(found[ident]["html"])}
        for ident in (*order[:cut], *rest, *order[cut:])
    ]


def command_line(practice: str, body: Mapping[str, Any]) -> str:
    """Return the question as a command, for whoever wants to ask it again elsewhere."""
    period = body["period"]
    return (
        f"hamlets measure --practice {practice} --from {period['first']}"
        f" --to {period['last']} --measures upc,coc,slicc,opr --ceiling"
    )


@page(May.see_figures)
@require_safe
def continuity_csv(request: HttpRequest, here: Standing, file: str) -> HttpResponse:
    """Return one table of the page as a CSV file."""
    _, asked = question(request)

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        if file not in body["csvs"]:
            raise Http404
        return csv_response(file, body["csvs"][file])

    return answer_page(request, here, text("continuity.title"), "continuity", draw, **asked)


urlpatterns = [
    path("<kind>/<code>/continuity/", continuity, name="continuity"),
    path("<kind>/<code>/continuity/<file>", continuity_csv, name="continuity-csv"),
]

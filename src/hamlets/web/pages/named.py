"""Named GPs of a practice, free wins, and patients to look at first (product.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from hamlets.publish import numbers
from hamlets.web.answers.versions import Version
from hamlets.web.audit import chain
from hamlets.web.pages.answered import answer_page
from hamlets.web.pages.downloads import csv_response
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.words import known, text

WINDOWS = ("policy", "week", "strict")
_ROWS = 100
"""Patients of a list that one page shows; the file has them all."""


@page(May.see_figures)
@require_safe
def named_gps(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the state of the named-GP field."""

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        found = {
            kind: [
                {**each, "words": _finding(each["finding"])}
                for each in body[kind]
                if each["patients"]
            ]
            for kind in ("problems", "warnings")
        }
        context = {
            "health": body,
            "coverage": numbers.in_100(body["coverage"]) if body["registered"] else None,
            "day": date.fromisoformat(body["day"]),
            **found,
        }
        return render(request, "named/named_gps.html", context)

    return answer_page(request, here, text("named.title"), "named_gps", draw, meanwhile=True)


def _finding(finding: str) -> str:
    return text(f"named.finding.{finding}")


@page(May.see_figures)
@require_safe
def free_wins(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return where contacts could have been with the own GP at no cost."""
    given = request.GET.get("window", "")
    window = given if given in WINDOWS else WINDOWS[0]

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        context = {
            "body": body,
            "window": window,
            "windows": WINDOWS,
            "row": _shares(body["practice"]),
            "of_100": _of_100(body["practice"]),
            "first": date.fromisoformat(body["period"]["first"]),
            "last": date.fromisoformat(body["period"]["last"]),
            "said": {"by_weekday": _weekday, "by_hour": _hour},
        }
        return render(request, "named/free_wins.html", context)

    return answer_page(
        request, here, text("free.title"), "free_wins", draw, meanwhile=True, window=window
    )


def _shares(row: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return a row of shares in words; None where nothing could be worked out."""
    if row is None or row["recorded_own"] is None:
        return None
    names = ("recorded_own", "attainable_own", "recorded_team", "attainable_own_or_team",
             "away", "full", "free_wins")  # fmt: skip
    return {name: numbers.in_100(row[name]) for name in names if row[name] is not None}


_PARTS = ("recorded_own", "away", "full", "free_wins")


def _of_100(row: Mapping[str, Any] | None) -> dict[str, int]:
    """Return of 100 contacts those with the own GP, and why the others were not; they add up."""
    if row is None or any(row[name] is None for name in _PARTS):
        return {}
    counted = [round(row[name] * row["n_contacts"]) for name in _PARTS]
    return dict(zip(_PARTS, numbers.to_100(counted), strict=True))


def _weekday(short: str) -> str:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    found = next((name for name in names if name.startswith(short.lower())), short)
    return found.capitalize()


def _hour(clock: str) -> str:
    """Return "4pm to 5pm" for "16:00"; words that are no hour as they are."""
    hour = clock.partition(":")[0]
    if not hour.isdigit():
        return clock
    first, last = (
        f"{h % 12 or 12}{'am' if h % 24 < 12 else 'pm'}" for h in (int(hour), int(hour) + 1)
    )
    return text("free.hour", first=first, last=last)


@page(May.open_cases)
@require_safe
def worklists(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return patients to look at first, and those about to lose their GP."""

    def draw(body: dict[str, Any], version: Version) -> HttpResponse:
        chain.note(here, "worklist opened", patients=len(body["need"]["rows"]))
        leaving = body["leaving"]
        context = {
            "need": body["need"],
            "rows": body["need"]["rows"][:_ROWS],
            "leaving": leaving,
            "leaving_rows": leaving["rows"][:_ROWS] if leaving else [],
            "preset_names": {p["name"]: p["title"] for p in body["need"]["presets"]},
            "shown": _ROWS,
            "version": version.number,
        }
        return render(request, "named/worklists.html", context)

    return answer_page(request, here, text("worklist.title"), "worklist", draw, meanwhile=True)


@page(May.open_cases)
@require_safe
def worklist_csv(request: HttpRequest, here: Standing, name: str) -> HttpResponse:
    """Return one of the two lists whole, as a CSV file; noted like the page."""
    wanted = "leaving" if name == "leaving" else "need"

    def draw(body: dict[str, Any], _version: Version) -> HttpResponse:
        rows = (body[wanted] or {"rows": []})["rows"]
        chain.note(here, "worklist downloaded", list=wanted, patients=len(rows))
        return csv_response(f"{wanted}-{here.practice}.csv", as_csv(rows))

    return answer_page(request, here, text("worklist.title"), "worklist", draw)


def as_csv(rows: list[Mapping[str, Any]]) -> str:
    """Return rows as CSV for spreadsheets: no cell begins a formula."""
    import csv
    import io

    from hamlets.publish.tables import disarm

    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow(list(rows[0]))
    for row in rows:
        cells = ("; ".join(map(str, v)) if isinstance(v, list) else v for v in row.values())
        writer.writerow(["" if cell is None else disarm(cell) for cell in cells])
    return "\ufeff" + out.getvalue()


def leaving_reason(reason: str) -> str:
    """Return why a GP is about to be lost, in words."""
    key = f"worklist.reason.{reason}"
    return text(key) if known(key) else reason


urlpatterns = [
    path("<kind>/<code>/named-gps/", named_gps, name="named-gps"),
    path("<kind>/<code>/free-wins/", free_wins, name="free-wins"),
    path("<kind>/<code>/worklists/", worklists, name="worklists"),
    path("<kind>/<code>/worklists/<name>.csv", worklist_csv, name="worklist-csv"),
]

"""Audits: who held the story before an event, and one patient's timeline (pages.md 3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from hamlets.publish import numbers
from hamlets.web.answers.versions import Version
from hamlets.web.audit import chain
from hamlets.web.learning import keeping
from hamlets.web.pages.answered import answer_page, drawn_for
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.reading.codes import patient_code
from hamlets.web.words import known, text

USUAL = ("cancer_diagnosis", "death")
_WIDE, _LEVELS = 3, 12
"""Places of the strip that a square takes, and squares that can stand on each other."""


def wanted_event(request: HttpRequest, held: list[str] | None = None) -> str:
    """Return the event asked for: one of the usual two, or one that the records hold."""
    given = request.GET.get("event", "")
    return given if given in USUAL or (held is not None and given in held) else USUAL[0]


def asked_event(request: HttpRequest) -> str:
    """Return the event of an address; the usual one where it is not a word."""
    given = request.GET.get("event", USUAL[0])
    return given if given.replace("_", "").isalnum() and len(given) < 60 else USUAL[0]


def event_name(event: str) -> str:
    """Return what people call an event."""
    key = f"audits.event_name.{event}"
    return text(key) if known(key) else event.replace("_", " ").capitalize()


@page(May.see_figures)
@require_safe
def audits(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the audit of one event: the summary, and where allowed the cases."""
    event = asked_event(request)

    def draw(body: dict[str, Any], version: Version) -> HttpResponse:
        held = list(dict.fromkeys([*USUAL, *body["events"]]))
        if event not in held:
            raise Http404
        found = next((each for each in body["audits"] if each["event"] == event), None)
        context: dict[str, Any] = {
            "event": event,
            "events": [(each, event_name(each)) for each in held],
            "title": text("audits.title", event=found["words"]) if found else event_name(event),
            "audit": found,
            "section": drawn_for(here, body["sections"].get(event, {"html": ""})["html"]),
            "cases": [],
            "points": (),
            "case_name": case_name,
            "version": version.number,
        }
        if found is None or not here.may(May.open_cases):
            return render(request, "audits/audits.html", context)

        def with_cases(listed: dict[str, Any], _version: Version) -> HttpResponse:
            context["cases"] = [_row(case) for case in listed["cases"]]
            context["points"] = keeping.points(here, event, listed["cases"])
            return render(request, "audits/audits.html", context)

        return answer_page(
            request, here, context["title"], "cases", with_cases, at=version.number, event=event
        )

    asked: dict[str, Any] = {} if event in USUAL else {"event": event}
    return answer_page(request, here, text("audits.name"), "audits", draw, meanwhile=True, **asked)


def _row(case: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **case,
        "name": case_name(case["number"]),
        "event_day": date.fromisoformat(case["event_date"]),
    }


def case_address(here: Standing, case: int, event: str, version: Version) -> str:
    """Return the address of a case in the version shown."""
    return f"{here.home}audits/case/{case}/?event={event}&version={version.number}"


def case_name(number: int) -> str:
    """Return how a case is called: "Case 07"."""
    return text("audits.case", n=f"{number:02d}")


@page(May.open_cases)
@require_safe
def case(request: HttpRequest, here: Standing, case: int) -> HttpResponse:
    """Return one patient's contacts before the event; the look is noted before it is shown."""
    event = asked_event(request)
    names = request.GET.get("print") != "without-names"

    def draw(body: dict[str, Any], version: Version) -> HttpResponse:
        found = next((each for each in body["cases"] if each["number"] == case), None)
        if found is None:
            raise Http404
        code = patient_code(found["patient_id"])
        chain.note(here, "case opened", code, event=event, case=case)
        days = _by_day(found["strip"], body["look_back_days"])
        context = {
            "event": event,
            "case": _row(found),
            "title": text("audits.title", event=body["words"]),
            "look_back": body["look_back_days"],
            "strip": [_contact(contact) for contact in found["strip"]],
            "days": days,
            "steps": {contact["step"] for contact in found["strip"]},
            "high": max((day["level"] + len(day["contacts"]) for day in days), default=1),
            "next": case + 1 if case < len(body["cases"]) else None,
            "before": case - 1 if case > 1 else None,
            "with_code": names,
            "points": [p for p in keeping.points(here, event, [found]) if p.case == case],
            "version": version.number,
        }
        return render(request, "audits/case.html", context)

    return answer_page(request, here, case_name(case), "cases", draw, meanwhile=True, event=event)


def _contact(contact: Mapping[str, Any]) -> dict[str, Any]:
    role = text(f"role.{contact['role']}") if known(f"role.{contact['role']}") else contact["role"]
    return {
        **contact,
        "when": numbers.day(date.fromisoformat(contact["day"])),
        "way": text(f"ways.mode.{contact['mode']}"),
        "kind": text(f"strip.{contact['step']}"),
        "role_name": role,
        "online": contact["mode"] == "online",
    }


def _by_day(strip: Sequence[Mapping[str, Any]], look_back: int) -> list[dict[str, Any]]:
    """Return the days of the strip, earliest first, each with its place on the line.

    ``level`` is how many squares high a day begins, so that no two squares touch.
    """
    days: dict[int, list[Mapping[str, Any]]] = {}
    for contact in strip:
        days.setdefault(contact["days_before"], []).append(contact)
    found: list[dict[str, Any]] = []
    free = [0] * _LEVELS
    for before, contacts in sorted(days.items(), reverse=True):
        # one of 100 places on the line: the stylesheet knows them, no style in the page
        place = max(0, min(99, int(100 * (look_back - before) / max(look_back, 1))))
        level = _lowest(free, place, len(contacts))
        free[level : level + len(contacts)] = [place + _WIDE] * len(contacts)
        shown = [_contact(contact) for contact in contacts]
        found.append({"before": before, "place": place, "level": level, "contacts": shown})
    return found


def _lowest(free: list[int], place: int, count: int) -> int:
    """Return the lowest level from which ``count`` squares fit at a place; 0 where none do."""
    fits = (
        level
        for level in range(len(free) - count + 1)
        if all(taken <= place for taken in free[level : level + count])
    )
    return next(fits, 0)


urlpatterns = [
    path("<kind>/<code>/audits/", audits, name="audits"),
    path("<kind>/<code>/audits/case/<int:case>/", case, name="audit-case"),
]

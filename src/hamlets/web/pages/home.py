"""The home of a practice: how it does, what changed, what to do next (pages.md 3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from hamlets.publish import numbers
from hamlets.publish.strings import text as said
from hamlets.web import dates
from hamlets.web.answers.plans import is_planned
from hamlets.web.answers.steps import changed, due
from hamlets.web.answers.versions import Version
from hamlets.web.pages.answered import answer_page, anything_loaded, drawn
from hamlets.web.pages.data_first import first_run
from hamlets.web.places.above import places_below
from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing, page
from hamlets.web.reading.elsewhere import DAYS as LOOKED_DAYS
from hamlets.web.reading.elsewhere import looks
from hamlets.web.reading.mine import my_team
from hamlets.web.words import text

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEES = (May.see_figures, May.find_patient, May.manage_people, May.see_aggregates,
         May.see_disclosed, May.see_published)  # fmt: skip


@page(*_SEES, kinds=tuple(Kind))
@require_safe
def home(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the first page of a place, as the person's role sees it."""
    if here.place.kind != Kind.practice:
        return render(request, "home/above.html", {"below": places_below(here)})
    if here.may(May.see_figures):
        if not anything_loaded():
            return first_run(request, here)
        return answer_page(
            request,
            here,
            here.place.name,
            "home",
            lambda body, v: _practice(request, here, body, v),
            meanwhile=True,
        )
    if here.may(May.find_patient):
        return redirect(f"{here.home}patients/")
    return render(request, "home/no_figures.html")


def _practice(
    request: HttpRequest, here: Standing, body: dict[str, Any], version: Version
) -> HttpResponse:
    today = date.today()
    steps = [step_words(step, here) for step in due(body["steps"], today, planned=is_planned(here))]
    month = body["month"]
    context = {
        "lead": body["lead"],
        "cards": [_card(card, here, version) for card in body["cards"]],
        "steps": steps,
        "nothing_due": text("home.nothing_due", date=numbers.day(_day(body["next_data"]))),
        "changes": [
            {"day": _day(change["day"]), "words": change["words"]}
            for change in changed(body["changes"], today)
        ],
        "month": month and {**month, "drawings": [drawn(svg) for svg in month["drawings"]]},
        "mine": _mine(body, here),
        "holds_list": bool(here.person.staff_id),
        "team": my_team(here, version, today, _minute()),
        "looks": looked_words(here),
        "period": body["period"],
    }
    return render(request, "home/practice.html", context)


def _card(card: Mapping[str, Any], here: Standing, version: Version) -> dict[str, Any]:
    return {
        **card,
        "bar": drawn(card["svg"]),
        "address": f"{here.home}continuity/?version={version.number}#{card['measure']}",
    }


def step_words(step: Mapping[str, Any], here: Standing) -> dict[str, str]:
    """Return a next step in words, with what to press and where that leads."""
    rule = step["rule"]
    values: dict[str, Any] = dict(step)
    for name in ("last_contact", "last_day"):
        if step.get(name):
            values[name] = numbers.day(_day(step[name]))
    for name in ("patients", "contacts"):
        if name in step:
            values[name] = f"{step[name]:,}"
    if "share" in step:
        values["share"] = numbers.in_100(step["share"])
    if rule == "weekday":
        days = [text(f"home.day.{_WEEKDAYS[day]}") for day in step["weekdays"]]
        values["days"] = _listed(days)
        values["team"] = step["team"] or here.place.name
    leads = {
        "old_data": "data/",
        "no_clinician": "data/",
        "no_named_gp": "named-gps/",
        "leaving": "worklists/#leaving",
        "weekday": "workforce/",
        "room": "teams/",
    }
    return {
        "words": text(f"home.step.{rule}", **values),
        "button": text(f"home.step.{rule}_button"),
        "address": here.home + leads[rule],
    }


def _mine(body: Mapping[str, Any], here: Standing) -> Mapping[str, Any] | None:
    """Return the figures of the person's own list, where they hold one here."""
    staff = here.person.staff_id
    # somebody with several role records is shown by one of the ids
    shown = body["shown_as"].get(staff, staff)
    row = next((row for row in body["lists"] if staff and row["staff_id"] == shown), None)
    estimate = row and row["estimate"]
    if not row or not estimate or estimate["value"] is None:
        return None
    return {
        "standard": [_value(estimate), *_beside(estimate)],
        "counted": text(
            "home.mine_counted",
            n=numbers.count(row["patients"]),
            contacts=numbers.count(estimate["n_contacts"]),
            days=numbers.count(row["days_worked"]),
        ),
    }


def _value(estimate: Mapping[str, Any]) -> str:
    """Return how many contacts were with the own GP, with the range; or the range alone."""
    low, high = estimate["lower"], estimate["upper"]
    own = numbers.in_100(estimate["value"])
    if low is None or high is None:
        return text("home.mine_bare", own=own)
    if numbers.too_wide(low, high):
        low, high = numbers.outward(low, high)
        return text("home.mine_wide", low=low, high=high)
    return text("home.mine_line", own=own, range=numbers.between(low, high))


def _beside(estimate: Mapping[str, Any]) -> list[str]:
    """Return what chance gives and what the rota allows, as far as they are known."""
    return [
        said(f"standard.{name}", n=numbers.about(estimate[name]))
        for name in ("chance", "ceiling")
        if estimate[name] is not None
    ]


def looked_words(here: Standing) -> str:
    """Return how often staff of other practices looked up patients of this one; "" for never."""
    if not here.may(May.find_patient):
        return ""
    found = looks(here)
    if not found:
        return ""
    key = "home.looks_1" if len(found) == 1 else "home.looks"
    day = numbers.day(dates.local(found[0].at).date())
    return text(key, n=len(found), place=here.place.name, days=LOOKED_DAYS, date=day)


def _minute() -> int:
    """Return the minute of the day by the clock of the records."""
    now = timezone.localtime()
    return now.hour * 60 + now.minute


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return text("part.and", names=", ".join(words[:-1]), last=words[-1])


def _day(iso: str) -> date:
    return date.fromisoformat(iso)


urlpatterns = [path("<kind>/<code>/", home, name="home")]

"""What to do on a site where nothing is loaded yet: the home of a place until then (3.11)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing, who_may
from hamlets.web.uploads import loadings
from hamlets.web.words import text

DONE, NEXT, WAIT = "done", "next", "wait"


@dataclass(frozen=True)
class Task:
    """One thing to do: its words, ``done``, ``next`` or ``wait``, and where it is done."""

    words: str
    state: str
    address: str = ""
    note: str = ""


def first_run(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the home of a place of which nothing is loaded: what is done and what comes next."""
    request.first_run = True  # pyright: ignore[reportAttributeAccessIssue] - for the frame
    context = {"tasks": tasks(here), "loads": here.may(May.load_data)}
    return render(request, "data/first_run.html", context)


def tasks(here: Standing) -> list[Task]:
    """Return what there is to do, in order, as this person can do it."""
    people = f"{here.home}people/" if here.may(May.manage_people) else ""
    return [
        Task(text("first.first_administrator"), DONE),
        Task(text("first.name_place"), DONE),
        _load(here),
        Task(text("first.look"), WAIT),
        Task(text("first.named"), WAIT),
        Task(text("first.invite"), WAIT, people),
    ]


def _load(here: Standing) -> Task:
    words = text("first.load")
    if here.may(May.load_data):
        begun = loadings.open_at(here)
        if begun:
            address = f"{here.home}data/{begun[0].pk}/"
            return Task(words, NEXT, address, text("first_run.running"))
        return Task(words, NEXT, f"{here.home}data/")
    if here.place.kind != Kind.practice:
        return Task(words, NEXT, note=text("first_run.each_practice"))
    names = [person.name for person in who_may(here.place, May.load_data)]
    return Task(words, NEXT, note=text("first_run.who", names=names[0]) if names else "")

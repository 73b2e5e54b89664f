"""What stands around a page: who is signed in, where, and what may be opened from here.

The navigation is made from the pages' own doors (:func:`hamlets.web.places.standing.page`),
so that it never offers what a role may not open, nor a page that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import resolve

from hamlets.publish import numbers
from hamlets.web.configuration import web_settings
from hamlets.web.places.models import Place, holdings_of
from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing
from hamlets.web.words import text

PAGES: tuple[tuple[str, str], ...] = (
    ("home", ""),
    ("continuity", "continuity/"),
    ("audits", "audits/"),
    ("workforce", "workforce/"),
    ("teams", "teams/"),
    ("patients", "patients/"),
    ("network", "network/"),
    ("data", "data/"),
    ("people", "people/"),
)
"""Pages of the navigation in their order: the name in the words, and the end of the address."""


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    words: str
    address: str
    current: bool = False
    """Whether this page is there or below there."""


@dataclass(frozen=True)
class DataLine:
    """Which data a page was made from, for the line under its head."""

    first: date
    last: date
    version: int
    loaded: date | None = None
    invented: bool = False
    newer: tuple[int, str] | None = None
    """A newer version whose figures are being worked out, and the address that will show them."""

    @property
    def words(self) -> str:
        """The line itself."""
        key = "frame.data_loaded" if self.loaded else "frame.data"
        return text(
            key,
            first=numbers.day(self.first),
            last=numbers.day(self.last),
            loaded=numbers.day(self.loaded) if self.loaded else "",
            version=self.version,
        )


@dataclass(frozen=True)
class Frame:
    """What the frame's template needs. Of somebody who is signed out nearly all is empty."""

    person: str = ""
    role: str = ""
    place: str = ""
    home: str = "/"
    links: tuple[Link, ...] = ()
    places: tuple[Link, ...] = ()
    """Where else the person holds a role."""
    find: str = ""
    """Address of "Find a patient", where the person may."""
    trail: tuple[Link, ...] = ()
    """From the place to what lies above this page."""
    data: DataLine | None = None
    invented: bool = False
    foot: str = ""
    """What every printed page carries."""
    held: tuple[Place, ...] = field(default=(), repr=False)


def frame_of(request: HttpRequest) -> Frame:
    """Return the frame of the page that was asked for.

    A page of a place sets ``request.here``; one that shows figures sets ``request.data_line``;
    one of a site without data sets ``request.first_run``, and the menu waits.
    """
    here: Standing | None = getattr(request, "here", None)
    data: DataLine | None = getattr(request, "data_line", None)
    person: Any = getattr(request, "user", None)
    invented = web_settings().demo or (data is not None and data.invented)
    if person is None or not person.is_authenticated:
        return Frame(invented=invented)
    held = _held(person)
    frame = Frame(person=str(person), invented=invented, held=held, places=_places(held, here))
    if here is None:
        return frame
    links = links_of(here, request.path, held)
    if getattr(request, "first_run", False):
        links = links[:1]
    return replace(
        frame,
        role=here.role_name,
        place=here.place.name,
        home=here.home,
        links=links,
        find=_find(here, links),
        trail=_trail(here, links, request.path),
        data=data,
        foot=text("frame.foot", place=here.place.name),
    )


def links_of(here: Standing, path: str, held: Sequence[Place] = ()) -> tuple[Link, ...]:
    """Return the pages of this place that the person may open."""
    found: list[Link] = []
    for name, end in PAGES:
        address = f"{here.home}{end}"
        if name == "network" and (above := _network_above(here, held)):
            address = f"/{above.kind}/{above.code}/"
        elif not _may_open(here, end):
            continue
        current = path == address or (bool(end) and path.startswith(address))
        found.append(Link(text(f"nav.{name}"), address, current))
    return tuple(found)


def _may_open(here: Standing, end: str) -> bool:
    needs = _needs(settings.ROOT_URLCONF, str(here.place.kind), end)
    return any(here.may(need) for need in needs)


@cache
def _needs(urlconf: str, kind: str, end: str) -> frozenset[May]:
    """Return what opens a page at a kind of place; nothing where there is no such page."""
    try:
        view: Any = resolve(f"/{kind}/x/{end}", urlconf).func
    except Http404:
        return frozenset()
    if Kind(kind) not in getattr(view, "kinds", ()):
        return frozenset()
    return frozenset(view.needs)


def _network_above(here: Standing, held: Sequence[Place]) -> Place | None:
    """Return the network of a practice, for those who hold a role there too."""
    above = set(here.place.line()[:-1])
    return next((p for p in held if p.kind == Kind.network and p.pk in above), None)


def _held(person: Any) -> tuple[Place, ...]:
    """Return the places where the person holds a role, A to Z, each once."""
    places = {holding.place.pk: holding.place for holding in holdings_of(person)}
    return tuple(sorted(places.values(), key=lambda place: place.name.casefold()))


def _places(held: Sequence[Place], here: Standing | None) -> tuple[Link, ...]:
    now = here.place.pk if here else None
    return tuple(
        Link(place.name, f"/{place.kind}/{place.code}/") for place in held if place.pk != now
    )


def _find(here: Standing, links: Sequence[Link]) -> str:
    address = f"{here.home}patients/"
    return address if any(link.address == address for link in links) else ""


def _trail(here: Standing, links: Sequence[Link], path: str) -> tuple[Link, ...]:
    if path == here.home:
        return ()
    above = [Link(here.place.name, here.home)]
    above += [link for link in links if link.current and link.address not in (path, here.home)]
    return tuple(above)


def css_string(words: str) -> str:
    """Return a CSS string: all but letters and digits as escapes, so nothing breaks out."""
    # the blank after an escape belongs to it, so that the next letter does not
    plain = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x} " for c in words)
    return f'"{plain}"'

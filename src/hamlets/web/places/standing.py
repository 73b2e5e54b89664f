"""Where somebody stands: a person at a place, with what they may do there.

Every page begins with a standing, and every question to the records or the database is asked
through it: :func:`page` is the only door. An address of a place that does not exist and one of
a place where the person holds no role give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from hamlets.web.people.models import Person
from hamlets.web.places.models import Holding, Place, holdings_of
from hamlets.web.places.roles import Kind, May, Role

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Standing:
    """A person at a place."""

    person: Person
    place: Place
    roles: tuple[Role, ...]
    """Roles that reach this place, those held here first."""
    allows: frozenset[May]

    def may(self, what: May) -> bool:
        """Return whether the person may do this here."""
        return what in self.allows

    @property
    def role_name(self) -> str:
        """The name of the first role, as the page's head shows it."""
        return self.roles[0].name if self.roles else ""

    @property
    def practice(self) -> str:
        """The practice's code in the record store; raises Http404 at another kind of place."""
        if self.place.kind != Kind.practice:
            raise Http404
        return self.place.code

    @property
    def home(self) -> str:
        """The address of the place's home."""
        return f"/{self.place.kind}/{self.place.code}/"


def stand(person: Person, kind: str, code: str) -> Standing:
    """Return the person's standing at a place; Http404 where they have none there."""
    place = Place.objects.filter(kind=kind, code=code).first()
    standing = standing_at(person, place) if place else None
    if standing is None:
        raise Http404
    return standing


def standing_at(person: Person, place: Place) -> Standing | None:
    """Return the person's standing at this place, or None where no role of theirs reaches it."""
    line = set(place.line())
    roles: list[tuple[bool, Role]] = []
    allows: set[May] = set()
    for holding in holdings_of(person):
        role = holding.what
        if holding.place.pk == place.pk:
            roles.append((False, role))
            allows |= role.allows
        elif holding.place.pk in line and role.below:
            roles.append((True, role))
            allows |= role.below
    if not roles:
        return None
    # those held here first, and of these the one that opens most
    roles.sort(key=lambda pair: (pair[0], -len(pair[1].allows)))
    return Standing(person, place, tuple(role for _, role in roles), frozenset(allows))


def places_of(person: Person) -> list[Standing]:
    """Return every place where the person holds a role, A to Z, practices first."""
    found: dict[int, Place] = {holding.place.pk: holding.place for holding in holdings_of(person)}
    order = list(reversed(Kind))
    places = sorted(found.values(), key=lambda p: (order.index(Kind(p.kind)), p.name))
    standings = (standing_at(person, place) for place in places)
    return [standing for standing in standings if standing]


def managers_at(place: Place) -> list[Person]:
    """Return who can change roles here, for the words of a page that is not allowed."""
    return who_may(place, May.manage_people)


def who_may(place: Place, what: May) -> list[Person]:
    """Return who may do something at a place, those with a role there or above it."""
    found: list[Person] = []
    open_holdings = Holding.objects.filter(until__isnull=True, person__is_active=True)
    for holding in open_holdings.filter(place_id__in=place.line()).select_related(
        "person", "place"
    ):
        here = holding.place.pk == place.pk
        allows = holding.what.allows if here else holding.what.below
        if what in allows and holding.person not in found:
            found.append(holding.person)
    return found


def page(*needs: May, kinds: tuple[Kind, ...] = (Kind.practice,)) -> Callable[[View], View]:
    """Return a decorator for a page of a place: its view gets the standing after the request.

    The person must be allowed any one of ``needs``. Signed out: to the sign-in page, whatever
    the address. No role reaching the place, or none existing: 404. Role not allowed: 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, kind: str, code: str, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            here = stand(cast(Person, request.user), kind, code)
            if Kind(here.place.kind) not in kinds:
                raise Http404
            if not any(here.may(need) for need in needs):
                return not_allowed(request, here)
            request.here = here  # pyright: ignore[reportAttributeAccessIssue] - for the frame
            return view(request, here, *args, **kwargs)

        described = cast(Any, guarded)  # the access matrix reads what a page needs
        described.needs, described.kinds = needs, kinds
        return guarded

    return decorate


def not_allowed(request: HttpRequest, here: Standing) -> HttpResponse:
    """Return the page that says what the person's role is and who can change it."""
    request.here = here  # pyright: ignore[reportAttributeAccessIssue]
    names = [person.name for person in managers_at(here.place)]
    return render(request, "errors/not_allowed.html", {"names": names}, status=403)

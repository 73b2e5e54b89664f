"""Giving and ending roles, with the rules that hold for them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from hamlets.errors import UsageError
from hamlets.web.audit import chain
from hamlets.web.people.models import Person
from hamlets.web.places.models import Holding, Place
from hamlets.web.places.roles import ROLES, Kind, May, Role, conflict
from hamlets.web.places.standing import Standing
from hamlets.web.words import text


class RoleRefusedError(UsageError):
    """A role cannot be given or ended; the message says why, for people."""


def roles_to_give(here: Standing) -> list[Role]:
    """Return the roles that may be held at this place, in the order in which a form offers them."""
    kind = Kind(here.place.kind)
    return [role for role in ROLES.values() if kind in role.kinds]


def give(here: Standing, person: Person, role_key: str) -> Holding:
    """Give a role at the place; RoleRefusedError says why not.

    The person who gives must be allowed to manage people here.
    """
    if not here.may(May.manage_people):
        raise RoleRefusedError(text("roles.not_yours"))
    if role_key not in {role.key for role in roles_to_give(here)}:
        raise RoleRefusedError(text("roles.not_here"))
    return give_at(here.place, person, role_key, given_by=here.person)


def give_at(place: Place, person: Person, role_key: str, given_by: Person | None) -> Holding:
    """Give a role, whoever asks: for commands and for the first start."""
    role = ROLES[role_key]
    with transaction.atomic():
        # one grant at a time for a person, so that two cannot pass the conflict rule side by side
        Person.objects.select_for_update().get(pk=person.pk)
        refuse_conflict(person, role, place)
        try:
            with transaction.atomic():
                holding = Holding.objects.create(
                    person=person, place=place, role=role.key, given_by=given_by
                )
        except IntegrityError:
            raise RoleRefusedError(text("roles.held", name=person.name, role=role.name)) from None
        chain.record(
            given_by,
            "role given",
            place=place,
            about=person.email,
            role=role.key,
            by="command line",
        )
    return holding


def refuse_conflict(person: Person, role: Role, place: Place) -> None:
    """Raise RoleRefusedError where the person would be commissioner and provider of one place."""
    for holding in Holding.objects.filter(person=person, until__isnull=True).select_related(
        "place"
    ):
        if not conflict(holding.what, role):
            continue
        if holding.place.path.startswith(place.path) or place.path.startswith(holding.place.path):
            key = "roles.conflict_provider" if holding.what.provider else "roles.conflict"
            raise RoleRefusedError(text(key, name=person.name, place=holding.place.name))


def end(here: Standing, holding_id: int) -> Holding:
    """End a role at this place from now.

    Http404 for another place's, RoleRefusedError where nobody else could manage people.
    """
    if not here.may(May.manage_people):
        raise RoleRefusedError(text("roles.not_yours"))
    with transaction.atomic():
        # the place is locked, so that two managers cannot end each other's role at once
        Place.objects.select_for_update().get(pk=here.place.pk)
        holding = (
            Holding.objects.filter(pk=holding_id, place=here.place, until__isnull=True)
            .select_related("person", "place")
            .first()
        )
        if holding is None:
            raise Http404
        if May.manage_people in holding.what.allows and not _others_manage(holding):
            raise RoleRefusedError(text("roles.last"))
        holding.until = timezone.now()
        holding.save(update_fields=["until"])
        chain.note(here, "role ended", holding.person.email, role=holding.role)
    return holding


def _others_manage(holding: Holding) -> bool:
    """Return whether somebody else can still manage people here."""
    others = Holding.objects.filter(
        place_id__in=holding.place.line(), until__isnull=True, person__is_active=True
    ).exclude(pk=holding.pk)
    return any(
        May.manage_people
        in (other.what.allows if other.place.pk == holding.place.pk else other.what.below)
        for other in others.select_related("place")
    )


def held_at(here: Standing) -> list[Holding]:
    """Return who holds which role at this place, A to Z by name."""
    found: Iterable[Holding] = (
        Holding.objects.filter(place=here.place, until__isnull=True)
        .select_related("person", "place")
        .order_by("person__name", "since")
    )
    return list(found)

"""Places as the record store names them: boroughs, networks and practices."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from hamlets.web.places.models import Place
from hamlets.web.places.roles import Kind


@dataclass(frozen=True)
class StorePlaces:
    """What a store says of places, as plain rows."""

    networks: tuple[tuple[str, str, str, str], ...]
    """Code, name, kind (``network``, ``borough`` ...) and code above."""
    practices: tuple[tuple[str, str, str], ...]
    """Code, name, code of the network."""


def read_places(store: str) -> StorePlaces:
    """Return the places of a record store's current version; a hub is none."""
    from hamlets.continuity.asking import find_peopled
    from hamlets.records import open_store

    with open_store(store) as opened:
        networks = opened.table("networks").to_pylist()
        named = opened.labels("practice")
        # a hub has contacts and nobody of its own: who works there signs in at a practice
        homes = {named[code] for code in find_peopled(opened, opened.group_practices())}
        practices = [
            row for row in opened.table("practices").to_pylist() if row["practice_id"] in homes
        ]
    return StorePlaces(
        tuple(
            (row["network_id"], row["name"] or row["network_id"], row["kind"] or "network",
             row["parent_id"] or "")
            for row in networks
        ),
        tuple(
            (row["practice_id"], row["name"] or row["practice_id"], row["network_id"] or "")
            for row in practices
        ),
    )  # fmt: skip


def take_up(found: StorePlaces, top: Place | None = None) -> list[Place]:
    """Make the places of a store that are not there yet, and return its practices.

    A place that exists keeps its name and where it stands: people may have changed it.
    """
    with transaction.atomic():
        made: dict[str, Place] = {}
        waiting = list(found.networks)
        while waiting:
            # those above first; a code that names nothing above stands at the top
            known = {code for code, *_ in waiting}
            ready = [row for row in waiting if row[3] not in known or row[3] == row[0]]
            for code, name, kind, above in ready or waiting:
                place_kind = kind if kind in (Kind.borough, Kind.region) else Kind.network.value
                made[code] = _place(place_kind, code, name, made.get(above, top))
            waiting = [row for row in waiting if row[0] not in made]
        return [
            _place(Kind.practice.value, code, name, made.get(network, top))
            for code, name, network in found.practices
        ]


def _place(kind: str, code: str, name: str, parent: Place | None) -> Place:
    place = Place.objects.filter(kind=kind, code=code).first()
    if place is None:
        place = Place.objects.create(kind=kind, code=code, name=name, parent=parent)
    return place

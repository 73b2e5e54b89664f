"""What lies below a place, for the homes of networks, boroughs and regions."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.web.places.models import Place
from hamlets.web.places.standing import Standing, standing_at


@dataclass(frozen=True)
class Below:
    """A place directly below."""

    name: str
    kind: str
    address: str
    """Empty where the person's role does not reach it."""
    practices: int
    """Practices in it; 1 for a practice."""


def places_below(here: Standing) -> list[Below]:
    """Return the places directly below, A to Z. A hub has a place of its own and is one of them."""
    found = Place.objects.filter(parent=here.place).order_by("name")
    return [_below(here, place) for place in found]


def _below(here: Standing, place: Place) -> Below:
    standing = standing_at(here.person, place)
    reached = standing is not None and bool(standing.allows)
    return Below(
        place.name,
        place.kind,
        f"/{place.kind}/{place.code}/" if reached else "",
        place.below().filter(kind="practice").count(),
    )

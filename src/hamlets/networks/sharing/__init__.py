"""Sharing capacity: staff time that one practice can spare, where another needs it most.

Names are imported when first used, so that ``import hamlets.networks.sharing`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.networks.sharing.asking import Asked, Distance, Need, Offer, Travel
    from hamlets.networks.sharing.matching import share
    from hamlets.networks.sharing.next_day import Worth, next_days, worths_of_needs
    from hamlets.networks.sharing.reading import read_asked
    from hamlets.networks.sharing.travel import (
        check_places,
        no_travel,
        read_distances,
        travel_by,
    )

_HOMES = {
    "Asked": "asking",
    "Distance": "asking",
    "Need": "asking",
    "Offer": "asking",
    "Travel": "asking",
    "Worth": "next_day",
    "check_places": "travel",
    "next_days": "next_day",
    "no_travel": "travel",
    "read_asked": "reading",
    "read_distances": "travel",
    "share": "matching",
    "travel_by": "travel",
    "worths_of_needs": "next_day",
}

__all__ = [
    "Asked",
    "Distance",
    "Need",
    "Offer",
    "Travel",
    "Worth",
    "check_places",
    "next_days",
    "no_travel",
    "read_asked",
    "read_distances",
    "share",
    "travel_by",
    "worths_of_needs",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hamlets.networks.sharing' has no attribute {name!r}")
    return getattr(import_module(f"hamlets.networks.sharing.{home}"), name)

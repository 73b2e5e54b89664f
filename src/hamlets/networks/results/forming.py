"""Networks as they were formed, beside the present ones: what a page, a table or a file shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Objective = Literal["travel", "flow"]


@dataclass(frozen=True)
class PlacedPractice:
    """A practice, where it is, and the network it was put into."""

    practice_id: str
    name: str
    list_size: int
    latitude: float
    longitude: float
    network_id: str
    present_id: str | None
    """The network it belongs to now, where that is known."""
    km_to_middle: float


@dataclass(frozen=True)
class FormedNetwork:
    """One network. ``network_id`` is that of the present network it continues, where one is."""

    network_id: str
    name: str
    practices: tuple[str, ...]
    """In order of their ids."""
    population: int
    travel_km: float
    """Patient-km: each practice's patients times its km to the middle."""
    middle: str
    """The practice to which travel is least."""
    widest_km: float
    """The greatest distance between two of its practices."""
    flow: float | None = None
    """Patients whom its practices share, where a flow was given."""
    continues: bool = False


@dataclass(frozen=True)
class Balance:
    """How even and how near networks are: of the practices whose network is known."""

    networks: int
    smallest: int
    largest: int
    furthest_off: float
    """The greatest share by which a population is off the mean."""
    travel_km: float
    patients: int
    flow: float | None = None

    @property
    def km_per_patient(self) -> float:
        """Mean km from a patient's practice to the middle of its network."""
        return self.travel_km / self.patients if self.patients else 0.0


@dataclass(frozen=True)
class Comparison:
    """The networks formed beside the present ones; all None where no present one is known."""

    practices: int = 0
    """Those whose present network is known; the rest of this is of them."""
    adjusted_rand: float | None = None
    """Agreement on who is with whom: 1 = the same, 0 = as by chance. None: not defined."""
    staying: int | None = None
    """Practices that stay with their neighbours: in the network that continues their own."""
    present: Balance | None = None
    formed: Balance | None = None


@dataclass(frozen=True)
class Suggestion:
    """Two networks made one, or one made two, and what it costs."""

    kind: Literal["merge", "split"]
    networks: tuple[str, ...]
    populations: tuple[int, ...]
    """After it: of the one, or of the two."""
    travel_change_km: float
    """Patient-km more (a merger) or fewer (a split, below 0)."""
    flow_change: float | None
    keeps_band: bool
    parts: tuple[tuple[str, ...], ...] = ()
    """Practices of each part of a split."""


@dataclass(frozen=True)
class Formation:
    """The networks of a run: what they are worth, the proof, and all that is shown of them."""

    objective: Objective
    value: float
    """Patient-km of travel, or patients' flow kept."""
    bound: float
    """No networks under these rules have less travel, or keep more flow."""
    seconds: float
    band: tuple[float, float]
    tolerance: float | None
    """Per cent; None where the band was given as numbers."""
    networks: tuple[FormedNetwork, ...]
    practices: tuple[PlacedPractice, ...]
    """A to Z by name, then id."""
    comparison: Comparison
    formed: Balance
    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """Neighbours: pairs of practice ids."""
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    """Practices that did not take part, with the reason."""
    network_names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Names of the present networks, where they are known."""

    @property
    def gap(self) -> float:
        """How much better other networks could be at most, as a share: 0 = proven best."""
        if self.objective == "travel":
            return max(0.0, (self.value - self.bound) / self.value) if self.value > 0 else 0.0
        return max(0.0, (self.bound - self.value) / self.bound) if self.bound > 0 else 0.0

    @property
    def proven(self) -> bool:
        """Whether no networks under these rules are better."""
        return self.gap <= 1e-9

    @property
    def population(self) -> int:
        """All patients of the practices that took part."""
        return sum(each.list_size for each in self.practices)

    def network(self, network_id: str) -> FormedNetwork:
        """Return a network by its id; KeyError where there is none."""
        for each in self.networks:
            if each.network_id == network_id:
                return each
        raise KeyError(network_id)

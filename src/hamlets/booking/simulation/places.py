"""The invented borough: networks, practices, hubs, sites, small areas, and habits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.world import Habits, Int8, Practice, Setting, stream

PURPOSE = 1
BOROUGH_ID = "EX-BOROUGH"
BOROUGH_NAME = "Example Borough"

_PRACTICES_PER_NETWORK = 4.5
_CELL_KM = 1.7
"""Side of the square in which one network's practices lie."""
_KM_PER_DEGREE = 111.2
_CENTRE = (51.5, 0.0)
_PATIENTS_PER_AREA = 1_700
_HOMELESS_FROM = 10
"""Practices from which on one of them looks after homeless people."""
_SECOND_SITE_FROM = 9_000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """A network of neighbouring practices, and its hub."""

    number: int
    network_id: str
    name: str
    hub_id: str
    latitude: float
    longitude: float
    practices: tuple[int, ...]
    """Numbers of its practices now."""
    list_size: int
    """Registered patients of them all."""


@dataclass(frozen=True)
class Membership:
    """A practice's time in a network; ``to_day`` None while it lasts."""

    network_id: str
    practice_id: str
    from_day: date
    to_day: date | None


@dataclass(frozen=True)
class Borough:
    """All places of the invented borough."""

    practices: tuple[Practice, ...]
    networks: tuple[Network, ...]
    members: tuple[Membership, ...]
    area_decile: Int8
    area_weights: Floats
    """Chance that a patient of a practice (row) lives in an area (column)."""

    def network_of(self, practice: Practice) -> Network:
        """Return the network that the practice is in now."""
        return next(n for n in self.networks if n.network_id == practice.network_id)


def make_borough(setting: Setting) -> Borough:
    """Return the places; the same for the same setting whatever else is made."""
    random = stream(setting.seed, -1, PURPOSE)
    count = max(1, round(setting.practices / _PRACTICES_PER_NETWORK))
    count = min(count, setting.practices)
    network_of = np.sort(np.arange(setting.practices) % count)
    x, y, centres = _positions(random, network_of, count)
    sizes = _sizes(random, setting)
    deciles, weights = _areas(random, x, y, setting.patients)
    practices = tuple(
        _practice(random, setting, i, int(network_of[i]), sizes, (x, y), weights[i] @ deciles)
        for i in range(setting.practices)
    )
    networks = tuple(
        Network(
            number=k,
            network_id=f"EX-N{k + 1:02d}",
            name=f"Network {k + 1}",
            hub_id=f"EX-H{k + 1:02d}",
            latitude=_latitude(centres[k, 1]),
            longitude=_longitude(centres[k, 0]),
            practices=tuple(np.flatnonzero(network_of == k).tolist()),
            list_size=int(sizes[network_of == k].sum()),
        )
        for k in range(count)
    )
    members = _members(random, setting, practices, networks)
    return Borough(practices, networks, members, deciles.astype(np.int8), weights)


def _positions(
    random: np.random.Generator, network_of: npt.NDArray[np.int64], count: int
) -> tuple[Floats, Floats, Floats]:
    """Return practices' km east and north of the centre, and the networks' centres."""
    columns = int(np.ceil(np.sqrt(count)))
    rows = int(np.ceil(count / columns))
    k = np.arange(count)
    row = k // columns
    # every other row runs backwards, so that numbers next to each other are neighbours
    column = np.where(row % 2 == 0, k % columns, columns - 1 - k % columns)
    centres = np.column_stack([column - (columns - 1) / 2, row - (rows - 1) / 2])
    centres = centres.astype(np.float64) * _CELL_KM
    x, y = np.zeros(network_of.size), np.zeros(network_of.size)
    for network in range(count):
        here = np.flatnonzero(network_of == network)
        turn = random.uniform(0, 2 * np.pi)
        angle = turn + 2 * np.pi * np.arange(here.size) / max(here.size, 1)
        radius = _CELL_KM * random.uniform(0.18, 0.42, here.size)
        x[here] = centres[network, 0] + radius * np.cos(angle)
        y[here] = centres[network, 1] + radius * np.sin(angle)
    return x, y, centres


def _latitude(north_km: float) -> float:
    return round(_CENTRE[0] + north_km / _KM_PER_DEGREE, 5)


def _longitude(east_km: float) -> float:
    return round(_CENTRE[1] + east_km / (_KM_PER_DEGREE * np.cos(np.radians(_CENTRE[0]))), 5)


def _sizes(random: np.random.Generator, setting: Setting) -> npt.NDArray[np.int64]:
    """Return list sizes that add up to the patients asked for, each at least 1."""
    share = np.clip(np.exp(random.normal(0, 0.52, setting.practices)), 0.4, 2.1)
    if setting.practices >= _HOMELESS_FROM:
        share[homeless_practice(setting)] = 0.17
    exact = (setting.patients - setting.practices) * share / share.sum()
    sizes = np.floor(exact).astype(np.int64)
    left = setting.patients - setting.practices - int(sizes.sum())
    sizes[np.argsort(sizes - exact, kind="stable")[:left]] += 1
    return sizes + 1


def homeless_practice(setting: Setting) -> int:
    """Return the number of the practice for homeless patients, -1 where there is none."""
    return setting.practices // 2 if setting.practices >= _HOMELESS_FROM else -1


def _areas(
    random: np.random.Generator, x: Floats, y: Floats, patients: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the areas' deprivation deciles, and who of each practice lives where."""
    per_practice = int(np.clip(round(patients / x.size / _PATIENTS_PER_AREA), 1, 8))
    east = np.repeat(x, per_practice) + random.normal(0, 0.35, x.size * per_practice)
    north = np.repeat(y, per_practice) + random.normal(0, 0.35, x.size * per_practice)
    # poorer in one corner than in the other, and different from one street to the next
    reach = max(float(np.abs(x).max()), float(np.abs(y).max()), 1.0)
    decile = 3.0 + 0.9 * (east - north) / reach + random.normal(0, 1.1, east.size)
    distance = np.hypot(east[None, :] - x[:, None], north[None, :] - y[:, None])
    weights = np.exp(-distance / 0.35)
    weights[weights < 0.01 * weights.max(axis=1, keepdims=True)] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    return np.clip(np.round(decile), 1, 10).astype(np.int64), weights


def _practice(
    random: np.random.Generator,
    setting: Setting,
    number: int,
    network: int,
    sizes: npt.NDArray[np.int64],
    where: tuple[Floats, Floats],
    decile: float,
) -> Practice:
    code = practice_id(number)
    second = sizes[number] >= _SECOND_SITE_FROM and random.random() < 0.6
    return Practice(
        number=number,
        practice_id=code,
        name=f"Practice {_letters(number)}",
        network_id=f"EX-N{network + 1:02d}",
        hub_id=f"EX-H{network + 1:02d}",
        sites=(f"{code}-S1", f"{code}-S2") if second else (f"{code}-S1",),
        latitude=_latitude(where[1][number]),
        longitude=_longitude(where[0][number]),
        list_size=int(sizes[number]),
        imd_mean=float(decile),
        habits=_habits(random, setting.policy),
        scattered=code in setting.scattered_practices,
        homeless=number == homeless_practice(setting),
    )


def practice_id(number: int) -> str:
    return f"EX{number + 1:03d}"


def _letters(number: int) -> str:
    """Return A ... Z, AA, AB ... as spreadsheets number their columns."""
    text, rest = "", number + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        text = chr(ord("A") + letter) + text
    return text


def _habits(random: np.random.Generator, policy: str | None) -> Habits:
    habits = Habits(
        own_first=float(random.beta(1.1, 1.3)),
        same_day_share=float(random.uniform(0.25, 0.5)),
        wait_days=int(random.integers(4, 13)),
        supply=float(random.uniform(1.0, 1.12)),
        telephone_share=float(np.clip(random.normal(0.28, 0.08), 0.08, 0.55)),
        online_share=float(np.clip(random.normal(0.05, 0.025), 0.005, 0.15)),
        locum_share=float(random.uniform(0.35, 0.8)),
        hub_share=float(random.uniform(0.02, 0.05)),
    )
    if policy is None:
        return habits
    return replace(habits, own_first=1.0 if policy == "own_first" else 0.0)


def _members(
    random: np.random.Generator,
    setting: Setting,
    practices: tuple[Practice, ...],
    networks: tuple[Network, ...],
) -> tuple[Membership, ...]:
    """Return who was in which network; where there are several, one practice has changed."""
    began = date(setting.first.year - 6, 4, 1)
    mover = int(random.integers(setting.practices))
    halfway = date.fromordinal((setting.first.toordinal() + setting.last.toordinal()) // 2)
    changed = halfway.replace(day=1)
    rows: list[Membership] = []
    for practice in practices:
        home = next(k for k, n in enumerate(networks) if n.network_id == practice.network_id)
        moved = practice.number == mover and len(networks[home].practices) > 2
        if moved and len(networks) > 1 and changed > began:
            before = networks[home - 1 if home else 1].network_id
            rows.append(Membership(before, practice.practice_id, began, changed))
            rows.append(Membership(practice.network_id, practice.practice_id, changed, None))
        else:
            rows.append(Membership(practice.network_id, practice.practice_id, began, None))
    rows += [Membership(n.network_id, n.hub_id, began, None) for n in networks]
    return tuple(rows)

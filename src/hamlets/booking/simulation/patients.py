"""Invented patients: households that come and go, people in them, and what they need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.naming import name_gps
from hamlets.booking.simulation.places import Borough
from hamlets.booking.simulation.posts import Post, days_of
from hamlets.booking.simulation.world import (
    CONDITIONS,
    OPEN,
    Bools,
    Float32,
    Int8,
    Int16,
    Int32,
    Patients,
    Practice,
    Setting,
    stream,
)

PURPOSE = 3
YEAR = 365.25

ETHNICITIES = (
    "White British", "White Irish", "Gypsy or Irish Traveller", "Other White",
    "White and Black Caribbean", "White and Black African", "White and Asian", "Other Mixed",
    "Indian", "Pakistani", "Bangladeshi", "Chinese", "Other Asian", "African", "Caribbean",
    "Other Black", "Arab", "Other", "Not stated",
)  # fmt: skip
LANGUAGES = (
    "English", "Bengali", "Somali", "Polish", "Italian", "Spanish", "French", "Arabic",
    "Portuguese", "Chinese", "Urdu", "Hindi", "Romanian", "Russian",
)  # fmt: skip

_ETHNIC_SHARES = (
    0.30, 0.013, 0.002, 0.13, 0.012, 0.007, 0.012, 0.014, 0.029, 0.011, 0.30, 0.032, 0.025,
    0.039, 0.022, 0.016, 0.011, 0.012, 0.013,
)  # fmt: skip
_BANGLADESHI, _SOUTH_ASIAN = 10, (8, 9, 10, 12)
_AFRICAN = 13
_OWN_LANGUAGE: dict[int, tuple[tuple[str, float], ...]] = {
    3: (("Polish", 0.18), ("Italian", 0.16), ("Spanish", 0.12), ("French", 0.08),
        ("Portuguese", 0.08), ("Romanian", 0.08), ("Russian", 0.05)),
    8: (("Hindi", 0.25),),
    9: (("Urdu", 0.4),),
    10: (("Bengali", 0.48),),
    11: (("Chinese", 0.5),),
    13: (("Somali", 0.42), ("French", 0.08)),
    16: (("Arabic", 0.5),),
}  # fmt: skip

# Households: share of all, share that moves away in a year.
_KINDS = (
    "single",
    "couple",
    "family",
    "lone_parent",
    "shared",
    "old_single",
    "old_couple",
    "large",
)
_KIND_SHARES = np.array([0.25, 0.23, 0.215, 0.07, 0.09, 0.055, 0.024, 0.066])
_MOVES = np.array([0.13, 0.11, 0.06, 0.07, 0.23, 0.025, 0.02, 0.04])
_HOMELESS_SHARES = np.array([0.86, 0.06, 0.02, 0.03, 0.0, 0.02, 0.01, 0.0])
_HOMELESS_MOVES = 0.75

_AGE_LIMITS = np.array([5, 16, 25, 35, 45, 55, 65, 75, 85])
#: Requests a year by age (rows: women, men) before conditions count.
_NEED = np.array(
    [
        [5.6, 2.7, 4.9, 5.9, 5.7, 6.0, 6.6, 7.6, 9.4, 10.5],
        [5.8, 2.6, 2.4, 2.9, 3.5, 4.4, 5.4, 7.0, 9.2, 10.5],
    ]
)
_MEAN_NEED = 6.3
"""Requests a year of a whole practice's patients, of all clinicians."""
_SPARE = (1.14, 1.5, 3.0, 9.0)
"""People made for each that the list is to have; those too many are left out again."""
_NEED_SHAPE = 1.4
"""Shape of the gamma factor: how unequal people of one age and sex are."""
#: Prevalence by the ten age bands, and how much more a person with it needs.
_PREVALENCE: dict[str, tuple[float, ...]] = {
    "diabetes": (0.0, 0.001, 0.004, 0.012, 0.045, 0.12, 0.21, 0.27, 0.28, 0.23),
    "copd": (0.0, 0.0, 0.0, 0.001, 0.006, 0.022, 0.05, 0.08, 0.09, 0.08),
    "asthma": (0.01, 0.055, 0.06, 0.05, 0.05, 0.06, 0.07, 0.075, 0.07, 0.06),
    "hypertension": (0.0, 0.0, 0.003, 0.014, 0.06, 0.17, 0.34, 0.50, 0.60, 0.62),
    "chd": (0.0, 0.0, 0.0, 0.001, 0.006, 0.025, 0.07, 0.13, 0.19, 0.22),
    "stroke": (0.0, 0.0, 0.0005, 0.001, 0.004, 0.013, 0.03, 0.06, 0.11, 0.15),
    "ckd": (0.0, 0.0, 0.001, 0.002, 0.006, 0.018, 0.05, 0.12, 0.24, 0.33),
    "depression": (0.0, 0.004, 0.05, 0.075, 0.10, 0.12, 0.11, 0.085, 0.08, 0.07),
    "smi": (0.0, 0.0, 0.005, 0.011, 0.018, 0.022, 0.02, 0.015, 0.012, 0.01),
    "dementia": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0004, 0.003, 0.014, 0.065, 0.19),
    "cancer": (0.0005, 0.0006, 0.001, 0.003, 0.009, 0.022, 0.05, 0.095, 0.13, 0.14),
    "palliative_care": (0.0, 0.0, 0.0, 0.0002, 0.0005, 0.001, 0.003, 0.007, 0.018, 0.05),
}
_BURDEN = (1.28, 1.32, 1.15, 1.16, 1.2, 1.18, 1.12, 1.4, 1.45, 1.2, 1.3, 1.5)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Homes:
    """Households with the days they are registered."""

    kind: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class _People:
    """People in households, before their health is known."""

    home: Ints
    birth: Ints
    male: Bools


def make_patients(
    setting: Setting, borough: Borough, practice: Practice, posts: tuple[Post, ...]
) -> Patients:
    """Return all who are registered at some time of the simulated days.

    On the last day that has happened just ``list_size`` of them are registered.
    """
    random = stream(setting.seed, practice.number, PURPOSE)
    begin = days_of(setting)[0]
    last = (setting.last - date(1970, 1, 1)).days
    # nobody knows on the last day who will move or die in the days booked ahead
    end = last + 1
    # more than enough people as a rule; now and then a small practice needs another try
    for spare in _SPARE:
        homes = _homes(random, practice, begin, end, spare)
        people = _people(random, homes, begin, practice.homeless)
        start, stop, death = _registered(random, homes, people, begin, end)
        if int(((start <= last) & (stop > last)).sum()) >= practice.list_size:
            break
    else:
        raise AssertionError("no try gave as many patients as the list is to have")
    keep = _chosen(random, people, (start, stop), (begin, last), practice.list_size)
    home = np.unique(people.home[keep], return_inverse=True)[1]
    kept = _People(people.home[keep], people.birth[keep], people.male[keep])
    start, stop, death = start[keep], stop[keep], death[keep]
    ethnicity, language = _origins(random, kept.home)
    area = _areas(random, borough, practice, kept.home)
    conditions, burden = _conditions(random, kept, ethnicity, last)
    size = home.size
    digits = max(6, len(str(size)))
    named = name_gps(random, posts, home, (start, stop), (begin, last))
    return Patients(
        patient_id=[f"{practice.practice_id}-P{i + 1:0{digits}d}" for i in range(size)],
        birth_day=kept.birth.astype(np.int32),
        male=kept.male,
        ethnicity=ethnicity,
        language=language,
        household=home.astype(np.int32),
        imd_decile=borough.area_decile[area],
        area=area,
        housebound=_housebound(random, kept, last),
        conditions=conditions,
        need=_need(random, kept, burden, (start, stop), last),
        loyalty=_loyalty(random, kept, conditions, start, last),
        registered_from=start.astype(np.int32),
        registered_to=stop.astype(np.int32),
        death_day=death.astype(np.int32),
        named=named,
    )


def _homes(
    random: np.random.Generator, practice: Practice, begin: int, end: int, spare: float
) -> _Homes:
    """Return households over time: when one leaves, another like it comes soon."""
    shares = _HOMELESS_SHARES if practice.homeless else _tilted(random)
    count = int(practice.list_size / float(shares @ _MEAN_SIZE) * spare) + 12
    kind = random.choice(len(_KINDS), count, p=shares / shares.sum())
    rate = np.full(len(_KINDS), _HOMELESS_MOVES) if practice.homeless else _MOVES
    # those there at the beginning came as long ago as it takes to move away again
    start = begin - (random.exponential(YEAR / rate[kind])).astype(np.int64)
    parts = [_Homes(kind, start, begin + random.exponential(YEAR / rate[kind]).astype(np.int64))]
    while True:
        before = parts[-1]
        gone = before.end < end
        if not gone.any():
            break
        kind = before.kind[gone]
        start = before.end[gone] + random.integers(1, 20, kind.size)
        stay = random.exponential(YEAR / rate[kind]).astype(np.int64) + 14
        parts.append(_Homes(kind, start, start + stay))
    kind, start, stop = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("kind", "start", "end")
    )
    return _Homes(kind, start, np.where(stop >= end, np.int64(OPEN), stop))


_MEAN_SIZE = np.array([1.0, 2.0, 4.0, 2.8, 3.6, 1.0, 2.0, 5.9])


def _tilted(random: np.random.Generator) -> Floats:
    """Return the practice's mix of households: some lists are old, some young."""
    tilt = np.exp(random.normal(0, 0.25, len(_KINDS)))
    return _KIND_SHARES * tilt / float((_KIND_SHARES * tilt).sum())


def _people(random: np.random.Generator, homes: _Homes, begin: int, homeless: bool) -> _People:
    """Return the people of each household, with birth days."""
    count = homes.kind.size
    kind = homes.kind
    # of each household the ages of adults, then children, when it is first seen
    seen = np.maximum(homes.start, begin)
    adult = random.gamma(9.0, 1.55, count) + 20.5
    adult = np.where(kind == 4, 19 + random.gamma(2.6, 2.6, count), adult)
    adult = np.where((kind == 0) | (kind == 1), 20 + random.gamma(1.7, 10.5, count), adult)
    adult = np.where(np.isin(kind, (2, 3)), 23 + random.gamma(3.4, 4.9, count), adult)
    adult = np.where(kind == 7, 27 + random.gamma(4.2, 3.6, count), adult)
    adult = np.where(np.isin(kind, (5, 6)), 65 + random.gamma(1.7, 6.2, count), adult)
    if homeless:
        adult = np.where(kind == 0, 20 + random.gamma(4.5, 4.6, count), adult)
    first_man = random.random(count) < np.select(
        [kind == 3, kind == 5, kind == 0, kind == 4],
        [0.08, 0.40, 0.84 if homeless else 0.55, 0.5],
        0.5,
    )
    parts: list[tuple[Ints, Floats, Bools]] = [(np.arange(count), adult, first_man)]

    def add(where: Bools, age: Floats, male: Bools) -> None:
        index = np.flatnonzero(where)
        parts.append((index, age[index], male[index]))

    opposite = np.where(random.random(count) < 0.94, ~first_man, first_man)
    partner = np.isin(kind, (1, 2, 6, 7))
    add(partner, np.maximum(18.5, adult + random.normal(-0.5, 3.2, count)), opposite)
    mates = random.integers(1, 5, count) + 0.1
    for number in range(4):
        age = np.maximum(18, adult + random.normal(0, 3.5, count))
        add((kind == 4) & (mates > number + 1), age, random.random(count) < 0.52)
    children = np.minimum(1 + random.poisson(np.where(kind == 7, 1.7, 1.0)), 5)
    eldest = np.minimum(adult - 20 - random.gamma(3.0, 2.9, count), 24)
    for number in range(5):
        # the next may not be born yet when the household is first seen
        age = eldest - number * (1.9 + random.gamma(2.0, 0.7, count))
        there = np.isin(kind, (2, 3, 7)) & (children > number) & (age > -9)
        add(there, age, random.random(count) < 0.512)
    elder = adult + 24 + random.gamma(3, 3, count)
    add((kind == 7) & (random.random(count) < 0.62), elder, random.random(count) < 0.4)
    add(partner & (kind == 7) & (random.random(count) < 0.3), elder + 4, random.random(count) < 0.7)
    home = np.concatenate([p[0] for p in parts])
    order = np.argsort(home, kind="stable")
    home = home[order]
    age = np.minimum(np.concatenate([p[1] for p in parts])[order], 103.0)
    male = np.concatenate([p[2] for p in parts])[order]
    birth = seen[home] - np.floor(age * YEAR).astype(np.int64) - random.integers(0, 30, home.size)
    return _People(home, birth, male)


def _registered(
    random: np.random.Generator, homes: _Homes, people: _People, begin: int, end: int
) -> tuple[Ints, Ints, Ints]:
    """Return each person's first day, first day no more, and day of death."""
    start = np.maximum(
        homes.start[people.home], people.birth + random.integers(3, 40, people.home.size)
    )
    stop = homes.end[people.home].copy()
    # children grow up and leave by themselves; a few others part, too
    away = random.exponential(YEAR / 0.02, people.home.size).astype(np.int64) + np.maximum(
        start, begin
    )
    stop = np.where(away < np.minimum(stop, end), away, stop)
    death = _deaths(random, people.birth, np.maximum(start, begin), end - 1)
    dies = death < stop
    death = np.where(dies, death, np.int64(OPEN))
    stop = np.where(dies, death + 1, stop)
    return start, stop, death


def _deaths(random: np.random.Generator, birth: Ints, alive_on: Ints, end: int) -> Ints:
    """Return days of death after ``alive_on`` by a Gompertz law, or OPEN."""
    slope, level = 0.094, 2.9e-5
    age = (alive_on - birth) / YEAR
    hazard = level * np.exp(slope * np.clip(age, 0, 105))
    draw = random.exponential(1.0, birth.size)
    years = np.log1p(draw * slope / hazard) / slope
    day = alive_on + np.ceil(years * YEAR).astype(np.int64)
    return np.where(day < end, day, np.int64(OPEN))


def _chosen(
    random: np.random.Generator,
    people: _People,
    registered: tuple[Ints, Ints],
    days: tuple[int, int],
    wanted: int,
) -> Ints:
    """Return the people kept: at the last day just as many as the list is to have."""
    start, stop = registered
    begin, last = days
    known = (stop > begin) & (start < stop) & (start <= last)
    there = known & (start <= last) & (stop > last)
    excess = int(there.sum()) - wanted
    if excess > 0:
        # whole small households first, so that those who stay keep their families
        size = np.bincount(people.home, minlength=int(people.home.max()) + 1)[people.home]
        candidates = np.flatnonzero(there)
        order = np.lexsort((random.random(candidates.size), np.minimum(size[candidates], 2)))
        known[candidates[order[:excess]]] = False
    return np.flatnonzero(known)


def _origins(random: np.random.Generator, home: Ints) -> tuple[Int8, Int8]:
    """Return ethnicity and language; most of a household share both."""
    shares = random.dirichlet(np.array(_ETHNIC_SHARES) * 25)
    homes = int(home.max()) + 1 if home.size else 0
    of_home = random.choice(len(ETHNICITIES), homes, p=shares)
    other = random.choice(len(ETHNICITIES), home.size, p=shares)
    ethnicity = np.where(random.random(home.size) < 0.92, of_home[home], other)
    language = np.zeros(home.size, np.int64)
    draw_home, draw = random.random(homes), random.random(home.size)
    speaks = np.where(random.random(home.size) < 0.85, draw_home[home], draw)
    for group, words in _OWN_LANGUAGE.items():
        low = 0.0
        for word, share in words:
            chosen = (ethnicity == group) & (speaks >= low) & (speaks < low + share)
            language[chosen] = LANGUAGES.index(word)
            low += share
    return ethnicity.astype(np.int8), language.astype(np.int8)


def _areas(random: np.random.Generator, borough: Borough, practice: Practice, home: Ints) -> Int16:
    weights = borough.area_weights[practice.number]
    near = np.flatnonzero(weights)
    homes = int(home.max()) + 1 if home.size else 0
    chosen = near[random.choice(near.size, homes, p=weights[near] / weights[near].sum())]
    return chosen[home].astype(np.int16)


def age_band(birth: Ints, day: int) -> Ints:
    """Return the position of each person's age on a day among the ten bands used here."""
    age = np.maximum(day - birth, 0) / YEAR
    return np.searchsorted(_AGE_LIMITS, age, side="right")


def _conditions(
    random: np.random.Generator, people: _People, ethnicity: Int8, last: int
) -> tuple[Int32, Floats]:
    """Return the bits of conditions, and the factor by which they raise need."""
    band = age_band(people.birth, last)
    frail = random.gamma(2.0, 0.5, people.birth.size)
    south_asian = np.isin(ethnicity, _SOUTH_ASIAN)
    bits = np.zeros(people.birth.size, np.int32)
    burden = np.ones(people.birth.size)
    for position, name in enumerate(CONDITIONS):
        chance = np.array(_PREVALENCE[name])[band] * (0.35 + 0.65 * frail)
        if name == "diabetes":
            chance = chance * np.where(south_asian, 1.6, 0.8)
        elif name in ("chd", "copd"):
            chance = chance * np.where(people.male, 1.25, 0.75)
        elif name == "depression":
            chance = chance * np.where(people.male, 0.7, 1.3)
        has = random.random(people.birth.size) < np.minimum(chance, 0.9)
        bits |= has.astype(np.int32) << position
        burden = np.where(has, burden * _BURDEN[position], burden)
    return bits, burden


def _housebound(random: np.random.Generator, people: _People, last: int) -> Bools:
    chance = np.array([0.0, 0.0, 0.0005, 0.0005, 0.001, 0.002, 0.006, 0.02, 0.075, 0.26])
    return random.random(people.birth.size) < chance[age_band(people.birth, last)]


def _need(
    random: np.random.Generator,
    people: _People,
    burden: Floats,
    registered: tuple[Ints, Ints],
    last: int,
) -> Float32:
    """Return requests a year, scaled so that those on the list today make _MEAN_NEED."""
    mean = _NEED[people.male.astype(np.int64), age_band(people.birth, last)] * burden
    start, stop = registered
    here = (start <= last) & (stop > last)
    mean = mean * (_MEAN_NEED * random.normal(1, 0.05) / mean[here].mean())
    return (mean * random.gamma(_NEED_SHAPE, 1 / _NEED_SHAPE, mean.size)).astype(np.float32)


def _loyalty(
    random: np.random.Generator, people: _People, conditions: Int32, start: Ints, last: int
) -> Float32:
    """Return the chance to ask for the own GP: more for the old, the ill, the long known."""
    age = np.maximum(last - people.birth, 0) / YEAR
    known = np.clip((last - start) / YEAR / 10, 0, 1)
    ill = np.minimum(np.bitwise_count(conditions), 4) / 4
    old = np.clip((age - 55) / 15, 0, 1)
    mean = np.clip(0.08 + 0.0042 * age + 0.16 * old + 0.12 * known + 0.14 * ill, 0.03, 0.9)
    return random.beta(4 * mean, 4 * (1 - mean)).astype(np.float32)

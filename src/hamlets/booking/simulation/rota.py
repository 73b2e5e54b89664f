"""The rota: who works which half-day, after leave, sickness and bank holidays, with locums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.places import Network
from hamlets.booking.simulation.posts import GP_ROLES, NAMED_ROLES, Post, days_of
from hamlets.booking.simulation.world import (
    HALVES,
    Bools,
    Patients,
    Practice,
    Rota,
    Setting,
    stream,
)

PURPOSE, HUB_PURPOSE = 4, 2_000

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

REQUEST_SHARES = {
    "gp": 0.415,
    "nurse": 0.28,
    "healthcare_assistant": 0.15,
    "advanced_practitioner": 0.055,
    "pharmacist": 0.05,
    "paramedic": 0.018,
    "physiotherapist": 0.016,
    "social_prescriber": 0.011,
    "physician_associate": 0.005,
}
"""Share of a practice's requests that each role's slots are made for. GPs are one."""
_SLOT_MINUTES = {
    "gp": 15,
    "nurse": 15,
    "healthcare_assistant": 10,
    "advanced_practitioner": 15,
    "pharmacist": 15,
    "paramedic": 15,
    "physiotherapist": 20,
    "social_prescriber": 30,
    "physician_associate": 15,
}
_STARTS = (8 * 60 + 30, 14 * 60, 18 * 60 + 30)
_LENGTHS = (250, 250, 90)
_SUPERNUMERARY = 0.6
"""Slots of a registrar's session beside a GP's."""
_HUB_SLOTS, _HUB_SLOT_MINUTES = 10, 12
_HUB_SHARE = 0.03
"""Share of a week's requests that the hub's slots are made for."""
_HUB_REQUESTS = 6.3 / 52
"""Requests of one person in a week."""
_HUB_SESSIONS = (
    (5, 9 * 60, "gp"), (0, 18 * 60 + 30, "gp"), (3, 18 * 60 + 30, "gp"), (5, 11 * 60 + 15, "gp"),
    (1, 18 * 60 + 30, "gp"), (4, 18 * 60 + 30, "gp"), (2, 18 * 60 + 30, "gp"),
    (6, 10 * 60, "gp"), (5, 9 * 60, "nurse"), (1, 18 * 60 + 30, "nurse"),
    (6, 12 * 60 + 15, "gp"), (3, 18 * 60 + 30, "nurse"), (0, 18 * 60 + 30, "gp"),
    (5, 9 * 60, "gp"),
)  # fmt: skip
"""A hub's sessions of a week (weekday, start, role), the most wanted first."""


@dataclass(frozen=True)
class _Days:
    """Simulated days as arrays: number, weekday, fortnight's week, school holiday, closed."""

    number: Ints
    weekday: Ints
    week: Ints
    holiday: Bools
    closed: Bools


@dataclass(frozen=True)
class HubSession:
    """One session at a hub, of which each practice has a block of slots."""

    day: int
    start: int
    staff: int
    """Position in the hub's posts."""
    slots: int
    minutes: int


def make_rota(
    setting: Setting,
    practice: Practice,
    posts: Sequence[Post],
    patients: Patients,
    hub: Rota,
) -> Rota:
    """Return the practice's rota and its part of the hub's, ordered by day, start and staff.

    ``posts`` are the practice's own; the hub's follow them in the numbering of staff.
    """
    random = stream(setting.seed, practice.number, PURPOSE)
    days = _days(setting)
    present = _template(random, posts, days)
    employed = _employed(posts, days)
    away = _away(random, posts, days)
    working = present & (employed & ~away & ~days.closed)[:, :, None]
    lacking = present & (employed & away & ~days.closed)[:, :, None]
    _cover(random, practice, posts, days, working, lacking | _vacant(posts, present, days))
    staff, day, half = np.nonzero(working)
    requests = expected_requests(setting, patients)
    own = _sessions(random, practice, posts, requests, (staff, days.number[day], half))
    return _joined(own, hub, len(posts))


@lru_cache(maxsize=4)
def _days(setting: Setting) -> _Days:
    begin, end = days_of(setting)
    number = np.arange(begin, end + 1)
    weekday = (number + 3) % 7
    epoch = date(1970, 1, 1)
    dates = [epoch + timedelta(days=int(n)) for n in number]
    free = _bank_holidays(dates[0].year, dates[-1].year)
    closed = (weekday >= 5) | np.array([d in free for d in dates])
    holiday = np.array([_school_holiday(d) for d in dates])
    return _Days(number, weekday, (number + 3) // 7 % 2, holiday, closed)


def _bank_holidays(first: int, last: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(first, last + 1)))


def _school_holiday(day: date) -> bool:
    return day.month == 8 or (day.month, day.day) >= (12, 20) or (day.month == 4 and day.day < 16)


def _template(random: np.random.Generator, posts: Sequence[Post], days: _Days) -> Bools:
    """Return who has a session by template: posts x days x (morning, afternoon, evening)."""
    present = np.zeros((len(posts), days.number.size, len(HALVES)), np.bool_)
    popular = np.array([1.35, 1.1, 0.95, 1.0, 0.9])
    # GPs who hold lists by weekday and half, so that no half-day is left to chance
    load = np.zeros((5, 2))
    counted: set[int] = set()
    for position, post in enumerate(posts):
        if post.role == "gp_locum":
            continue
        allowed = np.array(post.weekdays)
        # Monday is everybody's busiest day; people differ in the days they keep free
        wish = popular[allowed]
        if post.role in NAMED_ROLES:
            wish = wish * 0.3 ** (load[allowed].sum(1) - load[allowed].sum(1).min())
        keys = random.random(allowed.size) ** (1 / wish)
        order = allowed[np.argsort(-keys)]
        for week in (0, 1):
            count = int(post.sessions + 0.5 * week)
            halves = _halves(order, count, load)
            if post.role in NAMED_ROLES and week == 0 and post.chair not in counted:
                counted.add(post.chair)
                np.add.at(load, tuple(np.array(halves, np.int64).reshape(-1, 2).T), 1)
            for weekday, half in halves:
                here = (days.weekday == weekday) & (days.week == week)
                present[position, here, half] = True
        if post.role in GP_ROLES[:2] and random.random() < 0.3:
            here = (days.weekday == order[0]) & (days.week == int(random.integers(2)))
            present[position, here, 2] = True
    return present


def _halves(order: Ints, count: int, load: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return half-days: whole days first, a last odd one on the emptier half of its day."""
    found = [(int(d), half) for d in order for half in (0, 1)]
    if count <= len(found) and count % 2:
        day = int(order[min(count // 2, order.size - 1)])
        return [*found[: count - 1], (day, int(load[day, 1] < load[day, 0]))]
    return found[:count]


def _employed(posts: Sequence[Post], days: _Days) -> Bools:
    start = np.array([p.start for p in posts])[:, None]
    end = np.array([p.end for p in posts], np.int64)[:, None]
    return (days.number >= start) & (days.number < end)


def _away(random: np.random.Generator, posts: Sequence[Post], days: _Days) -> Bools:
    """Return who is on leave or ill: about six weeks and one a year."""
    weeks = (days.number + 3) // 7
    weeks -= weeks[0]
    count = int(weeks[-1]) + 1
    busy = np.bincount(weeks, weights=days.holiday, minlength=count) >= 4
    away = np.zeros((len(posts), days.number.size), np.bool_)
    off = np.zeros((len(posts), count), np.bool_)
    groups = np.array([p.role in GP_ROLES for p in posts])
    start = np.array([p.start for p in posts])
    end = np.array([p.end for p in posts], np.int64)
    there = (start < days.number[-1]) & (end > days.number[0])
    wish = random.random((len(posts), count)) < np.where(busy, 0.21, 0.083)
    # not more than a third of the GPs, and of all others, in one week
    for week in range(count):
        monday = days.number[0] + 7 * week
        for group in (True, False):
            here = (groups == group) & there & (start <= monday) & (end > monday)
            asked = np.flatnonzero(here & wish[:, week])
            most = max(1, int(here.sum()) // 3)
            off[random.permutation(asked)[:most], week] = True
    away |= off[:, weeks]
    away |= random.random(away.shape) < 0.012
    ill = np.nonzero(random.random(away.shape) < 0.0045)
    length = np.minimum(1 + random.geometric(0.32, ill[0].size), 40)
    length = np.where(random.random(ill[0].size) < 0.04, length + 45, length)
    for post, day, stay in zip(*ill, length, strict=True):
        away[post, day : day + stay] = True
    return away


def _vacant(posts: Sequence[Post], present: Bools, days: _Days) -> Bools:
    """Return GP sessions of chairs in which nobody sits at present, under the next holder."""
    vacant = np.zeros_like(present)
    chairs: dict[int, list[int]] = {}
    for position, post in enumerate(posts):
        if post.role in GP_ROLES[:2]:
            chairs.setdefault(post.chair, []).append(position)
    for chain in chairs.values():
        chain.sort(key=lambda i: posts[i].start)
        for before, after in pairwise(chain):
            gap = (days.number >= posts[before].end) & (days.number < posts[after].start)
            vacant[after] = present[after] & (gap & ~days.closed)[:, None]
    return vacant


def _cover(
    random: np.random.Generator,
    practice: Practice,
    posts: Sequence[Post],
    days: _Days,
    working: Bools,
    gaps: Bools,
) -> None:
    """Let locums work a share of the GP sessions that would fall out; changes ``working``."""
    gps = np.array([p.role in GP_ROLES[:2] for p in posts])
    wanted = random.binomial(gaps[gps][:, :, :2].sum(axis=0), practice.habits.locum_share)
    locums = np.array([i for i, p in enumerate(posts) if p.role == "gp_locum"], np.int64)
    if locums.size == 0:
        return
    employed = _employed([posts[i] for i in locums], days)
    liking = random.random((locums.size, 7))
    for day in np.flatnonzero(wanted.any(axis=1)).tolist():
        there = np.flatnonzero(employed[:, day])
        there = locums[there[np.argsort(liking[there, day % 7], kind="stable")]]
        for half in (0, 1):
            working[there[: int(wanted[day, half])], day, half] = True


def _sessions(
    random: np.random.Generator,
    practice: Practice,
    posts: Sequence[Post],
    requests: float,
    worked: tuple[Ints, Ints, Ints],
) -> Rota:
    """Return sessions with as many slots as the expected requests need."""
    staff, day, half = worked
    length = np.array(_LENGTHS)[half]
    weight = length / _LENGTHS[0]
    weight[np.array([p.role == "gp_registrar" for p in posts])[staff]] *= _SUPERNUMERARY
    kinds = [_kind(p.role) for p in posts]
    slots = np.zeros(staff.size, np.int64)
    minutes = np.zeros(staff.size, np.int64)
    shares = _shares({kinds[i] for i in np.unique(staff)})
    for kind, share in shares.items():
        here = np.flatnonzero(np.array([k == kind for k in kinds])[staff])
        total = practice.habits.supply * share * requests
        exact = total * weight[here] / weight[here].sum()
        most = length[here] // 5
        slots[here] = np.minimum(np.floor(exact + random.random(here.size)), most)
        fits = length[here] // np.maximum(slots[here], 1)
        minutes[here] = np.minimum(_SLOT_MINUTES[kind], fits)
    some = np.flatnonzero(slots)
    staff, day, half, slots, minutes = (a[some] for a in (staff, day, half, slots, minutes))
    start = np.array(_STARTS)[half]
    site = _sites(random, practice, len(posts))[staff, (day + 3) % 7]
    return Rota(
        staff=staff.astype(np.int32),
        day=day.astype(np.int32),
        start_minute=start.astype(np.int16),
        end_minute=(start + np.array(_LENGTHS)[half]).astype(np.int16),
        half=half.astype(np.int8),
        site=site.astype(np.int8),
        slots=slots.astype(np.int16),
        slot_minutes=minutes.astype(np.int16),
    )


def _kind(role: str) -> str:
    return "gp" if role in GP_ROLES or role == "gp" else role


def _shares(there: set[str]) -> dict[str, float]:
    """Return the share of requests by role; what has nobody goes to nurses, else to GPs."""
    found = {kind: REQUEST_SHARES[kind] for kind in REQUEST_SHARES if kind in there}
    for kind, share in REQUEST_SHARES.items():
        if kind not in there:
            other = "nurse" if kind == "healthcare_assistant" else "gp"
            other = other if other in there else next(iter(found), None)
            if other is not None:
                found[other] += share
    return found


def _sites(random: np.random.Generator, practice: Practice, posts: int) -> Ints:
    """Return the site of each member of staff by weekday: mostly the main one."""
    return np.where(random.random((posts, 7)) < 0.72, 0, len(practice.sites) - 1)


def expected_requests(setting: Setting, patients: Patients) -> float:
    """Return the requests expected in all simulated days."""
    begin, end = days_of(setting)
    first = np.maximum(patients.registered_from, begin)
    last = np.minimum(patients.registered_to, end + 1)
    days = np.maximum(last.astype(np.int64) - first, 0)
    return float((patients.need * days).sum() / 365.25)


def hub_sessions(setting: Setting, network: Network, posts: Sequence[Post]) -> list[HubSession]:
    """Return the sessions of a network's hub, ordered by day, start and staff."""
    random = stream(setting.seed, -1, HUB_PURPOSE + network.number)
    days = _days(setting)
    people = network.list_size
    week = round(_HUB_SHARE * people * _HUB_REQUESTS / _HUB_SLOTS)
    found: set[tuple[int, int, int]] = set()
    for weekday, start, role in _HUB_SESSIONS[:week]:
        for position in np.flatnonzero(days.weekday == weekday).tolist():
            day = int(days.number[position])
            if days.closed[position] and weekday < 5:
                continue
            busy = {s for d, _, s in found if d == day}
            able = [
                i
                for i, p in enumerate(posts)
                if _kind(p.role) == role and p.start <= day < p.end and i not in busy
            ]
            if able:
                found.add((day, start, able[int(random.integers(len(able)))]))
    return [HubSession(d, t, s, _HUB_SLOTS, _HUB_SLOT_MINUTES) for d, t, s in sorted(found)]


def hub_part(sessions: Sequence[HubSession], sizes: Sequence[int], which: int) -> Rota:
    """Return one practice's blocks of a hub's sessions, in proportion to list sizes.

    ``staff`` is a position in the hub's posts. Blocks take turns in their order, and no
    two practices have the same slot.
    """
    share = np.concatenate([[0.0], np.cumsum(sizes) / max(1, sum(sizes))])
    rows: list[tuple[int, int, int, int, int]] = []
    for number, session in enumerate(sessions):
        # the cut wanders from session to session, so that rounding favours nobody
        shift = (number * 0.618034) % 1.0
        low, high = (int(np.floor(share[which + k] * session.slots + shift)) for k in (0, 1))
        low, high = (min(max(v, 0), session.slots) for v in (low, high))
        if high > low:
            start = session.start + low * session.minutes
            rows.append((session.staff, session.day, start, high - low, session.minutes))
    table = np.array(rows, np.int64).reshape(-1, 5)
    staff, day, start, slots, minutes = table.T
    half = np.select([start >= 18 * 60, start >= 13 * 60], [2, 1], 0)
    return Rota(
        staff=staff.astype(np.int32),
        day=day.astype(np.int32),
        start_minute=start.astype(np.int16),
        end_minute=(start + slots * minutes).astype(np.int16),
        half=half.astype(np.int8),
        site=np.full(staff.size, -1, np.int8),
        slots=slots.astype(np.int16),
        slot_minutes=minutes.astype(np.int16),
    )


def _joined(own: Rota, hub: Rota, posts: int) -> Rota:
    """Return both in the order of day, start and staff; the hub's staff come after the own."""
    parts = {name: np.concatenate([getattr(own, name), getattr(hub, name)]) for name in _FIELDS}
    parts["staff"][own.staff.size :] += posts
    order = np.lexsort((parts["staff"], parts["start_minute"], parts["day"]))
    return Rota(**{name: values[order] for name, values in parts.items()})


_FIELDS = tuple(Rota.__dataclass_fields__)

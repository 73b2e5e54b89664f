"""Named GPs over time: who is given to whom, when, and what goes wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.posts import NAMED_ROLES, Post
from hamlets.booking.simulation.world import OPEN, NamedGps

Ints = npt.NDArray[np.int64]

_WITHOUT = 0.03
"""Share of patients who never get a named GP."""
_WRONG = 0.01
"""Share given to a locum or a registrar by error."""
_FORGOTTEN = 0.06
"""Share of a leaver's patients to whom nobody gives another GP."""
_ALONE = 0.1
"""Share of people who are not with the GP of their household."""


def name_gps(
    random: np.random.Generator,
    posts: Sequence[Post],
    home: Ints,
    registered: tuple[Ints, Ints],
    days: tuple[int, int],
) -> NamedGps:
    """Return dated named GPs; ``staff`` is a position in ``posts``.

    ``days`` are the first simulated day and the last that has happened. A row begins
    inside the GP's employment. It may outlast it: until the leaver's patients are given
    to others, or for good where they are forgotten.
    """
    start, stop = registered
    begin, end = days
    rows: list[tuple[Ints, Ints, Ints, Ints]] = []
    lists = np.array([p.role in NAMED_ROLES for p in posts])
    left = np.array([min(p.end, int(OPEN)) for p in posts], np.int64)
    current = _first(random, posts, lists, home, np.maximum(start, begin))
    wrong = np.array([p.role in ("gp_locum", "gp_registrar") for p in posts])
    current = _mistakes(random, posts, wrong, current, np.maximum(start, begin))
    current[random.random(home.size) < _WITHOUT] = -1
    delay = np.where(random.random(home.size) < 0.85, 0, random.gamma(1.4, 22, home.size))
    since = start + delay.astype(np.int64)
    begun = np.array([p.start for p in posts], np.int64)
    since = np.maximum(since, begun[current])
    # nobody is given to someone who has left meanwhile
    since = np.where(since < left[current], since, np.maximum(start, begun[current]))
    for gone in np.argsort(left, kind="stable"):
        if left[gone] > end:
            break
        here = np.flatnonzero((current == gone) & (since < left[gone]) & (stop > left[gone]))
        here = here[random.random(here.size) >= _FORGOTTEN]
        if here.size == 0:
            continue
        # one letter to the whole list, some weeks before or after the last day
        day = int(left[gone]) + int(np.clip(random.normal(12, 30), -30, 120))
        new = _pick(random, posts, lists, day, here.size, home[here])
        if new is None:
            continue
        days_of_change = day + random.integers(0, 8, here.size)
        fits = (days_of_change < stop[here]) & (days_of_change > since[here])
        fits &= (days_of_change <= end) & (days_of_change < left[new])
        here, new, days_of_change = here[fits], new[fits], days_of_change[fits]
        rows.append((here, current[here], since[here], days_of_change))
        current[here], since[here] = new, days_of_change
    kept = (current >= 0) & (since < stop)
    who = np.flatnonzero(kept)
    rows.append((who, current[who], since[who], np.where(stop[who] == OPEN, OPEN, stop[who])))
    patient, staff, first, last = (
        np.concatenate([row[i] for row in rows]).astype(np.int64) for i in range(4)
    )
    valid = (staff >= 0) & (first < last)
    patient, staff, first, last = patient[valid], staff[valid], first[valid], last[valid]
    order = np.lexsort((first, patient))
    counts = np.bincount(patient, minlength=home.size)
    offset = np.concatenate([[0], np.cumsum(counts)])
    return NamedGps(
        offset.astype(np.int32),
        staff[order].astype(np.int32),
        first[order].astype(np.int32),
        last[order].astype(np.int32),
    )


def _first(
    random: np.random.Generator,
    posts: Sequence[Post],
    lists: npt.NDArray[np.bool_],
    home: Ints,
    day: Ints,
) -> Ints:
    """Return the first named GP of each person, shared by most of a household."""
    current = np.full(home.size, -1, np.int64)
    # GPs come and go on few days: between two of them everybody has the same choice
    turns = sorted({p.start for p in posts} | {p.end for p in posts})
    turn = np.searchsorted(turns, day, side="right")
    for value in np.unique(turn):
        here = np.flatnonzero(turn == value)
        chosen = _pick(random, posts, lists, int(day[here].min()), here.size, home[here])
        if chosen is not None:
            current[here] = chosen
    return current


def _pick(
    random: np.random.Generator,
    posts: Sequence[Post],
    lists: npt.NDArray[np.bool_],
    day: int,
    count: int,
    home: Ints,
) -> Ints | None:
    """Return GPs in post on a day for people, by sessions; None where nobody is."""
    there = [i for i, p in enumerate(posts) if lists[i] and p.start <= day < p.end - 1]
    if not there:
        return None
    weights = np.array([posts[i].sessions for i in there])
    shares = np.cumsum(weights / weights.sum())
    homes, of_home = np.unique(home, return_inverse=True)
    draw = np.where(
        random.random(count) < _ALONE, random.random(count), random.random(homes.size)[of_home]
    )
    return np.array(there)[np.minimum(np.searchsorted(shares, draw), len(there) - 1)]


def _mistakes(
    random: np.random.Generator,
    posts: Sequence[Post],
    wrong: npt.NDArray[np.bool_],
    current: Ints,
    day: Ints,
) -> Ints:
    """Put some people on the list of somebody who should have none."""
    slips = np.flatnonzero(random.random(current.size) < _WRONG)
    for who in slips.tolist():
        there = [i for i, p in enumerate(posts) if wrong[i] and p.start <= day[who] < p.end - 60]
        if there:
            current[who] = there[int(random.integers(len(there)))]
    return current

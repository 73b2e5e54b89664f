"""Who moves together when lists are handed over, and where each may go at what price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.teams.allocation import total_by
from hamlets.teams.handover_places import Places
from hamlets.teams.inputs import Bools, Float64, Int64

LEAVE_PRICE = 40.0
"""Weighted contacts that a mean patient's work costs which leaves its team: only a team's band
is worth it."""
MOVE_PRICE = 5.0
"""Weighted contacts that each other patient who moves costs."""
_HOUSEHOLD, _SITE, _LANGUAGE = 0.01, 0.004, 0.004
"""Pulls, in weighted contacts, where contacts do not decide."""


@dataclass(frozen=True)
class Units:
    """People who move together, and the ways they may go."""

    of: Int64
    """Unit of each patient, -1 for those who stay."""
    unit: Int64
    place: Int64
    gain: Float64
    """Weighted contacts of each way."""
    pull: Float64
    price: Float64
    taken: Float64


def find_units(
    places: Places, movable: Bools, leave: bool, cross: bool, takers: Bools | None = None
) -> Units:
    """Return units of the movable and their ways.

    ``leave`` lets those who must go leave their team, ``cross`` everybody else, who go to
    ``takers`` only.
    """
    return _Finding(places, movable).units(leave, cross, takers)


class _Finding:
    """The units of some patients."""

    def __init__(self, places: Places, movable: Bools) -> None:
        self.places, self.q = places, places.q
        self.of, self.asked = self._number(movable)
        self.moving = np.flatnonzero(self.of >= 0)
        self.unit = self.of[self.moving]
        self.count = int(self.of.max(initial=-1)) + 1
        first = np.full(self.count, -1, dtype=np.int64)
        first[self.unit[::-1]] = self.moving[::-1]
        self.first = first
        """The first patient of each unit."""
        self.must = self.q.mine[first]
        self.now, self.home = places.now[first], places.home[first]

    def units(self, leave: bool, cross: bool, takers: Bools | None) -> Units:
        """Return the units and their ways."""
        p, must = self.places, self.must
        allowed = self._allowed(np.where(must, leave, cross))
        if takers is not None:
            allowed[~must] &= takers | (np.arange(len(p.gp)) == self.now[~must, None])
        worth = _by_unit(self.unit, p.worth[self.moving], self.count)
        row, place = np.nonzero(allowed)
        size = np.bincount(self.unit, minlength=self.count)
        work = total_by(self.unit, p.work[self.moving], self.count)
        goes = place != self.now[row]
        others = goes & ~must[row]
        home = self.home[row]
        left = goes & (p.group[place] != home) & (home < p.teams)
        price = MOVE_PRICE * size[row] * others + LEAVE_PRICE * (work / p.mean)[row] * left
        return Units(
            of=self.of,
            unit=row,
            place=place,
            gain=worth[row, place],
            pull=self._pulls()[row, place],
            price=price,
            taken=np.where(others, size[row], 0.0).astype(np.float64),
        )

    def _number(self, movable: Bools) -> tuple[Int64, Int64]:
        """Return unit and wish of each patient who may move: of one household, GP and wish."""
        q = self.q
        people = q.before.people
        asked = np.where((people.locked >= 0) & q.may[people.locked], people.locked, -1)
        home = people.household if q.model.households else np.arange(people.size)
        keys = np.stack([home.astype(np.int64), self.places.now, asked.astype(np.int64)], axis=1)
        keys[:, 2] = np.where(movable, _joined_wishes(keys, movable), keys[:, 2])
        of = np.full(people.size, -1, dtype=np.int64)
        if movable.any():
            of[movable] = np.unique(keys[movable], axis=0, return_inverse=True)[1].reshape(-1)
        return of, keys[:, 2]

    def _allowed(self, leaves: Bools) -> Bools:
        """Return units x places where each unit may go."""
        groups = np.zeros((self.count, self.places.groups), dtype=np.bool_)
        groups[np.arange(self.count), self.home] = True
        groups[leaves] = True
        if self.q.model.households:
            tied = self._tied()
            some = tied.any(axis=1)
            tied[np.arange(self.count), self.home] = True
            groups[some] &= tied[some]
        may = self.q.may[self.places.gp]
        allowed = groups[:, self.places.group] & may
        none = ~allowed.any(axis=1) & self.must
        # A team without a GP: where the household is, else anywhere.
        allowed[none] = may
        if self.q.model.households:
            with_household = self._tied()[:, self.places.group] & may
            near = none & with_household.any(axis=1)
            allowed[near] = with_household[near]
        asked = self.places.place_of[self.asked[self.first]]
        wish = self.must & (asked >= 0)
        allowed[wish] = False
        allowed[np.flatnonzero(wish), asked[wish]] = True
        stays = ~self.must & (self.now >= 0)
        allowed[np.flatnonzero(stays), self.now[stays]] = True
        return allowed

    def _tied(self) -> Bools:
        """Return units x groups: teams in which others of the household have their lists."""
        p, people = self.places, self.q.before.people
        listed = (p.now >= 0) & (p.home < p.teams)
        houses = int(people.household.max(initial=-1)) + 1
        # One row of each household, team and unit; those of other units tie this one.
        pairs = np.zeros((houses, p.groups), dtype=np.int64)
        np.add.at(pairs, (people.household[listed], p.home[listed]), 1)
        inside = np.zeros((self.count, p.groups), dtype=np.int64)
        mine = self.moving[listed[self.moving]]
        np.add.at(inside, (self.of[mine], p.home[mine]), 1)
        house = np.zeros(self.count, dtype=np.int64)
        house[self.unit] = people.household[self.moving]
        return pairs[house] > inside

    def _pulls(self) -> Float64:
        """Return units x places: small pulls to the household's GP, the site, the language."""
        p, staff, people = self.places, self.q.after.clinicians, self.q.before.people
        pull = np.zeros((self.count, len(p.gp)))
        if self.q.model.households:
            listed = (p.now >= 0) & (self.of < 0)
            houses = int(people.household.max(initial=-1)) + 1
            near = np.zeros((houses, len(p.gp)), dtype=np.bool_)
            near[people.household[listed], p.now[listed]] = True
            pull += _HOUSEHOLD * _by_unit(
                self.unit, near[people.household[self.moving]].astype(np.float64), self.count
            )
        for words, size, speaks in (
            (people.site, _SITE, [{staff.site[row]} for row in p.gp.tolist()]),
            (people.language, _LANGUAGE, [staff.languages[row] for row in p.gp.tolist()]),
        ):
            known = sorted({word for word in words if word is not None})
            code = np.array([-1 if word is None else known.index(word) for word in words])
            has = np.array([[word in each for each in speaks] for word in known] + [[False] * len(
                p.gp)])  # fmt: skip
            pull += size * _by_unit(
                self.unit, has[code[self.moving]].astype(np.float64), self.count
            )
        return pull


def _joined_wishes(keys: Int64, movable: Bools) -> Int64:
    """Return the wish of each, or the one wish there is among the household's of that GP."""
    wish = keys[:, 2].copy()
    rows = np.flatnonzero(movable)
    _, group = np.unique(keys[rows][:, :2], axis=0, return_inverse=True)
    group = group.reshape(-1)
    size = int(group.max(initial=-1)) + 1
    low = np.full(size, np.iinfo(np.int64).max)
    high = np.full(size, -1, dtype=np.int64)
    asked = wish[rows] >= 0
    np.minimum.at(low, group[asked], wish[rows][asked])
    np.maximum.at(high, group[asked], wish[rows][asked])
    one = (high >= 0) & (low == high)
    wish[rows] = np.where((wish[rows] < 0) & one[group], high[group], wish[rows])
    return wish


def _by_unit(unit: Int64, rows: Float64, count: int) -> Float64:
    """Return units x columns: rows summed by unit."""
    found = np.zeros((count, rows.shape[1]))
    np.add.at(found, unit, rows)
    return found

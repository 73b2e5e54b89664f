"""Handing lists over: some patients get another GP, everybody else stays as far as can be.

Three steps, each only where the one before leaves work outside its band: the patients go to
GPs of their own team; they go anywhere; others move too, within a budget. A band is the
model's, or what the list or team was outside of it before: nobody's patients move to mend
what the change did not make.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.optimise.nested import Nested, Placed, place_units
from hamlets.teams.allocation import total_by, weight_by_team
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import find_gp_shares
from hamlets.teams.handover_terms import Answer, Question, budget_of
from hamlets.teams.inputs import Bools, Float64, Int64

REST_OF_TEAM = 0.5
"""What a contact with the team, but not the named GP, counts beside one with the GP."""
LIST_PRICE, TEAM_PRICE = 20.0, 200.0
"""Weighted contacts that a mean patient's work outside a list's or a team's band costs."""
LEAVE_PRICE = 40.0
"""The same for work that leaves its team: only a team's band is worth it."""
MOVE_PRICE = 5.0
"""Weighted contacts that each other patient who moves costs."""
_HOUSEHOLD, _SITE, _LANGUAGE = 0.01, 0.004, 0.004
"""Pulls, in weighted contacts, where contacts do not decide."""
_ENOUGH = 1e-6
_SPARE = 2.0


def hand_over(question: Question, seconds: float = 6.0, gap: float = 1e-3) -> Answer | None:
    """Return the lists with everybody of ``mine`` placed; None where nobody may take them."""
    if not question.may.any():
        return None
    sharing = _Sharing(question)
    crowded, broken = sharing.all_at_home()
    found = sharing.must_go(leave=broken and not question.others_first)
    placed = sharing.solve(found, seconds / 2, gap)
    if placed is None:
        return None
    wider = sharing.with_others(placed)
    better = None if wider is None else sharing.solve(wider, seconds / 2, gap)
    if wider is not None and better is not None:
        found, placed = wider, better
    return sharing.answer(found, placed, crowded)


@dataclass(frozen=True)
class _Units:
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


class _Sharing:
    """One question as numbers: places are lists, groups are teams and those without one."""

    def __init__(self, question: Question) -> None:
        self.q = question
        people, start = question.before.people, question.start
        self.work = people.work_minutes
        self.mean = float(self.work.mean()) if len(self.work) else 1.0
        stays = (start.named >= 0) & ~question.mine
        lists = np.zeros(question.may.size, dtype=np.bool_)
        lists[start.named[stays]] = True
        self.gp = np.flatnonzero(lists | question.may)
        """The clinician of each place."""
        self.place_of = np.full(question.may.size + 1, -1, dtype=np.int64)
        self.place_of[self.gp] = np.arange(len(self.gp))
        self.teams = len(question.teams)
        self.group = np.where(question.home >= 0, question.home, self.teams)[self.gp]
        self.groups = self.teams + 1
        self.own = weight_by_team(question.after, [(int(row),) for row in self.gp])
        rest = np.zeros((people.size, self.groups))
        rest[:, : self.teams] = weight_by_team(question.after, question.teams)
        self.worth = self.own + REST_OF_TEAM * np.where(
            self.group < self.teams, rest[:, self.group] - self.own, 0.0
        )
        """Patients x places: what is kept of the patient's contacts."""
        self.now = self.place_of[np.where(question.mine, -1, start.named)]
        """Place of each patient, -1 for those who must go or have none."""
        self.home = np.where(start.team >= 0, start.team, self.teams)
        self.left_open = False
        self.over = 0.0
        """Work that has to leave its team whatever is done."""
        self._sides()

    # Sides ------------------------------------------------------------------------

    def _sides(self) -> None:
        q = self.q
        model, after = q.model, q.after
        capacity = after.clinicians.capacity_minutes
        self.part = self._parts(capacity)
        band = model.list_band_percent / 100
        was = self._list_deviations()
        self.high = 1 + np.maximum(band, was)
        self.low = np.maximum(0.0, 1 - np.maximum(band, -was))
        by_team = capacity @ find_gp_shares(after, _arrangement(q.start, q.teams))
        self.group_low = np.full(self.groups, -np.inf)
        self.group_high = np.full(self.groups, np.inf)
        inside = (q.start.team >= 0) | (q.mine if not self._outside_may() else False)
        self.fair = by_team / max(by_team.sum(), 1e-9) * float(self.work[inside].sum())
        if self.teams and by_team.sum() > 0:
            band = model.band_percent / 100
            was = self._team_deviations()
            live = np.isin(np.arange(self.teams), self.group)
            self.group_high[:-1] = self.fair * (1 + np.maximum(band, was))
            self.group_low[:-1] = np.where(live, self.fair * (1 - np.maximum(band, -was)), -np.inf)

    def _outside_may(self) -> bool:
        """Return whether a GP who may take patients is in no team."""
        return bool((self.q.may & (self.q.home < 0)).any())

    def _parts(self, capacity: Float64) -> Float64:
        """Return each place's part of its group, by bookable minutes; equal where none has any."""
        mine = capacity[self.gp]
        total = total_by(self.group, mine, self.groups)[self.group]
        count = total_by(self.group, np.ones(len(mine)), self.groups)[self.group]
        return np.where(total > 0, mine / np.maximum(total, 1e-9), 1 / np.maximum(count, 1))

    def _list_deviations(self) -> Float64:
        """Return how far each list was from its part of its team's work; 0 for a new one."""
        q = self.q
        capacity = q.before.clinicians.capacity_minutes
        holders = np.unique(q.start.named[q.start.named >= 0])
        group = np.where(q.home >= 0, q.home, self.teams)
        listed = q.start.named >= 0
        load = total_by(q.start.named[listed].astype(np.int64), self.work[listed], len(group))
        carried = total_by(group[holders], load[holders], self.groups)[group]
        able = total_by(group[holders], capacity[holders], self.groups)[group]
        fair = np.where(able > 0, capacity * carried / np.maximum(able, 1e-9), 0.0)
        known = (load > 0) & (fair > 0)
        found = np.where(known, load / np.where(known, fair, 1.0) - 1, 0.0)
        return found[self.gp]

    def _team_deviations(self) -> Float64:
        q = self.q
        placed = q.start.team >= 0
        work = total_by(q.start.team[placed].astype(np.int64), self.work[placed], self.teams)
        shares = find_gp_shares(q.before, q.start)
        able = q.before.clinicians.capacity_minutes @ shares
        known = (able > 0) & (work.sum() > 0)
        fair = np.where(known, able / max(able.sum(), 1e-9) * work.sum(), 1.0)
        return np.where(known, work / fair - 1, 0.0)

    # Steps ------------------------------------------------------------------------

    def all_at_home(self) -> tuple[float | None, bool]:
        """Return the home team's work for its share were everybody of it to stay, and whether
        that or another team's would lie outside its band."""
        known = self.home < self.teams
        load = total_by(self.home[known].astype(np.int64), self.work[known], self.groups)
        slack = _ENOUGH * self.mean
        broken = (load > self.group_high + slack) | (load < self.group_low - slack)
        homes = np.unique(self.home[self.q.mine])
        over = np.maximum(load - self.group_high, 0.0)[:-1]
        self.over = float(over[homes[homes < self.teams]].sum())
        crowded = None
        if len(homes) == 1 and homes[0] < self.teams and self.fair[homes[0]] > 0:
            crowded = float(load[homes[0]] / self.fair[homes[0]])
        return crowded, bool(broken.any())

    def must_go(self, leave: bool) -> _Units:
        """Return those who must go: within their team where it has a GP, or anywhere."""
        return self._units(self.q.mine, leave, cross=False)

    def with_others(self, placed: Placed) -> _Units | None:
        """Return others too; None where all bands are kept or nobody else may move."""
        if max(placed.broken, placed.group_broken) <= _ENOUGH * self.mean or not budget_of(self.q):
            return None
        cross = placed.group_broken > _ENOUGH * self.mean
        movable, takers = self._candidates(placed, cross)
        if not movable.any():
            return None
        return self._units(self.q.mine | movable, self.left_open, cross, takers)

    def _candidates(self, placed: Placed, cross: bool) -> tuple[Bools, Bools]:
        """Return others who may have to move, and the places that take them.

        From places above their fair part to those below: of each two, who lose least for
        their work, up to twice what lies outside the bands.
        """
        load = total_by(self.group, placed.load, self.groups)
        fair = self.part * load[self.group]
        if cross:
            team = np.append(self.fair, load[-1])[self.group]
            fair = np.where(self.group < self.teams, self.part * team, fair)
        takers = self.q.may[self.gp] & (placed.load < fair)
        people = self.q.before.people
        asked = (people.locked >= 0) & self.q.may[people.locked]
        free = (self.now >= 0) & ~asked & ~self.q.mine
        enough = _SPARE * (placed.broken + placed.group_broken) + self.mean
        movable = np.zeros(people.size, dtype=np.bool_)
        work = np.maximum(self.work, self.mean / 100)
        for giver in np.flatnonzero(placed.load > fair).tolist():
            mine = np.flatnonzero(free & (self.now == giver))
            for taker in np.flatnonzero(takers).tolist():
                if not cross and self.group[taker] != self.group[giver]:
                    continue
                loss = self.worth[mine, giver] - self.worth[mine, taker] + MOVE_PRICE
                order = mine[np.argsort(loss / work[mine], kind="stable")]
                movable[order[np.cumsum(self.work[order]) <= enough]] = True
        return movable, takers

    def solve(self, units: _Units, seconds: float, gap: float) -> Placed | None:
        """Return the best way for these units."""
        fixed = (units.of < 0) & (self.now >= 0)
        moving = units.of >= 0
        count = int(units.of.max(initial=-1)) + 1
        task = Nested(
            unit=units.unit,
            place=units.place,
            gain=units.gain + units.pull - units.price,
            taken=units.taken,
            most=float(budget_of(self.q)),
            work=total_by(units.of[moving], self.work[moving], count),
            group=self.group,
            held=total_by(self.now[fixed], self.work[fixed], len(self.gp)),
            part=self.part,
            low=self.low,
            high=self.high,
            group_low=self.group_low,
            group_high=self.group_high,
            mean=self.mean,
            price=LIST_PRICE,
            group_price=TEAM_PRICE,
            offset=LEAVE_PRICE * self.over / self.mean,
        )
        return place_units(task, seconds, gap)

    # Units ------------------------------------------------------------------------

    def _units(
        self, movable: Bools, leave: bool, cross: bool, takers: Bools | None = None
    ) -> _Units:
        """Return units of the movable and their ways.

        ``leave`` lets those who must go leave their team, ``cross`` everybody else, who go
        to ``takers`` only.
        """
        self.left_open = leave
        of = self._number(movable)
        moving = np.flatnonzero(of >= 0)
        unit, count = of[moving], int(of.max(initial=-1)) + 1
        first = np.full(count, -1, dtype=np.int64)
        first[unit[::-1]] = moving[::-1]
        must = self.q.mine[first]
        allowed = self._allowed(of, first, must, np.where(must, leave, cross))
        if takers is not None:
            allowed[~must] &= takers | (np.arange(len(self.gp)) == self.now[first][~must, None])
        worth = _by_unit(unit, self.worth[moving], count)
        row, place = np.nonzero(allowed)
        size = np.bincount(unit, minlength=count)
        work = total_by(unit, self.work[moving], count)
        goes = place != self.now[first][row]
        others = goes & ~must[row]
        home = self.home[first][row]
        left = goes & (self.group[place] != home) & (home < self.teams)
        price = MOVE_PRICE * size[row] * others + LEAVE_PRICE * (work / self.mean)[row] * left
        return _Units(
            of=of,
            unit=row,
            place=place,
            gain=worth[row, place],
            pull=self._pulls(of, moving, unit, count)[row, place],
            price=price,
            taken=np.where(others, size[row], 0.0).astype(np.float64),
        )

    def _number(self, movable: Bools) -> Int64:
        """Return the unit of each patient who may move: of one household, GP and wish."""
        q = self.q
        people = q.before.people
        asked = np.where((people.locked >= 0) & q.may[people.locked], people.locked, -1)
        home = people.household if q.model.households else np.arange(people.size)
        keys = np.stack([home.astype(np.int64), self.now, asked.astype(np.int64)], axis=1)
        keys[:, 2] = np.where(movable, _joined_wishes(keys, movable), keys[:, 2])
        of = np.full(people.size, -1, dtype=np.int64)
        if movable.any():
            of[movable] = np.unique(keys[movable], axis=0, return_inverse=True)[1].reshape(-1)
        self.asked = keys[:, 2]
        return of

    def _allowed(self, of: Int64, first: Int64, must: Bools, leaves: Bools) -> Bools:
        """Return units x places where each unit may go."""
        groups = np.zeros((len(first), self.groups), dtype=np.bool_)
        home = self.home[first]
        groups[np.arange(len(first)), home] = True
        groups[leaves] = True
        if self.q.model.households:
            tied = self._tied(of, len(first))
            some = tied.any(axis=1)
            tied[np.arange(len(first)), home] = True
            groups[some] &= tied[some]
        may = self.q.may[self.gp]
        allowed = groups[:, self.group] & may
        none = ~allowed.any(axis=1) & must
        # A team without a GP: where the household is, else anywhere.
        allowed[none] = may
        if self.q.model.households:
            with_household = self._tied(of, len(first))[:, self.group] & may
            near = none & with_household.any(axis=1)
            allowed[near] = with_household[near]
        asked = self.place_of[self.asked[first]]
        wish = must & (asked >= 0)
        allowed[wish] = False
        allowed[np.flatnonzero(wish), asked[wish]] = True
        stays = ~must & (self.now[first] >= 0)
        allowed[np.flatnonzero(stays), self.now[first][stays]] = True
        return allowed

    def _tied(self, of: Int64, count: int) -> Bools:
        """Return units x groups: teams in which others of the household have their lists."""
        people = self.q.before.people
        listed = (self.now >= 0) & (self.home < self.teams)
        houses = int(people.household.max(initial=-1)) + 1
        # One row of each household, team and unit; those of other units tie this one.
        moving = np.flatnonzero(of >= 0)
        pairs = np.zeros((houses, self.groups), dtype=np.int64)
        np.add.at(pairs, (people.household[listed], self.home[listed]), 1)
        inside = np.zeros((count, self.groups), dtype=np.int64)
        mine = moving[listed[moving]]
        np.add.at(inside, (of[mine], self.home[mine]), 1)
        house = np.zeros(count, dtype=np.int64)
        house[of[moving]] = people.household[moving]
        return pairs[house] > inside

    def _pulls(self, of: Int64, moving: Int64, unit: Int64, count: int) -> Float64:
        """Return units x places: small pulls to the household's GP, the site, the language."""
        staff, people = self.q.after.clinicians, self.q.before.people
        pull = np.zeros((count, len(self.gp)))
        if self.q.model.households:
            listed = (self.now >= 0) & (of < 0)
            houses = int(people.household.max(initial=-1)) + 1
            near = np.zeros((houses, len(self.gp)), dtype=np.bool_)
            near[people.household[listed], self.now[listed]] = True
            pull += _HOUSEHOLD * _by_unit(
                unit, near[people.household[moving]].astype(np.float64), count
            )
        for words, size, speaks in (
            (people.site, _SITE, [{staff.site[row]} for row in self.gp.tolist()]),
            (people.language, _LANGUAGE, [staff.languages[row] for row in self.gp.tolist()]),
        ):
            known = sorted({word for word in words if word is not None})
            code = np.array([-1 if word is None else known.index(word) for word in words])
            has = np.array([[word in each for each in speaks] for word in known] + [[False] * len(
                self.gp)])  # fmt: skip
            pull += size * _by_unit(unit, has[code[moving]].astype(np.float64), count)
        return pull

    # Answer -----------------------------------------------------------------------

    def answer(self, units: _Units, placed: Placed, crowded: float | None) -> Answer:
        """Return the lists that a way of the units makes."""
        q = self.q
        named, team = q.start.named.copy(), q.start.team.copy()
        moving = np.flatnonzero(units.of >= 0)
        place = units.place[placed.arc][units.of[moving]]
        named[moving] = self.gp[place]
        group = self.group[place]
        team[moving] = np.where(group < self.teams, group, -1)
        arc = placed.arc
        value = float(units.gain[arc].sum())
        # What pulls decide is no contact: the bound allows for all of it.
        bound = value + (placed.bound - placed.objective) + float(units.pull[arc].sum())
        return Answer(
            named=named,
            team=team,
            value=value,
            bound=max(value, bound),
            team_band_kept=placed.group_broken <= _ENOUGH * self.mean,
            list_band_kept=placed.broken <= _ENOUGH * self.mean,
            may_leave=self.left_open,
            crowded=crowded,
        )


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


def _arrangement(start: Arrangement, teams: tuple[tuple[int, ...], ...]) -> Arrangement:
    nobody = tuple(() for _ in teams)
    return Arrangement(teams, nobody, (), (-1,) * len(teams), start.team, start.named)

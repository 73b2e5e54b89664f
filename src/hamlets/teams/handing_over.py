"""Handing lists over: some patients get another GP, everybody else stays as far as can be.

Three steps, each only where the one before leaves work outside its band: the patients go to
GPs of their own team; they go anywhere; others move too, within a budget. A band is the
model's, or what the list or team was outside of it before: nobody's patients move to mend
what the change did not make.
"""

from __future__ import annotations

import numpy as np

from hamlets.optimise.nested import Nested, Placed, place_units
from hamlets.teams.allocation import total_by
from hamlets.teams.handover_places import ENOUGH, Places, find_sides
from hamlets.teams.handover_terms import Answer, Question, budget_of
from hamlets.teams.handover_units import LEAVE_PRICE, MOVE_PRICE, Units, find_units
from hamlets.teams.inputs import Bools

LIST_PRICE, TEAM_PRICE = 20.0, 200.0
"""Weighted contacts that a mean patient's work outside a list's or a team's band costs."""
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


class _Sharing:
    """One question, and the steps of its answer."""

    def __init__(self, question: Question) -> None:
        self.q, self.places = question, Places(question)
        self.sides = find_sides(self.places)
        self.left_open = False
        self.over = 0.0
        """Work that has to leave its team whatever is done."""

    def all_at_home(self) -> tuple[float | None, bool]:
        """Return the home team's work for its share were everybody of it to stay, and whether
        that or another team's would lie outside its band."""
        known = self.places.home < self.places.teams
        load = total_by(
            self.places.home[known].astype(np.int64), self.places.work[known], self.places.groups
        )
        slack = ENOUGH * self.places.mean
        broken = (load > self.sides.group_high + slack) | (load < self.sides.group_low - slack)
        homes = np.unique(self.places.home[self.q.mine])
        over = np.maximum(load - self.sides.group_high, 0.0)[:-1]
        self.over = float(over[homes[homes < self.places.teams]].sum())
        crowded = None
        if len(homes) == 1 and homes[0] < self.places.teams and self.sides.fair[homes[0]] > 0:
            crowded = float(load[homes[0]] / self.sides.fair[homes[0]])
        return crowded, bool(broken.any())

    def must_go(self, leave: bool) -> Units:
        """Return those who must go: within their team where it has a GP, or anywhere."""
        return self._units(self.q.mine, leave, cross=False)

    def with_others(self, placed: Placed) -> Units | None:
        """Return others too; None where all bands are kept or nobody else may move."""
        if max(placed.broken, placed.group_broken) <= ENOUGH * self.places.mean or not budget_of(
            self.q
        ):
            return None
        cross = placed.group_broken > ENOUGH * self.places.mean
        movable, takers = self._candidates(placed, cross)
        if not movable.any():
            return None
        return self._units(self.q.mine | movable, self.left_open, cross, takers)

    def _candidates(self, placed: Placed, cross: bool) -> tuple[Bools, Bools]:
        """Return others who may have to move, and the places that take them.

        From places above their fair part to those below: of each two, who lose least for
        their work, up to twice what lies outside the bands.
        """
        load = total_by(self.places.group, placed.load, self.places.groups)
        fair = self.sides.part * load[self.places.group]
        if cross:
            team = np.append(self.sides.fair, load[-1])[self.places.group]
            fair = np.where(self.places.group < self.places.teams, self.sides.part * team, fair)
        takers = self.q.may[self.places.gp] & (placed.load < fair)
        people = self.q.before.people
        asked = (people.locked >= 0) & self.q.may[people.locked]
        free = (self.places.now >= 0) & ~asked & ~self.q.mine
        enough = _SPARE * (placed.broken + placed.group_broken) + self.places.mean
        movable = np.zeros(people.size, dtype=np.bool_)
        work = np.maximum(self.places.work, self.places.mean / 100)
        for giver in np.flatnonzero(placed.load > fair).tolist():
            mine = np.flatnonzero(free & (self.places.now == giver))
            for taker in np.flatnonzero(takers).tolist():
                if not cross and self.places.group[taker] != self.places.group[giver]:
                    continue
                loss = self.places.worth[mine, giver] - self.places.worth[mine, taker] + MOVE_PRICE
                order = mine[np.argsort(loss / work[mine], kind="stable")]
                movable[order[np.cumsum(self.places.work[order]) <= enough]] = True
        return movable, takers

    def solve(self, units: Units, seconds: float, gap: float) -> Placed | None:
        """Return the best way for these units."""
        fixed = (units.of < 0) & (self.places.now >= 0)
        moving = units.of >= 0
        count = int(units.of.max(initial=-1)) + 1
        task = Nested(
            unit=units.unit,
            place=units.place,
            gain=units.gain + units.pull - units.price,
            taken=units.taken,
            most=float(budget_of(self.q)),
            work=total_by(units.of[moving], self.places.work[moving], count),
            group=self.places.group,
            held=total_by(self.places.now[fixed], self.places.work[fixed], len(self.places.gp)),
            part=self.sides.part,
            low=self.sides.low,
            high=self.sides.high,
            group_low=self.sides.group_low,
            group_high=self.sides.group_high,
            mean=self.places.mean,
            price=LIST_PRICE,
            group_price=TEAM_PRICE,
            offset=LEAVE_PRICE * self.over / self.places.mean,
        )
        return place_units(task, seconds, gap)

    def _units(
        self, movable: Bools, leave: bool, cross: bool, takers: Bools | None = None
    ) -> Units:
        self.left_open = leave
        return find_units(self.places, movable, leave, cross, takers)

    def answer(self, units: Units, placed: Placed, crowded: float | None) -> Answer:
        """Return the lists that a way of the units makes."""
        q = self.q
        named, team = q.start.named.copy(), q.start.team.copy()
        moving = np.flatnonzero(units.of >= 0)
        place = units.place[placed.arc][units.of[moving]]
        named[moving] = self.places.gp[place]
        group = self.places.group[place]
        team[moving] = np.where(group < self.places.teams, group, -1)
        arc = placed.arc
        value = float(units.gain[arc].sum())
        # What pulls decide is no contact: the bound allows for all of it.
        bound = value + (placed.bound - placed.objective) + float(units.pull[arc].sum())
        return Answer(
            named=named,
            team=team,
            value=value,
            bound=max(value, bound),
            team_band_kept=placed.group_broken <= ENOUGH * self.places.mean,
            list_band_kept=placed.broken <= ENOUGH * self.places.mean,
            may_leave=self.left_open,
            crowded=crowded,
        )

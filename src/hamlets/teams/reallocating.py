"""Re-allocation: somebody leaves, joins, is away or works other sessions; lists are re-made.

Everybody else is fixed as far as can be. ``handing_over`` shares the patients out; here the
practice before and after becomes a draft plan, with what is lost in words.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from hamlets.continuity.calendar import day_number
from hamlets.errors import NoFeasiblePlanError, UnknownPlaceError
from hamlets.optimise.partition import gap_of
from hamlets.optimise.threads import one_thread
from hamlets.records import Store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.change_words import Words
from hamlets.teams.columns import may_lead
from hamlets.teams.comparing.equity import compare_groups
from hamlets.teams.comparing.explaining import explain
from hamlets.teams.comparing.measures import Measured, count_uncovered, measure_arrangement
from hamlets.teams.comparing.shown import plan_teams
from hamlets.teams.gathering import gather
from hamlets.teams.handing_over import hand_over
from hamlets.teams.handover_terms import Answer, Question, budget_of
from hamlets.teams.inputs import Int32, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.planning import NOTHING_MORE, Made, Outcome, assemble
from hamlets.teams.results import Certificate
from hamlets.teams.rule_words import say_limits
from hamlets.teams.staff_changes import (
    StaffChange,
    Standing,
    after_change,
    read_standing_for,
)
from hamlets.teams.starting import Start, read_start

APPROACH = "reallocation"
BUDGET_PERCENT = 5.0
"""Most others who may move, of those with a named GP."""
_COVERS = (
    "Counted are past contacts with the new named GP, and half of those with the rest of the "
    "team. The bound holds for every way to share out these patients that keeps the bands as "
    "well, takes no more of them out of their team and moves no more others."
)
_COVERS_SOME = (
    "Counted are past contacts with the new named GP, and half of those with the rest of the "
    "team. Other patients had to move for the work to stay within its bands. Only those who "
    "lose least by a move were looked at, so there is no bound on every other choice."
)


@dataclass(frozen=True)
class Reallocation:
    """What becomes of some patients, and what it costs."""

    made: Made
    model: TeamModel
    change: StaffChange
    name: str
    day: date
    """The last day of who goes, the first of who comes."""
    patients: int
    """On the list that goes; of who joins or works other sessions: who change lists."""
    stay_in_team: int
    leave_team: int
    others_moved: int
    budget: int
    headline: str
    before: Measured
    after: Measured


@one_thread()
def reallocate(
    store: Store,
    practice: str,
    change: StaffChange,
    *,
    plan_id: str | None = None,
    budget_percent: float = BUDGET_PERCENT,
    band_percent: float | None = None,
) -> Reallocation:
    """Return a draft plan of the practice after a change of staff. Nothing is written.

    Who leaves may have left before the records end, and who joins need not have worked yet.
    Teams stay as they are on the day, or as a plan has them. The patients of who goes get a
    GP of the team whom they saw most, within the bands; where the team's band cannot be kept
    they leave the team, and others move only where a band could not be kept otherwise.
    Without teams the practice's list-holders take them. Raises UnknownPlaceError for somebody
    who is no GP there or a team that is not, UsageError for a day that cannot be,
    NoFeasiblePlanError where nobody else may hold a list, and as ``gather`` does.
    """
    began = time.perf_counter()
    standing = read_standing_for(store, gather(store, practice), change)
    gone = (standing.row, day_number(standing.day)) if standing.gone else None
    start = read_start(store, standing.inputs, plan_id, gone)
    after = after_change(standing, change)
    model = replace(
        start.model,
        disruption_percent=budget_percent,
        **({} if band_percent is None else {"band_percent": band_percent}),
    )
    work = _Work(standing, start, after, change, model)
    question = work.question()
    answer = hand_over(question)
    if answer is None:
        raise _nobody_left(standing, question)
    return work.result(store, question, answer, began)


def _nobody_left(standing: Standing, question: Question) -> NoFeasiblePlanError:
    name = standing.inputs.clinicians.name[standing.row]
    if question.may.any():
        message = "No way was found in time to share out the patients."
    else:
        message = (
            f"{name} is the only GP of the practice who may hold a list, so nobody can take"
            f" over {int(question.mine.sum()):,} patients."
        )
    return NoFeasiblePlanError(
        message,
        where=standing.inputs.practice_id,
        hint="Load the staff list with whoever follows, then run this again.",
    )


class _Work:
    """One change: the practice before and after it."""

    def __init__(
        self,
        standing: Standing,
        start: Start,
        after: PracticeInputs,
        change: StaffChange,
        model: TeamModel,
    ) -> None:
        self.standing, self.start, self.change = standing, start, change
        self.before, self.after, self.model = standing.inputs, after, model
        self.row, self.day = standing.row, standing.day
        self.goes = change.kind in ("leaver", "leave")
        self.name = self.before.clinicians.name[self.row]
        self.names = start.names
        self.teams = self._teams()

    def _teams(self) -> tuple[tuple[int, ...], ...]:
        """Return the GPs of each team as they will be; () for a team that ends."""
        teams = list(self.start.arrangement.teams)
        eligible = self.after.clinicians.eligible
        if self.goes:
            teams = [tuple(gp for gp in team if gp != self.row) for team in teams]
        elif self.change.kind == "joiner" and teams and not any(self.row in t for t in teams):
            place = self._team_of_joiner()
            teams[place] = tuple(sorted((*teams[place], self.row)))
        return tuple(team if eligible[list(team)].any() else () for team in teams)

    def _team_of_joiner(self) -> int:
        """Return the team asked for, else where joining evens out work and cover most."""
        asked, arrangement = self.change.team, self.start.arrangement
        if asked is not None:
            for place, words in enumerate(zip(self.start.team_ids, self.names, strict=True)):
                if asked.casefold() in (word.casefold() for word in words):
                    return place
            raise UnknownPlaceError(
                f'There is no team "{asked}" at {self.before.practice_id}.',
                where="--team",
                hint=f"The teams are: {', '.join(self.names)}.",
            )
        capacity = self.after.clinicians.capacity_minutes
        placed = arrangement.team >= 0
        work = np.bincount(
            arrangement.team[placed],
            weights=self.before.people.work_minutes[placed],
            minlength=len(arrangement.teams),
        )

        def better(place: int) -> tuple[float, float]:
            teams = list(arrangement.teams)
            teams[place] = (*teams[place], self.row)
            able = np.array([capacity[list(team)].sum() for team in teams])
            share = work / max(work.sum(), 1e-9) - able / max(able.sum(), 1e-9)
            bare = count_uncovered(self.after, replace(arrangement, teams=tuple(teams)))
            return float(np.abs(share).sum()) + bare / 100, float(place)

        return int(min(range(len(arrangement.teams)), key=better))

    def question(self) -> Question:
        """Return who must have another GP, and who may take patients."""
        arrangement, staff = self.start.arrangement, self.after.clinicians
        may = self.standing.may & staff.eligible & (staff.capacity_minutes > 0)
        if not may.any():
            may = self.standing.may & staff.eligible
        if self.change.kind == "joiner" and not may[self.row]:
            raise NoFeasiblePlanError(
                f"{self.name} may not hold a list, so no patients can come.",
                where="--joiner",
                hint="Registrars and locums are members of a team, and never named: see the role,"
                " the contract and the sessions on the staff list.",
            )
        mine = arrangement.named == self.row
        if self.change.kind == "joiner":
            mine = arrangement.named < 0
        elif self.change.kind == "sessions":
            mine = np.zeros_like(mine)
        budget = self.model.disruption_percent if mine.any() or not self.goes else 0.0
        return Question(
            before=self.before,
            after=self.after,
            start=arrangement,
            teams=self.teams,
            mine=mine,
            may=may,
            home=self._homes(),
            model=replace(self.model, disruption_percent=budget),
            others_first=not self.goes,
        )

    def _homes(self) -> Int32:
        """Return the team of each clinician's list: where the patients are, else the first."""
        arrangement = self.start.arrangement
        home = np.full(self.after.clinicians.size, -1, dtype=np.int32)
        for place in reversed(range(len(self.teams))):
            home[list(self.teams[place])] = place
        listed = (arrangement.named >= 0) & (arrangement.team >= 0)
        pairs, count = np.unique(
            np.stack([arrangement.named[listed], arrangement.team[listed]]),
            axis=1,
            return_counts=True,
        )
        for place in np.argsort(count, kind="stable").tolist():
            gp, team = pairs[:, place].tolist()
            if gp in self.teams[team]:
                home[gp] = team
        return home

    def result(
        self, store: Store, question: Question, answer: Answer, began: float
    ) -> Reallocation:
        """Return the plan and its figures."""
        start = self.start.arrangement
        arrangement, names = self._arrangement(answer)
        shown = arrangement
        if self.change.kind == "leave":
            shown = replace(arrangement, teams=self._with_absent(arrangement, names))
        before = measure_arrangement(self.before, start, self.model)
        after = measure_arrangement(self.after, arrangement, self.model)
        changed = answer.named != start.named
        others = changed & ~question.mine & (start.named >= 0)
        mine = question.mine if self.goes else changed
        stay = mine & (answer.team == start.team) & (answer.named >= 0)
        words = Words(self, question, answer, mine, int(stay.sum()), int(others.sum()))
        headline = words.headline()
        notes = (headline, *words.all(before, after))
        outcome = self._outcome(shown, answer, began, all_tried=not others.any())
        made = assemble(store, self.after, self.model, outcome, NOTHING_MORE, notes)
        limits = () if answer.team_band_kept else say_limits(["band"], self.model, {})
        plan = replace(
            made.plan,
            approach=APPROACH,
            status="infeasible" if limits else made.plan.status,
            given_up=limits,
            teams=plan_teams(self.after, shown, made.plan.plan_id, names) if names else (),
            options=(before.option("now"), after.option("plan")),
            equity=compare_groups(self.after, self.model, start, arrangement),
            seconds=time.perf_counter() - began,
            notes=tuple(
                dict.fromkeys(
                    note for note in made.plan.notes if names or "No teams are" not in note
                )
            ),
        )
        why = explain(self.after, self.model, shown, start, names or None)
        return Reallocation(
            made=made._replace(plan=plan, explanations=why),
            model=self.model,
            change=self.change,
            name=self.name,
            day=self.standing.day,
            patients=int(mine.sum()),
            stay_in_team=int(stay.sum()),
            leave_team=int((mine & ~stay).sum()),
            others_moved=int(others.sum()),
            budget=budget_of(question),
            headline=headline,
            before=before,
            after=after,
        )

    def _arrangement(self, answer: Answer) -> tuple[Arrangement, tuple[str, ...]]:
        """Return the arrangement without the teams that end, and the names of the others."""
        start = self.start.arrangement
        live = [place for place, team in enumerate(self.teams) if team]
        number = np.full(len(self.teams) + 1, -1, dtype=np.int32)
        number[live] = np.arange(len(live))
        return (
            Arrangement(
                teams=tuple(self.teams[place] for place in live),
                others=tuple(start.others[place] for place in live),
                shared=start.shared,
                leads=tuple(self.lead(place) for place in live),
                team=number[answer.team],
                named=answer.named,
            ),
            tuple(self.names[place] for place in live),
        )

    def _with_absent(
        self, arrangement: Arrangement, names: tuple[str, ...]
    ) -> tuple[tuple[int, ...], ...]:
        """Return the teams with who is away still a member: they come back."""
        mine = {
            self.names[place]
            for place, team in enumerate(self.start.arrangement.teams)
            if self.row in team
        }
        return tuple(
            tuple(sorted({*team, self.row})) if name in mine else team
            for team, name in zip(arrangement.teams, names, strict=True)
        )

    def lead(self, place: int) -> int:
        """Return who leads a team: who does now, else of most sessions, else nobody."""
        now = self.start.arrangement.leads[place]
        if now in self.teams[place]:
            return now
        return next(iter(self.could_lead(place)), -1) if now >= 0 else -1

    def could_lead(self, place: int) -> list[int]:
        """Return who of a team may lead it, most sessions first."""
        staff = self.after.clinicians
        able = may_lead(staff, self.model)
        may = [row for row in self.teams[place] if able[row]]
        return sorted(may, key=lambda row: (-staff.sessions_per_week[row], row))

    def _outcome(
        self, arrangement: Arrangement, answer: Answer, began: float, all_tried: bool
    ) -> Outcome:
        # The bound is one on the candidates: where others move, not all of them were looked at.
        bound = answer.bound if all_tried else math.nan
        gap = gap_of(answer.value, bound) if all_tried else math.nan
        covers = _COVERS if all_tried else _COVERS_SOME
        return Outcome(
            arrangement,
            Certificate(answer.value, bound, gap, 0.0, gap, covers),
            "optimal" if gap <= 1e-9 else "gap",
            time.perf_counter() - began,
        )

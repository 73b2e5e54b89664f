"""A change of staff in sentences: who takes the patients, what is lost, which days are bare."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Protocol

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.teams.comparing.explaining import and_list
from hamlets.teams.comparing.measures import Measured
from hamlets.teams.handover_terms import Answer, Question, budget_of
from hamlets.teams.inputs import Bools
from hamlets.teams.staff_changes import StaffChange, weekdays_lost


class Changed(Protocol):
    """What sentences are made from."""

    row: int
    """The clinician of the change."""
    name: str
    goes: bool
    day: date
    change: StaffChange
    names: tuple[str, ...]
    """Of the teams there were."""
    teams: tuple[tuple[int, ...], ...]
    """GPs of each as they will be; () for a team that ends."""

    def could_lead(self, place: int) -> list[int]:
        """Return who of a team may lead it, most sessions first."""
        ...


class Words:
    """A change in sentences. Staff are named, patients counted."""

    def __init__(
        self,
        work: Changed,
        question: Question,
        answer: Answer,
        mine: Bools,
        stay: int,
        others: int,
    ) -> None:
        self.work, self.question, self.answer = work, question, answer
        self.mine, self.stay, self.others = mine, stay, others
        self.name, self.change = work.name, work.change
        self.day = _said(work.day)

    def headline(self) -> str:
        """Return what becomes of the patients."""
        count = int(self.mine.sum())
        if self.change.kind == "joiner":
            came = int((self.answer.named == self.work.row).sum())
            return f"{self.name} joins on {self.day}, with a list of {_people(came)}."
        if self.change.kind == "sessions":
            had = int((self.question.start.named == self.work.row).sum())
            will = int((self.answer.named == self.work.row).sum())
            return (
                f"{self.name} works {self.change.sessions:g} sessions a week from {self.day}."
                f" The list goes from {_people(had)} to {will:,}."
            )
        if self.change.kind == "leave":
            until = "" if self.change.until is None else f" until {_said(self.change.until)}"
            begin = f"{self.name} is away from {self.day}{until}."
        elif self.work.day < day_of(self.question.before.day):
            begin = f"{self.name} left on {self.day}."
        else:
            begin = f"{self.name} leaves on {self.day}."
        if not count:
            return f"{begin} Nobody has {self.name} as named GP, so no list changes."
        if not any(self.work.row in team for team in self.question.start.teams):
            go = "goes" if count == 1 else "go"
            return f"{begin} {_people(count)} {go} to other GPs of the practice."
        return (
            f"{begin} {_people(count)}: {self.stay:,} can stay in the team,"
            f" {count - self.stay:,} would move."
        )

    def all(self, before: Measured, after: Measured) -> Iterator[str]:
        """Yield the sentences that follow the headline."""
        yield from self._takers()
        yield from self._crowded()
        if self.others:
            yield (
                f"Others who get a different named GP, so that bands are kept: {self.others:,}"
                f" (at most {budget_of(self.question):,} may)."
            )
        elif self.work.goes:
            yield "Nobody else gets a different named GP."
        yield _lost("own GP", before.retained_own, after.retained_own)
        if before.retained_team is not None and after.retained_team is not None:
            yield _lost("own team", before.retained_team, after.retained_team)
        yield from self._uneven(before)
        yield from self._teams()
        if self.change.kind == "sessions":
            yield "Which half-days change is not known, so cover is shown as it is now."
        if not self.answer.list_band_kept:
            yield (
                "Not every list is within"
                f" {self.question.model.list_band_percent:g} in 100 of its part of the team's work."
            )
        if self.change.kind == "leave":
            yield (
                "Once adopted, the covering GPs are the named GPs until another plan is adopted:"
                " nothing ends by itself."
            )

    def _uneven(self, before: Measured) -> Iterator[str]:
        """Yield where the teams of now are outside the band, which no change has to mend."""
        band = self.question.model.band_percent
        if before.band_max is not None and 100 * before.band_max > band + 1e-9:
            most = math.ceil(1000 * before.band_max - 1e-9) / 10
            yield (
                f"As things stand a team is {most:g} in 100 from its share of the work, more than"
                f" the {band:g} of the rule; it may stay as far from it."
            )

    def _takers(self) -> Iterator[str]:
        rows, count = np.unique(self.answer.named[self.mine], return_counts=True)
        staff = self.question.after.clinicians
        order = np.lexsort((rows, -count)).tolist()
        to = [f"{staff.name[rows[at]]} ({count[at]:,})" for at in order if rows[at] >= 0]
        if to and self.change.kind == "leave":
            yield f"Until then their patients are looked after by {and_list(to)}."
        elif to and self.work.goes:
            yield f"They go to {and_list(to)}."

    def _crowded(self) -> Iterator[str]:
        crowded = self.answer.crowded
        if crowded is None or not self.work.goes or not self.answer.may_leave:
            return
        more = math.ceil(100 * crowded - 100 - 1e-9)
        if more > 0:
            yield f"With all of them in the team, its work would be {more} in 100 above its share."

    def _teams(self) -> Iterator[str]:
        work, question = self.work, self.question
        if not work.goes:
            return
        for place, team in enumerate(question.start.teams):
            if work.row not in team:
                continue
            called = work.names[place]
            if not work.teams[place]:
                yield (
                    f"{work.name} is the only GP of {called} who may hold a list, so the team"
                    " ends, and its patients go to others."
                )
                continue
            lost = weekdays_lost(question.before, team, work.row)
            if lost:
                yield f"No GP with a list of {called} is left on {and_list(lost)}."
            if question.start.leads[place] == work.row:
                names = [question.after.clinicians.name[row] for row in work.could_lead(place)]
                able = f"Who could: {and_list(names)}." if names else "Nobody of it may lead."
                yield f"{work.name} leads {called}. {able}"


def _lost(whom: str, before: float | None, after: float | None) -> str:
    was, will = (None if x is None else math.floor(100 * x + 1e-9) for x in (before, after))
    if was is None or will is None:
        return "There is no past contact to keep."
    return f"Past contacts kept with the {whom}: {was} in 100 before, {will} in 100 after."


def _people(count: int) -> str:
    return "1 patient" if count == 1 else f"{count:,} patients"


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

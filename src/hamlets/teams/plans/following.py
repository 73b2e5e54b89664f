"""How a plan stands beside those that the records follow. Light: pages of the site ask it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hamlets.teams.results.keeping import PlanChange, PlanStanding


@dataclass(frozen=True)
class Followed:
    """A plan that a version of the records follows, from its first day on."""

    plan_id: str
    practice: int
    from_date: date


def standing_among(
    followed: Sequence[Followed], plan_id: str, history: Sequence[PlanChange]
) -> PlanStanding:
    """Return how a plan stands, from the plans followed in their order and what was done."""
    mine = next((each for each in followed if each.plan_id == plan_id), None)
    if mine is None:
        done = [change.state for change in history]
        undone = "adopted" in done and "withdrawn" not in done[_last(done, "adopted") :]
        return PlanStanding("proposed" if "proposed" in done else "draft", undone=undone)
    here = [each for each in followed if each.practice == mine.practice]
    place = [each.plan_id for each in here].index(plan_id)
    if place == len(here) - 1:
        return PlanStanding("adopted", mine.from_date)
    after = here[place + 1]
    return PlanStanding("superseded", mine.from_date, after.from_date, after.plan_id)


def _last(words: list[str], word: str) -> int:
    return len(words) - 1 - words[::-1].index(word)

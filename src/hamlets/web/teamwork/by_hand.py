"""What a change by hand does, in words and beside what was."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hamlets.publish import numbers
from hamlets.teams.results import Plan
from hamlets.web.teamwork.comparing import DASH, span
from hamlets.web.words import text


@dataclass(frozen=True)
class Tried:
    """A change by hand as the page shows it before it is kept."""

    title: str
    sentence: str
    followed: str
    rows: tuple[tuple[str, str, str], ...]
    """Measure, before, after."""
    broken: tuple[str, ...]


def people_of(plan: Plan) -> list[tuple[str, str]]:
    """Return who can be moved: id, and name with team."""
    return [
        (who, text("teams.move.person", name=name or who, team=team.name))
        for team in plan.teams
        for who, name in zip(team.members, team.member_names, strict=True)
    ]


def teams_of(plan: Plan) -> list[tuple[str, str]]:
    """Return the teams that somebody can go to."""
    return [(team.team_id, team.name or team.team_id) for team in plan.teams]


def is_in(plan: Plan, staff_id: str, team_id: str) -> bool:
    """Return whether somebody is in a team already."""
    return any(team.team_id == team_id and staff_id in team.members for team in plan.teams)


def tried_words(found: Mapping[str, Any]) -> Tried:
    """Return a change by hand in words."""
    before, after = found["before"], found["after"]
    return Tried(
        title=text("teams.move.done", name=found["name"], team=found["to_team"]),
        sentence=sentence(found),
        followed=text("teams.move.followed", n=f"{found['followed']:,}"),
        rows=tuple(_rows(before, after)),
        broken=tuple(found["broken"]),
    )


def sentence(found: Mapping[str, Any]) -> str:
    """Return "This keeps 2 fewer in every 100 and leaves Tuesday afternoon without a GP ..."."""
    before, after = found["before"]["retained_team"], found["after"]["retained_team"]
    keeps = text("teams.move.keeps_same")
    if before is not None and after is not None:
        less = (before - after) * 100
        if less > 0.05:
            # what is lost is rounded up, what is won down: against the change
            keeps = text("teams.move.keeps_fewer", n=_amount(math.ceil, less))
        elif less < -0.05:
            keeps = text("teams.move.keeps_more", n=_amount(math.floor, -less))
    lost = [
        text("teams.move.leaves", days=_and(each["lost"]), team=each["team"])
        for each in found["uncovered"]
        if each["lost"]
    ]
    won = [
        text("teams.move.covers", days=_and(each["won"]), team=each["team"])
        for each in found["uncovered"]
        if each["won"]
    ]
    parts = [keeps, *lost, *won]
    return text("teams.move.sentence", parts=_and(parts))


def _amount(rounded: Any, per_100: float) -> str:
    whole = rounded(per_100 + (-1e-9 if rounded is math.ceil else 1e-9))
    return str(whole) if whole >= 1 else text("teams.move.under_1")


def _and(words: Any) -> str:
    every = list(words)
    if len(every) < 2:
        return "".join(every)
    return text("part.and", names=", ".join(every[:-1]), last=every[-1])


def _rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> Any:
    for key, show in (
        ("retained_team", numbers.at_least),
        ("retained_own", numbers.at_least),
        ("chance_team", numbers.percent),
    ):
        yield text(f"teams.row.{key}"), show(before[key]), show(after[key])
    yield (
        text("teams.row.work"),
        span(before["work_least"], before["work_most"]),
        span(after["work_least"], after["work_most"]),
    )
    yield text("teams.row.uncovered"), _count(before), _count(after)
    yield (
        text("teams.row.moved"),
        numbers.at_most(before["moved_share"]),
        numbers.at_most(after["moved_share"]),
    )


def _count(option: Mapping[str, Any]) -> str:
    value = option["uncovered_half_days"]
    return DASH if value is None else f"{value:,}"

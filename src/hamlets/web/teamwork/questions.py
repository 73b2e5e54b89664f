"""The questions about teams, as a practice answers them: what is usual, and what could be.

A team model here is plain data with the keys of the model file; ``facts`` is what
:func:`hamlets.web.work.teams.facts` tells of the practice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Model = dict[str, Any]
Facts = Mapping[str, Any]

APPROACHES = ("whole_list", "cohort", "buddies", "personal_lists")
COVERS = ("weekday", "half_day", "none")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
HALVES = ("morning", "afternoon")
SHARED = ("pharmacist", "administrator")
USUAL: Model = {
    "approach": "whole_list",
    "team_gps": [3, 4],
    "roles": {},
    "shared": list(SHARED),
    "cover": "weekday",
    "cover_gps": 1,
    "band_percent": 5,
    "list_band_percent": 10,
    "must_link": [],
    "cannot_link": [],
    "one_site": False,
    "languages": {},
    "skills": {},
    "households": True,
    "disruption_percent": 20,
    "own_gp_percent": 0.5,
    "time_limit_seconds": 60,
}
"""What a question that is left out means on the pages."""
_SMALLER = [2, 4]


def usual_model(facts: Facts) -> Model:
    """Return the answers that a practice begins with: those of most, where they can hold."""
    model = {key: value.copy() if hasattr(value, "copy") else value for key, value in USUAL.items()}
    if not possible_teams(facts, model).teams:
        model["team_gps"] = list(_SMALLER)
    found = possible_teams(facts, model).teams
    nurses = sum(each["role"] == "nurse" for each in facts["staff"])
    if found and nurses >= max(found):
        model["roles"] = {"nurse": 1}
    return model


@dataclass(frozen=True)
class Possible:
    """How many teams there can be, as far as counting tells."""

    gps: int
    teams: tuple[int, ...]
    """Numbers of teams that nothing counted here rules out, ascending."""
    why: str = ""
    """What is in the way where there are none: size, cover, lead, list, role."""
    about: str = ""
    """The day or the role that it is about."""
    have: int = 0


def possible_teams(facts: Facts, model: Mapping[str, Any]) -> Possible:
    """Return the numbers of teams that the counts of GPs allow; the design proves the rest."""
    gps = gps_of(facts, model)
    least, most = bounds(model)
    by_size = [k for k in range(1, len(gps) + 1) if k * least <= len(gps) <= k * most]
    if not by_size:
        return Possible(len(gps), (), "size", have=len(gps))
    limit, why, about = len(gps), "", ""
    for name, what, have in _limits(facts, model, gps):
        if have < limit:
            limit, why, about = have, name, what
    found = tuple(k for k in by_size if k <= limit)
    return Possible(len(gps), found) if found else Possible(len(gps), (), why, about, limit)


def gps_of(facts: Facts, model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the GPs who are to be in teams."""
    lists_only = model.get("approach") in ("buddies", "personal_lists")
    taking = model.get("taking_part")
    return [
        each
        for each in facts["staff"]
        if each["gp"]
        and (each["holds_list"] or not lists_only)
        and (taking is None or each["id"] in taking)
    ]


def bounds(model: Mapping[str, Any]) -> tuple[int, int]:
    """Return fewest and most GPs of a team under the approach."""
    approach = model.get("approach")
    if approach == "personal_lists":
        return 1, 1
    if approach == "buddies":
        return 2, 3
    least, most = model.get("team_gps", USUAL["team_gps"])
    return least, most


def _limits(
    facts: Facts, model: Mapping[str, Any], gps: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str, int]]:
    holders = [each for each in gps if each["holds_list"]]
    yield "list", "", len(holders)
    approach = model.get("approach", "whole_list")
    if approach in ("whole_list", "cohort"):
        named = model.get("leads")
        may = [each for each in gps if (each["id"] in named if named else each["leads"])]
        yield "lead", "", len(may)
        for role, number in (model.get("roles") or {}).items():
            if number and role not in model.get("shared", ()):
                there = sum(each["role"] == role for each in facts["staff"])
                yield "role", role, there // number
    cover = model.get("cover", "weekday")
    if approach == "personal_lists" or cover == "none":
        return
    each_needs = model.get("cover_gps", 1)
    for about, places in _times(cover):
        if about in model.get("cover_except", ()):
            continue
        there = min(
            sum(any(gp["half_days"][week + place] for place in places) for gp in holders)
            for week in (0, 10)
        )
        yield "cover", about, there // each_needs


def _times(cover: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for number, day in enumerate(DAYS):
        if cover == "weekday":
            yield day, (2 * number, 2 * number + 1)
        else:
            for half, name in enumerate(HALVES):
                yield f"{day} {name}", (2 * number + half,)


TIMES = tuple(time for day in DAYS for time in (day, *(f"{day} {half}" for half in HALVES)))
"""Days and half-days that a rule on cover can speak of."""

"""Answers of a team model in words: for the list of changes, the live line, the overview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hamlets.web.teamwork.questions import USUAL, Facts, possible_teams
from hamlets.web.words import known, text

_LINKS = ("must_link", "cannot_link")
_PEOPLE = ("taking_part", "leads")
_COUNTED = ("roles", "languages", "skills")
_NUMBERS = (
    "band_percent",
    "list_band_percent",
    "disruption_percent",
    "own_gp_percent",
    "cover_gps",
    "time_limit_seconds",
)


@dataclass(frozen=True)
class Difference:
    """One question that two people answered differently."""

    question: str
    before: str
    theirs: str
    mine: str


def say_question(key: str) -> str:
    """Return the question that a key of the model answers."""
    return text(f"teams.ask.{key}") if known(f"teams.ask.{key}") else key


def say_answer(key: str, model: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the answer of a model in words; staff by name."""
    value = model.get(key, USUAL.get(key))
    if value is None or value in ([], {}, ()):
        usual = f"teams.usual.{key}"
        return text(usual) if known(usual) else text("teams.usual_none")
    if key in ("approach", "cover"):
        return text(f"teams.{key}.{value}")
    if key == "cohort":
        return say_cohort(value)
    if key in ("team_gps", "team_sessions"):
        return text("teams.from_to", least=f"{value[0]:g}", most=f"{value[1]:g}")
    if key in _LINKS:
        return "; ".join(_people(group, names) for group in value)
    if key in _PEOPLE:
        return _people(value, names)
    if key in _COUNTED:
        return ", ".join(
            f"{number} {say_role(word) if key == 'roles' else word.replace('_', ' ')}"
            for word, number in value.items()
            if number
        )
    if isinstance(value, bool):
        return text("teams.yes" if value else "teams.no")
    if key in _NUMBERS:
        return f"{value:g}"
    return ", ".join(str(each).replace("_", " ") for each in value)


def _people(ids: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(each, each) for each in ids)


def say_cohort(key: str) -> str:
    """Return a cohort in words."""
    name = f"teams.cohort.{key}"
    return text(name) if known(name) else key.replace("_", " ")


def say_role(role: str) -> str:
    """Return a role in words."""
    name = f"teams.role.{role}"
    return text(name) if known(name) else role.replace("_", " ")


def names_of(facts: Facts) -> dict[str, str]:
    """Return the name of everybody at work, by id."""
    return {each["id"]: each["name"] for each in facts["staff"]}


def say_possible(facts: Facts, model: Mapping[str, Any]) -> str:
    """Return the live line: "9 GPs, 12,480 patients: 2 or 3 teams are possible."."""
    found = possible_teams(facts, model)
    before = text(
        "teams.live.one_gp" if found.gps == 1 else "teams.live.gps",
        gps=found.gps,
        patients=f"{facts['patients']:,}",
    )
    if found.teams:
        return f"{before} {_teams(found.teams)}"
    role = say_role(found.about) if found.why == "role" else found.about
    why = text(f"teams.live.no_{found.why}", about=role, n=found.have)
    return f"{before} {why}"


def _teams(teams: tuple[int, ...]) -> str:
    if teams == (1,):
        return text("teams.live.one")
    if len(teams) == 1:
        return text("teams.live.exactly", n=teams[0])
    if len(teams) == 2:
        return text("teams.live.two", least=teams[0], most=teams[1])
    return text("teams.live.some", least=teams[0], most=teams[-1])


def differences(
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    names: Mapping[str, str],
) -> list[Difference]:
    """Return the questions whose answers differ between what two people wrote."""
    keys = dict.fromkeys((*theirs, *mine, *base))
    return [
        Difference(
            say_question(key),
            say_answer(key, base, names),
            say_answer(key, theirs, names),
            say_answer(key, mine, names),
        )
        for key in keys
        if theirs.get(key) != mine.get(key)
    ]

"""One change to a team model, as the page of a conflict offers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hamlets.web.teamwork.questions import TIMES, USUAL

Model = dict[str, Any]


def mended(model: Mapping[str, Any], key: str, value: str) -> Model | None:
    """Return a model with one answer changed; None for a change that there is none of."""
    change = _CHANGES.get(key)
    if change is None:
        return None
    found = {**USUAL, **model}
    try:
        return change(found, value)
    except ValueError:
        return None


def _whole(value: str, most: int) -> int:
    number = int(value)
    if not 1 <= number <= most:
        raise ValueError(value)
    return number


def _percent(key: str) -> Callable[[Model, str], Model]:
    def change(model: Model, value: str) -> Model:
        number = float(value)
        if not 0.1 <= number <= 100:
            raise ValueError(value)
        return {**model, key: int(number) if number.is_integer() else number}

    return change


def _most(model: Model, value: str) -> Model:
    number = _whole(value, 40)
    return {**model, "team_gps": [min(model["team_gps"][0], number), number]}


def _least(model: Model, value: str) -> Model:
    number = _whole(value, 40)
    return {**model, "team_gps": [number, max(model["team_gps"][1], number)]}


def _except(model: Model, value: str) -> Model:
    if value not in TIMES:
        raise ValueError(value)
    return {**model, "cover_except": [*model.get("cover_except", ()), value]}


def _share(model: Model, value: str) -> Model:
    roles = {role: n for role, n in model["roles"].items() if role != value}
    return {**model, "roles": roles, "shared": [*model["shared"], value]}


def _drop_word(key: str) -> Callable[[Model, str], Model]:
    def change(model: Model, value: str) -> Model:
        return {**model, key: {word: n for word, n in model[key].items() if word != value}}

    return change


def _drop_link(key: str) -> Callable[[Model, str], Model]:
    def change(model: Model, value: str) -> Model:
        gone = set(value.split(", "))
        return {**model, key: [group for group in model[key] if not gone >= set(group)]}

    return change


def _without(key: str) -> Callable[[Model, str], Model]:
    def change(model: Model, _value: str) -> Model:
        return {name: answer for name, answer in model.items() if name != key}

    return change


_CHANGES: dict[str, Callable[[Model, str], Model]] = {
    "team_most": _most,
    "team_least": _least,
    "cover_gps": lambda model, value: {**model, "cover_gps": _whole(value, 20)},
    "cover_except": _except,
    "share_role": _share,
    "band_percent": _percent("band_percent"),
    "disruption_percent": _percent("disruption_percent"),
    "households": lambda model, _value: {**model, "households": False},
    "one_site": lambda model, _value: {**model, "one_site": False},
    "drop_languages": _drop_word("languages"),
    "drop_skills": _drop_word("skills"),
    "drop_must_link": _drop_link("must_link"),
    "drop_cannot_link": _drop_link("cannot_link"),
    "team_sessions": _without("team_sessions"),
    "leads": _without("leads"),
}

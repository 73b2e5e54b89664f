"""Inputs of scenarios, from TOML: Hamlets' assumptions, a preset's facts, a reader's changes."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, cast

from hamlets.errors import SourceError, UsageError
from hamlets.networks.results.scale import ScaleInput
from hamlets.networks.scale.modelling import INPUTS, contacts_key, slots_key
from hamlets.records.toml_files import read_toml

MODELS = ("network", "federation", "super_partnership", "multi_practice")
PRESETS = ("tower-hamlets-network-2", "suffolk", "vitality", "whitstable", "hurley")
NO_SOURCE = "No source given"
_MOST_BYTES = 1_000_000
_MOST = 1e12
_FIELDS = ("title", "value", "low", "high", "unit", "kind", "source", "date")
_KEYS = ("title", "model", "team_model", "facts_source", "facts", "inputs", "services")
_SERVICE_KEYS = ("title", "contacts_per_1000", "slots", "source", "date")
_AT_LEAST_1 = ("patients", "sites", "deciders", "joining_at_once")
_SHARES = ("continuity_small", "continuity_large", "least_fill")

Table = Mapping[str, object]


@dataclass(frozen=True)
class Given:
    """What a scenario begins with."""

    name: str
    title: str
    model: str
    team_model: str
    facts: tuple[tuple[str, str], ...]
    facts_source: str
    inputs: tuple[ScaleInput, ...]
    services: tuple[tuple[str, str], ...]
    """(id, title)."""


def preset_text(name: str) -> str:
    """Return the file of a preset, or of what all begin with ("defaults"), to copy and change."""
    return files("hamlets.networks.scale").joinpath(f"presets/{name}.toml").read_text("utf-8")


@cache
def _shipped(name: str) -> Table:
    return tomllib.loads(preset_text(name))


def read_given(name: str, more: Path | None = None) -> Given:
    """Return the inputs of a preset's name or a file; ``more`` is a file whose values stand above.

    Raises UsageError for a name that is neither, SourceError for what is wrong in a file.
    """
    if name in PRESETS:
        return _given(name, [("defaults", _shipped("defaults")), (name, _shipped(name))], more)
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"There is no preset {name!r}, and no such file.",
            where="--preset",
            hint=f"Choose from: {', '.join(PRESETS)}.",
        )
    return _given(path.stem, [("defaults", _shipped("defaults")), (path.name, _file(path))], more)


def read_own(path: Path) -> Given:
    """Return the inputs of a file that changes what every scenario begins with."""
    return _given(path.stem, [("defaults", _shipped("defaults"))], path)


def _file(path: Path) -> Table:
    return read_toml(path, "file of inputs", _MOST_BYTES)


def _given(name: str, layers: list[tuple[str, Table]], more: Path | None) -> Given:
    if more is not None:
        layers = [*layers, (more.name, _file(more))]
    where = layers[-1][0]
    teams = _table(layers[0][1], "team_models", where)
    top: dict[str, str] = {}
    facts: dict[str, str] = {}
    inputs: dict[str, dict[str, object]] = {}
    services: dict[str, dict[str, object]] = {}
    for place, layer in layers:
        keys = (*_KEYS, "team_models") if place == "defaults" else _KEYS
        _known(layer, keys, "the file", place)
        for key in ("title", "model", "team_model", "facts_source"):
            if key in layer:
                top[key] = _text(layer[key], key, place)
        facts |= {key: _text(v, key, place) for key, v in _table(layer, "facts", place).items()}
        for key, value in _table(layer, "inputs", place).items():
            _known({key: value}, INPUTS, "[inputs]", place)
            inputs[key] = _over(inputs.get(key, {}), _as_table(value, key, place), key, place)
        for key, value in _table(layer, "services", place).items():
            table = _as_table(value, key, place)
            _known(table, _SERVICE_KEYS, f"[services.{key}]", place)
            services[key] = {"title": key, **services.get(key, {}), **table}
    _choice(top["model"], MODELS, "model", where)
    _choice(top["team_model"], tuple(teams), "team_model", where)
    if not any("team_gain" in _table(layer, "inputs", place) for place, layer in layers[1:]):
        gain = _as_table(teams[top["team_model"]], top["team_model"], where)
        inputs["team_gain"] = {**inputs["team_gain"], **gain}
    made = [_input(key, inputs[key], where) for key in INPUTS]
    for service, table in services.items():
        made += _service_inputs(service, table, where)
    _check_sites(made, where)
    return Given(
        name,
        top["title"],
        top["model"],
        top["team_model"],
        tuple(facts.items()),
        top["facts_source"],
        tuple(made),
        tuple((key, _text(t["title"], "title", where)) for key, t in services.items()),
    )


def _over(below: dict[str, object], above: Table, key: str, where: str) -> dict[str, object]:
    """Return an input with what a file changes; a new value without a source has none."""
    _known(above, _FIELDS, f"[inputs.{key}]", where)
    found = {**below, **above}
    if "value" in above and below:
        for end in ("low", "high"):
            if end not in above:
                found[end] = above["value"]
        if "source" not in above:
            found |= {"source": NO_SOURCE, "kind": "assumption", "date": ""}
    return found


def _input(key: str, table: Table, where: str) -> ScaleInput:
    low, value, high = (_number(table.get(f), key, where) for f in ("low", "value", "high"))
    _check_range(key, low, value, high, where)
    kind = _text(table.get("kind", "assumption"), "kind", where)
    _choice(kind, ("published", "assumption"), f"{key}: kind", where)
    return ScaleInput(
        key,
        _text(table.get("title", key), f"{key}: title", where),
        value,
        low,
        high,
        _text(table.get("unit", ""), f"{key}: unit", where),
        cast(Literal["published", "assumption"], kind),
        _text(table.get("source", NO_SOURCE), f"{key}: source", where),
        _text(table.get("date", ""), f"{key}: date", where),
    )


def _service_inputs(service: str, table: Table, where: str) -> list[ScaleInput]:
    title = _text(table.get("title", service), "title", where)
    parts = (
        ("contacts_per_1000", contacts_key(service), "contacts a year of 1,000 patients",
         "contacts"),
        ("slots", slots_key(service), "patients of one clinic", "patients"),
    )  # fmt: skip
    found: list[ScaleInput] = []
    for field, key, words, unit in parts:
        if field not in table:
            raise SourceError(
                f"The service {service[:40]} has no {field}.",
                where=where,
                hint=f"Write {field} = {{ value = 60, low = 40, high = 80 }}.",
            )
        given = table[field]
        numbers = (
            {"value": given, "low": given, "high": given}
            if isinstance(given, (int, float))
            else _as_table(given, key, where)
        )
        _known(numbers, ("value", "low", "high"), f"{service}: {field}", where)
        whole = {"low": numbers.get("value"), "high": numbers.get("value"), **numbers}
        text = {"title": f"{title}: {words}", "unit": unit, "kind": "assumption"}
        sources = {"source": table.get("source", NO_SOURCE), "date": table.get("date", "2026-11")}
        made = _input(key, {**whole, **text, **sources}, where)
        if made.low <= 0:
            raise SourceError(f"{key} is not above 0.", where=where, hint="Write 1 or more.")
        found.append(made)
    return found


def _check_range(key: str, low: float, value: float, high: float, where: str) -> None:
    if not low <= value <= high:
        raise SourceError(
            f"{key}: the value does not lie between low and high.",
            where=where,
            hint="Write low = 2, value = 3, high = 4; leave out low and high for no range.",
        )
    least = 1.0 if key in _AT_LEAST_1 else -1.0 if key == "team_gain" else 0.0
    if low < least:
        words = "cannot be negative" if least == 0 else f"cannot be below {least:g}"
        raise SourceError(f"{key} {words}.", where=where, hint=f"Write {least:g} or more.")
    if (key in _SHARES and high > 1) or (key == "clinic_weeks" and high > 53):
        most = 53 if key == "clinic_weeks" else 1
        raise SourceError(f"{key} is above {most}.", where=where, hint="A share is 0.7, not 70.")
    if key in ("clinic_weeks", "least_fill") and low <= 0:
        raise SourceError(f"{key} is not above 0.", where=where, hint="Write a number above 0.")


def _check_sites(inputs: list[ScaleInput], where: str) -> None:
    by_key = {each.key: each for each in inputs}
    if by_key["small_site"].high >= by_key["large_site"].low:
        raise SourceError(
            "A small site may be as large as a large one.",
            where=where,
            hint="Keep the high of small_site below the low of large_site.",
        )


def _number(value: object, key: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SourceError(f"{key} is not a number.", where=where, hint="Write value = 5.")
    if not math.isfinite(value) or abs(value) > _MOST:
        raise SourceError(f"{key} is beyond any organisation.", where=where, hint="Mend it.")
    return float(value)


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str) or len(value) > 1_000:
        raise SourceError(
            f"{key[:60]} is not a short text.", where=where, hint=f'Write {key[:60]} = "...".'
        )
    return value


def _choice(value: str, known: tuple[str, ...], key: str, where: str) -> None:
    if value not in known:
        raise SourceError(
            f"{key}: there is no {value[:40]!r}.",
            where=where,
            hint=f"Choose from: {', '.join(known)}.",
        )


def _table(layer: Table, key: str, where: str) -> Table:
    return _as_table(layer.get(key, {}), key, where)


def _as_table(value: object, key: str, where: str) -> Table:
    if not isinstance(value, dict):
        raise SourceError(
            f"{key[:40]} is not a table.", where=where, hint="Write [inputs.patients] and below it."
        )
    return cast(Table, value)


def _known(table: Table, known: tuple[str, ...], of: str, where: str) -> None:
    for key in table:
        if key not in known:
            raise SourceError(
                f"{of} has a key {key[:40]!r} that there is none of.",
                where=where,
                hint=f"The keys are: {', '.join(known)}.",
            )

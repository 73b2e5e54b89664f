"""A definition of an indicator: a YAML file, held against its schema, as plain data.

What is wrong with a file is said with its line, one sentence a fault, before anything runs.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

import yaml

from hamlets.errors import SourceError
from hamlets.networks.averages import Direction
from hamlets.networks.plain_yaml import PlainLoader
from hamlets.networks.results.indicators import IndicatorInfo, Package

Population = Literal[
    "initial_population",
    "denominator",
    "denominator_exclusion",
    "denominator_exception",
    "numerator",
]
"""The populations of a FHIR proportion or ratio Measure, in the order in which they are made."""
POPULATIONS: tuple[Population, ...] = get_args(Population)
Source = Literal["sql", "counts", "continuity"]
TEXT = " text"
"""Stands behind a path in ``Indicator.lines`` for the line on which the text begins."""
PER = {"percent": 100, "per_1000": 1000, "mean": 100}


@dataclass(frozen=True)
class CodeList:
    """A list of clinical codes and where it comes from."""

    codes: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Indicator:
    """One definition. ``populations`` is empty unless it is counted by SQL."""

    info: IndicatorInfo
    unit: Literal["percent", "per_1000", "mean"]
    source: Source
    populations: dict[Population, str]
    codes: dict[str, CodeList]
    events: bool
    standardise: bool
    measure: str | None
    count_ids: tuple[str, ...]
    authored_by: str
    text: str
    where: str
    lines: dict[str, int]
    """Line on which each population's SQL, and each other part, begins."""

    @property
    def id(self) -> str:
        return self.info.indicator_id

    @property
    def direction(self) -> Direction:
        return self.info.direction


@dataclass(frozen=True)
class Fault:
    """Something wrong with a definition: one sentence, and the line it is on."""

    message: str
    line: int | None = None

    def sentence(self, where: str) -> str:
        """Return the fault with file and line before it."""
        return f"{where}{f', line {self.line}' if self.line else ''}: {self.message}"


class DefinitionError(SourceError):
    """A definition that cannot be used; ``faults`` are all that is wrong with it."""

    code = "indicator_definition"

    def __init__(self, where: str, faults: list[Fault]) -> None:
        first = faults[0]
        more = f" ({len(faults) - 1} more.)" if len(faults) > 1 else ""
        super().__init__(
            first.message + more,
            where=f"{where}{f', line {first.line}' if first.line else ''}",
            hint="`hamlets networks indicators check FILE` lists all that is wrong.",
        )
        self.faults = faults


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema of a definition."""
    text = files("hamlets.networks.indicators").joinpath("indicator.schema.json").read_text("utf-8")
    return json.loads(text)


def read_definition(text: str, where: str) -> Indicator:
    """Return the indicator that a YAML text defines. DefinitionError with all that is wrong."""
    loaded, lines = _load(text, where)
    faults = [
        *_schema_faults(loaded, lines),
        *([] if not _is_sound(loaded) else _sense(loaded, lines)),
    ]
    faults = [f if f.line else Fault(f.message, lines.get("id")) for f in faults]
    if faults:
        raise DefinitionError(where, sorted(faults, key=lambda f: f.line or 0))
    return _indicator(loaded, text, where, lines)


def _load(text: str, where: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        node = yaml.compose(text, Loader=_Loader)
        loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, see _Loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = (error.problem or "it cannot be read").rstrip(".")
        raise DefinitionError(
            where,
            [Fault(f"This is not YAML: {problem}.", mark.line + 1 if mark else None)],
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DefinitionError(where, [Fault("This is not YAML that can be read.")]) from error
    if not isinstance(loaded, dict):
        raise DefinitionError(where, [Fault("A definition is a list of `key: value` lines.", 1)])
    lines: dict[str, int] = {}
    _mark(node, "", lines)
    return cast("dict[str, Any]", loaded), lines


class _Loader(PlainLoader):
    """Dates stay text: the schema says how a day is written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _mark(node: Any, path: str, lines: dict[str, int]) -> None:
    """Note the line of each key, and the line on which its text begins."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{path}{key.value}"
            block = isinstance(value, yaml.ScalarNode) and value.style in ("|", ">")
            lines[name] = key.start_mark.line + 1
            lines[f"{name}{TEXT}"] = lines[name] + (1 if block else 0)
            _mark(value, f"{name}.", lines)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            lines[f"{path}{position}"] = value.start_mark.line + 1
            _mark(value, f"{path}{position}.", lines)


def _schema_faults(loaded: dict[str, Any], lines: dict[str, int]) -> list[Fault]:
    from jsonschema import Draft202012Validator

    faults: list[Fault] = []
    validator = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(loaded):
        path = ".".join(str(part) for part in error.absolute_path)
        faults += [Fault(text, _line(lines, at)) for text, at in _words(error, path)]
    return list(dict.fromkeys(faults))


def _line(lines: dict[str, int], path: str) -> int | None:
    while path and path not in lines:
        path = path.rpartition(".")[0]
    return lines.get(path)


def _words(error: Any, path: str) -> list[tuple[str, str]]:
    """Return sentences for a fault of the schema, each with the path it is about."""
    name = path.rpartition(".")[2] or "the file"
    inside = f" in `{path}`" if path else ""
    match error.validator:
        case "required":
            return [
                (f"`{key}` is missing{inside}.", path)
                for key in error.validator_value
                if key not in error.instance
            ]
        case "additionalProperties":
            known = set(error.schema.get("properties", ()))
            return [
                (f"`{key}` is no key of a definition{inside}.", f"{path}.{key}".lstrip("."))
                for key in error.instance
                if key not in known
            ]
        case "enum" | "const":
            allowed = error.validator_value
            words = ", ".join(map(str, allowed)) if isinstance(allowed, list) else str(allowed)
            return [(f"`{name}` must be one of: {words}.", path)]
        case "type":
            return [
                (f"`{name}` must be {_KINDS.get(error.validator_value, 'of another kind')}.", path)
            ]
        case "pattern":
            return [
                (f"`{name}` may hold small letters, digits and _, and begins with a letter.", path)
            ]
        case "format":
            return [(f"`{name}` must be a day, as 2027-03-31.", path)]
        case "minimum" | "maximum" | "minLength" | "maxLength" | "minItems":
            least = error.validator.startswith("min")
            what = "long" if "Length" in error.validator else ""
            bound = f"at {'least' if least else 'most'} {error.validator_value}"
            unit = " letters" if what else (" entries" if "Items" in error.validator else "")
            return [(f"`{name}` must be {bound}{unit}{f' {what}' if what else ''}.", path)]
        case "uniqueItems":
            return [(f"`{name}` names a code twice.", path)]
        case _:
            return [(f"`{name}` is not as the schema wants it.", path)]


_KINDS = {
    "object": "keys and values",
    "string": "text (put figures and codes in quotation marks)",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
}


def _is_sound(loaded: dict[str, Any]) -> bool:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema()).is_valid(loaded)


def _sense(loaded: dict[str, Any], lines: dict[str, int]) -> list[Fault]:
    """Return what a schema cannot say: a day that is none, thresholds in the wrong order."""
    faults: list[Fault] = []

    def wrong(key: str, message: str) -> None:
        faults.append(Fault(message, lines.get(key)))

    try:
        date.fromisoformat(loaded["next_review"])
    except ValueError:
        wrong("next_review", "`next_review` must be a day, as 2027-03-31.")
    low, high = loaded.get("lower_threshold"), loaded.get("upper_threshold")
    if low is not None and high is not None:
        ordered = low <= high if loaded["direction"] == "higher" else low >= high
        if not ordered:
            wrong("upper_threshold", "The upper threshold must be the better one of the two.")
    for key in ("target", "lower_threshold", "upper_threshold"):
        value = loaded.get(key, 0)
        if not math.isfinite(value):
            wrong(key, f"`{key}` must be a number.")
        elif loaded["unit"] != "per_1000" and value > 100:
            wrong(key, f"`{key}` is a share of 100 and cannot be above 100.")
    populations = loaded["populations"]
    events = loaded.get("counting") == "events"
    if events and loaded["unit"] != "per_1000":
        wrong("unit", "Events are counted for each 1,000 patients: `unit: per_1000`.")
    if loaded["unit"] == "mean" and populations.get("source") != "continuity":
        wrong("unit", "Only measures of continuity have `unit: mean`.")
    if "source" not in populations and loaded["unit"] == "per_1000" and not events:
        wrong("unit", "`unit: per_1000` counts events: add `counting: events`.")
    if loaded.get("group_is") and not events:
        wrong("group_is", "Only events have groups: add `counting: events`.")
    return faults


def _indicator(loaded: dict[str, Any], text: str, where: str, lines: dict[str, int]) -> Indicator:
    populations: dict[str, Any] = loaded["populations"]
    source: Source = populations.get("source", "sql")
    events = loaded.get("counting") == "events"
    unit = loaded["unit"]
    counted = "events" if events else "patients"
    if source == "continuity":
        counted = "mean" if unit == "mean" else "contacts"
    window = loaded.get("window")
    info = IndicatorInfo(
        indicator_id=loaded["id"],
        title=loaded["title"],
        package=cast("Package", loaded["package"]),
        version=loaded["version"],
        per=PER[unit],
        direction=loaded["direction"],
        counted=counted,
        target=_decimal(loaded.get("target")),
        lower_threshold=_decimal(loaded.get("lower_threshold")),
        upper_threshold=_decimal(loaded.get("upper_threshold")),
        window_months=None if window is None else window["months"],
        source=loaded["source"],
        checked_by=loaded["checked_by"],
        next_review=date.fromisoformat(loaded["next_review"]),
        meaning=loaded["meaning"].strip(),
        notes=tuple(loaded.get("notes", ())),
        group_is=loaded.get("group_is"),
    )
    return Indicator(
        info=info,
        unit=unit,
        source=source,
        populations={p: populations[p] for p in POPULATIONS if p in populations},
        codes={
            name: CodeList(tuple(found["codes"]), found["source"])
            for name, found in loaded.get("codes", {}).items()
        },
        events=events,
        standardise="standardise" in loaded,
        measure=populations.get("measure"),
        count_ids=tuple(populations.get("count_ids", ())),
        authored_by=loaded["authored_by"],
        text=text,
        where=where,
        lines=lines,
    )


def _decimal(number: float | int | None) -> Decimal | None:
    """Return a standard as people wrote it: 0.1 is a tenth and nothing else."""
    return None if number is None else Decimal(str(number))

"""Presets: groups of patients of high need, as conditions in a small TOML file.

[end_of_life]
title = "End of life"
authored_by = "Hamlets"
checked_by = "not yet"
date_next_review = 2027-11-30
[[end_of_life.when]]
cohort = "end_of_life"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import cast

import numpy as np

from hamlets.continuity.cohorts import COHORTS
from hamlets.errors import SourceError, UsageError
from hamlets.teams.inputs import Bools, Int64
from hamlets.teams.worklists.book import Patients

_MAX_BYTES = 2**18
_MOST_PRESETS = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST_TEXT = 200
_TOP = 10_000


@dataclass(frozen=True)
class When:
    """A condition: all of what it says holds. None says nothing."""

    cohort: str | None = None
    registers: tuple[str, ...] | None = None
    """On one of them at least."""
    aged_from: int | None = None
    aged_to: int | None = None
    """Years, both ends in; an age that is not known is in no range."""
    conditions_from: int | None = None
    conditions_to: int | None = None
    contacts_from: int | None = None
    contacts_to: int | None = None
    """Counted contacts of the last 12 months."""


@dataclass(frozen=True)
class Preset:
    """A group of patients: those for whom one of the conditions holds."""

    name: str
    title: str
    authored_by: str
    checked_by: str
    date_next_review: date
    when: tuple[When, ...]
    otherwise: tuple[When, ...] = ()
    """Taken where ``when`` holds for nobody in the practice."""
    proxy: str | None = None
    """What is said where ``otherwise`` was taken."""


def shipped_text() -> str:
    """Return the file of presets that comes with Hamlets."""
    return (
        resources.files("hamlets.teams.worklists")
        .joinpath("presets.toml")
        .read_text(encoding="utf-8")
    )


def shipped_presets() -> tuple[Preset, ...]:
    """Return the presets that come with Hamlets, in the order of their file."""
    return make_presets(tomllib.loads(shipped_text()), "presets.toml")


def read_presets(path: str | Path) -> tuple[Preset, ...]:
    """Return the presets of a TOML file; SourceError says what to mend in it."""
    path = Path(path)
    try:
        if not path.is_file():
            raise _wrong("There is no such file of presets.", path.name, "Check the path.")
        if path.stat().st_size > _MAX_BYTES:
            raise _wrong("The file is too large to be one of presets.", path.name, "Check it.")
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        hint = "Pass a text file that you may read."
        if isinstance(error, tomllib.TOMLDecodeError):
            hint = f"Mend this: {error}."
        elif isinstance(error, UnicodeDecodeError):
            hint = "Save it as UTF-8 text."
        raise _wrong("The presets cannot be read as TOML.", path.name, hint) from error
    return make_presets(data, path.name)


def make_presets(data: Mapping[str, object], where: str) -> tuple[Preset, ...]:
    """Return the presets of a TOML table; SourceError names the key that is wrong."""
    if not data or len(data) > _MOST_PRESETS:
        raise _wrong(
            f"A file holds 1 to {_MOST_PRESETS} presets; this one has {len(data)}.",
            where,
            "Write one table for each: [my_patients].",
        )
    return tuple(_preset(name, table, where) for name, table in data.items())


def chosen_presets(presets: Sequence[Preset], names: str) -> tuple[Preset, ...]:
    """Return those of a list of names with commas, or "all"; raises UsageError for another name."""
    if names == "all":
        return tuple(presets)
    known = {preset.name: preset for preset in presets}
    wanted = list(dict.fromkeys(word.strip() for word in names.split(",") if word.strip()))
    unknown = [word for word in wanted if word not in known]
    if unknown or not wanted:
        raise UsageError(
            f"There is no preset {unknown[0]!r}." if unknown else "No preset is named.",
            where="--preset",
            hint=f"Choose all, or from: {', '.join(known)}.",
        )
    return tuple(known[word] for word in wanted)


@dataclass(frozen=True)
class Matched:
    """Who is in a preset, and whether ``otherwise`` was taken."""

    preset: Preset
    patients: Bools
    by_proxy: bool


def match(preset: Preset, people: Patients, contacts: Int64) -> Matched:
    """Return the patients of a preset; ``contacts`` are their counted contacts of 12 months."""
    found = _any_holds(preset.when, people, contacts)
    if found.any() or not preset.otherwise:
        return Matched(preset, found, by_proxy=False)
    return Matched(preset, _any_holds(preset.otherwise, people, contacts), by_proxy=True)


def _any_holds(blocks: Sequence[When], people: Patients, contacts: Int64) -> Bools:
    found = np.zeros(people.size, dtype=np.bool_)
    for block in blocks:
        found |= _holds(block, people, contacts)
    return found


def _holds(block: When, people: Patients, contacts: Int64) -> Bools:
    nobody = np.zeros(people.size, dtype=np.bool_)
    found = ~nobody
    if block.cohort is not None:
        found &= people.cohorts.get(block.cohort, nobody)
    if block.registers is not None:
        on_one = nobody.copy()
        for register in block.registers:
            on_one |= people.registers.get(register, nobody)
        found &= on_one
    for values, low, high in (
        (people.age, block.aged_from, block.aged_to),
        (people.conditions, block.conditions_from, block.conditions_to),
        (contacts, block.contacts_from, block.contacts_to),
    ):
        if low is not None or high is not None:
            found &= values >= (low or 0)
        if high is not None:
            found &= values <= high
    return found


def _preset(name: str, table: object, where: str) -> Preset:
    if not _NAME.fullmatch(name) or name == "all":
        raise _wrong(
            f"{name!r} cannot be the name of a preset.",
            where,
            "Use small letters, digits and _, at most 40, and not: all.",
        )
    if not isinstance(table, dict):
        raise _wrong(f"{name} is not a table.", where, f"Write [{name}] and its keys below it.")
    keys = cast(Mapping[str, object], table)
    _check_keys(keys, [f.name for f in fields(Preset) if f.name != "name"], name, where)
    otherwise = _blocks(keys, "otherwise", name, where) if "otherwise" in keys else ()
    proxy = _text(keys, "proxy", name, where) if "proxy" in keys else None
    if bool(otherwise) != (proxy is not None):
        raise _wrong(
            f"{name}: otherwise and proxy belong together.",
            where,
            "Say in proxy whom otherwise takes, or leave both out.",
        )
    return Preset(
        name,
        _text(keys, "title", name, where),
        _text(keys, "authored_by", name, where),
        _text(keys, "checked_by", name, where),
        _day(keys, "date_next_review", name, where),
        _blocks(keys, "when", name, where),
        otherwise,
        proxy,
    )


def _check_keys(keys: Mapping[str, object], known: Sequence[str], of: str, where: str) -> None:
    for key in keys:
        if key not in known:
            raise _wrong(
                f"{of} has a key {key[:40]!r} that there is none of.",
                where,
                f"The keys are: {', '.join(known)}.",
            )


def _missing(key: str, of: str, where: str) -> SourceError:
    return _wrong(f"{of} has no {key}.", where, f"Add a line: {key} = ...")


def _text(keys: Mapping[str, object], key: str, of: str, where: str) -> str:
    if key not in keys:
        raise _missing(key, of, where)
    value = keys[key]
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
        raise _wrong(
            f"{of}: {key} is not a text of 1 to {_LONGEST_TEXT} letters.",
            where,
            f'Write {key} = "..."',
        )
    return value


def _day(keys: Mapping[str, object], key: str, of: str, where: str) -> date:
    if key not in keys:
        raise _missing(key, of, where)
    value = keys[key]
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(f"{of}: {key} is not a day.", where, f"Write {key} = 2027-11-30")
    return value


def _blocks(keys: Mapping[str, object], key: str, of: str, where: str) -> tuple[When, ...]:
    if key not in keys:
        raise _missing(f"[[{of}.{key}]]", of, where)
    value = keys[key]
    if not isinstance(value, list) or not value:
        raise _wrong(f"{of}: {key} is no list of tables.", where, f"Write [[{of}.{key}]]")
    return tuple(_when(block, f"{of}.{key}", where) for block in cast(list[object], value))


def _when(block: object, of: str, where: str) -> When:
    if not isinstance(block, dict) or not block:
        raise _wrong(f"{of} says nothing.", where, f"Write [[{of}]] and its keys below it.")
    keys = cast(Mapping[str, object], block)
    known = [f.name for f in fields(When)]
    _check_keys(keys, known, of, where)
    numbers = {
        key: _number(value, key, of, where)
        for key, value in keys.items()
        if key not in ("cohort", "registers")
    }
    for low in ("aged", "conditions", "contacts"):
        if numbers.get(f"{low}_from", 0) > numbers.get(f"{low}_to", _TOP):
            raise _wrong(f"{of}: {low}_from is above {low}_to.", where, "Put them the other way.")
    cohort = keys.get("cohort")
    if cohort is not None and cohort not in COHORTS:
        raise _wrong(
            f"{of}: cohort is none that is known.", where, f"Choose from: {', '.join(COHORTS)}."
        )
    registers = _registers(keys["registers"], of, where) if "registers" in keys else None
    return When(cohort=cast("str | None", cohort), registers=registers, **numbers)


def _number(value: object, key: str, of: str, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _TOP:
        raise _wrong(
            f"{of}: {key} is not a whole number from 0 to {_TOP:,}.", where, f"Write {key} = 5"
        )
    return value


def _registers(value: object, of: str, where: str) -> tuple[str, ...]:
    words = cast(list[object], value) if isinstance(value, list) else []
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise _wrong(
            f"{of}: registers is not a list of names.", where, 'Write registers = ["frailty"]'
        )
    return tuple(dict.fromkeys(register_name(str(word)) for word in words))


def register_name(text: str) -> str:
    """Return a register's name in small letters with _ for blanks, as presets write it."""
    return "_".join(text.lower().split())


def _wrong(message: str, where: str, hint: str) -> SourceError:
    return SourceError(message, where=where, hint=hint)

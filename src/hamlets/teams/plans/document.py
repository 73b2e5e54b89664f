"""Results to the tables of a TOML file and back.

TOML has no null: what is None is left out, and comes back as None.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")


def as_tables(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists and numpy's numbers as Python's."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {field.name: getattr(value, field.name) for field in fields(value)}
        return as_tables(found)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return {str(key): as_tables(item) for key, item in pairs if item is not None}
    if isinstance(value, list | tuple):
        return [as_tables(item) for item in cast("list[Any]", value)]
    if isinstance(value, bool | int | float | str | date):
        return float(value) if isinstance(value, float) else value
    return as_tables(cast("Any", value).item())


def from_tables(kind: type[Kind], value: Any) -> Kind:
    """Return a dataclass of the tables that were written from one.

    Raises ValueError, TypeError or KeyError where they are of another form.
    """
    return cast("Kind", _read(kind, value))


def _read(kind: Any, value: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        if value is None:
            return None
        return _read(next(each for each in inner if each is not types.NoneType), value)
    if origin is Literal:
        if value not in inner:
            raise ValueError(f"{value!r} is none of {inner}")
        return value
    if origin is tuple:
        return _read_tuple(inner, value)
    if is_dataclass(kind):
        return _read_dataclass(kind, value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not of the kind {kind}")
    return value


def _read_tuple(inner: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    items = cast("list[Any]", value)
    kinds = [inner[0]] * len(items) if len(inner) == 2 and inner[1] is ... else list(inner)
    return tuple(_read(kind, item) for kind, item in zip(kinds, items, strict=True))


def _read_dataclass(kind: Any, value: Any) -> Any:
    hints = get_type_hints(kind)
    found: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in value:
            found[field.name] = _read(hints[field.name], value[field.name])
        elif field.default is MISSING and field.default_factory is MISSING:
            found[field.name] = _read(hints[field.name], None)
    return kind(**found)

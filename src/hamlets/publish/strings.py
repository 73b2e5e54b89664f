"""The catalogue of strings: every word of the reports, in one place.

The words lie in ``wording.toml``, so that a test can check them all: length,
reading grade, banned words. Values are filled in as data and escaped by the
template, never read as markup or as a template.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("wording.toml")])


def read_words(sources: Iterable[Traversable]) -> dict[str, str]:
    """Return the strings of TOML files by dotted key; ValueError where two have one key."""
    flat: dict[str, str] = {}
    for source in sources:
        _flatten("", tomllib.loads(source.read_text(encoding="utf-8")), flat)
    return flat


def _flatten(prefix: str, tree: dict[str, Any], flat: dict[str, str]) -> None:
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(f"{name}.", value, flat)
        elif name in flat:
            raise ValueError(f"two strings are called {name}")
        else:
            flat[name] = value


def text(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


def known(key: str) -> bool:
    """Return whether the catalogue has a string called ``key``."""
    return key in catalogue()

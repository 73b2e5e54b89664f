"""The catalogue of strings of the site: every word that people read, one file an area.

The words lie in ``wording/<area>.toml``; a key begins with the name of its area's tables. A
test checks them all: length, reading grade, banned words. Values are data: the template
escapes them, and they are never read as markup.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key; ValueError where two files give one key."""
    flat: dict[str, str] = {}
    for source in sorted(files("hamlets.web").joinpath("wording").iterdir(), key=lambda f: f.name):
        if source.name.endswith(".toml"):
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

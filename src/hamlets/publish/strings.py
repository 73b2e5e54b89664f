"""The catalogue of strings: every word of the reports, in one place.

The words lie in ``wording.toml``, so that a test can check them all: length,
reading grade, banned words. Values are filled in as data and escaped by the
template, never read as markup or as a template.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    source = files("hamlets.publish").joinpath("wording.toml").read_text(encoding="utf-8")
    flat: dict[str, str] = {}
    _flatten("", tomllib.loads(source), flat)
    return flat


def _flatten(prefix: str, tree: dict[str, Any], flat: dict[str, str]) -> None:
    for key, value in tree.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, flat)
        else:
            flat[f"{prefix}{key}"] = value


def text(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


def known(key: str) -> bool:
    """Return whether the catalogue has a string called ``key``."""
    return key in catalogue()

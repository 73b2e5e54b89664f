"""The catalogue of strings of the site: every word that people read, one file an area.

The words lie in ``wording/<area>.toml``; a key begins with the name of its area's tables. A
test checks them all: length, reading grade, banned words. Values are data: the template
escapes them, and they are never read as markup.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from hamlets.publish.strings import read_words


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key; ValueError where two files give one key."""
    folder = files("hamlets.web").joinpath("wording")
    areas = sorted((area for area in folder.iterdir() if area.name.endswith(".toml")), key=_name)
    return read_words(areas)


def _name(area: Traversable) -> str:
    return area.name


def text(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


def known(key: str) -> bool:
    """Return whether the catalogue has a string called ``key``."""
    return key in catalogue()

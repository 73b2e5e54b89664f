"""The definitions there are: those that come with Hamlets, and a place's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from hamlets.errors import SourceError, UnknownPlaceError
from hamlets.networks.indicators.definition import Indicator, read_definition

_SUFFIXES = (".yaml", ".yml")
_LARGEST = 1 << 20
"""Bytes of a definition; the largest shipped one has four thousand."""


@cache
def shipped() -> tuple[Indicator, ...]:
    """Return the definitions that come with Hamlets, in order of their ids."""
    folder = files("hamlets.networks.indicators").joinpath("shipped")
    found = [
        read_definition(file.read_text("utf-8"), file.name)
        for file in folder.iterdir()
        if file.name.endswith(_SUFFIXES)
    ]
    return tuple(sorted(found, key=lambda one: one.id))


def read_definition_file(path: Path) -> Indicator:
    """Return the indicator that a YAML file defines.

    Raises SourceError where the file cannot be read, DefinitionError where it is not one.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if path.is_file() and size <= _LARGEST else None
    except OSError as error:
        raise SourceError(
            f"This file cannot be read: {(error.strerror or 'it is not there').lower()}.",
            where=str(path),
            hint="Name a definition of an indicator, a .yaml file.",
        ) from error
    if content is None:
        raise SourceError(
            "This is not a definition of an indicator: "
            + ("it is no file." if not path.is_file() else "it is far too large."),
            where=str(path),
            hint="Name a definition of an indicator, a .yaml file.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            "This file is not text in UTF-8.", where=path.name, hint="Save it as UTF-8."
        ) from error
    return read_definition(text, path.name)


def definitions(own: Iterable[Path] = ()) -> dict[str, Indicator]:
    """Return every definition by its id; one of a place's own takes the place of a shipped one.

    ``own`` are YAML files, or folders of them. SourceError where two of them have one id.
    """
    found = {one.id: one for one in shipped()}
    mine: dict[str, str] = {}
    for path in own:
        for file in _files(path):
            one = read_definition_file(file)
            if one.id in mine:
                raise SourceError(
                    f"Two files define `{one.id}`: {mine[one.id]} and {file.name}.",
                    where=str(path),
                    hint="Give one of them another id.",
                )
            mine[one.id] = file.name
            found[one.id] = one
    return dict(sorted(found.items()))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES)
    if not found:
        raise SourceError(
            "This folder holds no definition of an indicator.",
            where=str(path),
            hint="Definitions are .yaml files.",
        )
    return found


def chosen(known: dict[str, Indicator], ids: Sequence[str]) -> list[Indicator]:
    """Return the indicators of these ids, all where none is named; UnknownPlaceError for others."""
    if not ids:
        return list(known.values())
    for one in ids:
        if one not in known:
            raise UnknownPlaceError(
                f"There is no indicator called {one!r}.",
                where="--indicator",
                hint="There are: " + ", ".join(known) + ".",
            )
    return [known[one] for one in dict.fromkeys(ids)]


def version_of(indicators: Iterable[Indicator]) -> str:
    """Return a short name for the exact text of these definitions."""
    digest = hashlib.sha256()
    for one in sorted(indicators, key=lambda i: i.id):
        digest.update(one.id.encode() + b"\0" + one.text.encode() + b"\0")
    return digest.hexdigest()[:12]

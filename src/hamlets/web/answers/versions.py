"""Which versions the record store has, told from its small files without opening it.

A page speaks of one version throughout. Reading this must cost nothing: what is read is kept
until the file changes, and nothing heavy is imported.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from hamlets.errors import StoreDamagedError
from hamlets.records.store.layout import Layout, check_format, damaged, read_json
from hamlets.settings import settings

_INVENTED = ["invented"]


@dataclass(frozen=True)
class Version:
    """One version of the store, as the head of a page names it."""

    number: int
    content_id: str
    """Two versions of one content have the same answers."""
    first_day: date | None
    last_day: date | None
    """Last day with an appointment, booked ones included."""
    last_contact: date | None
    """Last day with a contact that took place."""
    loaded: date | None
    invented: bool
    identifiable: bool


def store_folder() -> Path:
    """Return the folder of the record store that this site shows."""
    return _folder(os.environ.get("HAMLETS_STORE"))


@lru_cache(maxsize=8)
def _folder(_given: str | None) -> Path:
    # reading all settings anew would cost more than the rest of a page's questions
    return settings().store.absolute()


def current_version() -> Version | None:
    """Return the version in use; None where nothing was loaded yet.

    Raises StoreDamagedError or StoreNewerError where it cannot be read.
    """
    layout = Layout(store_folder())
    number = layout.current_version()
    return None if number is None else _version(layout, number)


def version_numbered(number: int) -> Version | None:
    """Return a version that is still kept, or None; never one newer than the one in use."""
    layout = Layout(store_folder())
    current = layout.current_version()
    if current is None or not 1 <= number <= current:
        return None
    if number != current and not layout.manifest(number).exists():
        return None
    return _version(layout, number)


def kept_contents() -> frozenset[str]:
    """Return the content ids of all versions that the store still has."""
    layout = Layout(store_folder())
    found: set[str] = set()
    for number in layout.version_numbers():
        with suppress(StoreDamagedError):
            found.add(_version(layout, number).content_id)
    return frozenset(found)


def _version(layout: Layout, number: int) -> Version:
    path = layout.manifest(number)
    try:
        stat = path.stat()
    except OSError as error:
        raise damaged(layout.relative(path)) from error
    # the history's line comes just after the version itself
    told = layout.history.stat().st_mtime_ns if layout.history.exists() else 0
    return _read(layout.root, number, (stat.st_mtime_ns, stat.st_size, told))


@lru_cache(maxsize=64)
def _read(root: Path, number: int, _state: tuple[int, int, int]) -> Version:
    layout = Layout(root)
    where = layout.relative(layout.manifest(number))
    value = read_json(layout.manifest(number), where)
    check_format(value.get("format_version"), where)
    try:
        files: list[dict[str, Any]] = value["tables"]["appointments"]["files"]
        contacts = [str(file["last_contact"]) for file in files if file.get("last_contact")]
        return Version(
            number=number,
            content_id=str(value["content_id"]),
            first_day=_day(value["first_day"]),
            last_day=_day(value["last_day"]),
            last_contact=_day(max(contacts, default=None)),
            loaded=_made_on(layout, number),
            invented=value["sources"] == _INVENTED,
            identifiable=bool(value["identifiable"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(where) from error


def _made_on(layout: Layout, number: int) -> date | None:
    """Return the day on which a version was made, None where the history does not say."""
    found: date | None = None
    with suppress(OSError):
        for line in layout.history.read_text(encoding="utf-8").splitlines():
            # a line that was cut short is passed over
            with suppress(ValueError, KeyError, TypeError):
                said = cast("dict[str, Any]", json.loads(line))
                if int(said["version"]) == number:
                    found = date.fromisoformat(str(said["when"])[:10])
    return found


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

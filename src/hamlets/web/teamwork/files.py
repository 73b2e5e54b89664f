"""The files that a job made of a plan: which there are, and one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hamlets.web.places.standing import Standing
from hamlets.web.teamwork.stored import Kept
from hamlets.web.words import known, text
from hamlets.web.work.team_files import INDEX, folder_of

ORDER = (
    "named-gps.csv",
    "letters.csv",
    "letter.txt",
    "team-pages.zip",
    "materials.zip",
    "lists.csv",
    "readme.txt",
)


@dataclass(frozen=True)
class File:
    """One file of a plan."""

    name: str
    title: str
    what: str
    size: str
    patients: bool
    """Whether it names patients."""


@dataclass(frozen=True)
class Made:
    """The files of a plan as they were made last."""

    files: tuple[File, ...]
    old: bool
    """Whether the plan stands otherwise now, so that days or banners in them are not right."""
    said: tuple[str, ...]


def made(here: Standing, kept: Kept) -> Made | None:
    """Return the files of a plan; None where none were made, or what there is cannot be read."""
    index = _index(here, kept)
    if index is None:
        return None
    start = kept.standing.adopted_from
    names = [name for name in ORDER if name in index["files"]]
    return Made(
        tuple(_file(name, index["files"][name]) for name in names),
        index["from"] != (start.isoformat() if start else None),
        tuple(index["said"]),
    )


def find(here: Standing, kept: Kept, name: str) -> Path | None:
    """Return where a file of a plan lies; None for a name that is not one of them."""
    index = _index(here, kept)
    if index is None or name not in ORDER or name not in index["files"]:
        return None
    path = folder_of(here.practice, kept.plan.plan_id) / name
    return path if path.is_file() else None


def _index(here: Standing, kept: Kept) -> dict[str, Any] | None:
    path = folder_of(here.practice, kept.plan.plan_id) / INDEX
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    # a store that was loaded anew may have another plan of this name
    mine = isinstance(found, dict) and found.get("made_at") == kept.plan.made_at
    return found if mine else None


def _file(name: str, size: int) -> File:
    key = f"teams.file.{name.replace('.', '_').replace('-', '_')}"
    return File(
        name,
        text(key),
        text(f"{key}_what") if known(f"{key}_what") else "",
        _size(size),
        name in ("named-gps.csv", "letters.csv", "lists.csv"),
    )


def _size(size: int) -> str:
    return text("teams.file.kb", n=f"{max(1, round(size / 1024)):,}")

"""Which Parquet files a record store's current version is made of."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

COUNTED_STATUSES = ("arrived", "attended")
NOT_COUNTED_MODE = "group"


def manifest(store: Path) -> dict[str, Any]:
    """Return the current manifest as plain values."""
    version = int((store / "CURRENT").read_text())
    return json.loads((store / "versions" / f"{version:06d}.json").read_text())


def files(store: Path, table: str) -> list[Path]:
    """Return a table's files, by cluster."""
    return [store / entry["path"] for entry in manifest(store)["tables"][table]["files"]]


def rows(store: Path, table: str = "appointments") -> int:
    """Return how many rows a table has."""
    return int(manifest(store)["tables"][table]["rows"])


def clusters(store: Path) -> list[tuple[Path, Path]]:
    """Return the appointments and patients of each cluster of practices."""
    tables = manifest(store)["tables"]
    by_cluster = [
        {entry["cluster"]: store / entry["path"] for entry in tables[name]["files"]}
        for name in ("appointments", "patients")
    ]
    return [(path, by_cluster[1][cluster]) for cluster, path in by_cluster[0].items()]


def codes() -> tuple[tuple[int, ...], int]:
    """Return the stored codes of counted statuses, and of the mode that does not count."""
    from hamlets.records.tables import MODES, STATUSES

    return tuple(STATUSES.index(word) for word in COUNTED_STATUSES), MODES.index(NOT_COUNTED_MODE)


def cores() -> int:
    """Return how many threads every engine may use."""
    return os.cpu_count() or 1


def warm(folder: Path) -> None:
    """Read every file once, so that no engine pays for a cold disk."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            while stream.read(1 << 22):
                pass

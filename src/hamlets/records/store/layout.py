"""Where the parts of a store lie in its folder."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from hamlets.errors import StoreDamagedError, StoreError, StoreNewerError

FORMAT_VERSION = 1
"""The layout of files and manifests that this Hamlets writes."""

CLUSTER_PRACTICES = 32
"""Practices whose patients share one file."""

_OURS = frozenset(
    {"store.json", "CURRENT", "lock", "versions", "files", "quarantine", "tmp", "plans"}
)


@dataclass(frozen=True)
class Layout:
    """The paths of one store folder."""

    root: Path

    @property
    def store_json(self) -> Path:
        return self.root / "store.json"

    @property
    def current(self) -> Path:
        return self.root / "CURRENT"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def versions(self) -> Path:
        return self.root / "versions"

    @property
    def history(self) -> Path:
        return self.versions / "history.jsonl"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def plans(self) -> Path:
        return self.root / "plans"

    def manifest(self, version: int) -> Path:
        return self.versions / f"{version:06d}.json"

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def version_numbers(self) -> list[int]:
        """Return the versions that have a manifest, ascending."""
        if not self.versions.is_dir():
            return []
        return sorted(int(p.stem) for p in self.versions.glob("[0-9]*.json") if p.stem.isdigit())

    def current_version(self) -> int | None:
        """Return the version that CURRENT names, None in a store without one.

        Raises StoreDamagedError where CURRENT is unreadable.
        """
        try:
            text = self.current.read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise damaged("CURRENT") from error
        if not text.isdigit():
            raise damaged("CURRENT")
        return int(text)

    def check_ours(self) -> None:
        """Stop with a StoreError where the folder holds something else than a store."""
        if self.root.is_symlink() or self.root.exists():
            if not self.root.is_dir():
                raise StoreError(
                    "The store must be a folder, and this is a file.",
                    where=self.root.name,
                    hint="Name another folder with --store.",
                )
            strange = {p.name for p in self.root.iterdir()} - _OURS
            if strange and not self.store_json.exists():
                raise StoreError(
                    "This folder holds other files and is not a record store.",
                    where=self.root.name,
                    hint="Name a new or empty folder with --store.",
                )


def damaged(where: str) -> StoreDamagedError:
    """Return the error for a file of the store that is missing or unreadable."""
    return StoreDamagedError(
        "A file of the store is missing or damaged.",
        where=where,
        hint="Run `hamlets store verify`; restore an earlier version or load the extract again.",
    )


def read_json(path: Path, where: str) -> dict[str, Any]:
    """Return the JSON object in a file of the store; StoreDamagedError if there is none."""
    try:
        value: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise damaged(where) from error
    if not isinstance(value, dict):
        raise damaged(where)
    return cast("dict[str, Any]", value)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write an object as stable JSON: sorted keys, one line a key."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_atomically(path, text.encode())


def write_atomically(path: Path, data: bytes) -> None:
    """Put ``data`` in ``path`` so that a reader sees all of it or none."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_format(found: Any, where: str) -> None:
    """Stop where a store or manifest was written by a newer Hamlets."""
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise damaged(where)
    if found > FORMAT_VERSION:
        raise StoreNewerError(
            f"This store has format {found}; this Hamlets reads up to format {FORMAT_VERSION}.",
            where=where,
            hint="Update Hamlets, or use the Hamlets that wrote the store.",
        )


def cluster_of(practice: int) -> int:
    """Return the cluster of a home practice code; -1 (no practice known) is its own."""
    return practice // CLUSTER_PRACTICES

"""The manifest: what one version of the store consists of.

Deterministic: the same loads in the same order give the same bytes. It holds
no clock, no store_id and no absolute path.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from hamlets.errors import StoreDamagedError, StoreError
from hamlets.records.store.layout import (
    FORMAT_VERSION,
    Layout,
    check_format,
    damaged,
    read_json,
    write_json,
)
from hamlets.records.store.schema import CODE_KINDS
from hamlets.records.tables import TABLES


@dataclass(frozen=True)
class FileEntry:
    """One Parquet file of a version.

    ``groups`` holds (home practice code, rows) of each row group in order, for
    the tables clustered by patient. Days are ISO dates of appointments;
    ``last_contact`` is the last day with a contact that took place.
    """

    path: str
    sha256: str
    bytes: int
    rows: int
    cluster: int | None = None
    groups: tuple[tuple[int, int], ...] = ()
    first_day: str | None = None
    last_day: str | None = None
    last_contact: str | None = None

    def as_dict(self) -> dict[str, Any]:
        found = {k: v for k, v in asdict(self).items() if v is not None}
        found["groups"] = [{"practice": p, "rows": n} for p, n in self.groups]
        if self.cluster is None:
            del found["groups"]
        return found

    @staticmethod
    def from_dict(value: dict[str, Any]) -> FileEntry:
        groups = tuple((int(g["practice"]), int(g["rows"])) for g in value.get("groups", ()))
        fields: dict[str, Any] = {**value, "groups": groups}
        return FileEntry(**fields)


@dataclass(frozen=True)
class FileSet:
    """The files of one table or dictionary."""

    files: tuple[FileEntry, ...] = ()

    @property
    def rows(self) -> int:
        return sum(f.rows for f in self.files)

    def as_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "files": [f.as_dict() for f in self.files]}

    @staticmethod
    def from_dict(value: dict[str, Any]) -> FileSet:
        found = FileSet(tuple(FileEntry.from_dict(f) for f in value["files"]))
        if found.rows != value["rows"]:
            raise ValueError("row counts disagree")
        return found


def _no_files(names: tuple[str, ...]) -> dict[str, FileSet]:
    return {name: FileSet() for name in names}


@dataclass(frozen=True)
class Manifest:
    """One version of a store. ``version`` 0 is the empty store before any load."""

    version: int
    identifiable: bool
    key_fingerprint: str | None
    sources: tuple[str, ...] = ()
    tables: dict[str, FileSet] = field(default_factory=lambda: _no_files(tuple(TABLES)))
    dictionaries: dict[str, FileSet] = field(default_factory=lambda: _no_files(CODE_KINDS))
    given: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    loads: tuple[dict[str, Any], ...] = ()
    restored_from: int | None = None
    adoptions: tuple[dict[str, Any], ...] = ()
    """Plans of teams in force in this version, in the order of adopting: see ``adopted``."""

    @property
    def content_id(self) -> str:
        """Hash over all files, with their checksums and groups, and what extracts gave."""
        digest = hashlib.sha256()
        for _, entry in sorted(self.entries(), key=lambda pair: pair[1].path):
            digest.update(json.dumps(entry.as_dict(), sort_keys=True).encode())
        rest = {"given": self.given, "sources": self.sources, "identifiable": self.identifiable}
        digest.update(json.dumps(rest, sort_keys=True).encode())
        return digest.hexdigest()[:32]

    def entries(self) -> Iterator[tuple[str | None, FileEntry]]:
        """Yield (table, file) for every file of the version; None for a dictionary's."""
        for name, files in self.tables.items():
            for entry in files.files:
                yield name, entry
        for files in self.dictionaries.values():
            for entry in files.files:
                yield None, entry

    @property
    def first_day(self) -> str | None:
        days = [f.first_day for f in self.tables["appointments"].files if f.first_day]
        return min(days, default=None)

    @property
    def last_day(self) -> str | None:
        days = [f.last_day for f in self.tables["appointments"].files if f.last_day]
        return max(days, default=None)

    @property
    def last_contact(self) -> str | None:
        days = [f.last_contact for f in self.tables["appointments"].files if f.last_contact]
        return max(days, default=None)

    def as_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            "version": self.version,
            "content_id": self.content_id,
            "identifiable": self.identifiable,
            "key_fingerprint": self.key_fingerprint,
            "sources": list(self.sources),
            "tables": {name: files.as_dict() for name, files in self.tables.items()},
            "dictionaries": {name: files.as_dict() for name, files in self.dictionaries.items()},
            "given": {table: list(columns) for table, columns in self.given.items()},
            "first_day": self.first_day,
            "last_day": self.last_day,
            "loads": list(self.loads),
            "restored_from": self.restored_from,
        }
        if self.adoptions:
            found["adoptions"] = list(self.adoptions)
        return found

    def numbered(self, version: int) -> Manifest:
        """Return the same content under another version number."""
        return replace(self, version=version)


def read_manifest(layout: Layout, version: int) -> Manifest:
    """Return a version's manifest; StoreDamagedError or StoreNewerError where it cannot."""
    path = layout.manifest(version)
    where = layout.relative(path)
    value = read_json(path, where)
    check_format(value.get("format_version"), where)
    try:
        manifest = _from_dict(value)
        same = manifest.content_id == value["content_id"] and manifest.version == version
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(where) from error
    if not same:
        raise damaged(where)
    return manifest


def _from_dict(value: dict[str, Any]) -> Manifest:
    return Manifest(
        version=value["version"],
        identifiable=value["identifiable"],
        key_fingerprint=value["key_fingerprint"],
        sources=tuple(value["sources"]),
        tables={name: FileSet.from_dict(value["tables"][name]) for name in TABLES},
        dictionaries={k: FileSet.from_dict(value["dictionaries"][k]) for k in CODE_KINDS},
        given={table: tuple(columns) for table, columns in value["given"].items()},
        loads=tuple(value["loads"]),
        restored_from=value["restored_from"],
        adoptions=tuple(value.get("adoptions", ())),
    )


def current_manifest(layout: Layout) -> Manifest | None:
    """Return the manifest that CURRENT names, None where there is no version yet."""
    version = layout.current_version()
    if version is None:
        if layout.version_numbers() and layout.store_json.exists():
            _check_unpublished(layout)
        return None
    if layout.store_json.exists():
        check_format(read_json(layout.store_json, "store.json").get("format_version"), "store.json")
    return read_manifest(layout, version)


def manifest_in_use(layout: Layout) -> Manifest:
    """Return the manifest that CURRENT names; StoreError where there is no store."""
    manifest = current_manifest(layout)
    if manifest is None:
        raise StoreError(
            "There is no record store here.",
            where=layout.root.name or str(layout.root),
            hint="Load an extract first: hamlets load SOURCE --store DIR.",
        )
    return manifest


def _check_unpublished(layout: Layout) -> None:
    """A first load killed just before its end leaves version 1 alone; more is damage."""
    if layout.version_numbers() != [1]:
        raise StoreDamagedError(
            "The store has versions but does not say which is current.",
            where="CURRENT",
            hint="Write the number of the last good version into the file CURRENT.",
        )


def write_manifest(layout: Layout, manifest: Manifest) -> None:
    """Write the manifest of a new version. It is served once CURRENT names it."""
    write_json(layout.manifest(manifest.version), manifest.as_dict())

"""Looking after a store: what is in it, going back, checking, clearing away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np

from hamlets.errors import StoreDamagedError, StoreError
from hamlets.records.store.dictionaries import ENTRY_SCHEMA, next_code, read_entries
from hamlets.records.store.files import checksum, read_file
from hamlets.records.store.layout import FORMAT_VERSION, Layout, cluster_of, read_json
from hamlets.records.store.locks import unread_version, writer_lock
from hamlets.records.store.manifest import FileEntry, Manifest, manifest_in_use, read_manifest
from hamlets.records.store.plan_folders import check_plans
from hamlets.records.store.publishing import publish
from hamlets.records.store.reading import Store
from hamlets.records.store.schema import stored_columns, stored_schema
from hamlets.records.tables import PATIENT_TABLES

KEEP_VERSIONS = 12


def info(path: str | Path) -> dict[str, Any]:
    """Return what a store is and holds: the object of ``hamlets store info``."""
    layout = Layout(Path(path))
    manifest = manifest_in_use(layout)
    store = read_json(layout.store_json, "store.json")
    return {
        "store_id": store.get("store_id"),
        "version": manifest.version,
        "content_id": manifest.content_id,
        "format_version": FORMAT_VERSION,
        "identifiable": manifest.identifiable,
        "key_fingerprint": manifest.key_fingerprint,
        "created": store.get("created"),
        "tables": {n: f.rows for n, f in manifest.tables.items() if f.rows},
        "bytes": sum(entry.bytes for _, entry in manifest.entries()),
        "first_day": manifest.first_day,
        "last_day": manifest.last_day,
        "sources": list(manifest.sources),
        "loads": list(manifest.loads),
    }


def versions(path: str | Path) -> list[dict[str, Any]]:
    """Return the versions a store still has, oldest first, with who made them and when."""
    layout = Layout(Path(path))
    current = manifest_in_use(layout)
    history = _history(layout)
    found: list[dict[str, Any]] = []
    for number in layout.version_numbers():
        if number > current.version:
            continue
        manifest = read_manifest(layout, number)
        said = history.get(number, {})
        found.append(
            {
                "version": number,
                "content_id": manifest.content_id,
                "current": number == current.version,
                "rows": {n: f.rows for n, f in manifest.tables.items() if f.rows},
                "first_day": manifest.first_day,
                "last_day": manifest.last_day,
                "what": said.get("what"),
                "who": said.get("who"),
                "when": said.get("when"),
            }
        )
    return found


def loaded_on(store: Store) -> date | None:
    """Return the day on which a store's version was made, None where the history is gone."""
    when = _history(store.layout).get(store.version, {}).get("when")
    return date.fromisoformat(when[:10]) if isinstance(when, str) else None


def _history(layout: Layout) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    # The history is for people: a line that was cut short is passed over.
    with suppress(OSError):
        for line in layout.history.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError, KeyError, TypeError):
                said = cast("dict[str, Any]", json.loads(line))
                found[int(said["version"])] = said
    return found


def restore(
    path: str | Path, version: int, *, current: int | None = None, wait_seconds: float = 60
) -> dict[str, Any]:
    """Make a new version with the content of an earlier one; return its entry of ``versions``.

    ``current`` is the version that must still be in use, so that nothing unseen is passed over.
    """
    layout = Layout(Path(path))
    manifest_in_use(layout)
    with writer_lock(layout, wait_seconds):
        newest = manifest_in_use(layout)
        if current is not None and newest.version != current:
            raise StoreError(
                f"The store is at version {newest.version} by now, not {current}.",
                where=layout.root.name,
                hint="Look at what was loaded since, and go back then.",
            )
        if version not in layout.version_numbers() or version > newest.version:
            raise StoreError(
                f"The store has no version {version}.",
                where=layout.root.name,
                hint="`hamlets store versions` lists the versions there are.",
            )
        old = read_manifest(layout, version)
        for _, entry in old.entries():
            if checksum(layout, entry) != entry.sha256:
                raise _damaged_file(entry)
        new = replace(old, version=newest.version + 1, restored_from=version)
        publish(layout, new, None, lambda _stage: None, f"restore {version}")
    return versions(path)[-1]


def _damaged_file(entry: FileEntry) -> StoreDamagedError:
    return StoreDamagedError(
        "A file of the store differs from its checksum.",
        where=entry.path,
        hint="Restore another version, or load the extract again into a new store.",
    )


@dataclass(frozen=True)
class Pruned:
    """What ``prune`` removed and what it left because it is in use."""

    removed_versions: list[int]
    in_use: list[int]
    removed_files: int
    freed_bytes: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def prune(path: str | Path, *, keep: int = KEEP_VERSIONS, wait_seconds: float = 60) -> Pruned:
    """Remove all but the newest ``keep`` versions and every file that no version needs.

    The current version and versions that are being read stay.
    """
    layout = Layout(Path(path))
    manifest_in_use(layout)
    with writer_lock(layout, wait_seconds):
        return prune_versions(layout, keep)


def prune_versions(layout: Layout, keep: int) -> Pruned:
    """As ``prune``, for a caller that holds the writer lock."""
    current = manifest_in_use(layout)
    numbers = [n for n in layout.version_numbers() if n <= current.version]
    removed: list[int] = []
    in_use: list[int] = []
    for number in numbers[: -max(keep, 1)]:
        if number == current.version:
            continue
        with unread_version(layout, number) as free:
            if free:
                layout.manifest(number).unlink()
                removed.append(number)
            else:
                in_use.append(number)
    for number in layout.version_numbers():
        if number > current.version:
            # Left by a load that was killed before it was served.
            layout.manifest(number).unlink()
    shutil.rmtree(layout.tmp, ignore_errors=True)
    files, freed = _remove_unneeded(layout)
    return Pruned(removed, in_use, files, freed)


def _remove_unneeded(layout: Layout) -> tuple[int, int]:
    """Remove the files that no manifest names; return how many and their bytes."""
    needed = {
        layout.root / entry.path
        for number in layout.version_numbers()
        for _, entry in read_manifest(layout, number).entries()
    }
    files = freed = 0
    for path in sorted(layout.files.glob("*/*")):
        if path not in needed and path.is_file():
            files += 1
            freed += path.stat().st_size
            path.unlink()
    return files, freed


@dataclass(frozen=True)
class Verified:
    """What ``verify`` read and found. ``problems`` is empty in a sound store."""

    version: int
    files: int
    bytes: int
    rows: int
    problems: list[str]

    @property
    def sound(self) -> bool:
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "sound": self.sound}


def verify(path: str | Path, progress: Callable[[str], None] | None = None) -> Verified:
    """Read every file of the store again; return what is wrong with it.

    Of the current version: checksums, row counts, schemas, codes, and that all
    rows of a patient lie in one group; of earlier ones and of plans the checksums.
    ``progress`` is called with each file's path.
    """
    layout = Layout(Path(path))
    manifest = manifest_in_use(layout)
    problems: list[str] = []
    sound: set[str] = set()
    files = 0
    for table, entry in manifest.entries():
        files += 1
        if progress is not None:
            progress(entry.path)
        problem = _check_file(layout, table, entry, manifest.identifiable)
        if problem is None:
            sound.add(entry.path)
        else:
            problems.append(f"{entry.path}: {problem}")
    if len(sound) == files:
        problems += _check_codes(layout, manifest)
        problems += _check_groups(layout, manifest)
    for entry in _earlier_files(layout, manifest):
        files += 1
        if progress is not None:
            progress(entry.path)
        try:
            if checksum(layout, entry) != entry.sha256:
                problems.append(f"{entry.path}: differs from its checksum")
        except StoreDamagedError:
            problems.append(f"{entry.path}: is missing or cannot be read")
    of_plans, wrong = check_plans(layout)
    return Verified(
        manifest.version,
        files + of_plans,
        sum(entry.bytes for _, entry in manifest.entries()),
        sum(fileset.rows for fileset in manifest.tables.values()),
        [*problems, *wrong],
    )


def _earlier_files(layout: Layout, manifest: Manifest) -> list[FileEntry]:
    """Return the files that only earlier versions have."""
    seen = {entry.path for _, entry in manifest.entries()}
    found: list[FileEntry] = []
    for number in layout.version_numbers():
        if number < manifest.version:
            for _, entry in read_manifest(layout, number).entries():
                if entry.path not in seen:
                    seen.add(entry.path)
                    found.append(entry)
    return found


def _check_file(
    layout: Layout, table: str | None, entry: FileEntry, identifiable: bool
) -> str | None:
    try:
        if checksum(layout, entry) != entry.sha256:
            return "differs from its checksum"
        rows = read_file(layout, entry)
    except StoreDamagedError:
        return "is missing or cannot be read"
    if rows.num_rows != entry.rows:
        return f"has {rows.num_rows} rows, its manifest says {entry.rows}"
    wanted = ENTRY_SCHEMA if table is None else stored_schema(table, identifiable)
    if not rows.schema.equals(wanted):
        return "has other columns than its table"
    if entry.groups and sum(n for _, n in entry.groups) != entry.rows:
        return "has groups that do not add up to its rows"
    if any(cluster_of(practice) != entry.cluster for practice, _ in entry.groups):
        return "has a group of another cluster"
    return None


def _check_codes(layout: Layout, manifest: Manifest) -> list[str]:
    """Return tables with a code that no dictionary has."""
    sizes = {
        kind: next_code(read_entries(layout, files))
        for kind, files in manifest.dictionaries.items()
    }
    problems: list[str] = []
    for table, files in manifest.tables.items():
        columns = [c for c in stored_columns(table, manifest.identifiable) if c.code]
        for entry in files.files:
            rows = read_file(layout, entry, [c.name for c in columns]) if columns else None
            for column in columns if rows is not None else ():
                values = rows.column(column.name).to_numpy() if rows is not None else ()
                if len(values) and int(np.max(values)) >= sizes[column.code or "patient"]:
                    problems.append(f"{entry.path}: {column.name} has a code of no dictionary")
    return problems


def _check_groups(layout: Layout, manifest: Manifest) -> list[str]:
    """Return the tables in which a patient's rows lie in two groups."""
    size = next_code(read_entries(layout, manifest.dictionaries["patient"]))
    home = np.full(size, -2, np.int32)
    problems: list[str] = []
    for table in PATIENT_TABLES:
        for entry in manifest.tables[table].files:
            patient = read_file(layout, entry, ["patient"]).column("patient").to_numpy()
            here = np.repeat(
                np.array([p for p, _ in entry.groups], np.int32), [n for _, n in entry.groups]
            )
            before = home[patient]
            home[patient] = here
            split = ((before != -2) & (before != here)) | (home[patient] != here)
            if split.any():
                people = int(np.unique(patient[split]).size)
                problems.append(f"{entry.path}: {people} patients have rows in two groups")
    return problems


def migrate(path: str | Path) -> dict[str, Any]:
    """Bring a store of an older format to this one; return from, to and whether it changed.

    There is one format so far, so there is nothing to do.
    """
    layout = Layout(Path(path))
    manifest_in_use(layout)
    return {"from_format": FORMAT_VERSION, "to_format": FORMAT_VERSION, "changed": False}

"""A new version in which a few rows of one practice differ: for plans, not for extracts.

No id is looked up and no pseudonym made, so no key is needed; only files that lose or gain a
row are written. Like a load, nothing that a reader sees changes before the last step.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.store.adopted import Adoption
from hamlets.records.store.files import FileWriter, open_parquet, read_file
from hamlets.records.store.layout import Layout, cluster_of
from hamlets.records.store.manifest import FileEntry, FileSet, Manifest
from hamlets.records.store.ordering import Names, in_order
from hamlets.records.store.publishing import publish
from hamlets.records.store.schema import stored_schema
from hamlets.records.store.writing import writable

Bools = npt.NDArray[np.bool_]
Stage = Callable[[str], None]
_NAMED = "named_gps"
_NO_NAMES = Names(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Change:
    """What becomes of a table's rows, or of those of one home practice in it.

    ``drop`` has a value for each row in the store's order; ``add`` has the stored columns.
    """

    drop: Bools
    add: pa.Table

    @property
    def empty(self) -> bool:
        return not self.drop.any() and self.add.num_rows == 0


@dataclass(frozen=True)
class Amendment:
    """Changes to a few rows, and the plans in force after them."""

    shared: Mapping[str, Change]
    """By table that is not clustered by patient."""
    named_gps: Mapping[int, Change]
    """By home practice, of that practice's rows."""
    adoptions: tuple[Adoption, ...]
    given: Mapping[str, tuple[str, ...]]
    """Canonical columns that the store now has."""
    what: str
    """For the list of versions."""


def amend(
    layout: Layout, base: Manifest, amendment: Amendment, stage: Stage = lambda _name: None
) -> Manifest:
    """Write and serve the version after ``base``; return its manifest. Hold the writer lock.

    An error takes everything back.
    """
    folder = layout.tmp / "plan"
    with writable():
        shutil.rmtree(layout.tmp, ignore_errors=True)
        folder.mkdir(parents=True)
    writer = FileWriter(layout, folder)
    version = base.version + 1
    try:
        stage("writing")
        with writable():
            tables = dict(base.tables)
            for table, change in amendment.shared.items():
                if not change.empty:
                    tables[table] = _write_shared(layout, writer, base, table, change)
            groups = {home: c for home, c in amendment.named_gps.items() if not c.empty}
            tables[_NAMED] = _write_groups(layout, writer, base, groups)
            manifest = replace(
                base,
                version=version,
                tables=tables,
                given=_given(base, amendment.given),
                adoptions=tuple(each.as_dict() for each in amendment.adoptions),
                restored_from=None,
            )
            publish(layout, manifest, writer, stage, amendment.what)
    except BaseException:
        if layout.current_version() == base.version:
            writer.discard()
            layout.manifest(version).unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(layout.tmp, ignore_errors=True)
    return manifest


def _given(base: Manifest, more: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found = {table: set(columns) for table, columns in base.given.items()}
    for table, columns in more.items():
        found.setdefault(table, set()).update(columns)
    return {table: tuple(sorted(columns)) for table, columns in sorted(found.items())}


def _write_shared(
    layout: Layout, writer: FileWriter, base: Manifest, table: str, change: Change
) -> FileSet:
    schema = stored_schema(table, base.identifiable)
    parts = [read_file(layout, entry).cast(schema) for entry in base.tables[table].files]
    rows = _changed(table, pa.concat_tables([schema.empty_table(), *parts]), change)
    entry = writer.write(table, table, schema, [(None, rows)])
    return FileSet(() if entry is None else (entry,))


def _changed(table: str, rows: Any, change: Change) -> Any:
    add = change.add.cast(rows.schema)
    rows = pa.concat_tables([rows.filter(pa.array(~change.drop)), add])
    return in_order(table, rows.combine_chunks(), _NO_NAMES)


def _write_groups(
    layout: Layout, writer: FileWriter, base: Manifest, groups: Mapping[int, Change]
) -> FileSet:
    """Write the files again that hold a changed group; their other groups are copied."""
    before = {entry.cluster or 0: entry for entry in base.tables[_NAMED].files}
    found = dict(before)
    for cluster in sorted({cluster_of(home) for home in groups}):
        written = writer.write(
            _NAMED,
            "none" if cluster < 0 else f"c{cluster:04d}",
            stored_schema(_NAMED, base.identifiable),
            _parts(layout, base, before.get(cluster), cluster, groups),
            cluster,
        )
        if written is None:
            found.pop(cluster, None)
        else:
            found[cluster] = written
    return FileSet(tuple(entry for _, entry in sorted(found.items())))


def _parts(
    layout: Layout,
    base: Manifest,
    entry: FileEntry | None,
    cluster: int,
    groups: Mapping[int, Change],
) -> Iterator[tuple[int, Any]]:
    """Yield (home practice, rows in order) of one file, ascending."""
    schema = stored_schema(_NAMED, base.identifiable)
    places = {home: index for index, (home, _) in enumerate(entry.groups if entry else ())}
    changed = {home for home in groups if cluster_of(home) == cluster}
    for home in sorted({*places, *changed}):
        rows = schema.empty_table()
        if entry is not None and home in places:
            with open_parquet(layout, entry) as parquet:
                rows = parquet.read_row_group(places[home]).cast(schema)
        yield home, _changed(_NAMED, rows, groups[home]) if home in groups else rows

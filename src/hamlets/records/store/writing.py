"""One new version from the rows of one load: match, find homes, write, publish.

Nothing that a reader sees changes before the last step, which replaces the
file CURRENT. Until then the old version is served, and an interrupted load
leaves nothing but files that no manifest names.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hamlets.errors import StoreError
from hamlets.records.fencing import Fence
from hamlets.records.identity import Identity
from hamlets.records.store.contacts import contact_days, day_number
from hamlets.records.store.deleting import DELETABLE, delete
from hamlets.records.store.dictionaries import write_entries
from hamlets.records.store.encoding import Encoder
from hamlets.records.store.files import FileWriter, read_file
from hamlets.records.store.holding import Holding, PlanConflict, extract_day
from hamlets.records.store.homes import OPEN_DAY, Codes, home_practices
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import writer_lock
from hamlets.records.store.manifest import FileEntry, FileSet, Manifest
from hamlets.records.store.matching import Drops, Tally, keep_latest, match_stored
from hamlets.records.store.opening import open_for_load
from hamlets.records.store.ordering import ordering_names
from hamlets.records.store.placing import Placing, place_shared
from hamlets.records.store.publishing import publish
from hamlets.records.store.schema import NO_CODE
from hamlets.records.store.settling import settle
from hamlets.records.store.staging import MEMORY_LIMIT, StagedTable, Staging
from hamlets.records.tables import PATIENT_TABLES, TABLES

if TYPE_CHECKING:
    from hamlets.records.conform import Conformed

Stage = Callable[[str], None]
"""Called with the name of each stage of a load as it begins."""

STAGES = (
    "reading",
    "matching",
    "placing",
    "writing",
    "publishing",
    "manifest",
    "switching",
    "clearing",
    "done",
)


@dataclass
class Writing:
    """Takes the typed rows of one load and makes the store's next version of them.

    Hold the writer lock while using it. Use as a context manager: leaving it
    with an error takes everything back.
    """

    layout: Layout
    base: Manifest
    identity: Identity
    source_name: str
    ids_per_practice: bool = False
    memory_limit: int = MEMORY_LIMIT
    stage: Stage = lambda _name: None
    extract_day: date | None = None
    """The day whose state the extract gives, where that was said."""
    only_practice: str | None = None
    """The one practice whose rows may be touched; its rows were sifted by ``fence``."""
    tallies: dict[str, Tally] = field(default_factory=dict[str, Tally])
    warnings: list[str] = field(default_factory=list[str])

    def __enter__(self) -> Writing:
        folder = self.layout.tmp / "load"
        with writable():
            shutil.rmtree(self.layout.tmp, ignore_errors=True)
            folder.mkdir(parents=True)
        self._writer = FileWriter(self.layout, folder)
        self._staging = Staging(folder, self.memory_limit)
        self.encoder = Encoder(
            self.layout,
            self.base,
            self.identity,
            self.source_name,
            ids_per_practice=self.ids_per_practice,
        )
        self.staged = {name: StagedTable(name, self._staging) for name in TABLES}
        self._drops = Drops()
        self._holding = Holding(self.layout, self.base)
        self.fence: Fence | None = None
        if self.only_practice is not None:
            self.fence = Fence(self.layout, self.base, self.encoder, self.only_practice)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exc: object) -> None:
        if kind is not None and self.layout.current_version() in (None, self.base.version):
            self._writer.discard()
            self.layout.manifest(self.base.version + 1).unlink(missing_ok=True)
        shutil.rmtree(self.layout.tmp, ignore_errors=True)

    def add(self, batch: Conformed) -> None:
        """Take the typed rows of one batch, in reading order."""
        with writable():
            self.staged[batch.table].append(self.encoder.encode(batch))

    def match(self, deletions: dict[str, list[str]]) -> None:
        """Find out what is new, changed, repeated and deleted."""
        self.stage("matching")
        with writable():
            if self.fence is not None:
                self._drops.only = NO_CODE - 1 if self.fence.code is None else self.fence.code
            remap = self.encoder.patients.remap()
            if remap is not None:
                self._restage(remap)
            self._holding.close_memberships(self.staged)
            for name, staged in self.staged.items():
                tally = self.tallies.setdefault(name, Tally())
                settle(staged, remap)
                keep_latest(staged, tally, self.identity.identifiable)
                entries = list(self.base.tables[name].files)
                if deletions.get(name):
                    self._delete(staged, entries, tally, deletions[name])
                match_stored(
                    self.layout, entries, staged, self._drops, tally, self.identity.identifiable
                )
            self._hold_plans()

    def _hold_plans(self) -> None:
        if not self.base.adoptions:
            return
        said = None if self.extract_day is None else day_number(self.extract_day)
        day = extract_day(self.staged["appointments"], said, day_number(date.today()))
        self._holding.hold_named(self.staged, self._drops, day)

    @property
    def plan_conflicts(self) -> tuple[PlanConflict, ...]:
        """Return where the extract and the plans of the store differ. After ``match``."""
        return self._holding.conflicts

    def _delete(
        self, staged: StagedTable, entries: list[FileEntry], tally: Tally, ids: list[str]
    ) -> None:
        if staged.name not in DELETABLE or self.ids_per_practice:
            why = "its rows carry no id" if staged.name not in DELETABLE else "ids are per practice"
            self.warnings.append(
                f"{len(ids)} deletions from table {staged.name} were passed over: {why}."
            )
            return
        only = self._drops.only
        if delete(self.layout, entries, staged, self._drops, tally, ids, self.encoder, only):
            self.warnings.append(
                f"Deletions from table {staged.name} that are not for this practice to make "
                "were passed over."
            )

    def _restage(self, remap: Codes) -> None:
        """Take out all rows of people who turned out to be one, to place them anew."""
        merged = self.encoder.patients.merged
        people = np.unique(np.array([*merged, *merged.values()], np.int32))
        for name in PATIENT_TABLES:
            for entry in reversed(self.base.tables[name].files):
                rows = read_file(self.layout, entry)
                theirs = np.isin(rows.column("patient").to_numpy(), people)
                if theirs.any():
                    self._drops.add(entry, np.flatnonzero(theirs))
                    self.staged[name].restage(rows.filter(pa.array(theirs)))

    @property
    def changed(self) -> bool:
        """Whether the new version would differ from the last. Known after ``match``."""
        given = {t: set(c) for t, c in self.base.given.items()} != self.encoder.given
        fresh = any(staged.keep.any() for staged in self.staged.values())
        return (
            self.base.version == 0
            or fresh
            or bool(self._drops.masks)
            or given
            or self.encoder.patients.changed
        )

    def rows_kept(self, table: str) -> int:
        """Return how many rows of the extract are new or replace another. After ``match``."""
        staged = self.staged.get(table)
        kept = 0 if staged is None else int(staged.keep[staged.restaged :].sum())
        return kept - self._holding.made if table == "named_gps" else kept

    def write(self, load_entry: dict[str, Any]) -> Manifest:
        """Write and publish the next version; return its manifest."""
        self.stage("placing")
        with writable():
            home = self._homes()
            self.stage("writing")
            tables = self._write_tables(home)
            manifest = Manifest(
                version=self.base.version + 1,
                identifiable=self.identity.identifiable,
                key_fingerprint=self.identity.fingerprint,
                sources=tuple(self.encoder.sources),
                tables=tables,
                dictionaries=self._write_dictionaries(),
                given={t: tuple(sorted(c)) for t, c in sorted(self.encoder.given.items())},
                loads=(*self.base.loads, load_entry),
                adoptions=self.base.adoptions,
            )
            publish(self.layout, manifest, self._writer, self.stage, "load")
        return manifest

    def _homes(self) -> Codes:
        practices = [key for _, key in self.encoder.codes["practice"].keys_by_code()]
        size = self.encoder.patients.size
        return home_practices(self._surviving, size, practices, self._last_contact())

    def _surviving(self, table: str, columns: list[str]) -> Iterator[Any]:
        """Yield some columns of the rows that the new version will have."""
        for entry in self.base.tables[table].files:
            rows = read_file(self.layout, entry, columns)
            mask = self._drops.mask(entry)
            yield rows if mask is None else rows.filter(pa.array(~mask))
        yield from self.staged[table].kept(columns)

    def _last_contact(self) -> int:
        """Return the day number of the last contact that took place."""
        days: list[str | None] = []
        columns = ["start_day", "status"]
        for entry in self.base.tables["appointments"].files:
            mask = self._drops.mask(entry)
            if mask is None:
                days.append(entry.last_contact)
            else:
                rows = read_file(self.layout, entry, columns).filter(pa.array(~mask))
                days.append(contact_days(rows)[2])
        days += [contact_days(rows)[2] for rows in self.staged["appointments"].kept(columns)]
        last = max(filter(None, days), default=None)
        return OPEN_DAY if last is None else day_number(date.fromisoformat(last))

    def _write_tables(self, home: Codes) -> dict[str, FileSet]:
        encoder = self.encoder
        staff = [key for _, key in encoder.codes["staff"].keys_by_code()]
        names = ordering_names(staff, encoder.sources)
        identifiable = self.identity.identifiable
        placing = Placing(self.layout, self._writer, self._staging, home, names, identifiable)
        found: dict[str, FileSet] = {}
        for name, staged in self.staged.items():
            before = self.base.tables[name]
            if name in PATIENT_TABLES:
                found[name] = placing.place(staged, before, self._drops)
            else:
                found[name] = place_shared(
                    self.layout, self._writer, staged, before, self._drops, names, identifiable
                )
        return found

    def _write_dictionaries(self) -> dict[str, FileSet]:
        before = self.base.dictionaries
        encoder = self.encoder
        new = {"patient": encoder.patients.new()}
        new.update((kind, codes.new()) for kind, codes in encoder.codes.items())
        return {
            kind: write_entries(self._writer, kind, before[kind], rows)
            for kind, rows in new.items()
        }


def write_batches(
    path: str | Path,
    batches: Iterable[Conformed],
    *,
    source_name: str = "csv",
    identifiable: bool = False,
    ids_per_practice: bool = False,
    wait_seconds: float = 60,
    memory_limit: int = MEMORY_LIMIT,
) -> Manifest:
    """Merge typed rows into a store, made where there is none; return its manifest.

    What ``load`` does, for rows that do not come from a file.
    """
    layout = Layout(Path(path))
    layout.check_ours()
    with writer_lock(layout, wait_seconds):
        base, identity = open_for_load(layout, identifiable=identifiable)
        with Writing(
            layout, base, identity, source_name, ids_per_practice, memory_limit
        ) as writing:
            for batch in batches:
                writing.add(batch)
            writing.match({})
            if not writing.changed:
                return base
            return writing.write({"profile": "batches", "source": source_name})


_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


@contextmanager
def writable() -> Generator[None]:
    """Turn a failure to write into a StoreError; what was being read speaks for itself."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreError(
                "There is no room left to write the store; nothing was changed.",
                hint="Free some space on the store's disk and load again.",
            ) from error
        raise StoreError(
            "The store cannot be written; nothing was changed.",
            hint=error.strerror or "Check the owner and the rights of the store's folder.",
        ) from error

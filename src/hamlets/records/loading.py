"""Loading a source into a record store: read, check, merge, publish, report."""

from __future__ import annotations

import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hamlets.errors import RefusedRowsError, SourceError, StoreError, UsageError
from hamlets.records.batches import ProgressCallback, RawBatch, Reader, ReaderNotes, Refusal
from hamlets.records.conform import Conformed, conform
from hamlets.records.fencing import FILLED, fill_practice
from hamlets.records.identity import key_file
from hamlets.records.mapping import Mapping, read_mapping
from hamlets.records.quarantine import Quarantine, remove_old
from hamlets.records.readers import choose_reader
from hamlets.records.report import LoadReport
from hamlets.records.shares import appointment_shares
from hamlets.records.sources import NamedFile, Source, open_source
from hamlets.records.store.contacts import contact_days
from hamlets.records.store.holding import PlanConflict
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import writer_lock
from hamlets.records.store.maintenance import prune_versions
from hamlets.records.store.manifest import Manifest
from hamlets.records.store.opening import open_for_load
from hamlets.records.store.staging import StagedTable
from hamlets.records.store.writing import Writing, writable
from hamlets.records.tables import TABLES

Stage = Callable[[str], None]
Days = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class _Options:
    """How a load was asked for."""

    profile: str
    mapping: str | Path | Mapping | None
    identifiable: bool
    refuse_limit: float
    source_name: str | None
    ids_per_practice: bool
    wait_seconds: float
    keep_versions: int
    keep_quarantine_days: int
    extract_end: datetime
    extract_day: date | None
    remark: dict[str, str]
    only_practice: str | None
    check: bool
    progress: ProgressCallback
    stage: Stage


@dataclass
class _Counts:
    """Rows by table, counted as they are read."""

    read: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    errors: Counter[str] = field(default_factory=Counter[str])
    unmapped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter[str]))

    def take(self, batch: Conformed) -> None:
        self.read[batch.table] += batch.rows.num_rows
        self.refuse(batch.refusals)
        for column, words in batch.unmapped.items():
            if words:
                self.unmapped[f"{batch.table}.{column}"].update(words)

    def refuse(self, refusals: Sequence[Refusal]) -> None:
        for refusal in refusals:
            self.read[refusal.table] += 1
            self.refused[refusal.table] += 1
            self.errors[refusal.table] += refusal.kind == "error"

    def over_limit(self, limit: float) -> tuple[int, int] | None:
        """Return (refused, read) where they are over the limit, of all rows or appointments."""
        pairs = [
            (self.errors.total(), self.read.total()),
            (self.errors["appointments"], self.read["appointments"]),
        ]
        return next(((bad, all_) for bad, all_ in pairs if bad * 100 > limit * all_), None)


def load(
    sources: str | Path | Sequence[str | Path | NamedFile],
    store_path: str | Path,
    *,
    profile: str = "auto",
    mapping: str | Path | Mapping | None = None,
    identifiable: bool = False,
    refuse_limit: float = 5.0,
    source_name: str | None = None,
    ids_per_practice: bool = False,
    wait_seconds: float = 60,
    keep_versions: int = 12,
    keep_quarantine_days: int = 30,
    extract_end: datetime | None = None,
    remark: ReadOnly[str, str] | None = None,
    only_practice: str | None = None,
    check: bool = False,
    progress: ProgressCallback | None = None,
    stage: Stage | None = None,
) -> LoadReport:
    """Load files or folders into a store, made where there is none; return what happened.

    ``source_name`` (default: the profile's name) tells the ids of one source
    from another's; ``extract_end`` (default: now) is the Europe/London wall time
    up to which the source says what happened; ``remark`` is kept with the load in the
    version's list of loads and is no part of its content. ``only_practice`` keeps the load to
    that practice: its rows alone are loaded, whatever the extract says of others (decision
    0019), and files without a practice column are its own. ``check`` reads and matches and
    then changes nothing; its report says what a load would do. ``progress`` is called with
    (file, rows since the last call), ``stage`` with the name of each stage.

    Raises SourceError (unreadable), RefusedRowsError (more than ``refuse_limit``
    per cent of rows refused), StoreError and its kinds, UsageError. After any of
    them, and after an interruption, the store is as it was.
    """
    options = _Options(
        profile=profile,
        mapping=mapping,
        identifiable=identifiable,
        refuse_limit=refuse_limit,
        source_name=source_name,
        ids_per_practice=ids_per_practice,
        wait_seconds=wait_seconds,
        keep_versions=keep_versions,
        keep_quarantine_days=keep_quarantine_days,
        extract_end=extract_end or datetime.now(ZoneInfo("Europe/London")).replace(tzinfo=None),
        extract_day=extract_end.date() if extract_end is not None else None,
        remark=dict(remark or {}),
        only_practice=only_practice,
        check=check,
        progress=progress or (lambda _file, _rows: None),
        stage=stage or (lambda _name: None),
    )
    paths = [sources] if isinstance(sources, str | Path) else list(sources)
    started = time.monotonic()
    if only_practice is not None and ids_per_practice:
        raise UsageError("Ids of one practice need no practice in front.")
    read = read_mapping(mapping) if isinstance(mapping, str | Path) else mapping
    filled = () if only_practice is None else FILLED
    with open_source(paths) as source:
        reader, why = choose_reader(source, profile, read, filled)
        layout = Layout(Path(store_path))
        layout.check_ours()
        with writer_lock(layout, wait_seconds, lambda: options.stage("waiting")):
            return _Load(options, layout, source, reader, why, started).run()


class _Load:
    """One load, under the writer lock."""

    def __init__(
        self,
        options: _Options,
        layout: Layout,
        source: Source,
        reader: Reader,
        why: str,
        started: float,
    ) -> None:
        self.options = options
        self.layout = layout
        self.source = source
        self.reader = reader
        self.why = why
        self.started = started
        self.notes = ReaderNotes()
        self.counts = _Counts()
        self.refusals: Counter[str] = Counter()
        self.over: tuple[int, int] | None = None

    def run(self) -> LoadReport:
        options = self.options
        name = options.source_name or self.reader.name
        base, identity = open_for_load(self.layout, identifiable=options.identifiable, source=name)
        with Writing(
            self.layout,
            base,
            identity,
            name,
            ids_per_practice=options.ids_per_practice,
            stage=options.stage,
            extract_day=options.extract_day,
            only_practice=options.only_practice,
        ) as writing:
            quarantine = self._read(writing)
            writing.match(self.notes.deletions)
            shares = appointment_shares(
                writing.staged["appointments"], writing.tallies["appointments"]
            )
            report = self._rows(writing)
            days = _days(writing.staged["appointments"])
            changed = writing.changed
            manifest = base
            if changed and not options.check:
                entry: dict[str, object] = {"profile": self.reader.name, "source": name, **report}
                if options.remark:
                    entry["remark"] = options.remark
                manifest = writing.write(entry)
        if not options.check:
            options.stage("clearing")
            self._clear_away(manifest)
        options.stage("done")
        return self._report(writing, manifest, changed, name, quarantine, report, shares, days)

    def _read(self, writing: Writing) -> str | None:
        """Read, check and stage every row; return the quarantine's path if it has rows."""
        options = self.options
        options.stage("reading")
        stamp = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        with Quarantine(self.layout.root, stamp) as quarantine:
            for raw in self.reader.read(self.source, self.notes, options.progress):
                batch = self._conformed(raw, writing)
                self.counts.take(batch)
                with writable():
                    quarantine.add(batch.refusals)
                # of rows that are all of others, not even the columns count
                if writing.fence is None or batch.rows.num_rows:
                    writing.add(batch)
            self.counts.refuse(self.notes.refusals)
            with writable():
                quarantine.add(self.notes.refusals)
        self.refusals = quarantine.counts
        path = None if quarantine.path is None else str(quarantine.path)
        self._check(path)
        return path

    def _conformed(self, raw: RawBatch, writing: Writing) -> Conformed:
        """Return the batch's typed rows, of the one practice where there is but one."""
        fence = writing.fence
        if fence is None:
            return conform(raw, extract_end=self.options.extract_end)
        filled = fill_practice(raw, fence.practice)
        return fence.sift(conform(filled, extract_end=self.options.extract_end))

    def _check(self, quarantine: str | None) -> None:
        if self.counts.read.total() == 0 and not any(self.notes.deletions.values()):
            raise SourceError(
                "There is not a single row to load here.",
                where=self.source.label,
                hint="Check that this is the right extract and that its files have rows.",
            )
        over = self.over = self.counts.over_limit(self.options.refuse_limit)
        if over is not None and not self.options.check:
            bad, rows = over
            raise RefusedRowsError(
                f"{bad:,} of {rows:,} rows were refused ({100 * bad / rows:.1f} %); "
                f"the limit is {self.options.refuse_limit:g} %. Nothing was loaded.",
                where=quarantine,
                hint="Each refused row is listed there with its reason. Mend the extract, or "
                "allow more with --refuse-limit.",
            )

    def _rows(self, writing: Writing) -> dict[str, dict[str, int]]:
        """Return the rows read, kept, refused and collapsed by table; they always add up."""
        tallies = writing.tallies
        tables = [name for name in TABLES if self.counts.read[name]]
        tables += sorted(set(self.counts.read) - set(TABLES))
        found: dict[str, dict[str, int]] = {
            "rows_read": {}, "rows_kept": {}, "rows_refused": {}, "rows_collapsed": {}
        }  # fmt: skip
        for name in tables:
            read, refused = self.counts.read[name], self.counts.refused[name]
            collapsed = tallies[name].collapsed if name in tallies else 0
            found["rows_read"][name] = read
            found["rows_refused"][name] = refused
            found["rows_collapsed"][name] = collapsed
            found["rows_kept"][name] = kept = writing.rows_kept(name)
            if read != kept + refused + collapsed:
                raise AssertionError(
                    f"{name}: {read} rows read, but {kept} kept, {refused} refused and "
                    f"{collapsed} collapsed"
                )
        return found

    def _clear_away(self, manifest: Manifest) -> None:
        """Remove old versions and old lists of refused rows. The load itself is done."""
        try:
            with writable():
                if manifest.version:
                    prune_versions(self.layout, self.options.keep_versions)
                remove_old(self.layout.root, self.options.keep_quarantine_days)
        except StoreError as error:
            self.notes.warnings.append(
                f"The load is done, but old versions could not be cleared away: {error.message}"
            )

    def _report(
        self,
        writing: Writing,
        manifest: Manifest,
        changed: bool,
        name: str,
        quarantine: str | None,
        rows: dict[str, dict[str, int]],
        shares: dict[str, float | None],
        days: Days,
    ) -> LoadReport:
        tallies = writing.tallies
        replaced = {t: tallies[t].replaced for t in rows["rows_kept"] if t in tallies}
        new = {t: kept - replaced.get(t, 0) for t, kept in rows["rows_kept"].items()}
        deleted = {t: tally.deleted for t, tally in tallies.items() if tally.deleted}
        return LoadReport(
            profile=self.reader.name,
            profile_why=self.why,
            source=name,
            rows_new=new,
            rows_replaced=replaced,
            rows_deleted=deleted,
            store_version=manifest.version,
            content_id=manifest.content_id,
            changed=changed,
            identifiable=manifest.identifiable,
            warnings=[*self.notes.warnings, *writing.warnings, *_warnings(writing)],
            unmapped={c: dict(w.most_common()) for c, w in sorted(self.counts.unmapped.items())},
            unknown_columns=dict(self.notes.unknown_columns),
            skipped=dict(self.notes.skipped),
            refusals_by_reason=dict(self.refusals.most_common()),
            quarantine=quarantine,
            shares=shares,
            plan_conflicts=[asdict(each) for each in writing.plan_conflicts],
            first_day=days[0],
            last_day=days[1],
            last_contact=days[2],
            over_limit=self.over,
            seconds=round(time.monotonic() - self.started, 3),
            **rows,
        )


def _days(staged: StagedTable) -> Days:
    """Return the first day, the last day and the last contact of what an extract brought."""
    found = [contact_days(rows) for at, rows in staged.batches() if at >= staged.restaged]
    first, last, contact = zip(*found, strict=True) if found else ((), (), ())
    return (
        min(filter(None, first), default=None),
        max(filter(None, last), default=None),
        max(filter(None, contact), default=None),
    )


def _warnings(writing: Writing) -> list[str]:
    """Return a sentence for each thing that a person should look at."""
    found: list[str] = []
    for table, tally in writing.tallies.items():
        if tally.repeated_otherwise:
            found.append(
                f"{tally.repeated_otherwise:,} rows of {table} repeat another row's id with other "
                "content; the last one read was kept."
            )
    if not writing.identity.identifiable and key_file().stat().st_mode & 0o077:
        found.append(
            "The key file for pseudonyms can be read by others than its owner: "
            "take that right away (chmod 600)."
        )
    found += [sentence for each in writing.plan_conflicts for sentence in _conflict(each)]
    patients = writing.encoder.patients
    if patients.conflicts:
        found.append(
            f"{patients.conflicts:,} patients came with another NHS number than before; "
            "the first one stands."
        )
    if patients.merged:
        found.append(
            f"{len(patients.merged):,} patients turned out to be people the store already knew "
            "by their NHS number; their records were joined."
        )
    return found


def _conflict(found: PlanConflict) -> Iterator[str]:
    """Yield what differs between the extract and one plan, in words."""
    plan = f"Plan {found.plan} ({found.practice})"
    if found.named_held:
        yield (
            f"{plan}: for {found.named_held:,} patients the extract still has another named GP; "
            "the plan's stays. Put the plan's list into the clinical system."
        )
    if found.named_changed:
        yield (
            f"{plan}: for {found.named_changed:,} patients the extract has a later change of "
            "named GP, which holds."
        )
    if found.members_held:
        yield (
            f"{plan}: {found.members_held:,} rows of other teams are still open in the extract; "
            "they end with the plan's first day."
        )
    if found.members_later:
        yield (
            f"{plan}: {found.members_later:,} rows of other teams begin with the plan or after "
            "it; they stand beside it."
        )

"""``synthesise``: the whole invented borough, as files or loaded into a record store."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from importlib.resources import files
from pathlib import Path

from hamlets.booking.simulation.world import POLICIES, Setting
from hamlets.errors import UsageError
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import Manifest, current_manifest
from hamlets.records.store.opening import INVENTED, check_not_mixed

MOST_PRACTICES, MOST_MONTHS = 2_000, 120
EARLIEST_END = date(2005, 1, 1)

Stage = Callable[[str], None]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Made:
    """What was made: rows by table; the store's version and content where it was loaded."""

    setting: Setting
    rows: dict[str, int]
    seconds: float
    store_version: int | None = None
    content_id: str | None = None
    changed: bool = True


def make_setting(
    *,
    practices: int,
    patients: int,
    months: int,
    seed: int,
    policy: str | None = None,
    end: date | None = None,
    scattered: tuple[str, ...] = (),
    today: date | None = None,
) -> Setting:
    """Return the setting that was asked for; UsageError, in a sentence, where it cannot be.

    ``end`` (default: the end of the last full calendar month before ``today``) is the
    last day that has happened.
    """
    today = today or date.today()
    _check_counts(practices, patients, months, seed)
    if policy is not None and policy not in POLICIES:
        raise UsageError(
            f"There is no policy {policy!r}.",
            where="--policy",
            hint=f"Choose one of: {', '.join(POLICIES)}.",
        )
    end = end or today.replace(day=1) - timedelta(days=1)
    if end > today or end < EARLIEST_END:
        raise UsageError(
            f"The last day must lie between {EARLIEST_END} and today.",
            where="--end",
            hint="It is the last day of which the invented records tell what happened.",
        )
    setting = Setting(
        practices=practices,
        patients=patients,
        first=first_day(end, months),
        last=end,
        seed=seed,
        policy=policy,
        scattered_practices=tuple(sorted(set(scattered))),
    )
    _check_planted(setting)
    return setting


def first_day(end: date, months: int) -> date:
    """Return the first of so many months up to a day; whole calendar months where it ends one."""
    whole = end.day == monthrange(end.year, end.month)[1]
    number = end.year * 12 + end.month - 1 - months + (1 if whole else 0)
    year, month = divmod(number, 12)
    if whole:
        return date(year, month + 1, 1)
    day = min(end.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=1)


def _check_counts(practices: int, patients: int, months: int, seed: int) -> None:
    if not 1 <= practices <= MOST_PRACTICES:
        raise UsageError(
            f"There can be 1 to {MOST_PRACTICES:,} practices, not {practices:,}.",
            where="--practices",
        )
    if patients < practices:
        raise UsageError(
            f"{patients:,} patients are too few for {practices:,} practices.",
            where="--patients",
            hint="Every practice needs at least one patient; some thousands are usual.",
        )
    if patients > practices * 100_000:
        raise UsageError(
            f"{patients:,} patients are too many for {practices:,} practices.",
            where="--patients",
            hint="A practice can have up to 100,000; ask for more practices.",
        )
    if not 1 <= months <= MOST_MONTHS:
        raise UsageError(
            f"There can be 1 to {MOST_MONTHS} months, not {months:,}.", where="--months"
        )
    if not 0 <= seed < 2**63:
        raise UsageError("The seed must be a whole number, 0 or more.", where="--seed")


def _check_planted(setting: Setting) -> None:
    from hamlets.booking.simulation.places import practice_id

    known = {practice_id(n) for n in range(setting.practices)}
    for wanted in setting.scattered_practices:
        if wanted not in known:
            raise UsageError(
                f"There will be no practice {wanted!r}.",
                where="--plant-cancer",
                hint=f"The practices are {practice_id(0)} to {practice_id(setting.practices - 1)}.",
            )


def write_borough(
    setting: Setting,
    folder: Path,
    *,
    threads: int | None = None,
    packed: bool = True,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write the canonical tables as Parquet files into a folder; return the rows by table.

    The bytes depend on the setting alone, not on ``threads`` (default: all cores).
    ``progress`` is called with the patients of each practice that is done.
    """
    from hamlets.booking.simulation.making import make_ground
    from hamlets.booking.simulation.shared_tables import shared_tables
    from hamlets.booking.simulation.writing import write_tables

    if stage is not None:
        stage("places")
    ground = make_ground(setting)
    sizes = [practice.list_size for practice in ground.borough.practices]
    shared = shared_tables(ground)
    write_tables(folder, shared, 0, packed)
    rows = Counter({name: table.num_rows for name, table in shared.items()})
    if stage is not None:
        stage("practices")

    def practice(number: int) -> dict[str, int]:
        from hamlets.booking.simulation.book import simulate
        from hamlets.booking.simulation.identities import block_of
        from hamlets.booking.simulation.illness import draw_illness
        from hamlets.booking.simulation.making import make_practice
        from hamlets.booking.simulation.observations import draw_observations
        from hamlets.booking.simulation.writing import practice_tables

        world = make_practice(ground, number)
        illness = draw_illness(world, setting)
        book = simulate(world, illness, setting)
        observations = draw_observations(world, illness, book, setting)
        block = block_of(sizes, number) if setting.identities else None
        tables = practice_tables(setting, world, illness, book, observations, block)
        write_tables(folder, tables, number + 1, packed)
        if progress is not None:
            progress(world.practice.list_size)
        return {name: table.num_rows for name, table in tables.items()}

    # the biggest first, so that no thread is left alone with one at the end
    order = sorted(range(setting.practices), key=lambda n: -ground.borough.practices[n].list_size)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        try:
            for found in pool.map(practice, order):
                rows.update(found)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return dict(rows)


def write_folder(
    setting: Setting,
    folder: Path,
    *,
    threads: int | None = None,
    identifiable: bool = False,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write the borough as Parquet files into a new or empty folder.

    ``identifiable``: with (invented) names and NHS numbers.
    """
    started = time.monotonic()
    setting = with_identities(setting) if identifiable else setting
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            "The folder for the files must be new or empty.",
            where=str(folder),
            hint="Name another folder with --output.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    rows = write_borough(setting, folder, threads=threads, stage=stage, progress=progress)
    return Made(setting, rows, time.monotonic() - started)


def synthesise(
    setting: Setting,
    store_path: str | Path,
    *,
    threads: int | None = None,
    identifiable: bool = False,
    wait_seconds: float = 60,
    stage: Stage | None = None,
    progress: Progress | None = None,
) -> Made:
    """Make the borough and load it into a store, made where there is none.

    A store that holds this very borough is left as it is. An ``identifiable`` one has invented
    names and NHS numbers. Raises UsageError where the store holds anything else, StoreError
    and its kinds where it cannot be written.
    """
    from hamlets.records import load

    started = time.monotonic()
    setting = with_identities(setting) if identifiable else setting
    remark = remark_of(setting)
    layout = Layout(Path(store_path))
    layout.check_ours()
    base = current_manifest(layout)
    check_not_mixed(layout, base, INVENTED)
    if base is not None and base.sources:
        return _held(layout, base, setting, remark, identifiable, started)
    with tempfile.TemporaryDirectory(prefix="hamlets-synth-") as folder:
        write_borough(
            setting, Path(folder), threads=threads, packed=False, stage=stage, progress=progress
        )
        report = load(
            folder,
            store_path,
            profile="csv",
            source_name=INVENTED,
            identifiable=identifiable,
            extract_end=datetime.combine(setting.last, time_of_day(23, 59, 59)),
            remark=remark,
            refuse_limit=0,
            wait_seconds=wait_seconds,
            stage=stage,
        )
    rows = {name: count for name, count in report.rows_read.items() if count}
    seconds = time.monotonic() - started
    return Made(setting, rows, seconds, report.store_version, report.content_id, report.changed)


def with_identities(setting: Setting) -> Setting:
    """Return the same borough, its patients with names and NHS numbers."""
    return replace(setting, identities=True)


def remark_of(setting: Setting) -> dict[str, str]:
    """Return what a version keeps about how it was made."""
    said = {name: str(value) for name, value in asdict(setting).items() if value is not None}
    said["scattered_practices"] = ",".join(setting.scattered_practices)
    return {**said, "simulation": fingerprint()}


def fingerprint() -> str:
    """Return a hash of the simulation's own files: other code makes another borough."""
    digest = hashlib.sha256()
    folder = files("hamlets.booking.simulation")
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith((".py", ".csv", ".toml")):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:16]


def _held(
    layout: Layout,
    base: Manifest,
    setting: Setting,
    remark: dict[str, str],
    identifiable: bool,
    started: float,
) -> Made:
    """Return what the store holds where it is this very borough; else a UsageError."""
    held = [load.get("remark") for load in base.loads]
    if any(found != remark for found in held) or base.identifiable != identifiable:
        raise UsageError(
            "This store holds an invented borough that was made with other options, "
            "or by another version of Hamlets.",
            where=layout.root.name,
            hint="Name another folder with --store, or delete this one first.",
        )
    rows = {name: table.rows for name, table in base.tables.items() if table.rows}
    seconds = time.monotonic() - started
    return Made(setting, rows, seconds, base.version, base.content_id, changed=False)

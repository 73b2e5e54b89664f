"""Made-up extracts and the stores loaded from them, kept between runs of the benchmarks."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.measuring import ROOT, Run, run_process
from benchmarks.sizes import Book

Say = Callable[[str], None]
MAKERS = ("benchmarks/books.py", "benchmarks/sizes.py", "benchmarks/writing.py")
STORE_CODE = "src/hamlets/records/store"


def cache_folder() -> Path:
    """Return HAMLETS_BENCH_DIR, or a folder in the system's temporary folder."""
    chosen = os.environ.get("HAMLETS_BENCH_DIR")
    return Path(chosen) if chosen else Path(tempfile.gettempdir()) / "hamlets-bench"


def environment(cache: Path) -> dict[str, str]:
    """Return variables that keep the key and the log of whoever runs this out of it."""
    return {
        "HAMLETS_KEY_FILE": str(cache / "pseudonym.key"),
        "HAMLETS_LOG_FILE": str(cache / "hamlets.log"),
    }


def hamlets(*arguments: str, cache: Path) -> Run:
    """Run the command line as a process."""
    program = Path(sys.executable).with_name("hamlets")
    return run_process([str(program), *arguments], environment(cache))


@functools.cache
def _stamp(with_store: bool) -> str:
    """Return a mark that changes with the code that makes a book or lays out a store.

    Taken once a run: an edit while the benchmarks run must not change the store half-way.
    """
    paths = [ROOT / name for name in MAKERS]
    if with_store:
        paths += sorted((ROOT / STORE_CODE).glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


def _write(book: Book, folder: Path, kind: str) -> Run:
    numbers = [str(n) for n in (book.rows, book.practices, book.patients, book.seed)]
    arguments = [str(folder), kind, *numbers, "gp" if book.gp_only else "all"]
    return run_process([sys.executable, "-m", "benchmarks.books", *arguments])


def extract(book: Book, cache: Path, kind: str, say: Say) -> Path:
    """Return the folder of a book's tables, written where it is not there yet."""
    folder = cache / f"{kind}-{book.name}-{_stamp(with_store=False)}"
    if not folder.exists():
        _forget(cache, f"{kind}-{book.name}-")
        say(f"Writing {book.rows:,} appointments as {kind}")
        making = folder.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        _write(book, making, kind)
        making.rename(folder)
    return folder


def built(book: Book, cache: Path, say: Say) -> Path:
    """Return the store of a book, loaded where it is not there yet.

    ``built.json`` beside the store says how long the load took and what it held.
    """
    folder = cache / f"store-{book.name}-{_stamp(with_store=True)}"
    if not folder.exists():
        _forget(cache, f"store-{book.name}-")
        source = extract(book, cache, "parquet", say)
        say(f"Loading {book.rows:,} appointments")
        making = folder.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        run = load(source, making / "store", cache)
        told = {"book": asdict(book), "seconds": run.seconds, "peak_bytes": run.peak}
        (making / "built.json").write_text(json.dumps(told))
        making.rename(folder)
        shutil.rmtree(source)
    return folder / "store"


def load(source: Path, store: Path, cache: Path) -> Run:
    """Load an extract into a new store by the command line; BenchmarkError where it fails."""
    store.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(store, ignore_errors=True)
    return hamlets("load", str(source), "--store", str(store), "--format", "json", cache=cache)


def forget_all(cache: Path) -> None:
    """Remove every book and store, so that they are made again."""
    for kind in ("parquet", "csv", "store"):
        _forget(cache, f"{kind}-")


def _forget(cache: Path, beginning: str) -> None:
    """Remove what an earlier version of the code made."""
    for old in cache.glob(f"{beginning}*"):
        shutil.rmtree(old)

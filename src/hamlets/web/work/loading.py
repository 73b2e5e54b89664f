"""Files that were sent, loaded into the records as jobs of the site do it.

A practice loads its own rows alone (decision 0019). Whatever is wrong with a file is a
sentence for people.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import TYPE_CHECKING, Any

from hamlets.errors import HamletsError, SourceError, StoreBusyError
from hamlets.web.uploads.files import path_of
from hamlets.web.words import known, text
from hamlets.web.work.fragments import Plain, plain, storable

if TYPE_CHECKING:
    from hamlets.records.report import LoadReport
    from hamlets.records.sources import NamedFile
    from hamlets.web.jobs.progress import Progress

REFUSE_LIMIT = 5
"""In 100 rows, how many may be refused without anybody being asked."""
_ANY = 100
_WAIT_SECONDS = 1800
_MOST_REASONS = 200
_SAID = {
    "This file is empty.": "empty",
    "This file is damaged or was cut short.": "cut_short",
    "This Parquet file is damaged or was cut short.": "cut_short",
    "This compressed file unpacks to far more than a table would.": "bomb",
    "This Parquet file unpacks to far more than a table would.": "bomb",
    "This archive is locked with a password.": "locked",
    "This archive holds another archive.": "nested",
    "This archive has a file that would land outside its folder.": "outside",
    "This archive holds no file.": "nothing_in_it",
    "There is no file to read here.": "nothing_in_it",
    "There is not a single row to load here.": "no_rows",
    "This store holds invented data, and other data must not be mixed into it.": "invented",
    "This file cannot be read as CSV.": "not_csv",
    "A quotation mark is opened and never closed.": "quotation",
}
"""Sentences of the readers, and the site's own words for them."""


def check(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    folder: str,
    files: list[Mapping[str, Any]],
    choice: Mapping[str, Any],
    identifiable: bool,
    rows: int,
    **_loading: Any,
) -> Plain:
    """Return what a load of these files would do; the records stay as they are.

    Invented records take no others: there it is tried on records of its own, which go with the
    files, so that people see what their extract would give.
    """
    stage = _stages(progress, rows)
    if _invented(store):
        store, identifiable = path_of(folder) / "trial", False
    with in_words():
        report = _load(
            store, practice, progress, stage, folder, files, choice, identifiable, check=True
        )
    return told(report)


def load(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    folder: str,
    files: list[Mapping[str, Any]],
    choice: Mapping[str, Any],
    identifiable: bool,
    rows: int,
    anyway: bool,
    **_loading: Any,
) -> Plain:
    """Return what loading these files did. A wish to stop is heard until the last step.

    ``anyway``: however many rows are refused.
    """
    stages = _stages(progress, rows)

    def stage(name: str) -> None:
        if name == "publishing":
            # from here on it is in the records: to say that it was stopped would not be true
            signal(SIGINT, SIG_IGN)
        stages(name)

    limit = _ANY if anyway else REFUSE_LIMIT
    with in_words():
        report = _load(
            store, practice, progress, stage, folder, files, choice, identifiable, limit=limit
        )
    return {**told(report), "practices": sorted(practices_of(store, report.store_version))}


def _invented(store: Path) -> bool:
    from hamlets.records import open_store
    from hamlets.records.store.layout import Layout

    if Layout(store).current_version() is None:
        return False
    with open_store(store) as opened:
        return opened.invented


def practices_of(store: Path, version: int) -> set[str]:
    """Return the practices of a version's dictionary, which never forgets one."""
    from hamlets.records import open_store

    with open_store(store, version) as opened:
        return set(opened.labels("practice"))


def _load(
    store: Path,
    practice: str,
    progress: Progress,
    stage: Callable[[str], None],
    folder: str,
    files: list[Mapping[str, Any]],
    choice: Mapping[str, Any],
    identifiable: bool,
    *,
    check: bool = False,
    limit: float = REFUSE_LIMIT,
) -> LoadReport:
    from hamlets.records import load as load_records
    from hamlets.records.mapping import make_mapping

    mapping = None
    if choice.get("mapping"):
        mapping = make_mapping(text("data.your_columns"), choice["mapping"])
    return load_records(
        sources_of(folder, files),
        store,
        profile="auto" if mapping else choice.get("profile", "auto"),
        mapping=mapping,
        identifiable=identifiable,
        refuse_limit=limit,
        wait_seconds=_WAIT_SECONDS,
        remark={"practice": practice},
        only_practice=practice,
        check=check,
        progress=lambda _file, rows: progress.advance(rows),
        stage=stage,
    )


def sources_of(folder: str, files: list[Mapping[str, Any]]) -> list[NamedFile]:
    """Return the files of a sending under their own names."""
    from hamlets.records.sources import NamedFile

    return [NamedFile(path_of(folder, each["stored"]), each["name"]) for each in files]


def _stages(progress: Progress, rows: int) -> Callable[[str], None]:
    def stage(name: str) -> None:
        # a wait for the lock comes before the reading, whose rows are known
        progress.stage(text(f"data_work.{name}"), rows or None if name == "reading" else None)

    return stage


def told(report: LoadReport) -> Plain:
    """Return a report as plain data, with the refused rows by reason and an example of each."""
    found = plain(report)
    found["quarantine"] = Path(report.quarantine).name if report.quarantine else ""
    found["refused"] = refused_rows(Path(report.quarantine)) if report.quarantine else []
    return storable(found)


def refused_rows(folder: Path) -> list[Plain]:
    """Return why rows were refused, the most frequent reason first, with the first row of each."""
    found: dict[tuple[str, str, str], Plain] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                key = (path.stem, row["column"], row["reason"])
                if key in found:
                    found[key]["rows"] += 1
                elif len(found) < _MOST_REASONS:
                    found[key] = {
                        "table": path.stem, "column": row["column"], "reason": row["reason"],
                        "rows": 1, "file": row["file"], "line": int(row["line"] or 0),
                    }  # fmt: skip
    return sorted(found.values(), key=lambda each: -each["rows"])


@contextmanager
def in_words() -> Generator[None]:
    """Say what is wrong with a file in the site's own words, with the file's name in front."""
    try:
        yield
    except StoreBusyError as error:
        raise StoreBusyError(text("data_wrong.busy"), hint=text("data_wrong.busy_hint")) from error
    except HamletsError as error:
        raise said_here(error) from error


def said_here(error: HamletsError) -> HamletsError:
    """Return the same error in the words of a page."""
    name = _SAID.get(error.message)
    message = text(f"data_wrong.{name}") if name else error.message
    key = f"data_wrong.{name}_hint"
    if name and known(key):
        hint = text(key)
    elif isinstance(error, SourceError) and error.message.startswith("This is "):
        sheet = "spreadsheet" in error.message or "Office" in error.message
        hint = text("data_wrong.sheet_hint" if sheet else "data_wrong.kind_hint")
    elif not error.hint or "--" in error.hint or "`" in error.hint:
        hint = text("data_wrong.other_hint")
    else:
        hint = error.hint
    if isinstance(error, SourceError) and error.where:
        message = f"{error.where}: {message}"
    return type(error)(storable(message), hint=storable(hint))

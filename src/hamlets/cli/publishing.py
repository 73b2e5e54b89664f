"""Published forms for the commands: what was published before, and what may be asked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import HamletsError, NothingToMeasureError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.continuity.results import ContinuityReport
    from hamlets.disclosure import Release, View
    from hamlets.records import Store

KEPT = 12
"""Versions of which it is remembered what was published."""


class Ledger:
    """What was published of a store: rounded counts only, so the file holds nothing to hide.

    The next version must not let anybody work out what this one left out.
    """

    def __init__(self, store: Path, what: str) -> None:
        # A place's code may hold anything, so the file is named after its checksum.
        name = hashlib.sha256(what.encode()).hexdigest()[:16]
        self._path = store / "published" / f"{name}.json"
        self._what = what

    def before(self, version: int) -> Release | None:
        """Return what was published of the latest version before this one; None if nothing."""
        entries = [e for e in self._read() if e["version"] < version]
        return _release(max(entries, key=lambda e: e["version"])) if entries else None

    def remember(self, version: int, release: Release) -> None:
        """Write down what is published now; UsageError where the folder cannot be written."""
        from hamlets.cli.exports import replace_file

        entries = [e for e in self._read() if e["version"] != version]
        entries.append(
            {
                "version": version,
                "counts": {n: [c.mark.value, c.value] for n, c in release.counts.items()},
                "sums": [[each.total, *each.parts] for each in release.sums],
            }
        )
        entries.sort(key=lambda e: e["version"])
        try:
            self._path.parent.mkdir(exist_ok=True)
        except OSError:
            raise UsageError(
                "What is published must be written down beside the records, and cannot be.",
                where="published",
                hint="Publish from a copy of the store that you may write to.",
            ) from None
        whole = {"what": self._what, "published": entries[-KEPT:]}
        replace_file(self._path, json.dumps(whole).encode())

    def _read(self) -> list[dict[str, Any]]:
        try:
            return json.loads(self._path.read_text(encoding="utf-8"))["published"]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError):
            raise HamletsError(
                "The record of what was published before cannot be read.",
                where=f"published/{self._path.name}",
                hint="Restore it from a backup: without it two reports could be set against "
                "each other.",
            ) from None


def _release(entry: dict[str, Any]) -> Release:
    from hamlets.disclosure import Mark, Published, Release, Sum

    return Release(
        {name: Published(Mark(mark), value) for name, (mark, value) in entry["counts"].items()},
        tuple(Sum(total, tuple(parts)) for total, *parts in entry["sums"]),
    )


def publish_report(report: ContinuityReport, store: Path, practice: str | None) -> ContinuityReport:
    """Return a report in its published form, and write down what it gives away."""
    from hamlets.continuity.headlines import judged
    from hamlets.publish.public import public_report

    ledger = Ledger(store, f"report of {practice or 'all'}")
    version = report.source.store_version
    made = public_report(report, judged, ledger.before(version))
    ledger.remember(version, made.release)
    return made.report


def publish_measures(
    store: Store, folder: Path, *, measures: str, level: str, by: str, threads: int | None
) -> pa.Table:
    """Return the rows of a registered view in their published form.

    Raises UsageError for any other grouping, and for measures that are not published, and
    NothingToMeasureError for a place so small that all figures are those of a few people.
    """
    import pyarrow as pa

    from hamlets.continuity.conventions import read_question
    from hamlets.disclosure import VIEWS, check_view
    from hamlets.publish.public_rows import measures_of, public_views

    view = check_view(tuple(word.strip().replace("-", "_") for word in by.split(",") if word))
    asked = read_question(measures, level, by)
    allowed = measures_of(view)
    refused = [name for name in asked.measures if name not in allowed]
    if refused and measures != "all":
        raise UsageError(
            f"Not published in this view: {', '.join(refused)}.",
            where="--measures",
            hint=f"With --publish, choose from: {', '.join(allowed)}.",
        )
    # Always all views and all of each, so that two answers cannot be set against each other.
    tables = {each.name: _measured(store, each, threads) for each in VIEWS}
    _check_size(_rows(tables["all"]))
    ledger = Ledger(folder, "measures")
    views, release = public_views(
        {name: _rows(table) for name, table in tables.items()},
        _span(tables["all"]),
        ledger.before(store.version),
    )
    ledger.remember(store.version, release)
    rows = views[view.name]
    wanted = [
        r for r in rows if r["level"] in asked.levels and r["measure"] in asked.at(r["level"])
    ]
    if not wanted:
        raise NothingToMeasureError(
            "This view has too few patients to be published.",
            hint="Choose a view with fewer groups, such as --by all.",
        )
    found = pa.Table.from_pylist(wanted, schema=_schema(view, rows))
    notes = json.dumps({"store_version": store.version, "notes": [NOTE]})
    return found.replace_schema_metadata({"hamlets": notes})


def _check_size(rows: list[dict[str, Any]]) -> None:
    from hamlets.disclosure import SMALLEST

    if max((row["n_patients"] for row in rows), default=0) < SMALLEST:
        raise NothingToMeasureError(
            "There are fewer than 8 patients: nothing of them may be published.",
            hint="Leave out --publish, or load several practices together.",
        )
    by_chance = [row["chance"] for row in rows if row["measure"] == "same_as_previous"]
    # By chance alone everybody would see the same one: there is no other.
    if any(chance is not None and chance > 1 - 1e-9 for chance in by_chance[:1]):
        raise NothingToMeasureError(
            "There is one clinician here: what is published would be that person's own figures.",
            hint="Load several practices together.",
        )


NOTE = (
    "Made for sharing: numbers of 7 or fewer are left out, the others are rounded to 5, "
    "and shares come from the rounded numbers."
)


def _measured(store: Store, view: View, threads: int | None) -> pa.Table:
    from hamlets.continuity import measure
    from hamlets.publish.public_rows import measures_of

    return measure(
        store,
        measures=measures_of(view),
        level="all",
        by=view.by or "all",
        threads=threads,
    )


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    rows = table.to_pylist()
    return [r for r in rows if r["measure"] != "waterfall" or r["level"] == "clinician"]


def _span(table: pa.Table) -> tuple[int, int]:
    from datetime import date

    from hamlets.cli.exports import conventions

    said = conventions(table)
    first, last = date.fromisoformat(said["date_from"]), date.fromisoformat(said["date_to"])
    return first.toordinal(), last.toordinal()


def _schema(view: View, rows: list[dict[str, Any]]) -> pa.Schema:
    import pyarrow as pa

    kinds = {
        "n_patients": pa.int64(),
        "n_contacts": pa.int64(),
        **dict.fromkeys(("value", "lower", "upper", "chance", "corrected"), pa.float64()),
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in rows[0]])


def print_published(table: pa.Table) -> None:
    """Print published rows for people."""
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.exports import notes
    from hamlets.cli.terminal import print_lines

    rows: list[dict[str, Any]] = table.to_pylist()
    names = table.column_names
    groups = names[2 : names.index("value")]
    words = [
        Column("measure", [r["measure"] for r in rows], "name"),
        Column("level", [r["level"] for r in rows], kind="words"),
        *(Column(g, [_word(r[g]) for r in rows], kind="words") for g in groups),
    ]
    figures = [
        Column("value", [_figure(r, "value") for r in rows]),
        Column("range", [_range(r) for r in rows]),
        Column("by chance", [_figure(r, "chance") for r in rows], leaves=2),
        Column("patients", [_count(r["n_patients"]) for r in rows]),
        Column("contacts", [_count(r["n_contacts"]) for r in rows], leaves=3),
        Column("", [r["reason"] or "" for r in rows], kind="words"),
    ]
    print_columns([*words, *figures])
    print()
    print_lines(notes(table))


def _word(value: object) -> str:
    return "-" if value is None else str(value)


def _figure(row: dict[str, Any], name: str) -> str:
    from hamlets.disclosure import NEAR_ALL, NEAR_NONE

    value = row[name]
    if value is None:
        return "-"
    if value in (NEAR_NONE, NEAR_ALL):
        return "<0.01" if value == NEAR_NONE else ">0.99"
    return f"{value:.2f}"


def _range(row: dict[str, Any]) -> str:
    if row["lower"] is None or row["upper"] is None:
        return "-"
    return f"{row['lower']:.2f} to {row['upper']:.2f}"


def _count(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"

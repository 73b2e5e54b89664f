"""``hamlets load``: an extract into a record store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import StoreOption, TextOrJson, WaitOption, store_path, wait_seconds

if TYPE_CHECKING:
    from hamlets.records import LoadReport

STAGES = {
    "matching": "Comparing with what the store holds",
    "placing": "Finding each patient's practice",
    "writing": "Writing the new version",
    "publishing": "Making the new version current",
}
"""What people are told; the other stages pass in a moment."""


def load_command(
    sources: Annotated[list[Path], typer.Argument(help="Folders or files to read.")],
    store: StoreOption = None,
    profile: Annotated[
        str, typer.Option(help="What the files are: auto, csv, fhir or synthea.")
    ] = "auto",
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that says which of your columns is which.")
    ] = None,
    identifiable: Annotated[
        bool,
        typer.Option(
            "--identifiable", help="Keep NHS numbers, names and birth dates (inside a practice)."
        ),
    ] = False,
    refuse_limit: Annotated[
        float, typer.Option(min=0, max=100, help="Stop when more per cent of rows are refused.")
    ] = 5.0,
    source: Annotated[
        str | None,
        typer.Option(help="Name of the source system whose ids these are (default: the profile)."),
    ] = None,
    ids_per_practice: Annotated[
        bool,
        typer.Option(
            "--ids-per-practice", help="Each practice numbers its own patients and staff."
        ),
    ] = False,
    extract_end: Annotated[
        str | None,
        typer.Option(help="Day up to which the extract says what happened (default: today)."),
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Versions of the store to keep.")] = 12,
    keep_quarantine: Annotated[
        int, typer.Option(min=0, help="Days to keep lists of refused rows.")
    ] = 30,
    wait: WaitOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        TextOrJson, typer.Option(help="Print the load report as text or as one JSON object.")
    ] = TextOrJson.text,
) -> None:
    """Load an extract into a record store.

    Loading into a store that has data merges by the source's ids: a new month
    adds, a corrected row replaces, the same file twice changes nothing. Refused
    rows are listed in the store's quarantine folder with file, line and reason.
    """
    from datetime import datetime, time

    from hamlets.cli.options import read_day
    from hamlets.cli.terminal import progress
    from hamlets.records import load

    end = read_day(extract_end, "--extract-end")
    with progress("Reading", quiet=format is TextOrJson.json) as bar:
        report = load(
            [str(s) for s in sources],
            store_path(store),
            profile=profile,
            mapping=mapping,
            identifiable=identifiable,
            refuse_limit=refuse_limit,
            source_name=source,
            ids_per_practice=ids_per_practice,
            wait_seconds=wait_seconds(wait),
            keep_versions=keep,
            keep_quarantine_days=keep_quarantine,
            extract_end=None if end is None else datetime.combine(end, time(23, 59, 59)),
            progress=lambda _file, rows: bar.advance(rows),
            stage=lambda name: bar.stage(STAGES[name]) if name in STAGES else None,
        )
    if format is TextOrJson.json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _print_report(report)


def _print_report(report: LoadReport) -> None:
    from rich.table import Table

    from hamlets.cli.terminal import to_people

    console = to_people()
    console.print(f"Read as {report.profile}: {report.profile_why}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table")
    for name in ("read", "kept", "refused", "merged repeats"):
        table.add_column(name, justify="right")
    for name, read in report.rows_read.items():
        if read:
            table.add_row(
                name,
                f"{read:,}",
                f"{report.rows_kept.get(name, 0):,}",
                f"{report.rows_refused.get(name, 0):,}",
                f"{report.rows_collapsed.get(name, 0):,}",
            )
    console.print(table)
    without = report.shares.get("contacts_without_clinician")
    if without is not None:
        console.print(f"{100 * without:.1f} in 100 contacts have no clinician.")
    for reason, rows in sorted(report.refusals_by_reason.items(), key=lambda item: -item[1]):
        # a reason begins with table.column; some concern a whole row
        console.print(f"Refused, {reason.replace('.: ', ': ')}: {rows:,}")
    for name, rows in report.skipped.items():
        console.print(f"Left out, no table for it: {name} ({rows:,} rows)")
    for column, found in report.unmapped.items():
        words = ", ".join(f'"{word}" ({rows:,})' for word, rows in list(found.items())[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        console.print(f"Words not known in {column}: {words}{more}")
    for warning in report.warnings:
        console.print(f"Note: {warning}")
    if report.quarantine:
        console.print(f"Refused rows are listed in {report.quarantine}")
    if report.changed:
        console.print(f"Version {report.store_version} is ready ({report.seconds:.1f} seconds).")
    else:
        console.print(f"Nothing changed: version {report.store_version} already holds all of this.")

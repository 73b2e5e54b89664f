"""``hamlets load``: an extract into a record store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hamlets.cli.options import StoreOption, TextOrJson, WaitOption, store_path, wait_seconds

STAGES = {
    "waiting": "Waiting: another load is writing to this store",
    "reading": "Reading",
    "matching": "Comparing with what the store holds",
    "placing": "Finding each patient's practice",
    "writing": "Writing the new version",
    "publishing": "Making the new version current",
}
"""What people are told; the other stages pass in a moment."""


def load_command(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Folders or files to read.")
    ],
    store: StoreOption = None,
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="What the files are: auto, csv, fhir or synthea.")
    ] = "auto",
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML file that says which of your columns is which."),
    ] = None,
    identifiable: Annotated[
        bool,
        typer.Option(
            "--identifiable", help="Keep NHS numbers, names and birth dates (inside a practice)."
        ),
    ] = False,
    refuse_limit: Annotated[
        float,
        typer.Option(
            min=0, max=100, metavar="PCT", help="Stop when more per cent of rows are refused."
        ),
    ] = 5.0,
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Name of the source system whose ids these are (default: the profile).",
        ),
    ] = None,
    ids_per_practice: Annotated[
        bool,
        typer.Option(
            "--ids-per-practice", help="Each practice numbers its own patients and staff."
        ),
    ] = False,
    extract_end: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="Day up to which the extract says what happened (default: today).",
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option(min=1, metavar="N", help="Versions of the store to keep.")
    ] = 12,
    keep_quarantine: Annotated[
        int, typer.Option(min=0, metavar="DAYS", help="Days to keep lists of refused rows.")
    ] = 30,
    wait: WaitOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        TextOrJson,
        typer.Option(metavar="FORMAT", help="Print the load report as text or as one json object."),
    ] = TextOrJson.text,
) -> None:
    """Load an extract into a record store.

    Loading into a store that has data merges by the source's ids: a new month
    adds, a corrected row replaces, the same file twice changes nothing. Refused
    rows are listed in the store's quarantine folder with file, line and reason.

    \b
    Examples:
      hamlets load extract-folder --store my-store
      hamlets load july.csv.gz --profile csv --mapping our-columns.toml
    """
    from datetime import datetime, time

    from hamlets.cli.options import read_day
    from hamlets.cli.terminal import progress
    from hamlets.records import load

    end = read_day(extract_end, "--extract-end")
    with progress(None, quiet=format is TextOrJson.json) as bar:
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
        from hamlets.cli.loadreport import print_report

        print_report(report)

"""``hamlets synth``: an invented borough, to try everything on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import (
    StoreOption,
    TextOrJson,
    WaitOption,
    read_day,
    store_path,
    wait_seconds,
)
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from hamlets.booking.simulation.synth import Made

STAGES = {
    "places": "Laying out places and staff",
    "practices": "Simulating the practices",
    "waiting": "Waiting: another load is writing to this store",
    "reading": "Loading",
    "placing": "Finding each patient's practice",
    "writing": "Writing the store",
    "publishing": "Making the new version current",
}
"""What people are told; the other stages pass in a moment."""


def synth_command(
    store: StoreOption = None,
    practices: Annotated[int, typer.Option(metavar="N", help="Practices to invent.")] = 36,
    patients: Annotated[
        int, typer.Option(metavar="N", help="Patients registered on the last day, in all.")
    ] = 270_000,
    months: Annotated[int, typer.Option(metavar="N", help="Months of records.")] = 24,
    seed: Annotated[
        int, typer.Option(metavar="N", help="The same seed gives the same borough.")
    ] = 1,
    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="How all practices book: earliest_any or own_first (default: each its own way).",
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="Last day that has happened (default: end of the last full month)."
        ),
    ] = None,
    plant_cancer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRACTICE",
            help="Practice whose patients meet twice as many GPs before a cancer diagnosis; "
            "may be given several times.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write the tables there as Parquet files and load nothing."
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="Practices to simulate at a time (default: all cores)."),
    ] = None,
    identifiable: Annotated[
        bool,
        typer.Option(
            "--identifiable",
            help="Keep names, NHS numbers of the range 999 and birth dates, all invented.",
        ),
    ] = False,
    wait: WaitOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        TextOrJson,
        typer.Option(metavar="FORMAT", help="Say what was made as text or as one json object."),
    ] = TextOrJson.text,
) -> None:
    """Invent a borough: practices, staff, patients, two years of appointments.

    Everybody in it is invented and named so that it shows. It is loaded into a record
    store of its own; every command works on it, and reports say that it is invented.

    \b
    Examples:
      hamlets synth --store borough
      hamlets synth --store small --practices 2 --patients 9000 --months 12
    """
    if store is not None and output is not None:
        raise UsageError(
            "The borough goes into a store or into a folder of files, not both.",
            where="--output",
            hint="Leave out --store or --output.",
        )
    if threads is not None and not 1 <= threads <= 256:
        raise UsageError("Threads must be 1 to 256.", where="--threads")
    if output is not None:
        _check_folder(output)
    day = read_day(end, "--end")

    from hamlets.booking.simulation.synth import make_setting, synthesise, write_folder
    from hamlets.cli.terminal import progress, say_if_first_run

    setting = make_setting(
        practices=practices,
        patients=patients,
        months=months,
        seed=seed,
        policy=policy,
        end=day,
        scattered=tuple(plant_cancer or ()),
    )
    as_json = format is TextOrJson.json
    if not as_json:
        say_if_first_run()
    with progress(None, total=patients, quiet=as_json, unit="patients") as bar:

        def stage(name: str) -> None:
            if name in STAGES:
                bar.stage(STAGES[name])

        if output is not None:
            made = write_folder(
                setting,
                output,
                threads=threads,
                identifiable=identifiable,
                stage=stage,
                progress=bar.advance,
            )
        else:
            made = synthesise(
                setting,
                store_path(store),
                threads=threads,
                identifiable=identifiable,
                wait_seconds=wait_seconds(wait),
                stage=stage,
                progress=bar.advance,
            )
    if as_json:
        print(json.dumps(_as_json(made)))
    else:
        _print_made(made, output)


def _check_folder(folder: Path) -> None:
    """Raise UsageError where no folder can be made: better before the work than after it."""
    parent = folder.resolve().parent
    if not parent.is_dir():
        raise UsageError(
            "The folder around this one does not exist.",
            where=f"--output {folder}",
            hint="Make that folder first, or choose another place.",
        )
    if not os.access(folder if folder.is_dir() else parent, os.W_OK):
        raise UsageError(
            "This folder cannot be written to: permission denied.",
            where=f"--output {folder}",
            hint="Choose a place that you may write to.",
        )


def _as_json(made: Made) -> dict[str, object]:
    return {
        "practices": made.setting.practices,
        "patients": made.setting.patients,
        "first_day": str(made.setting.first),
        "last_day": str(made.setting.last),
        "rows": made.rows,
        "store_version": made.store_version,
        "content_id": made.content_id,
        "changed": made.changed,
        "seconds": round(made.seconds, 3),
    }


def _print_made(made: Made, output: Path | None) -> None:
    from hamlets.cli.terminal import print_lines

    setting, rows = made.setting, made.rows
    ever = rows.get("patients", 0)
    if not made.changed:
        print("The store holds this very borough already; nothing was changed.")
    lines = [
        f"Invented {_counted(setting.practices, 'practice')} with {setting.patients:,} registered "
        f"patients ({ever:,} at some time) and {rows.get('staff', 0):,} role records of staff",
        f"{rows.get('appointments', 0):,} appointments from {setting.first} to {setting.last}, "
        f"with those booked for the weeks after",
    ]
    if made.store_version is None:
        lines.append(f"Files in {output}")
    else:
        lines.append(f"Store version {made.store_version}, content {made.content_id}")
    lines.append(f"{made.seconds:,.1f} seconds")
    print_lines(lines)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"

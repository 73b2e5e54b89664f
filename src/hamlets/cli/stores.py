"""``hamlets store``: what a record store holds, its versions, and its upkeep."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from hamlets.cli.options import (
    FormatOption,
    StoreOption,
    TextOrJson,
    WaitOption,
    show_help,
    store_path,
    wait_seconds,
)

app = typer.Typer(
    help="Look after a record store: what it holds, its versions, checks and tidying.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def start(context: typer.Context) -> None:
    """Look after a record store: what it holds, its versions, checks and tidying."""
    show_help(context)


def _print(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


@app.command("info")
def info_command(store: StoreOption = None, format: FormatOption = TextOrJson.text) -> None:  # noqa: A002 - its name
    """Say what the store is and holds."""
    from hamlets.records.store.maintenance import info

    found = info(store_path(store))
    if format is TextOrJson.json:
        _print(found)
        return
    from hamlets.cli.columns import Column, print_columns

    kind = "with identities" if found["identifiable"] else "codes in place of identities"
    print(f"Version {found['version']} ({kind}), content {found['content_id']}")
    if found["first_day"]:
        print(f"Appointments from {found['first_day']} to {found['last_day']}")
    print(f"{found['bytes'] / 1e6:,.1f} MB, format {found['format_version']}")
    print()
    tables = found["tables"]
    print_columns(
        [Column("table", list(tables), "name"), Column("rows", [f"{n:,}" for n in tables.values()])]
    )


@app.command("versions")
def versions_command(store: StoreOption = None, format: FormatOption = TextOrJson.text) -> None:  # noqa: A002 - its name
    """List the versions the store still has."""
    from hamlets.records.store.maintenance import versions

    found = versions(store_path(store))
    if format is TextOrJson.json:
        _print(found)
        return
    from hamlets.cli.columns import Column, print_columns

    print_columns(
        [
            Column("version", [str(v["version"]) for v in found]),
            Column("made", [(v["when"] or "-")[:16].replace("T", " ") for v in found], "name"),
            Column("by", [v["who"] or "-" for v in found], "words", leaves=1),
            Column("what", [_what(v) for v in found], "words"),
            Column("appointments", [f"{v['rows'].get('appointments', 0):,}" for v in found]),
            Column("first day", [v["first_day"] or "-" for v in found], "name", leaves=2),
            Column("last day", [v["last_day"] or "-" for v in found], "name"),
        ]
    )


def _what(version: dict[str, Any]) -> str:
    return (version["what"] or "-") + (" (current)" if version["current"] else "")


@app.command("restore")
def restore_command(
    version: Annotated[int, typer.Argument(metavar="N", help="The version to go back to.")],
    store: StoreOption = None,
    wait: WaitOption = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - its name
) -> None:
    """Go back to an earlier version.

    A new version is made from it; nothing is deleted.
    """
    from hamlets.records.store.maintenance import restore

    made = restore(store_path(store), version, wait_seconds=wait_seconds(wait))
    if format is TextOrJson.json:
        _print(made)
    else:
        print(f"Version {made['version']} is current and holds what version {version} held.")


@app.command("verify")
def verify_command(store: StoreOption = None, format: FormatOption = TextOrJson.text) -> None:  # noqa: A002 - its name
    """Read every file again and compare it with its checksum."""
    from hamlets.cli.terminal import progress
    from hamlets.errors import StoreDamagedError
    from hamlets.records.store.maintenance import verify

    with progress("Reading every file again", quiet=format is TextOrJson.json, unit="files") as bar:
        found = verify(store_path(store), lambda _path: bar.advance(1))
    if format is TextOrJson.json:
        _print(found.as_dict())
    if not found.sound:
        of_plans = all(problem.startswith("plans/") for problem in found.problems)
        raise StoreDamagedError(
            f"{'A plan' if of_plans else 'The store'} is damaged: "
            + "; ".join(problem.removesuffix(".") for problem in found.problems[:5])
            + ".",
            where=store_path(store).name,
            hint="The records are sound. Bring the plan's folder back from a copy, or remove it"
            " and design the teams again."
            if of_plans
            else "Restore an earlier version, or load the extracts again into a new store.",
        )
    if format is TextOrJson.text:
        print(f"Version {found.version} is sound: {found.files} files, {found.rows:,} rows.")


@app.command("prune")
def prune_command(
    keep: Annotated[int, typer.Option(min=1, metavar="N", help="Versions to keep.")] = 12,
    store: StoreOption = None,
    wait: WaitOption = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - its name
) -> None:
    """Remove all but the newest versions.

    Files that no version needs go with them. A version that is being read stays.
    """
    from hamlets.records.store.maintenance import prune

    done = prune(store_path(store), keep=keep, wait_seconds=wait_seconds(wait))
    if format is TextOrJson.json:
        _print(done.as_dict())
        return
    gone = ", ".join(str(v) for v in done.removed_versions) or "none"
    print(f"Versions removed: {gone}. {done.freed_bytes / 1e6:,.1f} MB freed.")
    if done.in_use:
        print(f"Kept because someone is reading them: {', '.join(map(str, done.in_use))}.")


@app.command("migrate")
def migrate_command(store: StoreOption = None, format: FormatOption = TextOrJson.text) -> None:  # noqa: A002 - its name
    """Bring a store of an older format up to date."""
    from hamlets.records.store.maintenance import migrate

    done = migrate(store_path(store))
    if format is TextOrJson.json:
        _print(done)
    else:
        print(done.get("message", "The store has the newest format."))

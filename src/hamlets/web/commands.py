"""The commands of the site: ``serve``, ``demo``, ``admin`` and ``audit-log``.

The command line imports this module alone of the room; Django is imported inside.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hamlets.errors import UsageError

StoreOption = Annotated[
    Path | None,
    typer.Option("--store", metavar="DIR", help="Folder of the record store."),
]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help="Folder of the site's own data (default: $HAMLETS_WORKSPACE, else hamlets-workspace).",
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="postgresql://person@host/name; without it SQLite in the workspace.",
    ),
]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]

admin = typer.Typer(no_args_is_help=True, help="People of the site, from the command line.")
audit_log = typer.Typer(no_args_is_help=True, help="The log of who did what on the site.")


def _prepare(
    store: Path | None, workspace: Path | None, database: str | None, **environment: str
) -> None:
    try:
        from hamlets.web import serving
    except ImportError as error:
        raise UsageError(
            "The site's libraries are not installed.",
            hint="Install Hamlets with its web extra: pip install 'hamlets[web]'.",
        ) from error
    if workspace is not None:
        environment["HAMLETS_WORKSPACE"] = str(workspace.absolute())
    serving.prepare(store, database, **environment)
    serving.migrate()


def _say(line: str) -> None:
    print(line, flush=True)


def serve_command(
    store: StoreOption = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; a proxy in front brings HTTPS.")
    ] = "127.0.0.1",
    port: PortOption = 8000,
) -> None:
    """Start the site: web pages and the worker behind them, until Ctrl-C.

    The first start prints a link that makes the first administrator. Without --database all
    data of the site lies in the workspace folder. Names other than this computer's own are
    given by HAMLETS_SITE_HOSTS, and ask for HTTPS.

    \b
    Examples:
      hamlets serve --store my-store
      HAMLETS_SITE_HOSTS=hamlets.example.nhs.uk hamlets serve --store my-store
    """
    from hamlets.settings import settings

    _prepare(store or settings().store, workspace, database)
    from hamlets.web import serving
    from hamlets.web.people import starting

    serving.check_place_to_serve(host, port)
    address = f"http://{host}:{port}/"
    if starting.is_set_up():
        print(f"The site is at {address}")
    else:
        print("Make the first administrator here. The link works once:")
        print(f"  {address}set-up/{starting.set_up_token()}/")
    print("Ctrl-C stops it.", flush=True)
    raise typer.Exit(serving.run(serving.commands(host, port)))


def demo_command(
    store: StoreOption = None,
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
    port: PortOption = 8000,
    practices: Annotated[int, typer.Option(min=1, help="Practices to invent.")] = 36,
    patients: Annotated[int, typer.Option(min=100, help="Patients to invent.")] = 270_000,
    months: Annotated[int, typer.Option(min=12, help="Months to invent.")] = 24,
    background: Annotated[
        bool,
        typer.Option("--background", help="Return once the site answers, and leave it running."),
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End a site left running.")] = False,
) -> None:
    """Open the site with an invented borough and one person of each role.

    Everything is invented. The people of the demonstration can sign in on this computer only,
    and only while the records are invented.
    """
    from hamlets.web import demonstration

    root = Path("demo")
    if stop:
        os.environ["HAMLETS_WORKSPACE"] = str(workspace or root / "workspace")
        print("The site ended." if demonstration.stop_background() else "No site was running.")
        return
    where = store or root / "store"
    demonstration.make_borough(where, practices, patients, months, _say)
    if workspace is None and not os.environ.get("HAMLETS_WORKSPACE"):
        workspace = root / "workspace"
    _prepare(where, workspace, database, HAMLETS_DEMO="true")
    from hamlets.web import serving

    demonstration.stop_background()
    serving.check_place_to_serve("127.0.0.1", port)
    people = demonstration.make_people(where)
    for line in demonstration.introduction(people, f"http://127.0.0.1:{port}/"):
        print(line, flush=True)
    if background:
        number = demonstration.start_in_background(port)
        print(
            f"It goes on by itself (process {number}). To end it: hamlets demo --stop"
            + (f" --workspace {workspace}" if workspace else ""),
            flush=True,
        )
        return
    print("Ctrl-C stops it.", flush=True)
    raise typer.Exit(serving.run(serving.commands("127.0.0.1", port)))


@admin.command("create", short_help="Make an administrator.")
def admin_create(
    email: Annotated[str, typer.Option(help="Address to sign in with.")],
    name: Annotated[str, typer.Option(help="Name as others see it.")],
    place: Annotated[
        str, typer.Option(metavar="KIND:CODE", help="Where, for example practice:G99001.")
    ],
    place_name: Annotated[str, typer.Option(help="The place's name, if it is new.")] = "",
    workspace: WorkspaceOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make an administrator of a place, or make somebody one; prints a link for the password.

    \b
    Example:
      hamlets admin create --email pat@example.org --name "Pat Example" --place practice:G99001
    """
    _prepare(None, workspace, database)
    from hamlets.web.people import administrators

    for line in administrators.create(email, name, place, place_name):
        print(line)


@audit_log.command("verify", short_help="Prove that the log is whole.")
def audit_log_verify(workspace: WorkspaceOption = None, database: DatabaseOption = None) -> None:
    """Prove that every entry of the log is as it was written and none is missing.

    Exit code 5 names the first entry that is not.
    """
    from hamlets.errors import StoreDamagedError

    _prepare(None, workspace, database)
    from hamlets.web.audit import chain, heads

    proof = chain.verify()
    if not proof.holds:
        raise StoreDamagedError(
            f"Entry {proof.wrong} of the audit log {proof.reason}.",
            where="audit log",
            hint="Compare the database with its last backup.",
        )
    behind = heads.compare()
    if behind is not None:
        raise StoreDamagedError(
            f"The audit log is not the one of {behind}: its head was written down that day.",
            where="audit log",
            hint="Compare the database with its last backup.",
        )
    print(f"The audit log is whole: {proof.entries:,} entries.")

"""The command line: ``hamlets load``, ``store``, ``measure`` and ``report``.

Nothing heavy is imported here: help must answer at once, so every command
imports what it needs inside itself.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import typer

import hamlets
from hamlets.cli import (
    auditing,
    cohorts,
    loading,
    measuring,
    naming,
    networks,
    packing,
    reporting,
    stores,
    synthesising,
    teams,
    workforce,
)
from hamlets.cli.failures import run
from hamlets.cli.options import show_help
from hamlets.web import commands as site

HELP = """Measure continuity of care from the appointments a practice already records.

The way through:

\b
  hamlets load EXTRACT --store my-store    read an extract into a store
  hamlets measure --store my-store         how continuous is care?
  hamlets report --store my-store          one page for people

No extract yet? `hamlets synth --store borough` invents one to try things on.

EXTRACT is a folder or files: CSV tables, FHIR NDJSON or Synthea CSV; Hamlets
recognises which. NHS numbers and names are replaced by codes unless you say
--identifiable. Results go to standard output, everything else to standard error.
"""

app = typer.Typer(
    help=HELP,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hamlets {hamlets.__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
    verbose: bool = typer.Option(False, "--verbose", help="Show log lines on standard error."),
) -> None:
    """Set up the log; every command runs this first."""
    from hamlets.logs import start_logging

    start_logging(verbose=verbose)
    show_help(context)


start.__doc__ = HELP

_COMMANDS = (
    ("load", "Load an extract into a record store.", loading.load_command),
    ("measure", "Measure continuity of care.", measuring.measure_command),
    ("audit", "Who was seen before a diagnosis or a death.", auditing.audit_command),
    ("workforce", "Who was working, and how much.", workforce.workforce_command),
    ("cohorts", "Groups who may gain most, beside everyone.", cohorts.cohorts_command),
    ("named-gp", "Who has a named GP, and what to put right.", naming.named_gp_command),
    ("report", "Write one page for people.", reporting.report_command),
    ("pack", "Write the monthly pack of a practice.", packing.pack_command),
    ("synth", "Invent a borough, to try everything on.", synthesising.synth_command),
)
for _name, _help, _command in _COMMANDS:
    app.command(_name, short_help=_help)(_command)
app.command("serve", short_help="Start the web site.")(site.serve_command)
app.command("demo", short_help="The web site with an invented borough.")(site.demo_command)
app.add_typer(site.admin, name="admin", short_help="Administrators of the web site.")
app.add_typer(site.audit_log, name="audit-log", short_help="The log of who did what on the site.")
app.add_typer(teams.app, name="teams", short_help="What the rota would allow: teams and lists.")
app.add_typer(
    networks.app, name="networks", short_help="Networks of practices: forming, standards, payment."
)
app.add_typer(stores.app, name="store", short_help="What a store holds; its versions and upkeep.")


def main() -> int:
    """Run the command line; return its exit code."""
    # The matrices here are small: threads for them only spin, and slow a busy machine down.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # a program that was started with a closed output has none at all
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        # a terminal that lacks a character shows a stand-in, and the command goes on
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace" if stream is sys.stderr else "replace")
    return run(app, sys.argv[1:])


__all__ = ["app", "main"]

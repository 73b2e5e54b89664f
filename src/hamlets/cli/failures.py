"""How a command ends when something is wrong: one sentence and a distinct exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hamlets.errors import HamletsError, StoreError, UsageError

INTERRUPTED = 130


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether the command was asked for JSON, even where its arguments do not parse."""
    for position, word in enumerate(arguments):
        if word in ("--format=json", "-f=json"):
            return True
        if word == "--format" and arguments[position + 1 : position + 2] == ["json"]:
            return True
    return False


def show(error: HamletsError, as_json: bool) -> int:
    """Print an error to standard error and return its exit code."""
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False), file=sys.stderr)
        return error.exit_code
    where = f"{error.where}: " if error.where else ""
    print(f"hamlets: {where}{error.message}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)
    return error.exit_code


def _defect(error: Exception) -> HamletsError:
    from hamlets.logs import log_defect

    log_id = log_defect(error)
    return HamletsError(
        f"This is a defect in Hamlets, not in what you did. The log calls it {log_id}.",
        hint="Report it with that line of the log. Nothing in your store was changed by half.",
    )


def _system_error(error: OSError) -> HamletsError:
    reason = (error.strerror or "the system refused").lower()
    name = Path(str(error.filename)).name if error.filename else None
    return StoreError(
        f"A file could not be read or written: {reason}.",
        where=name,
        hint="Check that the folder exists, that you may write there, and that the disk has room.",
    )


def run(app: Any, arguments: Sequence[str]) -> int:
    """Run the command line; show any error as a sentence; return the exit code."""
    as_json = wants_json(arguments)
    try:
        result = app(args=list(arguments), standalone_mode=False, prog_name="hamlets")
    except HamletsError as error:
        return show(error, as_json)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return 2
    except click.ClickException as error:
        hint = "hamlets --help"
        context = getattr(error, "ctx", None)
        if context is not None:
            hint = f"{context.command_path} --help"
        return show(UsageError(error.format_message(), hint=f"Try: {hint}"), as_json)
    except (KeyboardInterrupt, click.Abort):
        print("hamlets: stopped. Nothing was changed.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return show(_system_error(error), as_json)
    except MemoryError:
        return show(
            HamletsError(
                "There is not enough memory for this.",
                hint="Measure fewer groups at once, or on a machine with more memory.",
            ),
            as_json,
        )
    except Exception as error:  # noqa: BLE001 - the last fence: no traceback reaches a user
        return show(_defect(error), as_json)
    return result if isinstance(result, int) else 0

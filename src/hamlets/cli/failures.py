"""How a command ends when something is wrong: one sentence and a distinct exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from hamlets.cli.terminal import plain
from hamlets.errors import HamletsError, StoreError, UsageError

INTERRUPTED = 130

#: Click's base of every wrong use. Typer has carried a Click of its own since 0.20,
#: so it is found through the one name that is public in both.
WRONG_USE: type[Exception] = next(
    c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException"
)


class _InterruptedError(HamletsError):
    exit_code = INTERRUPTED
    code = "interrupted"


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether the command was asked for JSON, even where its arguments do not parse."""
    for position, word in enumerate(arguments):
        if word == "--":
            return False
        if word == "--format=json":
            return True
        if word == "--format" and arguments[position + 1 : position + 2] == ["json"]:
            return True
    return False


def show(error: HamletsError, as_json: bool) -> int:
    """Print an error to standard error and return its exit code."""
    with suppress(OSError):
        if as_json:
            print(json.dumps(error.as_dict()), file=sys.stderr)
            return error.exit_code
        where = f"{plain(error.where)}: " if error.where else ""
        print(f"hamlets: {where}{plain(error.message)}", file=sys.stderr)
        if error.hint:
            print(f"  {plain(error.hint)}", file=sys.stderr)
    return error.exit_code


def _defect(error: Exception) -> HamletsError:
    from hamlets.logs import log_defect, start_logging

    # the log may not be set up yet, or its settings may be what is wrong
    with suppress(Exception):
        import structlog

        if not structlog.is_configured():
            start_logging()
    log_id = log_defect(error)
    return HamletsError(
        f"This is a defect in Hamlets, not in what you did. The log calls it {log_id}.",
        hint="Report it with that line of the log. Nothing in your store was changed by half.",
    )


def _system_error(error: OSError) -> HamletsError:
    reason = (error.strerror or "the system refused").lower()
    if error.filename is None:
        return UsageError(
            f"The results could not be written: {reason}.",
            where="standard output",
            hint="Send them to another place, or write a file with --output.",
        )
    return StoreError(
        f"A file could not be read or written: {reason}.",
        where=Path(str(error.filename)).name,
        hint="Check that the folder exists, that you may write there, and that the disk has room.",
    )


def _wrong_use(error: Any) -> HamletsError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "hamlets"
    message = str(error.format_message()).strip()
    return UsageError(
        message if message.endswith((".", "?")) else f"{message}.", hint=f"Try: {command} --help"
    )


def run(app: Any, arguments: Sequence[str]) -> int:
    """Run the command line; show any error as a sentence; return the exit code."""
    as_json = wants_json(arguments)
    try:
        result = app(args=list(arguments), standalone_mode=False, prog_name="hamlets")
        sys.stdout.flush()
    except HamletsError as error:
        return show(error, as_json)
    except WRONG_USE as error:
        return show(_wrong_use(error), as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped(as_json)
    except SystemExit as error:
        # Typer ends the program itself, with 1, where a pipe is closed
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        _drop_output()
        return 0
    except BrokenPipeError:
        # whoever read our output has seen enough
        _drop_output()
        return 0
    except OSError as error:
        code = show(_system_error(error), as_json)
        _drop_output()
        return code
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
    if result == INTERRUPTED:
        # what Typer makes of a KeyboardInterrupt
        return _stopped(as_json)
    return result if isinstance(result, int) else 0


def _stopped(as_json: bool) -> int:
    return show(
        _InterruptedError(
            "Stopped before it was done. No store is left half changed.",
            hint="Run the command again when you like.",
        ),
        as_json,
    )


def _drop_output() -> None:
    """Send what is left of the output nowhere, so that the interpreter ends in silence."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

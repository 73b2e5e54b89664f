"""Errors a user can meet: each says what is wrong, where, and what to do.

One class for each exit code of the command line. Nothing here ever carries a
patient identifier: ``where`` names files, lines and columns, never values.
"""

from __future__ import annotations


class HamletsError(Exception):
    """A problem the user can do something about.

    ``message`` is one sentence; ``where`` names the file, line or column;
    ``hint`` says what to do next. ``exit_code`` is the process's exit code.
    """

    exit_code = 1
    code = "defect"

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def as_dict(self) -> dict[str, object]:
        """Return the error as the JSON object that programs read."""
        return {
            "error": self.code,
            "message": self.message,
            "where": self.where,
            "hint": self.hint,
            "exit_code": self.exit_code,
        }


class UsageError(HamletsError):
    """The command was asked for something it does not offer."""

    exit_code = 2
    code = "usage"


class SourceError(HamletsError):
    """A source file or folder cannot be read as what it should be."""

    exit_code = 3
    code = "unreadable_source"


class RefusedRowsError(HamletsError):
    """More rows were refused than the limit allows; nothing was changed."""

    exit_code = 4
    code = "too_many_refused_rows"


class StoreError(HamletsError):
    """The record store is busy, damaged, missing or of a newer format."""

    exit_code = 5
    code = "store"


class StoreBusyError(StoreError):
    """Another process is writing to the store."""

    code = "store_busy"


class StoreDamagedError(StoreError):
    """A file of the store is missing or differs from its checksum."""

    code = "store_damaged"


class StoreNewerError(StoreError):
    """The store was written by a newer Hamlets."""

    code = "store_newer"


class NothingToMeasureError(HamletsError):
    """The question leaves no contact or patient to count."""

    exit_code = 6
    code = "nothing_to_measure"


class NoFeasiblePlanError(HamletsError):
    """No teams or lists keep every rule; the nearest plan, if any, is given as such."""

    exit_code = 7
    code = "no_feasible_plan"


class UnknownPlaceError(HamletsError):
    """No such practice, plan, network or member of staff."""

    exit_code = 8
    code = "not_found"


class StoppedError(HamletsError):
    """Stopped before the end by Ctrl-C or a time limit; the best so far, if any, was given."""

    exit_code = 9
    code = "stopped"

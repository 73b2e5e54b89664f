"""The log: structured lines in a file, with anything that may identify removed.

A line holds what the program did (counts, stages, seconds), never what a record
says. Redaction here is the second fence: it works on every line, whoever wrote
it, so that a careless call cannot put an identifier into the file.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import HamletsError
from hamlets.settings import settings

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

REDACTED = "[removed]"

_PATTERNS = (
    # NHS numbers and other ten-digit runs, printed 3-3-4 or together. Longer runs
    # (hashes, byte counts) are left alone: they are no NHS number.
    re.compile(r"(?<![0-9A-Za-z])\d{3}[ \-\u00a0]?\d{3}[ \-\u00a0]?\d{4}(?![0-9A-Za-z])"),
    # Record keys of clinical systems: UUIDs in braces.
    re.compile(
        r"\{\s*[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\s*\}"
    ),
    re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"),
    # Postcodes of the United Kingdom.
    re.compile(
        r"(?<![0-9A-Za-z])(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2})"
        r"(?![0-9A-Za-z])",
        re.IGNORECASE,
    ),
)


def redact(text: str) -> str:
    """Return ``text`` with what looks like an identifier replaced.

    Ten-digit numbers, UUIDs in braces, e-mail addresses and UK postcodes.
    """
    for pattern in _PATTERNS:
        text = pattern.sub(REDACTED, text)
    return text


def redact_value(value: Any) -> Any:
    """Return ``value`` redacted, through lists and mappings, keys included."""
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return REDACTED if 10**9 <= abs(value) < 10**10 else value
    if isinstance(value, Mapping):
        return {redact(str(k)): redact_value(v) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [redact_value(v) for v in value]
    return redact(str(value))


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: redact_value(value) for key, value in event.items()}


def _error_without_text(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # The text of an exception may quote a record; its kind and place cannot.
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event.update(_kind_and_place(error))
    return event


def _kind_and_place(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "kind": type(error).__name__,
        "frames": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }


class _Sink:
    """Writes each line to the log file and, if asked, to standard error."""

    def __init__(self, path: Path | None, verbose: bool) -> None:
        self._path = path
        self._verbose = verbose

    def msg(self, line: str) -> None:
        if self._path is not None:
            # A log that cannot be written must not stop the work it describes.
            with contextlib.suppress(OSError):
                _append(self._path, line + "\n")
        if self._verbose:
            print(line, file=sys.stderr)  # noqa: T201 - standard error is the place asked for

    debug = info = warning = error = critical = log = msg


def _append(path: Path, text: str) -> None:
    # Opened for each line: lines are few, several processes share the file, and
    # whoever moves it away for archiving loses none. Its owner alone may read it.
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(text)


def start_logging(*, verbose: bool = False) -> None:
    """Send log lines to the log file, and to standard error if ``verbose``.

    Call it once, when a command starts. Where the file cannot be written the
    command goes on without one.
    """
    import logging

    import structlog

    chosen = settings()
    level = logging.DEBUG if verbose else logging.getLevelName(chosen.log_level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _error_without_text,
            _redact_event,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Sink(chosen.log_file, verbose),
        cache_logger_on_first_use=False,
    )


def get_logger(room: str) -> FilteringBoundLogger:
    """Return the logger of a room, such as ``records``."""
    import structlog

    return structlog.get_logger(room=room)


def log_defect(error: BaseException) -> str:
    """Log an error that nobody foresaw and return the id of its line.

    The id is what the user is told; the traceback goes to the log alone. The
    text of the error itself is left out: it may quote a record.
    """
    log_id = uuid.uuid4().hex[:8]
    get_logger("defect").error(
        "defect",
        log_id=log_id,
        foreseen=isinstance(error, HamletsError),
        **_kind_and_place(error),
    )
    return log_id

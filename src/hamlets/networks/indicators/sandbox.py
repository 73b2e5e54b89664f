"""Where the SQL of indicators runs: a process of its own, with nothing but what it is handed.

SQL comes from people whom nobody here knows. It is parsed before it runs (``statements``), but
what keeps data safe is the process: it holds only the tables handed over, reads and writes no
file, and is ended when it takes too long. Decision 0021.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import hamlets
from hamlets.errors import HamletsError

Statement = tuple[str, dict[str, Any]]
"""SQL and the values of its parameters."""

MEMORY_MB = 4096
SECONDS = 60.0
"""For one request; all of an indicator's SQL for a period is one request."""
_STARTING = 30.0
_LARGEST_ANSWER = 256 << 20


class SandboxError(HamletsError):
    """SQL that could not be run to its end; ``fault`` is its kind, ``line`` the line in it."""

    exit_code = 3
    code = "indicator_sql"

    def __init__(
        self, fault: str, message: str, hint: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.fault = fault
        self.line = line


class Sandbox:
    """A counting process. Use it as a context manager; it ends with the block."""

    def __init__(
        self,
        *,
        memory_mb: int = MEMORY_MB,
        seconds: float = SECONDS,
        threads: int | None = None,
    ) -> None:
        self._memory_mb, self._seconds = memory_mb, seconds
        self._threads = threads or os.cpu_count() or 1
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def __enter__(self) -> Self:
        # an environment of our own and -P: nothing around decides what is imported
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hamlets.networks.indicators.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={
                "LC_ALL": "C.UTF-8",
                "PYTHONPATH": str(Path(hamlets.__file__).parents[1]),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        limits = {
            "memory_mb": self._memory_mb,
            "threads": self._threads,
            "cpu_seconds": int(self._seconds * self._threads * 100) + 60,
        }
        try:
            self._send(limits)
            self._receive(_STARTING)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was still to be written is lost on purpose
        process.wait()

    def parse(self, sql: str) -> dict[str, Any]:
        """Return the syntax tree of a text (or the parser's fault) and its one SELECT."""
        return self._ask({"do": "parse", "sql": sql})

    def functions(self) -> frozenset[str]:
        """Return the functions whose answer depends on nothing but what they are given."""
        return frozenset(self._ask({"do": "functions"})["names"])

    def words(self, words: Sequence[str]) -> None:
        """Say which clinical codes there are, before any table that has some."""
        self._ask({"do": "words", "words": list(words)})

    def hand_over(self, name: str, table: Any, *, own: bool = False) -> None:
        """Give a table (Arrow) to the process; an ``own`` one is out of reach of definitions."""
        import pyarrow as pa

        self._send({"do": "table", "name": name, "own": own})
        to_child = self._to_child()
        try:
            with pa.ipc.new_stream(to_child, table.schema) as stream:
                stream.write_table(table)
            to_child.flush()
        except (OSError, pa.ArrowException) as error:
            raise _too_large() from error
        self._checked(self._receive(self._seconds))

    def run(self, statements: Sequence[Statement]) -> list[dict[str, Any]]:
        """Run statements in order and return the rows of the last one.

        Raises SandboxError where SQL is wrong, a value does not fit, or a limit is met.
        """
        reply = self._ask({"do": "run", "statements": list(statements)})
        return [dict(zip(reply["names"], row, strict=True)) for row in reply["rows"]]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self._send(request)
        return self._checked(self._receive(self._seconds))

    def _to_child(self) -> IO[bytes]:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the sandbox is not open")
        return self._process.stdin

    def _send(self, request: dict[str, Any]) -> None:
        to_child = self._to_child()
        try:
            to_child.write(json.dumps(request, default=str).encode() + b"\n")
            to_child.flush()
        except OSError as error:
            raise _ended() from error

    def _receive(self, seconds: float) -> dict[str, Any]:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the sandbox is not open")
        stdout = self._process.stdout
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                left = until - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self._end()
                    raise SandboxError(
                        "time",
                        f"The SQL ran longer than {seconds:g} seconds and was ended.",
                        "Narrow the rows first; join on patient_id.",
                    )
                part = os.read(stdout.fileno(), 1 << 20)
                self._unread += part
                if not part:
                    self._end()
                    raise _ended()
                if len(self._unread) > _LARGEST_ANSWER:
                    self._end()
                    raise _too_large()
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)

    def _checked(self, reply: dict[str, Any]) -> dict[str, Any]:
        match reply.get("fault"):
            case None:
                return reply
            case "memory":
                raise _too_large()
            case "sql":
                raise SandboxError("sql", f"{reply['message'].rstrip('.!')}.", line=reply["line"])
            case _:
                # the message of the database would hold the value itself
                raise SandboxError(
                    "value",
                    "A value is not of the kind that the SQL takes it for.",
                    "TRY_CAST gives null for what is no number or day.",
                    reply["line"],
                )


def _too_large() -> SandboxError:
    return SandboxError(
        "memory",
        "The SQL needs more memory than it may have.",
        "Narrow the rows first; join on patient_id.",
    )


def _ended() -> SandboxError:
    return SandboxError(
        "ended",
        "The counting process ended before its time, perhaps for lack of memory.",
        "Narrow the rows first; join on patient_id.",
    )

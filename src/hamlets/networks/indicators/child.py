"""The other side of the sandbox: a process that holds tables in memory and runs SQL on them.

It knows nothing of stores, places and files. It reads requests on standard input (a line of
JSON each, a table as an Arrow stream behind it) and answers each with a line of JSON. DuckDB
has no access to anything outside, its configuration is locked, and the process itself may
write no file and use no more memory and time than it was given.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import sys
from datetime import date
from typing import Any, BinaryIO

_ROOM = 3 << 30
"""Address space beside DuckDB's memory: the interpreter, Arrow, the threads' stacks."""
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
_DAYS = ("period_start", "period_end", "window_start")
"""Parameters that are days; JSON carries them as text."""
OWN = "own"
"""Schema of the tables that only Hamlets' own statements name; no bare name leads there."""
_TYPES = "code"
"""Name of the type of clinical codes."""


def main() -> None:
    """Answer requests until there are no more."""
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    first = json.loads(incoming.readline())
    _limit(first)
    database = _Database(first["memory_mb"], first["threads"])
    _answer(outgoing, {"ready": True})
    for line in incoming:
        request = json.loads(line)
        _answer(outgoing, database.reply(request, incoming))


def _answer(outgoing: BinaryIO, reply: dict[str, Any]) -> None:
    outgoing.write(json.dumps(reply, default=str).encode() + b"\n")
    outgoing.flush()


def _limit(request: dict[str, Any]) -> None:
    """Take away what a counting process never needs. A system without a limit keeps its own."""
    limits = [
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, request["cpu_seconds"]),
    ]
    if sys.platform == "linux":
        limits.append((resource.RLIMIT_AS, (request["memory_mb"] << 20) * 2 + _ROOM))
    for which, most in limits:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))


class _Database:
    """DuckDB in memory, closed to the outside."""

    def __init__(self, memory_mb: int, threads: int) -> None:
        import duckdb

        self._errors = duckdb
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "enable_external_access": "false",
                "allow_community_extensions": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "temp_directory": "",
                "memory_limit": f"{memory_mb}MB",
                "threads": threads,
                "preserve_insertion_order": "true",
            },
        )
        self._connection.execute(f"CREATE SCHEMA {OWN}")
        self._connection.execute("SET python_enable_replacements = false")
        self._connection.execute("SET lock_configuration = true")

    def reply(self, request: dict[str, Any], incoming: BinaryIO) -> dict[str, Any]:
        """Return the answer to a request, or what kind of fault it met."""
        try:
            return getattr(self, "_" + request["do"])(request, incoming)
        except self._errors.Error as error:
            return self._fault(error)
        except MemoryError:
            return {"fault": "memory"}

    def _parse(self, request: dict[str, Any], _incoming: BinaryIO) -> dict[str, Any]:
        """Return the syntax tree of a text, and the one SELECT written from it."""
        found = self._connection.execute(
            "SELECT json_serialize_sql($1::VARCHAR)", [request["sql"]]
        ).fetchall()[0][0]
        tree = json.loads(found)
        if tree.get("error") or len(tree["statements"]) != 1:
            return {"tree": tree, "sql": None}
        again = self._connection.execute("SELECT json_deserialize_sql($1::JSON)", [found])
        return {"tree": tree, "sql": again.fetchall()[0][0]}

    def _functions(self, _request: dict[str, Any], _incoming: BinaryIO) -> dict[str, Any]:
        """Return the functions that give the same answer at every time."""
        rows = self._connection.execute(
            "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type IN"
            " ('aggregate', 'window') OR (function_type = 'scalar' AND stability = 'CONSISTENT')"
        ).fetchall()
        return {"names": sorted(name for (name,) in rows)}

    def _words(self, request: dict[str, Any], _incoming: BinaryIO) -> dict[str, Any]:
        """Make the type of clinical codes: numbers behind words, so that comparing is quick."""
        values: list[str] = request["words"] or [""]
        listed = ", ".join("'" + word.replace("'", "''") + "'" for word in values)
        self._connection.execute(f"CREATE TYPE {_TYPES} AS ENUM ({listed})")
        return {}

    def _table(self, request: dict[str, Any], incoming: BinaryIO) -> dict[str, Any]:
        import pyarrow as pa

        with pa.ipc.open_stream(incoming) as stream:
            table = stream.read_all()
        columns = ", ".join(
            f"CAST(code AS {_TYPES}) AS code" if name == "code" else f'"{name}"'
            for name in table.column_names
        )
        self._connection.register("handed_over", table)
        schema = f"{OWN}." if request["own"] else ""
        try:
            self._connection.execute(
                f'CREATE TABLE {schema}"{request["name"]}" AS'  # noqa: S608 - names of ours
                f" SELECT {columns} FROM handed_over"
            )
        finally:
            self._connection.unregister("handed_over")
        return {"rows": table.num_rows}

    def _run(self, request: dict[str, Any], _incoming: BinaryIO) -> dict[str, Any]:
        """Run statements one after another; return the rows of the last."""
        rows: list[Any] = []
        names: list[str] = []
        for sql, values in request["statements"]:
            given = {k: date.fromisoformat(v) if k in _DAYS else v for k, v in values.items()}
            found = self._connection.execute(sql, given or None)
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        return {"names": names, "rows": rows}

    def _fault(self, error: Exception) -> dict[str, Any]:
        """Return a fault without any value of the data: messages of the binder have none."""
        kind = type(error).__name__
        text = str(error)
        line = _LINE.search(text)
        known = (self._errors.ParserException, self._errors.BinderException,
                 self._errors.CatalogException)  # fmt: skip
        if isinstance(error, self._errors.OutOfMemoryException):
            return {"fault": "memory"}
        if isinstance(error, self._errors.PermissionException):
            return {"fault": "sql", "message": "Nothing outside can be reached.", "line": None}
        if isinstance(error, known):
            first = text.partition("\n")[0].partition(": ")[2]
            return {"fault": "sql", "message": first, "line": int(line[1]) if line else None}
        return {"fault": "value", "kind": kind, "line": int(line[1]) if line else None}


if __name__ == "__main__":
    main()

"""A record store's tables as the canonical columns that the SQL twin reads."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from tests.oracles.sql import COLUMNS, keep, schema


def from_store(store: Any, database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Return a connection that holds what the twin reads of a record store.

    A large store wants a ``database`` on disk.

    Patients stay the store's numbers; staff and practices become their ids, since ids
    decide ties. Tables are read through the store's public interface, group by group.
    """
    con = duckdb.connect(database)
    read = _Reader(con, store)
    for table in COLUMNS:
        read.table(table)
    return con


STORED = {
    "patient_id": "patient",
    "staff_id": "staff",
    "named_staff_id": "named_staff",
    "buddy_staff_id": "buddy_staff",
    "practice_id": "practice",
    "staff_role": "role",
}
SHARED_TABLES = ("staff", "team_members", "buddies")


class _Reader:
    """Copies stored tables into DuckDB as the canonical columns the twin reads."""

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Any) -> None:
        self.con, self.store = con, store
        for kind in ("staff", "practice"):
            names = store.labels(kind)
            rows = pa.table({"code": list(range(len(names))), "name": pa.array(names, pa.string())})
            keep(con, f"{kind}_names", rows)

    def table(self, name: str) -> None:
        columns = [c for c in schema(name).names if c != "status_given"]
        stored = [c for c in columns if c != "start_time"]
        stored = [STORED.get(c, c) if name != "staff" or c != "role" else c for c in stored]
        if name == "appointments":
            stored += ["start_day", "start_second"]
        if name in SHARED_TABLES:
            groups = [self.store.shared(name, stored)]
        else:
            practices = self.store.group_practices()
            groups = [self.store.read_group(name, p, stored) for p in practices]
        self.con.execute(f"DROP TABLE IF EXISTS {name}")
        for i, rows in enumerate(groups):
            self.con.register("arriving", rows)
            select = f"SELECT {', '.join(self.column(name, c) for c in schema(name).names)}"
            target = f"INSERT INTO {name}" if i else f"CREATE TABLE {name} AS"
            self.con.execute(f"{target} {select} FROM arriving")
            self.con.unregister("arriving")
        if not groups:
            keep(self.con, name, schema(name).empty_table())

    def column(self, table: str, name: str) -> str:
        from hamlets.records.tables import VOCABULARIES

        if name in ("staff_id", "named_staff_id", "buddy_staff_id", "practice_id"):
            kind = "practice" if name == "practice_id" else "staff"
            code = STORED[name]
            return f"(SELECT n.name FROM {kind}_names n WHERE n.code = {code}) AS {name}"
        if name == "start_time":
            return "CAST(start_day AS TIMESTAMP) + to_seconds(start_second) AS start_time"
        if name == "status_given":
            return "status <> -1 AS status_given"
        if name in ("status", "mode", "staff_role", "role"):
            code = "role" if name == "staff_role" else name
            spoken = VOCABULARIES["role" if name == "staff_role" else name]
            return f"list_extract({list(spoken)!r}, {code} + 1) AS {name}"
        if name == "patient_id":
            return "patient AS patient_id"
        return name

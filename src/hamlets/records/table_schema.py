"""The canonical tables as a Frictionless Data Package with Table Schemas.

``python -m hamlets.records.table_schema`` prints it; the copy that people and
validators use is docs/reference/datapackage.json.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from hamlets.records.conform import EMPLOYER, RANGES
from hamlets.records.tables import TABLES, VOCABULARIES, Column, Table

_TYPES = {
    "id": "string",
    "text": "string",
    "word": "string",
    "date": "date",
    "time": "datetime",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
}


def data_package() -> dict[str, Any]:
    """Return the descriptor: one resource for each canonical table."""
    return {
        "profile": "tabular-data-package",
        "name": "hamlets-tables",
        "title": "Tables that Hamlets reads",
        "description": (
            "One CSV file for each table, in UTF-8, with a header line. Only appointments is "
            "needed; leave out any other table, and any column that is not marked as required. "
            "Times without an offset are Europe/London wall time."
        ),
        "resources": [_resource(table) for table in TABLES.values()],
    }


def descriptor_text() -> str:
    """Return the descriptor as the text of datapackage.json."""
    return json.dumps(data_package(), indent=2, ensure_ascii=False) + "\n"


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(table, column) for column in table.columns],
        "missingValues": [""],
    }
    if set(table.key) <= set(table.required):
        schema["primaryKey"] = list(table.key)
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "path": f"{table.name}.csv",
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(table: Table, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _TYPES[column.kind]}
    if column.kind in ("date", "time"):
        field["format"] = "default" if column.kind == "date" else "any"
    if column.kind == "boolean":
        field["trueValues"] = ["true", "1", "yes", "y"]
        field["falseValues"] = ["false", "0", "no", "n"]
    field["description"] = column.description
    constraints: dict[str, Any] = {}
    if column.required and (table.name, column.name) not in EMPLOYER:
        constraints["required"] = table.name != "appointments" or column.name != "staff_id"
    if column.vocabulary is not None:
        constraints["enum"] = list(VOCABULARIES[column.vocabulary])
    if column.name in RANGES:
        constraints["minimum"], constraints["maximum"] = RANGES[column.name]
    if constraints:
        field["constraints"] = constraints
    return field


if __name__ == "__main__":
    sys.stdout.write(descriptor_text())

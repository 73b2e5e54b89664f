"""From a world to a store and from a kernel's table back to the oracles' form."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.oracles.questions import Question

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
Key = tuple[Any, ...]

RESULT_COLUMNS = (
    "value",
    "n_patients",
    "n_contacts",
    "lower",
    "upper",
    "chance",
    "corrected",
)


def text(value: Any) -> str:
    """Return a value as the generic CSV profile writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def write_csv(tables: Tables, folder: Path) -> Path:
    """Write each table that has rows as ``<table>.csv``; blank where a row lacks a column."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        if not rows:
            continue
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([text(row.get(column)) for column in columns] for row in rows)
    return folder


def build_store(folder: Path, *extracts: Tables, identifiable: bool = False) -> Path:
    """Load extracts, in turn, into a new store below ``folder`` and return the store's path."""
    from hamlets.records import load

    for i, tables in enumerate(extracts):
        source = write_csv(tables, folder / f"extract-{i}")
        load(
            [source],
            folder / "store",
            identifiable=identifiable,
            source_name="extract",
            refuse_limit=0.0,
        )
    return folder / "store"


def ask_store(path: Path, question: Question) -> dict[Key, dict[str, Any]]:
    """Return the kernel's rows keyed as the naive twin's: (measure, level, groups[, step])."""
    import hamlets
    import hamlets.continuity
    from hamlets.errors import NothingToMeasureError

    answer: dict[Key, dict[str, Any]] = {}
    with hamlets.open_store(path) as store:
        try:
            table = hamlets.continuity.measure(store, **question.arguments())
        except NothingToMeasureError:
            return answer
    for row in table.to_pylist():
        groups = tuple(None if row[g] is None else str(row[g]) for g in question.by)
        key: Key = (row["measure"], row["level"], groups)
        if row["measure"] == "waterfall":
            key = (*key, row["step"])
        assert key not in answer, f"two rows for {key}"
        answer[key] = row
    return answer


def ask_store_by_patient(path: Path, question: Question) -> dict[str, dict[str, Any]]:
    """Return the kernel's row of each patient, keyed by the id the store knows them by."""
    import hamlets
    import hamlets.continuity

    with hamlets.open_store(path) as store:
        arguments = {**question.arguments(), "by": "patient"}
        rows = hamlets.continuity.measure(store, **arguments).to_pylist()
    return {row["patient_id"]: row for row in rows}


def known_as(path: Path, world: Tables) -> dict[str, str]:
    """Return the source's patient id by the id the store knows, through their appointments."""
    import hamlets

    source = {row["appointment_id"]: row["patient_id"] for row in world["appointments"]}
    with hamlets.open_store(path) as store:
        rows = store.table("appointments").select(["appointment_id", "patient_id"]).to_pylist()
    return {row["patient_id"]: source[row["appointment_id"]] for row in rows}

"""Kernel and SQL twin agree at size: per patient and per group, to 1e-9.

Small stores hide what large ones show: in DuckDB 2.0 a window function without its own
ORDER BY gave sums that were right at 1.6 million rows and wrong at 18.8 million.
``HAMLETS_LARGE_ROWS`` sets another size than ten million appointments.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from tests.oracles import sql
from tests.oracles.agreement import COUNTED, differences
from tests.oracles.large import write_large_extract
from tests.oracles.questions import LEVELS, PATIENT_INDICES, Question
from tests.oracles.sql_store import from_store

pytestmark = pytest.mark.slow

ROWS = int(os.environ.get("HAMLETS_LARGE_ROWS", "10000000"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a large store."""
    from hamlets.records import load

    folder = tmp_path_factory.mktemp("large")
    source = write_large_extract(folder / "extract", ROWS)
    report = load([source], folder / "store", source_name="large")
    assert report.rows_kept["appointments"] == ROWS
    return folder / "store"


@pytest.fixture(scope="module")
def connection(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return the twin's tables of the large store, in a database on disk."""
    import hamlets

    with hamlets.open_store(store) as opened:
        con = from_store(opened, str(store.parent / "twin.duckdb"))
    con.execute("SET memory_limit = '6GB'")
    con.execute(f"SET temp_directory = '{store.parent / 'twin.tmp'}'")
    yield con
    con.close()


def measured(store: Path, question: Question, **changes: Any) -> pa.Table:
    import hamlets
    import hamlets.continuity

    with hamlets.open_store(store) as opened:
        return hamlets.continuity.measure(opened, **{**question.arguments(), **changes})


@pytest.mark.parametrize("level", LEVELS)
def test_per_patient(store: Path, connection: duckdb.DuckDBPyConnection, level: str) -> None:
    import hamlets

    question = Question(measures=PATIENT_INDICES, level=level)
    twin = sql.Twin(connection, question)
    window = twin.window()
    assert window is not None
    twin.contacts(*window)
    twin.indices(window[0])
    columns = ", ".join(PATIENT_INDICES)
    expected = connection.execute(
        f"SELECT patient_id, n_contacts, {columns} FROM patient_indices ORDER BY patient_id"
    ).fetchnumpy()
    found = measured(store, question, by="patient")
    assert found.num_rows == len(expected["patient_id"])
    with hamlets.open_store(store) as opened:
        code = {name: i for i, name in enumerate(opened.labels("patient"))}
    codes = np.array([code[name] for name in found["patient_id"].to_pylist()])
    order = np.argsort(codes)
    assert np.array_equal(codes[order], expected["patient_id"])
    assert np.array_equal(found["n_contacts"].to_numpy()[order], expected["n_contacts"])
    for index in PATIENT_INDICES:
        ours = found[index].cast(pa.float64()).to_numpy(zero_copy_only=False)[order]
        theirs = np.ma.filled(np.ma.asarray(expected[index], dtype="float64"), np.nan)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9, equal_nan=True, err_msg=index)


@pytest.mark.parametrize("level", LEVELS)
def test_per_practice_and_list(
    store: Path, connection: duckdb.DuckDBPyConnection, level: str
) -> None:
    measures = (*PATIENT_INDICES, "slicc", "same_as_previous")
    if level == "clinician":
        measures = (*measures, "opr", "waterfall")
    question = Question(measures=measures, level=level, by=("practice", "list"))
    expected = sql.Twin(connection, question).measure()
    found: dict[Any, dict[str, Any]] = {}
    for row in measured(store, question).to_pylist():
        key: Any = (row["measure"], row["level"], (row["practice"], row["list"]))
        found[(*key, row["step"]) if row["measure"] == "waterfall" else key] = row
    theirs = {key: row for key, row in expected.items() if None not in key[2]}
    ours = {key: row for key, row in found.items() if None not in key[2]}
    wrong = differences(theirs, ours, COUNTED)
    assert not wrong, (len(wrong), wrong[:6])


def test_ratios_per_month(store: Path, connection: duckdb.DuckDBPyConnection) -> None:
    measures = ("slicc", "same_as_previous", "opr", "waterfall")
    question = Question(measures=measures, by=("month",))
    expected = sql.Twin(connection, question).measure()
    found: dict[Any, dict[str, Any]] = {}
    for row in measured(store, question).to_pylist():
        key: Any = (row["measure"], row["level"], (row["month"],))
        found[(*key, row["step"]) if row["measure"] == "waterfall" else key] = row
    wrong = differences(expected, found, COUNTED)
    assert not wrong, (len(wrong), wrong[:6])

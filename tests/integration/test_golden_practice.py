"""The worked example of Sidaway-Lee 2023 through the command line, from CSV to numbers.

Twenty patients of two lists, their contacts written out in the paper's table 2. The paper
prints 63.9 % for Dr A's own-patient ratio, but its own counts, 22 of 35, are 62.9 %.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIXTURE = Path(__file__).parents[1] / "fixtures" / "golden-practice"
PROGRAM = Path(sys.executable).parent / "hamlets"

Rows = dict[tuple[str, str | None], dict[str, Any]]


def run(*arguments: str | Path) -> str:
    """Return what the program writes to standard output."""
    done = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Return the rows of each measure by list, and with None those of the practice."""
    store = tmp_path_factory.mktemp("golden") / "store"
    loaded = json.loads(run("load", FIXTURE, "--store", store, "--format", "json"))
    assert loaded["rows_read"]["appointments"] == 82
    assert loaded["rows_kept"]["appointments"] == 82
    found: Rows = {}
    measures = ("--store", store, "--measures", "upc,coc,slicc,opr", "--format", "json")
    for row in json.loads(run("measure", *measures, "--by", "list")):
        found[row["measure"], row["list"]] = row
    for row in json.loads(run("measure", *measures)):
        found[row["measure"], None] = row
    return found


PRINTED = [
    # measure, list, exact value, as the paper prints it, decimals
    ("upc", "A", None, 0.56, 2),
    ("upc", "B", None, 0.59, 2),
    ("upc", None, None, 0.57, 2),
    ("coc", "A", None, 0.32, 2),
    ("coc", "B", None, 0.32, 2),
    ("coc", None, None, 0.32, 2),
    ("slicc", "A", 22 / 41, 0.537, 3),
    ("slicc", "B", 17 / 41, 0.415, 3),
    ("slicc", None, 39 / 82, 0.476, 3),
    ("opr", "A", 22 / 35, 0.629, 3),
    ("opr", "B", 17 / 31, 0.548, 3),
    ("opr", None, 39 / 66, 0.591, 3),
]


@pytest.mark.parametrize(("measure", "owner", "exact", "printed", "decimals"), PRINTED)
def test_a_printed_value(
    results: Rows,
    measure: str,
    owner: str | None,
    exact: float | None,
    printed: float,
    decimals: int,
) -> None:
    value = results[measure, owner]["value"]
    assert round(value, decimals) == printed
    if exact is not None:
        assert value == pytest.approx(exact, abs=1e-12)


def test_patients_with_one_contact_are_counted_apart(results: Rows) -> None:
    for owner, patients in (("A", 9), ("B", 9), (None, 18)):
        assert results["upc", owner]["n_patients"] == patients
        assert results["upc", owner]["excluded_min_n"] == (2 if owner is None else 1)
    assert results["slicc", None]["n_patients"] == 20
    assert results["slicc", None]["n_contacts"] == 82

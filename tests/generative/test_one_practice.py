"""A practice's figures are the same whether the whole store is read or what touches it."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from hamlets.continuity.conventions import Conventions, Question
from hamlets.continuity.measuring import measure_many
from hamlets.continuity.touching import homes_touching
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store, open_store
from tests.oracles.stores import build_store
from tests.oracles.worlds import random_world

MEASURES = ("upc", "coc", "secon", "k", "entropy", "clinicians", "slicc", "same_as_previous")
RATIOS = ("slicc", "opr", "waterfall", "same_as_previous")
QUESTIONS = [
    Question(MEASURES, ("clinician", "team"), ("practice",)),
    Question(("opr", "waterfall"), ("clinician",), ("practice",)),
    Question(RATIOS, ("clinician",), ("practice", "month")),
    Question(("slicc", "opr", "upc"), ("clinician",), ("practice", "list")),
    Question(("slicc", "upc"), ("clinician",), ("practice", "age_band")),
]


def _rows(store: Store, practice: str, homes: frozenset[int] | None) -> list[Any]:
    try:
        tables = measure_many(store, QUESTIONS, Conventions(), homes=homes)
    except NothingToMeasureError:
        return [[] for _ in QUESTIONS]
    return [[row for row in table.to_pylist() if row["practice"] == practice] for table in tables]


@pytest.mark.parametrize("seed", range(5))
def test_reading_what_touches_a_practice_is_enough(tmp_path: Path, seed: int) -> None:
    world = random_world(Random(seed), patients=30, practices=3)
    with open_store(build_store(tmp_path, world)) as store:
        labels = store.labels("practice")
        for code in (home for home in store.group_practices() if home >= 0):
            homes = homes_touching(store, code)
            assert code in homes
            assert _rows(store, labels[code], homes) == _rows(store, labels[code], None)


def test_other_practices_are_left_unread(tmp_path: Path) -> None:
    """Two practices with nothing in common: each needs itself alone."""
    rows = [
        {"patient_id": f"P{n}", "staff_id": f"S{n % 2}", "practice_id": f"Y0000{n % 2}",
         "start_time": f"2025-03-0{n % 7 + 1} 09:00", "status": "attended"}
        for n in range(12)
    ]  # fmt: skip
    with open_store(build_store(tmp_path, {"appointments": rows})) as store:
        for code in store.group_practices():
            assert homes_touching(store, code) == {code}

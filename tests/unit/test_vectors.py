"""The published worked examples of ../shared/data, on the oracles and on the kernel.

Where a printed value contradicts its own counts (``agrees: false``) the exact
value is asserted and the printed one only recorded. Where the order of a
patient's contacts is not known, no measure that needs order is asked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import naive
from tests.oracles.indices import INDICES
from tests.oracles.questions import SMALLEST_N, Question
from tests.oracles.worlds import World, gp_rows, world_of_lists

pytestmark = pytest.mark.shared

SHARED = Path(
    os.environ.get("HAMLETS_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
FILE = SHARED / "continuity-vectors.json"
Vector = dict[str, Any]

EXACT = {"V027": 2 / 3, "V029": 2 / 3, "V050": 22 / 35}
"""The exact values of the errata: vectors whose printed value their own counts contradict."""

COUNTS = {"appts_of_list": "slicc", "own_appts": "opr", "given_appts": "opr"}
"""The measure whose result holds a count that the paper states."""
IN_ORDER = {"secon", "mean_secon", "same_as_previous_by_month"}


def vectors() -> list[Vector]:
    if not FILE.exists():
        return []
    return json.loads(FILE.read_text(encoding="utf-8"))


def expected(vector: Vector) -> Any:
    """Return what is asserted: pytest.approx of the exact or printed value, or None."""
    if not vector["agrees"]:
        return pytest.approx(EXACT[vector["id"]], abs=1e-12)
    if vector["value"] is None:
        return None
    # A tolerance of half the last printed digit meets values that end in a 5.
    return pytest.approx(vector["value"], abs=vector["tolerance"] + 1e-9)


def world_of_visits(visits: list[list[Any]]) -> World:
    """Return a world of (patient, clinician, month, order) visits, in that order."""
    contacts: list[dict[str, Any]] = []
    for i, (patient, person, month, _) in enumerate(sorted(visits, key=lambda v: (v[2], v[3]))):
        contacts.append(
            {
                "patient_id": f"patient-{patient}",
                "staff_id": person or None,
                "practice_id": "G99001",
                "start_time": datetime.fromisoformat(f"{month}-01") + timedelta(days=i, hours=9),
                "appointment_id": f"{i:03d}",
                "status": "attended",
            }
        )
    return {
        "appointments": contacts,
        "staff": gp_rows({c["staff_id"] for c in contacts if c["staff_id"]}, "G99001"),
    }


def question_of(vector: Vector) -> tuple[World, Question, tuple[str, ...]]:
    """Return the world, the question and the group whose row answers a vector."""
    index: str = vector["index"].lower()
    level: str = vector["level"]
    if index == "same_as_previous_by_month":
        month = vector["params"]["month"]
        question = Question(measures=("same_as_previous",), by=("month",))
        return world_of_visits(vector["group"]), question, (month,)
    measure = index.removeprefix("mean_")
    if level == "patient":
        return world_of_lists([vector]), Question(measures=(measure,)), ()
    measure = COUNTS.get(measure, measure)
    world = world_of_lists(vector["group"])
    if level.startswith(("list ", "GP ")):
        return world, Question(measures=(measure,), by=("list",)), (level.split()[-1],)
    return world, Question(measures=(measure,)), ()


def answer_of(vector: Vector, result: dict[str, Any] | None) -> float | None:
    """Return the number a vector is about from its result row."""
    if result is None:
        return None
    if vector["index"] == "own_appts":
        return round(result["value"] * result["n_contacts"], 9)
    return result["n_contacts" if vector["index"] in COUNTS else "value"]


def test_every_vector_is_here() -> None:
    if not FILE.exists():
        pytest.skip("the shared vectors are not on this machine")
    found = vectors()
    assert len(found) == 126
    assert {v["id"] for v in found if not v["agrees"]} == set(EXACT)
    assert not [v for v in found if not v["order_known"] and v["index"].lower() in IN_ORDER]


@pytest.mark.parametrize("vector", vectors(), ids=lambda v: f"{v['id']}-{v['index']}")
def test_naive_twin(vector: Vector) -> None:
    world, question, group = question_of(vector)
    results = naive.measure(world, question)
    result = results.get((question.measures[0], "clinician", group))
    assert answer_of(vector, result) == expected(vector)


@pytest.mark.parametrize(
    "vector", [v for v in vectors() if v["level"] == "patient"], ids=lambda v: v["id"]
)
def test_formula(vector: Vector) -> None:
    index = vector["index"].lower()
    xs = [x for x in vector["sequence"] if x]  # no clinician: in no numerator or denominator
    if len(xs) < max(2, SMALLEST_N.get(index, 1)):
        assert vector["value"] is None
    else:
        assert INDICES[index](xs) == expected(vector)


def test_measure(
    measured: Callable[[World, Question], dict[Any, dict[str, Any]]], subtests: pytest.Subtests
) -> None:
    """All vectors through the kernel; one store for each distinct world."""
    if not FILE.exists():
        pytest.skip("the shared vectors are not on this machine")
    asked: dict[str, list[tuple[Vector, Question, tuple[str, ...]]]] = {}
    worlds: dict[str, World] = {}
    for vector in vectors():
        world, question, group = question_of(vector)
        if vector["level"] == "patient":
            continue
        key = json.dumps(world, default=str, sort_keys=True)
        worlds[key] = world
        asked.setdefault(key, []).append((vector, question, group))
    for key, world in worlds.items():
        for vector, question, group in asked[key]:
            result = measured(world, question).get((question.measures[0], "clinician", group))
            with subtests.test(vector["id"]):
                assert answer_of(vector, result) == expected(vector)


def test_measure_by_patient(
    measured_by_patient: Callable[[World, Question], dict[str, dict[str, Any]]],
    subtests: pytest.Subtests,
) -> None:
    """Every patient vector is one patient of one store."""
    found = [v for v in vectors() if v["level"] == "patient"]
    if not found:
        pytest.skip("the shared vectors are not on this machine")
    world = world_of_lists([{"sequence": v["sequence"]} for v in found])
    rows = measured_by_patient(world, Question())
    for i, vector in enumerate(found):
        with subtests.test(vector["id"]):
            assert rows[f"patient-{i:03d}"][vector["index"].lower()] == expected(vector)

"""Exact values derived by rational arithmetic: chance levels, occupancy, all indices of a row."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import chance
from tests.oracles.indices import INDICES
from tests.oracles.questions import Question
from tests.oracles.worlds import World, world_of_lists

pytestmark = pytest.mark.shared

SHARED = Path(
    os.environ.get("HAMLETS_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
FILE = SHARED / "continuity-vectors-derived.json"
LEVELS = {"UPC": "upc", "HI": "hi", "COC": "coc", "K": "k", "MMCI": "mmci"}
NAMES = {**LEVELS, "SECON": "secon", "MCI": "mci", "VE": "entropy"}
NAMED_SHARES = {
    "3 full-time": (1, 1, 1),
    "6 half-time": (1, 1, 1, 1, 1, 1),
    "5 GPs 8/8/6/4/4 sessions": (8, 8, 6, 4, 4),
}


def vectors(kind: str) -> list[dict[str, Any]]:
    if not FILE.exists():
        return []
    return [v for v in json.loads(FILE.read_text(encoding="utf-8")) if v["kind"] == kind]


def shares(parts: tuple[int, ...]) -> chance.Shares:
    return tuple(Fraction(part, sum(parts)) for part in parts)


def test_every_vector_is_here() -> None:
    if not FILE.exists():
        pytest.skip("the shared vectors are not on this machine")
    kinds = ("chance_level", "chance_level_named", "occupancy_cdf", "all_indices")
    assert [len(vectors(kind)) for kind in kinds] == [35, 12, 5, 9]


@pytest.mark.parametrize("vector", vectors("chance_level"), ids=lambda v: f"{v['n']}")
def test_chance_level(vector: dict[str, Any]) -> None:
    q = shares((1,) * len(vector["shares"]))
    assert vector["shares"] == pytest.approx([float(s) for s in q], abs=1e-15)
    for name, index in LEVELS.items():
        assert chance.expected(index, q, vector["n"]) == pytest.approx(vector[name], abs=1e-12)


@pytest.mark.parametrize("vector", vectors("chance_level_named"), ids=lambda v: v["name"])
def test_chance_level_of_a_practice(vector: dict[str, Any]) -> None:
    q = shares(NAMED_SHARES[vector["name"]])
    for name, index in LEVELS.items():
        # These are printed with six decimals.
        assert chance.expected(index, q, vector["n"]) == pytest.approx(vector[name], abs=5.1e-7)


@pytest.mark.parametrize("vector", vectors("occupancy_cdf"), ids=lambda v: f"{v['n']}-{v['s']}")
def test_occupancy(vector: dict[str, Any]) -> None:
    found = chance.occupancy(shares((1,) * vector["s"]), vector["n"])
    assert {str(m): float(p) for m, p in found.items()} == pytest.approx(vector["cdf"], abs=1e-12)


@pytest.mark.parametrize("vector", vectors("all_indices"), ids=lambda v: "".join(v["sequence"]))
def test_all_indices(vector: dict[str, Any]) -> None:
    for name, index in NAMES.items():
        assert INDICES[index](vector["sequence"]) == pytest.approx(vector[name], abs=1e-12)
    # CON is the spread of the counts over its largest: sqrt((M hi - 1)/(M - 1)).
    xs = vector["sequence"]
    people = len(set(xs))
    spread = max(people * INDICES["hi"](xs) - 1, 0.0) / (people - 1)
    assert sqrt(spread) == pytest.approx(vector["CON"], abs=1e-7)


def test_measure_gives_all_indices(
    measured_by_patient: Callable[[World, Question], dict[str, dict[str, Any]]],
) -> None:
    found = vectors("all_indices")
    if not found:
        pytest.skip("the shared vectors are not on this machine")
    rows = measured_by_patient(world_of_lists(found), Question())
    for i, vector in enumerate(found):
        for name, index in NAMES.items():
            got = rows[f"patient-{i:03d}"][index]
            assert got == pytest.approx(vector[name], abs=1e-12), (index, vector["sequence"])


def world_of_chance(parts: tuple[int, ...], n: int, practice: str) -> World:
    """Return a practice with these shares in which one patient has n contacts, others one."""
    copies = -(-n // parts[0])
    people = [f"{practice}-{i}" for i in range(len(parts))]
    left = {person: copies * part for person, part in zip(people, parts, strict=True)}
    left[people[0]] -= n
    group = [{"sequence": [people[0]] * n}]
    group += [{"sequence": [person]} for person in people for _ in range(left[person])]
    return world_of_lists(group, practice)


def test_measure_gives_the_chance_levels(
    measured: Callable[[World, Question], dict[Any, dict[str, Any]]],
) -> None:
    """One store: each vector is a practice, whose single patient with n contacts it is about."""
    found = [(v, (1,) * len(v["shares"])) for v in vectors("chance_level")]
    found += [(v, NAMED_SHARES[v["name"]]) for v in vectors("chance_level_named")]
    if not found:
        pytest.skip("the shared vectors are not on this machine")
    world: World = {"appointments": [], "patients": [], "staff": []}
    for i, (vector, parts) in enumerate(found):
        practice = f"G99{i:03d}"
        for name, rows in world_of_chance(parts, vector["n"], practice).items():
            for row in rows:
                for column in ("patient_id", "appointment_id"):
                    if column in row:
                        row[column] = f"{practice}-{row[column]}"
            world[name] += rows
    answer = measured(world, Question(measures=tuple(LEVELS.values()), by=("practice",)))
    for i, (vector, _) in enumerate(found):
        for name, index in LEVELS.items():
            row = answer[index, "clinician", (f"G99{i:03d}",)]
            assert row["n_patients"] == 1
            within = 5.1e-7 if vector["kind"] == "chance_level_named" else 1e-12
            assert row["chance"] == pytest.approx(vector[name], abs=within), (vector, index)

"""What must hold for every sequence of contacts, on the naive twin and on the kernel."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import chance, naive, stores
from tests.oracles.indices import INDICES
from tests.oracles.questions import Question
from tests.oracles.worlds import World, random_world, sequences, world_of_lists, worlds

CLOSE = 1e-12
MERGED = ("upc", "hi", "coc", "secon")
MeasuredByPatient = Callable[[World, Question], dict[str, dict[str, Any]]]
MakeStore = Callable[..., Path]
Measured = Callable[[World, Question], dict[Any, dict[str, Any]]]


def assert_orderings(row: dict[str, float]) -> None:
    """The inequalities between the indices of one patient."""
    n = row["n_contacts"]
    assert row["coc"] <= row["hi"] + CLOSE
    assert row["hi"] <= row["upc"] + CLOSE
    assert row["secon"] <= row["k"] + CLOSE
    assert row["coc"] <= row["k"] + CLOSE
    assert row["k"] <= row["mmci"] + CLOSE
    assert row["coc"] == pytest.approx((n * row["hi"] - 1) / (n - 1), abs=1e-12)


@given(sequences())
def test_the_indices_keep_their_order(xs: list[str]) -> None:
    assert_orderings({"n_contacts": len(xs), **{name: f(xs) for name, f in INDICES.items()}})


@given(sequences("ABCD", most=6))
def test_secon_over_all_orderings_is_coc(xs: list[str]) -> None:
    mean = fmean(INDICES["secon"](order) for order in permutations(xs))
    assert mean == pytest.approx(INDICES["coc"](xs), abs=1e-12)


@given(sequences(), st.permutations("ABCDE"))
def test_other_names_change_nothing(xs: list[str], names: list[str]) -> None:
    renamed = [dict(zip("ABCDE", names, strict=True))[x] for x in xs]
    for name, index in INDICES.items():
        assert index(renamed) == pytest.approx(index(xs), abs=1e-12), name


@given(sequences(), st.dictionaries(st.sampled_from("ABCDE"), st.sampled_from("XY")))
def test_merging_people_into_teams_never_lowers_an_index(
    xs: list[str], team: dict[str, str]
) -> None:
    merged = [team.get(x, x) for x in xs]
    for name in MERGED:
        assert INDICES[name](merged) >= INDICES[name](xs) - CLOSE, name


@given(worlds())
def test_team_level_is_at_least_clinician_level(world: World) -> None:
    """With the one fixed map a patient, and a named GP who counts as in their own team."""
    question = Question(measures=(*MERGED, "slicc"), min_contacts=2)
    by_clinician = {row["patient_id"]: row for row in naive.by_patient(world, question)}
    for row in naive.by_patient(world, question.with_(level="team")):
        for name in MERGED:
            if row[name] is not None:
                assert row[name] >= by_clinician[row["patient_id"]][name] - CLOSE, name
    own = naive.measure(world, question).get(("slicc", "clinician", ()))
    team = naive.measure(world, question.with_(level="team")).get(("slicc", "team", ()))
    assert (own is None) == (team is None)
    if own is not None and team is not None:
        assert team["value"] >= own["value"] - CLOSE


@given(worlds())
def test_the_waterfall_sums_to_one(world: World) -> None:
    steps = naive.measure(world, Question(measures=("waterfall", "slicc"), by=("list",)))
    for group in {key[2] for key in steps}:
        shares = [row["value"] for key, row in steps.items() if key[0::2] == ("waterfall", group)]
        rows = [row for key, row in steps.items() if key[0] == "waterfall" and key[2] == group]
        assert sum(row["value"] for row in rows) == pytest.approx(1, abs=1e-12), shares


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(2, 5))
def test_chance_is_the_mean_over_every_sequence(parts: list[int], n: int) -> None:
    q = tuple(Fraction(part, sum(parts)) for part in parts)
    for name, index in INDICES.items():
        by_hand = chance.by_enumeration(index, q, n)
        assert chance.expected(name, q, n) == pytest.approx(by_hand, abs=1e-12), name


@given(st.lists(st.integers(1, 20), min_size=2, max_size=6), st.integers(2, 12))
def test_chance_levels_keep_their_order_too(parts: list[int], n: int) -> None:
    q = tuple(Fraction(part, sum(parts)) for part in parts)
    row = {name: chance.expected(name, q, n) for name in INDICES}
    assert_orderings({"n_contacts": n, **row})


def test_the_published_exact_cases() -> None:
    five = (Fraction(1, 5),) * 5
    assert chance.expected("upc", five, 3) == pytest.approx(0.520, abs=1e-12)
    assert chance.expected("upc", five, 10) == pytest.approx(0.376, abs=5e-4)


# The kernel: many sequences in one store an example ------------------------------------


@settings(max_examples=5)
@given(st.lists(sequences(most=15), min_size=30, max_size=60))
def test_kernel_keeps_the_order(
    measured_by_patient: MeasuredByPatient, lists: list[list[str]]
) -> None:
    world = world_of_lists([{"sequence": xs} for xs in lists])
    rows = measured_by_patient(world, Question())
    assert len(rows) == len(lists)
    for row in rows.values():
        assert_orderings(row)


def test_kernel_secon_over_all_orderings_is_coc(measured_by_patient: MeasuredByPatient) -> None:
    bags = ["AB", "AAB", "ABC", "AABB", "AABC", "AAABC"]
    orders = [(bag, list(order)) for bag in bags for order in permutations(bag)]
    rows = measured_by_patient(world_of_lists([{"sequence": xs} for _, xs in orders]), Question())
    secon: dict[str, list[float]] = {bag: [] for bag in bags}
    for i, (bag, _) in enumerate(orders):
        secon[bag].append(rows[f"patient-{i:03d}"]["secon"])
    for bag, values in secon.items():
        assert fmean(values) == pytest.approx(INDICES["coc"](bag), abs=1e-9), bag


@pytest.mark.parametrize("seed", range(4))
def test_kernel_does_not_mind_names_or_row_order(measured: Measured, seed: int) -> None:
    """Other ids for the same people, rows shuffled, in two files of one extract or in one."""
    rng = Random(seed)
    # Ties between records are broken by id, so ids keep their order under the new names.
    world = random_world(rng, patients=12)
    shuffled = {name: rng.sample(rows, len(rows)) for name, rows in world.items()}
    renamed = {
        name: [
            {
                column: f"x-{value}" if value and column.endswith("staff_id") else value
                for column, value in row.items()
            }
            for row in rows
        ]
        for name, rows in world.items()
    }
    question = Question(by=("practice",))
    expected = measured(world, question)
    assert expected, "a world of twelve patients has something to measure"
    for other in (shuffled, renamed):
        found = measured(other, question)
        assert found.keys() == expected.keys()
        for key, row in expected.items():
            for column in ("value", "lower", "upper", "chance", "corrected"):
                assert found[key][column] == pytest.approx(row[column], abs=1e-9), (key, column)


@pytest.mark.parametrize("seed", range(4))
def test_kernel_does_not_mind_how_an_extract_is_split(make_store: MakeStore, seed: int) -> None:
    """All contacts at once, or half of them in a second load."""
    world = random_world(Random(seed), patients=12)
    contacts = world["appointments"]
    first = {**world, "appointments": contacts[::2]}
    second = {"appointments": contacts[1::2]}
    question = Question(by=("practice",))
    expected = stores.ask_store(make_store(world), question)
    found = stores.ask_store(make_store(first, second), question)
    assert expected
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert {**found[key]} == {**row}, key

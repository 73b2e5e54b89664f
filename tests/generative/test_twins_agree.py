"""Kernel, naive twin and SQL twin give the same numbers about random worlds, to 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tests.oracles import naive, sql
from tests.oracles.agreement import ALL, COUNTED, differences, known, near
from tests.oracles.questions import LEVELS, MEASURES, PATIENT_INDICES, Question
from tests.oracles.worlds import World, random_world, worlds

Measured = Callable[[World, Question], dict[Any, dict[str, Any]]]
MeasuredByPatient = Callable[[World, Question], dict[str, dict[str, Any]]]

IN_SQL = tuple(m for m in MEASURES if m != "care_density")
ROLES = ("gp", "any", ("gp_partner", "gp_salaried", "nurse"))
MODES = ("all", ("face_to_face", "telephone"))
ATTRIBUTES = ("mode", "hours", "site", "role", "urgency")
ATTRIBUTE_MEASURES = ("slicc", "same_as_previous")

options = st.fixed_dictionaries(
    {},
    optional={
        "roles": st.sampled_from(ROLES),
        "modes": st.sampled_from(MODES),
        "min_contacts": st.sampled_from((1, 3)),
        "date_to": st.sampled_from((date(2025, 3, 31), date(2024, 2, 29))),
        "date_from": st.sampled_from((date(2023, 11, 20),)),
        "window_months": st.sampled_from((12, 24)),
        "min_list": st.sampled_from((1, 2)),
    },
)
sql_groups = st.sampled_from(((), ("practice",), ("list",), ("practice", "list"), ("month",)))


def some_question(rng: Random) -> Question:
    """Return a question about anything the oracle answers for every measure."""
    changes: dict[str, Any] = {"level": rng.choice(LEVELS)}
    for name, values in (
        ("roles", ROLES),
        ("modes", MODES),
        ("min_contacts", (None, None, 1, 3)),
        ("window_months", (12, 24, 24)),
        ("date_to", (None, None, date(2025, 3, 31))),
    ):
        changes[name] = rng.choice(values)
    return Question(**changes)


@given(worlds(), options, st.sampled_from(LEVELS), sql_groups)
@settings(max_examples=12)
def test_naive_and_sql(
    world: World, changes: dict[str, Any], level: str, by: tuple[str, ...]
) -> None:
    question = Question(measures=IN_SQL, level=level, by=by, **changes)
    note(f"{question}")
    found = differences(naive.measure(world, question), sql.measure(world, question), COUNTED)
    assert not found, found[:5]


@given(worlds(), options, st.sampled_from(LEVELS))
@settings(max_examples=15)
def test_naive_and_sql_by_patient(world: World, changes: dict[str, Any], level: str) -> None:
    question = Question(level=level, **changes)
    note(f"{question}")
    expected = {row["patient_id"]: row for row in naive.by_patient(world, question)}
    found = sql.by_patient(world, question)
    assert found.keys() == expected.keys()
    for patient, row in found.items():
        assert row["practice"] == expected[patient]["practice_id"]
        for column in ("n_contacts", *PATIENT_INDICES):
            assert near(row[column], expected[patient][column]), (patient, column)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(10))
def test_naive_and_sql_at_length(chunk: int) -> None:
    for seed in range(2000 + 12 * chunk, 2012 + 12 * chunk):
        rng = Random(seed)
        world = random_world(rng, patients=rng.randint(1, 25))
        if world["appointments"]:
            question = some_question(rng).with_(measures=IN_SQL)
            for by in ((), ("practice",), ("practice", "list"), ("month",)):
                asked = question.with_(by=by)
                twin = sql.measure(world, asked)
                found = differences(naive.measure(world, asked), twin, COUNTED)
                assert not found, (seed, asked, found[:5])


GROUPINGS = (
    (),
    ("practice",),
    ("list",),
    ("team",),
    ("network",),
    ("borough",),
    ("age_band",),
    ("sex",),
    ("imd_quintile",),
    ("n_band",),
    ("practice", "list"),
    ("month",),
    ("practice", "month"),
)


@pytest.mark.parametrize("seed", range(30))
def test_kernel_and_naive(measured: Measured, seed: int) -> None:
    """One store a seed; several questions about it, one of each level at least."""
    rng = Random(seed)
    world = random_world(rng, patients=rng.randint(4, 14))
    compare(measured, world, rng, rng.sample(GROUPINGS, 4))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(20))
def test_kernel_and_naive_at_length(measured: Measured, chunk: int) -> None:
    for seed in range(1000 + 20 * chunk, 1020 + 20 * chunk):
        rng = Random(seed)
        world = random_world(rng, patients=rng.randint(1, 25))
        compare(measured, world, rng, GROUPINGS)


def compare(
    measured: Measured, world: World, rng: Random, groupings: Any, columns: Any = ALL
) -> None:
    if not world["appointments"]:
        return
    base = some_question(rng)
    for i, by in enumerate(groupings):
        level = LEVELS[i % 3] if i < 3 else base.level
        asked = question_for(base.with_(level=level, by=by))
        expected = naive.measure(world, asked)
        if not expected:
            continue
        found = measured(world, asked)
        wrong = differences(known(expected), known(found), columns)
        assert not wrong, (asked, len(wrong), wrong[:6])


def question_for(question: Question) -> Question:
    """Leave out the measures for which the definitions do not say what a group means."""
    measures = [m for m in MEASURES if question.level == "clinician" or m not in ONE_LEVEL]
    if set(question.by) & {"team", "age_band", "sex", "imd_quintile", "n_band"}:
        measures = [m for m in measures if m != "opr"]
    if question.level != "clinician" or "month" in question.by:
        measures = [m for m in measures if m != "care_density"]
    return question.with_(measures=tuple(measures))


ONE_LEVEL = ("opr", "waterfall")


@pytest.mark.parametrize("seed", range(100, 110))
def test_kernel_and_naive_by_attribute_of_the_contact(measured: Measured, seed: int) -> None:
    rng = Random(seed)
    world = random_world(rng, patients=12)
    for name in ATTRIBUTES:
        measures = ATTRIBUTE_MEASURES + (PATIENT_INDICES if name == "mode" else ())
        asked = some_question(rng).with_(by=(name,), measures=measures)
        expected = naive.measure(world, asked)
        if not expected:
            continue
        wrong = differences(known(expected), known(measured(world, asked)))
        assert not wrong, (asked, wrong[:6])


@pytest.mark.parametrize("seed", range(200, 212))
def test_kernel_and_naive_by_patient(measured_by_patient: MeasuredByPatient, seed: int) -> None:
    rng = Random(seed)
    world = random_world(rng, patients=rng.randint(4, 14))
    for level in LEVELS:
        question = some_question(rng).with_(level=level)
        expected = {row["patient_id"]: row for row in naive.by_patient(world, question)}
        if not expected:
            continue
        found = measured_by_patient(world, question)
        assert found.keys() == expected.keys()
        for patient, row in expected.items():
            for column, value in row.items():
                if column == "practice_id":
                    assert found[patient][column] == value
                elif column != "patient_id":
                    assert near(found[patient][column], value), (question, patient, column)


@pytest.mark.parametrize("seed", range(300, 310))
def test_kernel_and_naive_count_the_same_exclusions(measured: Measured, seed: int) -> None:
    rng = Random(seed)
    world = random_world(rng, patients=12)
    question = some_question(rng).with_(measures=("upc",), level="clinician")
    expected = naive.excluded(world, question)
    answer = naive.measure(world, question)
    if not answer:
        return
    (row,) = measured(world, question).values()
    for rule in ("status", "mode", "no_clinician", "role"):
        assert row[f"excluded_{rule}"] == expected[rule], (question, rule)
    (mean,) = answer.values()
    assert row["excluded_min_n"] == mean["excluded_min_n"]

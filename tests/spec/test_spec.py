"""Every spec, asked of the naive twin and of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.oracles import naive, sql
from tests.oracles.questions import MEASURES, PATIENT_INDICES, Question
from tests.oracles.worlds import World
from tests.spec.tables import Number, Spec, by_patient, expectations, sections, split, world_of

Answer = dict[tuple[Any, ...], dict[str, Any]]

SPECS = {
    f"{chapter}/{section.name}: {spec.title}": spec
    for chapter, found in sections().items()
    for section in found
    for spec in section.specs
}
EVERY = pytest.mark.parametrize("spec", [pytest.param(s, id=name) for name, s in SPECS.items()])
ONLY_OF_THE_KERNEL = {"partial", "reason", "shrunk"}
RULES = ("status", "mode", "role", "no_clinician")


def check(spec: Spec, answer: Answer, without: set[str] | frozenset[str] = frozenset()) -> None:
    for key, columns in expectations(spec):
        row = answer.get(key)
        for name, wanted in columns.items():
            if name in without:
                continue
            if isinstance(wanted, Number) and wanted.value is None:
                assert row is None or row[name] is None, (key, name, row)
                continue
            assert row is not None, (key, sorted(map(str, answer)))
            if isinstance(wanted, Number):
                got = row[name]
                assert got is not None, (key, name)
                assert abs(float(got) - (wanted.value or 0.0)) <= wanted.within, (key, name, got)
            else:
                assert row[name] == wanted, (key, name)


@EVERY
def test_naive_twin(spec: Spec) -> None:
    world = world_of(spec)
    if by_patient(spec):
        rows = naive.by_patient(world, spec.question)
        check(spec, {(row["patient_id"],): row for row in rows})
        return
    answer = naive.measure(world, spec.question)
    out = naive.excluded(world, spec.question)
    for row in answer.values():
        row |= {f"excluded_{rule}": out[rule] for rule in RULES}
    check(spec, answer, ONLY_OF_THE_KERNEL)


def in_sql(spec: Spec) -> bool:
    """Return whether the SQL twin answers a spec's question."""
    groups = set(sql.GROUPS) >= set(spec.question.by)
    return groups and "care_density" not in spec.question.measures


@pytest.mark.parametrize(
    "spec", [pytest.param(s, id=name) for name, s in SPECS.items() if in_sql(s)]
)
def test_sql_twin(spec: Spec) -> None:
    world = world_of(spec)
    if by_patient(spec):
        rows = sql.by_patient(world, spec.question)
        answer: Answer = {
            (patient,): {**row, "practice_id": row["practice"]} for patient, row in rows.items()
        }
    else:
        answer = sql.measure(world, spec.question)
    given = {*sql.COUNTS, "n_contacts", "practice_id", *PATIENT_INDICES}
    columns = set(split(spec.expected)[0])
    check(spec, answer, columns - given)


@EVERY
def test_measure(
    spec: Spec,
    measured: Callable[[World, Question], Answer],
    measured_by_patient: Callable[[World, Question], dict[str, dict[str, Any]]],
) -> None:
    world = world_of(spec)
    if by_patient(spec):
        rows = measured_by_patient(world, spec.question)
        check(spec, {(patient,): row for patient, row in rows.items()})
    else:
        check(spec, measured(world, spec.question))


def test_every_measure_has_a_section_of_its_own() -> None:
    named = {section.name for found in sections().values() for section in found}
    assert set(MEASURES) <= named

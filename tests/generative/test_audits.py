"""Audits and their twin agree about random worlds; and what must hold of any audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hamlets
from hamlets.continuity import audit, audit_groups, audit_many, audits
from hamlets.continuity.audit_controls import Chosen
from hamlets.continuity.audit_question import read_audit_question
from hamlets.continuity.results import Audit, AuditCase
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.records import Store
from tests.oracles import audits as twin
from tests.oracles.agreement import near
from tests.oracles.audits import Answer, AuditAsked, Numbers
from tests.oracles.worlds import World, audited_world

MakeStore = Callable[..., Path]
ROLES = ("gp", "gp", "any", ("gp_partner", "gp_salaried", "nurse"))


def some_question(rng: Random) -> AuditAsked:
    return AuditAsked(
        event=rng.choice(("cancer_diagnosis", "cancer_diagnosis", "death", "death_in_hospital")),
        practice=rng.choice((None, None, "G99001", "G99002")),
        look_back=rng.choice((365, 200, 60)),
        date_from=rng.choice((None, None, date(2023, 9, 1))),
        date_to=rng.choice((None, None, date(2025, 2, 1))),
        roles=rng.choice(ROLES),
        symptoms=rng.choice(((), ("S1", "S2"))),
        seed=rng.choice((0, 7)),
    )


def some_world(rng: Random, **sizes: int) -> World:
    world = audited_world(rng, **sizes)
    while not world["appointments"]:
        world = audited_world(rng, **sizes)
    return world


def twin_of(world: World, asked: AuditAsked) -> Answer:
    """Return the twin's answer; in an identifiable store a patient is shown by the source's id."""
    labels = {f"patient-{i}": f"patient-{i}" for i in range(1000)}
    return twin.audit(world, asked, labels)


def chosen_by(store: Store, asked: AuditAsked) -> tuple[Chosen, list[str]]:
    """Return whom the package chose, and the label of each position."""
    question = read_audit_question(
        store,
        asked.event,
        practice=asked.practice,
        **{"roles": None, **asked.arguments()},
    )
    work = audits._prepare(store, question, False, 1)
    return work.chosen, [work.labels[code] for code in work.records.patients.tolist()]


def ask(path: Path, asked: AuditAsked, **more: Any) -> Audit | None:
    """Return the package's audit, None where there is nothing to audit."""
    with hamlets.open_store(path) as store:
        try:
            return audit(store, asked.event, asked.practice, **asked.arguments(), **more)
        except (NothingToMeasureError, UnknownPlaceError):
            return None


def compare_group(found: Audit, name: Any, numbers: list[Numbers], teams: bool) -> None:
    group = found.group(name)
    assert group.n_patients == len(numbers)
    assert group.n_without_contacts == sum(x.contacts == 0 for x in numbers)
    gps = Counter(min(x.gps, 12) for x in numbers)
    assert group.distribution == tuple(gps[i] for i in range(13))
    modes: Counter[str] = sum((x.modes for x in numbers), Counter())
    assert dict(group.modes) == dict(modes)
    for measure, of in twin.NUMBER.items():
        values = [v for x in numbers if (v := of(x)) is not None]
        row = group.mean(measure)
        if measure == "upc_team" and not teams:
            assert row.value is None
            assert row.reason in (audit_groups.NO_TEAMS, audit_groups.TOO_FEW_CASES)
            continue
        middle, lower, upper = twin.mean([float(v) for v in values])
        if upper is not None and measure.startswith("upc"):
            upper = min(upper, 1.0)
        assert row.n_patients == len(values), (name, measure)
        assert near(row.value, middle), (name, measure)
        assert near(row.lower, lower, 1e-6), (name, measure)
        assert near(row.upper, upper, 1e-6), (name, measure)
    expected = [x.expected for x in numbers]
    if expected and None not in expected:
        assert near(group.mean("gps").chance, sum(v or 0.0 for v in expected) / len(expected))
    with_some = [x.gps for x in numbers if x.contacts]
    shown = group.mean("gps").without_zeros
    assert near(shown, sum(with_some) / len(with_some) if with_some else None)


def compare_case(row: AuditCase, numbers: Numbers) -> None:
    assert (row.contacts, row.gps, row.clinicians, row.handovers, row.symptom_days) == (
        numbers.contacts, numbers.gps, numbers.clinicians, numbers.handovers, numbers.symptom_days,
    )  # fmt: skip
    assert near(row.upc, numbers.upc)
    assert row.own_team == numbers.own_team
    assert sorted((c.day, c.step, c.mode, c.role) for c in row.strip) == numbers.strip


def compare(path: Path, world: World, asked: AuditAsked) -> None:
    """Hold the package against the twin: who, what, and the means."""
    expected = twin_of(world, asked)
    found = ask(path, asked, with_cases=True)
    if found is None:
        assert not expected.events
        return
    assert found.n_events == len(expected.events)
    assert found.not_registered == len(expected.events) - len(expected.cases)
    with hamlets.open_store(path) as store:
        chosen, label = chosen_by(store, asked)
    assert [label[p] for p in chosen.cases.patient] == [c.patient for c in expected.cases]
    for name, which in (("controls", chosen.controls), ("controls_matched", chosen.matched)):
        theirs = [expected.controls[name][case] for case in expected.cases]
        assert [[label[p] for p in row if p >= 0] for row in which] == theirs, name
    for row in found.cases:
        compare_case(row, expected.case_numbers[row.patient_id])
    assert [c.number for c in found.cases] == list(range(1, len(expected.cases) + 1))
    for name in twin.SETS:
        compare_group(found, name, expected.groups[name], bool(world["team_members"]))


@pytest.fixture
def averages_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let averages of fewer than eight patients through, so that small worlds have some."""
    monkeypatch.setattr(audit_groups, "FEWEST", 1)


@pytest.mark.parametrize("seed", range(15))
def test_audit_and_twin(make_store: MakeStore, averages_of_few: None, seed: int) -> None:
    """One store a seed, and a few questions about it."""
    rng = Random(seed)
    world = some_world(rng)
    path = make_store(world, identifiable=True)
    for _ in range(4):
        compare(path, world, some_question(rng))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 200))
def test_audit_and_twin_at_length(make_store: MakeStore, averages_of_few: None, seed: int) -> None:
    rng = Random(seed)
    world = some_world(rng, patients=rng.randint(20, 90))
    path = make_store(world, identifiable=True)
    for _ in range(6):
        compare(path, world, some_question(rng))


# What must hold of any audit ------------------------------------------------------


@given(st.integers(0, 10_000))
@settings(max_examples=8)
def test_controls_fit_and_serve_once(make_store: MakeStore, seed: int) -> None:
    """Checked from the world alone: nobody twice, same kind of patient, no event until then."""
    rng = Random(seed)
    world = some_world(rng, patients=40, practices=2)
    asked = replace(some_question(rng), practice=None)
    audited = twin.Audited(world, asked, {})
    with hamlets.open_store(make_store(world, identifiable=True)) as store:
        try:
            chosen, label = chosen_by(store, asked)
        except NothingToMeasureError:
            return
        if chosen.events.size == 0:
            return
    for which in (chosen.controls, chosen.matched):
        used = which[which >= 0].tolist()
        assert len(used) == len(set(used))
        for case, day, row in zip(
            chosen.cases.patient.tolist(), chosen.cases.day.tolist(), which.tolist(), strict=True
        ):
            index = date(1970, 1, 1) + timedelta(days=day)
            window = index - timedelta(days=asked.look_back), index - timedelta(days=1)
            ours = audited.practice(label[case], *window)
            for other in (label[p] for p in row if p >= 0):
                event = audited.event[other]
                assert event is None or event > index
                assert audited.stratum(other, index) == audited.stratum(label[case], index)
                assert audited.practice(other, *window) == ours
                assert audited.throughout(other, ours, *window)


def disturbed(world: World, rng: Random) -> World:
    """Return the same rows in another order."""
    return {name: rng.sample(rows, len(rows)) for name, rows in world.items()}


@given(st.integers(0, 10_000))
@settings(max_examples=6)
def test_order_and_split_of_the_input_change_nothing(make_store: MakeStore, seed: int) -> None:
    rng = Random(seed)
    world = some_world(rng)
    asked = some_question(rng)
    mixed = disturbed(world, rng)
    half = len(mixed["appointments"]) // 2
    later = {name: mixed[name][half:] for name in ("appointments",)}
    first = {**mixed, "appointments": mixed["appointments"][:half]}
    answers = [
        ask(path, asked, with_cases=True)
        for path in (make_store(world), make_store(mixed), make_store(first, later))
    ]
    assert answers[0] == answers[1] == answers[2]


STAFF_COLUMNS = ("staff_id", "named_staff_id", "buddy_staff_id", "person_id")


@given(st.integers(0, 10_000))
@settings(max_examples=6)
def test_names_of_staff_change_nothing(make_store: MakeStore, seed: int) -> None:
    rng = Random(seed)
    world = some_world(rng)
    renamed = {
        name: [
            {k: f"x-{v[::-1]}" if k in STAFF_COLUMNS and v else v for k, v in row.items()}
            for row in rows
        ]
        for name, rows in world.items()
    }
    asked = some_question(rng)
    answers = [ask(make_store(w), asked, with_cases=True) for w in (world, renamed)]
    assert answers[0] == answers[1]


@given(st.integers(0, 10_000))
@settings(max_examples=6)
def test_by_practice_is_each_practice_alone(make_store: MakeStore, seed: int) -> None:
    rng = Random(seed)
    world = some_world(rng, patients=30, practices=3)
    asked = replace(some_question(rng), practice=None)
    path = make_store(world)
    with hamlets.open_store(path) as store:
        try:
            found = audit_many(store, asked.event, **asked.arguments(), with_cases=True)
        except NothingToMeasureError:
            return
    assert found
    assert list(found) == sorted(found)
    for practice, one in found.items():
        assert one == ask(path, replace(asked, practice=practice), with_cases=True)


def test_another_seed_draws_other_controls(make_store: MakeStore) -> None:
    world = some_world(Random(3), patients=80, practices=1)
    with hamlets.open_store(make_store(world, identifiable=True)) as store:
        drawn = [chosen_by(store, AuditAsked(look_back=60, seed=s))[0].controls for s in (0, 1, 0)]
    assert (drawn[0] == drawn[2]).all()
    assert (drawn[0] != drawn[1]).any()

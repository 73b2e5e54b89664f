"""The two worklists agree with their twins, whatever the practice and the order of its rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.teams.worklists.leaving import leaving_list
from hamlets.teams.worklists.presets import shipped_presets
from hamlets.teams.worklists.priority import matched_presets, worklist
from tests.oracles import worklists as twin

SEEDS = st.integers(0, 2**32 - 1)
POINTS = ("points_work", "points_cohorts", "points_contacts", "points_share")


def same(found: Any, wanted: dict[str, Any]) -> None:
    for key, value in wanted.items():
        got = tuple(getattr(found, name) for name in POINTS) if key == "points" else getattr(
            found, key
        )  # fmt: skip
        if isinstance(value, float) or key == "points":
            assert got == pytest.approx(value, abs=2e-6), key
        else:
            assert got == value, key


@given(seed=SEEDS, weeks=st.sampled_from([0, 12, 26, 52]), ask=st.booleans())
def test_the_early_warning_is_its_twin(seed: int, weeks: int, ask: bool) -> None:
    book = twin.random_book(seed)
    asked = (seed % book.staff.size, book.day + 30) if ask else None
    cohorts = book.patients.cohorts
    found = leaving_list(book, cohorts, weeks, asked)
    wanted = twin.leaving(book, cohorts, weeks, asked)
    assert len(found.rows) == len(wanted)
    for row, expected in zip(found.rows, wanted, strict=True):
        same(row, expected)
    assert [row.rank for row in found.rows] == list(range(1, len(wanted) + 1))
    assert sum(gp.patients for gp in found.gps) == len(wanted)
    assert sum(gp.with_suggestion for gp in found.gps) == sum(
        row["suggested_gp"] is not None for row in wanted
    )


@given(seed=SEEDS)
def test_the_worklist_is_its_twin(seed: int) -> None:
    book = twin.random_book(seed)
    matched = matched_presets(book, shipped_presets())
    found = worklist(book, matched)
    wanted = twin.worklist(book, {m.preset.name: m.patients for m in matched})
    assert len(found.rows) == len(wanted)
    for row, expected in zip(found.rows, wanted, strict=True):
        same(row, expected)
    assert [row.rank for row in found.rows] == list(range(1, len(wanted) + 1))


@given(seed=SEEDS)
def test_the_shipped_presets_hold_whom_they_say(seed: int) -> None:
    book = twin.random_book(seed)
    p = book.patients
    frail = p.registers["frailty"]
    wanted = {
        "frailty": frail if any(frail) else (p.age >= 85) | p.cohorts["housebound"],
        "conditions_5_plus": p.conditions >= 5,
        "persistent_frequent_attender": p.conditions < 0,  # these books say of nobody
        **{name: p.cohorts[name] for name in twin.COHORTS},
    }
    for each in matched_presets(book, shipped_presets()):
        assert each.patients.tolist() == wanted[each.preset.name].tolist(), each.preset.name
        assert each.by_proxy == (each.preset.name == "frailty" and not any(frail))


@given(seed=SEEDS, order=SEEDS)
def test_the_order_of_rows_changes_nothing(seed: int, order: int) -> None:
    book = twin.random_book(seed)
    other = twin.shuffled(book, order)
    assert leaving_list(book, book.patients.cohorts) == leaving_list(other, other.patients.cohorts)
    presets = shipped_presets()
    assert worklist(book, matched_presets(book, presets)) == worklist(
        other, matched_presets(other, presets)
    )


@given(seed=SEEDS)
def test_nobody_is_given_to_somebody_who_leaves_or_may_not(seed: int) -> None:
    book = twin.random_book(seed)
    found = leaving_list(book, {}, 26)
    gone = set(twin.leavers(book, 26, None))
    for row in found.rows:
        if row.suggested_gp is not None:
            at = book.staff.staff_id.index(row.suggested_gp)
            assert book.staff.may_be_named[at]
            assert at not in gone
            assert row.suggested_gp != row.named_gp
        assert 0 <= row.score <= 100
        assert row.score == pytest.approx(sum(getattr(row, name) for name in POINTS), abs=1e-5)

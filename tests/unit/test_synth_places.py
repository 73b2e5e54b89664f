"""The invented borough's places: sizes, networks, names."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.booking.simulation.places import make_borough
from hamlets.booking.simulation.world import Setting

FIRST, LAST = date(2024, 11, 1), date(2026, 10, 31)


def setting(practices: int, patients: int, seed: int = 1, policy: str | None = None) -> Setting:
    return Setting(practices, patients, FIRST, LAST, seed, policy)


@given(st.integers(1, 60), st.integers(0, 5_000), st.integers(0, 2**32))
def test_list_sizes_add_up_to_the_patients_asked_for(practices: int, more: int, seed: int) -> None:
    borough = make_borough(setting(practices, practices + more, seed))
    sizes = [p.list_size for p in borough.practices]
    assert sum(sizes) == practices + more
    assert min(sizes) >= 1
    assert sorted(i for n in borough.networks for i in n.practices) == list(range(practices))
    assert sum(n.list_size for n in borough.networks) == practices + more


def test_a_borough_like_the_one_the_page_describes() -> None:
    borough = make_borough(setting(36, 270_000))
    sizes = np.array([p.list_size for p in borough.practices])
    assert len(borough.networks) == 8
    assert 5_500 < np.median(sizes) < 8_500
    assert sizes.max() < 18_500
    assert sum(p.homeless for p in borough.practices) == 1
    assert sizes[[p.homeless for p in borough.practices]][0] < 2_000
    assert 2.3 < np.mean([p.imd_mean for p in borough.practices]) < 3.9
    for practice in borough.practices:
        assert abs(practice.latitude - 51.5) < 0.05
        assert abs(practice.longitude) < 0.06


def test_practices_lie_nearer_to_their_own_network_than_to_another() -> None:
    borough = make_borough(setting(36, 270_000))
    for practice in borough.practices:
        away = {
            n.network_id: np.hypot(
                n.latitude - practice.latitude, 0.62 * (n.longitude - practice.longitude)
            )
            for n in borough.networks
        }
        assert min(away, key=lambda n: away[n]) == practice.network_id


def test_one_practice_has_changed_its_network_and_nobody_is_in_two() -> None:
    borough = make_borough(setting(36, 270_000))
    for practice in borough.practices:
        rows = [m for m in borough.members if m.practice_id == practice.practice_id]
        assert rows[-1].network_id == practice.network_id
        assert rows[-1].to_day is None
        assert [r.to_day for r in rows[:-1]] == [r.from_day for r in rows[1:]]
    moved = [m for m in borough.members if m.to_day is not None]
    assert len(moved) == 1
    assert moved[0].to_day is not None
    assert FIRST < moved[0].to_day < LAST


def test_names_cannot_be_taken_for_real_ones() -> None:
    borough = make_borough(setting(30, 3_000))
    names = [p.name for p in borough.practices]
    assert names[0] == "Practice A"
    assert names[25:28] == ["Practice Z", "Practice AA", "Practice AB"]
    assert [n.name for n in borough.networks][:2] == ["Network 1", "Network 2"]


@pytest.mark.parametrize(("policy", "own"), [("earliest_any", 0.0), ("own_first", 1.0)])
def test_a_policy_is_everybodys(policy: str, own: float) -> None:
    borough = make_borough(setting(12, 12_000, policy=policy))
    assert {p.habits.own_first for p in borough.practices} == {own}


def test_practices_have_habits_of_their_own_without_a_policy() -> None:
    own = [p.habits.own_first for p in make_borough(setting(36, 270_000)).practices]
    assert max(own) - min(own) > 0.5

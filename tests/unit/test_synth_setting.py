"""What may be asked of the simulator, and the columns it writes."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.booking.simulation.arrays import (
    chosen,
    day_column,
    numbered,
    time_column,
    value_column,
)
from hamlets.booking.simulation.synth import first_day, make_setting, remark_of
from hamlets.booking.simulation.world import OPEN, Setting
from hamlets.errors import UsageError

TODAY = date(2026, 11, 22)


def asked(
    practices: int = 2,
    patients: int = 100,
    months: int = 24,
    seed: int = 1,
    policy: str | None = None,
    end: date | None = None,
    scattered: tuple[str, ...] = (),
) -> Setting:
    return make_setting(
        practices=practices,
        patients=patients,
        months=months,
        seed=seed,
        policy=policy,
        end=end,
        scattered=scattered,
        today=TODAY,
    )


def test_the_last_day_is_the_end_of_the_last_full_month() -> None:
    setting = asked()
    assert (setting.first, setting.last) == (date(2024, 11, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("end", "months", "first"),
    [
        (date(2026, 10, 31), 1, date(2026, 10, 1)),
        (date(2026, 2, 28), 24, date(2024, 3, 1)),
        (date(2024, 2, 29), 12, date(2023, 3, 1)),
        (date(2026, 11, 15), 1, date(2026, 10, 16)),
        (date(2026, 3, 30), 1, date(2026, 3, 1)),
        (date(2026, 12, 31), 12, date(2026, 1, 1)),
        (date(2026, 1, 5), 13, date(2024, 12, 6)),
    ],
)
def test_months_are_counted_back_from_the_last_day(end: date, months: int, first: date) -> None:
    assert first_day(end, months) == first


def test_each_wrong_wish_is_a_sentence() -> None:
    for wrong in (
        lambda: asked(practices=0),
        lambda: asked(practices=-3),
        lambda: asked(practices=2_001, patients=10**6),
        lambda: asked(practices=101, patients=100),
        lambda: asked(patients=0),
        lambda: asked(practices=1, patients=10**6),
        lambda: asked(months=0),
        lambda: asked(months=121),
        lambda: asked(seed=-1),
        lambda: asked(seed=2**63),
        lambda: asked(policy="luck"),
        lambda: asked(end=date(2026, 11, 23)),
        lambda: asked(end=date(1990, 1, 31)),
        lambda: asked(scattered=("EX003",)),
        lambda: asked(scattered=("",)),
    ):
        with pytest.raises(UsageError) as caught:
            wrong()
        assert caught.value.message.endswith(".")
        assert caught.value.where is not None


def test_the_remark_tells_settings_apart() -> None:
    settings = [
        asked(),
        asked(seed=2),
        asked(months=12),
        asked(policy="own_first"),
        asked(scattered=("EX002",)),
        asked(patients=101),
    ]
    remarks = [tuple(sorted(remark_of(s).items())) for s in settings]
    assert len(set(remarks)) == len(settings)
    assert remark_of(asked()) == remark_of(asked())


def test_words_are_chosen_by_position_and_nothing_below_zero() -> None:
    assert chosen(("a", "b"), np.array([1, 0, -1, 1])).to_pylist() == ["b", "a", None, "b"]
    twice = chosen(("a", "b", "a"), np.array([2, 1, -1, 0]))
    assert twice.to_pylist() == ["a", "b", None, "a"]
    assert len(twice.dictionary) == 2


@given(st.lists(st.integers(0, 99_999_999), max_size=20))
def test_numbers_are_written_with_leading_zeros(numbers: list[int]) -> None:
    found = numbered("EX001-A", np.array(numbers, np.int64), 8).to_pylist()
    assert found == [f"EX001-A{n:08d}" for n in numbers]


def test_days_and_times() -> None:
    assert day_column(np.array([0, 20_000, OPEN])).to_pylist() == [
        date(1970, 1, 1),
        date(2024, 10, 4),
        None,
    ]
    times = time_column(np.array([20_000], np.int32), np.array([1_439], np.int16))
    assert times.to_pylist() == [datetime(2024, 10, 4, 23, 59)]


@given(st.lists(st.one_of(st.none(), st.integers(-9_999, 99_999)), max_size=20))
def test_values_have_one_decimal_at_most(tenths: list[int | None]) -> None:
    values = np.array([np.nan if t is None else t / 10 for t in tenths], np.float32)
    expected = [
        None if t is None else (f"{t // 10}" if t % 10 == 0 else f"{t / 10}") for t in tenths
    ]
    assert value_column(values).to_pylist() == expected

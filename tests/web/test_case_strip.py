"""The strip of a case: where its squares stand."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django

from hamlets.web.pages.audits import _LEVELS, _WIDE, _by_day

LOOK_BACK = 365


def strip(days: list[int]) -> list[dict[str, Any]]:
    return [
        {"day": "2031-01-01", "days_before": day, "step": "own", "letter": "O",
         "mode": "telephone", "role": "gp_partner"}
        for day in days
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_no_two_squares_touch(seed: int) -> None:
    rng = Random(seed)
    days = [rng.randint(1, LOOK_BACK) for _ in range(rng.randint(1, 40))]
    found = _by_day(strip(days), LOOK_BACK)
    assert sorted(day["before"] for day in found) == sorted(set(days))
    squares = [
        (day["place"], level)
        for day in found
        for level in range(day["level"], day["level"] + len(day["contacts"]))
    ]
    assert len(squares) == len(days)
    assert all(0 <= place <= 99 and level < _LEVELS for place, level in squares)
    for at, (place, level) in enumerate(squares):
        for other, beside in squares[at + 1 :]:
            assert level != beside or abs(place - other) >= _WIDE


def test_a_square_stands_on_the_line_where_there_is_room() -> None:
    levels = {day["before"]: day["level"] for day in _by_day(strip([300, 298, 100]), LOOK_BACK)}
    assert levels == {300: 0, 298: 1, 100: 0}


def test_two_contacts_of_a_day_stand_on_each_other() -> None:
    (day,) = _by_day(strip([20, 20]), LOOK_BACK)
    assert (day["level"], len(day["contacts"])) == (0, 2)

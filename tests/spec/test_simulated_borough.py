"""A small invented borough stays near what is published, so that it cannot drift off unnoticed.

The bands are wide because four practices are few; docs/reference/simulated-data.md shows how
close the borough of ``make demo`` comes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.published import QUANTITIES, Quantity
from benchmarks.realism import BEGIN, END, PAGE, Figures, make_and_measure, table, verdict

SMALL: dict[str, Any] = {"practices": 4, "patients": 16_000, "months": 12}


@pytest.fixture(scope="module")
def key_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("HAMLETS_KEY_FILE")
    os.environ["HAMLETS_KEY_FILE"] = str(tmp_path_factory.mktemp("key") / "pseudonym.key")
    yield
    if before is None:
        del os.environ["HAMLETS_KEY_FILE"]
    else:
        os.environ["HAMLETS_KEY_FILE"] = before


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory, key_of_its_own: None) -> Figures:
    return make_and_measure(tmp_path_factory.mktemp("borough") / "store", **SMALL)


@pytest.fixture(scope="module")
def earliest(tmp_path_factory: pytest.TempPathFactory, key_of_its_own: None) -> Figures:
    folder: Path = tmp_path_factory.mktemp("earliest") / "store"
    return make_and_measure(folder, **SMALL, policy="earliest_any")


@pytest.mark.parametrize("quantity", [q for q in QUANTITIES if q.wide], ids=lambda q: q.id)
def test_a_small_borough_is_not_far_from_what_is_published(
    quantity: Quantity, figures: Figures
) -> None:
    assert quantity.wide is not None
    low, high = quantity.wide
    assert low <= figures[quantity.id] <= high, quantity.title


def test_every_wide_band_reaches_beyond_the_near_one() -> None:
    both = [(q.near, q.wide) for q in QUANTITIES if q.near and q.wide]
    assert len(both) > 25
    assert all(wide[0] <= near[0] and near[1] <= wide[1] for near, wide in both)


def test_continuity_is_lower_where_everyone_takes_the_earliest_slot(
    figures: Figures, earliest: Figures
) -> None:
    for measure in ("upc_hull", "upc_barker", "slicc", "slicc_highest"):
        assert earliest[measure] < figures[measure] - 0.03, measure
    # the same people fall ill of the same, whoever they see
    for outcome in ("cancers", "deaths_in_hospital", "admissions_old", "attendances"):
        assert earliest[outcome] == pytest.approx(figures[outcome], rel=1e-12), outcome


def test_a_verdict_says_on_which_side_a_figure_lies() -> None:
    quantity = next(q for q in QUANTITIES if q.id == "same_day")
    said = [verdict(quantity, value) for value in (0.2, 0.45, 0.7)]
    assert said == ["**too low**", "near", "**too high**"]


def test_the_page_has_every_figure_of_the_script() -> None:
    text = PAGE.read_text(encoding="utf-8")
    block = text.split(BEGIN)[1].split(END)[0]
    rows = [line.split(" | ") for line in block.splitlines() if line.startswith("| ")]
    shown = [(row[0].removeprefix("| "), row[1]) for row in rows if row[0] != "| quantity"]
    expected = [
        (q.title, f"{q.published}<br>{q.source}" if q.source else q.published) for q in QUANTITIES
    ]
    assert shown == expected, "run `python -m benchmarks.realism`"


def test_a_figure_that_cannot_be_measured_has_no_row() -> None:
    lines = table({"upc_hull": 0.5, "missed": 0.2})
    assert sum(line.startswith("| Usual provider") for line in lines) == 1
    assert any("20.0 % | **too high**" in line for line in lines)
    assert lines[0] == "1 of 2 published figures are near."

"""The worked example of the page on three averages is true, by hand and by the program."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from hamlets.networks.averages import share_achieved, three_averages

PAGE = (Path(__file__).parents[2] / "docs/explanation/three-averages.md").read_text("utf-8")
STANDARD = 80


def table(name: str) -> list[tuple[int, int, int]]:
    """Return (reached, of, share) of each row of one of the page's tables."""
    part = PAGE.partition(f"<!-- example: {name} -->")[2].partition("\n\n-")[0]
    rows = re.findall(r"^\| EX\d+ \| (\d+) \| (\d+) \| (\d+) \|$", part.partition("\n\nN")[0], re.M)
    assert len(rows) == 3
    return [(int(n), int(d), int(share)) for n, d, share in rows]


def shown(share: Fraction | None) -> str:
    assert share is not None
    return f"{float(share * 100):.1f}"


@pytest.mark.parametrize(
    ("name", "mean_reaches", "pooled_reaches"), [("first", True, False), ("second", False, True)]
)
def test_the_two_ways_disagree(name: str, mean_reaches: bool, pooled_reaches: bool) -> None:
    rows = table(name)
    assert all(Fraction(n, d) == Fraction(share, 100) for n, d, share in rows)
    three = three_averages([(n, d) for n, d, _ in rows])
    # by hand, in whole numbers: 3 x 80 beside the sum of shares, 80 in 100 beside all patients
    assert (sum(share for _, _, share in rows) >= 3 * STANDARD) == mean_reaches
    assert (
        sum(n for n, _, _ in rows) * 100 >= STANDARD * sum(d for _, d, _ in rows)
    ) == pooled_reaches
    assert share_achieved(three.mean, STANDARD) == mean_reaches
    assert share_achieved(three.pooled, STANDARD) == pooled_reaches
    assert not share_achieved(three.minimum, STANDARD)
    told = PAGE.partition(f"<!-- example: {name} -->")[2].partition("\n## ")[0]
    assert shown(three.mean) in told
    assert shown(three.pooled) in told


def test_the_counts_to_try_are_those_of_the_first_table() -> None:
    counts = re.findall(r"^EX\d+,our_standard,[\d-]+,[\d-]+,(\d+),(\d+)$", PAGE, re.M)
    assert [(int(n), int(d)) for n, d in counts] == [(n, d) for n, d, _ in table("first")]

"""The page, the map and the neighbours of formed networks, on places drawn by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from hamlets.networks.forming import Practice, Practices, Request, form_networks
from hamlets.networks.forming.distances import great_circle_km
from hamlets.networks.forming.neighbours import delaunay_neighbours
from hamlets.networks.results import Balance, Comparison, Formation
from hamlets.publish.forming_report import (
    beside_heading,
    catalogue,
    lead,
    practices_table,
    render_formation,
)
from hamlets.publish.network_map import fills_of
from hamlets.publish.territories import territories

ROOM = Path(__file__).parents[2] / "src" / "hamlets" / "publish"
BANNED = re.compile(
    r"\b(rank|league|best|worst|top|bottom|poor|fail\w*|outlier|optimal|infeasible|invalid|"
    r"please|sorry|user)\b",
    re.IGNORECASE,
)


def grid(rows: int, columns: int) -> Practices:
    """Return practices on a grid, some 700 m apart, each of 5,000 patients."""
    found = [
        Practice(
            f"P{row}{column}", 5_000, 51.5 + 0.0063 * row, -0.1 + 0.0101 * column,
            f"Practice {row}{column}", f"N{column // 2}",
        )
        for row in range(rows)
        for column in range(columns)
    ]  # fmt: skip
    return Practices(tuple(found))


@pytest.fixture(scope="module")
def formation() -> Formation:
    return form_networks(grid(4, 6), Request(6, tolerance=30))


def test_words_are_short_plain_and_judge_nobody() -> None:
    for key, text in catalogue().items():
        assert not BANNED.search(text), key
        for sentence in re.split(r"(?<=[.?!:])\s+", text):
            assert len(sentence.split()) <= 30, key


def test_every_word_of_the_catalogue_is_asked_for(formation: Formation) -> None:
    source = "".join(
        (ROOM / name).read_text(encoding="utf-8")
        for name in ("forming_report.py", "network_map.py", "templates/formed.html")
    )
    made_up = ("networks.", "beside.", "lead.proven_", "change.", "map.heading")
    for key in catalogue():
        assert key in source or key.startswith(made_up), key


def test_networks_next_to_each_other_have_other_fills(formation: Formation) -> None:
    fills = fills_of(formation)
    of = {each.practice_id: each.network_id for each in formation.practices}
    for a, b in formation.links:
        if of[a] != of[b]:
            assert fills[of[a]] != fills[of[b]]


def test_grounds_of_networks_do_not_overlap(formation: Formation) -> None:
    def inside(point: tuple[float, float], cell: tuple[tuple[float, float], ...]) -> bool:
        x, y = point
        odd = False
        for (x1, y1), (x2, y2) in zip(cell, [*cell[1:], cell[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                odd = not odd
        return odd

    grounds = territories(formation)
    assert [each.network_id for each in grounds] == [n.network_id for n in formation.networks]
    for each in formation.practices:
        place = each.longitude, each.latitude
        mine = [
            ground.network_id
            for ground in grounds
            if any(inside(place, cell) for cell in ground.cells)
        ]
        assert mine == [each.network_id]


def test_the_map_says_in_words_what_it_shows(formation: Formation) -> None:
    page = render_formation(formation)

    for width in ("wide", "narrow"):
        found = re.search(rf'<desc id="map-{width}-desc">([^<]*)</desc>', page)
        assert found is not None
        for number, network in enumerate(formation.networks, 1):
            assert f"Network {number} " in found.group(1)
            assert f"{len(network.practices)} practices" in found.group(1)
    assert page.count("<circle") == 2 * len(formation.practices)


def test_practices_stand_a_to_z(formation: Formation) -> None:
    names = [row[1].text for row in practices_table(formation).rows]

    assert names == sorted(names)


def test_the_lead_says_a_proof_only_where_there_is_one(formation: Formation) -> None:
    assert formation.proven
    assert any("proven" in sentence for sentence in lead(formation))
    worse = replace(formation, bound=formation.value * 0.963)
    assert not any("proven" in sentence for sentence in lead(worse))
    assert "No networks under your rules can beat these by more than 4 in 100." in lead(worse)


@pytest.mark.parametrize(
    ("travel", "off", "said"),
    [
        (900.0, 0.2, "Less travel than now, and more even"),
        (900.0, 0.5, "Less travel than now"),
        (1000.0, 0.2, "More even than now"),
        (1000.0, 0.5, "Beside the present networks"),
    ],
)
def test_the_heading_of_the_comparison_is_true_of_its_table(
    travel: float, off: float, said: str
) -> None:
    now = Balance(3, 10, 20, 0.5, 1000.0, 1000)
    new = Balance(3, 10, 20, off, travel, 1000)

    assert beside_heading(Comparison(5, 0.5, 3, now, new)) == said


def test_an_edge_across_a_bend_makes_no_neighbours() -> None:
    # down one bank, round, and up the other: 4 km across, 1.1 km from each to the next
    down = [(51.53 - 0.01 * step, -0.10) for step in range(4)]
    up = [(51.50 + 0.01 * step, -0.042) for step in range(4)]
    bend = [*down, (51.494, -0.087), (51.492, -0.071), (51.494, -0.055), *up]
    practices = [Practice(f"P{at}", 1, *place) for at, place in enumerate(bend)]
    near = delaunay_neighbours(practices, great_circle_km(practices)).adjacent

    assert not near[0, 10]
    assert not near[1, 9]
    assert all(near[at, at + 1] for at in range(10))


def test_practices_at_one_place_and_on_one_line_are_neighbours() -> None:
    places = [(51.5, -0.1), (51.5, -0.1), (51.5, -0.09), (51.5, -0.08), (51.5, -0.08)]
    practices = [Practice(f"P{at}", 1, *place) for at, place in enumerate(places)]
    near = delaunay_neighbours(practices, great_circle_km(practices)).adjacent
    pairs = {(a, b) for a, b in combinations(range(5), 2) if near[a, b]}

    assert pairs == {(0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4)}


def test_one_practice_is_one_network() -> None:
    found = form_networks(grid(1, 1), Request(1, tolerance=0))

    assert [each.practices for each in found.networks] == [("P00",)]
    assert (found.value, found.gap, found.proven) == (0.0, 0.0, True)
    assert "1 network, 0.0 km across" in render_formation(found)

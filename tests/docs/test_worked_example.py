"""The example of the page on micro-teams is true: by plain loops, and by the program.

The tables are read from the page. The loops know nothing of prices or of teams' code; they
try every pair and every way to share out the patients.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.teams.comparing.measures import Measured, measure_arrangement
from hamlets.teams.designing import Design, design
from hamlets.teams.formation import form
from hamlets.teams.inputs import HALF_DAYS, Clinicians, People, PracticeInputs, Seen
from hamlets.teams.model import TeamModel
from hamlets.teams.side_by_side import find_alternatives

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "micro-teams.md"
NAMES = ("Ash", "Birch", "Cedar", "Dune")
PAIRS = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))
MODEL = TeamModel(team_gps=(2, 2))
PLACES = 4
"""Patients of each pair when the work is even."""
MOST_PLACES = PLACES * 1.05

Contacts = list[list[int]]
Pair = tuple[int, int]


def table(name: str) -> list[list[str]]:
    """Return the cells of one of the page's tables, without its head."""
    text = PAGE.read_text(encoding="utf-8").partition(f"<!-- example: {name} -->")[2]
    found = re.match(r"\s*((?:\|.*\|\n)+)", text)
    assert found, name
    rows = [line.strip("|").split("|") for line in found[1].splitlines()[2:]]
    return [[cell.strip() for cell in row] for row in rows]


def contacts_of_the_page() -> Contacts:
    return [[int(cell) for cell in row[1:]] for row in table("contacts")]


def with_pairs(contacts: Contacts, pairs: tuple[Pair, Pair]) -> list[tuple[int, int]]:
    """Return each patient's contacts with the one pair and with the other."""
    one, other = pairs
    return [(row[one[0]] + row[one[1]], row[other[0]] + row[other[1]]) for row in contacts]


def freely(seen: list[tuple[int, int]]) -> int:
    return sum(max(each) for each in seen)


def evenly(seen: list[tuple[int, int]]) -> int:
    """Return the most contacts kept by half of the patients with each pair, of all ways."""
    everybody = range(len(seen))
    return max(
        sum(seen[p][0] if p in half else seen[p][1] for p in everybody)
        for half in map(set, itertools.combinations(everybody, len(seen) // 2))
    )


def practice(contacts: Contacts) -> PracticeInputs:
    """Return four GPs alike in all but whom they saw, and as many patients as there are rows."""
    gps, size = len(NAMES), len(contacts)
    seen = [[(gp, number) for gp, number in enumerate(row) if number] for row in contacts]
    flat = [each for row in seen for each in row]
    nobody = np.full(size, -1, dtype=np.int32)
    staff = Clinicians(
        person=np.arange(gps, dtype=np.int32),
        staff_id=tuple(f"G{gp + 1}" for gp in range(gps)),
        name=tuple(f"Dr Example-{name}" for name in NAMES),
        role=("gp_partner",) * gps,
        contract=("partner",) * gps,
        gp=np.ones(gps, np.bool_),
        eligible=np.ones(gps, np.bool_),
        sessions_per_week=np.full(gps, 8.0),
        capacity_minutes=np.full(gps, 80_000.0),
        half_days=np.ones((gps, HALF_DAYS), np.bool_),
        actual_half_days=np.ones((gps, 120), np.bool_),
        site=(None,) * gps,
        languages=(frozenset[str](),) * gps,
        skills=(frozenset[str](),) * gps,
        end_day=np.full(gps, 30_000, dtype=np.int32),
    )
    people = People(
        patient=np.arange(size, dtype=np.int32),
        patient_id=tuple(f"P{patient + 1:02}" for patient in range(size)),
        household=np.arange(size, dtype=np.int32),
        named=nobody,
        named_gone=np.zeros(size, np.bool_),
        work_minutes=np.full(size, 30.0),
        locked=nobody,
        site=(None,) * size,
        age_band=np.zeros(size, np.int8),
        imd_quintile=np.zeros(size, np.int8),
        language=(None,) * size,
        cohorts={},
        seen=Seen(
            offset=np.cumsum([0, *map(len, seen)], dtype=np.int64),
            clinician=np.array([gp for gp, _ in flat], dtype=np.int32),
            weight=np.array([number for _, number in flat], dtype=np.float64),
            contacts=np.array([number for _, number in flat], dtype=np.int32),
        ),
    )
    return PracticeInputs("EX000", "Practice A", 20_000, staff, people, "given")


@pytest.fixture(scope="module")
def contacts() -> Contacts:
    return contacts_of_the_page()


@pytest.fixture(scope="module")
def inputs(contacts: Contacts) -> PracticeInputs:
    return practice(contacts)


@pytest.fixture(scope="module")
def made(inputs: PracticeInputs) -> Design:
    return design(inputs, MODEL)


def test_the_pairs_of_the_page(contacts: Contacts) -> None:
    assert sum(map(sum, contacts)) == 50
    said = table("pairs")
    assert len(said) == len(PAIRS)
    for (words, free, sizes, even), pairs in zip(said, PAIRS, strict=True):
        assert words == ", ".join(f"{NAMES[one]} and {NAMES[two]}" for one, two in pairs)
        seen = with_pairs(contacts, pairs)
        first = sum(one > other for one, other in seen)
        assert sizes == f"{first} and {len(seen) - first}"
        assert (int(free), int(even)) == (freely(seen), evenly(seen))


@pytest.mark.parametrize(
    ("pairs", "dear", "price", "sum_of_greater", "bound"),
    [(PAIRS[1], 1, 2, 30, 38.4), (PAIRS[0], 0, 3, 24, 36.6), (PAIRS[2], 0, 0, 34, 34)],
)
def test_prices_prove_what_the_page_says(
    contacts: Contacts,
    pairs: tuple[Pair, Pair],
    dear: int,
    price: int,
    sum_of_greater: int,
    bound: float,
) -> None:
    seen = with_pairs(contacts, pairs)
    priced = [tuple(kept - price * (place == dear) for place, kept in enumerate(p)) for p in seen]
    assert sum(map(max, priced)) == sum_of_greater
    assert sum_of_greater + price * MOST_PLACES == pytest.approx(bound)
    assert bound >= evenly(seen)
    if pairs == PAIRS[1]:
        said = [[int(cell) for cell in row[1:]] for row in table("prices")]
        assert said == [[*each, max(each)] for each in priced]


def test_the_program_finds_the_plan_of_the_page(inputs: PracticeInputs, made: Design) -> None:
    formed = form(inputs, MODEL)
    assert (formed.teams, formed.value, formed.bound) == (PAIRS[0], 41, 41)
    assert made.arrangement.teams == PAIRS[1]
    assert np.bincount(made.arrangement.team).tolist() == [PLACES, PLACES]
    certificate = made.certificate
    assert certificate.value == 38
    assert certificate.bound == pytest.approx(38.4, abs=0.05)
    assert certificate.gap == pytest.approx(0.4 / 38.4, abs=0.002)
    assert certificate.formation_gap == 0
    assert "same band of work" in certificate.covers


def test_the_other_ways_of_the_page(inputs: PracticeInputs, made: Design) -> None:
    ways = {"plan": made.arrangement, **find_alternatives(inputs, MODEL, 2)}
    found = [measure_arrangement(inputs, each, MODEL) for each in ways.values()]
    names = {
        "plan": "this plan",
        "alphabetical": "by alphabet",
        "most_seen": "by most-seen GP, uneven",
        "by_hand": "by most-seen GP, even",
    }
    said = [
        [names[name], str(kept_of(each)), f"{each.work_least:.0f} to {each.work_most:.0f}"]
        for name, each in zip(ways, found, strict=True)
    ]
    assert said == table("ways")


def kept_of(found: Measured) -> int:
    assert found.retained_team is not None
    return round(found.retained_team * found.n_contacts)


def many_contacts() -> st.SearchStrategy[Contacts]:
    row = st.lists(st.integers(0, 5), min_size=len(NAMES), max_size=len(NAMES))
    return st.lists(row, min_size=8, max_size=8)


def bounds_of_prices(seen: Sequence[tuple[int, int]]) -> Iterator[float]:
    """Yield what the prices at which somebody wavers prove, of both pairs' places."""
    for price in {abs(one - other) for one, other in seen} | {0}:
        for dear in (0, 1):
            greater = sum(
                max(kept - price * (place == dear) for place, kept in enumerate(each))
                for each in seen
            )
            yield greater + price * MOST_PLACES


@settings(max_examples=15, deadline=None)
@given(many_contacts())
def test_no_way_to_share_out_such_a_practice_is_above_the_bound(contacts: Contacts) -> None:
    """The plan is within its bound of the best of all, and the bound no worse than prices prove."""
    made = design(practice(contacts), MODEL)
    every = [with_pairs(contacts, pairs) for pairs in PAIRS]
    best = max(map(evenly, every))
    value, bound = made.certificate.value, made.certificate.bound
    assert value <= best + 1e-9
    assert best <= bound + 1e-9
    assert bound <= 1.005 * max(min(bounds_of_prices(seen)) for seen in every) + 1e-9
    assert value >= (1 - made.certificate.gap) * best - 1e-9

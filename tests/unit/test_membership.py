"""Dated membership of networks, on days and months that can be read off by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import hamlets
from hamlets.networks.membership import (
    Member,
    Membership,
    month_end,
    months,
    read_membership,
    roll_up,
)
from tests.conftest import MakeStore

MOVED = date(2021, 3, 15)
TWO = Membership(
    (
        Member("N1", "A", date(2020, 4, 1), MOVED),
        Member("N2", "A", MOVED),
        Member("N1", "B", date(2020, 4, 1)),
        Member("N2", "C", date(2021, 4, 1)),
    )
)


def test_a_practice_belongs_to_its_new_network_from_the_day_itself() -> None:
    assert TWO.network_of("A", date(2021, 3, 14)) == "N1"
    assert TWO.network_of("A", MOVED) == "N2"
    assert TWO.network_of("A", date(2020, 3, 31)) is None
    assert TWO.network_of("Z", MOVED) is None


def test_practices_of_a_network_on_a_day() -> None:
    assert TWO.practices_of("N1", date(2021, 3, 14)) == ("A", "B")
    assert TWO.practices_of("N2", date(2021, 3, 31)) == ("A",)
    assert TWO.practices_of("N2", date(2021, 4, 1)) == ("A", "C")
    assert TWO.on(date(2019, 1, 1)) == {}


def test_a_month_counts_with_the_network_that_it_ends_in() -> None:
    assert TWO.by_month(date(2021, 2, 20), date(2021, 4, 2)) == {
        date(2021, 2, 1): {"A": "N1", "B": "N1"},
        date(2021, 3, 1): {"A": "N2", "B": "N1"},
        date(2021, 4, 1): {"A": "N2", "B": "N1", "C": "N2"},
    }


def test_every_row_rolls_up_by_the_membership_of_its_own_month() -> None:
    rows = [
        ("A", date(2021, 2, 1), 10),
        ("B", date(2021, 2, 28), 1),
        ("A", date(2021, 3, 1), 20),
        ("C", date(2021, 3, 1), 300),
    ]
    assert roll_up(rows, TWO) == {
        ("N1", date(2021, 2, 1)): [("A", 10), ("B", 1)],
        ("N2", date(2021, 3, 1)): [("A", 20)],
        (None, date(2021, 3, 1)): [("C", 300)],
    }


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rows_on_a_day_the_one_that_began_last_holds(order: int) -> None:
    later = Member("N1", "A", date(2021, 2, 1))
    earlier = Member("N9", "A", date(2021, 1, 1))
    assert Membership((earlier, later)[::order]).network_of("A", date(2021, 3, 1)) == "N1"
    same = (Member("N1", "A", None), Member("N2", "A", None))
    assert Membership(same[::order]).network_of("A", date(2021, 3, 1)) == "N2"
    longer = (Member("N1", "A", None, None), Member("N2", "A", None, date(2022, 1, 1)))
    assert Membership(longer[::order]).network_of("A", date(2021, 3, 1)) == "N1"


def test_months_end_on_their_last_day_also_in_leap_years() -> None:
    assert month_end(date(2024, 2, 1)) == date(2024, 2, 29)
    assert month_end(date(2021, 12, 25)) == date(2021, 12, 31)
    assert list(months(date(2020, 12, 31), date(2021, 1, 1))) == [
        date(2020, 12, 1),
        date(2021, 1, 1),
    ]


PLACES = {
    "appointments": [
        {
            "patient_id": "p1",
            "staff_id": "s1",
            "practice_id": "A",
            "start_time": "2021-01-06T09:00",
            "status": "attended",
        }
    ],
    "networks": [
        {"network_id": "N1", "name": "Network 1", "kind": "network", "parent_id": "X"},
        {"network_id": "F1", "name": "Federation", "kind": "federation", "parent_id": None},
        {"network_id": "X", "name": "Example Borough", "kind": "borough", "parent_id": None},
    ],
    "practices": [
        {"practice_id": "A", "network_id": "N2"},
        {"practice_id": "B", "network_id": "N1"},
        {"practice_id": "C", "network_id": None},
    ],
    "network_members": [
        {"network_id": "N1", "practice_id": "A", "from_date": "2021-01-01", "to_date": None},
        {"network_id": "F1", "practice_id": "A", "from_date": "2021-02-01", "to_date": None},
    ],
}


def test_a_store_is_read_by_dated_rows_and_else_by_the_present_network(
    make_store: MakeStore,
) -> None:
    path: Path = make_store(PLACES)
    with hamlets.open_store(path) as store:
        found = read_membership(store)
        federations = read_membership(store, ("federation",))

    # A's dated rows stand alone: before they begin it is in no network
    assert found.on(date(2020, 12, 31)) == {"B": "N1"}
    assert found.on(date(2021, 3, 1)) == {"A": "N1", "B": "N1"}
    assert found.undated == {"B"}
    assert federations.on(date(2021, 3, 1)) == {"A": "F1"}

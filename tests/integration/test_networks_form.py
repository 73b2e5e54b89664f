"""``hamlets networks form``: from a file to networks, a page, a map and the records."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import hamlets as package
from hamlets.networks.membership import read_membership
from tests.inside import hamlets, refused
from tests.oracles import formed, stores

HEAD = ("practice_id", "practice_name", "list_size", "lat", "lon", "network_id")
# Two villages of three, each its own present network but for C, which sits in the wrong one.
ROWS = [
    ("A", "Practice A", 4000, 51.500, -0.100, "N1"),
    ("B", "Practice B", 5000, 51.502, -0.102, "N1"),
    ("C", "Practice C", 6000, 51.504, -0.100, "N2"),
    ("D", "Practice D", 4500, 51.540, -0.040, "N2"),
    ("E", "Practice E", 5500, 51.542, -0.042, "N2"),
    ("F", "Practice F", 6500, 51.544, -0.040, "N2"),
]
SHARED = Path(__file__).parents[3] / "shared" / "data"
TOWER_HAMLETS = SHARED / "tower-hamlets" / "practices_2026.csv"


def write(path: Path, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> Path:
    """Write a CSV file and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


@pytest.fixture
def practices(tmp_path: Path) -> Path:
    return write(tmp_path / "practices.csv", ROWS)


def form(practices: Path, *more: object) -> Any:
    """Return the JSON of a run that must end well."""
    ran = hamlets("networks", "form", "--practices", practices, "--format", "json", *more)
    assert ran.code == 0, ran.err
    return ran.json


def test_two_villages_become_two_networks(practices: Path) -> None:
    found = form(practices, "--networks", 2)

    assert [each["practices"] for each in found["networks"]] == [["A", "B", "C"], ["D", "E", "F"]]
    assert [each["population"] for each in found["networks"]] == [15_000, 16_500]
    assert (found["gap"], found["proven"]) == (0.0, True)
    assert found["value"] == found["bound"]
    assert found["value"] == pytest.approx(sum(n["travel_km"] for n in found["networks"]))
    places = [(row[3], row[4]) for row in ROWS]
    world = formed.World([row[2] for row in ROWS], places, frozenset(), 2, 0, 0)
    assert found["networks"][0]["travel_km"] == pytest.approx(formed.travel(world, [0, 1, 2]))
    assert found["networks"][1]["travel_km"] == pytest.approx(formed.travel(world, [3, 4, 5]))


def test_networks_are_compared_with_the_present_ones(practices: Path) -> None:
    beside = form(practices, "--networks", 2)["comparison"]

    assert (beside["practices"], beside["staying"]) == (6, 5)
    present = ["N1", "N1", "N2", "N2", "N2", "N2"]
    new = [1, 1, 1, 2, 2, 2]
    assert beside["adjusted_rand"] == pytest.approx(formed.rand_index(present, new))
    assert (beside["present"]["smallest"], beside["present"]["largest"]) == (9_000, 22_500)
    assert beside["present"]["travel_km"] > beside["formed"]["travel_km"]


def test_a_network_keeps_the_id_of_the_one_that_it_continues(practices: Path) -> None:
    found = form(practices, "--networks", 3, "--tolerance", 60)["networks"]
    ids = [each["network_id"] for each in found]

    assert {"N1", "N2"} < set(ids)
    assert len(set(ids)) == 3
    assert [each["continues"] for each in found] == [each in ("N1", "N2") for each in ids]


def test_without_present_membership_the_comparison_is_there_and_null(tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", [row[:5] for row in ROWS], HEAD[:5])
    found = form(path, "--networks", 2)

    assert found["comparison"]["adjusted_rand"] is None
    assert found["comparison"]["practices"] is None
    assert set(found["comparison"]["present"].values()) == {None}
    assert [each["network_id"] for each in found["networks"]] == ["N01", "N02"]


def test_who_must_be_together_is_and_who_must_not_is_not(practices: Path, tmp_path: Path) -> None:
    pairs = write(tmp_path / "apart.csv", [("D", "E")], ("one", "two"))
    found = form(
        practices, "--networks", 2, "--together", "A,D", "--apart", pairs, "--tolerance", 80
    )
    of = {code: n["network_id"] for n in found["networks"] for code in n["practices"]}

    assert of["A"] == of["D"]
    assert of["D"] != of["E"]


def test_flow_is_kept_where_asked(practices: Path, tmp_path: Path) -> None:
    flow = write(
        tmp_path / "flow.csv",
        [("A", "B", 10), ("C", "D", 500), ("D", "C", 20), ("E", "F", 30)],
        ("from", "to", "patients"),
    )
    found = form(
        practices, "--networks", 2, "--objective", "flow", "--flow", flow, "--tolerance", 60
    )
    of = {code: n["network_id"] for n in found["networks"] for code in n["practices"]}

    assert of["C"] == of["D"]
    assert found["value"] == sum(n["flow"] for n in found["networks"]) == found["bound"]
    assert found["value"] >= 520


def test_distances_by_road_stand_for_great_circles(practices: Path, tmp_path: Path) -> None:
    table = write(tmp_path / "km.csv", [("A", "B", 9.0), ("B", "C", 2.0)], ("from", "to", "km"))
    found = form(practices, "--networks", 2, "--distances", table)

    assert any("lacks 13 of 15 pairs" in note for note in found["notes"])
    # to B it is 9 km from A and 2 from C
    middle = next(n for n in found["networks"] if "A" in n["practices"])
    assert middle["middle"] != "A"


def test_boundaries_say_who_is_next_to_whom(practices: Path, tmp_path: Path) -> None:
    def square(left: float, low: float, right: float, high: float) -> dict[str, Any]:
        ring = [[left, low], [right, low], [right, high], [left, high], [left, low]]
        return {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }

    areas = [square(-0.2, 51.4, -0.06, 51.52), square(-0.06, 51.52, 0.1, 51.6)]
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": areas}))
    found = form(practices, "--networks", 2, "--boundaries", path)

    # the two areas meet in one corner alone: the villages are islands, and a link is made
    assert any("cut off" in note for note in found["notes"])
    assert [n["practices"] for n in found["networks"]] == [["A", "B", "C"], ["D", "E", "F"]]


def test_geojson_has_an_area_a_network_and_a_point_a_practice(practices: Path) -> None:
    ran = hamlets(
        "networks", "form", "--practices", practices, "--networks", 2, "--format", "geojson"
    )
    made = ran.json

    kinds = [each["properties"]["kind"] for each in made["features"]]
    assert kinds == ["network"] * 2 + ["practice"] * 6
    for feature in made["features"][:2]:
        assert feature["geometry"]["type"] == "MultiPolygon"
        for (ring,) in feature["geometry"]["coordinates"]:
            assert ring[0] == ring[-1]
            assert len(ring) >= 4
    assert made["features"][2]["geometry"]["coordinates"] == [-0.1, 51.5]


def test_the_page_shows_everybody_and_fetches_nothing(practices: Path, tmp_path: Path) -> None:
    page = tmp_path / "networks.html"
    ran = hamlets("networks", "form", "--practices", practices, "--networks", 2, "--output", page)
    assert ran.code == 0, ran.err
    written = page.read_text(encoding="utf-8")

    assert "5 of 6 practices would stay with their neighbours." in written
    assert "this is proven" in written
    for row in ROWS:
        assert row[1] in written
    assert not re.search(r'(src|href)="https?:', written)
    assert "<script" not in written


def test_names_of_a_file_are_text_on_the_page(tmp_path: Path) -> None:
    rows = [(row[0], "<b>=1+1</b>" if row[0] == "A" else row[1], *row[2:]) for row in ROWS]
    path, page = write(tmp_path / "p.csv", rows), tmp_path / "p.html"
    hamlets("networks", "form", "--practices", path, "--networks", 2, "--output", page)

    assert "<b>=1+1" not in page.read_text(encoding="utf-8")


def test_the_least_tolerance_that_works_is_said_and_works(practices: Path) -> None:
    ran = refused(
        7, "networks", "form", "--practices", practices, "--networks", 2, "--tolerance", 1,
        "--format", "json",
    )  # fmt: skip
    found = re.search(r"least tolerance that works is ([\d.]+) %", ran.error["hint"])
    assert found is not None
    least = float(found.group(1))

    assert form(practices, "--networks", 2, "--tolerance", least)["gap"] == 0
    refused(
        7, "networks", "form", "--practices", practices, "--networks", 2, "--tolerance",
        round(least - 0.02, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--networks", 7), 7, "6 practices cannot make 7 networks"),
        (("--networks", 0), 2, "must be 1 or more"),
        (("--networks", 2, "--band", "9-4"), 2, "not a band of patients"),
        (("--networks", 2, "--band", "1-9", "--tolerance", 3), 2, "two ways to say the same"),
        (("--networks", 2, "--tolerance", -1), 2, "tolerance must be 0 or more"),
        (("--networks", 2, "--objective", "flow"), 2, "the flow must be given"),
        (("--networks", 2, "--together", "A"), 2, "Name two practices"),
        (("--networks", 2, "--together", "A,Z"), 8, "no practice Z"),
        (("--networks", 2, "--together", "A,B", "--apart", "B,A"), 2, "must be together and"),
        (("--networks", 2, "--from", "2026-01-01"), 2, "written into a store"),
        (("--networks", 2, "--output", "x.pdf"), 2, "must be .html, .json or .geojson"),
        (("--networks", 1, "--apart", "A,B"), 7, "No 1 connected networks"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    practices: Path, more: tuple[object, ...], code: int, said: str
) -> None:
    assert said in refused(code, "networks", "form", "--practices", practices, *more).err


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (("G", "Practice G", 3000, "", "", "N1"), "Left out, no coordinates: G."),
        (("G", "Practice G", 3000, 0, 0, "N1"), "Left out, no coordinates: G."),
        (("G", "Practice G", "", 51.5, -0.1, "N1"), "Left out, no list size: G."),
        (("G", "Practice G", 0, 51.5, -0.1, "N1"), "Left out, no patients: G."),
        (ROWS[0], "Given twice and counted once: A."),
    ],
)
def test_practices_that_cannot_take_part_are_named_and_left_out(
    tmp_path: Path, row: Sequence[Any], note: str
) -> None:
    found = form(write(tmp_path / "p.csv", [*ROWS, row]), "--networks", 2)

    assert note in found["notes"]
    assert sum(len(n["practices"]) for n in found["networks"]) == 6


def test_closed_practices_are_left_out_and_open_ones_are_not(tmp_path: Path) -> None:
    closed = ["-", "", "2020-03-31", "20200331", "2999-01-01", "31/03/2020"]
    rows = [(*row, day) for row, day in zip(ROWS, closed, strict=True)]
    found = form(
        write(tmp_path / "p.csv", rows, (*HEAD, "close_date")), "--networks", 1, "--tolerance", 50
    )

    assert "Left out, closed on 2020-03-31: C, D, F." in found["notes"]
    assert found["networks"][0]["practices"] == ["A", "B", "E"]


def test_a_list_of_places_places_those_without(tmp_path: Path) -> None:
    head = (*HEAD, "postcode")
    rows = [(*row, "") for row in ROWS]
    rows += [("G", "Practice G", 3000, "", "", "", "E1 1AA"), ("H", "H", 2500, "", "", "", "")]
    path = write(tmp_path / "p.csv", rows, head)
    places = write(
        tmp_path / "places.csv",
        [("", "E11AA", 51.501, -0.101), ("H", "", 51.541, -0.041)],
        ("practice_code", "postcode", "latitude", "longitude"),
    )
    found = form(path, "--networks", 2, "--places", places)

    assert "Placed by the list of places: G, H." in found["notes"]
    assert [n["practices"] for n in found["networks"]] == [
        ["A", "B", "C", "G"],
        ["D", "E", "F", "H"],
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("A", "Practice A", 4001, 51.5, -0.1, "N1"), "Practice A is given twice"),
        (("G", "G", "many", 51.5, -0.1, ""), "not a number of patients"),
        (("G", "G", -4, 51.5, -0.1, ""), "not a number of patients"),
        (("G", "G", 4000, 530_000, 180_000, ""), "not a place on earth"),
        (("", "G", 4000, 51.5, -0.1, ""), "no practice code"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_with_its_line(
    tmp_path: Path, row: Sequence[Any], said: str
) -> None:
    path = write(tmp_path / "p.csv", [*ROWS, row])
    ran = refused(3, "networks", "form", "--practices", path, "--networks", 2)

    assert said in ran.err
    assert "8" in ran.err.split(":")[1]


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    for path in (empty, tmp_path / "missing.csv", tmp_path):
        refused(3, "networks", "form", "--practices", path, "--networks", 2)
    header = write(tmp_path / "header.csv", [])
    assert (
        "No practice of this file"
        in refused(3, "networks", "form", "--practices", header, "--networks", 2).err
    )
    bare = write(tmp_path / "bare.csv", [("A", 5)], ("practice_id", "list_size"))
    assert (
        "no column with the latitude"
        in refused(3, "networks", "form", "--practices", bare, "--networks", 1).err
    )


def test_an_island_is_joined_and_said(tmp_path: Path) -> None:
    rows = [*ROWS, ("I", "Island", 9000, 49.914, -6.315, "")]
    found = form(write(tmp_path / "p.csv", rows), "--networks", 2, "--tolerance", 90)

    assert any(
        note.startswith("I is ") and "check its coordinates" in note for note in found["notes"]
    )
    assert sum(len(n["practices"]) for n in found["networks"]) == 7


def test_membership_is_written_from_a_day_and_the_months_before_keep_theirs(
    practices: Path, tmp_path: Path
) -> None:
    contact = {
        "patient_id": "p1",
        "staff_id": "s1",
        "practice_id": "C",
        "start_time": "2024-01-08T09:00",
        "status": "attended",
    }
    store = stores.build_store(
        tmp_path / "world",
        {
            "appointments": [contact],
            "practices": [{"practice_id": row[0], "network_id": row[5]} for row in ROWS],
            "networks": [
                {"network_id": name, "name": name, "kind": "pcn", "parent_id": "X"}
                for name in ("N1", "N2")
            ],
            "network_members": [
                {"network_id": "N2", "practice_id": "D", "from_date": "2023-04-01"}
            ],
        },
    )
    ran = hamlets(
        "networks", "form", "--practices", practices, "--networks", 2, "--store", store,
        "--from", "2024-07-01",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "5 practices stay in their network and 1 begin in another" in ran.out
    with package.open_store(store) as opened:
        found = read_membership(opened)
        names = opened.table("practices").to_pylist()

    before, after = found.on(date(2024, 6, 30)), found.on(date(2024, 7, 1))
    assert before["C"] == "N2"
    assert after["C"] == "N1"
    assert {code: after[code] for code in "ABDEF"} == {code: before[code] for code in "ABDEF"}
    assert not found.undated & {"C"}
    assert len(names) == 6
    # the same again changes nothing
    again = hamlets(
        "networks", "form", "--practices", practices, "--networks", 2, "--store", store,
        "--from", "2024-07-01",
    )  # fmt: skip
    assert "6 practices stay in their network and 0 begin in another" in again.out


def test_a_new_network_lies_in_the_borough_of_its_practices(
    practices: Path, tmp_path: Path
) -> None:
    store = stores.build_store(
        tmp_path / "world",
        {
            "practices": [{"practice_id": row[0], "network_id": row[5]} for row in ROWS],
            "networks": [
                {"network_id": name, "name": name, "kind": "pcn", "parent_id": "X"}
                for name in ("N1", "N2")
            ],
        },
    )
    more = ("--tolerance", 60, "--store", store, "--from", "2024-07-01")
    ran = hamlets("networks", "form", "--practices", practices, "--networks", 3, *more)
    assert ran.code == 0, ran.err
    with package.open_store(store) as opened:
        rows = {row["network_id"]: row for row in opened.table("networks").to_pylist()}

    assert set(rows) == {"N1", "N2", "N01"}
    assert {row["parent_id"] for row in rows.values()} == {"X"}


def test_a_store_is_made_where_there_is_none(practices: Path, tmp_path: Path) -> None:
    store = tmp_path / "new"
    ran = hamlets(
        "networks", "form", "--practices", practices, "--networks", 2, "--store", store,
        "--from", "2024-07-01",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    with package.open_store(store) as opened:
        assert len(read_membership(opened).on(date(2024, 7, 1))) == 6
        assert read_membership(opened).on(date(2024, 6, 30)) == {}


@pytest.mark.shared
def test_tower_hamlets_is_proven_and_nearer_and_more_even_than_now() -> None:
    if not TOWER_HAMLETS.exists():
        pytest.skip("the folder shared/data is not here")
    found = form(TOWER_HAMLETS, "--networks", 7)
    beside = found["comparison"]

    assert (found["gap"], len(found["networks"])) == (0.0, 7)
    assert found["value"] == pytest.approx(182_638.34, abs=0.01)
    assert beside["present"]["travel_km"] == pytest.approx(212_365.04, abs=0.01)
    assert beside["adjusted_rand"] == pytest.approx(0.5561, abs=1e-4)
    assert (beside["staying"], beside["practices"]) == (23, 30)
    mean = 391_184 / 7
    assert all(0.7 * mean <= each["population"] <= 1.3 * mean for each in found["networks"])

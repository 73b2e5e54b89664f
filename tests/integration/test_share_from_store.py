"""``hamlets networks share --store``: spare time from the rota, needs from lists and standards."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.networks.sharing import share, travel_by
from hamlets.networks.sharing.from_store import WEEKS, places, rota_asked
from hamlets.records import Store, open_store
from tests.inside import hamlets, refused

ROLE = "pharmacist"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("share") / "store"
    options = ["--practices", 5, "--patients", 12_000, "--months", 6, "--seed", 3]
    assert hamlets("synth", "--store", path, *options).code == 0
    return path


def sessions_a_week(store: Store, role: str) -> dict[str, Fraction]:
    """Return half-days a week by practice, counted row by row."""
    last = store.last_counted_day
    assert last is not None
    staff = {r["staff_id"] for r in store.table("staff").to_pylist() if r["role"] == role}
    seen = {
        (r["practice_id"], r["staff_id"], r["start_time"].date(), part(r["start_time"]))
        for r in store.table("sessions").to_pylist()
        if r["staff_id"] in staff and last - timedelta(weeks=WEEKS) < r["start_time"].date() <= last
    }
    return {code: Fraction(n, WEEKS) for code, n in Counter(key[0] for key in seen).items()}


def part(moment: object) -> int:
    clock = str(moment).split(" ")[1]
    return (clock >= "13:00") + (clock >= "18:30")


def test_expected_work_is_the_rota_shared_by_list_size(folder: Path) -> None:
    with open_store(folder) as store:
        asked = rota_asked(store, ROLE)
        worked = sessions_a_week(store, ROLE)
        lists = {
            row["practice_id"]: row["list_size"]
            for row in store.table("practices").to_pylist()
            if row["list_size"]
        }
    worked = {code: worked.get(code, Fraction()) for code in lists}
    total = sum(worked.values(), Fraction())
    expected = {code: total * size / sum(lists.values()) for code, size in lists.items()}
    assert {n.practice_id: n.amount for n in asked.needs} == {
        code: expected[code] - worked[code] for code in lists if expected[code] > worked[code]
    }
    offered = Counter(offer.practice_id for offer in asked.offers)
    for code in lists:
        assert offered[code] <= max(0, worked[code] - expected[code])
    # a person's half-day is offered once, and nobody has been asked yet
    keys = [(o.staff_id, o.slot.weekday, o.slot.half) for o in asked.offers]
    assert len(set(keys)) == len(keys)
    assert {offer.consent for offer in asked.offers} <= {"ask"}


def test_the_command_plans_from_a_store(folder: Path) -> None:
    with open_store(folder) as store:
        asked = rota_asked(store, ROLE)
        plan = share(asked, travel_by(places(store), {}))
    made = hamlets("networks", "share", "--store", folder, "--role", ROLE, "--format", "json").json
    assert [m["staff_id"] for m in made["moves"]] == [m.staff_id for m in plan.moves]
    assert made["km"] == pytest.approx(plan.km, abs=0.01)


def test_needs_of_a_standard_come_from_the_records(folder: Path) -> None:
    options = ["--indicator", "diabetes_care_plan", "--patients-per-session", 10, "--weeks", 4]
    made = hamlets(
        "networks", "share", "--store", folder, "--role", ROLE, *options, "--format", "json"
    ).json
    for need in made["needs"]:
        assert need["needed"] == pytest.approx(need["patients"] / 40)
    assert {row["practice_id"] for row in made["next_day"]} == {
        need["practice_id"] for need in made["needs"]
    }
    counted = hamlets(
        "networks", "indicators", "--store", folder, "--indicator", "diabetes_care_plan",
        "--by", "practice", "--format", "json",
    ).json  # fmt: skip
    outstanding = {
        row["practice_id"]: row["denominator"] - row["numerator"]
        for row in counted["rows"]
        if row["level"] == "practice"
    }
    assert {n["practice_id"]: n["patients"] for n in made["needs"]} == outstanding


def test_what_a_store_has_not_is_told(folder: Path) -> None:
    with open_store(folder) as store:
        with pytest.raises(UnknownPlaceError, match="no network EX-N99"):
            rota_asked(store, ROLE, "EX-N99")
        with pytest.raises(NothingToMeasureError, match="Nobody of the role"):
            rota_asked(store, "social_worker")
    options = ["--indicator", "diabetes_care_plan"]
    err = refused(2, "networks", "share", "--store", folder, *options).err
    assert "Add --patients-per-session" in err

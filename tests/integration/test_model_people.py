"""A team model may name somebody by any id that the staff list has for them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from hamlets.records import open_store
from hamlets.teams.gathering import gather
from hamlets.teams.model import make_model
from hamlets.teams.persons import find_label, with_labels
from hamlets.teams.plans.storing import read_plan
from tests.inside import hamlets, refused
from tests.oracles.stores import build_store
from tests.oracles.villages import PLACE, Village

OLD, NEW = "A-REGISTRAR", "D1"
GONE = "GONE-1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = Village().tables()
    for row in tables["staff"]:
        row["person_id"] = f"PERSON-{row['staff_id']}"
    tables["staff"].append(
        {
            "staff_id": OLD, "practice_id": PLACE, "person_id": f"PERSON-{NEW}",
            "name": "Dr Example-D1", "role": "gp_registrar",
            "start_date": date(2016, 1, 1), "end_date": date(2019, 1, 1),
        }
    )  # fmt: skip
    tables["staff"] += [
        {
            "staff_id": f"GONE-{number}", "practice_id": PLACE, "person_id": "PERSON-GONE",
            "name": "Dr Example-Gone", "role": "gp_salaried",
            "start_date": date(2010 + number, 1, 1), "end_date": date(2011 + number, 1, 1),
        }
        for number in (1, 2)
    ]  # fmt: skip
    return build_store(tmp_path_factory.mktemp("people"), tables)


def design(store: Path, folder: Path, model: str) -> list[list[str]]:
    path = folder / "model.toml"
    path.write_text(model)
    ran = hamlets(
        "teams", "design", "--store", store, "--no-compare", "--no-backtest",
        "--model", path, "--format", "json",
    )  # fmt: skip
    assert ran.code == 0, ran
    stored = read_plan(store, ran.json["plan_id"])
    assert stored.model.must_link == ((find_label_in(store, NEW), find_label_in(store, "D2")),)
    return sorted(sorted(team["members"]) for team in ran.json["teams"])


def find_label_in(store: Path, staff_id: str) -> str:
    with open_store(store) as opened:
        return find_label(opened, staff_id)


def test_both_ids_are_one_person(store: Path, tmp_path: Path) -> None:
    shown = find_label_in(store, NEW)
    assert shown == find_label_in(store, OLD) == f"PERSON-{NEW}"
    assert find_label_in(store, "NOBODY") == "NOBODY"
    by_id = {
        name: design(store, tmp_path, f'must_link = [["{name}", "D2"]]') for name in (OLD, NEW)
    }
    assert by_id[OLD] == by_id[NEW]
    assert any({shown, "D2"} <= set(team) for team in by_id[OLD])


def test_every_key_with_people_is_looked_up(store: Path) -> None:
    model = make_model(
        {
            "must_link": [[OLD, "D2"]],
            "cannot_link": [[NEW, "D3"], ["D4", "D5"]],
            "leads": [OLD, NEW, "D2"],
            "taking_part": ["D2", NEW],
        }
    )
    with open_store(store) as opened:
        inputs = gather(opened, PLACE)
        found = with_labels(opened, model, inputs)
        assert with_labels(opened, found, inputs) == found
    assert found == make_model(
        {
            "must_link": [["PERSON-D1", "D2"]],
            "cannot_link": [["PERSON-D1", "D3"], ["D4", "D5"]],
            "leads": ["PERSON-D1", "D2"],
            "taking_part": ["D2", "PERSON-D1"],
        }
    )


def test_one_person_is_not_two(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(f'cannot_link = [["{OLD}", "{NEW}"]]')
    ran = refused(2, "teams", "design", "--store", store, "--model", path)
    assert "are of one person" in ran.err and OLD in ran.err


@pytest.mark.parametrize("name", ["NOBODY", GONE])
def test_who_is_not_there_is_called_as_written(store: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.toml"
    path.write_text(f'leads = ["{name}"]')
    ran = refused(8, "teams", "design", "--store", store, "--model", path, "--format", "json")
    assert f'"{name}" in leads' in json.loads(ran.err)["message"]
    hint = json.loads(ran.err)["hint"]
    assert hint.index("D6") < hint.index("N1"), hint

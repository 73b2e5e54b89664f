"""Measures at several levels in one question: ``slicc,slicc_team``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hamlets.continuity.conventions import read_question
from hamlets.continuity.definitions import MEASURES
from tests.inside import hamlets
from tests.oracles.plans import records
from tests.oracles.stores import build_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("levels"), records())


def measured(store: Path, *more: str) -> list[dict[str, Any]]:
    return hamlets("measure", "--store", store, *more, "--format", "json").json


def test_own_gp_and_own_team_are_two_rows(store: Path) -> None:
    both = measured(store, "--measures", "slicc,slicc_team")
    (own,) = measured(store, "--measures", "slicc")
    (team,) = measured(store, "--measures", "slicc_team")
    assert both == [own, team]
    assert (own["level"], team["level"]) == ("clinician", "team")
    assert own["value"] < team["value"]
    text = hamlets("measure", "--store", store, "--measures", "slicc,slicc_team").out
    first, second = text.splitlines()[1:3]
    assert first.startswith("slicc ") and "Seen by own GP" in first
    assert second.startswith("slicc_team") and "Seen by own team" in second


@pytest.mark.parametrize(
    ("measures", "level", "found"),
    [
        ("upc_team,slicc", "clinician", {("slicc", "clinician"), ("upc", "team")}),
        ("slicc,slicc_team", "team", {("slicc", "team")}),
        (
            "upc,slicc_team",
            "clinician,practice",
            {("upc", "clinician"), ("upc", "practice"), ("slicc", "team")},
        ),
        ("slicc", "all", {("slicc", "clinician"), ("slicc", "team"), ("slicc", "practice")}),
    ],
)
def test_each_measure_is_at_its_own_level(
    store: Path, measures: str, level: str, found: set[tuple[str, str]]
) -> None:
    rows = measured(store, "--measures", measures, "--level", level)
    assert {(row["measure"], row["level"]) for row in rows} == found
    assert len(rows) == len(found)


def test_patients_have_a_column_for_each_measure_and_level(store: Path) -> None:
    rows = measured(store, "--measures", "upc,coc_team", "--by", "patient")
    assert set(rows[0]) >= {"upc_clinician", "coc_team"}
    assert not {"upc_team", "coc_clinician"} & set(rows[0])


def test_all_stands_for_every_measure_beside_one_at_another_level() -> None:
    question = read_question("all,upc_team", "clinician", "all")
    assert question.at("clinician") == tuple(MEASURES)
    assert question.at("team") == ("upc",)

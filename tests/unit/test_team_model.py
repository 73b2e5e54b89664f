"""The team model file: defaults, every key, and a sentence for each thing that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from oracles.practices import practice

from hamlets.errors import HamletsError, SourceError, UnknownPlaceError, UsageError
from hamlets.teams.model import KEYS, TeamModel, check_model, make_model, read_model

WHOLE = """
approach = "cohort"
team_gps = [2, 3]
roles = { nurse = 1, pharmacist = 0 }
shared = ["pharmacist"]
cover = "half_day"
cover_gps = 2
cover_except = ["Wednesday afternoon"]
band_percent = 4
list_band_percent = 12
taking_part = ["S001", "S002", "S003", "S004"]
must_link = [["S001", "S002"]]
cannot_link = [["S001", "S003"]]
leads = ["S001", "S003"]
one_site = true
languages = { Bengali = 1 }
skills = { minor_surgery = 1 }
team_sessions = [6, 30]
households = false
disruption_percent = 10.5
own_gp_percent = 1
cohort = "frequent_attender"
time_limit_seconds = 20
seed = 7
"""


def test_a_file_with_every_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(WHOLE, encoding="utf-8")

    model = read_model(path)

    assert all(f"\n{key} =" in WHOLE for key in KEYS)
    assert model.team_gps == (2, 3)
    assert model.needed == {"nurse": 1}
    assert model.must_link == (("S001", "S002"),)
    assert model.band_percent == 4.0
    check_model(model, practice(1, 6, 5))


def test_an_empty_file_is_the_default_model(tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text("", encoding="utf-8")

    assert read_model(path) == TeamModel()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("team_gp = [2, 4]", "team_gp"),
        ("team_gps = [4, 2]", "4"),
        ("team_gps = 3", "[2, 4]"),
        ("team_gps = [true, 4]", "[2, 4]"),
        ("roles = { gp_partner = 1 }", "team_gps"),
        ("roles = { nurze = 1 }", "nurze"),
        ("roles = { nurse = 1.5 }", "nurse"),
        ("roles = 1", "table"),
        ('shared = ["surgeon"]', "surgeon"),
        ('approach = "best"', "whole_list"),
        ('approach = "cohort"', "cohort"),
        ('cover = "daily"', "weekday"),
        ("cover_gps = 0", "1 to 20"),
        ('cover_except = ["Sunday"]', "Wednesday afternoon"),
        ("band_percent = true", "per cent"),
        ("band_percent = nan", "per cent"),
        ("disruption_percent = 120", "120"),
        ('must_link = ["S1", "S2"]', "groups"),
        ('must_link = [["S1", "S1"]]', "different"),
        ("leads = []", "names"),
        ('one_site = "yes"', "true or false"),
        ("team_sessions = [30, 6]", "fewest"),
        ("time_limit_seconds = 0", "seconds"),
        ("seed = -1", "seed"),
        ("team_gps = [2", "Mend"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "model.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SourceError) as error:
        read_model(path)

    assert words in f"{error.value.message} {error.value.hint}"
    assert error.value.message.endswith(".")
    assert error.value.where == "model.toml"


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.toml").write_bytes(b"\xff\xd8\xff\xe0")

    for name in ("none.toml", "photo.toml"):
        with pytest.raises(SourceError):
            read_model(tmp_path / name)


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        (make_model({"must_link": [["S001", "S999"]]}), UnknownPlaceError, "S999"),
        (make_model({"cannot_link": [["X", "S001"]]}), UnknownPlaceError, '"X"'),
        (make_model({"leads": ["Z"]}), UnknownPlaceError, "leads"),
        (make_model({"leads": ["S007"]}), UsageError, "GP"),
        (make_model({"approach": "cohort", "cohort": "tall"}), UsageError, "tall"),
    ],
)
def test_names_that_the_practice_has_not_are_refused(
    model: TeamModel, kind: type[HamletsError], words: str
) -> None:
    with pytest.raises(kind) as error:
        check_model(model, practice(1, 6, 5))

    assert words in error.value.message
    assert error.value.hint

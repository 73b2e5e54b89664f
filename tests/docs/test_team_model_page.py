"""The page of the team model says what the code reads: keys, defaults, limits, examples."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import SourceError
from hamlets.teams.model import APPROACHES, COVERS, KEYS, TeamModel, make_model

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "team-model.md").read_text("utf-8")
ROW = re.compile(
    r"^\| `(?P<key>\w+)` \| (?P<asks>.+?) \| (?P<default>.+?) \| (?P<values>.+?) \|$", re.M
)
ROWS = {row["key"]: row for row in ROW.finditer(PAGE.split("## Every key")[1].split("\n## ")[0])}
EXAMPLES = tomllib.loads(PAGE.split("<!-- examples -->")[1].split("```")[1].removeprefix("toml"))
WORDS = {
    "approach": APPROACHES,
    "cover": COVERS,
    "one_site": ("true", "false"),
    "households": ("true", "false"),
}
LIMITS = {
    key: tuple(float(end) for end in found.groups())
    for key, row in ROWS.items()
    if (found := re.search(r"([\d.]+) to ([\d.]+)$", row["values"]))
}
UNIT_OF = {
    "cover_gps": "GPs", "band_percent": "per cent", "list_band_percent": "per cent",
    "disruption_percent": "per cent", "own_gp_percent": "per cent",
    "time_limit_seconds": "seconds", "seed": "the random seed",
}  # fmt: skip


def model_of(key: str, value: object) -> TeamModel:
    """Return the model of one key, with what that key cannot be without."""
    data: dict[str, object] = {key: value}
    if value == "cohort":
        data["cohort"] = "housebound"
    return make_model(data)


def test_every_key_has_a_row_and_an_example_in_order() -> None:
    assert tuple(ROWS) == KEYS
    assert tuple(EXAMPLES) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_a_default_is_the_model_s(key: str) -> None:
    shown, default = ROWS[key]["default"], getattr(TeamModel(), key)
    if shown.startswith("`"):
        written = tomllib.loads(f"value = {shown.strip('`')}")["value"]
        assert model_of(key, written) == TeamModel()
    else:
        assert default in (None, (), {}), shown


@pytest.mark.parametrize("key", KEYS)
def test_an_example_is_read_and_differs_from_the_default(key: str) -> None:
    assert getattr(model_of(key, EXAMPLES[key]), key) != getattr(TeamModel(), key)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_the_words_are_all_the_words(key: str) -> None:
    words = ROWS[key]["values"].split(", ")
    assert tuple(words) == tuple(WORDS[key])
    for word in words:
        model_of(key, {"true": True, "false": False}.get(word, word))


def inside(key: str, number: float) -> object:
    """Return a value of the key in which the number stands."""
    whole = int(number) if number == int(number) else number
    example = EXAMPLES[key]
    if isinstance(example, Mapping):
        return dict.fromkeys(example, whole)
    if isinstance(example, list):
        return [whole, whole]
    return whole


@pytest.mark.parametrize("key", sorted(LIMITS))
def test_limits_are_where_the_page_has_them(key: str) -> None:
    for end, beyond in zip(LIMITS[key], (-1, 1), strict=True):
        model_of(key, inside(key, end))
        with pytest.raises(SourceError) as refused:
            model_of(key, inside(key, end + beyond))
        if key in UNIT_OF:
            assert UNIT_OF[key] in (refused.value.hint or "")
            assert UNIT_OF[key] in ROWS[key]["values"]


def test_every_number_has_limits() -> None:
    def has_number(value: Any) -> bool:
        parts = (
            value.values()
            if isinstance(value, Mapping)
            else value
            if isinstance(value, list)
            else [value]
        )
        return any(isinstance(each, int | float) and not isinstance(each, bool) for each in parts)

    assert set(LIMITS) == {key for key, value in EXAMPLES.items() if has_number(value)}


def test_the_approaches_are_explained_with_their_sizes() -> None:
    part = PAGE.split("## Approaches")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)`", part, re.M)) == APPROACHES
    for approach, size in (("buddies", (2, 3)), ("personal_lists", (1, 1))):
        assert make_model({"approach": approach}).gp_bounds == size

"""Presets of the worklist: what a file may say, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from hamlets.continuity.cohorts import COHORTS
from hamlets.errors import SourceError, UsageError
from hamlets.teams.worklists.presets import (
    chosen_presets,
    make_presets,
    match,
    read_presets,
    shipped_presets,
    shipped_text,
)
from tests.oracles.worklists import random_book

HEAD = """[mine]
title = "Mine"
authored_by = "A. Example"
checked_by = "not yet"
date_next_review = 2031-12-31
"""
GOOD = HEAD + "[[mine.when]]\naged_from = 40\naged_to = 84\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "presets.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_presets_say_who_wrote_them_and_when_to_look_again() -> None:
    presets = shipped_presets()
    assert [preset.name for preset in presets] == [
        "end_of_life", "frailty", "housebound", "conditions_5_plus", "new_cancer",
        "persistent_frequent_attender",
    ]  # fmt: skip
    for preset in presets:
        assert preset.authored_by and preset.checked_by == "not yet"
        assert preset.date_next_review > date(2026, 1, 1)
        assert all(block.cohort in {None, *COHORTS} for block in preset.when)
    assert [preset.name for preset in presets if preset.proxy] == ["frailty"]


def test_a_file_is_read_as_it_stands_whoever_saved_it(tmp_path: Path) -> None:
    (preset,) = read_presets(written(tmp_path, "\ufeff" + GOOD))
    assert (preset.name, preset.title, preset.date_next_review) == (
        "mine", "Mine", date(2031, 12, 31)
    )  # fmt: skip
    assert preset.when[0].aged_from == 40
    assert read_presets(written(tmp_path, shipped_text())) == shipped_presets()


def test_all_of_a_block_holds_and_one_block_is_enough() -> None:
    book = random_book(8)
    people = book.patients
    contacts = np.arange(people.size) % 5
    text = HEAD + (
        "[[mine.when]]\naged_from = 40\naged_to = 84\nconditions_to = 3\n"
        '[[mine.when]]\ncohort = "end_of_life"\ncontacts_from = 2\ncontacts_to = 3\n'
        '[[mine.when]]\nregisters = ["No such", "Frailty"]\nconditions_from = 6\n'
    )
    (preset,) = make_presets(tomllib.loads(text), "presets.toml")
    wanted = [
        (40 <= people.age[p] <= 84 and people.conditions[p] <= 3)
        or (people.cohorts["end_of_life"][p] and 2 <= contacts[p] <= 3)
        or (people.registers["frailty"][p] and people.conditions[p] >= 6)
        for p in range(people.size)
    ]
    assert any(wanted) and not all(wanted)
    assert match(preset, people, contacts).patients.tolist() == wanted


def test_an_age_that_is_not_known_is_in_no_range() -> None:
    people = random_book(8).patients
    assert (people.age == -1).any() and (people.age >= 0).any()
    (preset,) = make_presets(tomllib.loads(HEAD + "[[mine.when]]\naged_to = 120\n"), "x")
    found = match(preset, people, np.zeros(people.size, dtype=np.int64))
    assert found.patients.tolist() == (people.age >= 0).tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "A file holds 1 to 100 presets; this one has 0."),
        ("\n".join(GOOD.replace("mine", f"m{n}") for n in range(101)), "this one has 101"),
        ("mine = 3", "mine is not a table."),
        (GOOD.replace("mine", "Mine"), "'Mine' cannot be the name"),
        (GOOD.replace("mine", "all"), "'all' cannot be the name"),
        (GOOD + "[other]\nwhen = []\n", "other has no title."),
        (GOOD.replace("title", "titel"), "mine has a key 'titel'"),
        (GOOD.replace('"Mine"', "5"), "mine: title is not a text"),
        (GOOD.replace('"Mine"', '"  "'), "mine: title is not a text"),
        (GOOD.replace("2031-12-31", '"soon"'), "mine: date_next_review is not a day."),
        (GOOD.replace("2031-12-31", "2031-12-31T00:00:00"), "date_next_review is not a day."),
        (HEAD, "mine has no [[mine.when]]."),
        (HEAD + "when = 5\n", "mine: when is no list of tables."),
        (HEAD + "when = []\n", "mine: when is no list of tables."),
        (HEAD + "when = [5]\n", "mine.when says nothing."),
        (HEAD + "[[mine.when]]\n", "mine.when says nothing."),
        (HEAD + "[[mine.when]]\nage = 5\n", "mine.when has a key 'age'"),
        (HEAD + "[[mine.when]]\naged_from = '5'\n", "mine.when: aged_from is not a whole number"),
        (HEAD + "[[mine.when]]\naged_from = true\n", "aged_from is not a whole number"),
        (HEAD + "[[mine.when]]\naged_from = 5.0\n", "aged_from is not a whole number"),
        (HEAD + "[[mine.when]]\naged_from = -1\n", "aged_from is not a whole number"),
        (HEAD + "[[mine.when]]\naged_from = 9\naged_to = 8\n", "aged_from is above aged_to."),
        (HEAD + "[[mine.when]]\ncohort = 'mine'\n", "cohort is none that is known."),
        (HEAD + "[[mine.when]]\ncohort = ['end_of_life']\n", "cohort is none that is known."),
        (HEAD + "[[mine.when]]\nregisters = 'frailty'\n", "registers is not a list of names."),
        (HEAD + "[[mine.when]]\nregisters = ['a', 5]\n", "registers is not a list of names."),
        (HEAD + "[[mine.when]]\nregisters = []\n", "registers is not a list of names."),
        (GOOD + "[[mine.otherwise]]\naged_from = 5\n", "otherwise and proxy belong together."),
        ("proxy = 'x'\n" + GOOD, "proxy is not a table."),
        ("[mine\n", "The presets cannot be read as TOML."),
        ("a = " + "[" * 5000 + "]" * 5000, "The presets cannot be read as TOML."),
        ("# " + "x" * 2**18 + "\n" + GOOD, "The file is too large to be one of presets."),
    ],
)
def test_a_wrong_file_is_said_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_presets(written(tmp_path, text))
    assert message in caught.value.message
    assert caught.value.message.endswith(".")
    assert (caught.value.where, bool(caught.value.hint)) == ("presets.toml", True)


def test_what_is_no_text_file_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SourceError, match="There is no such file of presets"):
            read_presets(path)
    (tmp_path / "latin.toml").write_bytes(b'[mine]\ntitle = "caf\xe9"\n')
    with pytest.raises(SourceError) as caught:
        read_presets(tmp_path / "latin.toml")
    assert caught.value.hint == "Save it as UTF-8 text."


def test_presets_are_chosen_by_name() -> None:
    presets = shipped_presets()
    assert chosen_presets(presets, "all") == presets
    names = [preset.name for preset in chosen_presets(presets, " frailty ,end_of_life,frailty")]
    assert names == ["frailty", "end_of_life"]
    with pytest.raises(UsageError) as caught:
        chosen_presets(presets, "frailty,nobody")
    assert caught.value.message == "There is no preset 'nobody'."
    assert "end_of_life, frailty, housebound" in str(caught.value.hint)
    with pytest.raises(UsageError, match="No preset is named"):
        chosen_presets(presets, " , ")

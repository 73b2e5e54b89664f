"""Finding patients by what people type: the labels are the store's own, and nobody else's show."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hamlets.records import load, open_store
from hamlets.records.store.finding import PatientFinder, head, named_like, plain
from tests.fixtures.reception_site import BORN, NUMBERS, OTHERS, world
from tests.oracles.stores import build_store, write_csv
from tests.oracles.worlds import random_world


@pytest.mark.parametrize("identifiable", [True, False])
def test_every_label_is_the_stores_own_and_leads_back(tmp_path: Path, identifiable: bool) -> None:
    """Also of patients of two sources that use the same ids, and of those with a number."""
    for n, source in enumerate(("one", "two")):
        tables = random_world(Random(n), patients=12, practices=2)
        for i, row in enumerate(tables["patients"]):
            row["nhs_number"] = list(NUMBERS.values())[i] if i % 3 == n else None
        folder = write_csv(tables, tmp_path / source)
        load([folder], tmp_path / "store", identifiable=identifiable, source_name=source,
             refuse_limit=5.0)  # fmt: skip
    with open_store(tmp_path / "store") as store:
        finder = PatientFinder(store)
        labels = store.labels("patient")
        assert len(set(labels)) > 16
        if identifiable:
            assert any(label.startswith("one:") for label in labels)
        # a label that stands for nobody any more belongs to a patient who was merged
        held = {
            int(code)
            for home in store.group_practices()
            for code in store.read_group("patients", home, ["patient"])
            .column("patient")
            .to_pylist()
        }
        for code in held:
            assert finder.label(code) == labels[code]
            assert finder.by_label(labels[code]) == code
        assert finder.labels(held) == {code: labels[code] for code in held}
        for nobody in ("", "made-up", "one:made-up", "x" * 5000, "'", "\x00"):
            assert finder.by_label(nobody) is None


@pytest.mark.parametrize("identifiable", [True, False])
def test_a_number_finds_its_patient_in_the_practice_alone(
    tmp_path: Path, identifiable: bool
) -> None:
    with open_store(build_store(tmp_path, world(), identifiable=identifiable)) as store:
        finder = PatientFinder(store)
        homes = [store.labels("practice").index(code) for code in ("EX001", "EX002")]
        assert finder.reads_numbers
        for number, at in ((NUMBERS["in"], 0), (OTHERS, 1)):
            code = finder.by_number(number)
            assert code is not None
            found = [head(store, finder, home, code) for home in homes]
            assert found[1 - at] is None
            mine = found[at]
            assert mine is not None
            assert mine.nhs_number == (number if identifiable else "")
            assert (mine.birth_year, bool(mine.name)) == (1950, identifiable)
        assert head(store, finder, -1, finder.by_number(OTHERS) or 0) is None
        for wrong in ("", "999", "9990000019", "9999999999"):
            assert finder.by_number(wrong) is None


def test_names_are_compared_without_capitals_accents_and_hyphens(tmp_path: Path) -> None:
    names = ("Zoë Example-Ash", "O'Example Pat", "PAT EXAMPLE ALMOND", "Pat")
    tables = world()
    rows: list[dict[str, Any]] = [
        {**tables["patients"][i], "name": name} for i, name in enumerate(names)
    ]
    rows[3]["birth_date"] = date(1950, 1, 2)
    with open_store(build_store(tmp_path, {**tables, "patients": rows}, identifiable=True)) as s:
        finder = PatientFinder(s)
        home = s.labels("practice").index("EX001")

        def found(words: str) -> set[str]:
            return {one.name for one in named_like(s, finder, home, words, BORN, 10)}

        assert found("zoe") == found("ZOË ash") == {names[0]}
        assert found("oexample") == found("O\u2019Ex") == {names[1]}
        assert found("pat") == {names[1], names[2]}
        assert found("example-almond") == {names[2]}
        assert found("lmond") == found("pat zoe") == found("--") == found("") == set()
        assert named_like(s, finder, -1, "pat", BORN, 10) == []
    assert plain("Élan-Vital  O'Neill") == "elan vital  oneill"


def test_a_store_of_codes_has_no_names_to_search(tmp_path: Path) -> None:
    with open_store(build_store(tmp_path, world())) as store, pytest.raises(ValueError, match="no"):
        named_like(store, PatientFinder(store), 0, "pat", BORN, 10)

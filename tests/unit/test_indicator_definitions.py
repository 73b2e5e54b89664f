"""Definitions of indicators: those shipped are sound, and every fault has its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hamlets.errors import SourceError, UnknownPlaceError
from hamlets.networks.indicators import check_definition, chosen, definitions, shipped
from hamlets.networks.indicators.definition import DefinitionError, read_definition

TODAY = date(2026, 11, 1)
SOUND = """\
id: review
version: 1
title: A review
meaning: Of 100 people on the register, how many had a review in the last 12 months.
package: cvd
unit: percent
direction: higher
window: {months: 12}
target: 80.5
source: Our own contract
authored_by: Dr Example-Ash
checked_by: Dr Example-Birch
next_review: "2027-03-31"
codes:
  review:
    codes: ["EX-OBS-REVIEW"]
    source: Our own list
populations:
  initial_population: |
    SELECT DISTINCT patient_id
    FROM patients JOIN conditions USING (patient_id)
    WHERE registered AND register = 'stroke'
  numerator: |
    SELECT DISTINCT patient_id
    FROM denominator JOIN observations USING (patient_id)
    WHERE code IN (SELECT code FROM codes WHERE list = 'review')
      AND date BETWEEN $window_start AND $period_end
"""

NAMED = (
    "diabetes_care_plan", "diabetes_retinal_screening", "diabetes_bp_cholesterol",
    "copd_care_plan", "copd_rehabilitation", "flu_vaccination", "hypertension_bp", "cvd_statin",
    "mmr_by_2", "end_of_life_plan", "alcohol_advice", "smoking_status", "obesity_register",
    "avoidable_admissions", "ae_attendances", "outpatient_referrals", "delayed_discharges",
    "medication_review", "continuity_own_gp", "continuity_usual_gp",
)  # fmt: skip


def test_every_indicator_of_the_plan_is_shipped_with_its_standard() -> None:
    known = {one.id: one for one in shipped()}
    assert set(NAMED) <= set(known)
    standards = {name: known[name].info.target for name in NAMED[:3]} | {
        "mmr_by_2": known["mmr_by_2"].info.target
    }
    assert standards == {
        "diabetes_care_plan": 90, "diabetes_retinal_screening": 80, "diabetes_bp_cholesterol": 50,
        "mmr_by_2": 95,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["outpatient_referrals", "diabetes_bp_cholesterol", "mmr_by_2"])
def test_shipped_definitions_pass_their_own_check(name: str) -> None:
    import hamlets.networks.indicators as room

    folder = Path(str(room.__file__)).parent / "shipped"
    checked = check_definition(folder / f"{name}.yaml", TODAY)
    assert checked.sound
    assert checked.denominator and checked.numerator
    assert set(checked.remarks) <= {"Nobody but its author has checked the definition yet."}


def written(folder: Path, text: str) -> Path:
    path = folder / "review.yaml"
    path.write_text(text)
    return path


def test_a_sound_definition(tmp_path: Path) -> None:
    checked = check_definition(written(tmp_path, SOUND), TODAY)
    assert (checked.faults, checked.remarks) == ((), ())
    assert checked.denominator is not None and checked.numerator is not None
    assert 0 < checked.numerator < checked.denominator
    assert str(read_definition(SOUND, "x").info.target) == "80.5"


FAULTS = [
    ("title: A review\n", "", "`title` is missing.", 1),
    ("package: cvd", "package: hearts", "`package` must be one of: diabetes,", 5),
    ("unit: percent", "unit: percent\ncolour: red", "`colour` is no key of a definition.", 7),
    ("version: 1", "version: one", "`version` must be a whole number.", 2),
    ('"2027-03-31"', '"2027-02-31"', "`next_review` must be a day", 13),
    ("target: 80.5", "target: 105", "`target` is a share of 100", 9),
    ("id: review", "id: review\nid: again", "stands here a second time", 2),
    ("  numerator: |", "  numerators: |", "`numerators` is no key", 23),
    ("list = 'review'", "list = 'review", "numerator: This SQL cannot be read", 26),
    ("JOIN observations", "JOIN staff", "numerator: The table `staff` is not open", 25),
    ("SELECT DISTINCT patient_id\n    FROM denominator",
     "SELECT patient_id\n    FROM denominator", "rows name a patient a second time", 24),
    ("FROM denominator JOIN observations USING (patient_id)", "FROM observations",
     "are not in the denominator", 24),
    ("register = 'stroke'", "registre = 'stroke'",
     'initial_population: Referenced column "registre" not found', None),
    ("code IN (SELECT code FROM codes WHERE list = 'review')", "CAST(words || 'x' AS INT) = 1",
     "", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "sentence", "line"), FAULTS)
def test_each_fault_is_a_sentence_with_its_line(
    tmp_path: Path, old: str, new: str, sentence: str, line: int | None
) -> None:
    assert old in SOUND
    checked = check_definition(written(tmp_path, SOUND.replace(old, new, 1)), TODAY)
    if sentence:
        assert not checked.sound
        (fault, *_) = [f for f in checked.faults if sentence in f.message]
        assert line is None or fault.line == line


def test_remarks_do_not_stop_a_definition(tmp_path: Path) -> None:
    text = SOUND.replace("2027-03-31", "2020-03-31").replace("Dr Example-Birch", "nobody yet")
    checked = check_definition(written(tmp_path, text), TODAY)
    assert checked.sound
    assert len(checked.remarks) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "This is not YAML"),
        ("- one\n- two", "list of `key: value`"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("id: !!python/object/apply:os.system [ls]", "YAML"),
        ("", "list of `key: value`"),
    ],
)
def test_what_is_no_definition(text: str, sentence: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_definition(text, "x.yaml")
    assert sentence in caught.value.message


def test_a_place_may_put_its_own_in_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    text = SOUND.replace("id: review", "id: cvd_statin")
    path = written(tmp_path, text)
    assert definitions([path])["cvd_statin"].info.title == "A review"
    (tmp_path / "other.yaml").write_text(text)
    with pytest.raises(SourceError, match="Two files define `cvd_statin`"):
        definitions([tmp_path])
    with pytest.raises(UnknownPlaceError, match="no indicator called 'nix'"):
        chosen(definitions(), ["nix"])


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (1 << 21)])
def test_files_that_are_no_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(SourceError):
        check_definition(path, TODAY)
    with pytest.raises(SourceError):
        check_definition(tmp_path / "nowhere.yaml", TODAY)
    with pytest.raises(SourceError):
        check_definition(tmp_path, TODAY)

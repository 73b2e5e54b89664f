"""Scheme files: what is read, in TOML and YAML, and the sentence for each thing that is wrong."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from hamlets.errors import SourceError, UnknownPlaceError
from hamlets.networks.payment import Scheme, preset_names, preset_text, read_scheme

GOOD = """
scheme = "ours"
title = "Our standards"
shape = "retained_share"
average = "mean"
value = 384000.50
retained_percent = 30

[[conditions]]
indicator = "diabetes_care_plan"
target = 90.1
"""
POINTS = """
scheme = "ours"
title = "Points"
shape = "points"
average = "own"
value_per_point = 220.62
national_list = 9964

[[conditions]]
indicator = "VI001"
points = 18
lower = 89
upper = 96
"""


def read(tmp_path: Path, text: str, name: str = "ours.toml") -> Scheme:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_scheme(path)


def wrong(tmp_path: Path, text: str, name: str = "ours.toml") -> SourceError:
    with pytest.raises(SourceError) as raised:
        read(tmp_path, text, name)
    error = raised.value
    assert error.message.endswith(".")
    assert error.hint and error.where and error.where.startswith(name)
    return error


def test_numbers_stay_what_was_written(tmp_path: Path) -> None:
    scheme = read(tmp_path, GOOD)
    assert scheme.value == Fraction(Decimal("384000.50"))
    assert scheme.conditions[0].curve.height.upper == Fraction(901, 10)


def test_yaml_says_the_same(tmp_path: Path) -> None:
    text = (
        "scheme: ours\ntitle: Our standards\nshape: retained_share\naverage: mean\n"
        "value: 384000.50\nretained_percent: 30\n"
        "conditions:\n  - indicator: diabetes_care_plan\n    target: 90.1\n"
    )
    assert read(tmp_path, text, "ours.yaml") == read(tmp_path, GOOD)


def test_a_file_names_its_scheme_where_it_does_not(tmp_path: Path) -> None:
    made = read(tmp_path, GOOD.replace('scheme = "ours"\ntitle = "Our standards"\n', ""))
    assert (made.scheme_id, made.title) == ("ours", "ours")
    other = read(
        tmp_path, GOOD.replace("scheme =", "id =").replace("_percent = 30", "_share = 0.3")
    )
    assert (other.scheme_id, other.retained) == ("ours", Fraction(3, 10))


def test_a_missing_average_is_asked_for(tmp_path: Path) -> None:
    error = wrong(tmp_path, GOOD.replace('average = "mean"\n', ""))
    assert error.message == "The scheme does not say which average it pays on."
    assert error.hint and "mean" in error.hint and "pooled" in error.hint


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"mean"', '"median"', "The value of average in the scheme is not right."),
        ("value = 384000.50", "", "A scheme that keeps a share back needs either value or"),
        ("value = 384000.50", "value = -3", "The value of value in the scheme is not right."),
        ("retained_percent = 30", "retained_percent = 130", "The value of retained_percent in"),
        ("retained_percent = 30", "", "A scheme of shape retained_share needs retained_percent."),
        ("target = 90.1", "", "The condition on diabetes_care_plan needs either a target or"),
        ("target = 90.1", "target = 120", "The value of target in condition 1 is not right."),
        ("target = 90.1", "lower = 80", "The condition on diabetes_care_plan has one of two"),
        (
            "target = 90.1",
            "lower = 90\nupper = 80",
            "The condition on diabetes_care_plan has thresholds that overlap: lower is 90 and",
        ),
        (
            "target = 90.1",
            "lower = 80\nupper = 90\ntarget = 85",
            "The condition on diabetes_care_plan needs either a target or",
        ),
        ('indicator = "diabetes_care_plan"', "", "Condition 1 names no indicator."),
        ("target = 90.1", "tarket = 90", 'Condition 1 has a key "tarket" that there is none of.'),
        ('shape = "retained_share"\n', "", "The scheme has no shape."),
        ("retained_percent = 30", "retained_share = 30", "The value of retained_share in the"),
        ("scheme =", "skeme =", 'The scheme has a key "skeme" that there is none of.'),
        ('"mean"', '"own"', "A share that is kept back for a network cannot be paid on each"),
        ("target = 90.1", "target = 90\nimprovement = 3", "The condition on diabetes_care_plan:"),
        (
            "target = 90.1",
            "target = 90\nimprovement = { lower = 5, upper = 2 }",
            "The condition on diabetes_care_plan has thresholds of improvement that overlap.",
        ),
        ("value = 384000.50", 'value = "1e400"', "The value of value in the scheme is not right."),
        ("value = 384000.50", "value = nan", "The value of value in the scheme is not right."),
        ("average", "average =", "The scheme cannot be read as TOML."),
        ('title = "', 'extends = "qof-1999"\ntitle = "', "The scheme extends one that Hamlets"),
    ],
)
def test_what_is_wrong_is_a_sentence(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert before in GOOD
    assert wrong(tmp_path, GOOD.replace(before, after, 1)).message.startswith(message)


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ((80, 90), (85, 95), True),
        ((80, 90), (80, 90), True),
        ((80, 90), (82, 84), True),
        ((80, 90), (90, 95), False),
        ((90, 90), (90, 95), False),
    ],
)
def test_two_conditions_do_not_pay_for_the_same_stretch(
    tmp_path: Path, first: tuple[int, int], second: tuple[int, int], overlap: bool
) -> None:
    def block(span: tuple[int, int]) -> str:
        lower, upper = span
        ends = f"target = {lower}" if lower == upper else f"lower = {lower}\nupper = {upper}"
        return f'[[conditions]]\nindicator = "I"\n{ends}\n'

    text = GOOD[: GOOD.index("[[")] + block(first) + block(second)
    if overlap:
        assert (
            "Two conditions pay for I between the same thresholds" in wrong(tmp_path, text).message
        )
    else:
        assert len(read(tmp_path, text).conditions) == 2


def test_shares_of_conditions_add_up_to_100(tmp_path: Path) -> None:
    two = '[[conditions]]\nindicator = "I"\ntarget = 50\n'
    both = GOOD + "share_percent = 60\n" + two + "share_percent = 30\n"
    assert wrong(tmp_path, both).message == "The shares of the conditions add up to 90, not 100."
    some = GOOD + "share_percent = 60\n" + two
    assert wrong(tmp_path, some).message == "Only some of the conditions have a share_percent."
    right = read(tmp_path, GOOD + "share_percent = 60\n" + two + "share_percent = 40\n")
    assert [c.share for c in right.conditions] == [Fraction(3, 5), Fraction(2, 5)]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("points = 18", "", "The condition on VI001 says no points."),
        ("points = 18", "points = 18\nat_lower_points = 20", "The condition on VI001 gives more"),
        ("value_per_point = 220.62", "", "A scheme of shape points needs value_per_point."),
        ("national_list = 9964", "", "A scheme of shape points needs national_list."),
        ("national_list = 9964", "national_list = 0", "The value of national_list in the scheme"),
    ],
)
def test_points_need_their_values(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert wrong(tmp_path, POINTS.replace(before, after, 1)).message.startswith(message)


def test_a_step_and_a_line_together(tmp_path: Path) -> None:
    made = read(tmp_path, POINTS.replace("points = 18", "points = 18\nat_lower_points = 3"))
    curve = made.conditions[0].curve
    earned = [curve.earned(Fraction(p)) * 18 for p in ("88.9", "89", "92.5", "96", "99")]
    assert earned == [0, 3, Fraction("10.5"), 18, 18]


def test_a_line_may_fall(tmp_path: Path) -> None:
    made = read(tmp_path, POINTS.replace("lower = 89", 'direction = "lower"\nlower = 89'))
    curve = made.conditions[0].curve
    earned = [curve.earned(Fraction(p)) for p in (97, 96, "92.5", 89, 10)]
    assert earned == [0, 0, Fraction(1, 2), 1, 1]
    assert not curve.reaches(Fraction(90))
    assert curve.reaches(Fraction(89))


def test_a_declaration_is_for_every_practice(tmp_path: Path) -> None:
    text = GOOD.replace("retained_share", "declaration").replace("indicator", "declaration")
    assert wrong(tmp_path, text).message == "A declaration is for every practice."
    text = text.replace('"mean"', '"every_practice"').replace("target = 90.1", "")
    assert read(tmp_path, text).conditions[0].curve.height.upper == 100


def test_reimbursement_needs_roles(tmp_path: Path) -> None:
    text = 'scheme = "r"\ntitle = "R"\nshape = "reimbursement"\naverage = "own"\n'
    assert wrong(tmp_path, text).message == "A scheme of shape reimbursement needs [roles]."
    assert read(tmp_path, text + "[roles]\npharmacist = 65838\n").roles == {"pharmacist": 65838}


def test_a_scheme_of_ones_own_extends_a_preset(tmp_path: Path) -> None:
    text = (
        'extends = "qof-2017-18"\ntitle = "Ours"\n'
        '[[conditions]]\nindicator = "DEM004"\npoints = 39\nlower = 35\nupper = 70\n'
    )
    made = read(tmp_path, text)
    assert (made.scheme_id, made.title) == ("qof-2017-18, changed", "Ours")
    assert made.value_per_point == Fraction("171.2")
    assert made.indicators == ("DEM004",)


def test_a_name_that_is_neither_preset_nor_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlaceError) as raised:
        read_scheme(tmp_path / "not-there.toml")
    assert raised.value.hint and all(name in raised.value.hint for name in preset_names())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1, 2", "The scheme cannot be read as YAML."),
        ("- a\n- b\n", "The scheme holds no keys."),
        ("a: &x 1\nb: *x\n", "The scheme cannot be read as YAML."),
        ("title: a\ntitle: b\n", "The scheme cannot be read as YAML."),
        (
            "scheme: !!python/object/apply:os.system ['true']\n",
            "The scheme cannot be read as YAML.",
        ),
    ],
)
def test_yaml_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    assert wrong(tmp_path, text, "ours.yaml").message == message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_scheme(path)
    path.write_bytes(b" " * (2**18 + 1))
    with pytest.raises(SourceError, match="too large"):
        read_scheme(path)
    with pytest.raises(SourceError, match="cannot be read"):
        read_scheme(tmp_path)


def test_a_presets_file_is_a_scheme_file(tmp_path: Path) -> None:
    for name in preset_names():
        assert read(tmp_path, preset_text(name)) == read_scheme(name)

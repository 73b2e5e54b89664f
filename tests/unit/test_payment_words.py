"""Words of payments: short and plain, all used, and true of the figures they stand by."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hamlets
from hamlets.networks.results import ConditionShown, PaymentStep, StandardOutlook
from hamlets.publish import look_words
from hamlets.publish.payment_words import (
    averages_heading,
    catalogue,
    money,
    per_100,
    round_money,
    step_result,
    three_averages,
)
from hamlets.publish.standard_line import StandardLine, draw_standard
from tests.unit.test_wording import BANNED, grade, plain, sentences, words


def test_strings_are_short_and_plain() -> None:
    prose = {key: plain(text) for key, text in catalogue().items()}
    assert mean(len(words(text)) for text in prose.values()) <= 20
    long = {k: t for k, t in prose.items() if max(len(words(s)) for s in sentences(t) or [t]) > 30}
    assert long == {}
    told = [t for t in prose.values() if len(words(t)) >= 8]
    assert grade(" ".join(t if t.endswith((".", "?", ":")) else f"{t}." for t in told)) <= 8


def test_each_string_is_plain_by_itself_and_judges_nobody() -> None:
    for key, template in catalogue().items():
        text = plain(template)
        assert len(words(text)) < 8 or grade(text) <= 10, key
        assert not re.search(r"\b(he|she|his|her|him)\b", text, re.IGNORECASE), key
        assert [w for w in BANNED if re.search(rf"\b{re.escape(w)}\b", text, re.I)] == [], key


def test_every_string_is_used() -> None:
    root = Path(hamlets.__file__).parent
    places = [*(root / "publish").rglob("*"), *(root / "cli").glob("*.py")]
    source = "".join(p.read_text(encoding="utf-8") for p in places if p.suffix in (".py", ".html"))
    made = {match[1] for match in re.finditer(r'said\(\s*f"([a-z_]+\.[a-z_]*)\{', source)}
    made |= {match[1] for match in re.finditer(r'f"([a-z]+\.[a-z_]+)\{', source)}
    groups = {"head"}  # heads of columns are named in tuples
    unused = [
        key
        for key in catalogue()
        if f'"{key}"' not in source
        and not any(key.startswith(prefix) for prefix in made)
        and key.split(".")[0] not in groups
    ]
    assert unused == []
    for key in (k for k in catalogue() if k.startswith("head.")):
        assert f'"{key.split(".")[1]}"' in source, key


shares = st.fractions(0, 1)


def condition(three: tuple[Fraction, Fraction, Fraction], target: Fraction) -> ConditionShown:
    return ConditionShown(
        "i", "Title", "mean", "higher", target, target, None, *three, three[0], Fraction(),
        False, (), 1, 3,
    )  # fmt: skip


@given(shares, shares, shares, st.fractions(0, 100))
def test_the_heading_is_true_of_the_three_averages(
    a: Fraction, b: Fraction, c: Fraction, target: Fraction
) -> None:
    shown = condition((a, b, c), target)
    heading = averages_heading(shown)
    passed = [share * 100 >= target for share in (a, b, c)]
    assert ("do not agree" in heading) == (len(set(passed)) == 2)
    assert heading.endswith("is not reached") == (passed == [False] * 3)
    assert heading.endswith("say the standard is reached") == (passed == [True] * 3)
    said = three_averages(shown)
    assert said[-1] == "This contract uses the first."
    assert ("not yet" in said[2]) == (not passed[2])


@given(shares, st.integers(0, 100))
def test_a_share_is_never_shown_as_a_standard_that_it_does_not_reach(
    share: Fraction, target: int
) -> None:
    up = Fraction(per_100(share, "lower"))
    assert up - Fraction(1, 10) < share * 100 <= up
    assert (share * 100 <= target) or up > target
    shown = Fraction(per_100(share))
    assert shown <= share * 100 < shown + Fraction(1, 10)
    assert (share * 100 >= target) or shown < target


@given(st.fractions(-(10**9), 10**9))
def test_a_result_that_is_cut_ends_in_dots(value: Fraction) -> None:
    for unit, places in (("pounds", 2), ("points", 4), ("ratio", 4), ("percent", 2)):
        text = step_result(PaymentStep("paid", None, "", value, unit))  # type: ignore[arg-type]
        exact = (value * 10**places).denominator == 1
        assert text.endswith("...") != exact
    assert money(Decimal("14924.71")) == "£14,924.71"
    assert round_money(Fraction(38400)) == "£38,400"
    assert round_money(Decimal("-0.5")) == "-£0.50"


def outlook(**more: object) -> StandardOutlook:
    made = StandardOutlook(
        "i", "Title", Fraction(90), Fraction(84, 100), 96, 99, 101, 96, 0.64, 0.0, "", ()
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_distance_and_the_chance_are_said() -> None:
    assert look_words.chance(outlook()) == (
        "Chance at the present pace: about 64 in 100 (a model, see its limits)."
    )
    assert "fewer than 1 in 100" in look_words.chance(outlook(chance=0.004))
    assert "more than 99 in 100" in look_words.chance(outlook(chance=0.999))
    assert "No chance is given" in look_words.chance(outlook(chance=None, no_chance_why="Why."))


@pytest.mark.parametrize("width", ["narrow", "wide"])
@pytest.mark.parametrize("values", [(0, 0, 0, 0), (100, 100, 100, 100), (84.2, 86, 71, 90)])
def test_labels_stay_inside_the_drawing(
    width: str, values: tuple[float, float, float, float]
) -> None:
    labels = ("practices 84.2", "patients 86", "every one 71", "standard 90")
    drawn = draw_standard(StandardLine(*values, labels, "T", "D"), "a", width)
    full = {"narrow": 288, "wide": 620}[width]
    for x, box in re.findall(r'<rect x="([\d.-]+)" y="[\d.]+" width="([\d.]+)"', drawn):
        assert float(x) >= 0
        assert float(x) + float(box) <= full
    assert all(label in drawn for label in labels)

"""The rules for words: short, plain, and none of the words that judge people."""

from __future__ import annotations

import re
from statistics import mean

import pytest

from hamlets.publish import strings
from hamlets.web import words as site_words

CATALOGUE = {
    **{f"report {key}": text for key, text in strings.catalogue().items()},
    **{f"site {key}": text for key, text in site_words.catalogue().items()},
}
"""Every string that people read."""

BANNED = (
    "rank",
    "league",
    "best",
    "worst",
    "top",
    "bottom",
    "poor",
    "fail",
    "failing",
    "underperform",
    "outlier",
    "red flag",
    "compliance",
    "significant",
    "confidence interval",
    "percentile",
    "optimal",
    "infeasible",
    "invalid",
    "submit",
    "please",
    "sorry",
    "user",
)
_PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
_TECHNICAL = re.compile(r"\b(UPC|SLICC|SECON|COC|OPR|CSV|GPs?|K index)\b|\b\w+_\w+\b|--\w+")
# Names of groups and files are not prose: they have no grade.
_GRADED_FROM_WORDS = 8


def plain(template: str) -> str:
    """Return a string with a short word in place of each value and technical name."""
    return _TECHNICAL.sub("name", _PLACEHOLDER.sub("ten", template))


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9'-]+", text)


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:,])\n+|(?<=[.?!:])\s+", text) if words(part)]


def syllables(word: str) -> int:
    """Return about how many syllables a word has: groups of vowels, less a silent e."""
    low = word.lower().strip("'-").replace("'s", "")
    if low.isdigit():
        return 1
    groups = len(re.findall(r"[aeiouy]+", low))
    # Two vowels that are said apart.
    groups += len(re.findall(r"uity|iod|eo(?!u)|[^ct]ia[nst]", low))
    silent = re.search(r"[^aeiouy]e$|[^aeiouytd]ed$|[^aeiouyscxz]es$", low) is not None
    if silent and not re.search(r"[^aeiouy]le$", low):
        groups -= 1
    return max(1, groups)


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade."""
    said = words(text)
    return (
        0.39 * len(said) / len(sentences(text))
        + 11.8 * sum(syllables(word) for word in said) / len(said)
        - 15.59
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a", 1),
        ("same", 1),
        ("patient", 2),
        ("continuity", 5),
        ("table", 2),
        ("missed", 1),
        ("period", 3),
    ],
)
def test_the_syllable_counter_can_count(word: str, expected: int) -> None:
    assert syllables(word) == expected


def test_the_grade_tells_plain_from_hard() -> None:
    assert grade("The cat sat on the mat.") < 2
    assert grade("Heterogeneous methodological considerations necessitate clarification.") > 20


def test_strings_are_short() -> None:
    lengths = {key: len(words(plain(text))) for key, text in CATALOGUE.items()}
    assert mean(lengths.values()) <= 20
    per_sentence = {
        key: max((len(words(s)) for s in sentences(plain(text))), default=0)
        for key, text in CATALOGUE.items()
    }
    assert {key: n for key, n in per_sentence.items() if n > 30} == {}
    # a letter has several sentences
    letters = {key for key, text in CATALOGUE.items() if "\n" in text}
    assert {key: n for key, n in lengths.items() if n > 30 and key not in letters} == {}


def test_strings_read_at_grade_8() -> None:
    prose = [plain(t) for t in CATALOGUE.values() if len(words(t)) >= _GRADED_FROM_WORDS]
    assert len(prose) > 50
    closed = [text if text.endswith((".", "?", ":")) else text + "." for text in prose]
    assert grade(" ".join(closed)) <= 8


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_no_sentence_is_far_above_grade_8(key: str) -> None:
    text = plain(CATALOGUE[key])
    if len(words(text)) >= _GRADED_FROM_WORDS:
        # One string alone is a small sample: a long word more moves it by a grade.
        assert grade(text) <= 10


def test_words_that_judge_or_mystify_are_not_used() -> None:
    found = [
        (key, word)
        for key, text in CATALOGUE.items()
        for word in BANNED
        if re.search(rf"\b{re.escape(word)}\b", _PLACEHOLDER.sub("", text), re.IGNORECASE)
    ]
    assert found == []


def test_nobody_is_he_or_she() -> None:
    gendered = re.compile(r"\b(he|she|his|her|him)\b", re.IGNORECASE)
    assert [key for key, text in CATALOGUE.items() if gendered.search(text)] == []

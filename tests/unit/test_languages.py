"""Codes of languages are shown as words."""

from __future__ import annotations

import pytest

from hamlets.continuity.languages import LONGER, NAMES, language_labels, language_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("bn", "Bengali"),
        ("BEN", "Bengali"),
        ("en-GB", "English"),
        ("pt_BR", "Portuguese"),
        ("syl", "Sylheti"),
        ("English", "English"),
        ("unknown", "unknown"),
        ("xx", "xx"),
    ],
)
def test_names(code: str, name: str) -> None:
    assert language_name(code) == name


def test_every_longer_code_leads_to_a_name() -> None:
    assert {code for code in LONGER.values() if code not in NAMES} == set()


def test_two_codes_of_one_language_stay_apart() -> None:
    assert language_labels(["en", "eng", "bn", "English", "unknown"]) == {
        "en": "English (en)",
        "eng": "English (eng)",
        "bn": "Bengali",
        "English": "English",
        "unknown": "unknown",
    }

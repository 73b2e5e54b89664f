"""Words about sharing and scale: short, plain, all used, and none that judges."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from statistics import mean

import pytest

from hamlets.publish import scale_words, sharing_words
from tests.unit.test_wording import BANNED, grade, plain, sentences, words

CATALOGUES = {"sharing": sharing_words.catalogue(), "scale": scale_words.catalogue()}
_MADE = re.compile(r"""f["']([a-z_]+\.[^"'\s]*\{[^"'\s]+)["']""")
"""Keys that are put together: f"outcome.{key}"."""


@pytest.mark.parametrize("name", CATALOGUES)
def test_strings_are_short_and_plain(name: str) -> None:
    prose = {key: plain(text) for key, text in CATALOGUES[name].items()}
    assert mean(len(words(text)) for text in prose.values()) <= 20
    longest = {k: max((len(words(s)) for s in sentences(t)), default=0) for k, t in prose.items()}
    assert {key: n for key, n in longest.items() if n > 30} == {}
    told = [text for text in prose.values() if len(words(text)) >= 8]
    assert grade("\n".join(told)) <= 8
    hard = {t: grade(t) for t in told if grade(t) > 12}
    assert hard == {}


@pytest.mark.parametrize("name", CATALOGUES)
def test_no_word_judges(name: str) -> None:
    for key, text in CATALOGUES[name].items():
        for word in BANNED:
            assert not re.search(rf"\b{word}\b", text, re.IGNORECASE), (key, word)


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_string_is_used(name: str) -> None:
    sources = (
        "".join(
            Path(str(path)).read_text()
            for room in ("hamlets.publish", "hamlets.cli")
            for path in files(room).iterdir()
            if path.name.endswith(".py")
        )
        + files("hamlets.publish").joinpath("templates/scale.html").read_text()
    )
    made = [re.compile(re.sub(r"\{[^}]*\}", r"\\w+", key)) for key in _MADE.findall(sources)]
    unused = {
        key
        for key in CATALOGUES[name]
        if f'"{key}"' not in sources
        and f"'{key}'" not in sources
        and not any(pattern.fullmatch(key) for pattern in made)
    }
    assert unused == set()

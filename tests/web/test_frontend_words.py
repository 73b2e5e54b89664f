"""The site's catalogue of strings: complete, used, one string a name, filled in as data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hamlets.web
from hamlets.web import words
from hamlets.web.words import catalogue, known, text

_FOLDER = Path(hamlets.web.__file__).parent
_SOURCES = [
    path.read_text(encoding="utf-8")
    for pattern in ("**/*.py", "**/*.html", "**/*.txt")
    for path in _FOLDER.glob(pattern)
    if "static" not in path.parts
]
_LITERAL = re.compile(r"""\bt(?:ext)?\(\s*"([a-z0-9_]+\.[a-z0-9_.]*[a-z0-9])\"""")
# A name that is put together: text(f"forms.box_{box}"), t("account.use_" ~ way).
_BEGINNING = re.compile(r"""["']([a-z0-9_]+\.[a-z0-9_.]*)(?:\{|["']\s*[~+])""")
_QUOTED = re.compile(r"""["']([a-z0-9_]+(?:\.[a-z0-9_]+)+)["']""")


def test_every_name_that_the_pages_use_exists() -> None:
    named = {key for source in _SOURCES for key in _LITERAL.findall(source)}
    assert len(named) > 100
    assert {key for key in named if not known(key)} == set()


def test_every_string_is_used() -> None:
    quoted = {key for source in _SOURCES for key in _QUOTED.findall(source)}
    beginnings = tuple({key for source in _SOURCES for key in _BEGINNING.findall(source)})
    assert {key for key in catalogue() if key not in quoted and not key.startswith(beginnings)} == (
        set()
    )


def test_a_missing_name_or_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such.key")
    with pytest.raises(KeyError):
        text("frame.foot")


def test_values_are_data_and_never_templates() -> None:
    assert text("frame.foot", place="{n.__class__} {0}") == "{n.__class__} {0}, not for publication"


def test_two_files_that_give_one_name_are_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / "wording").mkdir(exist_ok=True)
        (tmp_path / "wording" / f"{name}.toml").write_text('[page]\ntitle = "Hello"\n')
    monkeypatch.setattr(words, "files", lambda _package: tmp_path)
    with pytest.raises(ValueError, match=r"page\.title"):
        words.catalogue.__wrapped__()

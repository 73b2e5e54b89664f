"""The catalogue of strings: complete, used, and filled in as data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hamlets.publish
from hamlets.continuity.results import ContinuityReport, MonthlyPack
from hamlets.publish import strings
from hamlets.publish.pack import check_line, frame_of_pack, page_of
from hamlets.publish.pack_words import email_text, group_text
from hamlets.publish.report import PUBLIC_SECTIONS, SECTIONS, frame_of, style_of
from hamlets.publish.strings import catalogue, known, text
from tests.fixtures.report import made, packs, shared

_FOLDER = Path(hamlets.publish.__file__).parent
_SOURCES = {
    path.name: path.read_text(encoding="utf-8")
    for pattern in ("**/*.py", "**/*.html")
    for path in _FOLDER.glob(pattern)
}
_LITERAL = re.compile(r"""\bt(?:ext)?\(\s*"([a-z0-9_.]+)\"""")


def test_every_key_that_the_pages_name_exists() -> None:
    named = {key for source in _SOURCES.values() for key in _LITERAL.findall(source)}
    assert len(named) > 50
    assert {key for key in named if not known(key)} == set()


def say_everything(report: ContinuityReport) -> None:
    """Build every part of a report that has words, without drawing."""
    for build in PUBLIC_SECTIONS if report.public else SECTIONS:
        build(report)
    style_of(report, frame_of(report))


def say_a_pack(pack: MonthlyPack) -> None:
    """Build every part of a monthly pack that has words, without drawing."""
    page_of(pack)
    style_of(pack.report, frame_of_pack(pack))
    check_line(pack)
    email_text(pack, "pack.html")
    group_text(pack, "asked", "did")


class Recorder(dict[str, str]):
    """A catalogue that notes what is asked of it."""

    def __init__(self, strings: dict[str, str]) -> None:
        super().__init__(strings)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)


def test_every_string_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(catalogue())
    monkeypatch.setattr(strings, "catalogue", lambda: recorder)
    for made_report in (*made.variants(), *shared.variants()):
        say_everything(made_report)
    for pack in packs.variants():
        say_a_pack(pack)
    in_templates = {
        key
        for name, source in _SOURCES.items()
        if name.endswith(".html")
        for key in _LITERAL.findall(source)
    }
    unsaid = set(recorder) - recorder.asked - in_templates
    assert unsaid == set()


def test_a_missing_key_or_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such.key")
    with pytest.raises(KeyError):
        text("number.in_100")


def test_values_are_data_and_never_templates() -> None:
    assert text("page.foot", place="{n.__class__} {0}") == "{n.__class__} {0}, not for publication"

"""The committed reference pages say what the specs say."""

from __future__ import annotations

from tests.spec.write_reference import FOLDER, pages


def test_the_pages_are_up_to_date() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert written == pages(), "run: python -m tests.spec.write_reference"

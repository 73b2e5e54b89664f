"""The generated reference pages say what the code says today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = load_generator()


@pytest.mark.parametrize("name", sorted(GENERATOR.PAGES))
def test_a_page_is_up_to_date(name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == GENERATOR.PAGES[name](), "out of date: run `make docs`"


def test_every_exit_code_of_the_program_is_named() -> None:
    page = GENERATOR.exit_codes_page()
    for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130):
        assert f"| {code} |" in page


def test_every_command_is_named() -> None:
    page = GENERATOR.commands_page()
    for command in ("load", "store info", "store restore", "store verify", "measure", "report"):
        assert f"## hamlets {command}\n" in page

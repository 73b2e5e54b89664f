"""The monthly pack in a real browser: two sides of A4, and a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hamlets.publish.network_pack import render_network_pack
from hamlets.publish.pack import render_pack
from tests.fixtures.report import network_packs, packs
from tests.journeys.browsing import Opened
from tests.journeys.conftest import LAYOUT, Find

pytestmark = pytest.mark.browser
FORMS = {
    "staff": packs.full,
    "crowded": packs.crowded,
    "bare": packs.bare,
    "ceiling": packs.with_ceiling,
    "managers": lambda: packs.full(managers=True),
}


NETWORKS = {"network": network_packs.plain_pack, "network-crowded": network_packs.crowded}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("packs")
    for name, make in FORMS.items():
        (where / f"{name}.html").write_text(render_pack(make()), encoding="utf-8")
    for name, make in NETWORKS.items():
        (where / f"{name}.html").write_text(render_network_pack(make()), encoding="utf-8")
    return where


def sides(browser: Any, path: Path) -> int:
    """Return how many sides of paper a page takes."""
    with Opened(browser, path, 1280) as opened:
        printed = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    return len(re.findall(rb"/Type\s*/Page\b", printed))


@pytest.mark.parametrize("name", ["staff", "crowded", "bare", "ceiling", *NETWORKS])
def test_the_pack_takes_two_sides_of_a4(browser: Any, folder: Path, name: str) -> None:
    assert sides(browser, folder / f"{name}.html") == 2


def test_the_annex_comes_after_the_two_sides(browser: Any, folder: Path) -> None:
    assert sides(browser, folder / "managers.html") in (3, 4)


@pytest.mark.parametrize("name", [*FORMS, *NETWORKS])
def test_nothing_scrolls_sideways_and_nothing_is_refused(
    browser: Any,
    folder: Path,
    name: str,
) -> None:
    with Opened(browser, folder / f"{name}.html", 320) as opened:
        opened.open_all()
        for width in (320, 375, 559, 560, 743, 744, 899, 900, 1060, 1061, 1280):
            opened.page.set_viewport_size({"width": width, "height": 900})
            found = opened.page.evaluate("document.documentElement.scrollWidth")
            assert found <= width, f"{found} px at {width}"
        assert opened.trouble == []


def test_links_and_folds_are_large_enough_to_touch(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "managers.html", 320) as opened:
        heights: list[tuple[str, float]] = opened.page.evaluate(
            """() => [...document.querySelectorAll('.tools a, .card a, summary')]
                .filter(e => e.getBoundingClientRect().height > 0)
                .map(e => [e.textContent, e.getBoundingClientRect().height])"""
        )
        assert len(heights) > 10
        assert [entry for entry in heights if entry[1] < 44] == []


@pytest.mark.parametrize("name", [*FORMS, *NETWORKS])
def test_axe_finds_nothing(browser: Any, find: Find, folder: Path, name: str) -> None:
    with Opened(browser, folder / f"{name}.html", 1280) as opened:
        opened.open_all()
        assert find(opened.page) == []
        opened.page.set_viewport_size({"width": 320, "height": 900})
        assert find(opened.page, *LAYOUT) == []

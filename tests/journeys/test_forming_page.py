"""The page of formed networks in a browser: no barrier, no overflow, at desk and phone width."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hamlets.networks.forming import Practice, Practices, Request, form_networks
from hamlets.publish.forming_report import render_formation
from tests.journeys.browsing import Opened
from tests.journeys.conftest import LAYOUT, Find

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page with everything on it: present networks, changes, notes."""
    practices = tuple(
        Practice(
            f"EX{number:03d}", 4_000 + 350 * number, 51.5 + 0.006 * (number % 4),
            -0.1 + 0.009 * (number // 4), f"Practice {number:02d} with a long name for a phone",
            f"N{number // 5}",
        )
        for number in range(16)
    )  # fmt: skip
    found = form_networks(
        Practices(practices, network_names={"N0": "Network nought"}), Request(4, tolerance=40)
    )
    found = replace(found, notes=("Left out, no coordinates: EX099.",))
    path = tmp_path_factory.mktemp("formed") / "networks.html"
    path.write_text(render_formation(found), encoding="utf-8")
    return path


def test_axe_finds_nothing_and_nothing_moves_sideways(browser: Any, find: Find, page: Path) -> None:
    with Opened(browser, page, 1280) as opened:
        assert find(opened.page) == []
        for width in (320, 375, 800):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        opened.page.set_viewport_size({"width": 320, "height": 900})
        assert find(opened.page, *LAYOUT) == []
        assert opened.trouble == []


def test_one_map_is_seen_at_each_width(browser: Any, page: Path) -> None:
    shown = "[...document.querySelectorAll('.map svg')].filter(s => s.checkVisibility()).length"
    with Opened(browser, page, 1280) as opened:
        for width in (320, 743, 744, 1280):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.page.evaluate(shown) == 1

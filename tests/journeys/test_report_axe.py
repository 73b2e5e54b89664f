"""axe-core finds no barrier on the report: each state, desk and phone, folds open and closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hamlets.continuity.results import ContinuityReport
from hamlets.continuity.summary import judged
from hamlets.publish.public import public_report
from hamlets.publish.report import render
from tests.fixtures.report import made
from tests.journeys.browsing import Opened
from tests.journeys.conftest import LAYOUT, Find

pytestmark = pytest.mark.browser
STATES: dict[str, Callable[[], ContinuityReport]] = {
    "full": made.full,
    "allowed": made.allowed,
    "no_named_gps": made.no_named_gps,
    "small": made.small,
    "many": made.many,
    "public": lambda: public_report(made.full(), judged).report,
    "nothing_more": lambda: replace(
        made.full(), audits=(), workforce=None, lists=(), groups=(), groups_overall=None
    ),
}


def test_axe_can_find_something(browser: Any, find: Find, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text('<html><body><img src="data:,"><p style="color:#eee">grey</p></body></html>')
    with Opened(browser, page, 800) as opened:
        found = find(opened.page)
    for rule in ("image-alt", "color-contrast", "html-has-lang"):
        assert any(line.startswith(rule) for line in found)


FEW_OF_A_KIND = """(most) => {
    const kind = (element) => `${element.tagName} ${element.getAttribute("class")}`
        + `(${[...element.children].map(kind)})`;
    const more = [...document.querySelectorAll("tbody, ul, ol, dl, svg, svg *")].flatMap((one) => {
        const seen = {};
        return [...one.children].filter((child) => {
            const which = kind(child);
            seen[which] = (seen[which] ?? 0) + 1;
            return seen[which] > most;
        });
    });
    more.forEach((element) => element.remove());
    return more.length;
}"""
"""Takes rows, entries and marks of drawings away where as many before them are built the same."""


@pytest.mark.parametrize("name", sorted(STATES))
def test_axe_finds_nothing(browser: Any, find: Find, tmp_path: Path, name: str) -> None:
    """Colours and words are the same in every state: one state is looked at in full.

    Of rows and marks that are built the same, a few stay: axe takes its time for each.
    """
    look(browser, find, tmp_path, name, () if name == "full" else LAYOUT, most=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(STATES))
def test_axe_finds_nothing_at_length(browser: Any, find: Find, tmp_path: Path, name: str) -> None:
    look(browser, find, tmp_path, name, ())


def look(
    browser: Any,
    find: Find,
    folder: Path,
    name: str,
    on_a_phone: tuple[str, ...],
    most: int | None = None,
) -> None:
    """Look at a state of the report on a desk by all rules, on a phone by some (none: all)."""
    path = folder / "page.html"
    path.write_text(render(STATES[name]()), encoding="utf-8")
    with Opened(browser, path, 1280) as opened:
        if most is not None:
            assert opened.page.evaluate(FEW_OF_A_KIND, most) > 20
        if name == "full":
            assert find(opened.page) == []
        opened.open_all()
        assert find(opened.page) == []
        opened.page.set_viewport_size({"width": 375, "height": 900})
        assert find(opened.page, *on_a_phone) == []
        if name == "full":
            opened.page.emulate_media(forced_colors="active")
            assert find(opened.page) == []
        assert opened.trouble == []

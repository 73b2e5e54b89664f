"""Sheets made from a plan in a real browser: no barrier, on a phone, and on one sheet of paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hamlets.publish import team_texts
from hamlets.publish.team_sheets import render_sheet, render_team
from hamlets.publish.team_words import Sheets
from hamlets.teams.plans.contents import members_of
from tests.journeys.browsing import Opened
from tests.journeys.conftest import LAYOUT, Find
from tests.oracles.plans import random_plan

pytestmark = pytest.mark.browser


def made(approach: str = "whole_list") -> Sheets:
    """Return a plan whose first team has 14 people, most with long names."""
    inputs, _, plan = random_plan(2, nurses=3, pharmacists=2)
    plan = replace(plan, approach=approach)
    people = members_of(plan, inputs)
    team = plan.teams[0]
    mine = [each for each in people if each.team_id == team.team_id]
    name = "Dr Example-Hawthorn-Blackthorn-Whitebeam"
    days = (True, True, True, False, *(True,) * 6)
    more = [
        replace(mine[-1], staff_id=f"X{n}", name=f"{name} {n}", lead=False, half_days=days)
        for n in range(14 - len(mine))
    ]
    return Sheets(plan, (*mine, *more), invented=True)


SHEETS: dict[str, Callable[[Sheets], str]] = {
    "team": lambda all_: render_team(all_, all_.plan.teams[0]),
    "leaflet": lambda all_: render_sheet(all_, team_texts.leaflet(all_)),
    "easy": lambda all_: render_sheet(all_, team_texts.easy_read(all_)),
    "card": lambda all_: render_sheet(all_, team_texts.reception_card(all_, all_.plan.teams[0])),
}
OTHER_WORDS = (("team", "personal_lists"), ("card", "buddies"))
ALL = [*((name, "whole_list") for name in SHEETS), *OTHER_WORDS]


@pytest.mark.parametrize(("name", "approach"), ALL)
def test_no_barrier_and_no_sideways_scroll(
    browser: Any, find: Find, tmp_path: Path, name: str, approach: str
) -> None:
    path = tmp_path / f"{name}.html"
    path.write_text(SHEETS[name](made(approach)))
    every: tuple[str, ...] = ()
    with Opened(browser, path, 320) as opened:
        for width, rules in ((320, every), (1000, LAYOUT)):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert find(opened.page, *rules) == []
            wide = opened.page.evaluate("document.documentElement.scrollWidth")
            assert (wide, opened.trouble) == (width, [])


@pytest.mark.parametrize(("name", "approach"), [each for each in ALL if each[0] != "easy"])
def test_one_sheet_of_paper(browser: Any, tmp_path: Path, name: str, approach: str) -> None:
    path = tmp_path / f"{name}.html"
    path.write_text(SHEETS[name](made(approach)))
    with Opened(browser, path, 800) as opened:
        printed = opened.page.pdf(prefer_css_page_size=True)
    pages = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(re.findall(rb"/Type ?/Page\b(?!s)", printed)) == 1
    width, height = (float(side) / 72 * 25.4 for side in pages[0])
    wanted = (148, 210) if name == "card" else (210, 297)
    assert (round(width), round(height)) == pytest.approx(wanted, abs=1)

"""Hostile names in staff, teams and practices: they are text, wherever a plan is written."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hamlets.publish import team_texts, team_words
from hamlets.publish.team_sheets import render_sheet, render_team
from hamlets.publish.team_words import Sheets
from hamlets.records import open_store
from hamlets.records.store.layout import Layout
from hamlets.records.store.plan_folders import is_plan_id
from hamlets.teams.model import TeamModel
from hamlets.teams.plans.contents import members_of
from hamlets.teams.plans.storing import save_plan
from tests.inside import hamlets
from tests.oracles.plans import arranged, inputs_of, random_plan, records, shown
from tests.oracles.stores import build_store

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "{plan.__class__}{0}",
    "</style><script>",
    "&lt;b&gt;",
    "../../etc/passwd",
    '=HYPERLINK("http://x")',
    "\u202egp.exe\x1b[31m",
)


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[str, ...]]] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(sorted(name for name, _ in attrs))))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def tags(page: str) -> tuple[set[tuple[str, tuple[str, ...]]], str]:
    parser = Tags()
    parser.feed(page)
    return parser.found, " ".join(parser.text)


def pages(made: Sheets) -> list[str]:
    team = made.plan.teams[0]
    return [
        render_team(made, team),
        render_sheet(made, team_texts.leaflet(made)),
        render_sheet(made, team_texts.easy_read(made)),
        render_sheet(made, team_texts.reception_card(made, team)),
    ]


def named(name: str) -> Sheets:
    inputs, _, plan = random_plan(2)
    people = tuple(replace(each, name=name) for each in members_of(plan, inputs))
    teams = tuple(replace(team, name=name) for team in plan.teams)
    plan = replace(plan, practice_name=name, teams=teams, plan_id="EX002-1")
    return Sheets(plan, people, invented=True)


@pytest.mark.parametrize("name", EVIL)
def test_names_are_text_on_every_page(name: str) -> None:
    for page, tame in zip(pages(named(name)), pages(named("Example")), strict=True):
        found, text = tags(page)
        assert found == tags(tame)[0]
        shown = " ".join(text.split())
        assert " ".join(team_words.tame(name).split()) in shown
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", page)
        assert 'content="default-src &#39;none&#39;; style-src &#39;sha256-' in page


def test_pages_fetch_nothing() -> None:
    for page in pages(named("Example")):
        found, _ = tags(page)
        assert not {tag for tag, _ in found} & {"script", "img", "link", "iframe", "a", "form"}
        assert "url(" not in page
        assert "http:" not in page
        assert "https:" not in page


@pytest.mark.parametrize("practice", ["../../escape", "/etc", "..", "a\x00b", "C:\\x", "x" * 5000])
def test_no_practice_code_leads_out_of_the_folder(tmp_path: Path, practice: str) -> None:
    store = build_store(tmp_path, records())
    inputs, arrangement, plan = random_plan()
    plan = replace(plan, practice_id=practice, plan_id=f"{practice}-1")
    outside = {p for p in tmp_path.rglob("*") if store not in p.parents}
    folder = save_plan(store, plan, arrangement, replace(inputs, practice_id=practice), TeamModel())
    assert folder.parent == Layout(store).plans
    assert is_plan_id(folder.name)
    assert {p for p in tmp_path.rglob("*") if store not in p.parents} == outside


def test_exported_files_stay_in_their_folder_and_hold_no_formula(tmp_path: Path) -> None:
    world = records()
    evil = ("=1+1", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0")
    for row, name in zip(world["staff"], evil, strict=False):
        row["name"] = name
    store = build_store(tmp_path, world)
    with open_store(store) as opened:
        inputs = inputs_of(opened)
    arrangement = arranged(inputs)
    plan = shown(inputs, arrangement)
    teams = tuple(replace(team, name="../../../=evil/" + "x" * 400) for team in plan.teams)
    plan_id = save_plan(store, replace(plan, teams=teams), arrangement, inputs, TeamModel()).name
    to = tmp_path / "out"
    before = {p for p in tmp_path.rglob("*") if to not in p.parents}
    ran = hamlets("teams", "export", plan_id, "--store", store, "--to", to)
    assert ran.code == 0, ran
    assert {p for p in tmp_path.rglob("*") if to not in p.parents} - before == {to}
    for name in ("named-gps.csv", "lists.csv", "letters.csv"):
        with (to / name).open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert any(cell == "'=1+1" for cell in cells)


def test_a_terminal_is_not_steered(tmp_path: Path) -> None:
    store = build_store(tmp_path, records())
    inputs, arrangement, plan = random_plan()
    plan = replace(plan, practice_name="\x1b[2J\u202eEvil", made_by="\x07me", notes=("\x1b]0;x",))
    plan_id = save_plan(store, plan, arrangement, inputs, TeamModel()).name
    for command in ("show", "list"):
        words = (plan_id,) if command == "show" else ()
        ran = hamlets("teams", command, *words, "--store", store)
        assert ran.code == 0
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", ran.out)

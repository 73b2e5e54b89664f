"""Words made from a plan: short and plain, all used, and cut to the size of a text message."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hamlets.publish
from hamlets.publish import team_words
from hamlets.publish.team_sheets import render_sheet, render_team
from hamlets.publish.team_words import Sheets, catalogue, day_words, joined, message_parts, said
from hamlets.records.tables import ROLES
from hamlets.teams.plans.contents import members_of
from tests.oracles.plans import random_plan
from tests.unit.test_wording import BANNED, grade, plain, sentences, words

START = date(2031, 7, 1)


def sheets(**more: object) -> Sheets:
    inputs, _, plan = random_plan(2, registrars=1)
    plan = replace(plan, plan_id="EX002-3", **{"adopted_from": START, **more})  # type: ignore[arg-type]
    return Sheets(plan, members_of(plan, inputs), invented=False)


def everything(made: Sheets) -> list[str]:
    """Return all that is written from a plan."""
    texts = [
        team_words.leaflet(made),
        team_words.web_text(made),
        team_words.phone_script(made),
        team_words.easy_read(made),
        *(team_words.reception_card(made, team) for team in made.plan.teams),
    ]
    found = [sheet.as_text(made.banners) for sheet in texts]
    found += [render_sheet(made, sheet) for sheet in texts]
    found += [render_team(made, team) for team in made.plan.teams]
    found += [part for _, _, parts in team_words.text_messages(made) for part in parts]
    return found


def test_strings_are_short_and_plain() -> None:
    prose = {k: plain(t) for k, t in catalogue().items() if k not in ("reception.reasons",)}
    assert mean(len(words(text)) for text in prose.values()) <= 20
    long = {
        k: t for k, t in prose.items() if max((len(words(s)) for s in sentences(t)), default=0) > 30
    }
    assert long == {}
    told = [t for t in prose.values() if len(words(t)) >= 8]
    assert grade(" ".join(t if t.endswith((".", "?", ":")) else f"{t}." for t in told)) <= 6
    assert {k: grade(t) for k, t in prose.items() if len(words(t)) >= 8 and grade(t) > 10} == {}


def test_easy_read_has_one_short_idea_a_line() -> None:
    lines = [plain(t) for k, t in catalogue().items() if k.startswith("easy.line")]
    assert max(len(words(s)) for line in lines for s in sentences(line)) <= 12
    assert grade(" ".join(lines)) <= 3


def test_words_that_judge_or_mystify_are_not_used() -> None:
    for key, text in catalogue().items():
        said_plainly = re.sub(r"\{[a-z_]+\}", "", text)
        assert not re.search(r"\b(he|she|his|her|him)\b", said_plainly, re.IGNORECASE), key
        found = [w for w in BANNED if re.search(rf"\b{re.escape(w)}\b", said_plainly, re.I)]
        assert found == [], key


def test_every_string_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    strings = catalogue()

    class Recorder(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            asked.add(key)
            return super().__getitem__(key)

    monkeypatch.setattr(team_words, "catalogue", lambda: Recorder(strings))
    for approach in ("whole_list", "cohort", "buddies", "personal_lists", "reallocation"):
        everything(sheets(approach=approach))
    made = sheets(adopted_from=None, practice_name="")
    few = replace(made.plan.teams[0], list_size=3)
    alone = replace(made, members=tuple(m for m in made.members if m.lead))
    everything(replace(alone, plan=replace(made.plan, teams=(few,)), invented=True))
    for role, half_days in product(
        ROLES, [(True,) * 8 + (False,) * 2, (True, False) * 5, (False, True) * 5]
    ):
        team_words.role_words(replace(made.members[0], role=role))
        day_words(half_days)
    day_words((False,) * 10)
    templates = Path(hamlets.publish.__file__).parent / "templates"
    for page in templates.glob("*.html"):
        asked |= set(re.findall(r"""said\("([a-z_.]+)\"""", page.read_text()))
    assert set(strings) - asked == set()


def test_reception_says_the_words_of_the_design() -> None:
    made = sheets()
    card = team_words.reception_card(made, made.plan.teams[0])
    lines = [line for block in card.blocks for line in block.lines]
    gp, other = made.gps(made.plan.teams[0])[:2]
    assert f"{gp} knows you, and has [day] at [time]. Shall I book that?" in lines
    assert (
        f"{gp} is back on [day]. You can wait until then, or see {other} today. "
        "They work together and share their patients. Which suits you?"
    ) in lines
    reasons = ["Patient prefers sooner", "Patient prefers someone else", "Needs to be seen today",
               "Own GP away", "Named GP is wrong"]  # fmt: skip
    assert [line for line in lines if line in reasons] == reasons


def test_a_team_page_has_people_and_days_but_no_figure_of_anybody() -> None:
    made = sheets()
    team = made.plan.teams[0]
    page = render_team(made, team)
    for member in made.people(team):
        assert member.name in page
    assert f"about {round(team.list_size / 10) * 10:,} people" in page
    text = re.sub(r"<style>.*</style>|<[^>]+>", "", page, flags=re.DOTALL)
    for allowed in (
        team_words.list_words(team), made.start, made.foot, *(m.name for m in made.members)
    ):  # fmt: skip
        text = text.replace(allowed, "")
    assert re.findall(r"\d", text) == []


def test_dates_are_open_until_a_plan_is_adopted() -> None:
    draft = sheets(adopted_from=None)
    assert "From [date]" in team_words.leaflet(draft).as_text(draft.banners)
    assert draft.banners == (said("frame.draft"),)
    assert "From 1 July 2031" in team_words.leaflet(sheets()).as_text()


def test_what_is_promised_of_staying_is_rounded_down() -> None:
    made = sheets(n_patients=1000, first=100, moved=13, forced=1)
    assert "At least 98 in 100" in team_words.leaflet(made).as_text()
    everyone = sheets(n_patients=10, first=10, moved=0, forced=0)
    assert "in 100" not in team_words.leaflet(everyone).as_text()


@given(st.text(max_size=700))
def test_no_part_of_a_message_is_too_long_and_no_word_is_lost(text: str) -> None:
    parts = message_parts(text)
    plain_letters = all(ord(c) < 128 for part in parts for c in part)
    assert all(len(part) <= 160 for part in parts)
    if any(ord(c) > 0x2000 for part in parts for c in part):
        assert all(len(part) <= 70 for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    if plain_letters and len(" ".join(text.split())) <= 70:
        assert len(parts) <= 1


def test_a_usual_message_is_one_part() -> None:
    for _, member, parts in team_words.text_messages(sheets()):
        assert len(parts) == 1
        assert member.name in parts[0]


def test_names_are_joined_as_people_say_them() -> None:
    assert joined(["A"]) == "A"
    assert day_words((True,) * 10) == "Every weekday"
    assert joined(["A", "B", "C"]) == "A, B and C"
    assert day_words((True, True, True, False, False, True, *(False,) * 4)) == (
        "Monday, Tuesday morning, Wednesday afternoon"
    )

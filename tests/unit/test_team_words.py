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
from hamlets.publish import team_texts, team_words
from hamlets.publish.team_sheets import render_sheet, render_team
from hamlets.publish.team_texts import letter_words, message_parts
from hamlets.publish.team_words import Holder, Sheets, catalogue, day_words, joined, said
from hamlets.records.tables import ROLES
from hamlets.teams.plans.contents import members_of
from tests.oracles.plans import random_plan
from tests.unit.test_wording import BANNED, grade, plain, sentences, words

START = date(2031, 7, 1)
APPROACHES = ("whole_list", "cohort", "buddies", "personal_lists", "reallocation")


def sheets(**more: object) -> Sheets:
    inputs, _, plan = random_plan(2, registrars=1)
    plan = replace(plan, plan_id="EX002-3", **{"adopted_from": START, **more})  # type: ignore[arg-type]
    return Sheets(plan, members_of(plan, inputs), invented=False)


def everything(made: Sheets) -> list[str]:
    """Return all that is written from a plan."""
    texts = [
        team_texts.leaflet(made),
        team_texts.web_text(made),
        team_texts.phone_script(made),
        team_texts.easy_read(made),
        team_texts.letter(made),
        *(team_texts.reception_card(made, team) for team in made.plan.teams),
    ]
    found = [sheet.as_text(made.banners) for sheet in texts]
    found += [render_sheet(made, sheet) for sheet in texts]
    found += [render_team(made, team) for team in made.plan.teams]
    found += [part for each in team_texts.text_messages(made) for part in each.parts]
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
    lines = [plain(t) for k, t in catalogue().items() if k.startswith("easy.line_")]
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
    for approach in APPROACHES:
        everything(sheets(approach=approach))
        made = sheets(adopted_from=None, practice_name="", approach=approach)
        few = replace(made.plan.teams[0], list_size=3)
        alone = replace(made, members=tuple(m for m in made.members if m.lead))
        everything(replace(alone, plan=replace(made.plan, teams=(few,)), invented=True))
    for team, old, first in product(("Team Blue", None), ("Dr Example-Ash", None), (True, False)):
        letter_words(made, "Dr Example-Elm", team, old, first)
    said("letter.days_of", gp="", days="")  # of the command that writes letters.csv
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
    card = team_texts.reception_card(made, made.plan.teams[0])
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
        team_texts.list_words(made, team), made.start, made.foot, *(m.name for m in made.members)
    ):  # fmt: skip
        text = text.replace(allowed, "")
    assert re.findall(r"\d", text) == []


def test_dates_are_open_until_a_plan_is_adopted() -> None:
    draft = sheets(adopted_from=None)
    assert "From [date]" in team_texts.leaflet(draft).as_text(draft.banners)
    assert draft.banners == (said("frame.draft"),)
    assert "From 1 July 2031" in team_texts.leaflet(sheets()).as_text()


def test_what_is_promised_of_staying_is_rounded_down() -> None:
    made = sheets(n_patients=1000, first=100, moved=13, forced=1)
    assert "At least 98 in 100" in team_texts.leaflet(made).as_text()
    everyone = sheets(n_patients=10, first=10, moved=0, forced=0)
    assert "in 100" not in team_texts.leaflet(everyone).as_text()


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
    for made in (sheets(), sheets(adopted_from=None), sheets(approach="personal_lists")):
        for message in team_texts.text_messages(made):
            assert len(message.parts) == 1
            assert message.gp in message.parts[0]


def of_lists(approach: str) -> Sheets:
    """Return a plan of lists: each GP alone, or no team at all."""
    made = sheets(approach=approach)
    if approach == "reallocation":
        holders = tuple(
            Holder(m.staff_id, m.name, 9, 2)
            for m in made.members
            if m.role in ("gp_partner", "gp_salaried")
        )
        return replace(made, plan=replace(made.plan, teams=()), members=(), holders=holders)
    teams = tuple(replace(made.plan.teams[0], team_id=f"L{n}", name=f"Team {n}") for n in range(3))
    gps = [m for m in made.members if m.role in ("gp_partner", "gp_salaried")]
    mine = tuple(replace(gps[n], team_id=f"L{n}", lead=True) for n in range(3))
    nurse = next(m for m in made.members if m.role == "nurse")
    all_of = tuple(replace(nurse, team_id=f"L{n}", shared=True) for n in range(3))
    return replace(made, plan=replace(made.plan, teams=teams), members=(*mine, *all_of))


@pytest.mark.parametrize(
    "made",
    [of_lists("personal_lists"), of_lists("reallocation"), sheets(approach="buddies")],
    ids=lambda made: made.plan.approach,
)
def test_who_has_no_team_is_never_told_of_one(made: Sheets) -> None:
    told = [re.sub(r"<style>.*?</style>|<[^>]+>", "", t, flags=re.S) for t in everything(made)]
    assert len(told) > 5
    for words_ in told:
        for role in ("Team member", "members of"):
            words_ = words_.replace(role, "")
        assert not re.search(r"\bteams?\b", words_, re.IGNORECASE), words_
        assert "Team " not in words_
    leaflet = team_texts.leaflet(made).as_text()
    for name in [holder.called for holder, _ in made.list_holders()]:
        assert name in leaflet


def test_each_list_has_a_message_and_nobody_in_training_one() -> None:
    made = sheets()
    registrars = {m.name for m in made.members if m.role == "gp_registrar"}
    told = [message.gp for message in team_texts.text_messages(made)]
    assert registrars
    assert not registrars & set(told)
    assert len(told) == len(set(told)) > 2
    gone = Holder("S-X", "Dr Example-Yew", 4, 4)
    known = replace(made, holders=(gone,))
    assert [message.gp for message in team_texts.text_messages(known)] == ["Dr Example-Yew"]


def test_of_a_reallocation_only_those_who_come_are_written_to() -> None:
    made = of_lists("reallocation")
    one, *rest = made.holders
    some = replace(made, holders=(one, *(replace(each, new=0) for each in rest)))
    (message,) = team_texts.text_messages(some)
    assert message.to == f"For the people in letters.csv whose new GP is {one.name}:"


def test_a_pair_is_called_by_its_gps() -> None:
    made = sheets(approach="buddies")
    team = made.plan.teams[0]
    gps = made.gps(team)
    assert f"<h1>{joined(gps)}</h1>" in render_team(made, team)
    card = team_texts.reception_card(made, team).as_text()
    assert f"I will look for {gps[0]} first, then for {gps[1]}." in " ".join(card.split())
    message = next(m for m in team_texts.text_messages(made) if m.gp == gps[0])
    assert f"who works with {joined(gps[1:])}" in " ".join(message.parts)
    own = of_lists("personal_lists")
    page = render_team(own, own.plan.teams[0])
    assert f"people have {own.own_gp(own.plan.teams[0])} as their own GP" in page
    assert "leads" not in page


def test_names_are_joined_as_people_say_them() -> None:
    assert joined(["A"]) == "A"
    assert day_words((True,) * 10) == "Every weekday"
    assert joined(["A", "B", "C"]) == "A, B and C"
    assert day_words((True, True, True, False, False, True, *(False,) * 4)) == (
        "Monday, Tuesday morning, Wednesday afternoon"
    )

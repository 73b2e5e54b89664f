"""The monthly pack: what it says, to whom, and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise

import pytest

from hamlets.continuity.results import PackEvent
from hamlets.publish.pack import check_line, event_words, names_found, page_of, render_pack, upkeep
from hamlets.publish.pack_words import email_text, group_text, next_step, public_share
from tests.fixtures.report import made, packs

DAY = date(2031, 5, 12)
WORDS = re.compile(r"<(style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)


@cache
def page_for(managers: bool = False, bare: bool = False) -> str:
    return render_pack(packs.bare() if bare else packs.full(managers))


def visible(page: str) -> str:
    return " ".join(WORDS.sub(" ", page).split())


def test_the_two_sides_hold_what_a_pack_holds_in_order() -> None:
    page = page_for()
    heads = re.findall(r"<h([12])[^>]*>(.*?)</h\1>", page)
    assert [words for _, words in heads] == [
        "Practice A in May 2031",
        "The headline numbers",
        "Month by month",
        "Who patients saw",
        "What changed",
        "Who was working",
        "Upkeep of named GPs",
        "Waiting for us",
        "Thank you",
        "What the words mean",
    ]
    said = visible(page)
    assert "About half of GP contacts were with the patient's own GP." in said.replace("&#39;", "'")
    assert "28 May 2031 A GP left; 1,310 patients" in said
    assert "Choose a named GP for 412 patients Who Practice manager By when 20 June 2031" in said
    assert page.count('class="card"') == 4
    assert "{" not in said and "None" not in said


def test_the_staff_form_names_no_gp_and_says_so() -> None:
    pack = packs.full()
    page, mail = page_for(), email_text(pack, "pack.html")
    for name in pack.gps:
        assert name.casefold() not in (page + mail).casefold()
    line = check_line(pack, page, mail)
    assert line == "Who gets this: 41 staff. It names no GP and no patient."


def test_the_managers_form_has_the_annex_and_says_whom_it_is_for() -> None:
    pack = packs.full(managers=True)
    page = page_for(managers=True)
    assert "Dr Example-Ash" in page and "Dr Example-Dune left; 1,310 patients" in visible(page)
    assert "For managers only" in page
    read = "The last load read 61,240 rows, of all tables and practices. It kept 59,900, refused"
    assert read in visible(page)
    assert "The command" not in visible(page)
    assert "It names GPs" in check_line(pack, page)
    assert "For managers only" not in page_for()


def test_the_sum_of_a_load_adds_up_or_says_it_does_not() -> None:
    load = packs.full().last_load
    assert load is not None and load.adds_up
    assert not replace(load, kept=1).adds_up


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Thanks to Dr Example-Ash", 1),
        ("Thanks to Example-Ash and Example-Birch", 2),
        ("Thanks to all for the ash trees", 0),
    ],
)
def test_a_name_that_was_typed_is_noticed_before_it_goes_out(typed: str, found: int) -> None:
    pack = replace(packs.full(), thanks=typed)
    page = render_pack(pack)
    assert len(names_found(pack, page)) == found
    assert ("It names no GP" in check_line(pack, page)) == (found == 0)


def test_a_team_called_after_a_gp_is_noticed_too() -> None:
    pack = packs.full()
    event = replace(pack.events[1], name="Team of DR EXAMPLE-ASH")
    pack = replace(pack, events=(event,))
    assert names_found(pack, render_pack(pack)) == ("Dr Example-Ash",)


def test_events_name_a_gp_for_managers_only() -> None:
    left = packs.full().events[0]
    assert event_words(left, named=True) == "Dr Example-Dune left; 1,310 patients"
    assert event_words(left, named=False) == "A GP left; 1,310 patients"
    assert event_words(replace(left, number=1), named=False) == "A GP left; 1 patient"
    assert event_words(replace(left, number=None), named=False) == "A GP left"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (PackEvent(DAY, "plans_made", number=1), "A plan of teams and lists made"),
        (PackEvent(DAY, "plans_made", number=3), "3 plans of teams and lists made"),
        (
            PackEvent(DAY, "plan_adopted", "3", starts=date(2031, 7, 1)),
            "Plan 3 adopted, to start on 1 July 2031",
        ),
        (PackEvent(DAY, "plan_began", "3"), "Plan 3 started"),
        (PackEvent(DAY, "plan_began", "3", other="1"), "Plan 3 started, in place of plan 1"),
        (PackEvent(DAY, "plan_withdrawn", "3"), "Plan 3 taken back before it started"),
    ],
)
def test_plans_are_told_by_their_number(event: PackEvent, words: str) -> None:
    assert event_words(event, named=False) == event_words(event, named=True) == words


def test_what_the_rota_allows_is_drawn_and_named() -> None:
    page = render_pack(packs.with_ceiling())
    assert "<dd>Plan 4 started, in place of plan 3</dd>" in page
    assert "Your rota would have allowed more." in page
    assert page.count('<p class="card-room">') == 2
    assert "rota allows" in page
    assert "each request met within 10 working days, urgent the same day." in page
    without = page_for()
    assert 'class="card-room"' not in without
    assert "rota allows" not in without


@pytest.mark.parametrize("numbers", [(0, 0), (1, 0), (0, 1), (212, 200)])
def test_the_heading_of_the_upkeep_is_true_of_its_table(numbers: tuple[int, int]) -> None:
    part = upkeep(packs.health(*numbers))
    assert part.table is not None and part.heading is not None
    shown = [int(row[1].text.replace(",", "")) for row in part.table.rows[:2]]
    assert tuple(shown) == numbers
    said = re.match(r"[\d,]+", part.heading)
    assert (int(said[0].replace(",", "")) if said else 0) == sum(numbers)


def test_coverage_never_stands_without_what_it_delivered() -> None:
    said = " ".join(upkeep(packs.health()).sentences)
    assert "96 in 100 patients have a named GP" in said
    assert "A name alone does nothing: 49 in 100 contacts" in said


def test_records_without_named_gps_or_rota_are_said_in_words() -> None:
    said = visible(page_for(bare=True))
    assert "No named GPs were loaded, so there is nothing to keep up." in said
    assert "We could not work out the week for this month." in said
    assert "No list of actions was given for this month." in said
    assert "Nothing is waiting for us." not in said
    assert "No GP joined or left, and no team or plan was adopted." in said
    assert "Thank you" not in said
    assert check_line(packs.bare(), said).startswith("Who gets this: all staff.")


def test_words_typed_by_people_stay_words() -> None:
    pack = packs.full()
    assert pack.actions is not None
    pack = replace(pack, thanks="<script>alert(1)</script>", actions=(
        replace(pack.actions[0], what="=cmd()", owner="<b>x</b>"),))  # fmt: skip
    page = render_pack(pack)
    assert "<script" not in page and "<b>x" not in page
    assert "%27%3Dcmd%28%29" in page  # the download disarms what a spreadsheet would run


def test_links_lead_somewhere_and_ids_are_unique() -> None:
    for page in (page_for(), page_for(managers=True), page_for(bare=True)):
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_headings_go_down_one_level_at_a_time() -> None:
    for page in (page_for(managers=True), page_for(bare=True)):
        levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
        assert levels[0] == 1
        assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_email_is_one_paragraph_as_worded() -> None:
    assert email_text(packs.full(), "https://practice.example/pack") == (
        "Invented data. No real patient, practice or member of staff. "
        "In May 2031, 49 in 100 GP contacts were with the patient's own GP "
        f"({change(packs.full())}). "
        "68 in 100 were with the own team. "
        "412 patients have no named GP, or one who has left: choose a named GP for them. "
        "The full page: https://practice.example/pack\n"
    )


def change(pack: packs.MonthlyPack) -> str:
    from hamlets.publish.sections.short import change_words

    said = change_words(pack.report.main.change)
    return said[0].lower() + said[1:].replace(" (", ", ").removesuffix(")")


def test_the_next_step_follows_the_rules_in_order() -> None:
    steps = [next_step(pack) for pack in packs.variants()]
    assert steps[0].startswith("412 patients have no named GP")
    assert any(step.startswith("1 patient has no named GP") for step in steps)
    assert any(step == "Team Blue often has no GP on Tuesdays: look at the week." for step in steps)
    assert any(
        s == "Nothing needs doing. Next month's data is due about 5 July 2031." for s in steps
    )
    assert any("Can we load a newer extract?" in step for step in steps)
    assert any("Can we record who saw the patient?" in step for step in steps)


def test_the_patient_group_gets_rounded_words_and_no_small_number() -> None:
    assert group_text(packs.full(), "more evening calls", "two evenings a week") == (
        "Invented data. No real patient, practice or member of staff. "
        "In May 2031, about 50 in 100 visits and calls were with people's own doctor. "
        "You asked: more evening calls. We did: two evenings a week.\n"
    )
    few = replace(made.estimate(0.5), n_patients=7, n_contacts=12)
    assert public_share(few) is None
    pack = packs.full()
    quiet = replace(pack, report=made.with_main(pack.report, n_patients=7, n_contacts=12))
    assert "In May 2031, there were too few visits and calls" in group_text(quiet)


def test_only_invented_data_is_called_so() -> None:
    pack = packs.full()
    place = replace(pack.report.place, invented=False)
    real = replace(pack, report=replace(pack.report, place=place))
    for words in (render_pack(real), email_text(real, "pack.html"), group_text(real)):
        assert "Invented data" not in words
    assert "Invented data" in page_for()


def test_nothing_is_waiting_only_where_a_list_says_so() -> None:
    pack = packs.full()
    said = {given: visible(render_pack(replace(pack, actions=given))) for given in (None, ())}
    assert "No list of actions was given for this month." in said[None]
    assert "Nothing is waiting for us." in said[()]
    assert "Nothing is waiting for us." not in said[None]


def test_the_week_is_of_the_days_it_is_made_of() -> None:
    said = visible(page_for())
    assert "27 January 2031 to 25 May 2031" in said
    assert packs.full().workforce is not None


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.49, "50"), (0.42, "40"), (0.001, "fewer than 5"), (0.999, "more than 95")],
)
def test_public_shares_are_rounded_to_5_and_never_all_or_none(value: float, said: str) -> None:
    assert public_share(made.estimate(value)) == said


def test_cards_are_of_the_month_and_the_gp_seen_most_looks_back_two_years() -> None:
    page = page_of(packs.full())
    assert page.cards[0].period == "1 May 2031 to 31 May 2031"
    assert page.cards[2].period == "1 June 2029 to 31 May 2031"
    assert packs.MAY.first == date(2031, 5, 1)


def test_the_same_results_give_the_same_bytes() -> None:
    assert page_for() == render_pack(packs.full())

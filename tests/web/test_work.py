"""What jobs compute for the pages of a practice, on an invented one."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import site_setup  # noqa: F401 - before anything of Django

import hamlets
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.continuity import measure
from hamlets.continuity.results import Estimate, WeekRow
from hamlets.errors import HamletsError, NothingToMeasureError, UnknownPlaceError, UsageError
from hamlets.publish.page import Section
from hamlets.web.answers import steps
from hamlets.web.answers.asking import packed, unpacked
from hamlets.web.jobs.progress import Progress
from hamlets.web.pages import named
from hamlets.web.work import (
    audits,
    continuity,
    everything,
    files,
    free_wins,
    home,
    loading_back,
    named_gps,
    teams,
    workforce,
    worklists,
)
from hamlets.web.work.fragments import downloads, fragment, plain
from hamlets.web.work.parts import Part, ways_heading

PLACE, END = "EX002", date(2025, 12, 31)
ASKED = {
    "home": home.home,
    "workforce": workforce.week,
    "audits": audits.audits,
    "cases": audits.cases,
    "named_gps": named_gps.health,
    "free_wins": free_wins.free_wins,
    "worklist": worklists.worklist,
    "team_facts": teams.facts,
    "pack_months": files.months_held,
    "store_practices": loading_back.practices,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("work") / "store"
    synthesise(make_setting(practices=2, patients=9000, months=18, seed=5, end=END), path)
    return path


@pytest.fixture(scope="module")
def undrawn() -> Any:
    """Sections are built and not drawn: drawing is what takes the time."""
    with pytest.MonkeyPatch.context() as patch:

        def shown(section: Section) -> dict[str, Any]:
            return {"ident": section.ident, "title": section.title, "html": repr(section.notes)}

        patch.setattr(continuity, "fragment", shown)
        yield


@pytest.fixture(scope="module")
def made(store: Path, undrawn: None) -> dict[str, Any]:
    """All usual answers of the practice, as the site keeps them."""
    found = everything.everything(store, PLACE, Progress(), version=1)
    return {
        " ".join([name, *map(str, question.values())]): unpacked(packed(body))
        for name, question, body in found
    }


def test_all_usual_answers_are_there(made: dict[str, Any]) -> None:
    expected = {"continuity", *ASKED} - {"cases"} | {"cases death"}
    assert expected <= set(made)


@pytest.mark.parametrize("name", [*ASKED, "continuity"])
def test_an_answer_made_in_advance_is_the_one_that_is_asked(
    store: Path, made: dict[str, Any], name: str
) -> None:
    what: Callable[..., Any] = ASKED.get(name, continuity.report)
    question = {"event": "death"} if name == "cases" else {}
    alone = what(store, PLACE, Progress(), version=1, **question)
    assert unpacked(packed(alone)) == made[" ".join([name, *question.values()])]


def test_the_cards_have_the_figures_of_measure(store: Path, made: dict[str, Any]) -> None:
    cards = {card["measure"]: card for card in made["continuity"]["cards"]}
    period = made["continuity"]["period"]
    assert period == {"first": "2025-01-01", "last": "2025-12-31"}
    with hamlets.open_store(store) as opened:
        for key, level in (("slicc", "clinician"), ("slicc_team", "team")):
            days = [date.fromisoformat(period[end]) for end in ("first", "last")]
            table = measure(opened, measures="slicc", level=level, by="practice",
                            date_from=days[0], date_to=days[1])  # fmt: skip
            row = next(r for r in table.to_pylist() if r["practice"] == PLACE)
            shown = cards[key]["numbers"]["estimate"]
            for part in ("value", "lower", "upper", "chance", "n_contacts"):
                assert shown[part] == pytest.approx(row[part])
            assert shown["ceiling"] >= shown["value"]
    assert [section["ident"] for section in made["continuity"]["sections"]] == [
        "short", "who", "months", "lists", "groups", "audits", "workforce", "counted", "define"
    ]  # fmt: skip
    assert [section["ident"] for section in made["continuity"]["extra"]] == ["teams", "ways"]


def test_the_teams_and_ways_add_up(made: dict[str, Any]) -> None:
    csvs = made["continuity"]["csvs"]
    counted = next(c for c in made["continuity"]["cards"] if c["measure"] == "slicc")
    whole = counted["numbers"]["estimate"]["n_contacts"]
    for name in ("team-by-team.csv", "ways-of-contact.csv"):
        rows = list(csv.DictReader(io.StringIO(csvs[name].removeprefix("\ufeff"))))
        assert len(rows) > 1
        assert sum(int(row["n_contacts"]) for row in rows) == whole
        own = sum(float(row["value"]) * int(row["n_contacts"]) for row in rows)
        team = next(c for c in made["continuity"]["cards"] if c["measure"] == "slicc_team")
        assert own / whole == pytest.approx(team["numbers"]["estimate"]["value"])


def test_other_days_roles_and_windows(store: Path, undrawn: None) -> None:
    half = continuity.report(store, PLACE, Progress(), version=1, months=6, window="strict")
    assert half["period"] == {"first": "2025-07-01", "last": "2025-12-31"}
    assert half["window_name"] == "strict"
    days = continuity.report(
        store, PLACE, Progress(), version=1, first="2025-03-05", last="2025-05-06", roles="any"
    )
    assert days["period"] == {"first": "2025-03-05", "last": "2025-05-06"}
    assert days["window_name"] is None  # the ceiling is of GPs alone
    assert days["options"]["roles"] == "any"


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ({"first": "2025-06-01", "last": "2025-05-01"}, UsageError),
        ({"first": "2031-01-01", "last": "2031-02-01"}, NothingToMeasureError),
        ({"roles": "wizard"}, UsageError),
        ({"modes": "group"}, NothingToMeasureError),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(
    store: Path, question: dict[str, Any], error: type[HamletsError]
) -> None:
    with pytest.raises(error) as caught:
        continuity.report(store, PLACE, Progress(), version=1, **question)
    assert caught.value.hint


def test_another_practice_is_not_known(store: Path) -> None:
    for what in (home.home, workforce.week, named_gps.health, worklists.worklist):
        with pytest.raises(UnknownPlaceError):
            what(store, "EX999", Progress(), version=1)


def test_cases_have_their_strips(made: dict[str, Any]) -> None:
    found = made["cases death"]
    assert found["cases"], "the invented practice has deaths"
    assert [case["number"] for case in found["cases"]] == list(range(1, len(found["cases"]) + 1))
    for case in found["cases"]:
        known = [c for c in case["strip"] if c["letter"] not in "N?"]
        # somebody who was seen while no GP was named is not "not known"
        assert all((c["letter"] == "?") == (c["role"] == "unknown")
                   for c in case["strip"] if c["letter"] in "N?")  # fmt: skip
        assert "-" not in case["age_band"] and "+" not in case["age_band"]
        # on days without a named GP nobody is the own GP or somebody else
        assert len(known) <= case["contacts"] <= len(case["strip"])
        assert (case["own_team"] is None) == (not known)
        assert case["sentence"].startswith(("1 contact with", f"{case['contacts']} contacts with",
                                            "No GP contact"))  # fmt: skip
        before = [contact["days_before"] for contact in case["strip"]]
        assert before == sorted(before, reverse=True)
        assert case["first_contact_days"] == (before[0] if before else None)
    assert any(case["own_team"] for case in found["cases"])
    # the page of one event says nothing of another
    assert "ancer" not in made["audits"]["sections"]["death"]["html"]
    # the summary holds no case
    assert "patient_id" not in str(made["audits"])
    assert made["audits"]["events"]


def test_a_case_in_words() -> None:
    case = {"contacts": 13, "gps": 8, "handovers": 10, "own_team": 6}
    assert audits.case_sentence(case) == (
        "13 contacts with 8 different GPs. "
        "10 times the GP changed from one contact to the next. 6 with the own team."
    )
    one = {"contacts": 1, "gps": 1, "handovers": 0, "own_team": None}
    assert audits.case_sentence(one) == (
        "1 contact with 1 GP. 0 times the GP changed from one contact to the next."
    )
    assert audits.case_sentence({**one, "contacts": 0}) == "No GP contact in these days."


def test_what_the_home_says_agrees_with_what_its_parts_say(made: dict[str, Any]) -> None:
    rules = {step["rule"]: step for step in made["home"]["steps"]}
    assert made["home"]["cards"] == made["continuity"]["cards"]
    without = made["named_gps"]["without"]
    assert without == sum(
        count["patients"] for count in made["named_gps"]["problems"]
        if count["finding"] in ("none", "left")
    )  # fmt: skip
    assert (rules["no_named_gp"]["patients"] if without else 0) == without
    assert rules["old_data"]["since"] == (END + timedelta(days=46)).isoformat()
    main = made["home"]["cards"][0]["numbers"]["estimate"]
    room = round(100 * main["ceiling"]) - round(100 * main["value"])
    assert ("room" in rules) == (room >= 20)
    assert made["home"]["next_data"] == "2026-02-05"
    assert all(svg.startswith("<svg") for svg in made["home"]["month"]["drawings"])
    assert made["home"]["week"] == made["workforce"]["workforce"]["week"]


def test_steps_hold_on_their_days() -> None:
    found: list[dict[str, Any]] = [
        {"rule": "old_data", "since": "2031-07-16", "until": None},
        {"rule": "leaving", "since": "2031-05-01", "until": "2031-06-25"},
        {"rule": "room", "since": None, "until": None, "unless_planned": True},
        {"rule": "weekday", "since": None, "until": None},
    ]

    def rules(day: date, planned: bool = False, most: int = 3) -> list[str]:
        return [step["rule"] for step in steps.due(found, day, planned=planned, most=most)]

    assert rules(date(2031, 4, 30)) == ["room", "weekday"]
    assert rules(date(2031, 5, 1)) == ["leaving", "room", "weekday"]
    assert rules(date(2031, 6, 25), planned=True) == ["leaving", "weekday"]
    assert rules(date(2031, 6, 26)) == ["room", "weekday"]
    assert rules(date(2031, 7, 16)) == ["old_data", "room", "weekday"]
    assert rules(date(2031, 7, 16), most=1) == ["old_data"]
    days = [{"day": "2031-07-01"}, {"day": "2031-06-01"}]
    assert steps.changed(days, date(2031, 6, 30)) == days[1:]


def week_row(label: str, *covered: bool) -> WeekRow:
    return WeekRow(label, (), covered)


def test_weekdays_without_a_gp_are_those_of_teams_where_there_are_teams() -> None:
    practice = week_row("", True, True, True, True, False)
    blue = week_row("Team Blue", True, True, False, True, False)
    green = week_row("Team Green", True, True, True, True, True)
    few = week_row("Team Red")  # too few weeks to say

    def uncovered(*rows: WeekRow) -> list[Any]:
        found = home._uncovered(cast(Any, SimpleNamespace(week=rows)))
        return [(step["team"], step["weekdays"]) for step in found]

    assert uncovered(practice, blue, green, few) == [("Team Blue", [2, 4])]
    assert uncovered(practice) == [("", [4])]
    assert home._uncovered(None) == []


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2031, 5, 31), date(2031, 7, 5)),
        (date(2031, 1, 31), date(2031, 3, 5)),
        (date(2031, 12, 15), date(2032, 2, 5)),
    ],
)
def test_the_next_month_is_due_just_after_it(last: date, due: date) -> None:
    assert home.next_data(last) == due


def share(value: float, half: float) -> Estimate:
    return Estimate("slicc", "team", value, value - half, value + half, n_contacts=900)


def test_ways_of_contact_differ_only_beyond_the_interval_of_the_difference() -> None:
    assert ways_heading(share(0.6, 0.02), share(0.5, 0.02), "own team") == (
        "Online contacts were with the own team less often than visits: 50 against 60 in 100"
    )
    assert "more often than visits: 60 against 50" in ways_heading(
        share(0.5, 0.02), share(0.6, 0.02), "own GP"
    )
    same = "No clear difference between ways of contact"
    assert ways_heading(share(0.6, 0.05), share(0.55, 0.05), "own GP") == same
    assert ways_heading(share(0.5, 0.02), None, "own GP") == same


class Tags(HTMLParser):
    """The elements and attributes of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_free_wins_name_gps_as_people_know_them(store: Path, made: dict[str, Any]) -> None:
    found = made["free_wins"]
    with hamlets.open_store(store) as opened:
        names = {row["name"] for row in opened.table("staff").to_pylist()}
    # somebody with several role records is shown by an id that no staff row has
    assert found["wins"]["by_list"]
    assert {row["value"] for row in found["wins"]["by_list"]} <= names
    shown = named._of_100(found["practice"])
    assert sum(shown.values()) == 100 and list(shown) == list(named._PARTS)
    assert named._of_100({**found["practice"], "away": None}) == {}


@pytest.mark.parametrize(
    ("hour", "said"),
    [("09:00", "9am to 10am"), ("11:00", "11am to 12pm"), ("12:00", "12pm to 1pm"),
     ("23:00", "11pm to 12am"), ("not known", "not known")],
)  # fmt: skip
def test_hours_as_people_say_them(hour: str, said: str) -> None:
    assert named._hour(hour) == said


def test_weekdays_as_people_say_them() -> None:
    assert [named._weekday(day) for day in ("Mon", "Thu", "other")] == [
        "Monday",
        "Thursday",
        "Other",
    ]


def test_names_from_the_records_are_escaped(store: Path) -> None:
    from hamlets.web.work.parts import _chart

    bad = '<img src=x onerror="alert(1)">'
    with hamlets.open_store(store) as opened:
        found = continuity.measured(opened, PLACE, Progress())
    parts = [Part(bad, share(0.5, 0.02), "no"), Part("Team Green", share(0.6, 0.02), "no")]
    chart = _chart(found, "by-team", bad, parts, share(0.55, 0.02), "by_team", ())
    section = Section("teams", "Team by team", "chart.html", chart)
    html = fragment(section)["html"]
    assert "&lt;img" in html
    tags = Tags()
    tags.feed(html)
    assert not tags.names & {"img", "script", "style"}
    assert not {name for name in tags.attributes if name == "style" or name.startswith("on")}
    # and a spreadsheet runs none of it
    assert list(downloads(section)) == ["team-by-team.csv"]


def test_results_are_plain() -> None:
    import numpy as np

    made = plain({"day": END, "n": np.int64(3), "rows": (share(0.5, 0.1),)})
    assert made["day"] == "2025-12-31" and made["n"] == 3
    assert made["rows"][0]["measure"] == "slicc"
    assert unpacked(packed(made)) == made


def test_somebody_with_several_role_records_is_found_by_each_of_their_ids(
    store: Path, made: dict[str, Any]
) -> None:
    """A person may sign in with the id of one record and be shown by another."""
    from hamlets.records import open_store

    with open_store(store) as opened:
        rows = opened.table("staff").to_pylist()
    several = {row["staff_id"] for row in rows if row["practice_id"] == PLACE}
    shown = made["home"]["shown_as"]
    assert set(shown) <= several
    assert all(own != other for own, other in shown.items())
    people = {row["staff_id"]: row["person_id"] for row in rows}
    known = {row["staff_id"] for row in made["home"]["lists"]}
    for own, other in shown.items():
        assert other in known or other not in people or people[own] == people[other]

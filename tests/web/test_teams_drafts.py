"""Descriptions of teams that several people change: nothing is lost, nothing written over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client

from hamlets.web.places.standing import Standing, stand
from hamlets.web.teamwork import drafts, mending
from hamlets.web.teamwork.drafts import Clash
from hamlets.web.teamwork.models import Draft, Edition
from hamlets.web.teamwork.questions import USUAL, possible_teams, usual_model
from hamlets.web.teamwork.saying import say_possible
from tests.fixtures.team_site import Begin, describe, form_of, open_page
from tests.web.conftest import Borough, MakePerson

HOME = "/practice/EX001/teams/"
Make = Callable[..., Standing]


def words(page: Any) -> str:
    return " ".join(page.content.decode().split())


def test_two_people_change_the_same_answers(
    team_store: Begin, places: Borough, person: MakePerson
) -> None:
    team_store(planned=False)
    one, other = Client(), Client()
    one.force_login(person("practice_manager", name="Example Ash"))
    other.force_login(person("clinician", name="Example Birch"))
    address = describe(one, HOME)
    mine, theirs = form_of(open_page(one, address)), form_of(open_page(other, address))

    assert other.post(address, {**theirs, "band_percent": "7"}).status_code == 302
    clash = one.post(address, {**mine, "band_percent": "9", "households": "no"})
    assert clash.status_code == 409
    said = words(clash)
    assert "Example Birch changed this plan at" in said and "Here is what changed." in said
    assert "Use theirs" in said and "Use mine" in said
    for answer in (">7 <", ">9 <", "How even must the work be?", "Keep households together?"):
        assert answer in said
    assert Draft.objects.get().model["band_percent"] == 7  # nothing written over

    # use mine: what was sent is sent again, from the edition that was shown
    sent = form_of(clash, "use-mine")
    assert one.post(address, sent).status_code == 302
    draft = Draft.objects.get()
    assert (draft.model["band_percent"], draft.model["households"]) == (9, False)
    assert draft.changed_by is not None and draft.changed_by.name == "Example Ash"

    # theirs is there still, with who and what, and can be brought back
    page = words(open_page(other, address))
    assert "Earlier answers" in page and "Changed by Example Birch" in page
    theirs_kept = Edition.objects.get(draft=draft, changed_by__name="Example Birch")
    assert other.post(f"{address}back/{theirs_kept.number}/").status_code == 302
    assert Draft.objects.get().model["band_percent"] == 7
    assert Draft.objects.get().edition == draft.edition + 1
    assert other.post(f"{address}back/99/").status_code == 404


def test_the_same_answers_from_an_old_edition_are_no_clash(standing: Make) -> None:
    here = standing("practice_manager")
    draft = drafts.begin(here, USUAL)
    changed = {**USUAL, "band_percent": 3}
    drafts.save(here, draft.number, 1, changed)
    again = drafts.save(here, draft.number, 1, changed)
    assert not isinstance(again, Clash) and again.edition == 2
    clash = drafts.save(here, draft.number, 1, {**USUAL, "band_percent": 4})
    assert isinstance(clash, Clash)
    assert clash.base["band_percent"] == 5 and clash.draft.model["band_percent"] == 3


def test_another_place_has_its_own(standing: Make, places: Borough) -> None:
    here, there = standing("practice_manager"), standing("practice_manager", places.b)
    assert [drafts.begin(here, USUAL).number for _ in range(2)] == [1, 2]
    assert drafts.begin(there, USUAL).number == 1
    with pytest.raises(Http404):
        drafts.find(there, 2)
    with pytest.raises(Http404):
        drafts.save(there, 2, 1, USUAL)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_writes(standing: Make, places: Borough) -> None:
    """On PostgreSQL the writers meet; SQLite in memory lets one in after the other."""
    here = standing("practice_manager")
    draft = drafts.begin(here, USUAL)
    ended: list[str] = []
    begin = threading.Barrier(4)

    def write(band: int) -> None:
        try:
            mine = stand(here.person, "practice", places.a.code)
            begin.wait(10)
            found = drafts.save(mine, draft.number, 1, {**USUAL, "band_percent": band})
            ended.append("clash" if isinstance(found, Clash) else "written")
        finally:
            connection.close()

    if connection.vendor == "postgresql":
        threads = [threading.Thread(target=write, args=(band,)) for band in range(10, 14)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    else:
        for band in range(10, 14):
            found = drafts.save(here, draft.number, 1, {**USUAL, "band_percent": band})
            ended.append("clash" if isinstance(found, Clash) else "written")
    assert sorted(ended) == ["clash", "clash", "clash", "written"]
    assert Draft.objects.get().edition == 2
    assert Edition.objects.count() == 2


# How many teams there can be, by counting


def gp(number: int, days: str = "1" * 10, **more: Any) -> dict[str, Any]:
    return {
        "id": f"S{number}", "name": f"Dr Example-{number}", "role": "gp_salaried", "gp": True,
        "holds_list": True, "leads": True, "half_days": [int(day) for day in days * 2], **more,
    }  # fmt: skip


def facts(*gps: dict[str, Any], nurses: int = 0) -> dict[str, Any]:
    nurse = [{"id": f"N{n}", "name": "", "role": "nurse", "gp": False} for n in range(nurses)]
    return {"staff": [*gps, *nurse], "patients": 12480}


NINE = facts(*(gp(number) for number in range(9)), nurses=3)


@pytest.mark.parametrize(
    ("practice", "model", "line"),
    [
        (NINE, {}, "9 GPs, 12,480 patients: 3 teams are possible."),
        (NINE, {"team_gps": [3, 5]}, "9 GPs, 12,480 patients: 2 or 3 teams are possible."),
        (NINE, {"team_gps": [2, 5]}, "9 GPs, 12,480 patients: 2 to 4 teams are possible."),
        (NINE, {"team_gps": [9, 9]}, "9 GPs, 12,480 patients: 1 team is possible."),
        (NINE, {"team_gps": [5, 8]},
         "9 GPs, 12,480 patients: no number of teams of this size adds up."),
        (NINE, {"approach": "buddies"}, "9 GPs, 12,480 patients: 3 or 4 teams are possible."),
        (NINE, {"approach": "personal_lists"}, "9 GPs, 12,480 patients: 9 teams are possible."),
        (NINE, {"taking_part": ["S1", "S2", "S3"]}, "3 GPs, 12,480 patients: 1 team is possible."),
        (NINE, {"roles": {"nurse": 2}, "shared": []},
         "9 GPs, 12,480 patients: too few people have the role nurse (enough for 1)."),
        (NINE, {"leads": ["S1", "S2"]}, "9 GPs, 12,480 patients: too few GPs may lead a team (2)."),
        (facts(gp(1)), {"team_gps": [1, 4]}, "1 GP, 12,480 patients: 1 team is possible."),
    ],
)  # fmt: skip
def test_how_many_teams_are_possible(
    practice: dict[str, Any], model: dict[str, Any], line: str
) -> None:
    assert say_possible(practice, {**USUAL, **model}) == line


def test_a_day_on_which_few_work_is_named() -> None:
    friday_off = facts(*(gp(n, "1111111100") for n in range(8)), gp(8))
    model = {**USUAL, "team_gps": [2, 4]}
    found = possible_teams(friday_off, model)
    assert (found.why, found.about, found.have) == ("cover", "Friday", 1)
    mended = mending.mended(model, "cover_except", "Friday")
    assert mended is not None and possible_teams(friday_off, mended).teams == (3, 4)
    half = {**model, "cover": "half_day"}
    assert possible_teams(friday_off, half).about == "Friday morning"
    less = mending.mended(mended, "cover_except", "Friday morning")
    assert less is not None and less["cover_except"] == ["Friday", "Friday morning"]


def test_the_usual_answers_can_hold() -> None:
    for count in range(2, 20):
        practice = facts(*(gp(number) for number in range(count)), nurses=count % 5)
        model = usual_model(practice)
        assert possible_teams(practice, model).teams, count
        if model["roles"]:
            assert count % 5 >= max(possible_teams(practice, model).teams)


@pytest.mark.parametrize(
    ("key", "value", "changed"),
    [
        ("team_most", "5", {"team_gps": [3, 5]}),
        ("team_least", "2", {"team_gps": [2, 4]}),
        ("cover_gps", "1", {"cover_gps": 1}),
        ("share_role", "nurse", {"roles": {}, "shared": ["pharmacist", "administrator", "nurse"]}),
        ("band_percent", "10", {"band_percent": 10}),
        ("disruption_percent", "40", {"disruption_percent": 40}),
        ("households", "no", {"households": False}),
        ("one_site", "no", {"one_site": False}),
        ("drop_languages", "Bengali", {"languages": {}}),
        ("drop_must_link", "A, B", {"must_link": [["C", "D"]]}),
        ("drop_cannot_link", "A, B", {"cannot_link": []}),
    ],
)
def test_each_change_that_a_conflict_offers(key: str, value: str, changed: dict[str, Any]) -> None:
    model = {
        **USUAL, "roles": {"nurse": 1}, "languages": {"Bengali": 1}, "one_site": True,
        "must_link": [["A", "B"], ["C", "D"]], "cannot_link": [["A", "B"]],
    }  # fmt: skip
    assert mending.mended(model, key, value) == {**model, **changed}
    assert model["must_link"] == [["A", "B"], ["C", "D"]]

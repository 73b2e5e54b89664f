"""The frame of every page: who, where, which pages, and nothing that a role may not open."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from hamlets.web import dates
from hamlets.web.frame import DataLine, Frame, css_string, frame_of, links_of
from hamlets.web.people.devices import device
from hamlets.web.places.standing import Standing
from hamlets.web.templating import in_fours, joined

MakePerson = Callable[..., Any]
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.fixtures.site_parts")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Stand = Callable[..., Standing]


@pytest.fixture(autouse=True)
def test_pages(settings: Any) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parents[1] / "fixtures" / "site_templates")
    settings.TEMPLATES = templates


def words(here: Standing, path: str = "/", held: Any = ()) -> list[str]:
    return [link.words for link in links_of(here, path, held)]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("practice_manager", ["Home", "Continuity", "Patients", "Data", "People"]),
        ("clinician", ["Home", "Continuity", "Patients"]),
        ("receptionist", ["Home", "Patients"]),
        ("administrator", ["People"]),
        ("researcher", []),
    ],
)
def test_the_menu_has_what_the_role_may_open(
    standing: Stand, role: str, expected: list[str]
) -> None:
    assert words(standing(role)) == expected


def test_the_menu_has_no_page_of_another_kind_of_place(standing: Stand, places: Any) -> None:
    assert words(standing("network_manager", places.network)) == ["Home", "People"]


def test_the_menu_never_offers_what_answers_that_it_is_not_allowed(
    client: Client, person: MakePerson
) -> None:
    for role in ("practice_manager", "clinician", "receptionist", "administrator"):
        client.force_login(person(role), backend=BACKEND)
        page = client.get("/practice/EX001/patients/").content.decode()
        menu = page.split('class="nav-row')[1].split("</nav>")[0]
        for address in re.findall(r'href="([^"]+)"', menu):
            assert client.get(address).status_code == 200, (role, address)


def test_a_page_below_marks_its_own_in_the_menu(standing: Stand) -> None:
    links = links_of(standing("clinician"), "/practice/EX001/continuity/form/")
    assert [link.words for link in links if link.current] == ["Continuity"]


def frame(person: Any, here: Standing | None = None, path: str = "/", **more: Any) -> Frame:
    request = RequestFactory().get(path)
    request.user = person
    for name, value in {"here": here, **more}.items():
        setattr(request, name, value)
    return frame_of(request)


def test_the_network_is_there_for_those_who_hold_a_role_in_it(standing: Stand, places: Any) -> None:
    here = standing("practice_manager")
    assert "Network" not in words(here, held=(places.other_network,))
    found = links_of(here, "/", (places.network,))
    assert [link.address for link in found if link.words == "Network"] == ["/network/EX-N1/"]


def test_the_places_of_a_person_are_each_once_and_without_this_one(
    person: MakePerson, places: Any
) -> None:
    from hamlets.web.places.giving import give_at
    from hamlets.web.places.standing import stand

    who = person("practice_manager", places.b)
    give_at(places.a, who, "clinician", None)
    give_at(places.network, who, "network_clinical_lead", None)
    here = stand(who, "practice", "EX001")
    made = frame(who, here)
    assert [link.words for link in made.places] == ["Network 1", "Practice B"]
    assert (made.person, made.role, made.place) == (who.name, "Clinician", "Practice A")


def test_nobody_signed_in_gets_an_empty_frame_without_a_question(
    django_assert_num_queries: Any,
) -> None:
    from django.contrib.auth.models import AnonymousUser

    with django_assert_num_queries(0):
        assert frame(AnonymousUser()) == Frame()


def test_a_frame_asks_the_database_once(standing: Stand, django_assert_num_queries: Any) -> None:
    here = standing("practice_manager")
    with django_assert_num_queries(1):
        frame(here.person, here, "/practice/EX001/")


def test_the_menu_waits_for_the_first_data(standing: Stand) -> None:
    here = standing("practice_manager")
    made = frame(here.person, here, first_run=True)
    assert [link.words for link in made.links] == ["Home"]


def test_the_trail_leads_from_the_place_to_the_page_above(standing: Stand) -> None:
    here = standing("clinician")
    home = "/practice/EX001/"
    trails = {
        path: [link.words for link in frame(here.person, here, path).trail]
        for path in (home, f"{home}continuity/", f"{home}continuity/form/")
    }
    assert trails == {
        home: [],
        f"{home}continuity/": ["Practice A"],
        f"{home}continuity/form/": ["Practice A", "Continuity"],
    }


def test_the_data_line_says_which_data_and_marks_what_is_invented(standing: Stand) -> None:
    here = standing("clinician")
    line = DataLine(date(2029, 6, 1), date(2031, 5, 31), 14, date(2031, 6, 3), invented=True)
    made = frame(here.person, here, data_line=line)
    assert made.invented
    assert made.data is not None
    assert made.data.words == ("Data: 1 June 2029 to 31 May 2031, loaded 3 June 2031, version 14")
    assert DataLine(date(2029, 6, 1), date(2031, 5, 31), 2).words == (
        "Data: 1 June 2029 to 31 May 2031, version 2"
    )


def test_a_page_has_no_style_attribute_and_no_script_of_its_own(
    client: Client, person: MakePerson
) -> None:
    client.force_login(person("practice_manager"), backend=BACKEND)
    for address in ("continuity/", "continuity/form/", "continuity/sections/", "people/"):
        page = client.get(f"/practice/EX001/{address}").content.decode()
        assert not re.search(r"<[^>]+\sstyle=", page)
        assert not re.search(r"<[^>]+\son[a-z]+=", page)
        assert [s for s in re.findall(r"<script[^>]*>", page) if "src=" not in s] == []


def test_a_name_is_text_wherever_it_stands(client: Client, places: Any, person: Any) -> None:
    hostile = '"><img src=x onerror=alert(1)>} </style>'
    places.a.name = hostile
    places.a.save()
    client.force_login(person("practice_manager", name=hostile), backend=BACKEND)
    page = client.get("/practice/EX001/continuity/").content.decode()
    assert "<img src=x" not in page
    assert page.count("</style>") == 1


def test_words_of_a_printed_foot_cannot_leave_their_string() -> None:
    assert css_string('A"} \\ b') == '"A\\000022 \\00007d \\000020 \\00005c \\000020 b"'


def test_the_page_for_a_database_that_is_away_needs_nothing(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(0):
        page = render_to_string("errors/away.html", {"retry": 5})
    assert "Hamlets cannot reach its records" in page
    assert "Nothing is lost. We try again by ourselves." in page


@pytest.mark.parametrize("where", ["SessionMiddleware.process_request", "home"])
def test_a_database_that_goes_away_at_any_point_gives_that_page(
    client: Client,
    person: MakePerson,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    where: str,
) -> None:
    """Also before a view is reached, where Django makes a defect of it first."""
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.db import OperationalError

    def gone(*_given: object, **_more: object) -> None:
        raise OperationalError("row of somebody")

    client.force_login(person("receptionist"), backend=BACKEND)
    client.raise_request_exception = False
    if where == "home":
        monkeypatch.setattr("hamlets.web.places.standing.stand", gone)
    else:
        monkeypatch.setattr(SessionMiddleware, "process_request", gone)
    answer = client.get("/practice/EX001/people/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Hamlets cannot reach its records" in answer.content.decode()
    assert "row of somebody" not in "".join(capfd.readouterr())


def test_a_page_that_is_not_allowed_says_which_role_and_who_can_change_it(
    client: Client, person: MakePerson, places: Any
) -> None:
    person("practice_manager", name="Dr Example-Elm")
    client.force_login(person("receptionist"), backend=BACKEND)
    answer = client.get("/practice/EX001/continuity/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You cannot open this page" in page
    assert "Your role here is receptionist." in " ".join(page.split())
    assert "Dr Example-Elm can change roles." in " ".join(page.split())


def test_a_defect_is_a_page_of_ours_without_the_defect(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "a defect" not in answer.content.decode()


def test_a_form_that_was_open_too_long_says_so(person: MakePerson) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/account/login/", {"login": "a@example.org"})
    assert answer.status_code == 403
    assert "This form was open too long" in answer.content.decode()


def test_times_of_day_are_said_as_people_say_them() -> None:
    assert dates.clock(datetime(2031, 6, 3, 9, 20)) == "9:20am"
    assert dates.clock(datetime(2031, 6, 3, 0, 0)) == "12am"
    assert dates.clock(datetime(2031, 6, 3, 14, 0)) == "2pm"
    assert dates.day(datetime(2031, 6, 3, 14, 0)) == "3 June 2031"
    assert dates.moment(datetime(2031, 6, 3, 12, 5)) == "3 June 2031, 12:05pm"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["Ann"], "Ann"),
        (["Ann", "Bob"], "Ann and Bob"),
        (["Ann", "Bob", "Cem"], "Ann, Bob and Cem"),
        (["Ann", "Bob", "Cem", "Dee", "Eve"], "Ann, Bob, Cem and 2 more"),
    ],
)
def test_names_are_joined(names: list[str], said: str) -> None:
    assert joined(names) == said


def test_codes_are_shown_in_groups() -> None:
    assert in_fours("ABCDEFGHIJ") == "ABCD EFGH IJ"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/1 Safari/1 Edg/1", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS) AppleWebKit Safari/1", "Safari on iPhone"),
        ("curl/8", "a browser we do not know"),
    ],
)
def test_browsers_have_names(agent: str, said: str) -> None:
    assert device(agent) == said


def test_what_is_not_a_page_of_the_site_has_no_door() -> None:
    from hamlets.web.people.urls import closed

    with pytest.raises(Http404):
        closed(RequestFactory().get("/"))

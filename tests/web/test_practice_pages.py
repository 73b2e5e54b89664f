"""Home, continuity, audits, workforce, named GPs, free wins and worklists, as pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hamlets.web.answers.asking import packed, unpacked
from hamlets.web.audit.models import Entry
from hamlets.web.jobs.models import Job, State
from hamlets.web.jobs.progress import Progress
from hamlets.web.pages.audits import USUAL
from hamlets.web.pages.home import _value, step_words
from hamlets.web.people.models import Person
from tests.fixtures import practice_answers

Make = Callable[..., Any]
HOME = "/practice/EX001/"
PAGES = (
    "", "continuity/", "audits/", "audits/?event=death", "audits/case/1/?event=death",
    "workforce/", "named-gps/", "free-wins/", "worklists/",
)  # fmt: skip


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, practice_answers.Kept]:
    return practice_answers.make_once(tmp_path_factory)


@pytest.fixture(scope="session")
def store(made: tuple[Path, practice_answers.Kept]) -> Path:
    return made[0]


@pytest.fixture
def manager(
    client: Client, places: Any, person: Make, made: Any, monkeypatch: pytest.MonkeyPatch
) -> Person:
    """A practice manager, signed in, with all usual answers there."""
    monkeypatch.setenv("HAMLETS_STORE", str(made[0]))
    practice_answers.keep(places.a, made[1])
    who = person("practice_manager", places.a)
    client.force_login(who)
    return who


@pytest.fixture
def newer(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version 2 with other content, of which nothing has been worked out yet."""
    from hamlets.web.answers import asking

    first = asking.pin()
    second = replace(first, number=2, content_id="other content")
    monkeypatch.setattr(asking, "current_version", lambda: second)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_there_and_says_which_data_it_shows(
    client: Client, manager: Person, page: str
) -> None:
    response = client.get(HOME + page)
    words = response.content.decode()
    assert response.status_code == 200
    assert words.count("<h1") == 1
    assert "version 1" in words
    assert "Invented data." in words
    assert " style=" not in re.sub(r"<svg.*?</svg>", "", words, flags=re.DOTALL)
    assert "None" not in re.sub(r"<[^>]+>", " ", words)


def test_ids_of_a_page_are_unique(client: Client, manager: Person) -> None:
    for page in PAGES:
        ids = re.findall(r'\sid="([^"]+)"', client.get(HOME + page).content.decode())
        assert sorted(ids) == sorted(set(ids)), page


def test_links_of_a_page_lead_to_something(client: Client, manager: Person) -> None:
    """Links to parts of the same page exist there; addresses of the site are known."""
    later = ("teams/", "patients/", "data/")  # pages of their own, with tests of their own
    for page in PAGES:
        words = client.get(HOME + page).content.decode()
        ids = set(re.findall(r'\sid="([^"]+)"', words))
        for link in re.findall(r'<a [^>]*href="([^"]+)"', words):
            if link.startswith("#"):
                assert link[1:] in ids, f"{page}: {link}"
            elif link.startswith(HOME) and not link.removeprefix(HOME).startswith(later):
                target = link.split("#")[0].replace("&amp;", "&")
                assert client.get(target).status_code in (200, 202), f"{page}: {link}"


def test_a_question_not_asked_before_waits_and_can_be_left(client: Client, manager: Person) -> None:
    response = client.get(HOME + "continuity/?months=6&roles=nurse")
    assert response.status_code == 202
    assert '<noscript><meta http-equiv="refresh"' in response.content.decode()
    assert "Working it out." in response.content.decode()
    job = Job.objects.get()
    assert (job.kind, job.question["months"], job.question["roles"]) == ("continuity", 6, "nurse")
    client.get(HOME + "continuity/?roles=nurse&months=6")
    assert Job.objects.count() == 1
    client.post(f"{HOME}jobs/{job.pk}/cancel/", {"next": HOME + "continuity/"})
    job.refresh_from_db()
    assert job.state == State.cancelled
    stopped = client.get(HOME + "continuity/?months=6&roles=nurse").content.decode()
    assert "You stopped this" in stopped
    client.post(f"{HOME}jobs/{job.pk}/again/", {"next": "https://evil.example/"})
    assert Job.objects.filter(state=State.waiting).count() == 1


def test_a_button_leads_back_to_this_place_alone(client: Client, manager: Person) -> None:
    client.get(HOME + "continuity/?months=6")
    address = f"{HOME}jobs/{Job.objects.get().pk}/cancel/"
    for elsewhere in ("https://evil.example/", "//evil.example", "/practice/EX002/", ""):
        assert client.post(address, {"next": elsewhere})["Location"] == HOME
    there = HOME + "continuity/?months=6"
    assert client.post(address, {"next": there})["Location"] == there


def test_a_job_of_another_place_does_not_exist_here(
    client: Client, manager: Person, places: Any, person: Make
) -> None:
    client.get(HOME + "continuity/?months=6")
    job = Job.objects.get()
    client.force_login(person("practice_manager", places.b))
    assert client.post(f"/practice/EX002/jobs/{job.pk}/cancel/").status_code == 404
    assert client.post(f"{HOME}jobs/{job.pk}/cancel/").status_code == 404


def test_a_clinician_stops_own_jobs_alone_and_a_manager_any(
    client: Client, manager: Person, person: Make, places: Any
) -> None:
    client.get(HOME + "continuity/?months=6")
    managers = Job.objects.get(asked_by=manager)
    client.force_login(person("clinician", places.a))
    assert client.post(f"{HOME}jobs/{managers.pk}/cancel/").status_code == 403
    client.get(HOME + "continuity/?months=3")
    own = Job.objects.exclude(pk=managers.pk).get()
    assert client.post(f"{HOME}jobs/{own.pk}/cancel/").status_code == 302
    client.force_login(manager)
    assert client.post(f"{HOME}jobs/{own.pk}/again/").status_code == 302
    assert client.post(f"{HOME}jobs/{managers.pk}/cancel/").status_code == 302


def test_what_is_no_filter_is_left_out(client: Client, manager: Person) -> None:
    page = client.get(HOME + "continuity/?months=7&roles=<script>&modes=%27&window=x")
    assert page.status_code == 200, "the usual question"


def test_a_version_that_is_gone_leads_to_the_one_in_use(client: Client, manager: Person) -> None:
    for wanted in ("2", "999"):
        page = client.get(f"{HOME}continuity/?months=12&version={wanted}")
        assert page.status_code == 410
        words = page.content.decode()
        assert "no longer kept" in words
        assert f'href="{HOME}continuity/?months=12"' in words
    assert client.get(f"{HOME}continuity/?version=x").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_after_a_load_a_page_shows_the_version_before_and_says_so(
    client: Client, manager: Person, newer: None, page: str
) -> None:
    response = client.get(HOME + page)
    words = response.content.decode()
    assert response.status_code == 200
    assert "Version 2 is in. Its figures are being worked out." in words
    assert re.search(r'href="[^"]*version=2[^"]*">Show version 2</a>', words)
    assert "version 1" in words
    assert Job.objects.filter(state=State.waiting).exists(), "and they are being worked out"
    sign = "&" if "?" in page else "?"
    assert client.get(f"{HOME}{page}{sign}version=2").status_code == 202


def test_files_and_pages_without_earlier_figures_wait_for_the_new_ones(
    client: Client, manager: Person, newer: None
) -> None:
    for page in ("continuity/headlines.csv", "workforce/week.csv", "worklists/need.csv",
                 "continuity/?months=3", "audits/case/1/learning/?event=death"):  # fmt: skip
        assert client.get(HOME + page).status_code == 202, page


def test_tables_are_files_for_spreadsheets(client: Client, manager: Person) -> None:
    file = client.get(HOME + "continuity/headlines.csv")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="headlines.csv"'
    assert file.content.decode("utf-8-sig").startswith("measure,level,value")
    assert client.get(HOME + "continuity/../../x.csv").status_code == 404
    assert client.get(HOME + "continuity/made-up.csv").status_code == 404


def test_opening_a_case_is_noted_before_it_is_shown(client: Client, manager: Person) -> None:
    client.get(HOME + "audits/")
    assert not Entry.objects.filter(action="case opened").exists()
    client.get(HOME + "audits/case/1/?event=death")
    (entry,) = Entry.objects.filter(action="case opened")
    assert (entry.person, entry.place) == (manager.email, "practice:EX001")
    assert entry.about
    client.get(HOME + "audits/case/9999/?event=death")
    assert Entry.objects.filter(action="case opened").count() == 1


def test_a_case_whose_look_cannot_be_noted_is_not_shown(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise OSError

    monkeypatch.setattr("hamlets.web.pages.audits.chain.note", broken)
    client.raise_request_exception = False
    page = client.get(HOME + "audits/case/1/?event=death")
    assert page.status_code == 500
    assert "strip-line" not in page.content.decode()


def test_print_without_names_has_no_code(client: Client, manager: Person) -> None:
    page = client.get(HOME + "audits/case/1/?event=death").content.decode()
    code = page.split("patients/?q=")[1].split('"')[0]
    bare = client.get(HOME + "audits/case/1/?event=death&print=without-names").content.decode()
    assert code not in bare


def test_an_event_that_is_not_there_is_not_found(client: Client, manager: Person) -> None:
    assert client.get(HOME + "audits/?event=../x").status_code == 200, "the usual one"
    response = client.get(HOME + "audits/?event=made_up")
    assert response.status_code in (202, 404)
    assert USUAL[0] == "cancer_diagnosis"


def test_worklists_hold_patients_so_the_look_is_noted(client: Client, manager: Person) -> None:
    client.get(HOME + "worklists/")
    client.get(HOME + "worklists/need.csv")
    assert [entry.action for entry in Entry.objects.order_by("number")][-2:] == [
        "worklist opened",
        "worklist downloaded",
    ]


def test_without_records_every_page_says_what_to_do_first(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "none"))
    for page in ("continuity/", "audits/", "workforce/", "named-gps/"):
        words = client.get(HOME + page).content.decode()
        assert "Nothing here yet. Load appointments first." in words, page


def test_a_clinician_sees_the_own_list(
    client: Client, manager: Person, person: Make, places: Any, made: Any
) -> None:
    home = next(body for name, _, body in made[1] if name == "home")
    mine = unpacked(home)["lists"][0]
    clinician = person("clinician", places.a)
    clinician.staff_id = mine["staff_id"]
    clinician.save()
    client.force_login(clinician)
    words = client.get(HOME).content.decode()
    assert "GP contacts of your patients were with you (between " in words
    # a GP's figure has its range, the number of contacts and the days worked beside it
    counted = (
        f"{mine['estimate']['n_contacts']:,} of their GP contacts, {mine['days_worked']:,} days"
    )
    assert counted in words
    # own figures first
    assert words.index('id="mine"') < words.index('class="home-cards"')
    clinician.staff_id = ""
    clinician.save()
    assert "My list" not in client.get(HOME).content.decode()


def test_a_receptionist_begins_with_patients(
    client: Client, manager: Person, person: Make, places: Any
) -> None:
    client.force_login(person("receptionist", places.a))
    assert client.get(HOME)["Location"] == HOME + "patients/"


def test_a_network_names_its_practices_without_leading_into_them(
    client: Client, places: Any, person: Make
) -> None:
    client.force_login(person("invited_specialist", places.network))
    assert client.get("/network/EX-N1/").status_code == 403
    client.force_login(person("network_manager", places.network))
    words = client.get("/network/EX-N1/").content.decode()
    assert "Practice A" in words
    assert "Practice C" not in words
    assert client.get("/practice/EX001/continuity/").status_code == 403


@pytest.mark.parametrize(
    ("step", "words", "address"),
    [
        ({"rule": "old_data", "last_contact": "2031-05-01"}, "1 May 2031", "data/"),
        ({"rule": "no_clinician", "share": 0.07, "contacts": 700}, "7 in 100", "data/"),
        ({"rule": "no_named_gp", "patients": 1412}, "1,412 patients", "named-gps/"),
        (
            {"rule": "leaving", "name": "Dr Example-Dune", "last_day": "2031-06-01",
             "patients": 13},
            "Dr Example-Dune's last day is 1 June 2031. 13 patients",
            "worklists/#leaving",
        ),
        ({"rule": "weekday", "team": "Team Blue", "weekdays": [1, 3]}, "Tuesdays and Thursdays",
         "workforce/"),
        ({"rule": "room", "room": 32}, "32 more in every 100", "teams/"),
    ],
)  # fmt: skip
def test_each_next_step_says_what_and_leads_there(
    standing: Make, step: dict[str, Any], words: str, address: str
) -> None:
    here = standing("practice_manager")
    found = step_words({"since": None, "until": None, **step}, here)
    assert words in found["words"]
    assert found["address"] == HOME + address
    assert found["button"]


class TestFiles:
    """The report and the pack, as files that are saved and never shown with the site's rights."""

    def test_a_month_is_chosen_then_looked_at_then_downloaded(
        self, client: Client, manager: Person, store: Path, places: Any
    ) -> None:
        from hamlets.web.work import files

        def keep(name: str, question: dict[str, Any], body: Any) -> None:
            practice_answers.keep(places.a, [(name, question, packed(body))])

        form = client.get(HOME + "pack/").content.decode()
        assert "October 2026" in form
        assert client.get(HOME + "pack/?month=1999-01").status_code == 422
        assert client.get(HOME + "pack/?month=2026-10&thanks=Well+done").status_code == 202
        asked = {"month": "2026-10", "thanks": "Well done"}
        keep(
            "pack_file",
            asked,
            files.pack_file(store, "EX001", Progress(), version=1, **asked),
        )
        made = client.get(HOME + "pack/?month=2026-10&thanks=Well+done").content.decode()
        links = re.findall(r'href="([^"]+as=(?:page|mail)[^"]*)"', made)
        assert len(links) == 2
        for link, kind in zip(links, ("text/html", "text/plain"), strict=True):
            file = client.get(link.replace("&amp;", "&"))
            assert file["Content-Type"].startswith(kind)
            assert file["Content-Disposition"].startswith("attachment")
        assert Entry.objects.filter(action="pack downloaded").count() == 2

    def test_what_is_no_month_is_not_found(self, client: Client, manager: Person) -> None:
        assert client.get(HOME + "pack/2026-13/?as=page").status_code == 404
        assert client.get(HOME + "pack/2026-10/").status_code == 302


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.321, 0.359, "34 in 100 {what} (between 32 and 36 in 100)."),
        (0.101, 0.559, "Somewhere between 10 and 56 in 100 {what}: too few to say more."),
        (None, None, "34 in 100 {what}."),
    ],
)  # fmt: skip
def test_a_figure_of_ones_own_has_its_range(
    low: float | None, high: float | None, said: str
) -> None:
    what = "GP contacts of your patients were with you"
    assert _value({"value": 0.34, "lower": low, "upper": high}) == said.format(what=what)

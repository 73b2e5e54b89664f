"""A manager designs teams in a browser: describe, run, compare, change by hand, adopt."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from tests.fixtures.team_site import do_all, make_borough
from tests.journeys.browsing import Site, fits, shot
from tests.journeys.conftest import Find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
    pytest.mark.django_db(transaction=True),
]
HOME = "/practice/EX001/teams/"


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_borough(tmp_path_factory.mktemp("journey") / "store")


@pytest.fixture
def manager(
    site: Site, borough: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Person:
    """Make a manager of a practice with a store of its own, on the site as it is."""
    settings.ROOT_URLCONF = "hamlets.web.urls"
    shutil.copytree(borough, tmp_path / "store")
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "store"))
    practice = Place.objects.create(kind="practice", code="EX001", name="Practice A")
    person = Person.objects.create_user("manager@example.org", None, name="Example Manager")
    give_at(practice, person, "practice_manager", None)
    return person


class Look:
    """Opens pages, does what they wait for, and looks at each: barriers, width, pictures."""

    def __init__(self, page: Any, find: Find, name: str) -> None:
        self.page, self.find, self.name = page, find, name
        self.wrong: list[str] = []

    def at(self, what: str) -> None:
        self.wrong += [f"{what}: {each}" for each in self.find(self.page)]
        if not fits(self.page):
            self.wrong.append(f"{what}: scrolls sideways")
        shot(self.page, f"teams-{what}-{self.name}")

    def done(self) -> None:
        """Do what waits and go on where the page leads."""
        for _ in range(4):
            self.page.wait_for_load_state()
            if self.page.locator("[data-waiting]").count() == 0:
                return
            waiting = self.page.url
            # elsewhere meanwhile: the page would ask again by itself just when we do
            self.page.goto("about:blank")
            do_all()
            self.page.goto(waiting)

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.done()

    def press(self, words: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).first.click()
        self.page.wait_for_load_state()

    def follow(self, words: str) -> None:
        self.page.get_by_role("link", name=words).first.click()


@pytest.mark.parametrize(
    ("width", "scripts"),
    # on a phone without scripts the single pages are looked at below; the whole way is slow
    [(1280, True), pytest.param(375, False, marks=pytest.mark.slow)],
)
def test_from_a_description_to_an_adopted_plan(
    site: Site, manager: Person, find: Find, width: int, scripts: bool
) -> None:
    page = site.visit(width, scripts, signed_in=manager)
    page.set_default_timeout(8000)
    look = Look(page, find, str(width))
    # axe needs scripts of its own, which a page without scripts does not run
    if not scripts:
        look.find = lambda _page: []
    look.go(HOME)
    assert page.get_by_text("No plan yet.").is_visible()
    look.press("Describe teams")
    look.done()
    assert page.get_by_role("heading", name="Describe your teams").is_visible()
    look.at("describe")

    if scripts:  # the line is said anew while answers change; without scripts by saving
        before = page.locator(".live").inner_text()
        page.get_by_label("At most").first.fill("40")
        page.get_by_label("At least").first.fill("1")
        page.wait_for_function(
            "(was) => document.querySelector('.live').innerText !== was", arg=before
        )
        assert page.locator(".live").inner_text().endswith("possible.")
        page.get_by_label("At most").first.fill("4")
        page.wait_for_timeout(900)  # the last question about the line is answered
    page.get_by_label("At least").first.fill("9")
    look.press("Save")
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    look.at("describe-wrong")
    page.get_by_label("At least").first.fill("2")
    look.press("Save and look for a plan")
    look.at("running")
    look.done()
    assert page.get_by_role("heading", name="Plan 1 for").is_visible()
    look.at("plan")

    look.follow("Move somebody")
    look.at("move")
    first = page.get_by_label("Who moves?")
    who = first.locator("option").nth(1)
    first.select_option(who.get_attribute("value"))
    team = page.get_by_label("To which team?").locator("option").last
    page.get_by_label("To which team?").select_option(team.get_attribute("value"))
    look.press("See what it changes")
    look.done()
    assert page.get_by_text("This keeps").is_visible()
    look.at("moved")
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_role("heading", name="Plan 1 for").is_visible()

    look.follow("Check before you adopt")
    look.done()
    page.get_by_role("button", name="Adopt from").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    look.at("adopt-wrong")
    page.get_by_label("The GPs and the patient group have seen this plan").check()
    page.get_by_label("Reception knows the words to use").check()
    page.get_by_role("button", name="Adopt from").click()
    look.done()
    assert page.get_by_text("Plan 1 starts on").is_visible()
    look.press("Make the files")
    look.done()
    look.at("adopted")
    with page.expect_download() as named:
        page.get_by_role("link", name="The named-GP list").click()
    assert named.value.suggested_filename == "EX001-1-named-gps.csv"
    look.go(f"{HOME}plans/EX001-1/who/")
    look.at("who")
    look.go(f"{HOME}plans/EX001-1/withdraw/")
    look.at("withdraw")
    look.go(f"{HOME}staff/")
    look.at("staff-kinds")
    look.go(f"{HOME}staff/?kind=joiner")
    look.at("staff")
    look.go(HOME)
    look.at("overview")
    assert look.wrong == []
    # a request that was given up since the page was left is no trouble
    assert [each for each in site.trouble if not each.startswith("no answer")] == []

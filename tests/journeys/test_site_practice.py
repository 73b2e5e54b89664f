"""A practice manager and a clinician look at their practice, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from tests.fixtures import practice_answers
from tests.journeys.browsing import Site, fits, shot

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]

Find = Callable[..., list[str]]
HOME = "/practice/EX001/"
PAGES = (
    "", "continuity/", "continuity/?months=6", "audits/", "audits/?event=death",
    "audits/case/1/?event=death", "workforce/", "named-gps/", "free-wins/", "worklists/",
    "people/", "log/", "pack/", "continuity/?version=99",
)  # fmt: skip
LAYOUT = ("heading-order", "region", "scrollable-region-focusable", "target-size")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, practice_answers.Kept]:
    return practice_answers.make_once(tmp_path_factory)


@pytest.fixture
def site(browser: Any, live_server: Any) -> Iterator[Site]:
    """The site as it is, without the pages of the tests."""
    opened = Site(browser, live_server.url.replace("127.0.0.1", "localhost"))
    yield opened
    opened.close()


@pytest.fixture
def manager(made: Any, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A practice manager whose practice has all its answers."""
    monkeypatch.setenv("HAMLETS_STORE", str(made[0]))
    place = Place.objects.create(kind="practice", code="EX001", name="Practice A")
    practice_answers.keep(place, made[1])
    person = Person.objects.create_user("manager@example.org", "x" * 20, name="Manager Example")
    give_at(place, person, "practice_manager", None)
    return person


def test_no_barrier_is_found_and_nothing_scrolls_sideways_on_any_page(
    site: Site, find: Find, manager: Person
) -> None:
    page = site.visit(signed_in=manager)
    for path in PAGES:
        page.goto(HOME + path)
        for width, rules in ((1280, ()), (320, LAYOUT)):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert find(page, *rules) == [], path
            assert fits(page), path
            shot(page, f"practice-{path.strip('/').replace('/', '-') or 'home'}-{width}")
    assert site.trouble == []


def test_a_manager_goes_from_the_home_to_a_case_without_scripts(
    site: Site, manager: Person
) -> None:
    """Given figures, when somebody clicks through, then every page answers by itself."""
    page = site.visit(1280, scripts=False, signed_in=manager)
    page.goto(HOME)
    page.click("text=Seen by own GP")
    assert page.url.endswith("#slicc")
    page.select_option("select[name=months]", "6")
    page.click("main form.filters button")
    assert "Working it out." in page.inner_text("main")
    page.goto(HOME + "audits/?event=death")
    page.click("text=Case 01")
    assert "noted with your name" in page.inner_text("main")
    page.click("text=The next case")
    assert page.inner_text("h1").endswith("Case 02")
    page.goto(HOME + "people/")
    page.fill("input[name=name]", "Dr Example-New")
    page.fill("input[name=email]", "new@example.org")
    page.check("input[value=clinician]")
    page.click("text=Send the invitation")
    assert "Invitation sent" in page.inner_text("h1")
    assert site.trouble == []


def test_the_keyboard_alone_reaches_what_is_next(site: Site, manager: Person) -> None:
    page = site.visit(1280, signed_in=manager)
    page.goto(HOME)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        words = page.evaluate("document.activeElement.textContent.trim()")
        if words == "Choose a named GP for them":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/named-gps/")
    assert site.trouble == []


def test_every_page_prints_without_its_menu(site: Site, manager: Person) -> None:
    page = site.visit(1280, signed_in=manager)
    page.emulate_media(media="print")
    for path in ("", "continuity/", "audits/case/1/?event=death"):
        page.goto(HOME + path)
        assert not page.is_visible("nav[aria-label=Pages]"), path
        assert page.is_visible("h1")
    assert site.trouble == []

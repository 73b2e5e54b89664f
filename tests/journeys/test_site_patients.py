"""At the desk in a real browser: find a patient by keyboard, say the words, on paper too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hamlets.web.people.models import Person
from hamlets.web.places import sharing
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.places.standing import stand
from hamlets.web.reading.codes import patient_code
from tests.fixtures.reception_site import NUMBERS, OTHERS, TEN, TODAY, world
from tests.journeys.browsing import Site, fits, shot
from tests.journeys.conftest import LAYOUT, Find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
    pytest.mark.django_db(transaction=True),
]
HOME = "/practice/EX001/patients/"


@pytest.fixture
def receptionist(
    site: Site, settings: Any, make_store: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Person:
    """Make a receptionist of Practice A, which shares looks with Practice B."""
    settings.ROOT_URLCONF = "hamlets.web.urls"
    monkeypatch.setenv("HAMLETS_STORE", str(make_store(world(), identifiable=True)))
    for module in ("patients", "elsewhere"):
        monkeypatch.setattr(f"hamlets.web.pages.{module}.now", lambda: (TODAY, TEN))
    network = Place.objects.create(kind="network", code="EX-N1", name="Network 1")
    manager = Person.objects.create_user("manager@example.org", None, name="Manager Example")
    for code, name in (("EX001", "Practice A"), ("EX002", "Practice B")):
        practice = Place.objects.create(kind="practice", code=code, name=name, parent=network)
        give_at(practice, manager, "practice_manager", None)
        sharing.switch(stand(manager, "practice", code), "looks", on=True)
    person = Person.objects.create_user("desk@example.org", None, name="Reception Example")
    give_at(Place.objects.get(code="EX001"), person, "receptionist", None)
    return person


def test_the_phone_rings_and_the_keyboard_is_enough(site: Site, receptionist: Person) -> None:
    page = site.visit(signed_in=receptionist)
    page.goto("/practice/EX001/")
    assert page.url.endswith(HOME), "a receptionist begins here"
    page.get_by_label("Name").first.focus()
    page.keyboard.type("bri")
    for typed in ("1", "1", "1950"):
        page.keyboard.press("Tab")
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Who knows this patient").wait_for()
    assert page.url.endswith(f"{HOME}{patient_code(NUMBERS['briefly'])}/")
    assert page.get_by_text("Dr Example-Elm is back on Thursday.").is_visible()
    assert page.get_by_text("not in today, then Thursday").is_visible()
    page.get_by_role("button", name="Own GP away").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Counted: Own GP away.").wait_for()
    assert site.trouble == []


def test_pages_have_no_barrier(site: Site, receptionist: Person, find: Find) -> None:
    page = site.visit(signed_in=receptionist)
    addresses = {
        "find": "",
        "in": f"{patient_code(NUMBERS['in'])}/",
        "left": f"{patient_code(NUMBERS['left'])}/",
        "died": f"{patient_code(NUMBERS['died'])}/",
        "words": "words/",
        "elsewhere": "elsewhere/",
    }
    for name, address in addresses.items():
        page.goto(HOME + address)
        for width, rules in ((1280, ()), (320, LAYOUT)):
            page.set_viewport_size({"width": width, "height": 900})
            shot(page, f"patients-{name}-{width}")
            assert find(page, *rules) == [], name
            assert fits(page), name
    assert site.trouble == []


def test_on_a_phone_the_history_folds(site: Site, receptionist: Person) -> None:
    page = site.visit(signed_in=receptionist)
    page.goto(f"{HOME}{patient_code(NUMBERS['in'])}/")
    strip = page.locator(".month-strip")
    assert strip.is_visible()
    page.set_viewport_size({"width": 320, "height": 900})
    page.reload()
    assert not strip.is_visible()
    page.get_by_text("History").click()
    assert strip.is_visible()
    assert fits(page)
    assert site.trouble == []


def test_it_works_without_scripts(site: Site, receptionist: Person) -> None:
    page = site.visit(scripts=False, signed_in=receptionist)
    page.goto(HOME)
    page.get_by_label("NHS number").fill(NUMBERS["longer"])
    page.get_by_role("button", name="Find").last.click()
    assert page.get_by_text("Dr Example-Fir is away until 1 July.").is_visible()
    page.goto(f"{HOME}elsewhere/")
    page.get_by_label("Practice B").check()
    page.get_by_label("NHS number or code").fill(OTHERS)
    page.get_by_label("The patient is on the phone").check()
    page.get_by_role("button", name="Look up").click()
    assert page.get_by_text("Dr Example-Yew").is_visible()


def test_a_patient_is_one_page_of_a4(site: Site, receptionist: Person, tmp_path: Path) -> None:
    page = site.visit(signed_in=receptionist)
    for state in ("in", "briefly", "none"):
        page.goto(f"{HOME}{patient_code(NUMBERS[state])}/")
        printed: Any = page.pdf(path=str(tmp_path / "patient.pdf"), prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1, state


def test_the_words_for_the_desk_are_one_page_of_a5(
    site: Site, receptionist: Person, tmp_path: Path
) -> None:
    page = site.visit(signed_in=receptionist)
    page.goto(f"{HOME}words/")
    printed: Any = page.pdf(path=str(tmp_path / "card.pdf"), prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", printed)
    assert box is not None
    assert (round(float(box[1])), round(float(box[2]))) == (420, 595)

"""The site's frame and parts in a real browser: desk and phone, with and without scripts."""

from __future__ import annotations

import copy
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from tests.fixtures import site_parts
from tests.fixtures.site_parts import report_page
from tests.journeys.browsing import Site, fits, shot
from tests.journeys.conftest import LAYOUT, Find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
    pytest.mark.django_db(transaction=True),
]
HOME = "/practice/EX001/"


@pytest.fixture
def manager(db: None) -> Person:
    """Make a practice manager who also helps at a network."""
    network = Place.objects.create(kind="network", code="EX-N1", name="Network 1")
    practice = Place.objects.create(
        kind="practice", code="EX001", name="Practice A", parent=network
    )
    person = Person.objects.create_user(
        email="manager@example.org",
        password="correct horse battery staple",
        name="Dr Example-Ash",
    )
    give_at(practice, person, "practice_manager", None)
    give_at(network, person, "network_manager", None)
    return person


def test_parts_have_no_barrier(site: Site, manager: Person, find: Find) -> None:
    page = site.visit(signed_in=manager)
    for name in ("", "form/", "sections/"):
        page.goto(f"{HOME}continuity/{name}")
        look(page, find, f"parts-{name.strip('/') or 'all'}", on_a_phone=())
    page.goto(f"{HOME}continuity/form/")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    look(page, find, "parts-form-errors", on_a_phone=())
    assert site.trouble == []


LOOKS = """(roots) => roots.flatMap((root) => [root, ...root.querySelectorAll("*")])
    .filter((e) => !e.parentElement.closest("svg"))
    .map((e) => {
        const looks = getComputedStyle(e);
        return [e.tagName.toLowerCase(), e.className.baseVal ?? e.className, ...[
            "display", "color", "background-color", "font-family", "font-size", "font-weight",
            "line-height", "text-align", "text-decoration-line", "white-space", "list-style-type",
            "margin-top", "margin-bottom", "margin-left", "padding-top", "padding-right",
            "padding-bottom", "padding-left", "border-top-width", "border-bottom-width",
            "border-left-color", "max-width", "width", "min-height", "visibility",
        ].map((name) => `${name}: ${looks.getPropertyValue(name)}`)];
    })"""


def test_a_published_section_looks_the_same_in_the_report_and_on_the_site(
    site: Site, manager: Person, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    report.write_text(report_page(), encoding="utf-8")
    ours = site.visit(signed_in=manager)
    ours.goto(f"{HOME}continuity/sections/")
    theirs = site.browser.new_page()
    theirs.goto(report.as_uri())
    look = f"""({LOOKS})([...document.querySelectorAll("[data-section] > *")])"""
    for width in (1280, 1000, 900, 700, 320):
        for page in (ours, theirs):
            page.set_viewport_size({"width": width, "height": 900})
        pairs = list(zip(ours.evaluate(look), theirs.evaluate(look), strict=True))
        assert len(pairs) > 400
        assert [
            [a[:2], *(set(a) - set(b)), "!=", *(set(b) - set(a))] for a, b in pairs if a != b
        ] == []
    theirs.close()
    assert site.trouble == []


def test_the_font_is_plain_and_nothing_leaves_the_machine(site: Site, manager: Person) -> None:
    page = site.visit(signed_in=manager)
    for address in (f"{HOME}continuity/", f"{HOME}continuity/form/", "/account/2fa/"):
        page.goto(address)
        fonts = page.evaluate(
            """() => [...new Set([...document.querySelectorAll("body, body *")]
                .filter((e) => e.checkVisibility()).map((e) => getComputedStyle(e).fontFamily))]"""
        )
        # codes alone are in letters of one width
        assert all(f == "Arial, sans-serif" or f.endswith("monospace") for f in fonts), fonts
        assert page.evaluate("document.fonts.size") == 0
    page.wait_for_load_state("networkidle")
    assert site.trouble == []


def test_error_pages_have_no_barrier(site: Site, manager: Person, find: Find) -> None:
    page = site.visit(signed_in=manager)
    pages = {
        "not-found": ("/practice/EX001/nothing/", 404, "Page not found"),
        "not-yours": ("/practice/EX999/", 404, "Page not found"),
        "defect": ("/broken/", 500, "Something went wrong here"),
    }
    Person.objects.create_user(email="desk@example.org", password="x", name="Example Desk")
    for name, (address, status, words) in pages.items():
        assert page.goto(address).status == status
        assert page.get_by_role("heading", level=1, name=words).is_visible()
        look(page, find, f"error-{name}")
    desk = Person.objects.get(email="desk@example.org")
    give_at(Place.objects.get(code="EX001"), desk, "receptionist", None)
    page = site.visit(signed_in=desk)
    assert page.goto(f"{HOME}continuity/").status == 403
    assert page.get_by_text("Your role here is receptionist.").is_visible()
    look(page, find, "error-not-allowed")
    for name in ("away", "form_expired", "not_invited"):
        drawn = render_to_string(f"errors/{name}.html", request=RequestFactory().get("/account/"))
        page.route("**/drawn/", partial(fulfil, drawn))
        page.goto("/drawn/")
        look(page, find, f"error-{name}")
        page.unroute("**/drawn/")
    assert site.trouble == []


def fulfil(body: str, route: Any) -> None:
    route.fulfill(body=body, content_type="text/html")


def look(page: Any, find: Find, name: str, on_a_phone: tuple[str, ...] = LAYOUT) -> None:
    """Look at a page on a desk by all rules of axe, on a phone by some (none: all)."""
    for width, rules in ((1280, ()), (320, on_a_phone)):
        page.set_viewport_size({"width": width, "height": 900})
        shot(page, f"{name}-{width}")
        assert find(page, *rules) == [], name
        assert fits(page), name


def test_forced_colours_leave_every_part_to_be_seen(
    site: Site, manager: Person, find: Find
) -> None:
    page = site.visit(signed_in=manager, forced_colors="active")
    page.goto(f"{HOME}continuity/")
    shot(page, "parts-forced-colours")
    assert find(page) == []
    current = page.locator(".nav-row a[aria-current]")
    edge = "e => getComputedStyle(e).borderBottomColor"
    assert current.evaluate(edge) != page.locator(".nav-row a").first.evaluate(edge)
    page.goto(f"{HOME}continuity/form/")
    page.get_by_role("button", name="Save").click()
    shot(page, "form-forced-colours")
    focused = page.locator(":focus")
    focused.wait_for()
    assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_on_paper_there_is_the_place_and_the_page_and_no_menu(site: Site, manager: Person) -> None:
    page = site.visit(signed_in=manager)
    page.goto(f"{HOME}continuity/sections/")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1, name="Continuity").is_visible()
    assert page.get_by_text("Invented data.").is_visible()
    for gone in (".nav-row", ".head-end", ".trail", ".foot", ".published summary", ".tools"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    # what was folded is open: paper cannot be clicked
    assert page.get_by_role("table", name="Who patients saw, out of 100").is_visible()
    rules = page.evaluate("[...document.querySelectorAll('style')].map(s => s.textContent).join()")
    assert "not" in rules
    assert "counter(page)" in rules
    folder = os.environ.get("HAMLETS_SHOTS")
    page.pdf(path=f"{folder}/sections.pdf" if folder else None, prefer_css_page_size=True)
    assert site.trouble == []


def test_the_menu_of_a_phone_works_without_scripts(site: Site, manager: Person) -> None:
    page = site.visit(320, scripts=False, signed_in=manager)
    page.goto(f"{HOME}continuity/")
    menu = page.get_by_role("navigation", name="Pages and account")
    assert not menu.get_by_role("link", name="Data").is_visible()
    menu.get_by_text("Menu").click()
    shot(page, "menu-no-script-320")
    menu.get_by_role("link", name="Data").click()
    assert page.url.endswith(f"{HOME}data/")
    page.get_by_role("navigation", name="Your places").get_by_text("Practice A").first.click()
    shot(page, "places-no-script-320")
    page.get_by_role("link", name="Network 1").click()
    assert page.url.endswith("/network/EX-N1/")
    # filters are a plain form with an address of their own
    page.goto(f"{HOME}continuity/")
    page.get_by_label("Period").select_option("24 months")
    page.get_by_role("button", name="Show").click()
    assert "period=24" in page.url
    assert page.get_by_label("Period").input_value() == "24"
    page.goto(f"{HOME}continuity/form/")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    assert site.trouble == []


def test_menus_work_from_the_keyboard(site: Site, manager: Person) -> None:
    page = site.visit(signed_in=manager)
    page.goto(f"{HOME}continuity/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to the page"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    summary = page.locator(".place-name summary")
    summary.focus()
    page.keyboard.press("Enter")
    other = page.get_by_role("link", name="Network 1")
    assert other.is_visible()
    shot(page, "places-1280")
    page.keyboard.press("Escape")
    assert not other.is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    small = page.evaluate(
        """() => [...document.querySelectorAll("header a, header summary, header button, nav a")]
            .filter((e) => e.checkVisibility())
            .map((e) => [e.textContent.trim(), e.getBoundingClientRect().height])
            .filter(([, height]) => height < 40)"""
    )
    assert small == []


def test_a_page_that_waits_shows_how_far_it_is_and_then_the_answer(
    site: Site, manager: Person, find: Find
) -> None:
    steps = site_parts.STEPS
    steps[:] = [{"stage": "Reading contacts", "done": 1200, "total": 48000}] * 2
    page = site.visit(signed_in=manager)
    page.goto(f"{HOME}continuity/waiting/")
    assert page.get_by_text("1,200 of 48,000").is_visible()
    assert page.get_by_text("You can leave this page. We will keep working.").is_visible()
    look(page, find, "waiting")
    # in words alone at first, and gently: about 2 seconds until it asks again
    steps[:] = [{"stage": "Drawing", "done": 40000, "total": 48000}]
    page.get_by_text("40,000 of 48,000").wait_for()
    assert page.get_by_role("status").inner_text() == "Drawing"
    steps.clear()
    page.get_by_text("Worked out.").wait_for()
    assert site.trouble == []


def test_a_page_that_waits_asks_again_without_scripts(site: Site, manager: Person) -> None:
    site_parts.STEPS[:] = [{"stage": "", "done": None, "total": None, "refresh": 1}]
    page = site.visit(scripts=False, signed_in=manager)
    page.goto(f"{HOME}continuity/waiting/")
    assert page.get_by_text("Waiting for its turn").is_visible()
    assert page.get_by_role("link", name="Look again").is_visible()
    site_parts.STEPS.clear()
    page.get_by_text("Worked out.").wait_for()


def test_nhs_organisations_may_have_their_header(
    site: Site, manager: Person, find: Find, settings: Any
) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["environment"] = "tests.fixtures.site_parts.nhs_environment"
    settings.TEMPLATES = templates
    page = site.visit(signed_in=manager)
    page.goto(f"{HOME}continuity/")
    assert page.get_by_role("img", name="NHS").is_visible()
    look(page, find, "nhs")
    assert site.trouble == []

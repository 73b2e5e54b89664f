"""The site's frame and parts in a real browser: desk and phone, with and without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from tests.fixtures.site_parts import report_page
from tests.journeys.browsing import Site, fits, shot
from tests.journeys.conftest import Find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
    pytest.mark.django_db(transaction=True),
]
HOME = "/practice/EX001/"
WIDTHS = (1280, 320)


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


@pytest.mark.parametrize("width", WIDTHS)
def test_parts_have_no_barrier(site: Site, manager: Person, find: Find, width: int) -> None:
    page = site.visit(width, signed_in=manager)
    for name in ("", "form/", "sections/"):
        page.goto(f"{HOME}continuity/{name}")
        shot(page, f"parts-{name.strip('/') or 'all'}-{width}")
        assert find(page) == []
        assert fits(page)
    page.goto(f"{HOME}continuity/form/")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    shot(page, f"parts-form-errors-{width}")
    assert find(page) == []
    assert fits(page)
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

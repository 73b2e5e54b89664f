"""Loading data in a browser: every step and state, by keyboard, on a phone, without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hamlets.records.store.maintenance import prune
from hamlets.web.jobs.models import Job, State
from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from tests.fixtures.data_site import DATA, appointments, do_jobs, keep_apart, report
from tests.journeys.browsing import Site, fits, shot
from tests.journeys.conftest import LAYOUT, Find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def manager(db: None) -> Person:
    """Make the first person of a practice: its manager and administrator."""
    practice = Place.objects.create(kind="practice", code="EX001", name="Practice A")
    person = Person.objects.create_user("m@example.org", None, name="Manager Example")
    give_at(practice, person, "practice_manager", None)
    give_at(practice, person, "administrator", None)
    return person


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, site: Site) -> Path:
    """Give each journey folders of its own; return the one with the files that are sent."""
    keep_apart(tmp_path, monkeypatch)
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "store"))
    settings.ROOT_URLCONF = "tests.fixtures.data_site"
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    bad = appointments(100).replace("2026-04-0", "2026-02-31T", 9)
    for name, content in (
        ("appointments.csv", appointments().replace("face_to_face", "Tel Triage (Dr)", 9)),
        ("report.csv", report(wrong=1)),
        ("bad.csv", bad),
        ("picture.csv", "\x89PNG\r\n\x1a\n"),
    ):
        (extracts / name).write_bytes(content.encode("latin-1"))
    return extracts


class Look:
    """Looks at a page wide and narrow, and keeps a picture where somebody wants one."""

    def __init__(self, find: Find) -> None:
        self.find = find

    def __call__(self, page: Any, name: str) -> None:
        for width, rules in ((320, LAYOUT), (1280, ())):
            page.set_viewport_size({"width": width, "height": 900})
            shot(page, f"data-{name}-{width}")
            assert self.find(page, *rules) == [], name
            assert fits(page), f"{name} at {width}"


@pytest.fixture
def look(find: Find) -> Look:
    return Look(find)


def after_jobs(page: Any) -> None:
    """Have all jobs done, and come back to the page; meanwhile it asks nothing."""
    address = page.url
    page.goto("about:blank")
    do_jobs()
    page.goto(address)


def send(page: Any, file: Path) -> None:
    """Send a file, and come to what was found in it."""
    page.goto(DATA)
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Send and look at the files").click()
    after_jobs(page)


def press(page: Any, button: str) -> None:
    """Press a button, and come to what its job leaves."""
    page.get_by_role("button", name=button, exact=True).click()
    after_jobs(page)


def show_as(page: Any, state: str, **more: Any) -> None:
    """Show the page again with its newest job in another state."""
    address = page.url
    page.goto("about:blank")
    newest = Job.objects.exclude(kind="warm").order_by("-made").first()
    Job.objects.filter(pk=newest.pk if newest else None).update(state=state, **more)
    page.goto(address)


def trouble(site: Site) -> list[str]:
    """Return what went wrong, but for what was asked by a page that is left or by a download."""
    return [words for words in site.trouble if not words.startswith("no answer")]


def heading(page: Any) -> str:
    return str(page.locator("h1").inner_text())


def test_from_the_first_run_to_a_version_and_back(
    site: Site, manager: Person, folders: Path, look: Look
) -> None:
    page = site.visit(signed_in=manager)
    page.goto("/practice/EX001/first/")
    assert page.locator(".tasks li").count() == 6
    look(page, "first-run")
    page.get_by_role("link", name="3. Load appointments").click()
    look(page, "nothing-loaded")
    page.get_by_role("button", name="Send and look at the files").click()
    assert page.get_by_role("link", name="Choose a file").is_visible()
    look(page, "no-file")
    page.locator("input[type=file]").set_input_files(str(folders / "appointments.csv"))
    page.get_by_role("button", name="Send and look at the files").click()
    look(page, "looking")
    after_jobs(page)
    assert heading(page) == "What we found"
    for fold in page.locator("main summary").all():
        fold.click()
    look(page, "found")
    press(page, "Yes, check it")
    look(page, "check")
    page.get_by_label("Tel Triage (Dr) (9) means").select_option(label="telephone")
    press(page, "Check again with these")
    assert page.get_by_text("Nothing stands out.").is_visible()
    page.get_by_role("button", name="Load", exact=True).click()
    show_as(page, State.running, stage="Reading rows", done=12, total=40)
    look(page, "loading")
    show_as(page, State.waiting)
    after_jobs(page)
    assert page.get_by_text("April 2026 is in. Version 1.").is_visible()
    look(page, "done")
    send(page, folders / "report.csv")
    page.get_by_role("button", name="Match the columns").click()
    look(page, "columns")
    press(page, "Check")
    look(page, "check-refused")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download refused rows").click()
    assert download.value.suggested_filename.startswith("refused-rows-")
    press(page, "Load")
    page.get_by_role("link", name="Undo: go back to version 1").click()
    look(page, "go-back")
    press(page, "Go back to version 1")
    assert page.get_by_text("Version 3 holds what version 1 held.").is_visible()
    look(page, "gone-back")
    page.goto(DATA)
    look(page, "versions")
    assert trouble(site) == []


def test_what_is_not_right(
    site: Site, manager: Person, folders: Path, look: Look, tmp_path: Path
) -> None:
    page = site.visit(signed_in=manager)
    send(page, folders / "picture.csv")
    assert page.get_by_text("picture.csv: This is a picture, not a table.").is_visible()
    look(page, "picture")
    send(page, folders / "bad.csv")
    press(page, "Yes, check it")
    assert page.get_by_text("rows were refused; the limit is 5. Nothing was changed.").is_visible()
    look(page, "over")
    page.goto(DATA)
    look(page, "not-finished")
    page.get_by_role("link", name=re.compile(r"Go on.*bad\.csv")).click()
    press(page, "Load anyway")
    assert page.get_by_text("is in. Version 1.").is_visible()
    send(page, folders / "bad.csv")
    press(page, "Yes, check it")
    assert page.get_by_text("You loaded this file on").is_visible()
    look(page, "same")
    send(page, folders / "report.csv")
    page.get_by_role("button", name="Match the columns").click()
    page.get_by_label("NHS Number means").select_option("")
    page.get_by_role("button", name="Check", exact=True).click()
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className").startswith("nhsuk-error-summary")
    look(page, "columns-wrong")
    page.goto(DATA)
    page.get_by_role("link", name=re.compile(r"Go on.*report\.csv")).click()
    page.get_by_role("button", name="Cancel").click()
    assert page.get_by_text("You stopped this. Nothing was changed.").is_visible()
    look(page, "cancelled")
    send(page, folders / "appointments.csv")
    press(page, "Yes, check it")
    press(page, "Load")
    prune(tmp_path / "store", keep=1)
    page.goto(f"{DATA}versions/1/")
    assert page.get_by_text("Version 1 is no longer kept.").is_visible()
    look(page, "version-gone")
    assert trouble(site) == []


def tab_to(page: Any, words: str) -> None:
    """Go on with the tab key until something with these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText || ''"):
            return
    raise AssertionError(f"{words} is not reached by keyboard")


def test_by_keyboard_alone(site: Site, manager: Person, folders: Path) -> None:
    page = site.visit(signed_in=manager)
    page.goto(DATA)
    tab_to(page, "Choose files")
    # a browser without a window opens no dialogue of files for a key
    page.locator("input[type=file]").set_input_files(str(folders / "appointments.csv"))
    tab_to(page, "Send and look")
    page.keyboard.press("Enter")
    for words in ("Yes, check it", "Load"):
        page.wait_for_selector("[data-waiting]")
        after_jobs(page)
        tab_to(page, words)
        page.keyboard.press("Enter")
    page.wait_for_selector("[data-waiting]")
    after_jobs(page)
    assert heading(page) == "Done"


def test_without_scripts_the_page_asks_again_by_itself(
    site: Site, manager: Person, folders: Path
) -> None:
    page = site.visit(375, scripts=False, signed_in=manager)
    page.goto(DATA)
    page.locator("input[type=file]").set_input_files(str(folders / "appointments.csv"))
    page.get_by_role("button", name="Send and look at the files").click()
    after_jobs(page)
    show_as(page, State.running)
    assert heading(page) == "Looking at your files"
    Job.objects.filter(kind="load_look").update(state=State.done)
    page.get_by_role("heading", name="What we found").wait_for(timeout=12_000)
    press(page, "Yes, check it")
    press(page, "Load")
    assert heading(page) == "Done"
    assert fits(page)

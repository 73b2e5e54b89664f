"""The report in a real browser: on a desk, on a phone, on paper, without the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hamlets.publish.report import render
from tests.fixtures.report import made
from tests.journeys.browsing import Opened
from tests.unit.test_report import STATES, hostile

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write each state of the report, and one with hostile names, as a file."""
    where = tmp_path_factory.mktemp("pages")
    for name in STATES:
        (where / f"{name}.html").write_text(render(getattr(made, name)()), encoding="utf-8")
    (where / "allowed.html").write_text(render(made.allowed()), encoding="utf-8")
    (where / "hostile.html").write_text(render(hostile()), encoding="utf-8")
    return where


@pytest.mark.parametrize("name", [*STATES, "allowed", "hostile"])
def test_nothing_scrolls_sideways_and_nothing_is_refused(
    browser: Any, folder: Path, name: str
) -> None:
    with Opened(browser, folder / f"{name}.html", 320) as opened:
        opened.open_all()
        # Each side of every width at which the page changes its form.
        for width in (320, 559, 560, 743, 744, 979, 980, 1060, 1061, 1100, 1101, 1280):
            opened.page.set_viewport_size({"width": width, "height": 900})
            found = opened.page.evaluate("document.documentElement.scrollWidth")
            assert found <= width, f"{found} px at {width}"
        assert opened.trouble == []


@pytest.mark.parametrize(
    ("width", "shown"), [(320, "narrow"), (744, "wide"), (1061, "wide"), (1101, "full")]
)
def test_one_drawing_is_shown_with_text_of_14_px_or_more(
    browser: Any, folder: Path, width: int, shown: str
) -> None:
    with Opened(browser, folder / "full.html", width) as opened:
        opened.open_all()
        assert opened.page.locator(f".panel svg.{shown}:visible").count() > 5
        for hidden in {"narrow", "wide", "full"} - {shown}:
            # Two small charts beside each other never take the full width.
            drawings = opened.page.locator(f".panel svg.{hidden}:not(.small-chart):visible")
            assert drawings.count() == 0
        sizes: list[float] = opened.page.evaluate(
            """() => [...document.querySelectorAll('svg text')]
                .filter(t => t.getBoundingClientRect().width > 0)
                .map(t => parseFloat(t.getAttribute('font-size'))
                    * t.ownerSVGElement.getBoundingClientRect().width
                    / t.ownerSVGElement.viewBox.baseVal.width)"""
        )
        assert len(sizes) > 100
        assert min(sizes) >= 13.99


@pytest.mark.parametrize("name", ["full", "allowed"])
def test_words_in_drawings_stay_inside_them(browser: Any, folder: Path, name: str) -> None:
    for width in (320, 1280):
        with Opened(browser, folder / f"{name}.html", width) as opened:
            opened.open_all()
            outside: list[str] = opened.page.evaluate(
                """() => [...document.querySelectorAll('svg text')].filter(t => {
                    const word = t.getBoundingClientRect();
                    const frame = t.ownerSVGElement.getBoundingClientRect();
                    return word.width > 0 && (word.left < frame.left - 1
                        || word.right > frame.right + 1 || word.top < frame.top - 1
                        || word.bottom > frame.bottom + 1);
                }).map(t => t.textContent)"""
            )
            assert outside == []


def test_links_and_folds_are_large_enough_to_touch(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 320) as opened:
        heights: list[tuple[str, float]] = opened.page.evaluate(
            """() => [...document.querySelectorAll('.contents a, .tools a, .back a, summary')]
                .filter(e => e.getBoundingClientRect().height > 0)
                .map(e => [e.textContent, e.getBoundingClientRect().height])"""
        )
        assert len(heights) > 20
        assert [entry for entry in heights if entry[1] < 44] == []


def test_a_fold_opens_from_the_keyboard(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 1280) as opened:
        summary = opened.page.locator("#who-saw summary", has_text="Show as a table")
        summary.focus()
        opened.page.keyboard.press("Enter")
        assert opened.page.get_by_role("table", name="Who patients saw, out of 100").is_visible()


def test_the_first_stop_of_the_keyboard_leads_to_the_report(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 1280) as opened:
        opened.page.keyboard.press("Tab")
        assert opened.page.evaluate("document.activeElement.getAttribute('href')") == "#report"


def test_drawings_and_tables_have_names_for_those_who_listen(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 320) as opened:
        drawing = opened.page.get_by_role("img", name="Of 100 GP contacts, 49 were with the own GP")
        assert drawing.count() == 1
        opened.page.locator("#by-list summary", has_text="Show as a table").click()
        table = opened.page.get_by_role("table", name="Seen by own GP, list by list")
        # As cards on a phone, it is still a table with row and column heads.
        assert table.get_by_role("rowheader", name="Dr Example-Ash").count() == 1


def test_a_download_gives_the_table(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 1280) as opened:
        with opened.page.expect_download() as waiting:
            opened.page.locator("#by-list a[download]").click()
        saved = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
        assert waiting.value.suggested_filename == "list-by-list.csv"
        assert saved.startswith("gp,patients,")
        assert "Dr Example-Ash" in saved


@pytest.mark.parametrize("name", ["full", "allowed"])
def test_on_paper_tables_are_open_and_the_contents_are_gone(
    browser: Any, folder: Path, name: str
) -> None:
    with Opened(browser, folder / f"{name}.html", 1280) as opened:
        opened.page.emulate_media(media="print")
        assert opened.page.get_by_role("table", name="Seen by own GP, list by list").is_visible()
        assert not opened.page.locator("nav").is_visible()
        assert opened.page.locator("summary:visible").count() == 0
        paper = opened.page.pdf(prefer_css_page_size=True)
        assert paper.count(b"/Type /Page\n") <= 4


def test_the_print_button_prints(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 1280) as opened:
        opened.page.evaluate("window.print = () => { document.title = 'printed'; }")
        opened.page.get_by_role("button", name="Print").click()
        assert opened.page.title() == "printed"
        assert opened.trouble == []


def test_without_scripts_only_the_print_button_is_missing(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 1280, scripts=False) as opened:
        assert opened.page.get_by_role("button", name="Print").count() == 0
        assert opened.page.get_by_role("heading", name="Who was working").is_visible()


def test_the_week_is_a_table_with_its_numbers_printed(browser: Any, folder: Path) -> None:
    for width in (375, 1280):
        with Opened(browser, folder / "full.html", width) as opened:
            table = opened.page.get_by_role("table", name="Number of GPs at work in a usual week")
            row = table.get_by_role("row", name="Team Blue")
            said = row.inner_text().split()
            assert said.count("none") == 2
            assert [word for word in said if word.isdigit()][:4] == ["2", "1", "2", "2"]


def test_text_has_contrast_enough(browser: Any, folder: Path) -> None:
    with Opened(browser, folder / "full.html", 1280) as opened:
        pairs: list[list[str]] = opened.page.evaluate(
            """() => [...document.querySelectorAll('body *')]
                .filter(e => !e.closest('svg') && [...e.childNodes].some(
                    n => n.nodeType === 3 && n.textContent.trim()))
                .map(e => {
                    let behind = e;
                    while (behind && getComputedStyle(behind).backgroundColor
                        === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
                    const back = behind ? getComputedStyle(behind).backgroundColor
                        : 'rgb(255, 255, 255)';
                    return [getComputedStyle(e).color, back, e.textContent.trim().slice(0, 40)];
                })"""
        )
        weak = [pair for pair in pairs if contrast(pair[0], pair[1]) < 4.5]
        assert len(pairs) > 100
        assert weak == []


def contrast(ink: str, paper: str) -> float:
    """Return the contrast of two CSS colours by WCAG."""
    light, dark = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in colour.split("(")[1].rstrip(")").split(",")[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

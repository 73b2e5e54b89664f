"""Links of the README and of docs/ lead somewhere; the site asks for nothing outside."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
NAMED = re.compile(
    r"`((?:src|tests|docs|benchmarks|requirements)/[\w./\-]*|pyproject\.toml|\.ci/run)(?:::(\w+))?`"
)
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchor(heading: str) -> str:
    """Return the anchor that mkdocs gives a heading."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken: list[str] = []
    for match in LINK.finditer(prose(page)):
        target, _, fragment = match["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or not path.is_relative_to(ROOT):
            broken.append(match["target"])
        elif fragment and path.suffix == ".md":
            anchors = {anchor(h) for h in HEADING.findall(prose(path))}
            if fragment not in anchors:
                broken.append(match["target"])
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_and_tests_that_a_page_names_exist(page: Path) -> None:
    missing: list[str] = []
    for name, test in NAMED.findall(prose(page)):
        path = ROOT / name
        if not path.exists():
            missing.append(name)
        elif test and f"def {test}(" not in path.read_text(encoding="utf-8"):
            missing.append(f"{name}::{test}")
    assert missing == []


def test_every_decision_names_the_test_that_holds_it() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert decisions
    for decision in decisions:
        held = decision.read_text(encoding="utf-8").partition("**Held by**")[2]
        assert "`tests/" in held, decision.name
        number = decision.name[:4]
        assert f"[{number}]({decision.name})" in (decision.parent / "index.md").read_text()


class _Requests(HTMLParser):
    """Collects what a browser would fetch when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        fetched = given.get("src") if tag != "a" else None
        if tag == "link" and given.get("rel") != "canonical":
            fetched = given.get("href")
        if fetched and re.match(r"(?:[a-z]+:)?//", fetched):
            self.found.append(fetched)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        requests = _Requests()
        requests.feed(page.read_text(encoding="utf-8"))
        assert requests.found == [], page.name
    for style in site.rglob("*.css"):
        fetched = re.findall(r"(?:url\(|@import )[\"']?(?:https?:)?//[^)\"']+", style.read_text())
        assert fetched == [], style.name


def test_the_site_holds_pages_not_scripts(site: Path) -> None:
    assert list(site.rglob("*.py")) == []

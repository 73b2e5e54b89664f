"""What all journeys share: one browser, axe, and the site with invented people."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django

from tests.journeys.browsing import Site, launched

# The browser's own loop runs in this thread for as long as it is open, also beside other
# tests; Django would then refuse every question to the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

Find = Callable[..., list[str]]
LAYOUT = (
    "aria-hidden-focus",
    "button-name",
    "heading-order",
    "landmark-unique",
    "link-name",
    "page-has-heading-one",
    "region",
    "scrollable-region-focusable",
    "target-size",
)
"""Rules whose answer may be another on a narrower screen, where colours and words are the same."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Give one headless Chromium for all journeys of a process."""
    yield from launched()


@pytest.fixture(scope="session")
def find() -> Find:
    """Return what axe-core has to say against a page (by some rules only, if any are named)."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def look(page: Any, *only: str) -> list[str]:
        # what is right need not be told node by node, and no rule that is on reads style sheets
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
        if only:
            options["runOnly"] = {"type": "rule", "values": list(only)}
        if not page.evaluate("'axe' in window"):
            page.evaluate(f"{axe.axe_script};0")
        found = page.evaluate(
            "(how) => axe.run(document, how).then((all) => all.violations)", options
        )
        return [
            f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return look


@pytest.fixture
def site(browser: Any, live_server: Any, settings: Any) -> Iterator[Site]:
    """Give the running site, with pages of the tests besides its own."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parents[1] / "fixtures" / "site_templates")
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.fixtures.site_parts"
    opened = Site(browser, live_server.url.replace("127.0.0.1", "localhost"))
    yield opened
    opened.close()

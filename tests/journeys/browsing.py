"""What the journeys share: a headless Chromium, and a page with all that went wrong on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

CHROMIUM = shutil.which("chromium")


def launched() -> Iterator[Any]:
    """Give a headless Chromium, or skip where there is none."""
    if CHROMIUM is None:
        pytest.skip("There is no chromium on this machine.")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, and a container often has no other user.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


_tabs: WeakKeyDictionary[Any, dict[bool, Any]] = WeakKeyDictionary()
"""By browser: the tab that opens files with scripts, and the one without."""


class Opened:
    """A file as a page, with all that went wrong on it.

    One tab shows one file after another: a window of its own for each takes as long as the page.
    """

    def __init__(self, browser: Any, path: Path, width: int, scripts: bool = True) -> None:
        tabs = _tabs.setdefault(browser, {})
        if scripts not in tabs:
            tabs[scripts] = browser.new_context(java_script_enabled=scripts).new_page()
        self.page = tabs[scripts]
        self.trouble: list[str] = []
        self._heard: dict[str, Callable[[Any], object]] = {
            "console": lambda message: self.trouble.append(message.text),
            "pageerror": lambda error: self.trouble.append(str(error)),
            "dialog": lambda dialog: (self.trouble.append("dialog"), dialog.dismiss()),
            "request": self._requested,
        }
        for what, hear in self._heard.items():
            self.page.on(what, hear)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(path.as_uri())

    def _requested(self, request: Any) -> None:
        if not request.url.startswith("file:"):
            self.trouble.append(request.url)

    def open_all(self) -> None:
        """Open every fold."""
        self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_exc: object) -> None:
        for what, hear in self._heard.items():
            self.page.remove_listener(what, hear)
        self.page.emulate_media(media="null", forced_colors="null")
        self.page.goto("about:blank")


class Site:
    """A running site and the browser contexts that visit it, with all that went wrong there."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address
        self.trouble: list[str] = []
        self._contexts: list[Any] = []

    def visit(
        self, width: int = 1280, scripts: bool = True, signed_in: Any = None, **options: Any
    ) -> Any:
        """Return a page of a new browser context, signed in as a person where one is given."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            base_url=self.address,
            **options,
        )
        self._contexts.append(context)
        if signed_in is not None:
            context.add_cookies([self._session(signed_in)])
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("dialog", lambda dialog: (self.trouble.append("dialog"), dialog.dismiss()))
        page.on("request", self._requested)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        return page

    def _session(self, person: Any) -> dict[str, Any]:
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.address}

    def _said(self, message: Any) -> None:
        # a page that is meant to be an error says so in the console; its status is tested
        if "the server responded with a status of" not in message.text:
            self.trouble.append(message.text)

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.trouble.append(f"left the machine: {request.url}")

    def _failed(self, request: Any) -> None:
        # a page that is left takes back what it still waits for, such as its icon
        if request.failure != "net::ERR_ABORTED":
            self.trouble.append(f"no answer: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and "/static/" in response.url:
            self.trouble.append(f"{response.status}: {response.url}")

    def close(self) -> None:
        """Close what was opened."""
        for context in self._contexts:
            context.close()


def shot(page: Any, name: str) -> None:
    """Keep a picture of the page where somebody wants to look at them."""
    folder = os.environ.get("HAMLETS_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fits(page: Any) -> bool:
    """Return whether nothing scrolls sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )

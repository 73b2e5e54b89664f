"""The whole way of a practice manager: from an empty site and an extract to an adopted plan.

The site runs as people run it: `hamlets serve`, its web server and its worker as processes.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hamlets.booking.simulation.synth import make_setting, write_folder
from tests.journeys.browsing import fits, shot
from tests.journeys.serving import free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,  # a minute: a whole site is started, a load and a design are done
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]
HOME = "/practice/EX001/"
PASSWORD = "correct horse battery staple"
WAIT = 100


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of an invented practice in one ZIP file, as a manager has them."""
    folder = tmp_path_factory.mktemp("extract")
    last = date.today().replace(day=1) - timedelta(days=1)
    write_folder(
        make_setting(practices=1, patients=4000, months=13, seed=3, end=last), folder / "t"
    )
    with zipfile.ZipFile(folder / "extract.zip", "w") as archive:
        for path in sorted((folder / "t").rglob("*.parquet")):
            archive.write(path, path.name)
    return folder / "extract.zip"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The set-up link that `hamlets serve` prints on its first start."""
    port = free_port()
    environment = {
        **os.environ,
        "HAMLETS_WORKSPACE": str(tmp_path / "workspace"),
        "HAMLETS_KEY_FILE": str(tmp_path / "pseudonym.key"),
        "HAMLETS_LOG_FILE": str(tmp_path / "hamlets.log"),
        "HAMLETS_DATABASE_URL": "",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "hamlets"), "serve", "--store", str(tmp_path / "store"),
         "--port", str(port)],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    link = ""
    for line in process.stdout:
        link = link or "".join(re.findall(r"http://\S+/set-up/\S+", line))
        if "Ctrl-C" in line:
            break
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    yield link
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    process.stdout.close()


class Manager:
    """Somebody who clicks, and looks at each page on the way."""

    def __init__(self, page: Any, find: Any) -> None:
        self.page, self.find = page, find

    def look(self, what: str) -> None:
        assert self.find(self.page) == [], what
        assert fits(self.page), what
        shot(self.page, f"whole-way-{what}")

    def until(self, words: str) -> None:
        """Wait until the page says so; it asks again by itself."""
        self.page.wait_for_function(
            "words => (document.querySelector('main')?.innerText || '').includes(words)",
            arg=words,
            timeout=WAIT * 1000,
        )


def test_from_an_extract_to_an_adopted_plan(
    browser: Any, find: Any, address: str, extract: Path
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(WAIT * 1000)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    manager = Manager(page, find)

    # given an empty site, the first administrator names the practice
    page.goto(address)
    manager.look("set-up")
    page.fill("[name=name]", "Pat Example-Manager")
    page.fill("[name=email]", "pat@example.org")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=place_name]", "Practice A")
    page.fill("[name=place_code]", "EX001")
    page.click("text=Save and go on")
    page.wait_for_url(f"**{HOME}")
    manager.look("first-run")

    # when an extract is uploaded, looked at and loaded
    page.goto(page.url + "data/")
    page.set_input_files("input[type=file]", str(extract))
    page.click("main button[type=submit]")
    manager.until("This looks like")
    manager.look("found")
    page.click("text=Yes")
    manager.until("Load")
    manager.look("check")
    page.click("main form button:has-text('Load')")
    manager.until("is in")
    manager.look("loaded")

    # then the home says how the practice does
    page.goto(page.url.split(HOME)[0] + HOME)
    manager.until("What to do next")
    manager.look("home")

    # when teams are described, designed, compared and adopted
    page.goto(page.url.split(HOME)[0] + HOME + "teams/")
    page.click("main button:has-text('Describe teams')")
    page.wait_for_url("**/teams/describe/**")
    manager.look("describe")
    page.click("button:has-text('Save and look for a plan')")
    manager.until("How good is it")
    manager.look("compare")
    plan = re.findall(r"teams/plans/([^/]+)/", page.content())[0]
    page.goto(page.url.split(HOME)[0] + HOME + f"teams/plans/{plan}/adopt/")
    page.wait_for_selector("main input[type=checkbox]")
    manager.look("adopt")
    for box in page.query_selector_all("main input[type=checkbox]"):
        box.check()
    page.click("main button:has-text('Adopt from')")
    manager.until("starts on")
    manager.look("adopted")

    # then the log tells who did what, and is whole
    page.goto(page.url.split(HOME)[0] + HOME + "log/")
    words = page.inner_text("main")
    assert "Pat Example-Manager" in words
    assert not trouble

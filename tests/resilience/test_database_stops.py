"""A PostgreSQL that stops under a running site: a plain page, and back by itself.

The server is one of its own, so that tests beside this one keep theirs.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.journeys.serving import free_port

ROOT = Path(__file__).parents[2]
UNTIL = 60.0
SAID = "Hamlets cannot reach its records"

pytestmark = [
    pytest.mark.skipif(not os.environ.get("HAMLETS_DATABASE_URL"), reason="needs PostgreSQL"),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
]

SIGN_IN = """
import django; django.setup()
from django.conf import settings
from django.test import Client
from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
place = Place.objects.create(kind="practice", code="EX001", name="Practice A")
person = Person.objects.create_user("manager@example.org", None, name="Manager Example")
give_at(place, person, "practice_manager", None)
client = Client()
client.force_login(person)
print(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")"""
ASK = """
import django; django.setup()
from hamlets.web.jobs import asking
from hamlets.web.places.models import Place
print(asking.ask(Place.objects.get(code="EX001"), "home", "a key of its own", version=1).pk)"""
STATE = """
import sys
import django; django.setup()
from hamlets.web.jobs.models import Job
print(Job.objects.get(pk=sys.argv[1]).state)"""


@dataclass
class Server:
    """A PostgreSQL that can be stopped and started."""

    url: str
    control: list[str]

    def tell(self, what: str) -> None:
        subprocess.run([*self.control, what], check=True, stdout=subprocess.DEVNULL, timeout=60)


@pytest.fixture
def server() -> Iterator[Server]:
    keep = 'echo "$HAMLETS_DATABASE_URL"; echo "$HAMLETS_POSTGRES_CONTROL"; exec sleep 600'
    process = subprocess.Popen(
        [str(ROOT / "tests" / "with-postgres"), "sh", "-c", keep],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    url, control = process.stdout.readline().strip(), process.stdout.readline().strip()
    assert url, "no server"
    yield Server(url, shlex.split(control))
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)
    process.stdout.close()


@pytest.fixture
def environment(server: Server, tmp_path: Path) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("PYTEST")},
        "DJANGO_SETTINGS_MODULE": "hamlets.web.settings",
        "HAMLETS_WORKSPACE": str(tmp_path / "workspace"),
        "HAMLETS_STORE": str(tmp_path / "store"),
        "HAMLETS_KEY_FILE": str(tmp_path / "pseudonym.key"),
        "HAMLETS_LOG_FILE": str(tmp_path / "hamlets.log"),
        "HAMLETS_DATABASE_URL": server.url,
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def site(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a site that runs on that server, as `hamlets serve` runs it."""
    port = free_port()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "hamlets"), "serve",
         "--store", str(tmp_path / "store"), "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    assert process.wait(40) == 0


def answer(address: str, cookie: str = "") -> tuple[int, str]:
    """What a page answers; 0 where nobody answers."""
    asked = urllib.request.Request(address, headers={"Cookie": cookie})
    try:
        with urllib.request.urlopen(asked, timeout=30) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    except (OSError, HTTPException):
        return 0, ""


def until(address: str, cookie: str, status: int) -> str:
    """The page once it answers so."""
    end = time.monotonic() + UNTIL
    got = (0, "")
    while time.monotonic() < end:
        got = answer(address, cookie)
        if got[0] == status:
            return got[1]
        time.sleep(0.3)
    raise AssertionError(f"{address} answered {got[0]}, not {status}")


def ran(source: str, environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-c", source, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("seconds", [4, pytest.param(30, marks=pytest.mark.slow)])
def test_the_site_says_so_and_comes_back(
    site: str, server: Server, environment: dict[str, str], seconds: int
) -> None:
    until(f"{site}/health/", "", 200)
    cookie = ran(SIGN_IN, environment)
    page = f"{site}/practice/EX001/people/"
    assert "Manager Example" in until(page, cookie, 200)
    server.tell("stop")
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status, words = answer(page, cookie)
            assert status == 503
            assert SAID in words
            assert "Traceback" not in words
            assert answer(f"{site}/health/")[0] == 200, "the web server itself is there"
            time.sleep(0.5)
    finally:
        server.tell("start")
    assert "Manager Example" in until(page, cookie, 200)
    job = ran(ASK, environment)
    end = time.monotonic() + UNTIL
    while (state := ran(STATE, environment, job)) in ("waiting", "running"):
        assert time.monotonic() < end, "the worker did not come back"
    assert state == "refused", "there is no store: a sentence says so"

"""Loading data: from files that are sent to a version of the records, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hamlets.web.audit.models import Entry
from hamlets.web.people.models import Person
from tests.fixtures.data_site import DATA, appointments, do_jobs, file, report, send, uploads

Make = Callable[..., Person]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a store that is not there yet."""
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def manager(client: Client, places: Any, person: Make, store: Path) -> Person:
    who = person("practice_manager", places.a, name="Manager Example")
    client.force_login(who)
    return who


def words_of(response: Any) -> str:
    """Return what a page says, without markup."""
    text = response.content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def address_of(response: Any) -> str:
    return response.request["PATH_INFO"]


def test_from_a_file_to_a_version(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("appointments.csv", appointments()))
    assert "This looks like tables with our own column names (1 file, about 40 rows)" in words_of(
        found
    )
    at = address_of(found)
    client.post(f"{at}answer/")
    do_jobs()
    assert not (store / "CURRENT").exists()
    check = client.get(at)
    assert "Of 40 rows read, 40 are new, 0 were refused" in words_of(check)
    client.post(f"{at}load/")
    do_jobs()
    done = client.get(at)
    assert "April 2026 is in. Version 1." in words_of(done)
    assert (store / "CURRENT").read_text() == "1\n"
    actions = [each.action for each in Entry.objects.order_by("number")]
    assert actions[-5:] == [
        "files sent", "load check asked", "load checked", "load asked", "data loaded"
    ]  # fmt: skip

"""Files as they come in: streamed to the disk, counted, refused in a sentence."""

from __future__ import annotations

import io
import re
import stat
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from hamlets.web.configuration import web_settings
from hamlets.web.pages.data_words import size_words
from hamlets.web.people.models import Person
from hamlets.web.uploads import files
from hamlets.web.uploads.loadings import remove_old_files
from hamlets.web.uploads.models import Loading
from hamlets.web.uploads.receiving import MOST_FILES
from tests.fixtures.data_site import (
    DATA,
    appointments,
    file,
    keep_apart,
    send,
    sent_files,
    words_of,
)

Make = Callable[..., Person]
GIGA = 1024**3


@pytest.fixture
def manager(
    client: Client, places: Any, person: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Person:
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "store"))
    who = person("practice_manager", places.a)
    client.force_login(who)
    return who


@pytest.fixture(autouse=True)
def own_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_apart(tmp_path, monkeypatch)


class Stream:
    """A form with one file of any size, made as it is read."""

    def __init__(self, size: int, fields: dict[str, str]) -> None:
        self.boundary = "example-boundary"
        parts = [
            f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f"--{self.boundary}\r\nContent-Disposition: form-data; "
            'name="files"; filename="large.csv"\r\nContent-Type: text/csv\r\n\r\n'
        )
        self._head = "".join(parts).encode()
        self._end = f"\r\n--{self.boundary}--\r\n".encode()
        self._left = size
        self.length = len(self._head) + size + len(self._end)
        self._rows = b"p1,gp1,EX001,2026-04-06T09:00:00\n" * 31775

    def read(self, size: int = -1) -> bytes:
        if self._head:
            cut, self._head = self._head[:size], self._head[size:]
            return cut
        if self._left:
            most = min(size, self._left)
            chunk = self._rows if most >= len(self._rows) else self._rows[:most]
            self._left -= len(chunk)
            return chunk
        cut, self._end = self._end[:size], self._end[size:]
        return cut

    def readline(self, _size: int = -1) -> bytes:
        raise AssertionError("nobody reads a file line by line")

    def send(self, client: Client) -> Any:
        return client.generic(
            "POST",
            DATA,
            **{
                "wsgi.input": self,
                "CONTENT_LENGTH": str(self.length),
                "CONTENT_TYPE": f"multipart/form-data; boundary={self.boundary}",
            },
        )


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let files be a megabyte."""
    monkeypatch.setenv("HAMLETS_UPLOAD_LIMIT_MB", "1")
    web_settings.cache_clear()
    yield 1024 * 1024
    monkeypatch.delenv("HAMLETS_UPLOAD_LIMIT_MB")
    web_settings.cache_clear()


def peak_of(what: Callable[[], Any]) -> tuple[Any, int]:
    """Return what a function returns, and how much memory it took at most."""
    tracemalloc.start(1)
    try:
        found = what()
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_two_gigabytes_are_refused_in_a_sentence(client: Client, manager: Person) -> None:
    client.get(DATA)  # what is read once is read by now
    stream = Stream(2 * GIGA + 1, {})
    response, peak = peak_of(lambda: stream.send(client))
    assert response.status_code == 413
    assert "The file is 2.1 GB; the limit here is 1 GB. Split it or ask" in words_of(response)
    assert stream.read(1) == b""  # it was read to its end, so that the browser listens
    assert peak < 8_000_000
    assert sent_files() == []


def test_a_large_file_takes_no_memory(client: Client, manager: Person) -> None:
    client.get(DATA)
    response, peak = peak_of(lambda: Stream(60_000_000, {}).send(client))
    assert response.status_code == 302
    assert peak < 8_000_000
    (path,) = sent_files()
    assert path.stat().st_size == 60_000_000


def test_files_that_are_too_large_together(
    client: Client, manager: Person, small_limit: int
) -> None:
    half = b"x" * (small_limit // 2 + 100)
    response = send(client, file("a.csv", half), file("b.csv", half))
    assert response.status_code == 413
    assert "Your files are 1.1 MB; the limit here is 1 MB. Split them or ask" in words_of(response)
    assert sent_files() == []
    assert not Loading.objects.exists()


def test_the_administrator_is_named(
    client: Client, manager: Person, person: Make, places: Any, small_limit: int
) -> None:
    person("administrator", places.a, name="Administrator Example")
    response = send(client, file("a.csv", b"x" * (small_limit + 1)))
    assert "or ask Administrator Example." in words_of(response)


def test_nobody_else_opens_what_was_sent(client: Client, manager: Person) -> None:
    send(client, file("appointments.csv", appointments()), follow=False)
    (path,) = sent_files()
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[0-9a-f]{32}/[0-9a-f]{32}", f"{path.parent.name}/{path.name}")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Extracts\\me\\appointments.csv", "appointments.csv"),
        ("<script>alert(1)</script>.csv", "script&gt;.csv"),
        ("<img src=x onerror=alert(1)>.csv", "&lt;img src=x onerror=alert(1)&gt;.csv"),
        ("x" * 400 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_a_name_is_a_word_to_show_and_nothing_else(
    client: Client, manager: Person, name: str, shown: str
) -> None:
    found = send(client, file(name, appointments()))
    text = found.content.decode()
    assert f"<li>{shown}</li>" in text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    (path,) = sent_files()
    assert len(path.name) == 32
    assert shown in client.get(DATA).content.decode()


def test_no_file_and_an_empty_one(client: Client, manager: Person) -> None:
    nothing = client.post(DATA, {})
    assert nothing.status_code == 422
    assert "Choose a file" in words_of(nothing)
    empty = send(client, file("appointments.csv", appointments()), file("more.csv", b""))
    assert empty.status_code == 422
    assert "The file more.csv is empty. Export it again." in words_of(empty)
    assert sent_files() == []


def test_too_many_files(client: Client, manager: Person) -> None:
    many = [file(f"part-{n}.csv", b"x") for n in range(MOST_FILES + 1)]
    response = send(client, *many)
    assert response.status_code == 422
    assert f"Send {MOST_FILES} files or fewer at a time" in words_of(response)
    assert sent_files() == []


def test_no_room_on_the_disk(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("hamlets.web.uploads.receiving.os.fdopen", lambda *_a: Full())
    response = send(client, file("appointments.csv", appointments()))
    assert response.status_code == 422
    assert "There is no room left on the disk here. Nothing was kept." in words_of(response)
    assert sent_files() == []


def test_without_the_mark_of_our_form_nothing_is_kept(places: Any, manager: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    response = strict.post(DATA, {"files": [file("appointments.csv", appointments())]})
    assert response.status_code == 403
    assert sent_files() == []
    page = strict.get(DATA).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    sent = {"csrfmiddlewaretoken": token[1], "files": [file("a.csv", appointments())]}
    assert strict.post(DATA, sent).status_code == 302


@pytest.mark.parametrize("role", ["clinician", "receptionist", "administrator"])
def test_files_of_others_are_not_even_read(
    client: Client, person: Make, places: Any, role: str
) -> None:
    client.force_login(person(role, places.a))
    stream = Stream(1_000_000, {})
    assert stream.send(client).status_code == 403
    assert sent_files() == []
    client.logout()
    assert Stream(1_000_000, {}).send(client).status_code == 302
    assert sent_files() == []


def test_no_other_page_takes_files(client: Client, manager: Person) -> None:
    client.post("/practice/EX001/people/", {"name": "X", "files": file("a.csv", b"x" * 100)})
    assert sent_files() == []


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a day pass, as far as files are concerned."""
    now = time.time() + 25 * 60 * 60
    monkeypatch.setattr(files, "time", SimpleNamespace(time=lambda: now))


def test_files_are_removed_after_a_day(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = send(client, file("appointments.csv", appointments()))
    assert remove_old_files() == 0
    later(monkeypatch)
    assert remove_old_files() == 1
    assert sent_files() == []
    gone = client.get(found.request["PATH_INFO"])
    assert "These files were removed after a day. Send them again." in words_of(gone)


def test_but_not_under_a_job(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, file("appointments.csv", appointments()), follow=False)
    later(monkeypatch)
    assert remove_old_files() == 0
    assert len(sent_files()) == 1


def test_only_names_of_ours_are_paths() -> None:
    for folder, stored in (("..", ""), ("0" * 32, "../x"), ("0" * 31, ""), ("0" * 32, "/etc")):
        with pytest.raises(ValueError, match="not a name"):
            files.path_of(folder, stored)


@pytest.mark.parametrize(
    ("size", "up", "words"),
    [
        (GIGA, False, "1 GB"),
        (GIGA + 1, True, "1.1 GB"),
        (2 * GIGA + 1, True, "2.1 GB"),
        (1_500_000, False, "1.4 MB"),
        (10, False, "0 kB"),
        (300 * 1024**2, False, "300 MB"),
    ],
)
def test_sizes_in_words(size: int, up: bool, words: str) -> None:
    assert size_words(size, up=up) == words
